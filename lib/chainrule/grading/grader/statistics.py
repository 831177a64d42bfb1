"""What the results of a class have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from chainrule.grading.grader.submission import STATUSES, Record

BINS = 10
MOST_COMMON = 5
JUDGED = ("pass", "fail", "timeout", "died")  # states in which checks have passed or failed


def statistics(records: Sequence[Record]) -> dict[str, Any]:
    """Statuses, scores, and for each exercise what fails most and why.

    The share of full marks is counted in tenths: ``distribution[3]`` submissions have 30 % or more
    and less than 40 %, the last entry includes 100 %.
    """
    statuses = Counter(record["status"] for record in records)
    shares = sorted(record["points"] / record["of"] for record in records if record["of"])
    distribution = [0] * BINS
    for share in shares:
        distribution[min(int(share * BINS), BINS - 1)] += 1
    return {
        "submissions": len(records),
        "statuses": {status: statuses[status] for status in STATUSES},
        "share": {
            "mean": round(sum(shares) / len(shares), 4) if shares else None,
            "median": round(_median(shares), 4) if shares else None,
            "distribution": distribution,
        },
        "exercises": _exercises(records),
    }


def _exercises(records: Sequence[Record]) -> dict[str, Any]:
    names = [done["exercise"] for done in records[0]["exercises"]] if records else []
    return {
        name: _exercise([record["exercises"][i] for record in records])
        for i, name in enumerate(names)
    }


def _exercise(done: Sequence[Record]) -> dict[str, Any]:
    judged = [one for one in done if one["state"] in JUDGED]
    return {
        "states": dict(sorted(Counter(one["state"] for one in done).items())),
        "missed checks": _most_common(name for one in judged for name in one["missed"]),
        "diagnoses": _misconceptions(judged),
    }


def _misconceptions(judged: Sequence[Record]) -> dict[str, Any]:
    """Name → how many have it, and what one of them was told: a text may say their own numbers."""
    said: dict[str, list[str]] = {}
    for one in judged:
        if one["misconception"]:
            said.setdefault(one["misconception"], []).append(one["diagnosis"])
    counts = _most_common(name for name, texts in said.items() for _ in texts)
    return {
        name: {"count": count, "says": next(iter(_most_common(said[name])))}
        for name, count in counts.items()
    }


def _most_common(found: Any) -> dict[str, int]:
    counted = Counter(found)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST_COMMON])


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def summary(statistics: dict[str, Any]) -> str:
    """The statistics as a few lines for a terminal."""
    count = statistics["submissions"]
    statuses = ", ".join(f"{n} {s}" for s, n in statistics["statuses"].items() if n)
    lines = [f"{count} submission{'s' * (count != 1)}: {statuses}"]
    share = statistics["share"]
    if share["mean"] is not None:
        lines.append(f"points: mean {share['mean']:.0%}, median {share['median']:.0%}")
    for name, exercise in statistics["exercises"].items():
        passed = exercise["states"].get("pass", 0)
        line = f"{name}: {passed} of {count} right"
        if exercise["missed checks"]:
            check, missed = next(iter(exercise["missed checks"].items()))
            line += f"; most often missed: {check} ({missed})"
        lines.append(line)
        if exercise["diagnoses"]:
            most = next(iter(exercise["diagnoses"].values()))
            lines.append(f"    most common mistake ({most['count']}): {most['says']}")
    return "\n".join(lines)
