"""Exercises that ask for numbers and arrays: the truth is compared, and never shown."""

from typing import Any

import numpy as np
import pytest

from chainrule.grading.exercises import Computed, WrongValue
from chainrule.grading.handles import InProcess
from chainrule.grading.report import Feedback, Report, evaluate

W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
ONE = Computed(
    "toys.W",
    {"W": W},
    {"W": ("First hint.", "Second hint.")},
    [WrongValue("W", W + 1, "You count from 1.")],
)
TWO = Computed("toys.run", {"loss": 0.25, "steps": 7})


def report(answer: Any, exercise: Computed = ONE) -> Report:
    return evaluate(exercise, InProcess(answer))


def said(answer: Any, exercise: Computed = ONE) -> str:
    return " ".join(repr(Feedback(report(answer, exercise))).split())


@pytest.mark.parametrize(
    ("answer", "exercise"),
    [
        (W, ONE),
        (W * (1 + 1e-15), ONE),
        (W.astype(int), ONE),
        ({"loss": 0.25, "steps": 7}, TWO),
        ({"steps": 7.0, "loss": np.array(0.25)}, TWO),
    ],
    ids=range(5),
)
def test_the_truth_passes(answer: Any, exercise: Computed) -> None:
    assert report(answer, exercise).state == "pass"


@pytest.mark.parametrize(
    ("answer", "exercise"),
    [(..., ONE), (None, ONE), ({"loss": ..., "steps": ...}, TWO), (..., TWO)],
    ids=range(4),
)
def test_a_blank_is_not_attempted(answer: Any, exercise: Computed) -> None:
    assert report(answer, exercise).state == "not-attempted"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (W + np.eye(2, 3), "Your W has the right shape but wrong values."),
        (W + np.eye(2, 3), "differ at [0, 0], [1, 1]"),
        (W + 1, "Diagnosis: You count from 1."),
        (W.T, "Your W has shape (3, 2); it must have shape (2, 3)."),
        (W.T, "Diagnosis: Your W is the transpose of the expected one."),
        (-W, "every sign is turned around"),
        (2 * W, "Your W is twice the expected one."),
        (W.tolist(), "is a list of 2; it must be an array of shape (2, 3)"),
        (W.astype(np.float32) + np.float32(1e-3), "wrong values"),
        ("W", "is 'W'; it must be an array"),
        (lambda: W, "something of type function"),
        (W.astype(object), "something of type NumPy array of object"),
    ],
)
def test_a_wrong_value_is_told_without_the_right_one(answer: Any, says: str) -> None:
    assert report(answer).state == "fail"
    assert says in said(answer)
    assert "expected  " not in repr(Feedback(report(answer)))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"loss": 0.25}, "Your answer has no entry 'steps'."),
        ({"loss": 0.25, "steps": ...}, "steps still waits for your answer."),
        ({"loss": 0.5, "steps": 7}, "Your loss is twice the expected one."),
        (0.25, "Your answer is a float; it must be a dict with loss, steps."),
    ],
)
def test_several_results_come_in_a_dictionary(answer: Any, says: str) -> None:
    assert report(answer, TWO).state == "fail"
    assert says in said(answer, TWO)


def test_hints_are_those_of_the_result() -> None:
    assert "Hint 1 of 2: First hint." in said(W + 2)


def test_a_wrong_word_does_not_tell_the_right_one() -> None:
    exercise = Computed("toys.answers", {"word": "convex", "flag": True})
    assert "Your word is wrong." in said({"word": "concave", "flag": True}, exercise)
    text = said({"word": "concave", "flag": False}, exercise)
    assert "convex" not in text
    assert "True" not in text
