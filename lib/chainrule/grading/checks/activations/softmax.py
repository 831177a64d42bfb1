"""Softmax that never overflows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import instead
from chainrule.grading.search import Arrays

_SCORES = Arrays({"z": "B K"})


def shifted(z: Array, m: Array | float) -> Array:
    """Softmax of each row with ``m`` taken out of the scores first."""
    E = np.exp(z - m)
    return np.asarray(E / E.sum(1, keepdims=True))


def stable(z: Array) -> Array:
    """Softmax of each row."""
    return shifted(z, z.max(1, keepdims=True))


def _softmax(z: Array) -> Mapping[str, Array]:
    return {"p": stable(z)}


def size_of(z: Array) -> Array:
    """A score that is off by d moves its probabilities by the factor exp(2 d) at most."""
    return stable(z) * (1 + 2 * abs(z).max(1, keepdims=True))


LARGE: list[list[list[float]]] = [
    [[1000.0]],
    [[-1000.0]],
    [[1000.0, 1000.0]],
    [[1000.0, 999.0, 0.0]],
    [[1000.0], [-1000.0]],
    [[1000.0, -1000.0, -1000.0]],
    [[-1000.0, -999.0], [1000.0, 998.0]],
    [[-1000.0, 1000.0]],
]

SOFTMAX = Function(
    "activations.softmax",
    _SCORES,
    returns={"p": "B K"},
    truth=_softmax,
    magnitude=lambda z: {"p": size_of(z)},
    checks=[
        shapes(
            "p has the shape of z: a probability for each score.",
            "The sum over the scores of a row needs keepdims=True, to be a column (B, 1).",
        ),
        values(
            "p",
            "Do the rows of your p add up to 1?",
            "exp of each score, divided by the sum of exp over its own row.",
            "E / E.sum(axis=1, keepdims=True). If you subtract something, subtract it from the "
            "scores, before exp.",
        ),
        no_overflow(
            "large scores",
            [{"z": np.array(z)} for z in LARGE],
            "What is the largest number that you put into exp? And can all your exponentials be 0?",
            "A number added to all scores of a row cancels. Which number makes all of them 0 or "
            "negative, and one of them 0?",
            "z - z.max(axis=1, keepdims=True): each row needs a maximum of its own.",
            mistakes=[
                instead(
                    "as printed",
                    "p",
                    lambda z: shifted(z, 0.0),
                    "You take exp of the scores as they are. From 710 on that is inf, and inf / "
                    "inf is nan; below -745 it is 0, and 0 / 0 is nan as well.",
                ),
                instead(
                    "one maximum",
                    "p",
                    lambda z: shifted(z, z.max()),
                    "You take one maximum out of the whole batch. In a row that lies far below it "
                    "nothing is left but 0 / 0. Each row needs a maximum of its own.",
                ),
                instead(
                    "mean",
                    "p",
                    lambda z: shifted(z, z.mean(1, keepdims=True)),
                    "You subtract the mean of the row. The largest score can lie far above it.",
                ),
            ],
        ),
        keeps_float32(),
        empty_batch(_SCORES, "B", "The input has B = 0. Give max and sum the axis of the scores."),
        strided(),
        leaves_inputs_alone(
            "z -= m writes into the array of whoever called you. What makes a new array instead?"
        ),
    ],
    mistakes=[
        instead(
            "maximum and sum along the columns",
            "p",
            lambda z: np.exp(z - z.max(1)) / np.exp(z - z.max(1)).sum(1),
            "z.max(axis=1) has shape ({B},), and NumPy lays it along the columns. It has to be a"
            " column itself, and so has the sum: keepdims=True.",
        ),
        instead(
            "last row only",
            "p",
            lambda z: stable(z)[-1],
            "Your p is the last row alone. Does a loop overwrite p where it should fill p[i]?",
        ),
        instead(
            "over the batch",
            "p",
            lambda z: stable(z.T).T,
            "Your columns add up to 1: you divide by the sum over the batch. Each row is a "
            "distribution of its own.",
        ),
        instead(
            "over everything",
            "p",
            lambda z: stable(z.reshape(1, -1)).reshape(z.shape),
            "All entries together add up to 1: you divide by the sum over the whole batch.",
        ),
        instead(
            "sum along the wrong axis",
            "p",
            lambda z: np.exp(z) / np.exp(z).sum(1),
            "E.sum(axis=1) has shape ({B},), and NumPy lays it along the columns. It has to be a "
            "column itself: keepdims=True.",
        ),
        instead(
            "not divided",
            "p",
            lambda z: np.exp(z),
            "Your p is exp(z). It is still to be divided by the sum of its row.",
        ),
        instead(
            "not divided, shifted",
            "p",
            lambda z: np.exp(z - z.max(1, keepdims=True)),
            "Your rows do not add up to 1: divide by their sums.",
        ),
        instead(
            "proportional",
            "p",
            lambda z: z / z.sum(1, keepdims=True),
            "You divide the scores by their sum. With negative scores that gives no probabilities; "
            "their exponentials are divided.",
        ),
        instead(
            "sigmoid",
            "p",
            lambda z: 1 / (1 + np.exp(-z)),
            "You take the sigmoid of each score. In softmax the scores of a row compete.",
        ),
        instead(
            "hard",
            "p",
            lambda z: (z == z.max(1, keepdims=True)) * 1.0,
            "Your p is 1 at the largest score and 0 elsewhere. Softmax is soft.",
        ),
        instead(
            "shifted afterwards",
            "p",
            lambda z: (
                (np.exp(z) - z.max(1, keepdims=True))
                / (np.exp(z) - z.max(1, keepdims=True)).sum(1, keepdims=True)
            ),
            "You subtract the maximum after exp. It cancels only if it is taken out before.",
        ),
        instead(
            "divided by the maximum",
            "p",
            lambda z: stable(z / z.max(1, keepdims=True)),
            "You divide the scores by the largest. Softmax looks at differences: subtract it.",
        ),
        instead(
            "negated scores",
            "p",
            lambda z: stable(-z),
            "The smallest score gets the largest probability: a sign in the exponent.",
        ),
        instead("logarithm", "p", lambda z: np.log(stable(z)), "You return the logarithm of p."),
        instead(
            "base 2",
            "p",
            lambda z: stable(z * np.log(2)),
            "You take powers of 2. The base is e: np.exp.",
        ),
    ],
)
