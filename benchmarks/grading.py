"""Grade a class: notebooks per second, and what one costs, next to nbgrader and otter-grader.

``python -m benchmarks.grading`` prints the table; ``--record`` writes it to ``grading.md``, which
the page on grading a class includes. The other graders are measured where they are installed, as in
``.venv-interop``. Everybody grades the same notebooks of the same exercise set. What is counted is
the time of all processors in all processes that grading starts, which other programs on the machine
disturb little, and notebooks per second by the clock, which they do.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.harness import machine, write
from chainrule.grading import assignments, checks
from chainrule.grading.grader import preloaded
from chainrule.grading.grader.run import run
from chainrule.grading.grader.sandbox import Started
from chainrule.grading.grader.schedule import Scheduler, in_processes, one_by_one
from chainrule.grading.grader.settings import Settings
from chainrule.tables import Table
from chainrule.tables import table as tabulate

ROOT = Path(__file__).resolve().parent.parent
RECORD = Path(__file__).with_name("grading.md")
SLUG = "affine-layers"
JOBS = 2
SUBMISSIONS, OF_OTHERS = 60, 3
QUICK, QUICK_OF_OTHERS = 4, 2
TARGET = 8.0  # notebooks per second on two quiet cores
COURSE = 100_000


@dataclass(frozen=True)
class Cost:
    """What grading a number of notebooks took, in seconds."""

    notebooks: int
    elapsed: float
    processor: float

    @property
    def rate(self) -> float:
        """Notebooks per second by the clock."""
        return self.notebooks / self.elapsed

    @property
    def each(self) -> float:
        """Seconds of one processor for a notebook."""
        return self.processor / self.notebooks


# --- the class ------------------------------------------------------------------------------------


def submissions(of: Path, count: int, *, exercises: int | None = None) -> list[bytes]:
    """Notebooks as ``of``, with the first answers of the set right and the others untouched.

    As many have all right as have none, and every number in between. Or all have as many right as
    ``exercises`` says.
    """
    notebook = json.loads(of.read_text("utf8"))
    solution = json.loads((ROOT / "solutions" / f"{SLUG}.ipynb").read_text("utf8"))
    right = {cell["id"]: cell["source"] for cell in solution["cells"] if "-answer" in cell["id"]}
    names = [exercise.name.partition(".")[2] for exercise in checks.exercises(SLUG)]
    made = []
    for number in range(count):
        right_ones = round(number * len(names) / max(count - 1, 1))
        done = names[: right_ones if exercises is None else exercises]
        cells = [
            cell | {"source": right[cell["id"]]}
            if cell["id"].partition("-answer")[0] in done and cell["id"] in right
            else cell
            for cell in notebook["cells"]
        ]
        made.append(json.dumps(notebook | {"cells": cells}).encode())
    return made


def handed_in(folder: Path, notebooks: list[bytes], name: str) -> None:
    """A folder for each learner."""
    for number, content in enumerate(notebooks):
        path = folder / f"learner-{number:03}" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)


# --- the graders ----------------------------------------------------------------------------------


def ours(folder: Path, count: int, *, exercises: int | None = None) -> Cost:
    """``chainrule grade`` with its canaries and results: one job for the processor time, in which
    all processes can be seen, and two for the time by the clock."""
    notebooks = submissions(ROOT / "exercises" / f"{SLUG}.ipynb", count, exercises=exercises)
    handed_in(folder / "in", notebooks, f"{SLUG}.ipynb")

    def grade(out: Path, scheduler: Scheduler) -> None:
        found = run([folder / "in"], Settings(SLUG), out, course=ROOT, scheduler=scheduler)
        if found["statuses"]["graded"] != count:
            raise AssertionError(f"not all were graded: {found['statuses']}")

    with sandboxes_counted() as sandboxes:
        alone = measured(lambda: grade(folder / "one", one_by_one), count, end=preloaded.close)
    both = measured(lambda: grade(folder / "two", in_processes(JOBS)), count)
    return Cost(count, both.elapsed, alone.processor + sum(sandboxes))


@contextlib.contextmanager
def sandboxes_counted() -> Iterator[list[float]]:
    """Seconds of a processor of each sandbox that ends.

    A sandbox is killed as a whole, and nobody waits for the processes in it; so no one would be
    told of their time. The workers are counted by what forks them.
    """
    kill, seconds = Started.kill, list[float]()

    def counting(started: Started) -> None:
        seconds.append(used_below(started.holder.pid))
        kill(started)

    with mock.patch.object(Started, "kill", counting):
        yield seconds


def used_below(pid: int) -> float:
    """Seconds of a processor of a running process and its descendants."""
    used, folder = 0.0, Path(f"/proc/{pid}/task")
    with contextlib.suppress(OSError):  # it has just ended
        for task in folder.iterdir():
            used += int((task / "schedstat").read_text().split()[0]) / 1e9
            used += sum(map(used_below, map(int, (task / "children").read_text().split())))
    return used


def nbgrader(folder: Path, count: int) -> Cost:
    """``nbgrader autograde``, one notebook after the other, as it does."""
    assignments.export(SLUG, "nbgrader", folder, course=ROOT)
    command("nbgrader", "generate_assignment", SLUG, folder=folder)
    notebooks = submissions(folder / "release" / SLUG / f"{SLUG}.ipynb", count)
    handed_in(folder / "submitted", notebooks, f"{SLUG}/{SLUG}.ipynb")
    return measured(lambda: command("nbgrader", "autograde", SLUG, folder=folder), count)


def otter(folder: Path, count: int) -> Cost:
    """``otter run``, one notebook after the other, without the container of ``otter grade``."""
    assignments.export(SLUG, "otter", folder, course=ROOT)
    command("otter", "generate", "-o", "autograder.zip", "chainrule", folder=folder)
    handed_in(folder / "in", submissions(folder / f"{SLUG}.ipynb", count), f"{SLUG}.ipynb")

    def grade() -> None:
        for path in sorted((folder / "in").iterdir()):
            options = ("-a", "autograder.zip", "-o", str(path), "--no-logo")
            command("otter", "run", *options, str(path / f"{SLUG}.ipynb"), folder=folder)

    return measured(grade, count)


def command(*given: str, folder: Path) -> None:
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": paths, "CHAINRULE_HOME": ""}
    done = subprocess.run(given, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(given[:2])} failed:\n{done.stdout}{done.stderr}")


def measured(
    work: Callable[[], Any], notebooks: int, end: Callable[[], Any] = lambda: None
) -> Cost:
    """The cost of ``work``; ``end`` waits for processes that it has left."""
    before, start = processor(), time.perf_counter()
    work()
    elapsed = time.perf_counter() - start
    end()
    return Cost(notebooks, elapsed, processor() - before)


def processor() -> float:
    """Seconds of processors that this process and its ended descendants have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


# --- the table ------------------------------------------------------------------------------------

one_exercise = partial(ours, exercises=2)  # the first is a table of predictions
GRADERS: dict[str, Callable[[Path, int], Cost]] = {
    f"chainrule grade, {JOBS} jobs, sandboxed": ours,
    "the same, one function and one table answered": one_exercise,
    "nbgrader autograde, no sandbox": nbgrader,
    "otter run, no sandbox": otter,
}
PACKAGES = {nbgrader: "nbgrader", otter: "otter"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="see that it runs; measure nothing")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    arguments = parser.parse_args()
    if sys.platform != "linux" or shutil.which("bwrap") is None:
        sys.exit("The grader's sandbox needs Linux and bubblewrap; see instructors.md.")
    missing = [name for name in PACKAGES.values() if find_spec(name) is None]
    if arguments.record and (arguments.quick or missing):
        parser.error(
            "--record needs everything, measured in full, and the other graders: make interop "
            "installs them, then run .venv-interop/bin/python -m benchmarks.grading --record"
        )
    load = os.getloadavg()[0]
    costs = {}
    for name, grader in GRADERS.items():
        if PACKAGES.get(grader) in missing:
            continue
        counts = (QUICK, QUICK_OF_OTHERS) if arguments.quick else (SUBMISSIONS, OF_OTHERS)
        with tempfile.TemporaryDirectory() as folder:
            costs[name] = grader(Path(folder), counts[grader in PACKAGES])
    print(table(costs))
    if arguments.record:
        write(RECORD, page(costs, load))
        print(f"The table is in {RECORD}.")


def table(costs: dict[str, Cost]) -> Table:
    """A row for each grader."""
    columns: dict[str, list[Any]] = {"grader": [], "notebooks": []}
    columns |= {"processor time each": [], "per second by the clock": [], "core-hours": []}
    for name, cost in costs.items():
        hours = cost.each * COURSE / 3600
        row = (name, cost.notebooks, f"{cost.each:.2f} s", f"{cost.rate:.2g}", f"{hours:.0f}")
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return tabulate(columns)


def page(costs: dict[str, Cost], load: float) -> str:
    """What the page on grading a class includes."""
    on = machine()
    exercises = len(checks.exercises(SLUG))
    cost, small = list(costs.values())[:2]
    lines = [
        f"Measured on {on['date']}: {on['system']} on {on['processor'] or on['machine']}, "
        f"{on['cores']} cores, load average {load:.1f} before the start; Python "
        f"{on['versions']['Python']}, NumPy {on['versions']['numpy']}. The set *{SLUG}*, "
        f"{exercises} exercises; among the notebooks are as many with all answers right as with "
        f"none. Core-hours are those of {COURSE:,} submissions.",
        "",
    ]
    t = table(costs)
    rule = ["---:" if name != t.columns[0] else "---" for name in t.columns]
    lines += [f"| {' | '.join(row)} |" for row in [list(t.columns), rule, *map(list, t.rows)]]
    met = "reaches" if small.rate >= TARGET else "misses"
    hours = COURSE / cost.rate / 3600
    lines += [
        "",
        f"By the clock, `chainrule grade` grades {cost.rate:.1f} notebooks per second on "
        f"{on['cores']} cores, and {small.rate:.1f} of those with two exercises answered, which "
        f"{met} the target of {TARGET:g} for small ones. A course of {COURSE:,} submissions takes "
        f"{hours:.1f} hours on this machine, or {hours * on['cores'] / 64:.2f} hours on a cluster "
        "of 64 such cores.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; nothing was written.")
