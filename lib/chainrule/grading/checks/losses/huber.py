"""Huber's loss and its gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
from chainrule.grading.misconceptions import divided, exchanged, instead, multiplied
from chainrule.grading.search import Arrays, Case, Fill, ones


class _WithThreshold(Arrays):
    """Predictions, targets and a threshold with errors on both sides of it."""

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        case = super().filled(sizes, fill)
        error = abs(case["y"] - case["t"])
        between = round(float(error.min() + error.max()) / 2, 1)
        return case | {"delta": between if fill is not ones and error.size > 1 else 1.0}

    def simpler(self, case: Case) -> Iterator[Case]:
        return (simple for simple in super().simpler(case) if simple["delta"] > 0)


def _pieces(e: Array, delta: float) -> Array:
    """The loss of each error; complex nudges included."""
    size = np.where(e.real < 0, -e, e)
    return np.where(size.real <= delta, e * e / 2, delta * (size - delta / 2))


def _huber(y: Array, t: Array, delta: float) -> Mapping[str, Array]:
    def loss(nudges: Array | float) -> Array:
        return np.asarray(_pieces(y + nudges - t, delta).mean(-1))

    return {"L": loss(0.0), "dy": complex_step(loss, y.shape)}


def _huber_size(y: Array, t: Array, delta: float) -> Mapping[str, Array]:
    size = abs(y) + abs(t) + delta
    return {"L": np.asarray((size * size).mean()), "dy": size / y.size}


def _clipped(e: Array, delta: float) -> Array:
    return np.clip(e, -delta, delta)


HUBER = Function(
    "losses.huber",
    _WithThreshold({"y": "N", "t": "N", "delta": ""}),
    returns={"L": "", "dy": "N"},
    truth=_huber,
    magnitude=_huber_size,
    checks=[
        shapes(
            "L is one number, the mean over the batch; dy has an entry for each prediction.",
            "An if asks about one number. Which function of NumPy chooses entry by entry?",
        ),
        values(
            "L",
            "Is the error above small or large, and which of the two pieces is it on? Compute "
            "that piece by hand.",
            "The question is whether abs(e) exceeds delta: errors can be negative.",
            "Where abs(e) <= delta it is e**2 / 2, elsewhere delta * (abs(e) - delta / 2).",
        ),
        values(
            "dy",
            "What is the slope of each piece? At abs(e) = delta the two must meet.",
            "The slope of e**2 / 2 is e; that of delta * abs(e) is delta, with the sign of e.",
            "The error, clipped to the interval from -delta to delta, divided by N.",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(
            "e[e > delta] = delta is fine if e is an array of your own, such as y - t. y and t "
            "belong to whoever called you."
        ),
    ],
    mistakes=[
        instead(
            "constant without delta",
            "L",
            lambda y, t, delta: np.where(
                abs(y - t) <= delta, (y - t) ** 2 / 2, delta * abs(y - t) - delta / 2
            ).mean(),
            "You subtract delta / 2 after the multiplication. It stands in the parentheses: "
            "delta * (abs(e) - delta / 2).",
        ),
        exchanged({"L": "dy", "dy": "L"}, "The two results are exchanged: L comes first."),
        multiplied("L", "N", "the number of examples", "a mean is needed, not a sum"),
        instead(
            "no constant",
            "L",
            lambda y, t, delta: np.where(
                abs(y - t) <= delta, (y - t) ** 2 / 2, delta * abs(y - t)
            ).mean(),
            "Your line starts too high: at abs(e) = delta it is delta squared, and the parabola "
            "half of that. The constant -delta**2 / 2 makes them meet.",
        ),
        instead(
            "whole square",
            "L",
            lambda y, t, delta: np.where(
                abs(y - t) <= delta, (y - t) ** 2, delta * (abs(y - t) - delta / 2)
            ).mean(),
            "Your parabola is e**2. Huber's is half of it, so that its slope meets the line's.",
        ),
        instead(
            "no delta before the line",
            "L",
            lambda y, t, delta: np.where(
                abs(y - t) <= delta, (y - t) ** 2 / 2, abs(y - t) - delta / 2
            ).mean(),
            "Your line has slope 1. It goes on with the slope that the parabola has at delta, "
            "which is delta.",
        ),
        instead(
            "delta of 1",
            "L",
            lambda y, t, delta: _pieces(y - t, 1.0).mean(),
            "You compute with delta = 1, whatever delta is.",
        ),
        instead(
            "signed question",
            "L",
            lambda y, t, delta: np.where(
                y - t <= delta, (y - t) ** 2 / 2, delta * (abs(y - t) - delta / 2)
            ).mean(),
            "You ask whether e is above delta. Large negative errors are large too: ask about "
            "abs(e).",
        ),
        instead(
            "signed line",
            "L",
            lambda y, t, delta: np.where(
                abs(y - t) <= delta, (y - t) ** 2 / 2, delta * (y - t - delta / 2)
            ).mean(),
            "Your line has e where abs(e) belongs: a large negative error would earn something.",
        ),
        instead(
            "pieces exchanged",
            "L",
            lambda y, t, delta: np.where(
                abs(y - t) > delta, (y - t) ** 2 / 2, delta * (abs(y - t) - delta / 2)
            ).mean(),
            "The pieces are exchanged: small errors are squared, large ones on the line.",
        ),
        instead(
            "squared",
            "L",
            lambda y, t, delta: ((y - t) ** 2).mean() / 2,
            "You square every error. Beyond delta the loss goes on along a line.",
        ),
        instead(
            "absolute",
            "L",
            lambda y, t, delta: abs(y - t).mean(),
            "Your L is the mean absolute error. Near zero Huber's loss is a parabola.",
        ),
        instead(
            "square of the clipped",
            "L",
            lambda y, t, delta: (_clipped(y - t, delta) ** 2).mean() / 2,
            "You clip the error and then square it, so the loss is constant beyond delta. It is "
            "the slope that is clipped.",
        ),
        multiplied("dy", "N", "the number of examples", "L is a mean, and so are its slopes"),
        divided("dy", "N", "the number of examples", "the mean is taken twice"),
        instead(
            "not clipped",
            "dy",
            lambda y, t, delta: (y - t) / y.size,
            "Your dy is the error itself, however large. Beyond delta the loss is a line, and its "
            "slope stays at delta.",
        ),
        instead(
            "sign alone",
            "dy",
            lambda y, t, delta: np.where(abs(y - t) <= delta, y - t, np.sign(y - t)) / y.size,
            "Beyond delta your slope is 1 or -1. It is delta or -delta: where the parabola ends, "
            "its slope is delta.",
        ),
        instead(
            "no sign",
            "dy",
            lambda y, t, delta: np.where(abs(y - t) <= delta, y - t, delta) / y.size,
            "Beyond delta your slope is always positive. A prediction that is far too low must be "
            "raised.",
        ),
        instead(
            "zero beyond",
            "dy",
            lambda y, t, delta: np.where(abs(y - t) <= delta, y - t, 0) / y.size,
            "Beyond delta your slope is 0: outliers would not count at all. They count, no more "
            "than delta each.",
        ),
        instead(
            "clipped above only",
            "dy",
            lambda y, t, delta: np.minimum(y - t, delta) / y.size,
            "You clip the large errors above zero and not those below.",
        ),
        instead(
            "absolute slope",
            "dy",
            lambda y, t, delta: np.sign(y - t) / y.size,
            "Your dy is the slope of the absolute error. Near zero Huber's slope is the error.",
        ),
        instead(
            "clipped to 1",
            "dy",
            lambda y, t, delta: _clipped(y - t, 1.0) / y.size,
            "You clip at 1, whatever delta is.",
        ),
    ],
    because=nudged,
)
