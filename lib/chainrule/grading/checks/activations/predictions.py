"""Predict responses, slopes and probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.functional import elu, gelu, leaky_relu, relu, sigmoid, softmax, tanh
from chainrule.grading.exercises import Experiment, predictions


def _response(f: Any, z: float) -> float:
    return float(f(np.array([z]))[0][0])


def _slope(f: Any, z: float) -> float:
    return float(f(np.array([z]))[1](np.ones(1))[0][0])


def _first(*z: float) -> float:
    return float(softmax(np.array(z))[0][0])


_QUESTIONS: dict[str, Experiment] = {
    "sigmoid at 0: slope": (
        lambda: _slope(sigmoid, 0.0),
        ("The slope is a (1 - a). What is a at 0?",),
        {
            0.5: "1/2 is the response at 0. The slope there is a (1 - a).",
            1: "1 is the slope of tanh at 0. The sigmoid rises half as far over twice the width.",
            0: "0 is the slope far out. In the middle the sigmoid is steepest.",
        },
    ),
    "sigmoid of 4z at 0: slope": (
        lambda: 4 * _slope(sigmoid, 0.0),
        ("Raise z by h: by how much is 4z raised, and the sigmoid with it?",),
        {
            0.25: "1/4 is the slope in the score 4z. The score rises four times as fast as z.",
            4: "4 is the inner factor. The slope of the sigmoid is the other.",
            0.5: "1/2 is the response at 0.",
            2: "That is 4 times the response. The chain rule wants 4 times the slope.",
        },
    ),
    "tanh at 0: slope": (
        lambda: _slope(tanh, 0.0),
        ("The slope is 1 - a**2. What is a at 0?",),
        {
            0: "0 is the response at 0. The slope there is 1 - a**2.",
            0.25: "1/4 is that of the sigmoid. tanh is four times as steep.",
            0.5: "tanh(z) = 2 sigmoid(2z) - 1: the sigmoid's slope of 1/4 comes with 2 times 2.",
        },
    ),
    "relu at 0: slope": (
        lambda: _slope(relu, 0.0),
        ("There is a corner, and the book has a convention.",),
        {
            1: "1 is the slope on the right. At the corner the book, like PyTorch, takes 0.",
            0.5: "1/2 is SymPy's convention. The book, like PyTorch, takes 0.",
        },
    ),
    "leaky relu at -5": (
        lambda: _response(leaky_relu, -5.0),
        ("The negative side is a hundredth of the score.",),
        {
            0: "0 is ReLU. The leak lets a hundredth through.",
            0.05: "The sign: a hundredth of a negative score is negative.",
            -0.01: "-0.01 would be the response at -1.",
            0.01: "0.01 is the slope there. The response is asked for.",
            -5: "-5 is the score. A hundredth of it comes through.",
            -0.5: "A hundredth, not a tenth.",
        },
    ),
    "elu at -100": (
        lambda: _response(elu, -100.0),
        ("The negative side is exp(z) - 1. What is exp(-100)?",),
        {
            0: "0 is ReLU, or the slope of ELU there. exp(z) - 1 goes to -1.",
            -100: "-100 is the score. ELU is not a line on the left.",
            1: "The sign: exp(z) is nearly 0, and 1 is subtracted.",
        },
    ),
    "gelu at 0: slope": (
        lambda: _slope(gelu, 0.0),
        (
            "The slope is Phi(z) + z phi(z). What is the probability that a standard normal number "
            "is negative?",
        ),
        {
            0: "0 is the response at 0. The slope there is Phi(0).",
            1: "1 is the slope far on the right. At 0 the gate is half open.",
            0.4: "0.4 is the density at 0. In the slope it is multiplied by z, which is 0.",
            0.9: "The density is multiplied by z, which is 0.",
        },
    ),
    "gelu at -100": (
        lambda: _response(gelu, -100.0),
        ("The gate is the probability that a standard normal number lies below -100.",),
        {
            -100: "-100 is the score. The gate Phi(-100) is shut.",
            -1: "-1 is where ELU ends. The gate of GELU shuts faster than z grows.",
            -0.17: "-0.17 is the lowest point of GELU, near -0.75. Further left it returns to 0.",
        },
    ),
    "softmax of 1000 and 1000": (
        lambda: _first(1000.0, 1000.0),
        ("Subtract the same number from both scores. Which one would you take?",),
        {
            1: "Both scores are equal, so both probabilities are, and they add up to 1.",
            1000: "Softmax gives probabilities.",
            math.inf: "The library subtracts the largest score first, so nothing overflows.",
            math.nan: "inf / inf would be nan. The library subtracts the largest score first, so "
            "nothing overflows.",
            0: "Both scores are equal, so both probabilities are, and they add up to 1.",
        },
    ),
    "softmax of log 3 and 0": (
        lambda: _first(math.log(3), 0.0),
        ("exp(log 3) is 3, and exp(0) is 1. They are divided by their sum.",),
        {
            3: "3 is the exponential. It is divided by the sum, 3 + 1.",
            1: "exp(0) is 1, not 0, so the second score gets a share.",
            0.33: "The first score has the larger exponential, 3, and the sum is 4.",
            0.25: "0.25 is the other entry. The first is asked for.",
            1.1: "That is log 3, the score.",
        },
    ),
}

PREDICTIONS = predictions("activations.predictions", _QUESTIONS)
