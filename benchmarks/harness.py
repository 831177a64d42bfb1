"""Run contestants in turns, and compare their fastest rounds.

The speed of a machine drifts: other programs, heat, clocks. Contestants therefore take turns, in
alternating order, within one process, and what is reported is the ratio of their fastest rounds:
the fastest is the one that was disturbed least. Times are printed for orientation; compare them
with nothing. They are seconds of the processor, in which other programs do not count; on one
thread, nobody can hide work from them.
"""

from __future__ import annotations

import gc
import json
import math
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from chainrule.progress import Progress
from chainrule.tables import Table
from chainrule.tables import table as tabulate

Quality = dict[str, float]
Work = Callable[[int], Callable[[], Quality]]
Contestant = Callable[[], Work]

ROUND_SECONDS = 0.03  # short work is repeated until a round takes about so long
AGREEMENT = 2e-3  # relative; single precision, after several steps of Adam


@dataclass(frozen=True)
class Comparison:
    """What is compared, and by whom.

    Attributes
    ----------
    name : str
        What the command line calls it.
    title : str
        The row of the table: sizes and all.
    contestants : dict
        Name → function that prepares, untimed, and returns the work. The work takes the number of
        the round, is timed, and returns a function that measures, untimed, what came out:
        name → number. The first contestant is ours.
    target : float, optional
        The ratio of our time to the second contestant's that we want to reach.
    agree : bool
        Whether all measures of the first round must be equal but for rounding: a contestant that
        does less than the others shall not win.
    """

    name: str
    title: str
    contestants: dict[str, Contestant]
    target: float | None = None
    agree: bool = True


@dataclass
class Result:
    """Seconds of one call and qualities of one contestant, one entry per round."""

    seconds: list[float] = field(default_factory=list)
    quality: dict[str, list[float]] = field(default_factory=dict)

    @property
    def fastest(self) -> float:
        return min(self.seconds)


def compete(comparison: Comparison, *, rounds: int) -> dict[str, Result]:
    """Time every contestant ``rounds`` times, in turns, after one call that does not count.

    Raises
    ------
    AssertionError
        If contestants that must agree do not.
    """
    works = {name: prepare() for name, prepare in comparison.contestants.items()}
    first: dict[str, Quality] = {}
    slowest = 0.0
    for name, work in works.items():
        first[name] = work(0)()  # loads and warms up
        start = time.process_time()
        work(0)
        slowest = max(slowest, time.process_time() - start)
    if comparison.agree:
        _require_agreement(comparison.name, first)

    calls = max(1, math.ceil(ROUND_SECONDS / slowest))
    results = {name: Result() for name in works}
    order = list(works)
    for number in Progress(range(rounds), comparison.name):
        for name in order:
            gc.collect()
            start = time.process_time()
            for _ in range(calls):
                measure = works[name](number)
            elapsed = time.process_time() - start
            results[name].seconds.append(elapsed / calls)
            for quality, value in measure().items():
                results[name].quality.setdefault(quality, []).append(value)
        order.reverse()
    return results


def ratio(results: dict[str, Result]) -> float | None:
    """Our fastest round over that of the second contestant: below 1, we are faster."""
    fastest = [result.fastest for result in results.values()]
    return fastest[0] / fastest[1] if len(fastest) > 1 else None


def _require_agreement(comparison: str, measures: dict[str, Quality]) -> None:
    (ours, expected), *others = measures.items()
    for name, quality in others:
        for what, value in quality.items():
            if not math.isclose(value, expected[what], rel_tol=AGREEMENT, abs_tol=1e-6):
                raise AssertionError(
                    f"{comparison}: the contestants do different work: {what} is "
                    f"{expected[what]:.6g} for {ours}, but {value:.6g} for {name}"
                )


def table(comparisons: Sequence[Comparison], results: Sequence[dict[str, Result]]) -> Table:
    """One row per comparison: times, their ratio, and the target."""
    columns: dict[str, list[Any]] = {
        "workload": [],
        "ours": [],
        "theirs": [],
        "ours / theirs": [],
        "target": [],
    }
    for comparison, result in zip(comparisons, results, strict=True):
        times = [shown(r.fastest) for r in result.values()]
        share = ratio(result)
        row = (
            comparison.title,
            times[0],
            times[1] if share else "not measured",
            f"{share:.2f}" if share else "",
            f"{comparison.target:.2f}" if comparison.target else "",
        )
        for column, cell in zip(columns.values(), row, strict=True):
            column.append(cell)
    return tabulate(columns)


def shown(seconds: float) -> str:
    """A time with three digits, in the unit that suits it."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def record(comparison: Comparison, results: dict[str, Result]) -> dict[str, Any]:
    """The results as data, every round of them."""
    return {
        "title": comparison.title,
        "target": comparison.target,
        "ratio": ratio(results),
        "contestants": {
            name: {"seconds": r.seconds, "fastest": r.fastest, "quality": r.quality}
            for name, r in results.items()
        },
    }


def machine() -> dict[str, Any]:
    """What the numbers were measured on, when, and with which versions."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": int(os.environ["OMP_NUM_THREADS"]),
        "versions": {"Python": platform.python_version(), **_versions()},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf8").splitlines()
    except OSError:
        return platform.processor()
    return next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), "")


def _versions() -> dict[str, str]:
    versions = {}
    for package in ("chainrule", "numpy", "torch", "scikit-learn"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def write(path: Path, text: str) -> None:
    """Write ``text``: the whole file, or nothing."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
        except BaseException:
            temporary.unlink()
            raise
    temporary.replace(path)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write ``content`` as JSON: the whole file, or nothing."""
    write(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
