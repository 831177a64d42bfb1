"""The L2 objective of an affine neuron, and its gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
from chainrule.grading.misconceptions import Misconception, divided, instead, multiplied
from chainrule.grading.search import Adjusted


def _ridge(X: Array, t: Array, w: Array, b: float, lam: float) -> Mapping[str, Array]:
    def objective(w: Array, b: Array | float) -> Array:
        """For stacks of weights (..., d) or biases (..., 1)."""
        error = w @ X.T + b - t
        return np.asarray((error**2).mean(-1) + lam / 2 * (w**2).sum(-1))

    return {
        "J": objective(w, b),
        "dw": complex_step(lambda nudges: objective(w + nudges, b), w.shape),
        "db": complex_step(lambda nudges: objective(w, b + nudges), (1,))[0],
    }


def _ridge_size(X: Array, t: Array, w: Array, b: float, lam: float) -> Mapping[str, Array]:
    size = abs(X) @ abs(w) + abs(b) + abs(t)
    return {
        "J": np.asarray((size * size).mean() + lam * (w * w).sum()),
        "dw": 2 * abs(X).T @ size / len(t) + lam * abs(w),
        "db": np.asarray(2 * size.mean()),
    }


def _loss(X: Array, t: Array, w: Array, b: float, **_: object) -> Array:
    return np.asarray(((X @ w + b - t) ** 2).mean())


def _slope(X: Array, t: Array, w: Array, b: float, **_: object) -> Array:
    return np.asarray(2 * X.T @ (X @ w + b - t) / len(t))


def _penalized(
    name: str, result: str, penalty: Callable[..., Array | float], says: str
) -> Misconception:
    """Another penalty in J, or another summand in dw."""
    plain = _loss if result == "J" else _slope

    def wrong(**case: Any) -> Array:
        return np.asarray(plain(**case) + penalty(**case))

    return instead(name, result, wrong, says)


RIDGE = Function(
    "losses.ridge",
    Adjusted({"X": "N d", "t": "N", "w": "d", "b": "", "lam": ""}, {"lam": abs}),
    returns={"J": "", "dw": "d", "db": ""},
    truth=_ridge,
    magnitude=_ridge_size,
    checks=[
        shapes(
            "J and db are numbers, dw has the shape of w. Write the shapes of your intermediate "
            "results beside the lines.",
            "The errors are X @ w + b - t, of shape (N,). Which product with X gives (d,)?",
        ),
        values(
            "J",
            "Compute both parts of J for the input above: the mean of the squared errors, and the "
            "penalty.",
            "The penalty is lam / 2 times the sum of all squared weights. Is anything else in it?",
        ),
        values(
            "dw",
            "Two parts of J depend on w[k]. What is the slope of each?",
            "The penalty contains lam / 2 times the square of w[k]. Its slope is short.",
            "The errors give 2/N times the sum of error times input, X.T @ error; the penalty "
            "gives lam w.",
        ),
        values(
            "db",
            "Which parts of J does b act on?",
            "b is added to each prediction with slope 1, and it is not in the penalty.",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "w without lambda",
            "dw",
            lambda X, t, w, b, lam: X.T @ (2 * (X @ w + b - t) / len(t)) + w,
            "You add w. The slope of the penalty has lambda in it.",
        ),
        _penalized(
            "no penalty",
            "J",
            lambda **_: 0.0,
            "Your J is the mean squared error alone. The price of long weights is missing.",
        ),
        _penalized(
            "penalty not halved",
            "J",
            lambda w, lam, **_: lam * (w**2).sum(),
            "Your penalty is lam times the squares. Here it is half of that, so that its slope "
            "is lam w.",
        ),
        _penalized(
            "length",
            "J",
            lambda w, lam, **_: lam / 2 * np.sqrt((w**2).sum()),
            "Your penalty has the length of w. It is the length squared: np.linalg.norm takes a "
            "root.",
        ),
        _penalized(
            "absolute",
            "J",
            lambda w, lam, **_: lam / 2 * abs(w).sum(),
            "Your penalty adds up absolute values: that is L1. L2 adds up squares.",
        ),
        _penalized(
            "bias in the penalty",
            "J",
            lambda w, b, lam, **_: lam / 2 * ((w**2).sum() + b**2),
            "The bias is in your penalty. A price on it would pull the prediction for the average "
            "example toward 0.",
        ),
        _penalized(
            "penalty over N",
            "J",
            lambda w, t, lam, **_: lam / 2 * (w**2).sum() / len(t),
            "You divide the penalty by the number of examples. It stands outside of the mean.",
        ),
        _penalized(
            "mean of the weights",
            "J",
            lambda w, lam, **_: lam / 2 * (w**2).mean(),
            "Your penalty averages over the weights. It adds up their squares.",
        ),
        _penalized(
            "square of the sum",
            "J",
            lambda w, lam, **_: lam / 2 * w.sum() ** 2,
            "You add up the weights and then square. Square each, then add up.",
        ),
        _penalized(
            "penalty subtracted",
            "J",
            lambda w, lam, **_: -lam / 2 * (w**2).sum(),
            "You subtract the penalty: long weights would be rewarded.",
        ),
        instead(
            "sum of squares",
            "J",
            lambda X, t, w, b, lam: ((X @ w + b - t) ** 2).sum() + lam / 2 * (w**2).sum(),
            "You add up the squared errors where their mean is needed. Beside a sum, lam would "
            "mean less the more examples there are.",
        ),
        instead(
            "errors halved",
            "J",
            lambda X, t, w, b, lam: _loss(X, t, w, b) / 2 + lam / 2 * (w**2).sum(),
            "You halve the mean squared error too. Only the penalty has the factor 1/2 here.",
        ),
        instead(
            "every prediction with every target",
            "J",
            lambda X, t, w, b, lam: (
                (((X @ w + b)[:, None] - t) ** 2).mean() + lam / 2 * (w**2).sum()
            ),
            "You average {N} * {N} squares: a column of predictions minus a row of targets pairs "
            "every one with every other. X @ w has shape ({N},), as t has.",
        ),
        instead(
            "no bias",
            "J",
            lambda X, t, w, b, lam: ((X @ w - t) ** 2).mean() + lam / 2 * (w**2).sum(),
            "Your predictions lack the bias b.",
        ),
        _penalized(
            "dw without penalty",
            "dw",
            lambda **_: 0.0,
            "Your dw is that of the errors alone. The penalty has a slope as well.",
        ),
        _penalized(
            "2 lam w",
            "dw",
            lambda w, lam, **_: 2 * lam * w,
            "Your penalty has the slope 2 lam w. The 2 of the square meets the 1/2 of lam / 2.",
        ),
        _penalized(
            "lam w / 2",
            "dw",
            lambda w, lam, **_: lam / 2 * w,
            "Your penalty has the slope lam / 2 w. The square brings down a 2.",
        ),
        _penalized(
            "lam",
            "dw",
            lambda w, lam, **_: lam + 0 * w,
            "You add lam to each slope. A square pulls in proportion to the weight: lam w.",
        ),
        _penalized(
            "sign of the weight",
            "dw",
            lambda w, lam, **_: lam * np.sign(w),
            "lam times the sign is the slope of an L1 penalty. L2 pulls in proportion to the "
            "weight.",
        ),
        _penalized(
            "penalty added up",
            "dw",
            lambda w, lam, **_: lam * w.sum(),
            "You add lam times the sum of the weights to each slope. Each weight is in one term "
            "of the penalty only.",
        ),
        _penalized(
            "lam w / N",
            "dw",
            lambda w, t, lam, **_: lam * w / len(t),
            "You divide the slope of the penalty by the number of examples. The penalty stands "
            "outside of the mean.",
        ),
        _penalized(
            "decay with the wrong sign",
            "dw",
            lambda w, lam, **_: -lam * w,
            "You subtract lam w. In a step W - lr dW it then adds to the weights: they would grow.",
        ),
        instead(
            "errors without the 2",
            "dw",
            lambda X, t, w, b, lam: _slope(X, t, w, b) / 2 + lam * w,
            "The errors give half of what they should: their square brings down a 2.",
        ),
        instead(
            "errors added up",
            "dw",
            lambda X, t, w, b, lam: _slope(X, t, w, b) * len(t) + lam * w,
            "The slopes of the errors are added up. J has their mean: divide by N.",
        ),
        divided("db", "N", "the number of examples", "the mean is taken twice"),
        multiplied("db", "N", "the number of examples", "J has the mean of the errors"),
        instead(
            "bias decayed",
            "db",
            lambda X, t, w, b, lam: 2 * (X @ w + b - t).mean() + lam * b,
            "You add lam b. The bias is not in the penalty.",
        ),
        instead(
            "weights in db",
            "db",
            lambda X, t, w, b, lam: 2 * (X @ w + b - t).mean() + lam * w.sum(),
            "You add the slopes of the penalty to db. The bias is not in the penalty.",
        ),
    ],
    because=nudged,
)
