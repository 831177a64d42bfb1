"""A class of hostile, broken and good notebooks is graded in one run, as an instructor would.

Each must end as :mod:`tests.hostile` says, none may earn more than it deserves, the good ones must
not notice, and nothing may be left behind: no process, no file.
"""

import csv
import dataclasses
import json
import os
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainrule.grading.grader import sandbox
from chainrule.grading.grader.results import stem
from chainrule.grading.grader.run import run
from chainrule.grading.grader.schedule import in_processes
from chainrule.grading.grader.settings import MIB, Settings
from chainrule.grading.grader.submission import grade
from tests.grading.sandboxed import needs_bubblewrap, workers
from tests.hostile.code import CASES, MARK, TIME, Case
from tests.hostile.files import FILES, SLUG, File, as_bytes, exercise, notebook, solution
from tools.paths import ROOT

pytestmark = [needs_bubblewrap, pytest.mark.slow]

# The memory is a number that no other worker on this machine has, by which to find those of ours.
SETTINGS = Settings(SLUG, call_seconds=15, memory=512 * MIB + os.getpid() * 4096)
IMPATIENT = dataclasses.replace(SETTINGS, total_seconds=8, cell_seconds=1.5, call_seconds=1)
GOOD = {"solution": as_bytes(solution()), "stub": as_bytes(exercise()), "one": as_bytes(notebook())}
MARKED = [Path("/tmp"), Path("/"), Path("/dev"), Path.home(), ROOT, Path.cwd(), sandbox.LIBRARY]


class Class:
    """A folder with submissions, and what came of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.handed_in = folder / "handed in"
        self.out = folder / "out"
        self.statistics: Any = None
        for kind in ("good", "code", "files"):
            (self.handed_in / kind).mkdir(parents=True)

    def hand_in(self, name: str, content: bytes) -> None:
        (self.handed_in / f"{name}.ipynb").write_bytes(content)

    def grade(self, settings: Settings) -> None:
        jobs = in_processes(2)
        self.statistics = run([self.handed_in], settings, self.out, scheduler=jobs)

    def record(self, name: str) -> dict[str, Any]:
        path = self.out / "results" / f"{stem(name)}.json"
        return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: Any) -> Iterator[Class]:
    """The whole class, graded once."""
    made = Class(tmp_path_factory.mktemp("class"))
    for name, content in GOOD.items():
        made.hand_in(f"good/{name}", content)
    with listening() as (port, name):
        for case in CASES:
            code = case.code
            if case.name == "network":
                code = code.format(port=port, name=name)
            made.hand_in(f"code/{case.name}", as_bytes(notebook(code)))
        for file in FILES:
            file.make(made.handed_in / "files")
        os.environ["CHAINRULE_HOSTILE_SECRET"] = "secret"
        try:
            made.grade(SETTINGS)
        finally:
            del os.environ["CHAINRULE_HOSTILE_SECRET"]
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture(scope="module")
def graded_in_haste() -> dict[str, Any]:
    """Code that never ends, and a good submission."""
    tasks = [(case.name, as_bytes(notebook(case.code))) for case in TIME]
    records = in_processes(2)([*tasks, ("stub", GOOD["stub"])], IMPATIENT)
    return {record["submission"]: record for record in records}


class listening:
    """Two servers on this machine that no submission may reach."""

    def __enter__(self) -> tuple[int, str]:
        name = f"\0chainrule-{os.getpid()}"
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(name)
        self._unix.listen()
        return self._tcp.getsockname()[1], name

    def __exit__(self, *_: object) -> None:
        self._tcp.close()
        self._unix.close()


def judge(record: dict[str, Any], expected: Case | File) -> None:
    said = json.dumps(record)
    told = [record["reason"], *record["cells"].values()]
    told += [done["feedback"] for done in record["exercises"]]
    assert "STOLEN" not in said
    assert (record["status"], record["points"]) == (expected.status, expected.points), told
    assert any(expected.says in text for text in told), told
    assert record["isolation"].startswith("bubblewrap")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hostile_code_ends_as_it_must_and_earns_what_it_deserves(graded: Class, case: Case) -> None:
    judge(graded.record(f"code/{case.name}.ipynb"), case)


@pytest.mark.parametrize("case", TIME, ids=lambda case: case.name)
def test_code_that_never_ends_is_ended(graded_in_haste: dict[str, Any], case: Case) -> None:
    judge(graded_in_haste[case.name], case)
    assert graded_in_haste["stub"]["status"] == "graded"


def test_a_call_that_never_ends_costs_its_check_only() -> None:
    endless = "def affine(X, W, b):\n    while not len(X): pass\n    return X @ W.T + b"
    settings = dataclasses.replace(SETTINGS, call_seconds=2)
    record = grade("x", as_bytes(notebook(endless)), settings)
    done = next(done for done in record["exercises"] if done["exercise"] == "affine")
    assert (record["status"], done["state"], done["failed"]) == (
        "timeout",
        "timeout",
        "empty batch",
    )
    assert done["missed"] == ["empty batch"]
    checks = len(done["passed"]) + 1
    assert done["points"] == pytest.approx((checks - 1) / checks, abs=1e-4)
    assert "Your affine does not come to an end: still running after 2 s." in done["feedback"]
    assert "check     empty batch" in done["feedback"]
    assert f"{checks - 1} of {checks} checks pass" in done["feedback"]


@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: file.name.encode("unicode_escape").decode()
)
def test_an_odd_file_ends_as_it_must(graded: Class, file: File) -> None:
    judge(graded.record(f"files/{file.name}"), file)


@pytest.mark.parametrize("name", GOOD)
def test_the_others_do_not_notice(graded: Class, name: str) -> None:
    """The very record that the submission gets when it is graded alone, but for the time."""
    among = graded.record(f"good/{name}.ipynb")
    alone = json.loads(json.dumps(grade(f"good/{name}.ipynb", GOOD[name], SETTINGS)))
    assert among | {"seconds": 0} == alone | {"seconds": 0}


def test_each_submission_ends_once(graded: Class) -> None:
    rows = table(graded)
    assert len(rows) == len(submissions(graded)) == len(GOOD) + len(CASES) + len(FILES)
    assert graded.statistics["submissions"] == len(rows)
    assert sum(graded.statistics["statuses"].values()) == len(rows)
    assert graded.statistics["statuses"]["infrastructure-error"] == 0
    assert len(list((graded.out / "results").iterdir())) == len(rows)


def submissions(graded: Class) -> list[Path]:
    return [path for path in graded.handed_in.rglob("*") if path.suffix == ".ipynb"]


def table(graded: Class) -> list[dict[str, str]]:
    with (graded.out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_starts_no_formula(graded: Class) -> None:
    for row in table(graded):
        assert not row["submission"].startswith(("=", "+", "-", "@"))
        assert row["submission"].isprintable()


def test_no_process_is_left(graded: Class, graded_in_haste: Any) -> None:
    ends = time.monotonic() + 5
    while (left := workers(SETTINGS.memory) + marked()) and time.monotonic() < ends:
        time.sleep(0.05)
    assert left == []


def marked() -> list[int]:
    """This machine's processes that hostile code has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if MARK.encode() in line:
            found.append(int(path.parent.name))
    return found


def test_no_file_is_left(graded: Class) -> None:
    for folder in MARKED:
        assert not [name for name in os.listdir(folder) if MARK in name]
    assert sorted(path.name for path in graded.folder.iterdir()) == ["handed in", "out"]
    assert sorted(path.name for path in graded.out.iterdir()) == [
        "feedback",
        "grades.csv",
        "results",
        "statistics.json",
    ]
    assert not list(graded.out.rglob(".writing-*"))


def test_the_machine_is_as_it_was(graded: Class) -> None:
    assert stat.S_IMODE(os.stat(os.devnull).st_mode) == 0o666
    assert (sandbox.LIBRARY / "functional" / "__init__.py").is_file()
    assert (sandbox.LIBRARY / "grading" / "checks" / "affine_layers" / "affine.py").is_file()
    assert all(os.path.lexists(path) for path in submissions(graded))


@pytest.mark.parametrize("case", [c for c in CASES if c.name == "unseeded randomness"])
def test_randomness_that_nobody_has_seeded_is_the_same_each_time(case: Case) -> None:
    first, second = (grade("x", as_bytes(notebook(case.code)), SETTINGS) for _ in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}
