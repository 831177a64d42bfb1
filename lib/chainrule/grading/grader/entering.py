"""A process that has NumPy loaded, and forks each worker into a sandbox of its own.

To load Python and NumPy takes most of the time that a small notebook takes. This process does it
once. It is started outside any sandbox, and nothing of a submission ever gets into it: it reads
requests of the grader, forks, and goes on waiting. The fork enters the namespaces of a sandbox that
bubblewrap has just made, and which has nothing in it but a placeholder. There it gives up for good
what bubblewrap would have taken from it: every capability, the gain of new ones by running a
program, and the refused system calls. Then it is a worker like any other: its files, its processes,
its network, its user and its limits are those of its own sandbox, and it ends with that sandbox.

Run as a script. A request is JSON, with three descriptors: where the worker reads, where it writes,
and where its exit code goes.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import socket
import sys
from collections.abc import Mapping
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

PACKAGE = "chainrule"
LONGEST = 2**16  # bytes of a request
NAMESPACES = ("user", "cgroup", "ipc", "uts", "net", "pid", "mnt")  # user first, it gives the right

# prctl(2), capabilities(7), seccomp(2)
DROP_FROM_BOUNDS, NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 24, 38, 22, 2
CAPABILITY_VERSION = 0x20080522
MOST_CAPABILITIES = 64

_libc = ctypes.CDLL(None, use_errno=True)


class LoadedElsewhere(SourceFileLoader):
    """Loads the library from ``outside``, for modules that believe to be loaded from ``inside``:
    there it is in a sandbox, and whoever prints or imports a path finds what is there."""

    outside, inside = "", ""

    def get_data(self, path: str) -> bytes:
        """The content of a file."""
        return super().get_data(self._really(path))

    def path_stats(self, path: str) -> Mapping[str, Any]:
        """Time and size of a file."""
        return super().path_stats(self._really(path))

    @classmethod
    def find_spec(cls, name: str, *_: object) -> ModuleSpec | None:
        """Where a module of the library is said to be."""
        place = os.path.join(cls.inside, *name.split("."))
        for path, folders in ((f"{place}.py", None), (os.path.join(place, "__init__.py"), [place])):
            if name.partition(".")[0] == PACKAGE and os.path.exists(cls._really(path)):
                return spec_from_file_location(
                    name, path, loader=cls(name, path), submodule_search_locations=folders
                )
        return None

    @classmethod
    def _really(cls, path: str) -> str:
        return path.replace(cls.inside, cls.outside, 1)


def fork_workers(requests: int) -> dict[str, Any]:
    """Fork a worker for each request; return in every worker, with what it was told.

    The process that forks never returns. It ends when nobody is left to ask.
    """
    asked = socket.socket(fileno=requests)
    while True:
        request, descriptors, _, _ = socket.recv_fds(asked, LONGEST, 3)
        _wait_for_ended(os.WNOHANG)
        if not request:
            _wait_for_ended(0)
            os._exit(0)
        if os.fork() == 0:
            asked.detach()  # its number may become that of something else
            told: dict[str, Any] = json.loads(request)
            _become_worker(told["sandbox"], *descriptors)
            return told
        for descriptor in descriptors:
            os.close(descriptor)


def _wait_for_ended(options: int) -> None:
    try:
        while os.waitpid(-1, options)[0]:
            pass
    except ChildProcessError:
        return


def _become_worker(sandbox: int, reads: int, writes: int, status: int) -> None:
    """Enter the namespaces of the process ``sandbox``, and return in a process of it. The process
    that was there before stays outside, waits for the end of that one, and tells how it ended."""
    child = 1
    try:
        _join(sandbox)
        child = os.fork()  # a process enters a namespace of processes by being born there
        if child:
            # This process keeps the pipes open, so that they end with the worker and not before.
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            os.write(status, str(code).encode())  # or nobody listens any more
    finally:
        if child:
            os._exit(0)
    os.setsid()  # so that no signal to its group reaches a process outside
    os.chdir(os.environ["PWD"])
    os.dup2(reads, 0)
    os.dup2(writes, 1)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    for capability in range(MOST_CAPABILITIES):
        if _libc.prctl(DROP_FROM_BOUNDS, capability, 0, 0, 0):
            break  # the kernel knows no more of them


def _join(pid: int) -> None:
    """Enter the namespaces of the process ``pid`` that are not those of this process."""
    theirs = [
        os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)  # all, before /proc is out of sight
        for name in NAMESPACES
        if os.readlink(f"/proc/{pid}/ns/{name}") != os.readlink(f"/proc/self/ns/{name}")
    ]
    for namespace in theirs:
        if _libc.setns(namespace, 0):
            raise OSError(ctypes.get_errno(), "a namespace cannot be entered")


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def give_up_rights(program: bytes) -> None:
    """Lose every capability for good, and have system calls filtered by ``program``.

    Raises
    ------
    OSError
        If the kernel refuses; the process must end then.
    """
    nothing = (ctypes.c_uint32 * 6)()
    header = _Header(CAPABILITY_VERSION, 0)
    lines = _Program(len(program) // 8, program)
    refused = (
        _libc.capset(ctypes.byref(header), nothing)
        or _libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        or _libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(lines), 0, 0)
    )
    if refused:
        raise OSError(ctypes.get_errno(), "rights cannot be given up")


def main() -> None:
    """Load what a worker imports, wait for requests, and begin as a worker for each."""
    told, sys.argv = json.loads(sys.argv[1]), [""]
    LoadedElsewhere.outside, LoadedElsewhere.inside = told["outside"], told["library"]
    finder: Any = LoadedElsewhere
    sys.meta_path.insert(0, finder)
    start = _first_lines()
    start.library(told["names"], told["library"])
    for module in (PACKAGE, f"{PACKAGE}.grading.grader.hidden", f"{PACKAGE}.grading.grader.worker"):
        importlib.import_module(module)
    told = fork_workers(told["socket"])
    sys.meta_path.remove(finder)
    sys.path_importer_cache.pop(told["library"], None)  # it was not there
    start.begin(told, partial(give_up_rights, bytes.fromhex(told["filter"])))


def _first_lines() -> Any:
    """``start.py``, whose package cannot be imported before the first of them have run."""
    path = os.path.join(LoadedElsewhere.inside, PACKAGE, "grading", "grader", "start.py")
    spec = spec_from_file_location("start", path, loader=LoadedElsewhere("start", path))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
