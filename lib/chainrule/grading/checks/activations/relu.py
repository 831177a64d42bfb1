"""ReLU and its slope."""

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
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    strided,
    values,
)
from chainrule.grading.search import Adjusted


def _relu(z: Array) -> Mapping[str, Array]:
    return value_and_slope(lambda z: np.where(z.real > 0, z, 0), z)


_SCORES = Adjusted({"z": "B n"}, {"z": kinked})

RELU = Function(
    "activations.relu",
    _SCORES,
    returns={"a": "like z", "slope": "like z"},
    truth=_relu,
    magnitude=lambda z: {"a": abs(z), "slope": 1 + 0 * z},
    checks=[
        alike(),
        response(
            "What becomes of a negative score, and what of a positive one?",
            "a is z where z is positive and 0 elsewhere.",
        ),
        values(
            "slope",
            "Raise the entry that differs by a little. Does max(z, 0) notice?",
            "The slope is 1 where z > 0 and 0 elsewhere, at the corner too.",
            "z > 0 is an array of True and False; it has to become numbers, in the dtype of z.",
        ),
        keeps_float32(),
        empty_batch(
            _SCORES, "B", "A batch without examples is a batch. Which line needs a first row?"
        ),
        strided(),
        leaves_inputs_alone(
            "z[z < 0] = 0 writes into the scores of whoever called you. What makes a new array?"
        ),
    ],
    mistakes=[
        EXCHANGED,
        wrong("identity", lambda z: z, "Your a is z itself. Negative scores become 0."),
        wrong("absolute", lambda z: abs(z), "You turn negative scores around. They become 0."),
        wrong(
            "minimum",
            lambda z: np.minimum(z, 0),
            "You keep the negative scores and cut off the positive ones.",
        ),
        wrong(
            "switch", lambda z: (z > 0) * 1.0, "Your a is 1 where a unit is on: that is the slope."
        ),
        wrong(
            "leaky",
            lambda z: np.where(z > 0, z, 0.01 * z),
            "You let a hundredth of the negative scores through. That is leaky ReLU.",
        ),
        wrong(
            "softplus",
            lambda z: np.log1p(np.exp(z)),
            "Your a is softplus, the ReLU with its corner rounded off.",
        ),
        wrong(
            "capped", lambda z: np.clip(z, 0, 1), "You cut off at 1 as well. ReLU has no upper end."
        ),
        slope(
            "open at zero",
            lambda z: (z >= 0) * 1.0,
            "Where z is exactly 0 your slope is 1. There any number from 0 to 1 would do; this "
            "book takes 0, as PyTorch does.",
        ),
        slope(
            "half at zero",
            lambda z: np.heaviside(z, 0.5),
            "Where z is exactly 0 your slope is 1/2, as SymPy has it. This book takes 0.",
        ),
        slope(
            "sign",
            lambda z: np.sign(z),
            "Where z is negative your slope is -1, that of abs(z). ReLU is flat there.",
        ),
        slope("turned around", lambda z: (z < 0) * 1.0, "Your slope is 1 where the unit is off."),
        slope(
            "one", lambda z: 0 * z + 1, "Your slope is 1 everywhere. Where a unit is off it is 0."
        ),
        slope(
            "response", lambda z: np.maximum(z, 0), "You return a once more. Its slope is 1 or 0."
        ),
        slope("score", lambda z: z, "You return z. The slope is 1 or 0."),
    ],
    because=because,
)
