"""A forked worker has no more rights than one that is started, and where none can be forked, one is
started. What hostile code gets from a forked one is in ``test_grade_hostile.py``."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainrule.grading.grader import preloaded, sandbox
from chainrule.grading.grader.process import Process
from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.submission import grade
from tests.grading.sandboxed import needs_bubblewrap
from tests.hostile.files import SLUG, as_bytes, notebook

pytestmark = needs_bubblewrap

SETTINGS = Settings(SLUG)
RIGHTS = (
    *("Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "Seccomp_filters", "Threads"),
    *("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "SigBlk", "SigIgn"),
)
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "uts", "user")


@pytest.fixture
def workers(monkeypatch: Any) -> Iterator[dict[str, tuple[Process, int]]]:
    """Two workers and the numbers of their processes."""
    forked = Process(SETTINGS)
    with monkeypatch.context() as without:
        without.setattr(preloaded, "start", lambda settings: None)
        started = Process(SETTINGS)
    above = {"forked": preloaded._running[0]._popen.pid, "started": started._started.holder.pid}
    both = {"forked": forked, "started": started}
    yield {name: (both[name], deepest(pid)) for name, pid in above.items()}
    forked.close()
    started.close()


def deepest(pid: int) -> int:
    """The descendant of ``pid`` that has no children."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return deepest(int(below[-1])) if below else pid


def rights(pid: int) -> dict[str, Any]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found: dict[str, Any] = dict(line.split(":", 1) for line in lines)
    return {name: found[name].split() for name in RIGHTS if name in found} | {
        "limits": Path(f"/proc/{pid}/limits").read_text(),
        "files": sorted(os.readlink(p) for p in Path(f"/proc/{pid}/fd").iterdir()).count(
            "/dev/null"
        ),
        "mounts": sorted(mounts(pid)),
        "separated": [name for name in NAMESPACES if namespace(pid, name) != namespace(1, name)],
    }


def namespace(pid: int, name: str) -> str:
    return os.readlink(f"/proc/{pid if pid > 1 else 'self'}/ns/{name}")


def mounts(pid: int) -> Iterator[str]:
    """What is mounted where and how, but for the numbers of the mounts."""
    for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
        line = re.sub(r"^\d+ \d+ \d+:\d+ |uid=\d+|gid=\d+|shared:\d+|master:\d+", "", line)
        if f" /{sandbox.PLACEHOLDER} " not in line:
            yield line


def test_a_forked_worker_has_the_rights_of_a_started_one(workers: Any) -> None:
    forked, started = (rights(workers[name][1]) for name in ("forked", "started"))
    assert set(forked) == set(started)
    bounds = ("CapBnd", "CapInh")  # of capabilities that it does not have, and cannot get
    assert [n for n in forked if n not in bounds and forked[n] != started[n]] == []
    assert {forked[name][0] for name in RIGHTS if name.startswith("Cap")} == {"0" * 16}
    assert forked["NoNewPrivs"] == ["1"]
    assert forked["Seccomp"] == ["2"]
    assert {"ipc", "mnt", "net", "pid", "uts"} <= set(forked["separated"])


def test_a_forked_worker_sees_what_a_started_one_sees(workers: Any) -> None:
    """Its environment, its modules, its files and its descriptors."""
    look = """
import os, sys

def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False

library = sorted(name for name in sys.modules if name.partition(".")[0] == "chainrule")
files = [getattr(sys.modules[name], "__file__", None) for name in library]
process = [os.getcwd(), os.getpid(), os.getppid(), sys.argv, sys.flags, sys.path, sys.prefix]
root = sorted({*os.listdir("/")} - {"cat"})
numbers = [number for number in range(64) if is_open(number)]
seen = repr([sorted(os.environ.items()), library, files, process, root, numbers])
"""
    seen = {}
    for name, (process, _) in workers.items():
        process.request("cell", 1, look, seconds=30)
        seen[name] = process.request("read", "seen", seconds=30).value
    assert "/library/chainrule/grading/handles.py" in seen["forked"]
    parents = "'/tmp', 2, [01], "  # one has its parent outside
    forked, started = (re.sub(parents, "", text).split(", ") for text in seen.values())
    assert [pair for pair in zip(forked, started, strict=False) if pair[0] != pair[1]] == []
    assert len(forked) == len(started)


def test_where_no_worker_can_be_forked_one_is_started(monkeypatch: Any) -> None:
    """And the record is the same to the byte."""
    content = as_bytes(notebook())
    first = grade("x", content, SETTINGS)
    preloaded.close()
    monkeypatch.setattr("chainrule.grading.grader.seccomp.program", broken_when_forked())
    second = grade("x", content, SETTINGS)
    assert first | {"seconds": 0} == second | {"seconds": 0}
    assert not preloaded._running
    preloaded.close()


def broken_when_forked() -> Any:
    """No program of a filter for what is forked, which is asked for one first."""
    from chainrule.grading.grader.seccomp import program

    asked = []

    def once(machine: str) -> bytes:
        asked.append(machine)
        return b"nonsense" if len(asked) % 2 else program(machine)

    return once


def test_what_forks_is_tried_a_few_times_only(monkeypatch: Any) -> None:
    preloaded.close()

    def refuse(*_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(preloaded.Preloaded, "fork", refuse)
    for _ in range(preloaded.MOST_STARTS + 2):
        assert preloaded.start(SETTINGS) is None
    assert preloaded._starts == preloaded.MOST_STARTS
    preloaded.close()
