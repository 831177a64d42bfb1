"""Run contestants in turns, and report medians and their ratio.

The speed of a machine drifts: other programs, heat, clocks. Contestants therefore take turns, in
alternating order, within one run, and what is reported is the ratio of their times. Seconds are
printed for orientation; compare them with nothing. They are seconds of the processor, in which
other programs do not count; on one thread, nobody can hide work from them.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.progress import Progress

Quality = dict[str, float]
Contestant = Callable[[int], Callable[[], Quality]]


@dataclass(frozen=True)
class Comparison:
    """What is compared, and by whom.

    Attributes
    ----------
    name : str
        What the command line calls it.
    title : str
        One line for the table.
    contestants : dict
        Name → function that takes a seed and does the work that is timed. It returns a function
        that measures, untimed, how good the result is: name → number. The first one is ours.
    versions : dict
        Package → version of all who take part.
    """

    name: str
    title: str
    contestants: dict[str, Contestant]
    versions: dict[str, str]


@dataclass
class Result:
    """Times and qualities of one contestant, one entry per round."""

    seconds: list[float] = field(default_factory=list)
    quality: dict[str, list[float]] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def compete(comparison: Comparison, *, rounds: int) -> dict[str, Result]:
    """Time every contestant ``rounds`` times, in turns, after one round that does not count."""
    results = {name: Result() for name in comparison.contestants}
    order = list(comparison.contestants)
    for seed in Progress(range(-1, rounds), comparison.name):
        for name in order:
            run = comparison.contestants[name]
            gc.collect()
            start = time.process_time()
            measure = run(max(seed, 0))
            elapsed = time.process_time() - start
            if seed < 0:
                continue  # the first round loads and warms up
            results[name].seconds.append(elapsed)
            for quality, value in measure().items():
                results[name].quality.setdefault(quality, []).append(value)
        order.reverse()
    return results


def table(comparison: Comparison, results: dict[str, Result]) -> str:
    """The results as text: medians, their ratio to ours, and mean qualities."""
    ours = next(iter(results.values()))
    qualities = list(ours.quality)
    rows = [["", "median", "fastest–slowest", "times ours", *qualities]]
    for name, result in results.items():
        # Round by round, so that what slows the machine for a while slows both.
        ratios = [a / b for a, b in zip(result.seconds, ours.seconds, strict=True)]
        rows.append(
            [
                name,
                f"{result.median * 1e3:.0f} ms",
                f"{min(result.seconds) * 1e3:.0f}–{max(result.seconds) * 1e3:.0f} ms",
                f"{statistics.median(ratios):.2f}",
                *(f"{statistics.mean(result.quality[q]):.4f}" for q in qualities),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    return "\n".join([comparison.title, rule, lines[0], rule, *lines[1:], rule])


def record(comparison: Comparison, results: dict[str, Result]) -> dict[str, Any]:
    """The results as data, every round of them."""
    return {
        "title": comparison.title,
        "versions": comparison.versions,
        "contestants": {
            name: {"seconds": r.seconds, "median": r.median, "quality": r.quality}
            for name, r in results.items()
        },
    }


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "threads": int(os.environ["OMP_NUM_THREADS"]),
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Write ``content`` as JSON: the whole file, or nothing."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            json.dump(content, file, indent=2)
            file.write("\n")
        except BaseException:
            temporary.unlink()
            raise
    temporary.replace(path)
