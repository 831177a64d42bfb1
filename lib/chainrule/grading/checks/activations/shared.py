"""Scores of which some are exactly 0, slopes, and how a learner can see that a slope is so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from chainrule.grading.exercises import Array, Check, shapes, values
from chainrule.grading.exercises.functions import TINY
from chainrule.grading.misconceptions import Misconception, exchanged, instead
from chainrule.grading.search import Case

EXCHANGED = exchanged(
    {"a": "slope", "slope": "a"}, "The two results are exchanged: the responses a come first."
)


def kinked(z: Array) -> Array:
    """``z`` with zeros in it, unless it is all ones."""
    if not (z == 1).all():
        z.flat[1::3] = 0.0
    return z


def value_and_slope(f: Callable[[Array], Array], z: Array) -> Mapping[str, Array]:
    """``f`` and its slope at each entry of ``z``, by the complex step."""
    return {"a": f(z), "slope": f(z + 1j * TINY).imag / TINY}


def sigma(z: Array) -> Array:
    """The sigmoid for any z, complex nudges included."""
    e = np.exp(np.where(z.real < 0, z, -z))
    return np.where(z.real < 0, e, 1) / (1 + e)


def because(result: str, index: tuple[int, ...], value: float) -> str:
    """What a slope says: the effect of a nudge to the left, whose slope counts at a corner."""
    if result != "slope":
        return ""
    i, j = index
    if not value:
        return f"lowering z[{i}, {j}] by a tiny h does not change a[{i}, {j}]"
    change = "lowers" if value > 0 else "raises"
    return f"lowering z[{i}, {j}] by a tiny h {change} a[{i}, {j}] by {abs(value):.4g} h"


def alike() -> Check:
    """The check of shapes that all activation functions share."""
    return shapes(
        "Both results have the shape of z: an activation function takes each number alone.",
        "A plain if asks about one number. np.where, np.maximum or a product with z > 0 work "
        "entry by entry.",
    )


def response(*hints: str) -> Check:
    """The check of the responses."""
    return values("a", *hints)


def slope(name: str, formula: Callable[..., Array], says: str) -> Misconception:
    """A wrong slope."""
    return instead(name, "slope", formula, says)


def wrong(name: str, formula: Callable[..., Array], says: str) -> Misconception:
    """A wrong response."""
    return instead(name, "a", formula, says)


def at(*z: float, **options: float) -> Case:
    """One example with these scores."""
    return {"z": np.array([z]), **options}
