"""Predict how many rows of probabilities change."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from chainrule.functional import affine, relu, softmax
from chainrule.grading.exercises import Answers, Array, Problem


def _probabilities(X: Array, W1: Array, b1: Array, W2: Array, b2: Array, axis: int = 1) -> Array:
    hidden, _ = relu(affine(X, W1, b1)[0])
    found: Array = softmax(affine(hidden, W2, b2)[0], axis=axis)[0]
    return found


def _network() -> dict[str, Array]:
    """The network of the notebook, and its four examples; the last unit is off for all four."""
    rng = np.random.default_rng(0)
    return {
        "X": rng.random((4, 2)),
        "W1": rng.standard_normal((3, 2)),
        "b1": np.array([1.0, 1.0, -9.0]),
        "W2": rng.standard_normal((3, 3)),
        "b2": rng.standard_normal(3),
    }


def _changes() -> dict[str, dict[str, Any]]:
    """Change → the arguments after it that are others than before."""
    n = _network()
    other = [1, 0, 2]
    return {
        "X[0] + 1": {"X": n["X"] + np.array([[1.0], [0], [0], [0]])},
        "X[0] and X[1] swapped": {"X": n["X"][[1, 0, 2, 3]]},
        "b2[0] + 1": {"b2": n["b2"] + np.array([1.0, 0, 0])},
        "b2 + 1": {"b2": n["b2"] + 1},
        "b1[2] + 1": {"b1": n["b1"] + np.array([0, 0, 1.0])},
        "units 0 and 1 swapped": {
            "W1": n["W1"][other],
            "b1": n["b1"][other],
            "W2": n["W2"][:, other],
        },
        "layer 1 times 2, W2 / 2": {"W1": 2 * n["W1"], "b1": 2 * n["b1"], "W2": n["W2"] / 2},
        "X[0] + 1, along axis 0": {
            "X": n["X"] + np.array([[1.0], [0], [0], [0]]),
            "axis": 0,
        },
    }


_QUESTIONS = tuple(_changes())
_MOVED, _SWAPPED, _ONE_LOGIT, _ALL_LOGITS, _OFF, _RENAMED, _SCALED, _AXIS_0 = _QUESTIONS


@cache
def _count(question: str) -> int:
    """Rows that differ; with another axis, both sides are computed along it."""
    network, change = _network(), _changes()[question]
    axis = change.get("axis", 1)
    before, after = _probabilities(**network, axis=axis), _probabilities(**{**network, **change})
    return int((abs(after - before).max(axis=1) > 1e-9).sum())


_SAID: dict[str, dict[int, str]] = {
    _MOVED: {
        4: "Row i of the answer is made of row i of X and of nothing else. The other three "
        "examples do not notice.",
        0: "Example 0 has other features now. Units that are on for it hand the change on.",
    },
    _SWAPPED: {
        0: "The same two answers are there, in exchanged places: rows 0 and 1 both differ from "
        "what they were.",
        1: "Two rows have exchanged their places.",
        4: "Rows 2 and 3 have the same example as before, and do not notice their neighbors.",
    },
    _ONE_LOGIT: {
        1: "b2 has an entry for each class, not for each example. Entry 0 raises logit 0 of every "
        "example.",
        0: "A number added to all logits of an example changes nothing. Here one of three is "
        "raised.",
        3: "b2 has an entry for each of three classes, but the rows of P are four examples.",
    },
    _ALL_LOGITS: {
        4: "All logits of an example are raised alike, and in softmax that cancels.",
        3: "There are three entries in b2, but what is counted are examples. And all logits are "
        "raised alike, which cancels.",
    },
    _OFF: {
        4: "Look at unit 2: its bias is -9, and the inputs lie between 0 and 1. Is it on for any "
        "of the four?",
        1: "A bias is shared by all examples. And is unit 2 on for any of them?",
    },
    _RENAMED: {
        4: "The second layer adds up over the hidden units. The order of the terms does not "
        "matter, as each unit has taken its weights along, those in and those out.",
        2: "Units are swapped, not examples.",
    },
    _SCALED: {
        4: "The scores are twice as large, and so are the responses, since max(2 z, 0) = "
        "2 max(z, 0). Half of W2 makes up for it.",
    },
    _AXIS_0: {
        1: "Along axis 0 the probabilities of a class add up to 1 over the examples. If example 0 "
        "gets more of it, the others get less.",
        0: "Example 0 has other features now, and along axis 0 it competes with the others.",
        3: "Example 0 itself changes, too.",
    },
}

_HINTS: dict[str, tuple[str, str]] = {
    _MOVED: (
        "Which rows of Z1 have row 0 of X in them? And which rows of A1, of Z2, of P?",
        "Every step on the way takes row i to row i.",
    ),
    _SWAPPED: (
        "What stands in row 0 of P after the swap, and what stood there before?",
        "Reorder the rows of X, and the rows of P are reordered alike.",
    ),
    _ONE_LOGIT: (
        "To which entries of Z2, which is (4, 3), is b2[0] added?",
        "p_k / p_c = exp(z_k - z_c). Which of these differences have changed, and in which rows?",
    ),
    _ALL_LOGITS: (
        "What becomes of z_k - z_c if both are raised by 1?",
        "Softmax depends on the differences of an example's logits only.",
    ),
    _OFF: (
        "Compute the largest score that unit 2 can have. The entries of X are between 0 and 1.",
        "A unit that is off responds with 0, whether its score is -9 or -8.",
    ),
    _RENAMED: (
        "Write down logit 0 of one example as a sum over the hidden units, before and after.",
        "Each unit keeps its weights in, its bias and its weights out. Only its number changes.",
    ),
    _SCALED: (
        "What are the new hidden scores, and what does ReLU make of them?",
        "max(2 z, 0) = 2 max(z, 0), so A1 is doubled. What does W2 / 2 do to that?",
    ),
    _AXIS_0: (
        "Along axis 0, which numbers add up to 1? Which of them does example 0 compete with?",
        "In each column the denominator is a sum over all four examples.",
    ),
}


def _predicted(question: str) -> Callable[[Any], Problem | None]:
    def judge(answer: Any) -> Problem | None:
        if type(answer) is int and answer == _count(question):
            return None
        return Problem(
            "prediction",
            "Another number of rows of P changes.",
            question,
            shown=(
                ("change", question),
                ("yours", repr(answer)),
                ("expected", f'run changed_rows(**changes["{question}"]) and see'),
            ),
            diagnosis=_explained(question, answer),
        )

    return judge


def _explained(question: str, answer: Any) -> str | None:
    if type(answer) is not int:
        return "Answer with a whole number: a count of rows."
    if not 0 <= answer <= 4:
        return "P has four rows, one for each example, so the count is 0, 1, 2, 3 or 4."
    return _SAID[question].get(answer)


CHANGED = Answers(
    "forward-pass.changed",
    questions={question: _predicted(question) for question in _QUESTIONS},
    hints=_HINTS,
)
