"""Leaky ReLU and its slope."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.checks.activations.shared import (
    EXCHANGED,
    alike,
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
    strided,
    values,
)
from chainrule.grading.search import Adjusted, Case, Fill, real_numbers


class _WithLeak(Adjusted):
    """Scores and a leak, mostly a small one."""

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        """An input with these sizes; above 1, where max(z, c z) is no leaky ReLU, for n = 3."""
        case = super().filled(sizes, fill)
        return case | {"c": 2.5 if fill is real_numbers and sizes["n"] == 3 else 0.2}


def _leaky(z: Array, c: float) -> Mapping[str, Array]:
    return value_and_slope(lambda z: np.where(z.real > 0, z, c * z), z)


LEAKY_RELU = Function(
    "activations.leaky_relu",
    _WithLeak({"z": "B n", "c": ""}, {"z": kinked}),
    returns={"a": "like z", "slope": "like z"},
    truth=_leaky,
    magnitude=lambda z, c: {"a": (1 + c) * abs(z), "slope": 1 + c + 0 * z},
    checks=[
        alike(),
        response(
            "What becomes of a negative score here, and what of a positive one?",
            "a is z where z is positive and c times z elsewhere.",
        ),
        values(
            "slope",
            "On which side of 0 does the score that differs lie? How steep is the line there?",
            "At the corner this book takes the slope of the left side.",
            "1 where z > 0, and c elsewhere.",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(
            "z[z < 0] *= c writes into the scores of whoever called you. What makes a new array?"
        ),
    ],
    mistakes=[
        slope(
            "1 + c",
            lambda z, c: (z > 0) + c,
            "Your slope on the right is 1 + c. There is one slope on each side: 1 on the right, "
            "c on the left.",
        ),
        wrong(
            "leak everywhere",
            lambda z, c: np.maximum(z, 0) - c * z,
            "You subtract c z on both sides. It belongs to the left side alone, and is added.",
        ),
        EXCHANGED,
        wrong(
            "maximum",
            lambda z, c: np.maximum(z, c * z),
            "np.maximum(z, c * z) is right for c <= 1 only. Above that the sides are exchanged.",
        ),
        wrong(
            "minimum",
            lambda z, c: np.minimum(z, c * z),
            "For a small c, np.minimum(z, c * z) keeps the negative side and shrinks the positive "
            "one.",
        ),
        wrong(
            "no leak",
            lambda z, c: np.maximum(z, 0),
            "Your negative side is 0: that is ReLU. c times the score comes through.",
        ),
        wrong(
            "a hundredth",
            lambda z, c: np.where(z > 0, z, 0.01 * z),
            "Your leak is 0.01, whatever c is.",
        ),
        wrong(
            "constant",
            lambda z, c: np.where(z > 0, z, c + 0 * z),
            "Your negative side is the constant c. It is c times the score.",
        ),
        wrong(
            "upward",
            lambda z, c: np.where(z > 0, z, -c * z),
            "Your negative side rises to the left. c z is negative where z is.",
        ),
        wrong(
            "sides exchanged",
            lambda z, c: np.where(z > 0, c * z, z),
            "The sides are exchanged: the positive one is multiplied by c.",
        ),
        wrong(
            "everywhere",
            lambda z, c: c * z,
            "You multiply all scores by c. The positive ones come through whole.",
        ),
        slope(
            "one at zero",
            lambda z, c: np.where(z >= 0, 1.0, c),
            "Where z is exactly 0 your slope is 1. This book takes that of the left side, c.",
        ),
        slope(
            "zero at zero",
            lambda z, c: (z > 0) + c * (z < 0),
            "Where z is exactly 0 neither of your masks is on, and the slope is 0. This book "
            "takes that of the left side, c.",
        ),
        slope(
            "of ReLU",
            lambda z, c: (z > 0) * 1.0,
            "Your slope is that of ReLU. On the left it is c, and that is what leaky ReLU is for.",
        ),
        slope(
            "times the score",
            lambda z, c: np.where(z > 0, 1.0, c * z),
            "On the left you return the response c z. Its slope is c.",
        ),
        slope(
            "negative",
            lambda z, c: np.where(z > 0, 1.0, -c),
            "Your slope on the left is -c. The line c z rises, as the other side does.",
        ),
        slope(
            "slope of a hundredth",
            lambda z, c: np.where(z > 0, 1.0, 0.01),
            "Your slope on the left is 0.01, whatever c is.",
        ),
    ],
    because=because,
)
