"""One neuron: a weighted sum and a bias."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import instead
from chainrule.grading.search import Arrays


def _neuron(x: Array, w: Array, b: float) -> Mapping[str, Array]:
    return {"z": np.asarray(np.sum(w * x) + b)}


NEURON = Function(
    "affine-layers.neuron",
    Arrays({"x": "d_in", "w": "d_in", "b": ""}),
    returns={"z": ""},
    truth=_neuron,
    checks=[
        shapes(
            "A neuron answers with a single number. How many numbers does your last line make?",
            "w * x multiplies entry by entry and leaves d_in products. What joins them into one?",
        ),
        values(
            "z",
            "Take the input above. Multiply each entry of x by its weight, add up, add the bias. "
            "Which of these steps does your function do differently?",
            "The bias is added once, whatever the number of inputs.",
            "The sum of products of two arrays with one axis has its own sign in Python: @.",
        ),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "bias twice",
            "z",
            lambda x, w, b: w @ x + 2 * b,
            "You add the bias twice. Where does your sum begin, and what is added at its end?",
        ),
        instead(
            "largest product",
            "z",
            lambda x, w, b: np.max(w * x) + b,
            "Your z has the largest product alone. All of them are added up.",
        ),
        instead(
            "two axes too many",
            "z",
            lambda x, w, b: np.array([[w @ x + b]]),
            "The number is right, but it is packed in an array of shape (1, 1).",
        ),
        instead(
            "no bias",
            "z",
            lambda x, w, b: w @ x,
            "Your z is the weighted sum alone: the bias b is not in it.",
        ),
        instead(
            "products not summed",
            "z",
            lambda x, w, b: w * x + b,
            "You multiply entry by entry; the products still have to be added up.",
        ),
        instead(
            "bias once per input",
            "z",
            lambda x, w, b: np.sum(w * x + b),
            "You add the bias to each of the {d_in} products, so it is counted {d_in} times.",
        ),
        instead(
            "bias subtracted",
            "z",
            lambda x, w, b: w @ x - b,
            "You subtract the bias. A threshold would be subtracted; a bias is added.",
        ),
        instead(
            "bias multiplied",
            "z",
            lambda x, w, b: (w @ x) * b,
            "You multiply by the bias. It shifts the weighted sum, it does not scale it.",
        ),
        instead(
            "mean of products",
            "z",
            lambda x, w, b: np.mean(w * x) + b,
            "You take the mean of the products where their sum is needed.",
        ),
        instead(
            "sums multiplied",
            "z",
            lambda x, w, b: np.sum(w) * np.sum(x) + b,
            "You add up x and w first and multiply afterwards. Each input has its own weight, so "
            "multiply first.",
        ),
        instead(
            "bias added to the inputs",
            "z",
            lambda x, w, b: w @ (x + b),
            "You add the bias to each input, so each weight multiplies it too. It is added once, "
            "to the weighted sum.",
        ),
        instead(
            "through a sigmoid",
            "z",
            lambda x, w, b: 1 / (1 + np.exp(-(w @ x + b))),
            "You pass the score on through a sigmoid, which gives the response a. Here the score "
            "z itself is asked for.",
        ),
        instead(
            "through a tanh",
            "z",
            lambda x, w, b: np.tanh(w @ x + b),
            "You pass the score on through a tanh, which gives the response a. Here the score z "
            "itself is asked for.",
        ),
        instead(
            "first product skipped",
            "z",
            lambda x, w, b: w[1:] @ x[1:] + b,
            "The first input does not count in your z. Python counts places from 0.",
        ),
        instead(
            "first product only",
            "z",
            lambda x, w, b: w[0] * x[0] + b,
            "Only the first input counts in your z. Does a loop return too early?",
        ),
        instead(
            "last product missing",
            "z",
            lambda x, w, b: w[:-1] @ x[:-1] + b,
            "The last input does not count in your z. Does a loop end one step too early?",
        ),
        instead(
            "last product only",
            "z",
            lambda x, w, b: w[-1] * x[-1] + b,
            "Only the last input counts in your z. Does a loop overwrite the sum where it should "
            "add to it?",
        ),
        instead(
            "an axis too many",
            "z",
            lambda x, w, b: np.array([w @ x + b]),
            "The number is right, but it is packed in an array of length 1.",
        ),
        instead(
            "rectified",
            "z",
            lambda x, w, b: np.maximum(w @ x + b, 0),
            "Your z is cut off at zero. That is a nonlinearity, which comes after the neuron's "
            "sum; here only the sum is asked for.",
        ),
    ],
)
