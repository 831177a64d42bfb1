"""Workers that do not wait for Python and NumPy to load: forked by a process that has them.

Bubblewrap makes the sandbox of each worker, with the very same options as ever, and puts a
placeholder into it. A process of ours that has NumPy loaded then forks a worker, which enters that
sandbox; see :mod:`chainrule.grading.grader.entering` for what it gives up on the way. Where a
kernel, or whoever guards it, does not let a process enter a sandbox, workers are started in it, as
:func:`chainrule.grading.grader.sandbox.start` does: the isolation is the same, the time is not.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import select
import shutil
import socket
import subprocess
import threading
from functools import cache
from pathlib import Path

from chainrule import grading
from chainrule.grading.grader import sandbox, seccomp
from chainrule.grading.grader.sandbox import HOME, INSIDE, LIBRARY, Started
from chainrule.grading.grader.settings import Settings

PLACEHOLDER_SECONDS = 60.0


class Preloaded:
    """The process that forks workers. It ends when it is closed, or when this process has ended."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        told = {
            "socket": theirs.fileno(),
            "outside": str(LIBRARY.parent),
            "library": INSIDE,
            "names": grading.__all__,
        }
        with theirs:
            self._popen = subprocess.Popen(
                sandbox.python(told, LIBRARY.parent, "entering.py"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=sandbox.environment(Path(INSIDE), HOME),
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    def fork(self, settings: Settings) -> Started:
        """A worker in a new sandbox.

        Raises
        ------
        OSError
            If there is no sandbox, or nobody who forks.
        """
        holder, inside = _placeholder(settings)
        worker_reads, requests = os.pipe()
        replies, worker_writes = os.pipe()
        ended, tells_end = os.pipe()
        started = Started(holder, requests, replies, ended)
        told = sandbox.worker_settings(settings, Path(INSIDE)) | {
            "sandbox": inside,
            "filter": seccomp.program(platform.machine()).hex(),
        }
        theirs = (worker_reads, worker_writes, tells_end)
        try:
            socket.send_fds(self._socket, [json.dumps(told).encode()], theirs)
        except BaseException:
            started.kill()
            started.close()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return started

    def close(self) -> None:
        """End the process, once the sandboxes of its workers have ended."""
        self._socket.close()
        self._popen.wait()


def _placeholder(settings: Settings) -> tuple[subprocess.Popen[bytes], int]:
    """A sandbox with nothing in it but the placeholder, and the number of its process."""
    information, theirs = os.pipe()
    with open(information, "rb") as said:
        try:
            # As the first process of its sandbox it cannot be killed from inside.
            command = [*sandbox.bubblewrap(settings, placeholder=_program()), "--as-pid-1"]
            command += ["--info-fd", str(theirs), "--", f"/{sandbox.PLACEHOLDER}"]
            holder = sandbox.popen(command, {}, (theirs,))
        finally:
            os.close(theirs)
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                holder.stdin.write(b"\n")
            ready, _, _ = select.select([holder.stdout], [], [], PLACEHOLDER_SECONDS)
            if not ready or not holder.stdout.read(1):
                raise OSError("bubblewrap makes no sandbox")
            return holder, json.loads(said.read())["child-pid"]
        except BaseException:
            started = Started(holder, -1, -1)
            started.kill()
            started.close()
            raise


@cache
def _program() -> str:
    return os.path.realpath(shutil.which(sandbox.PLACEHOLDER) or f"/bin/{sandbox.PLACEHOLDER}")


# --- the one of this process ----------------------------------------------------------------------

MOST_STARTS = 3  # of the process that forks; if it keeps ending, workers do without

_alone = threading.Lock()
_running: list[Preloaded] = []
_starts = 0


def start(settings: Settings) -> Started | None:
    """A new worker, or ``None`` where this does not work; nobody waits for it yet."""
    global _starts
    with _alone:
        if not _running:
            if _starts == MOST_STARTS:
                return None
            _starts += 1
        try:
            if not _running:
                _running.append(Preloaded())
            return _running[0].fork(settings)
        except (OSError, ValueError):
            _end()
            return None


def failed() -> None:
    """A worker has not become ready. Should none, this is not tried for ever."""
    with _alone:
        _end()


def close() -> None:
    """End the process that forks; the next worker starts another."""
    global _starts
    with _alone:
        _end()
        _starts = 0


def _end() -> None:
    while _running:
        _running.pop().close()
