"""A worker seen from the checks' side: send a request, wait for the reply, but never for long."""

from __future__ import annotations

import os
import select
import signal
import time
from typing import Any, Literal

from chainrule.grading.grader import preloaded, sandbox
from chainrule.grading.grader.codec import LENGTHS, DecodeError, decode, encode, lengths
from chainrule.grading.grader.sandbox import SandboxError, Started
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
        if not settings.trust:
            started = preloaded.start(settings)
            if started is not None:
                if self._is_ready(started):
                    return
                preloaded.failed()
        try:
            started = sandbox.start(settings)
        except OSError as error:
            raise SandboxError(f"grade: the sandbox does not start: {error}") from None
        if not self._is_ready(started):
            raise SandboxError(sandbox.cannot_start(self._complaint))

    def _is_ready(self, started: Started) -> bool:
        """Whether the worker ``started`` says so; it is closed if not."""
        self._started: Started | None = started
        self._to, self._from = started.requests, started.replies
        self._received = bytearray()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        try:
            if self._receive(time.monotonic() + START_SECONDS) == "ready":
                return True
        except LostError:
            pass
        except BaseException:
            self.close()
            raise
        self._complaint = started.said(LONGEST_SAID)
        self.close()
        return False

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
        started, self._started = self._started, None
        if started is None:
            return
        started.kill()
        # The pipe ends when the last process of the sandbox has.
        deadline = time.monotonic() + END_SECONDS
        while self._ready(self._from, select.POLLIN, deadline) and os.read(self._from, 2**16):
            pass
        started.close()

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
        assert self._started is not None
        code = self._started.exit_code(EXIT_SECONDS)
        if code is None:
            return LostError("died", "it closed the pipe of the grader")
        number = -code if code < 0 else code - 128
        if number == signal.SIGXCPU:
            return LostError("timeout", "it used up its processor time")
        if number in set(signal.Signals):
            return LostError("died", f"it was ended by the signal {signal.Signals(number).name}")
        return LostError("died", f"it ended with exit code {code}")
