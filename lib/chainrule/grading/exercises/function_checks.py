"""Checks of functions: shapes, values, dtype, empty batches, views, large numbers, bad input.

Each takes the hints that a learner gets when it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.grading.error_messages import in_plain_words
from chainrule.grading.exercises.base import (
    DEFAULT_HINT,
    Array,
    Check,
    Problem,
    article,
    first,
    returned,
)
from chainrule.grading.exercises.functions import Subject
from chainrule.grading.handles import Raised, Returned
from chainrule.grading.literals import pair
from chainrule.grading.misconceptions import SAME, Misconception, Probe
from chainrule.grading.search import Arrays, Case, real_numbers, whole_numbers


def shapes(*hints: str) -> Check:
    """Every result is there, is an array (or a number) and has its shape."""

    def judge(subject: Subject) -> Problem | None:
        def misshapen(case: Case) -> Problem | None:
            for result in subject.exercise.returns:
                found = subject.shape(case, result)
                if isinstance(found, Problem):
                    return found
            return None

        return subject.smallest(misshapen)

    return Check("shapes", judge, hints or (DEFAULT_HINT,), basic=True)


def values(result: str, *hints: str) -> Check:
    """``result`` is right, entry by entry, on inputs from small to large."""

    def judge(subject: Subject) -> Problem | None:
        return subject.smallest(lambda case: subject.value(case, result))

    return Check(result, judge, hints or (DEFAULT_HINT,), basic=True)


def keeps_float32(*hints: str) -> Check:
    """Arrays of float32 give arrays of float32, right to the precision of float32."""

    def judge(subject: Subject) -> Problem | None:
        def widened(case: Case) -> Problem | None:
            narrow = {name: _narrowed(value) for name, value in case.items()}
            for result in subject.exercise.returns:
                found = subject.shape(narrow, result)
                if isinstance(found, Problem):
                    return found
                if found.dtype != np.float32:
                    return Problem(
                        "dtype",
                        f"For float32 arrays your {result} is {found.dtype}; it must stay float32.",
                        result,
                        narrow,
                    )
                problem = subject.value(narrow, result, dtype=np.float32)
                if problem is not None:
                    return problem
            return None

        return subject.smallest(widened)

    default = (
        "Which line makes a new array or a new number, and of which dtype is it? "
        "np.zeros(shape) is float64 unless you say dtype=.",
    )
    return Check("float32", judge, hints or default)


def empty_batch(domain: Arrays, dimension: str, *hints: str) -> Check:
    """A batch without examples is a batch: sums over it are zero."""
    sizes = {axis: 2 + i for i, axis in enumerate(domain.dimensions)} | {dimension: 0}
    case = domain.filled(sizes, whole_numbers)

    def judge(subject: Subject) -> Problem | None:
        def fails(case: Case) -> Problem | None:
            return first(subject.value(case, result) for result in subject.exercise.returns)

        return subject.smallest(fails, [case])

    default = (f"The input has {dimension} = 0. What is a sum over no terms at all?",)
    return Check("empty batch", judge, hints or default)


def strided(*hints: str) -> Check:
    """How arrays lie in memory makes no difference."""

    def judge(subject: Subject) -> Problem | None:
        def differs(case: Case) -> Problem | None:
            problem = first(
                subject.value(case, result, layout="strided") for result in subject.exercise.returns
            )
            if problem is None:
                return None
            return replace(
                problem,
                verdict="Your function fails on arrays that are views into larger ones, "
                f"such as A[::2]. {problem.verdict}",
            )

        return subject.smallest(differs)

    default = ("Which line looks at the memory of an array rather than at its entries?",)
    return Check("views", judge, hints or default)


_BOTH = (
    "np.where computes both branches for every entry and picks afterwards, so the warning comes "
    "from entries that are not picked. Make the number harmless before it goes into exp."
)


def no_overflow(
    name: str, cases: Sequence[Case], *hints: str, mistakes: Sequence[Misconception] = ()
) -> Check:
    """On ``cases`` the results are right, and NumPy does not warn of anything on the way.

    ``mistakes`` are right formulas that fail on large numbers. One is named to those whose function
    gives the same on all ``cases``, nan and inf included.
    """

    def judge(subject: Subject) -> Problem | None:
        def fails(case: Case) -> Problem | None:
            problem = first(subject.value(case, result) for result in subject.exercise.returns)
            warned = subject.warned(case)
            if warned is None:
                return problem
            rows: list[tuple[str, str]] = []
            if warned.line is not None:
                rows.append((warned.where, warned.source))
            rows.append(("warns", warned.message))
            if meaning := in_plain_words(warned.message):
                rows.append(("that is", meaning))
            if problem is not None:
                return replace(problem, shown=(*problem.shown, *rows))
            return Problem(
                "warned",
                "What you return is right here, but NumPy warns on the way to it.",
                case=case,
                shown=tuple(rows),
                diagnosis=_BOTH if "where(" in warned.source else None,
            )

        problem = subject.smallest(fails, cases)
        if problem is None:
            return None
        made = next((mistake for mistake in mistakes if _makes(subject, mistake, cases)), None)
        return problem if made is None else replace(problem, diagnosis=made.says)

    return Check(name, judge, hints or (DEFAULT_HINT,))


def _makes(subject: Subject, mistake: Misconception, cases: Sequence[Case]) -> bool:
    """Whether the answer gives on all ``cases`` what the mistake gives, and that is not right."""
    telling = False
    for case in cases:
        truth = subject.exercise.right(case)
        with np.errstate(all="ignore"):
            wrong = mistake.wrong(Probe(case, {}, truth, None))
        for result, value in wrong.items():
            found = subject.shape(case, result)
            if isinstance(found, Problem) or not _alike(found, value):
                return False
            telling = telling or not _alike(value, truth[result])
    return telling


def _alike(a: Array, b: Array) -> bool:
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=SAME, atol=SAME, equal_nan=True)


def leaves_inputs_alone(*hints: str) -> Check:
    """The arguments are as they were before the call."""

    def judge(subject: Subject) -> Problem | None:
        def changes(case: Case) -> Problem | None:
            outcome = subject.call(case)
            if not isinstance(outcome, Returned) or not outcome.changed:
                return None
            position, after = min(outcome.changed.items())
            argument = list(case)[position]
            before, after = pair(case[argument], after, len(f"{argument} = "))
            return Problem(
                "changed",
                f"Your function changes {argument}, which belongs to its caller.",
                case=case,
                shown=(("before", f"{argument} = {before}"), ("after", f"{argument} = {after}")),
            )

        return subject.smallest(changes)

    default = (
        "Look for an assignment that writes into an argument: A += ..., A[...] = ..., out=A, "
        "A.sort(). What does it do to the array of whoever called you?",
    )
    return Check("inputs unchanged", judge, hints or default)


def refuses(
    name: str,
    cases: Sequence[Case],
    error: str,
    why: Callable[[Case], str],
    *hints: str,
    says: Callable[[Case], Sequence[str]] = lambda case: (),
) -> Check:
    """On ``cases`` the function raises ``error``; ``why`` says what is wrong with the input.

    ``says`` gives the words that must stand in the error's message, spaces aside.
    """

    def judge(subject: Subject) -> Problem | None:
        for case in cases:
            outcome = subject.call(case)
            if isinstance(outcome, Raised) and outcome.type == error:
                continue
            if isinstance(outcome, Raised):
                verdict = f"Bad input must raise a {error}; your function raises {outcome.type}."
                shown = subject.exception(outcome).shown
            else:
                verdict = f"Your function accepts an input it must refuse: {why(case)}."
                shown = (("yours", returned(outcome)), ("expected", article(error)))
            return Problem("accepted", verdict, case=case, shown=shown)
        for case in cases:
            outcome = subject.call(case)
            assert isinstance(outcome, Raised)
            message = outcome.message.replace(" ", "")
            lacking = [word for word in says(case) if word.replace(" ", "") not in message]
            if lacking:
                verdict = (
                    "Your function refuses this input, as it must, but its message does not say "
                    f"{' and '.join(lacking)}."
                )
                shown = subject.exception(outcome).shown
                return Problem("message", verdict, case=case, shown=shown)
        return None

    return Check(name, judge, hints or (DEFAULT_HINT,))


def whole_number(result: str, *hints: str) -> Check:
    """A count is an integer, not a float that happens to be whole."""

    def judge(subject: Subject) -> Problem | None:
        def fractional(case: Case) -> Problem | None:
            found = subject.shape(case, result)
            if isinstance(found, Problem) or found.dtype.kind in "iu":
                return found if isinstance(found, Problem) else None
            yours, expected = pair(found, np.asarray(int(found)))
            return Problem(
                "dtype",
                f"Your {result} is a float; things that are counted are counted in int.",
                result,
                case,
                (("yours", f"{result} = {yours}"), ("expected", f"{result} = {expected}")),
            )

        return subject.smallest(fractional)

    default = ("Which operation turns int into float? One of them is /, another np.zeros.",)
    return Check("whole number", judge, hints or default)


def sample(domain: Arrays, **sizes: int) -> Case:
    """One input of ``domain`` with real entries, for checks that need a particular size."""
    return domain.filled(sizes, real_numbers)


def _narrowed(value: Any) -> Any:
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(np.float32) if floats else value
