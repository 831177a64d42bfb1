"""The mean squared error and its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from chainrule.grading.checks.losses.shared import nudged
from chainrule.grading.exercises import (
    Array,
    Function,
    complex_step,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import exchanged, instead, multiplied, scaled
from chainrule.grading.search import Arrays


def _mse(y: Array, t: Array) -> Mapping[str, Array]:
    def loss(nudges: Array | float) -> Array:
        return np.asarray(((y + nudges - t) ** 2).mean((-2, -1)))

    return {"L": loss(0.0), "dy": complex_step(loss, y.shape)}


def _mse_size(y: Array, t: Array) -> Mapping[str, Array]:
    size = abs(y) + abs(t)
    return {"L": np.asarray((size * size).mean()), "dy": 2 * size / y.size}


MSE = Function(
    "losses.mse",
    Arrays({"y": "B d", "t": "B d"}),
    returns={"L": "", "dy": "B d"},
    truth=_mse,
    magnitude=_mse_size,
    checks=[
        shapes(
            "L is one number for the whole batch, and dy has an entry for each entry of y. Which "
            "of your two results is something else?",
            "A mean without axis= runs over all entries.",
        ),
        values(
            "L",
            "Compute the errors y - t of the input above by hand, square them, and average over "
            "all of them.",
            "How many entries does y have? Not how many rows.",
        ),
        values(
            "dy",
            "One entry of y occurs in one term of L. What is the slope of that term, and what is "
            "it divided by?",
            "The derivative of (y - t) squared with respect to y is 2 (y - t).",
            "L is a mean over N entries, so each slope is divided by N; y.size is N.",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged({"L": "dy", "dy": "L"}, "The two results are exchanged: L comes first."),
        multiplied("L", "B", "the number of rows", "you add up over rows where a mean is needed"),
        multiplied(
            "L", "d", "the number of columns", "divide by the number of entries, not of rows"
        ),
        instead(
            "one slope for all",
            "dy",
            lambda y, t: 2 * (y - t).mean(),
            "You average the slopes into one number. Each entry of y has its own: "
            "2 (y - t) divided by the number of entries, not added up.",
        ),
        instead(
            "sum of squares",
            "L",
            lambda y, t: ((y - t) ** 2).sum(),
            "Your L is the sum of the squares. It would grow with the batch; divide by the number "
            "of entries.",
        ),
        instead(
            "root",
            "L",
            lambda y, t: np.sqrt(((y - t) ** 2).mean()),
            "You take the root: that is the RMSE. The loss is the mean of the squares itself.",
        ),
        instead(
            "absolute",
            "L",
            lambda y, t: abs(y - t).mean(),
            "You average absolute errors, the MAE. Here the errors are squared.",
        ),
        instead(
            "square of the mean",
            "L",
            lambda y, t: (y - t).mean() ** 2,
            "You average first and square afterwards, so that errors of different sign cancel. "
            "Square first.",
        ),
        instead(
            "sum for a difference",
            "L",
            lambda y, t: ((y + t) ** 2).mean(),
            "You add y and t. An error is their difference.",
        ),
        instead(
            "difference of squares",
            "L",
            lambda y, t: (y**2 - t**2).mean(),
            "You square y and t and then subtract. Subtract first, then square.",
        ),
        replace(
            scaled("L", 0.5, "half of"),
            says="Your L is half of the expected one. Some books write one half of the square so "
            "that the 2 of the slope cancels; this exercise, like PyTorch, does not.",
        ),
        multiplied(
            "dy", "B", "the number of rows", "L is a mean over rows too, and so are its slopes"
        ),
        multiplied(
            "dy", "d", "the number of columns", "divide by the number of entries, not of rows"
        ),
        instead(
            "mean twice",
            "dy",
            lambda y, t: 2 * (y - t) / y.size**2,
            "You divide by the number of entries twice: one mean is enough.",
        ),
        instead(
            "no mean",
            "dy",
            lambda y, t: 2 * (y - t),
            "Your dy is 2 (y - t), the slope of the sum of the squares. L is their mean.",
        ),
        instead(
            "errors",
            "dy",
            lambda y, t: y - t,
            "Your dy is the error itself: the 2 of the square and the 1/N of the mean are missing.",
        ),
        instead(
            "sign",
            "dy",
            lambda y, t: np.sign(y - t) / y.size,
            "Your dy is the slope of the absolute error. A square pulls in proportion to the "
            "error.",
        ),
        instead(
            "square",
            "dy",
            lambda y, t: 2 * (y - t) ** 2 / y.size,
            "Your dy still has the square in it. The slope of a square is twice what is squared.",
        ),
        replace(
            scaled("dy", 0.5, "half of"),
            says="Your dy is half of the expected one: the derivative of a square brings down a 2.",
        ),
        replace(
            scaled("dy", -1.0, "minus"),
            name="dy negated",
            says="Your dy is minus the expected one: it is the gradient in t. If a prediction is "
            "too high, raising it costs more, so its slope is positive.",
            alters="sign",
        ),
    ],
    because=nudged,
)
