"""Whatever a worker replies, the checks survive it: there is a report, or the worker is lost."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from chainrule.grading.grader.process import LostError
from chainrule.grading.grader.session import Remote
from chainrule.grading.handles import NotData, Raised, Returned
from chainrule.grading.report import Feedback, evaluate
from tests.grading import sets
from tests.grading.test_grade_codec import data, outcomes


class Liar:
    """A session whose worker replies ``kind`` and then one of ``replies``, whatever it is asked."""

    def __init__(self, kind: Any, replies: list[Any]) -> None:
        self._kind = kind
        self._replies = replies
        self._asked = 0

    def ask(self, method: str, *request: Any) -> Any:
        if method == "kind":
            return self._kind
        self._asked += 1
        reply = self._replies[self._asked % len(self._replies)]
        if method == "run" and isinstance(reply, Returned):
            results = dict.fromkeys(request[3], reply.value)
            return Returned(results, {}, reply.printed)
        return reply

    def distrust(self, what: str) -> LostError:
        return LostError("died", what)

    def note_memory(self, outcome: Any) -> None:
        pass


kinds = st.sampled_from(["function", "function", "class", "value", "library", "stub"])
named = st.sampled_from(["ValueError", "E", "MemoryError"])
raised = st.builds(Raised, named, st.text(max_size=5), st.none() | st.integers(1, 9))


@settings(max_examples=50)
@given(kinds | data, st.lists(outcomes | raised | data, min_size=1, max_size=3))
def test_no_reply_stops_a_check(kind: Any, replies: list[Any]) -> None:
    """Of any exercise: replies take longer to think of than to judge, so all judge the same."""
    for exercise in sets.EXERCISES:
        note(exercise.name)
        session: Any = Liar(kind, replies)
        with contextlib.suppress(LostError):
            report = evaluate(exercise, Remote(session, "answer"), graded=True)
            assert report.state != "pass"
            assert repr(Feedback(report))


@pytest.mark.parametrize(
    "reply",
    [
        None,
        ("a", "tuple"),
        Returned(1, {0: 5}),
        Returned(1, {-1: 5}),
        Raised("", "nameless"),
        Raised("two words", ""),
    ],
)
def test_a_reply_that_no_call_gives_ends_the_worker(reply: Any) -> None:
    session: Any = Liar("function", [reply])
    with pytest.raises(LostError):
        Remote(session, "answer").call()


@pytest.mark.parametrize("kind", [None, 1, "Function", ["function"], Returned("function")])
def test_a_kind_that_no_answer_has_ends_the_worker(kind: Any) -> None:
    session: Any = Liar(kind, [])
    with pytest.raises(LostError):
        Remote(session, "answer").kind()


class Fixed(Liar):
    """Replies the very same to everything."""

    def ask(self, method: str, *request: Any) -> Any:
        return self._replies[0]


@pytest.mark.parametrize(
    "value", [None, {}, {"a": 1}, {"a": 1, "b": 2, "c": 3}, {"b": 2, "a": 1}, ["a", "b"]]
)
def test_a_program_must_report_what_it_was_asked_for(value: Any) -> None:
    session: Any = Fixed("class", [Returned(value)])
    with pytest.raises(LostError):
        Remote(session, "answer").run("", {}, ["a", "b"], name="answer")


class Hanging:
    """A session in which no call comes back; counts how often it was waited for."""

    def __init__(self) -> None:
        self.forgiven = 0
        self.waited = 0

    def ask(self, method: str, *request: Any) -> Any:
        self.waited += 1
        raise LostError("timeout", "no answer")


def test_what_hangs_is_waited_for_once_and_not_without_end() -> None:
    session: Any = Hanging()
    for exercise in range(3):
        remote = Remote(session, f"answer{exercise}")
        for call in (1, 1, 2, 2, 3, 4, 5, 6):
            with pytest.raises(LostError):
                remote.call(call)
        # Three more calls than the first of each exercise, in the whole notebook.
        assert session.waited == 4 + exercise


def test_texts_are_cut() -> None:
    session: Any = Fixed("function", [Raised("E", "x" * 10**5, 1, "y" * 10**5, "z" * 10**5)])
    outcome = Remote(session, "answer").call()
    assert isinstance(outcome, Raised)
    assert max(map(len, (outcome.message, outcome.source, outcome.printed))) <= 2_000


def test_an_answer_is_read_once() -> None:
    session: Any = Liar("value", [NotData("x"), Returned(1), Returned(2)])
    remote = Remote(session, "answer")
    assert remote.read() == remote.read()
