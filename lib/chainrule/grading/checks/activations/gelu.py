"""GELU and its slope."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from chainrule.functional import gelu
from chainrule.grading.checks.activations.shared import (
    EXCHANGED,
    alike,
    because,
    response,
    sigma,
    slope,
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
from chainrule.grading.search import Arrays


def _erf(z: Array) -> Array:
    return np.asarray(np.vectorize(math.erf, otypes=[float])(z))


def _cdf(z: Array) -> Array:
    return (1 + _erf(z / math.sqrt(2))) / 2


def _density(z: Array) -> Array:
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _gelu(z: Array) -> Mapping[str, Array]:
    """By the formula that SymPy derives in the chapter: erf knows no complex numbers."""
    return {"a": z * _cdf(z), "slope": _cdf(z) + z * _density(z)}


GELU = Function(
    "activations.gelu",
    Arrays({"z": "B n"}),
    returns={"a": "like z", "slope": "like z"},
    truth=_gelu,
    magnitude=lambda z: {"a": 1 + abs(z), "slope": 1 + abs(z)},
    checks=[
        alike(),
        response(
            "What is the probability that a standard normal number lies below the score that "
            "differs? GELU is the score times that.",
            "Phi(z) is half of 1 + erf(z / sqrt(2)). Which part of it does yours do differently?",
        ),
        values(
            "slope",
            "GELU is a product, z times Phi(z). What does the product rule give?",
            "The derivative of Phi is the normal density, exp(-z**2 / 2) / sqrt(2 pi).",
            "Phi(z) + z phi(z).",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        slope(
            "precedence",
            lambda z: _cdf(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2) * math.pi,
            "You multiply by pi. Python reads a / b * c as (a / b) * c: the product below the "
            "line needs parentheses.",
        ),
        slope(
            "Phi times z phi",
            lambda z: _cdf(z) * z * _density(z),
            "You multiply the two terms of the product rule. They are added.",
        ),
        slope(
            "half outside of the exponent",
            lambda z: _cdf(z) + z * np.exp(-(z**2)) / 2 / math.sqrt(2 * math.pi),
            "You halve exp(-z**2). It is the exponent that is halved: exp(-z**2 / 2).",
        ),
        EXCHANGED,
        wrong(
            "tanh form",
            lambda z: gelu(z, approximate="tanh")[0],
            "That is the tanh form of GELU. It is within 0.0005, but the exact one is asked for.",
        ),
        wrong(
            "sigmoid form",
            lambda z: z * sigma(1.702 * z),
            "z sigma(1.702 z) is a rough approximation of GELU. The exact one is asked for.",
        ),
        wrong("SiLU", lambda z: z * sigma(z), "z sigma(z) is SiLU. The gate of GELU is Phi."),
        wrong(
            "no root of 2",
            lambda z: z * (1 + _erf(z)) / 2,
            "You take erf(z). The argument of erf is z / sqrt(2).",
        ),
        wrong(
            "no one",
            lambda z: z * _erf(z / math.sqrt(2)) / 2,
            "You forget the 1 that is added to erf: Phi goes from 0 to 1, half of erf from -1/2.",
        ),
        wrong("gate alone", _cdf, "You return the gate, Phi(z). It multiplies z."),
        wrong(
            "density for gate",
            lambda z: z * _density(z),
            "You multiply z by the density. The gate is the probability below z, Phi.",
        ),
        wrong("ReLU", lambda z: np.maximum(z, 0), "That is ReLU, whose gate is a switch."),
        slope(
            "gate alone in the slope",
            _cdf,
            "Your slope is Phi. That would be all if the gate did not move with z: the product "
            "rule has a second term.",
        ),
        slope(
            "moving gate alone",
            lambda z: z * _density(z),
            "Your slope is z phi. The product rule has a first term as well, Phi.",
        ),
        slope(
            "no z",
            lambda z: _cdf(z) + _density(z),
            "Your second term is phi. By the product rule it is z phi.",
        ),
        slope(
            "density not normalized",
            lambda z: _cdf(z) + z * np.exp(-z * z / 2),
            "Your density lacks its factor 1 / sqrt(2 pi).",
        ),
        slope(
            "density without the half",
            lambda z: _cdf(z) + z * np.exp(-z * z) / math.sqrt(2 * math.pi),
            "The exponent of the density is -z**2 / 2: its half is missing.",
        ),
        slope(
            "density of erf",
            lambda z: _cdf(z) + z * np.exp(-z * z / 2) / math.sqrt(math.pi),
            "Your density is divided by sqrt(pi). Inside of erf stands z / sqrt(2), and the chain "
            "rule divides by sqrt(2) once more.",
        ),
        slope(
            "of the sigmoid",
            lambda z: _cdf(z) + z * _cdf(z) * (1 - _cdf(z)),
            "Phi (1 - Phi) is like the slope of the sigmoid. The slope of Phi is the density.",
        ),
        slope(
            "of the tanh form",
            lambda z: gelu(z, approximate="tanh")[1](np.ones_like(z))[0],
            "That is the slope of the tanh form. The exact one is asked for.",
        ),
    ],
    because=because,
)
