"""ELU and its slope."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.checks.activations.shared import (
    EXCHANGED,
    alike,
    at,
    because,
    kinked,
    response,
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
from chainrule.grading.search import Adjusted


def _tail(z: Array, alpha: float) -> Array:
    return np.asarray(alpha * np.expm1(np.minimum(z, 0)))


def _elu(z: Array, alpha: float) -> Mapping[str, Array]:
    def f(z: Array) -> Array:
        left = np.where(z.real > 0, 0, z)
        return np.where(z.real > 0, z, alpha * (np.exp(left) - 1))

    return value_and_slope(f, z)


ELU = Function(
    "activations.elu",
    Adjusted(
        {"z": "B n", "alpha": ""},
        {"z": kinked, "alpha": lambda a: abs(a) + 1},
        valid=lambda case: case["alpha"] > 0,
    ),
    returns={"a": "like z", "slope": "like z"},
    truth=_elu,
    magnitude=lambda z, alpha: {"a": abs(z) + 2 * alpha, "slope": 1 + 2 * alpha + 0 * z},
    checks=[
        alike(),
        response(
            "On which side of 0 does the score that differs lie? Compute that side by hand.",
            "On the left a is alpha times (exp(z) - 1): 0 at the corner, -alpha far out.",
        ),
        values(
            "slope",
            "What is the derivative of alpha (exp(z) - 1)?",
            "At the corner this book takes the slope of the left side, which is alpha there.",
            "1 where z > 0, and alpha exp(z) elsewhere; that is also a + alpha.",
        ),
        no_overflow(
            "large scores",
            [
                at(1000.0, alpha=1.0),
                at(-1000.0, alpha=1.0),
                at(1000.0, -1000.0, 0.0, alpha=2.0),
            ],
            "The positive side needs no exponential. Does your function compute one there all the "
            "same?",
            "Neither np.where nor a mask undoes an overflow: what is not wanted is computed first. "
            "Which input could exp get instead, where z is positive?",
            "np.exp(np.minimum(z, 0)) is 1 on the right and exp(z) on the left.",
            mistakes=[
                slope(
                    "masks",
                    lambda z, alpha: (z > 0) + (z <= 0) * alpha * np.exp(z),
                    "Your mask is a factor: 0 times inf is nan. Give exp an input that is "
                    "harmless where it is not wanted.",
                ),
            ],
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        wrong(
            "exp of -z",
            lambda z, alpha: np.where(z > 0, z, alpha * np.expm1(-np.minimum(z, 0))),
            "Your left side has exp(-z), which grows. It is exp(z): z is negative there.",
        ),
        wrong(
            "the larger of the two",
            lambda z, alpha: np.maximum(z, alpha * np.expm1(np.minimum(z, 0))),
            "You take the larger of the two sides. For alpha > 1 the line z is above the curve "
            "on the left, near 0. Ask for the sign of z.",
        ),
        EXCHANGED,
        wrong(
            "alpha missing",
            lambda z, alpha: np.where(z > 0, z, _tail(z, 1.0)),
            "Your negative side does not know alpha: it ends at -1. It ends at -alpha.",
        ),
        wrong(
            "no minus one",
            lambda z, alpha: np.where(z > 0, z, _tail(z, alpha) + alpha),
            "You forget to subtract 1 from exp(z): at the corner your two sides do not meet.",
        ),
        wrong(
            "one outside",
            lambda z, alpha: np.where(z > 0, z, _tail(z, alpha) + alpha - 1),
            "You subtract 1 from alpha exp(z). It is alpha (exp(z) - 1): alpha multiplies both.",
        ),
        wrong(
            "turned around",
            lambda z, alpha: np.where(z > 0, z, -_tail(z, alpha)),
            "Your negative side is positive: it is exp(z) - 1, which is below 0.",
        ),
        wrong(
            "alpha in the exponent",
            lambda z, alpha: np.where(z > 0, z, _tail(alpha * z, 1.0)),
            "You put alpha into the exponent. It is a factor of the negative side.",
        ),
        wrong(
            "leaky",
            lambda z, alpha: np.where(z > 0, z, alpha * z),
            "Your negative side is the line alpha z. That is leaky ReLU.",
        ),
        wrong(
            "no left side",
            lambda z, alpha: np.maximum(z, 0),
            "Your negative side is 0: that is ReLU.",
        ),
        wrong(
            "left everywhere",
            lambda z, alpha: alpha * np.expm1(z),
            "You take the exponential on both sides. Where z is positive a is z.",
        ),
        slope(
            "one at zero",
            lambda z, alpha: np.where(z >= 0, 1.0, _tail(z, alpha) + alpha),
            "Where z is exactly 0 your slope is 1. This book takes that of the left side, alpha.",
        ),
        slope(
            "alpha missing in the slope",
            lambda z, alpha: np.where(z > 0, 1.0, _tail(z, 1.0) + 1),
            "Your slope on the left is exp(z). The factor alpha stays when you differentiate.",
        ),
        slope(
            "response",
            lambda z, alpha: np.where(z > 0, 1.0, _tail(z, alpha)),
            "On the left you return the response. Its slope is alpha exp(z), which is a + alpha.",
        ),
        slope(
            "response plus one",
            lambda z, alpha: np.where(z > 0, 1.0, _tail(z, alpha) + 1),
            "On the left you take a + 1. That is right for alpha = 1 only; it is a + alpha.",
        ),
        slope(
            "of ReLU",
            lambda z, alpha: (z > 0) * 1.0,
            "Your slope is that of ReLU. On the left it is alpha exp(z).",
        ),
        slope(
            "exponential everywhere",
            lambda z, alpha: alpha * np.exp(z),
            "Your slope is alpha exp(z) on both sides. On the right it is 1.",
        ),
        slope(
            "power rule",
            lambda z, alpha: np.where(z > 0, 1.0, alpha * z * np.exp(np.minimum(z, 0))),
            "The derivative of exp(z) is exp(z); no factor z comes down.",
        ),
    ],
    because=because,
)
