"""Predict the twins: which starts leave hidden units equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.functional import affine, cross_entropy, sigmoid
from chainrule.grading.exercises import (
    Answers,
    Array,
    Problem,
)

_X_OR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
_T_OR = np.array([0, 1, 1, 1])


def _starts() -> dict[str, tuple[Array, Array, Array]]:
    """Start → W1, b1 and W2, as the notebook makes them; b2 is zero."""
    rng = np.random.default_rng(0)
    W1, b1, W2 = rng.standard_normal((4, 2)), rng.standard_normal(4), rng.standard_normal((2, 4))
    in_pairs = W1[[0, 0, 1, 1]]
    return {
        "all zero": (0 * W1, 0 * b1, 0 * W2),
        "all 0.5": (0 * W1 + 0.5, 0 * b1 + 0.5, 0 * W2 + 0.5),
        "random W1": (W1, 0 * b1, 0 * W2),
        "random W2": (0 * W1, 0 * b1, W2),
        "random b1": (0 * W1, b1, 0 * W2),
        "paired W1": (in_pairs, 0 * b1, 0 * W2),
        "paired W1 and random W2": (in_pairs, 0 * b1, W2),
    }


def _different_rows(W1: Array, b1: Array, W2: Array, steps: int = 10, lr: float = 1.0) -> int:
    parameters = [W1.copy(), b1.copy(), W2.copy(), np.zeros(2)]
    for _ in range(steps):
        W1, b1, W2, b2 = parameters
        Z1, back_to_X = affine(_X_OR, W1, b1)
        A1, back_to_Z1 = sigmoid(Z1)
        Z2, back_to_A1 = affine(A1, W2, b2)
        _, back_to_Z2 = cross_entropy(Z2, _T_OR)
        dZ2, _ = back_to_Z2(1.0)
        dA1, dW2, db2 = back_to_A1(dZ2)
        _, dW1, db1 = back_to_X(*back_to_Z1(dA1))
        for parameter, gradient in zip(parameters, (dW1, db1, dW2, db2), strict=True):
            parameter -= lr * gradient
    # Twins may differ by rounding: a product can add up its columns in different orders.
    return len(np.unique(parameters[0].round(6), axis=0))


_TWINS = (
    "Nothing tells these units apart: the same weights in, the same weights out. So each step "
    "gives them the same gradient, and they stay twins for ever."
)
_BOTH_CLASSES = (
    "The two classes do get gradients of their own, but every unit hears both of them alike."
)
_TWIN_MISTAKES: dict[str, dict[int, str]] = {
    "all zero": {
        4: _TWINS,
        2: _BOTH_CLASSES,
    },
    "all 0.5": {
        4: "It takes no zeros to make twins; any constant does it. " + _TWINS,
        2: _BOTH_CLASSES,
    },
    "random W1": {
        1: "In the first step dA1 is zero and W1 stays as it is, with four different rows. They "
        "do not become equal afterwards.",
        2: "A row of W1 belongs to a hidden unit, and there are four of them.",
    },
    "random W2": {
        1: "All units answer alike at first, but they are not treated alike: dA1 = dZ2 @ W2 has "
        "a column for each unit, made from its own column of W2.",
        2: "Each of the four units has a column of W2 of its own, so each gets a gradient of its "
        "own.",
    },
    "random b1": {
        1: "In the first step dW1 is zero, since W2 is. But the units answer differently, so "
        "dW2 = dZ2.T @ A1 has different columns, and from the second step on dA1 has too.",
        2: "The units answer differently from the start, all four of them, so their columns of "
        "dW2 differ.",
    },
    "paired W1": {
        4: "Two units of a pair have the same weights in and, all of W2 being zero, the same "
        "weights out. " + _TWINS,
        1: "The two pairs start with different rows, and nothing makes them equal.",
    },
    "paired W1 and random W2": {
        2: "Two units of a pair answer alike at first, but W2 weighs them differently, so "
        "dA1 = dZ2 @ W2 has different columns for them.",
        1: "The two pairs start with different rows, and nothing makes them equal.",
    },
}


def _predicted(start: str) -> Callable[[Any], Problem | None]:
    def judge(answer: Any) -> Problem | None:
        truth = _different_rows(*_starts()[start])
        if type(answer) is int and answer == truth:
            return None
        return Problem(
            "prediction",
            "W1 ends with another number of different rows."
            if type(answer) is int
            else f"Your answer for {start!r} is not a whole number.",
            start,
            shown=(
                ("start", start),
                ("yours", repr(answer)),
                ("expected", f'run different_rows(*starts["{start}"]) and see'),
            ),
            diagnosis=_explained(start, answer),
        )

    return judge


def _explained(start: str, answer: Any) -> str | None:
    if type(answer) is not int:
        return "Answer with a whole number: a count of rows."
    if answer == 0:
        return "Even four equal rows are one row, four times: the count is 1 at least."
    if answer > 4 or answer < 0:
        return "W1 has four rows, one for each hidden unit, so the count is 1, 2, 3 or 4."
    if answer == 3:
        return "With three different rows, just two of the four units would be twins. Which two?"
    return _TWIN_MISTAKES[start].get(answer)


_TWIN_HINTS = (
    "Take two hidden units. Are their rows of W1, their entries of b1 and their columns of W2 "
    "equal? If all of them are, what can the gradient tell them apart by?",
    "Follow one step back: dA1 = dZ2 @ W2 has a column for each unit. If two columns differ, so "
    "do the rows of dW1. If they are equal or zero, look at dW2 = dZ2.T @ A1 and take the second "
    "step.",
)

TWINS = Answers(
    "backpropagation.twins",
    questions={start: _predicted(start) for start in _starts()},
    hints=dict.fromkeys(_starts(), _TWIN_HINTS),
)
