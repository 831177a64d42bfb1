"""How long it takes to build the book: anew, after an edit of a text, and with nothing to do.

``python -m benchmarks.building`` works in a copy of the checkout, whose executed chapters it takes
along; ``--execution`` also executes all chapters anew, one at a time and then on all cores, and
compares the two. It needs the environment of ``make book``.

Two times are given. That of the processor is the sum over all processes and is disturbed little by
other programs, but it says nothing of what runs in parallel. That by the clock is what you wait;
on a busy machine it is worthless, which the load average shows. Of the short builds the fastest of
several rounds counts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from chainrule.tables import Table, table
from tools import execute, execution_cache
from tools.contents import config, executed_pages
from tools.reproduce import copy

ROUNDS = 3
EDITED = "chapters/notation.md"
TARGETS = {"nothing to do": 5.0, f"a text edited ({EDITED})": 6.0}  # seconds by the clock
SPEEDUP = 1.8  # of two cores over one


@dataclass(frozen=True)
class Time:
    """What something took, in seconds."""

    processor: float
    clock: float


def measured(work: Callable[[], object]) -> Time:
    """The time of ``work`` and of all processes that it starts and waits for."""
    before, start = processor(), time.perf_counter()
    work()
    return Time(processor() - before, time.perf_counter() - start)


def processor() -> float:
    """Seconds of processors that this process and its ended descendants have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def build(checkout: Path) -> Time:
    """The time of a build in a copy of the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "lib"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tools.build_book"]

    def run() -> None:
        done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True)
        if done.returncode:
            sys.exit(f"The book was not built:\n{done.stderr.decode()}")

    return measured(run)


def fastest(times: list[Time]) -> Time:
    return Time(min(t.processor for t in times), min(t.clock for t in times))


def builds(rounds: int) -> dict[str, Time]:
    """The times of the pages anew, of nothing to do, and after an edit of a text."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder).resolve()
        copy(checkout, executed=True)
        found = {"all pages, chapters executed before": build(checkout)}
        nothing, edit = TARGETS
        found[nothing] = fastest([build(checkout) for _ in range(rounds)])

        def edited(number: int) -> Time:
            page = checkout / EDITED
            page.write_text(page.read_text("utf8") + f"\nSentence {number}.\n", "utf8")
            return build(checkout)

        found[edit] = fastest([edited(number) for number in range(rounds)])
    return found


def execution(parallel: int) -> Time:
    """The time of executing all chapters in an empty cache, ``parallel`` at a time."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(execution_cache, "cache_directory", return_value=Path(folder, "cache")),
    ):
        pages, timeout = executed_pages(), config()["execute"]["timeout"]

        def run() -> None:
            if asyncio.run(execute.execute_missing(pages, timeout, parallel)):
                sys.exit("A chapter failed.")

        return measured(run)


def report(times: dict[str, Time]) -> Table:
    """A row for each build."""
    return table(
        {
            "build": list(times),
            "processor": [f"{t.processor:.1f} s" for t in times.values()],
            "clock": [f"{t.clock:.1f} s" for t in times.values()],
            "target, by the clock": [
                f"{TARGETS[name]:g} s" if name in TARGETS else "" for name in times
            ],
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.building", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--execution", action="store_true", help="execute all chapters, twice")
    given = parser.parse_args()
    load, cores = os.getloadavg()[0], execute.cores()
    execution_cache.enter_environment()
    times = builds(given.rounds)
    if given.execution:
        serial, parallel = execution(1), execution(cores)
        times["all chapters, one at a time"] = serial
        times[f"all chapters, {cores} at a time"] = parallel
    print(report(times))
    if given.execution:
        ratio = serial.clock / parallel.clock
        print(f"\nOn {cores} cores {ratio:.2f} times as fast; on 2 the target is {SPEEDUP:g}.")
    print(f"\nLoad average at the start: {load:.1f}, on {cores} cores.")
    if load > cores / 4:
        print("This machine was busy: do not trust the clock.")


if __name__ == "__main__":
    main()
