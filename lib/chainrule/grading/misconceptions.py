"""Well-known mistakes, recognized by what they do to the truth.

A misconception is a wrong formula. It is named to a learner only if their function does on every
probe exactly what the wrong formula does, up to rounding, and if on at least ``ENOUGH`` probes that
differs from the truth. Where the wrong formula cannot run, because its shapes do not fit, theirs
must fail as well. The probes are inputs of real numbers in shapes that are all different, all
equal, and equal in pairs (:meth:`chainrule.grading.search.Arrays.probes`), so that two formulas
agree on all of them only if they are the same.

What it says may name sizes of the failing input in braces: ``"divided by {B}"``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from chainrule.grading.search import Case

Array = np.ndarray[Any, Any]
Results = Mapping[str, Array]

ENOUGH = 2  # probes that tell the wrong formula from the truth
# A wrong formula adds up other terms than the truth, so there is no bound on its rounding to lean
# on. Entries on probes are of order 1 and sums have tens of terms: rounding stays near 1e-15, and
# two different formulas do not come within 1e-10 of each other on every probe by chance.
SAME = 1e-10

ALTERATIONS = ("order", "sign", "size", "factor")  # named in this order


@dataclass(frozen=True)
class Probe:
    """What one input of the domain gives."""

    case: Case
    sizes: Mapping[str, int]
    truth: Results
    returned: Results | None
    """What the answer returned, as far as it is arrays; ``None`` if it raised an exception."""


@dataclass(frozen=True)
class Misconception:
    """A wrong formula with a name.

    Attributes
    ----------
    name : str
    result : str or None
        The result it spoils; ``None`` if it spoils several.
    says : str
        What the learner is told.
    wrong : callable
        Probe → the results that the mistake changes. Raises ``ValueError`` or ``IndexError``
        where code with this mistake would.
    alters : str
        What of the truth it alters, if it does no more than that: one of ``ALTERATIONS``. Two
        mistakes that alter different things can come together.
    """

    name: str
    result: str | None
    says: str
    wrong: Callable[[Probe], Results]
    alters: str = ""

    def fits(self, probes: Sequence[Probe]) -> bool:
        """Whether the answer does on all ``probes`` what this mistake does."""
        telling = 0
        for probe in probes:
            try:
                wrong = self.wrong(probe)
            except (ValueError, IndexError):
                if probe.returned is not None:
                    return False
                continue
            if probe.returned is None or not all(
                same(probe.returned.get(result), value) for result, value in wrong.items()
            ):
                return False
            telling += not all(same(probe.truth[result], value) for result, value in wrong.items())
        return telling >= ENOUGH


def same(a: Array | None, b: Array) -> bool:
    """Whether two arrays have one shape and, up to rounding, the same entries."""
    if a is None or np.shape(a) != np.shape(b):
        return False
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.all(np.abs(np.subtract(a, b)) <= SAME * (1 + np.abs(b))))


def instead(name: str, result: str, formula: Callable[..., Any], says: str) -> Misconception:
    """The learner computes ``formula(**case)`` for ``result``."""
    return Misconception(
        name, result, says, lambda probe: {result: np.asarray(formula(**probe.case))}
    )


def multiplied(result: str, size: str, meaning: str, reason: str) -> Misconception:
    """A missing mean, or a sum too many: the truth times a size."""
    return Misconception(
        f"{result} times {size}",
        result,
        f"Your {result} is the expected one times {size} = {{{size}}}, {meaning}: {reason}.",
        lambda probe: {result: probe.truth[result] * probe.sizes[size]},
        alters="size",
    )


def divided(result: str, size: str, meaning: str, reason: str) -> Misconception:
    """A mean where the sum is needed: the truth divided by a size."""
    return Misconception(
        f"{result} divided by {size}",
        result,
        f"Your {result} is the expected one divided by {size} = {{{size}}}, {meaning}: {reason}.",
        lambda probe: {result: probe.truth[result] / probe.sizes[size]},
        alters="size",
    )


def transposed(result: str) -> Misconception:
    """Rows and columns exchanged."""
    return Misconception(
        f"{result} transposed",
        result,
        f"Your {result} is the transpose of the expected one.",
        lambda probe: {result: probe.truth[result].T},
        alters="order",
    )


def negated(result: str) -> Misconception:
    """The sign is wrong."""
    return Misconception(
        f"{result} negated",
        result,
        f"Your {result} is minus the expected one: every sign is turned around.",
        lambda probe: {result: -probe.truth[result]},
        alters="sign",
    )


def exchanged(in_place_of: Mapping[str, str], says: str) -> Misconception:
    """The right results in a wrong order: ``{"dX": "dW"}`` returns dW where dX belongs."""
    return Misconception(
        "order " + ", ".join(in_place_of.values()),
        None,
        says,
        lambda probe: {place: probe.truth[other] for place, other in in_place_of.items()},
    )


def confused(
    first: str, second: str, signature: str, right: Callable[[Case], Results]
) -> Misconception:
    """Two arguments in the wrong order; ``right`` is the truth for a case."""

    def wrong(probe: Probe) -> Results:
        case = probe.case
        with np.errstate(all="ignore"):
            return right({**case, first: case[second], second: case[first]})

    return Misconception(
        f"{first} and {second} confused",
        None,
        f"You take {first} for {second}, and {second} for {first}. The function is called as "
        f"{signature}: name the arguments in this order.",
        wrong,
    )


def truncated(result: str) -> Misconception:
    """Stored in an array of integers, which cuts the digits after the point."""
    return Misconception(
        f"{result} cut to whole numbers",
        result,
        f"Your {result} has lost everything after the decimal point: it went through an integer "
        "array or int().",
        lambda probe: {result: np.trunc(probe.truth[result])},
    )


def vanished(result: str) -> Misconception:
    """An array that was made and never filled."""
    return Misconception(
        f"{result} zero",
        result,
        f"Your {result} is zero whatever the input.",
        lambda probe: {result: np.zeros_like(probe.truth[result])},
    )


def scaled(result: str, factor: float, words: str) -> Misconception:
    """A constant factor too many, as when a square is differentiated without its 2."""
    return Misconception(
        f"{result} {words}",
        result,
        f"Your {result} is {words} the expected one, whatever the input.",
        lambda probe: {result: factor * probe.truth[result]},
        alters="factor",
    )


def combined(mistakes: Sequence[Misconception]) -> list[Misconception]:
    """Two of ``mistakes`` at once on one result, where both only alter the truth."""

    def both(first: Misconception, second: Misconception) -> Misconception:
        return Misconception(
            f"{first.name} and {second.name}",
            first.result,
            f"Two things at once. First: {first.says} Second: {second.says}",
            lambda probe: second.wrong(replace(probe, truth={**probe.truth, **first.wrong(probe)})),
        )

    altering = [mistake for mistake in mistakes if mistake.alters]
    altering.sort(key=lambda mistake: ALTERATIONS.index(mistake.alters))
    return [
        both(first, second)
        for first, second in combinations(altering, 2)
        if first.result == second.result and first.alters != second.alters
    ]


def usual(truths: Sequence[Results]) -> list[Misconception]:
    """The mistakes that any result can have, given the truth on the probes."""
    found: list[Misconception] = []
    for result, value in truths[0].items():
        found += [
            vanished(result),
            negated(result),
            scaled(result, 2.0, "twice"),
            scaled(result, 0.5, "half of"),
        ]
        # Where all numbers are below 1, to cut them is to set them to zero; whole ones stay.
        cut = [np.trunc(truth[result]) for truth in truths if truth[result].dtype.kind == "f"]
        whole = all((np.trunc(truth[result]) == truth[result]).all() for truth in truths)
        if any(value.any() for value in cut) and not whole:
            found.append(truncated(result))
        if np.ndim(value) == 2:
            found.append(transposed(result))
    return found
