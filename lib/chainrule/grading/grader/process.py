"""A worker seen from the checks' side: send a request, wait for the reply, but never for long."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from typing import Any, Literal

from chainrule.grading.grader import sandbox
from chainrule.grading.grader.codec import LENGTHS, DecodeError, decode, encode, lengths
from chainrule.grading.grader.sandbox import SandboxError
from chainrule.grading.grader.settings import Settings

Loss = Literal["timeout", "died"]

START_SECONDS = 60.0  # a busy machine may take long to start a Python; the learner is not to blame
END_SECONDS = 10.0  # from the kill to the end of every process of the sandbox
EXIT_SECONDS = 2.0  # from the end of the pipe to the exit code, unless the pipe was just closed
MOST_READ = 2**18  # bytes at once; what is too much is left in the pipe
LONGEST_SAID = 4_000


class LostError(Exception):
    """The worker is gone; ``why`` says whether it was stopped or ended by itself."""

    def __init__(self, why: Loss, message: str) -> None:
        super().__init__(message)
        self.why = why


class Process:
    """One worker; the sandbox and everything in it end with :meth:`close`.

    Raises
    ------
    SandboxError
        If it does not start.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            self._popen = sandbox.start(settings)
        except OSError as error:
            raise SandboxError(f"grade: the sandbox does not start: {error}") from None
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._to, self._from = self._popen.stdin.fileno(), self._popen.stdout.fileno()
        self._received = bytearray()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        try:
            ready = self._receive(time.monotonic() + START_SECONDS)
        except LostError:
            ready = None
        except BaseException:
            self.close()
            raise
        if ready != "ready":
            said = self._said()
            self.close()
            raise SandboxError(sandbox.cannot_start(said))

    def request(self, *request: Any, seconds: float) -> Any:
        """Send ``request``; what comes back within ``seconds``, as data or an outcome.

        Raises
        ------
        LostError
            If it takes longer, or the worker ends or says what is no message; it is closed then.
        """
        deadline = time.monotonic() + seconds
        try:
            self._send(encode(request), deadline)
            return self._receive(deadline)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Kill the sandbox and wait until nothing of it is left."""
        if self._popen.stdin is None or self._popen.stdin.closed:
            return
        # The session holds bubblewrap and the init of the sandbox, with which the kernel ends all
        # of its processes. The pipe ends when the last of them has.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        deadline = time.monotonic() + END_SECONDS
        while self._ready(self._from, select.POLLIN, deadline) and os.read(self._from, 2**16):
            pass
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if stream is not None:
                stream.close()

    def _send(self, message: bytes, deadline: float) -> None:
        view = memoryview(message)
        while view:
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                if not self._ready(self._to, select.POLLOUT, deadline):
                    raise LostError("timeout", "no answer in time") from None
            except BrokenPipeError:
                raise self._ended() from None

    def _receive(self, deadline: float) -> Any:
        start = self._read(LENGTHS.size, deadline)
        try:
            return decode(start + self._read(sum(lengths(start)), deadline))
        except DecodeError as error:
            raise LostError("died", f"it wrote into the pipe of the grader ({error})") from None

    def _read(self, size: int, deadline: float) -> bytes:
        received = self._received
        while len(received) < size:
            if not self._ready(self._from, select.POLLIN, deadline):
                raise LostError("timeout", "no answer in time")
            part = os.read(self._from, MOST_READ)
            if not part:
                raise self._ended()
            received += part
        read = bytes(received[:size])
        del received[:size]
        return read

    def _ready(self, descriptor: int, event: int, deadline: float) -> bool:
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(descriptor, event)
        return left > 0 and bool(poll.poll(1000 * left))

    def _ended(self) -> LostError:
        """Why the worker ended by itself. Under bubblewrap a signal is an exit code above 128."""
        try:
            code = self._popen.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return LostError("died", "it closed the pipe of the grader")
        number = -code if code < 0 else code - 128
        if number == signal.SIGXCPU:
            return LostError("timeout", "it used up its processor time")
        if number in set(signal.Signals):
            return LostError("died", f"it was ended by the signal {signal.Signals(number).name}")
        return LostError("died", f"it ended with exit code {code}")

    def _said(self) -> str:
        """What was printed before the worker was ready: the complaint of what did not start."""
        assert self._popen.stderr is not None
        os.set_blocking(self._popen.stderr.fileno(), False)
        said = self._popen.stderr.read(LONGEST_SAID) or b""
        return said.decode("utf-8", "replace").strip()
