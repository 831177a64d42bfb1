"""Exercises whose answer is a number or an array that the learner has computed, or several.

The truth is fixed, so it is never shown: the learner is told which entries differ, not what they
should be. A mistake is a wrong value with a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.grading.exercises.base import DEFAULT_HINT, Check, Diagnosis, Problem, described
from chainrule.grading.exercises.comparison import compare, numbers
from chainrule.grading.exercises.programs import SAME, TOLERANCE, USUAL
from chainrule.grading.handles import Data, Handle, NotData, Returned
from chainrule.grading.literals import pair


@dataclass(frozen=True)
class WrongValue:
    """What a result is if somebody makes a well-known mistake, and what they are told."""

    result: str
    value: Data
    says: str


@dataclass(frozen=True)
class Computed:
    """An exercise whose answer is data: one result, or a dictionary of several.

    Attributes
    ----------
    name : str
        Slug and answer, as in ``"convolution.kernel"``.
    truth : mapping
        Result → its value. With one result the answer is the value itself.
    hints : mapping
        Result → hints.
    mistakes : sequence of WrongValue
        The usual ones (twice, half, negated, zero, transposed) are added.
    tolerance : float
        How far a number may be from the truth, as a part of its size or of 1, whichever is larger.
    """

    name: str
    truth: Mapping[str, Data]
    hints: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mistakes: Sequence[WrongValue] = ()
    tolerance: float = TOLERANCE

    may_use_library = True  # data do not tell who has computed them

    @property
    def checks(self) -> Sequence[Check]:
        """One check for each result."""
        return tuple(
            Check(result, self._judge(result), self.hints.get(result, (DEFAULT_HINT,)), basic=True)
            for result in self.truth
        )

    def untouched(self, handle: Handle) -> bool:
        """Whether the answer is still the blank of the exercise notebook."""
        outcome = handle.read()
        if not isinstance(outcome, Returned):
            return False
        value = outcome.value
        blank = isinstance(value, dict) and value and all(v is None for v in value.values())
        return value is None or bool(blank)

    def wrong_kind(self, handle: Handle) -> Problem | None:
        """The problem of an answer that no check can judge, or ``None``."""
        outcome = handle.read()
        if isinstance(outcome, NotData):
            return Problem("kind", f"Your answer is or contains something of type {outcome.type}.")
        if len(self.truth) > 1 and isinstance(outcome, Returned):
            if isinstance(outcome.value, dict):
                return None
            wanted = ", ".join(self.truth)
            what = described(outcome.value)
            return Problem("kind", f"Your answer is {what}; it must be a dict with {wanted}.")
        return None

    def subject(self, handle: Handle) -> Mapping[str, Data]:
        """Result → the learner's value."""
        outcome = handle.read()
        assert isinstance(outcome, Returned)  # wrong_kind() has let it pass
        if len(self.truth) == 1:
            return dict.fromkeys(self.truth, outcome.value)
        return {str(key): value for key, value in outcome.value.items()}

    def diagnose(self, subject: Mapping[str, Data], problem: Problem) -> Diagnosis | None:
        """The mistake whose value this is."""
        result = problem.result or ""
        if result not in subject:
            return None
        found, truth = subject[result], self.truth[result]
        for mistake in self.mistakes:
            if mistake.result == result and not compare(found, mistake.value, SAME):
                return Diagnosis(mistake.says, mistake.says)
        expected = numbers(truth)
        for usual in USUAL:
            if expected is None or usual.relation is None:
                continue
            wrong = usual.relation(expected)
            if compare(wrong, truth, SAME) and not compare(found, wrong, SAME):
                says = usual.says.replace("{result}", result)
                return Diagnosis(f"{result} {usual.name}", says)
        return None

    def _judge(self, result: str) -> Any:
        def judge(subject: Mapping[str, Data]) -> Problem | None:
            if result not in subject:
                return Problem("missing", f"Your answer has no entry {result!r}.", result)
            if subject[result] is None:
                return Problem("blank", f"{result} still waits for your answer.", result)
            difference = compare(subject[result], self.truth[result], self.tolerance)
            if difference is None:
                return None
            yours, _ = pair(subject[result], np.inf, len(f"{result} = "), difference.right)
            shown = (("yours", f"{result} = {yours}"), *difference.shown)
            says = difference.says
            if isinstance(self.truth[result], (str, bool)):
                says = "is wrong"  # more would tell the truth
            return Problem(difference.kind, f"Your {result} {says}.", result, shown=shown)

        return judge
