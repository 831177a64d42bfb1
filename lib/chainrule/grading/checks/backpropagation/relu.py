"""Through the kink: the pullback of ReLU."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.checks.backpropagation.network import (
    rectified,
)
from chainrule.grading.exercises import (
    Array,
    Function,
    complex_step,
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import (
    instead,
)
from chainrule.grading.search import Arrays, Case, Fill, ones


class _WithKinks(Arrays):
    """Scores of which some are exactly 0."""

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        case = super().filled(sizes, fill)
        if fill is not ones:
            case["Z"].flat[1::3] = 0.0
        return case


def _relu_pullback(dA: Array, Z: Array) -> Mapping[str, Array]:
    def loss(nudges: Array) -> Array:
        return np.asarray((dA * rectified(Z + nudges)).sum((1, 2)))

    return {"dZ": complex_step(loss, Z.shape)}


_SCORES = _WithKinks({"dA": "B d", "Z": "B d"})

RELU_PULLBACK = Function(
    "backpropagation.relu_pullback",
    _SCORES,
    returns={"dZ": "B d"},
    truth=_relu_pullback,
    checks=[
        shapes(
            "dZ has the shape of Z: ReLU acts on each number alone.",
            "dA and the mask have the same shape, (B, d). Which product keeps it?",
        ),
        values(
            "dZ",
            "Nudge one entry of Z that is negative. Does max(Z, 0) notice? And one that is "
            "positive? And one that is 0?",
            "The slope is 1 where Z > 0 and 0 elsewhere. Each entry of dA is multiplied by the "
            "slope at its own place.",
            "Z > 0 is an array of True and False, and in a product they count as 1 and 0.",
        ),
        keeps_float32(),
        empty_batch(
            _SCORES, "B", "A batch without examples is a batch. Which line needs a first row?"
        ),
        strided(),
        leaves_inputs_alone(
            "dA[Z <= 0] = 0 writes into the array of whoever called you, and they may still need "
            "it. Which expression makes a new array instead?"
        ),
    ],
    mistakes=[
        instead(
            "no mask",
            "dZ",
            lambda dA, Z: dA,
            "You return dA itself. Where a unit is off, its score bears no blame.",
        ),
        instead(
            "open at zero",
            "dZ",
            lambda dA, Z: dA * (Z >= 0),
            "You let the gradient through where Z is exactly 0. There any slope from 0 to 1 would "
            "do, and this book takes 0. Mind that with A in place of Z, A >= 0 masks nothing.",
        ),
        instead(
            "half at zero",
            "dZ",
            lambda dA, Z: dA * np.heaviside(Z, 0.5),
            "Where Z is exactly 0 you take the slope 1/2, as SymPy does. This book takes 0.",
        ),
        instead(
            "mask from the gradient",
            "dZ",
            lambda dA, Z: dA * (dA > 0),
            "You ask dA about its own sign. The mask must ask the unit whether it was on: that "
            "is a question about Z.",
        ),
        instead(
            "mask turned around",
            "dZ",
            lambda dA, Z: dA * (Z < 0),
            "Your mask is turned around: it lets through where Z is negative.",
        ),
        instead(
            "mask alone",
            "dZ",
            lambda dA, Z: (Z > 0) * 1.0,
            "You return the slope of ReLU. By the chain rule it is multiplied by dA.",
        ),
        instead(
            "both signs asked",
            "dZ",
            lambda dA, Z: dA * (dA > 0) * (Z > 0),
            "You let dA through only where dA is positive too. A gradient may be negative; the "
            "mask asks about Z alone.",
        ),
        instead(
            "entries picked out",
            "dZ",
            lambda dA, Z: dA[Z > 0],
            "dA[Z > 0] picks out the entries of the units that were on and drops the others. "
            "They stay in their places, as zeros.",
        ),
        instead(
            "forward",
            "dZ",
            lambda dA, Z: np.maximum(Z, 0),
            "You return max(Z, 0): that is the way forward. The way back needs its slope and dA.",
        ),
        instead(
            "times the response",
            "dZ",
            lambda dA, Z: dA * np.maximum(Z, 0),
            "You multiply dA by the response max(Z, 0). It must be multiplied by the slope, "
            "which is 1 wherever the unit is on.",
        ),
        instead(
            "times the score",
            "dZ",
            lambda dA, Z: dA * Z,
            "You multiply dA by the score Z. It must be multiplied by the slope, which is 1 or 0.",
        ),
        instead(
            "sign",
            "dZ",
            lambda dA, Z: dA * np.sign(Z),
            "Where Z is negative you return -dA: -1 is the slope of abs(Z). ReLU is flat there.",
        ),
        instead(
            "leaky",
            "dZ",
            lambda dA, Z: np.where(Z > 0, dA, 0.01 * dA),
            "Where Z is not positive you let a hundredth through. That is leaky ReLU.",
        ),
        instead(
            "scores of units that are off",
            "dZ",
            lambda dA, Z: np.where(Z > 0, dA, Z),
            "Where a unit is off you put its score Z. Nothing passes there: 0.",
        ),
        instead(
            "matrix product",
            "dZ",
            lambda dA, Z: dA @ (Z > 0),
            "You multiply with @, which adds up over units. ReLU acts on each number alone.",
        ),
        instead(
            "summed over the batch",
            "dZ",
            lambda dA, Z: (dA * (Z > 0)).sum(0),
            "You add up over the batch. That is right for a bias, which the examples share; "
            "each example has its own scores.",
        ),
    ],
)
