"""What every exercise has: checks, and the problems that they find.

A check is a property. It gets what the exercise makes of the answer behind its handle and returns
the :class:`Problem` it found, or ``None``. The basic checks come first (the shapes, each result's
values); the others (dtype, empty batch, ...) run once these pass, so that an array of zeros in the
right shape earns the shape and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from chainrule.grading.handles import Handle, Outcome, Returned
from chainrule.grading.literals import pair
from chainrule.grading.search import Case

Array = np.ndarray[Any, Any]
Results = Mapping[str, Array]

DEFAULT_HINT = (
    "Compute the input shown above by hand, with a pencil, and find the first number that differs."
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with an answer.

    Attributes
    ----------
    kind : str
        The way in which it fails; it stays the same while the input is made smaller.
    verdict : str
        One sentence to the learner.
    result : str, optional
        The result that is wrong.
    case : dict, optional
        The input, argument by argument.
    shown : tuple of (label, text)
        What came out and what was expected, line by line.
    diagnosis : str, optional
        The misconception, if the check itself knows it.
    hints : sequence of str, optional
        Hints that fit better than those of the check.
    program : str
        What was run on the input, for exercises that run programs.
    """

    kind: str
    verdict: str
    result: str | None = None
    case: Case | None = None
    shown: tuple[tuple[str, str], ...] = ()
    diagnosis: str | None = None
    hints: Sequence[str] | None = None
    program: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """The misconception that explains a problem.

    Attributes
    ----------
    name : str
        What it is counted under in a class; it names no number of one learner's input.
    says : str
        What the learner is told.
    """

    name: str
    says: str


@dataclass(frozen=True)
class Check:
    """One property of an answer.

    Attributes
    ----------
    name : str
        As the learner reads it: ``3 of 8 checks pass (shapes, dX, dW)``.
    judge : callable
        Subject → the problem, or ``None``.
    hints : sequence of str
        From a nudge to nearly the answer; each one idea, under 80 words.
    basic : bool
        Basic checks always run, the others once all basic ones pass.
    graded : bool
        Runs only when an instructor grades, not in :func:`chainrule.grading.check`.
    """

    name: str
    judge: Callable[[Any], Problem | None]
    hints: Sequence[str] = (DEFAULT_HINT,)
    basic: bool = False
    graded: bool = False


class Exercise(Protocol):
    """What :func:`chainrule.grading.report.evaluate` needs of an exercise."""

    @property
    def name(self) -> str:
        """Slug and answer, as in ``affine-layers.neuron``."""

    @property
    def checks(self) -> Sequence[Check]:
        """The properties that an answer must have, in the order in which they run."""

    @property
    def may_use_library(self) -> bool:
        """Whether an answer may call what the library has on the subject."""

    def untouched(self, handle: Handle) -> bool:
        """Whether the answer is still the stub of the exercise notebook."""

    def wrong_kind(self, handle: Handle) -> Problem | None:
        """The problem of an answer that no check can judge, such as a number for a function."""

    def subject(self, handle: Handle) -> Any:
        """What the checks judge."""

    def diagnose(self, subject: Any, problem: Problem) -> Diagnosis | None:
        """The misconception that explains ``problem`` exactly, if one does."""


# --- what checks of all kinds use ----------------------------------------------------------------


def by_check(problem: Problem) -> Diagnosis | None:
    """The misconception that the check itself has recognized."""
    return None if problem.diagnosis is None else Diagnosis(problem.diagnosis, problem.diagnosis)


def first(problems: Iterable[Problem | None]) -> Problem | None:
    """The first of ``problems`` that is one."""
    return next((problem for problem in problems if problem is not None), None)


def differing(right: Array) -> tuple[tuple[str, str], ...]:
    """Which entries are wrong, as a row of the example, unless all are."""
    wrong = [str([int(i) for i in place]) for place in np.argwhere(~right)]
    if not right.any():
        return ()
    return (("differ at", ", ".join(wrong[:4] + ["..."] * (len(wrong) > 4))),)


ALMOST = 1e-6


def nearly(found: Array, truth: Array, right: Array) -> tuple[tuple[str, str], ...]:
    """How little the wrong entries differ, as a row of the example, if it is hard to see."""
    yours, expected = found[~right], truth[~right]
    if not np.isfinite(yours).all() or not np.isfinite(expected).all():
        return ()
    off = np.abs(yours - expected)
    if not (off <= ALMOST * (1 + np.abs(expected))).all():
        return ()
    text = (
        f"{off.max():.1g}, more than rounding explains. Is a small number added on the way, or "
        "something cut off, or is a part of it float32?"
    )
    return (("off by", text),)


def printed(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """What the learner's code printed, as a row of the example."""
    text = "" if not outcome.printed else outcome.printed.rstrip()
    return (("prints", text),) if text else ()


def returned(outcome: Outcome) -> str:
    """What came back instead of an exception."""
    if not isinstance(outcome, Returned):
        return "no exception"
    value = outcome.value
    items = value if isinstance(value, tuple) else (value,)
    return "returns " + ", ".join(pair(item, None)[0] for item in items)


def described(value: Any) -> str:
    """What ``value`` is, in a few words."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "one array" if value.dtype.kind in "fiu" else f"an array of {value.dtype}"
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return article(type(value).__name__)


def article(noun: str) -> str:
    """``noun`` with its indefinite article."""
    return f"{'an' if noun.startswith(tuple('AEIOUaeiou')) else 'a'} {noun}"
