"""Predict the shape: what NumPy makes of two arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.grading.exercises import Answers, Array, Problem

# Only the shapes count; NumPy itself says what becomes of them.
_ARRAYS = {
    "x": np.zeros(3),
    "w": np.zeros(3),
    "X": np.zeros((5, 3)),
    "W": np.zeros((4, 3)),
    "b": np.zeros(4),
    "y": np.zeros((5, 1)),
    "t": np.zeros(5),
}
_EXPRESSIONS: dict[str, Callable[..., Array]] = {
    "w @ x": lambda w, x, **_: w @ x,
    "X @ w": lambda X, w, **_: X @ w,
    "X @ W.T": lambda X, W, **_: X @ W.T,
    "X @ W": lambda X, W, **_: X @ W,
    "X @ W.T + b": lambda X, W, b, **_: X @ W.T + b,
    "X @ W.T + t": lambda X, W, t, **_: X @ W.T + t,
    "y + b": lambda y, b, **_: y + b,
    "y - t": lambda y, t, **_: y - t,
}

_SHAPE_MISTAKES: dict[str, dict[object, str]] = {
    "w @ x": {
        (1, 1): "(1, 1) is what a row times a column makes. w and x have one axis each, and it is "
        "summed away: no axis is left.",
        (3,): "(3,) is the shape of w * x, the three products. @ also adds them up.",
        (3, 3): "(3, 3) is a table of every product of an entry of w with an entry of x, "
        "np.outer(w, x). @ pairs equal positions and adds up.",
    },
    "X @ w": {
        (5, 3): "(5, 3) is the shape of X * w. @ also adds up along the axis that the two share.",
        (1, 5): "w has one axis, and @ sums that axis away. What is left is the axis of X, alone: "
        "no row is made of it.",
        (5, 1): "w has one axis, and @ sums that axis away. Nothing is left to make a column of.",
    },
    "X @ W.T": {
        (5, 3): "The axis of length 3 is the one that is summed over; it cannot be in the result.",
    },
    "X @ W": {
        (5, 4): "That is X @ W.T. Without .T the last axis of X, 3, meets the first of W, 4.",
        (5, 3): "@ needs the last axis of X, 3, to be as long as the first of W, 4.",
    },
    "X @ W.T + b": {
        (4,): "Adding never makes an array smaller: b is stretched to the shape of the batch.",
        "error": "b has fewer axes than X @ W.T, and that is allowed: its axis of 4 is laid "
        "against the last axis, also 4, and repeated for every row.",
    },
    "X @ W.T + t": {
        (5, 5): "The 4 columns cannot become 5: only an axis of length 1 is stretched.",
        (5, 4): "You add one number of t to each row. NumPy lays axes against each other from the "
        "right, so the 5 of t meets the 4 columns.",
    },
    "y + b": {
        "error": "The lengths 1 and 4 do fit: an axis of length 1 is repeated as often as needed.",
        (5, 1): "The axis of length 1 does not stay: it is repeated to match the 4 entries of b.",
        (4,): "y has two axes, so the result has two; the 5 rows of y are still there.",
    },
    "y - t": {
        (5, 1): "You pair row i of y with entry i of t. NumPy lays axes against each other from "
        "the right: the 5 of t meets the 1 of y, not its 5.",
        (5,): "You pair row i of y with entry i of t. NumPy lays axes against each other from "
        "the right: the 5 of t meets the 1 of y, not its 5.",
        "error": "NumPy does not complain, and that is the danger: from the right, 5 meets 1, "
        "and the axis that t lacks counts as 1.",
    },
}

_MATMUL_HINTS = (
    "Write the two shapes next to each other. For @, which two axes must have the same length, "
    "and what becomes of them?",
    "(m, n) @ (n, k) has shape (m, k): the two axes of length n are summed away. An array with "
    "one axis has only the axis that is summed.",
)
_BROADCAST_HINTS = (
    "Write the two shapes one under the other, aligned at their right ends.",
    "Two lengths in the same place fit if they are equal or if one of them is 1. A missing axis, "
    "always on the left, counts as 1.",
)


def _predicted(question: str) -> Callable[[Any], Problem | None]:
    try:
        truth: object = _EXPRESSIONS[question](**_ARRAYS).shape
    except ValueError:
        truth = "error"

    def judge(answer: Any) -> Problem | None:
        if isinstance(answer, list):
            answer = tuple(answer)
        if isinstance(answer, tuple) and all(type(n) is int for n in answer):
            if answer == truth:
                return None
        elif isinstance(answer, str) and answer == truth:
            return None
        return Problem(
            "prediction",
            f"NumPy does something else with {question}.",
            question,
            shown=(
                ("for", _shapes_in(question)),
                ("yours", repr(answer)),
                ("expected", f"run ({question}).shape and see"),
            ),
            diagnosis=_explained(question, answer, truth),
        )

    return judge


def _shapes_in(question: str) -> str:
    return ", ".join(
        f"{name} {array.shape}"
        for name, array in _ARRAYS.items()
        if name in question.split() or f"{name}.T" in question.split()
    )


def _explained(question: str, answer: Any, truth: object) -> str | None:
    if type(answer) is int:
        if truth == (answer,) and answer:
            return (
                f"({answer}) is only the number {answer}. A shape with one axis has a comma: "
                f"({answer},)."
            )
        return f"A shape is a tuple, such as (3, 2), (3,) or (); you give the number {answer}."
    if isinstance(answer, str) and answer != "error":
        return 'The only answer in quotes is "error"; a shape is a tuple such as (3, 2).'
    if not isinstance(answer, (tuple, str)):
        return 'Answer with a tuple of whole numbers, such as (3, 2), or with "error".'
    if isinstance(answer, tuple) and not all(type(n) is int for n in answer):
        return "The lengths in a shape are whole numbers, such as 3, not 3.0."
    if answer in _SHAPE_MISTAKES[question]:
        return _SHAPE_MISTAKES[question][answer]
    if truth == () and answer == (1,):
        return (
            "(1,) is an array with one axis, of length 1. A single number has no axis at all: ()."
        )
    if isinstance(truth, tuple) and len(truth) > 1 and answer == truth[::-1]:
        return "Your axes are in reverse: the axis of the left factor comes first."
    return None


SHAPES = Answers(
    "affine-layers.shapes",
    questions={question: _predicted(question) for question in _EXPRESSIONS},
    hints={
        question: _BROADCAST_HINTS if "+" in question or "-" in question else _MATMUL_HINTS
        for question in _EXPRESSIONS
    },
)
