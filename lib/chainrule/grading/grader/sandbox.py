"""Where a worker runs: the command line that starts it, inside bubblewrap or, trusted, outside.

In the sandbox a worker sees Python, the packages of the grader's own environment and those parts of
``chainrule`` that answer no exercise; all read-only. It sees no checks, no solutions, no home, no
other submission, no process but its own and no network. What it may write is a small ``/tmp`` in
memory. See :mod:`~chainrule.grading.grader.seccomp` for the calls that the kernel refuses it.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import platform
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import grading
from chainrule.grading.grader import seccomp
from chainrule.grading.grader.settings import MIB, Settings
from chainrule.grading.inspection import OPEN

LIBRARY = Path(__file__).resolve().parents[2]
PACKAGE = LIBRARY.name
INSIDE = "/library"  # where the library is in the sandbox
HOME = "/tmp/home"  # an empty folder of the sandbox
NOBODY = 65534
UIDS = 2**30  # as root, sandbox n runs under uid 2^30 + n, n the number of the starting process
PLACEHOLDER = "cat"  # repeats what it is told, so one can see that it is there; ends with its pipe
DEVICES = ("null", "zero", "urandom")
FILES, PROCESSES, FILE_BYTES = 64, 64, 16 * MIB

HOW_TO_INSTALL = "install it (apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap)"
OR_TRUST = (
    "To run the submissions without any isolation, with your own rights, say --trust: do so only "
    "with code that you would run yourself."
)


class SandboxError(Exception):
    """No sandbox can be made here; the message says why and what to do."""


@cache
def isolation(trust: bool) -> str:
    """In one line, what keeps the learner's code in; written into every result.

    Raises
    ------
    SandboxError
        If there is no bubblewrap here.
    """
    if os.name != "posix":
        raise SandboxError("grade: this needs Linux or, with --trust, macOS")
    if trust:
        return "none: the submission ran with the rights of the grader (--trust)"
    if sys.platform != "linux":
        raise SandboxError(
            f"grade: the sandbox, bubblewrap, needs Linux; this is {platform.system()}. {OR_TRUST}"
        )
    if not seccomp.supported(platform.machine()):
        raise SandboxError(
            f"grade: no list of system calls for a {platform.machine()} machine. {OR_TRUST}"
        )
    if shutil.which("bwrap") is None:
        raise SandboxError(
            f"grade: submissions run in a sandbox, and bubblewrap, which makes it, is not here; "
            f"{HOW_TO_INSTALL}. {OR_TRUST}"
        )
    said = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, check=False)
    user = "uid of its own" if os.geteuid() == 0 else "user namespace"
    return f"{said.stdout.strip()}: no network, read-only system, {user}, system calls filtered"


def cannot_start(said: str) -> str:
    """What to tell an instructor on whose machine bubblewrap does not work."""
    return (
        f"grade: the sandbox does not start: {said or 'it says nothing'}\n"
        "It needs bubblewrap 0.7 or newer and the right to make namespaces. Ubuntu 24.04 and newer "
        "withhold it: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. "
        f"A container must be started with it, for example docker run --privileged. {OR_TRUST}"
    )


class Started:
    """A worker that was started: where it reads and writes, and how it ends.

    ``ended`` is a descriptor from which its exit code can be read, if another process waits for it.
    """

    def __init__(
        self, holder: subprocess.Popen[bytes], requests: int, replies: int, ended: int | None = None
    ) -> None:
        self.requests, self.replies = requests, replies
        self.holder = holder
        self._ended = ended

    def kill(self) -> None:
        """End the sandbox; the kernel ends whatever is in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.holder.pid, signal.SIGKILL)
        self.holder.wait()

    def exit_code(self, seconds: float) -> int | None:
        """How the worker ended; a signal is negative, or above 128; ``None`` if it has not."""
        if self._ended is not None:
            ready, _, _ = select.select([self._ended], [], [], seconds)
            return int(os.read(self._ended, 16) or 1) if ready else None
        try:
            return self.holder.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def said(self, most: int) -> str:
        """What was printed before the worker was ready: the complaint of what did not start."""
        assert self.holder.stderr is not None
        os.set_blocking(self.holder.stderr.fileno(), False)
        return (self.holder.stderr.read(most) or b"").decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Close every descriptor."""
        for stream in (self.holder.stdin, self.holder.stdout, self.holder.stderr):
            if stream is not None:
                stream.close()
        if self._ended is not None:
            for descriptor in (self.requests, self.replies, self._ended):
                os.close(descriptor)


def start(settings: Settings) -> Started:
    """A new worker; nobody waits for it yet."""
    if settings.trust:
        outside = LIBRARY.parent
        told = worker_settings(settings, outside)
        return _started(popen(python(told, outside), environment(outside, "/tmp")))
    filter_ = os.memfd_create("seccomp")
    try:
        os.write(filter_, seccomp.program(platform.machine()))
        os.lseek(filter_, 0, os.SEEK_SET)
        command = [*bubblewrap(settings), "--new-session", "--seccomp", str(filter_), "--"]
        command += python(worker_settings(settings, Path(INSIDE)), Path(INSIDE))
        return _started(popen(command, environment(Path(INSIDE), HOME), (filter_,)))
    finally:
        os.close(filter_)


def _started(process: subprocess.Popen[bytes]) -> Started:
    assert process.stdin is not None
    assert process.stdout is not None
    return Started(process, process.stdin.fileno(), process.stdout.fileno())


def popen(
    command: list[str], environment: dict[str, str], descriptors: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """``command`` in a session of its own, with pipes to it."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=environment,
        pass_fds=descriptors,
        start_new_session=True,
    )


def worker_settings(settings: Settings, library: Path) -> dict[str, Any]:
    """What a worker is told; ``library`` is the folder in which it finds the library."""
    isolated = not settings.trust
    return {
        "memory": settings.memory,
        "cpu_seconds": math.ceil(settings.total_seconds) + 5,
        "isolated": isolated,
        "file_bytes": FILE_BYTES,
        "files": FILES,
        "processes": PROCESSES,
        "prefix": sys.prefix,
        "library": str(library),
        "names": grading.__all__,
        "hidden": [f"{PACKAGE}.{part}" for part in _hidden_parts()],
        "uid": UIDS + os.getpid() if isolated and os.geteuid() == 0 else None,
    }


def python(told: Mapping[str, Any], library: Path, script: str = "start.py") -> list[str]:
    """The command that runs the first lines of a worker."""
    path = library / PACKAGE / Path(__file__).resolve().relative_to(LIBRARY).with_name(script)
    return [_executable(), "-s", "-S", "-P", str(path), json.dumps(told)]


def environment(root: Path, home: str) -> dict[str, str]:
    """All that is in the environment of a worker."""
    environment = {
        "CHAINRULE_HOME": "",
        "CHAINRULE_PROGRESS": "0",
        "HOME": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PWD": "/tmp",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(root), *map(str, _packages())]),
        "PYTHONUTF8": "1",
    }
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):  # some are built to be told where they are
        environment["LD_LIBRARY_PATH"] = str(Path(sys.base_prefix, "lib"))
    return environment


def bubblewrap(settings: Settings, *, placeholder: str | None = None) -> Iterator[str]:
    """The command that makes a sandbox, up to what runs in it."""
    yield from (
        shutil.which("bwrap") or "bwrap",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
    )
    yield from ("--unshare-cgroup-try", "--die-with-parent")
    yield from ("--hostname", "sandbox", "--cap-drop", "ALL")
    if os.geteuid() == 0:
        # Real root could change what root owns, were it only called nobody in a namespace. So it
        # keeps the right to become somebody else, and the first lines of the worker do.
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield from ("--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
    # Before the others, so that it hides nothing of a Python that itself lives in /tmp.
    yield from ("--size", str(settings.scratch), "--perms", "1777", "--tmpfs", "/tmp")
    yield from ("--perms", "1777", "--dir", HOME)
    for path in _above([*_system(), "/dev/null", f"{INSIDE}/{PACKAGE}"]):
        yield from ("--dir", path)  # else bubblewrap makes them, for root's eyes only
    for path in _system():
        yield from ("--ro-bind", path, path)
    if placeholder is not None:
        yield from ("--ro-bind", placeholder, f"/{PLACEHOLDER}")
    for device in DEVICES:
        yield from ("--dev-bind", f"/dev/{device}", f"/dev/{device}")
    yield from ("--ro-bind", str(LIBRARY), f"{INSIDE}/{PACKAGE}")
    for path in _hidden():
        yield from ("--tmpfs", path, "--remount-ro", path)
    yield from ("--remount-ro", "/", "--chdir", "/tmp")


@cache
def _executable() -> str:
    return os.path.realpath(sys.executable)


@cache
def _packages() -> tuple[Path, ...]:
    """Where NumPy and the other packages of this environment are."""
    paths = sysconfig.get_paths()
    found = [paths["purelib"], paths["platlib"], str(Path(np.__file__).parents[1])]
    return tuple(Path(path) for path in dict.fromkeys(found))


@cache
def _system() -> tuple[str, ...]:
    """What the sandbox shows of the machine: libraries, Python and its packages."""
    wanted: list[Any] = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache"]
    wanted += [Path(sys.base_prefix, "lib"), Path(sys.base_prefix, "lib64"), _executable()]
    wanted += _packages()
    shown: list[str] = []
    for path in map(str, wanted):
        within = any(Path(path).is_relative_to(parent) for parent in shown)
        if os.path.exists(path) and not within:
            shown.append(path)
    return tuple(shown)


def _above(paths: Sequence[str]) -> list[str]:
    """The folders in which ``paths`` are, outer ones first."""
    return sorted({str(folder) for path in paths for folder in Path(path).parents} - {"/"})


@cache
def _hidden_parts() -> tuple[str, ...]:
    """The parts of the library that answer exercises."""
    parts = (path.name for path in sorted(LIBRARY.iterdir()) if (path / "__init__.py").exists())
    return tuple(part for part in parts if part not in (*OPEN, "grading"))


@cache
def _hidden() -> tuple[str, ...]:
    """Folders of the sandbox that an empty one lies over: the checks and what answers exercises."""
    installed = [path / PACKAGE for path in _packages() if (path / PACKAGE).is_dir()]
    return (
        f"{INSIDE}/{PACKAGE}/grading/checks",
        *(f"{INSIDE}/{PACKAGE}/{part}" for part in _hidden_parts()),
        *map(str, installed),
    )
