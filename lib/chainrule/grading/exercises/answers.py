"""Exercises whose answer is a dictionary of short answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.grading.exercises.base import Check, Problem, described
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

    def diagnose(self, subject: Mapping[str, Any], problem: Problem) -> str | None:
        """What the check itself knows about this answer."""
        return problem.diagnosis

    def _judge(self, question: str) -> Callable[[Mapping[str, Any]], Problem | None]:
        def judge(answers: Mapping[str, Any]) -> Problem | None:
            if question not in answers:
                return Problem("missing", f"Your answers have no entry for {question!r}.", question)
            if answers[question] is None:
                return Problem("blank", f"{question!r} still waits for your answer.", question)
            return self.questions[question](answers[question])

        return judge
