"""SwiGLU, forward and backward."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.checks.activations.shared import sigma
from chainrule.grading.exercises import (
    Array,
    Function,
    complex_step,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import exchanged, instead
from chainrule.grading.search import Arrays, Case


def _swiglu(u: Array, v: Array, dy: Array) -> Mapping[str, Array]:
    def weighted(u: Array, v: Array) -> Array:
        return np.asarray((dy * u * sigma(u) * v).sum((-2, -1)))

    return {
        "y": u * sigma(u) * v,
        "du": complex_step(lambda nudges: weighted(u + nudges, v), u.shape),
        "dv": complex_step(lambda nudges: weighted(u, v + nudges), v.shape),
    }


def _size(u: Array, v: Array, dy: Array) -> Mapping[str, Array]:
    u, v, dy = abs(u), abs(v), abs(dy)
    return {"y": (1 + u) * v, "du": dy * v * (2 + u), "dv": dy * (1 + u)}


def _silu_slope(u: Array) -> Array:
    s = sigma(u)
    return s + u * s * (1 - s)


def _large(u: list[float]) -> Case:
    ones = np.ones((1, len(u)))
    return {"u": np.array([u]), "v": 2 * ones, "dy": 3 * ones}


def _because(result: str, index: tuple[int, ...], value: float) -> str:
    if result == "y":
        return ""
    place = f"{result[1:]}[{index[0]}, {index[1]}]"
    if not value:
        return f"raising {place} by a tiny h does not change (dy * y).sum()"
    change = "raises" if value > 0 else "lowers"
    return f"raising {place} by a tiny h {change} (dy * y).sum() by {abs(value):.4g} h"


SWIGLU = Function(
    "activations.swiglu",
    Arrays({"u": "B n", "v": "B n", "dy": "B n"}),
    returns={"y": "B n", "du": "B n", "dv": "B n"},
    truth=_swiglu,
    magnitude=_size,
    checks=[
        shapes(
            "All three results have the shape of u: everything happens entry by entry.",
            "The products are *, not @, and nothing is added up.",
        ),
        values(
            "y",
            "What opens the gate, and what goes through it?",
            "silu(u) = u sigma(u), and y = silu(u) v.",
        ),
        values(
            "du",
            "How fast does y change if u rises? v is a constant factor there.",
            "The slope of silu at u, times v, times the gradient dy that arrives.",
            "silu(u) = u sigma(u) is a product: its slope is s + u s (1 - s), with s = sigma(u).",
        ),
        values(
            "dv",
            "How fast does y change if v rises? u is fixed there.",
            "In v, y is a straight line with slope silu(u).",
        ),
        no_overflow(
            "large scores",
            [_large([1000.0]), _large([-1000.0]), _large([1000.0, -1000.0, 0.0])],
            "Which exponential is too large here? Your sigmoid was written for this.",
            "Call your sigmoid: it returns s, and its slope s (1 - s) as well.",
            mistakes=[
                instead(
                    "naive",
                    "y",
                    lambda u, v, dy: u * np.exp(u) / (1 + np.exp(u)) * v,
                    "exp(u) / (1 + exp(u)) is inf / inf for a large u. Call your sigmoid.",
                ),
            ],
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged(
            {"du": "dv", "dv": "du"},
            "You return dv where du belongs and du where dv belongs. The order is y, du, dv.",
        ),
        instead(
            "GLU",
            "y",
            lambda u, v, dy: sigma(u) * v,
            "sigma(u) v is the plain GLU. In SwiGLU the gate is silu(u) = u sigma(u).",
        ),
        instead(
            "gate exchanged",
            "y",
            lambda u, v, dy: u * v * sigma(v),
            "You open the gate with v. u is the gate, and v goes through it.",
        ),
        instead(
            "SiLU", "y", lambda u, v, dy: u * sigma(u), "Your y is silu(u) alone. It multiplies v."
        ),
        instead(
            "product", "y", lambda u, v, dy: u * v, "Your y is u v: the sigmoid of u is missing."
        ),
        instead(
            "added", "y", lambda u, v, dy: u * sigma(u) + v, "You add v. The gate multiplies it."
        ),
        instead(
            "du without v",
            "du",
            lambda u, v, dy: dy * _silu_slope(u),
            "Your du lacks the factor v: the more goes through the gate, the more it matters.",
        ),
        instead(
            "du without dy",
            "du",
            lambda u, v, dy: v * _silu_slope(u),
            "Your du does not depend on dy: it is right only if every entry of dy is 1.",
        ),
        instead(
            "du through the sigmoid",
            "du",
            lambda u, v, dy: dy * v * sigma(u) * (1 - sigma(u)),
            "Your du has the slope of the sigmoid, s (1 - s). The gate is u sigma(u), a product.",
        ),
        instead(
            "gate taken as constant",
            "du",
            lambda u, v, dy: dy * v * sigma(u),
            "You take sigma(u) for a constant. It moves with u: the product rule has a second "
            "term, u s (1 - s).",
        ),
        instead(
            "moving gate alone",
            "du",
            lambda u, v, dy: dy * v * u * sigma(u) * (1 - sigma(u)),
            "Your du has only the second term of the product rule, u s (1 - s). The first is s.",
        ),
        instead(
            "no u in the second term",
            "du",
            lambda u, v, dy: dy * v * sigma(u) * (2 - sigma(u)),
            "Your second term is s (1 - s). By the product rule it has the factor u.",
        ),
        instead(
            "silu for the slope",
            "du",
            lambda u, v, dy: dy * v * u * sigma(u),
            "You multiply by silu(u) itself. Its slope belongs there.",
        ),
        instead(
            "u (1 - u)",
            "du",
            lambda u, v, dy: dy * v * (sigma(u) + u * (1 - u)),
            "You take u (1 - u) for the slope of the sigmoid. It is s (1 - s).",
        ),
        instead(
            "dv without dy",
            "dv",
            lambda u, v, dy: u * sigma(u),
            "Your dv does not depend on dy: it is right only if every entry of dy is 1.",
        ),
        instead(
            "dv through the sigmoid",
            "dv",
            lambda u, v, dy: dy * sigma(u),
            "Your dv has the factor sigma(u). What multiplies v is silu(u) = u sigma(u).",
        ),
        instead(
            "dv of a product",
            "dv",
            lambda u, v, dy: dy * u,
            "Your dv has the factor u. What multiplies v is silu(u) = u sigma(u).",
        ),
        instead(
            "dv with v",
            "dv",
            lambda u, v, dy: dy * u * sigma(u) * v,
            "Your dv still has v in it. In v, y is a straight line, and its slope has no v.",
        ),
        instead("dv is dy", "dv", lambda u, v, dy: dy, "Your dv is dy: the gate is missing."),
    ],
    because=_because,
)
