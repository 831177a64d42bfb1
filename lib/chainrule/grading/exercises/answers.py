"""Exercises whose answer is a dictionary of short answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.grading.exercises.base import Check, Diagnosis, Problem, by_check, described
from chainrule.grading.handles import Handle, NotData, Returned


@dataclass(frozen=True)
class Answers:
    """An exercise whose answer is a dictionary of short answers, each checked on its own.

    Attributes
    ----------
    name : str
    questions : mapping
        Question → callable: the answer → the problem with it, or ``None``. A blank never gets
        there.
    hints : mapping
        Question → hints.
    """

    name: str
    questions: Mapping[str, Callable[[Any], Problem | None]]
    hints: Mapping[str, Sequence[str]]

    may_use_library = True  # for a reader's answers there is nothing to call

    @property
    def checks(self) -> Sequence[Check]:
        """One check for each question."""
        return tuple(
            Check(question, self._judge(question), self.hints[question], basic=True)
            for question in self.questions
        )

    def untouched(self, handle: Handle) -> bool:
        """Whether the answer is still the stub of the exercise notebook."""
        outcome = handle.read()
        if not isinstance(outcome, Returned):
            return False
        answers = outcome.value
        return answers is None or (
            isinstance(answers, dict)
            and bool(answers)
            and all(answer is None for answer in answers.values())
        )

    def wrong_kind(self, handle: Handle) -> Problem | None:
        """The problem of an answer that no check can judge, or ``None``."""
        outcome = handle.read()
        if isinstance(outcome, NotData):
            what = f"has a {outcome.type} in it"
        elif isinstance(outcome, Returned) and not isinstance(outcome.value, dict):
            what = f"is {described(outcome.value)}"
        else:
            return None
        return Problem(
            "kind",
            f"Your answer {what}. Keep the dictionary of the exercise and replace each ... in it.",
        )

    def subject(self, handle: Handle) -> Mapping[str, Any]:
        """The answers by question."""
        outcome = handle.read()
        assert isinstance(outcome, Returned)  # wrong_kind() has let it pass
        return {str(key): value for key, value in outcome.value.items()}

    def diagnose(self, subject: Mapping[str, Any], problem: Problem) -> Diagnosis | None:
        """What the check itself knows about this answer."""
        return by_check(problem)

    def _judge(self, question: str) -> Callable[[Mapping[str, Any]], Problem | None]:
        def judge(answers: Mapping[str, Any]) -> Problem | None:
            if question not in answers:
                return Problem("missing", f"Your answers have no entry for {question!r}.", question)
            if answers[question] is None:
                return Problem("blank", f"{question!r} still waits for your answer.", question)
            return self.questions[question](answers[question])

        return judge


CLOSE = 0.01  # predictions are asked for with two digits after the point
Experiment = tuple[Callable[[], float], Sequence[str], Mapping[float, str]]
"""What computes the number, hints, and wrong numbers with what is wrong about them."""


def predictions(name: str, experiments: Mapping[str, Experiment]) -> Answers:
    """Numbers to be predicted; the notebook has the same experiments under ``experiments``."""
    return Answers(
        name,
        questions={question: _predicted(question, *e) for question, e in experiments.items()},
        hints={question: hints for question, (_, hints, _) in experiments.items()},
    )


def _predicted(
    question: str, compute: Callable[[], float], hints: Sequence[str], wrong: Mapping[float, str]
) -> Callable[[Any], Problem | None]:
    def judge(answer: Any) -> Problem | None:
        number, truth = _number(answer), compute()
        if number is not None and _near(number, truth):
            return None
        return Problem(
            "prediction",
            f"The experiment {question!r} gives something else.",
            question,
            shown=(
                ("yours", repr(answer)),
                ("expected", f'run experiments["{question}"]() and see'),
            ),
            diagnosis=_explained(number, truth, wrong),
        )

    return judge


def _number(answer: Any) -> float | None:
    if isinstance(answer, np.ndarray) and answer.ndim == 0 and answer.dtype.kind in "iuf":
        answer = answer.item()
    if isinstance(answer, (int, float)) and not isinstance(answer, bool):
        return float(answer)
    return None


def _near(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= CLOSE or (math.isnan(a) and math.isnan(b))


def _explained(number: float | None, truth: float, mistakes: Mapping[float, str]) -> str | None:
    if number is None:
        return "Answer with a number, such as 3 or -0.5, or with np.inf or -np.inf."
    for wrong, says in mistakes.items():
        if _near(number, wrong):
            return says
    if truth and _near(number, -truth):
        return "The sign is turned around."
    return None
