"""The sigmoid that never overflows, and its slope."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.checks.activations.shared import (
    EXCHANGED,
    alike,
    at,
    because,
    response,
    sigma,
    slope,
    value_and_slope,
    wrong,
)
from chainrule.grading.exercises import (
    Array,
    Function,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    strided,
    values,
)
from chainrule.grading.search import Arrays


def _sigmoid(z: Array) -> Mapping[str, Array]:
    return value_and_slope(sigma, z)


SIGMOID = Function(
    "activations.sigmoid",
    Arrays({"z": "B n"}),
    returns={"a": "like z", "slope": "like z"},
    truth=_sigmoid,
    magnitude=lambda z: {"a": 1 + 0 * z, "slope": 1 + 0 * z},
    checks=[
        alike(),
        response(
            "What is the sigmoid of 0? And is yours near 1 for a large positive z?",
            "a = 1 / (1 + exp(-z)). Compute the entry that differs by hand.",
        ),
        values(
            "slope",
            "The slope can be written with the response a alone.",
            "a (1 - a): largest in the middle, where a is 1/2, and 0 at both ends.",
        ),
        no_overflow(
            "large scores",
            [
                at(1000.0),
                at(-1000.0),
                at(40.0, -40.0),
                at(-1000.0, 0.0, 1000.0),
                {"z": np.array([[800.0, -3.0], [-800.0, 3.0]])},
            ],
            "What is the largest number that you put into exp?",
            "exp(-abs(z)) is never above 1. Write the sigmoid with it: once for z >= 0, once for "
            "z < 0. np.where can choose between the two numerators.",
            "With e = exp(-abs(z)) the sigmoid is 1 / (1 + e) for z >= 0 and e / (1 + e) for "
            "z < 0. The slope is a (1 - a).",
            mistakes=[
                wrong(
                    "plus",
                    lambda z: np.exp(z) / (1 + np.exp(z)),
                    "exp(z) / (1 + exp(z)) is inf / inf for a large z. Taken with -z it is "
                    "harmless there, and the other form is harmless for negative scores.",
                ),
                slope(
                    "as printed",
                    lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
                    "Your slope has exponentials of its own, and they overflow: inf / inf is nan. "
                    "Compute it from the response, a (1 - a).",
                ),
                slope(
                    "as printed, with exp(z)",
                    lambda z: np.exp(z) / (1 + np.exp(z)) ** 2,
                    "Your slope has exponentials of its own, and they overflow: inf / inf is nan. "
                    "Compute it from the response, a (1 - a).",
                ),
            ],
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        wrong(
            "of the size",
            lambda z: 1 / (1 + np.exp(-abs(z))),
            "You take the sigmoid of abs(z): never below 1/2. With e = exp(-abs(z)), 1 / (1 + e)"
            " is right for positive scores; for negative ones it is e / (1 + e).",
        ),
        EXCHANGED,
        wrong(
            "sign of the exponent",
            lambda z: sigma(-z),
            "Your sigmoid falls: the exponent has the wrong sign.",
        ),
        wrong(
            "tanh",
            lambda z: np.tanh(z),
            "Your a is tanh(z). The sigmoid goes from 0 to 1, not from -1.",
        ),
        wrong(
            "tanh of z",
            lambda z: (1 + np.tanh(z)) / 2,
            "1/2 (1 + tanh(z)) is twice as steep. The argument of tanh is z / 2.",
        ),
        wrong(
            "exponential",
            lambda z: 1 + np.exp(-z),
            "You return 1 + exp(-z). The sigmoid is its reciprocal; and 1 / 1 + exp(-z) divides "
            "before it adds: the sum below the line needs parentheses.",
        ),
        wrong(
            "minus",
            lambda z: 1 / (1 - np.exp(-z)),
            "Below the line stands 1 plus exp(-z).",
        ),
        wrong(
            "softmax",
            lambda z: np.exp(z) / np.exp(z).sum(1, keepdims=True),
            "Your a is a softmax: the rows add up to 1. The sigmoid takes each number alone.",
        ),
        wrong(
            "switch", lambda z: (z > 0) * 1.0, "Your a is a switch, 0 or 1. The sigmoid is soft."
        ),
        slope(
            "of the score",
            lambda z: z * (1 - z),
            "You compute z (1 - z). The formula is a (1 - a): it wants the response.",
        ),
        slope(
            "sigmoid again",
            lambda z: sigma(sigma(z)) * (1 - sigma(sigma(z))),
            "You put the response through the sigmoid once more before you take a (1 - a).",
        ),
        slope(
            "of tanh",
            lambda z: 1 - sigma(z) ** 2,
            "1 - a**2 is the slope of tanh. That of the sigmoid is a (1 - a).",
        ),
        slope(
            "half of it",
            lambda z: 1 - sigma(z),
            "Your slope lacks its factor a, or the square below the line.",
        ),
        slope("other half", lambda z: sigma(z), "Your slope lacks its factor 1 - a."),
        slope(
            "a quarter",
            lambda z: 0 * z + 0.25,
            "1/4 is the slope at 0, the largest. It falls on either side.",
        ),
    ],
    because=because,
)
