"""One of five is wrong: a pullback that a careless check lets pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.checks.backpropagation.network import (
    softmax,
)
from chainrule.grading.exercises import (
    Array,
    Function,
    adjoint,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import (
    instead,
)
from chainrule.grading.search import Arrays


def _mended(dY: Array, X: Array) -> Mapping[str, Array]:
    return {"dX": adjoint(lambda V: V - V.mean(0), dY, X.shape)}


def _leaky(dY: Array, X: Array) -> Array:
    return np.where(X > 0, dY, 0.1 * dY)


def _through_softmax(dY: Array, X: Array) -> Array:
    P = softmax(X, 1)
    return np.asarray(P * (dY - (dY * P).sum(1, keepdims=True)))


def _through_weights(dY: Array, X: Array) -> Array:
    return np.asarray(dY * X.sum(1, keepdims=True) + (dY * X).sum(1, keepdims=True))


_NOT_THIS_ONE = (
    "That is the pullback of {}, and it was right as it stood. The wrong one is among the other "
    "four."
)

MENDED_PULLBACK = Function(
    "backpropagation.mended_pullback",
    Arrays({"dY": "B d", "X": "B d"}),
    returns={"dX": "B d"},
    truth=_mended,
    # dY minus a mean of dY: as much is added up as in abs(dY) plus the mean of abs(dY).
    magnitude=lambda dY, X: {"dX": abs(dY) + abs(dY).mean(0) + 0 * X},
    checks=[
        shapes("dX has the shape of X. Which of your operations changes it?"),
        values(
            "dX",
            "L = sum of Y**2 has the gradient dY = 2 Y. In which of the five has this dY a "
            "property that hides a mistake? Test with a dY of random numbers.",
            "Which of the five mixes different examples of a batch? Does its pullback?",
            "X[i, k] acts on Y[i, k] directly, with slope 1, and through the mean of its column "
            "on every Y[m, k], with slope -1/B. Collect the blame from all of them.",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "tanh", "dX", lambda dY, X: dY * (1 - np.tanh(X) ** 2), _NOT_THIS_ONE.format("tanh")
        ),
        instead("leaky ReLU", "dX", _leaky, _NOT_THIS_ONE.format("leaky_relu")),
        instead("softmax", "dX", _through_softmax, _NOT_THIS_ONE.format("softmax_rows")),
        instead(
            "diagonal of softmax",
            "dX",
            lambda dY, X: dY * softmax(X, 1) * (1 - softmax(X, 1)),
            "That is the diagonal of the Jacobian of softmax_rows, and its pullback was right as "
            "it stood. The wrong one is among the other four.",
        ),
        instead("weighted", "dX", _through_weights, _NOT_THIS_ONE.format("weighted")),
        instead(
            "the mean a constant",
            "dX",
            lambda dY, X: dY,
            "You have found the wrong one, but this is what it does already: it takes the mean "
            "for a constant. The mean moves with every entry of its column.",
        ),
        instead(
            "own share only",
            "dX",
            lambda dY, X: dY * (1 - 1 / len(X)),
            "You count what an entry does to its own row. Through the mean it acts on the other "
            "rows of its column as well.",
        ),
        instead(
            "sum for mean",
            "dX",
            lambda dY, X: dY - dY.sum(0),
            "You subtract the sum of dY over the batch. The mean divides by B, forward and back.",
        ),
        instead(
            "divided by the features",
            "dX",
            lambda dY, X: dY - dY.sum(0) / X.shape[1],
            "You divide the sum over the batch by d, the number of columns. A mean over the batch "
            "divides by B.",
        ),
        instead(
            "times Y",
            "dX",
            lambda dY, X: dY * (X - X.mean(0)),
            "You multiply dY by Y. The slopes of Y do not depend on X: they are 1 - 1/B for the "
            "entry itself, and -1/B for the others of its column.",
        ),
        instead(
            "mean over everything",
            "dX",
            lambda dY, X: dY - dY.mean(),
            "You subtract one mean of all of dY. Forward each column had a mean of its own.",
        ),
        instead(
            "mean over features",
            "dX",
            lambda dY, X: dY - dY.mean(1, keepdims=True),
            "You subtract the mean of each row. Forward it was the mean of each column, over the "
            "batch.",
        ),
        instead(
            "mean along axis 1",
            "dX",
            lambda dY, X: dY - dY.mean(1),
            "dY.mean(axis=1) has one mean for each example, and NumPy lays it along the features. "
            "Forward it was the mean of each column, over the batch.",
        ),
        instead(
            "mean of X",
            "dX",
            lambda dY, X: dY - X.mean(0),
            "You subtract the mean of X. A pullback is linear in dY: each of its terms has a dY.",
        ),
        instead(
            "added",
            "dX",
            lambda dY, X: dY + dY.mean(0),
            "You add the mean of dY. Forward the mean was subtracted, and its blame is too.",
        ),
        instead(
            "forward",
            "dX",
            lambda dY, X: X - X.mean(0),
            "You return Y, the way forward. The way back starts from dY.",
        ),
        instead(
            "mean alone",
            "dX",
            lambda dY, X: -dY.mean(0) + 0 * X,
            "You return what flows through the mean and leave out the direct way, dY.",
        ),
    ],
    because=lambda result, index, value: (
        f"raising X[{index[0]}, {index[1]}] by 1 "
        + (f"changes (dY * Y).sum() by {value:.4g}" if value else "leaves (dY * Y).sum() as it is")
        + ", for the Y to be mended"
    ),
)
