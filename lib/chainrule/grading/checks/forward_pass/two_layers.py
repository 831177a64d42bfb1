"""Forward through two layers, each step returned; and the network for wrong formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functional import affine, relu, sigmoid
from chainrule.grading.exercises import (
    Array,
    Function,
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import Misconception, exchanged, instead
from chainrule.grading.search import Arrays, Case, Fill, ones


class Halved(Arrays):
    """Entries half of what they usually are, so that logits stay where exp can be computed."""

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        """An input with these sizes."""
        case = super().filled(sizes, fill)
        return case if fill is ones else {name: value / 2 for name, value in case.items()}


@dataclass(frozen=True)
class Pass:
    """A run of the network up to its logits, for wrong formulas to be made from."""

    X: Array
    W1: Array
    b1: Array
    W2: Array
    b2: Array

    @property
    def Z1(self) -> Array:
        """The hidden scores."""
        return np.asarray(self.X @ self.W1.T + self.b1)

    @property
    def A1(self) -> Array:
        """The responses."""
        return np.maximum(self.Z1, 0)

    @property
    def Z2(self) -> Array:
        """The logits."""
        return np.asarray(self.A1 @ self.W2.T + self.b2)


def sizes_on_the_way(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    """Bounds for what is added up in the hidden scores and in the logits."""
    A1 = abs(X) @ abs(W1).T + abs(b1)
    return A1, A1 @ abs(W2).T + abs(b2)


def _two_layers(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Mapping[str, Array]:
    Z1, _ = affine(X, W1, b1)
    A1, _ = relu(Z1)
    Z2, _ = affine(A1, W2, b2)
    return {"Z1": Z1, "A1": A1, "Z2": Z2, "P": sigmoid(Z2)[0]}


def _magnitude(**case: Array) -> Mapping[str, Array]:
    hidden, logits = sizes_on_the_way(**case)
    # The slope of the sigmoid is 1/4 at most.
    return {"Z1": hidden, "A1": hidden, "Z2": logits, "P": 1 + logits / 4}


def _computes(name: str, result: str, formula: Callable[[Pass], Any], says: str) -> Misconception:
    return instead(name, result, lambda **case: formula(Pass(**case)), says)


def _because(result: str, index: tuple[int, ...], value: float) -> str:
    i, j = index
    return {
        "Z1": f"Z1[{i}, {j}] is X[{i}] @ W1[{j}] + b1[{j}] = {value:.4g}",
        "A1": f"A1[{i}, {j}] is max(Z1[{i}, {j}], 0) = {value:.4g}",
        "Z2": f"Z2[{i}, 0] is A1[{i}] @ W2[0] + b2[0] = {value:.4g}",
        "P": f"P[{i}, 0] is 1 / (1 + exp(-Z2[{i}, 0])) = {value:.4g}",
    }[result]


def _sigmoid(Z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-Z)))


_DOMAIN = Halved({"X": "B d_in", "W1": "d_h d_in", "b1": "d_h", "W2": "1 d_h", "b2": "1"})

TWO_LAYERS = Function(
    "forward-pass.two_layers",
    _DOMAIN,
    returns={"Z1": "B d_h", "A1": "B d_h", "Z2": "B 1", "P": "B 1"},
    truth=_two_layers,
    magnitude=_magnitude,
    checks=[
        shapes(
            "Write the shape of each array beside its line: X (B, d_in), W1 (d_h, d_in). Which "
            "axis has to disappear?",
            "W2 is (1, d_h), a row for its one neuron. What does the product with A1, (B, d_h), "
            "have to look like to be (B, 1)?",
        ),
        values(
            "Z1",
            "Compute the first hidden score of the first example by hand.",
            "Row i of Z1 needs row i of X and every row of W1. Entry j of b1 belongs to column j.",
        ),
        values(
            "A1",
            "Compare your A1 with your Z1, entry by entry. Which entries should differ, and how?",
            "ReLU keeps a positive score and replaces the others by 0.",
        ),
        values(
            "Z2",
            "Which array goes into the second layer, and is anything done to the scores that come "
            "out?",
            "Z2[i, 0] is the sum over the hidden units of response times weight, plus b2[0].",
        ),
        values(
            "P",
            "What is P where the score is 0? What is it for a large positive score, and for a "
            "large negative one?",
            "The sigmoid is 1 / (1 + exp(-z)), of each score on its own.",
        ),
        keeps_float32(),
        empty_batch(_DOMAIN, "B", "X has no rows here. Which line needs one? Products do not."),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged(
            {"A1": "Z2", "Z2": "A1"},
            "The two middle results are exchanged. The order is Z1, A1, Z2, P.",
        ),
        _computes("no b1", "Z1", lambda n: n.X @ n.W1.T, "The bias b1 is not in your Z1."),
        _computes(
            "W1 not transposed",
            "Z1",
            lambda n: n.X @ n.W1 + n.b1,
            "You compute X @ W1. A row of W1 holds the weights of one neuron, so rows of X must "
            "meet rows of W1.",
        ),
        _computes(
            "W1 reshaped",
            "Z1",
            lambda n: n.X @ n.W1.reshape(n.W1.shape[::-1]) + n.b1,
            "You reshape W1 where it must be transposed: the shape is right, and the weights are "
            "in other places.",
        ),
        _computes(
            "b1 down the rows",
            "Z1",
            lambda n: n.X @ n.W1.T + n.b1[:, None],
            "You add b1 down the rows, an entry for each example. It has one for each neuron.",
        ),
        _computes(
            "Z1 rectified",
            "Z1",
            lambda n: n.A1,
            "Your Z1 has been through ReLU already. Did np.maximum(..., out=Z1) or Z1[Z1 < 0] = 0 "
            "write into it? The scores are to be returned as they were.",
        ),
        _computes(
            "no ReLU",
            "A1",
            lambda n: n.Z1,
            "Your A1 is Z1: nothing is done between the two layers.",
        ),
        _computes(
            "sigmoid between",
            "A1",
            lambda n: _sigmoid(n.Z1),
            "You take the sigmoid of the hidden scores. In this network it comes last; between "
            "the layers is ReLU.",
        ),
        _computes(
            "tanh between",
            "A1",
            lambda n: np.tanh(n.Z1),
            "You take tanh of the hidden scores. Between the layers is ReLU.",
        ),
        _computes(
            "absolute value",
            "A1",
            lambda n: abs(n.Z1),
            "You turn negative scores around. ReLU replaces them by 0.",
        ),
        _computes(
            "other side",
            "A1",
            lambda n: np.minimum(n.Z1, 0),
            "You keep the negative scores. ReLU keeps the positive ones.",
        ),
        _computes(
            "on or off",
            "A1",
            lambda n: (n.Z1 > 0) * 1.0,
            "Your A1 says whether a unit is on. Its response is the score itself: max(z, 0).",
        ),
        _computes(
            "one maximum",
            "A1",
            lambda n: n.Z1.max(),
            "np.max(Z1) is one number, the largest entry. np.maximum(Z1, 0) compares each entry "
            "with 0.",
        ),
        _computes(
            "from the scores",
            "Z2",
            lambda n: n.Z1 @ n.W2.T + n.b2,
            "Your second layer gets the scores Z1. What goes into it are the responses A1.",
        ),
        _computes("no b2", "Z2", lambda n: n.A1 @ n.W2.T, "The bias b2 is not in your Z2."),
        _computes(
            "rectified logit",
            "Z2",
            lambda n: np.maximum(n.Z2, 0),
            "You take ReLU of the last scores, too. They stay as they are.",
        ),
        _computes(
            "from the inputs",
            "Z2",
            lambda n: n.X @ n.W2.T + n.b2,
            "Your second layer gets X. It gets what the first layer made of it, A1.",
        ),
        _computes(
            "entry by entry",
            "Z2",
            lambda n: n.A1 * n.W2 + n.b2,
            "You multiply with *, entry by entry. The products still have to be added up: @.",
        ),
        _computes(
            "Z2 without its column",
            "Z2",
            lambda n: n.Z2[:, 0],
            "The numbers in your Z2 are right, but its second axis, of length 1, is gone.",
        ),
        _computes(
            "precedence",
            "P",
            lambda n: 1 / 1 + np.exp(-n.Z2),
            "Python reads 1 / 1 + e as (1 / 1) + e. What stands below the line needs parentheses.",
        ),
        _computes(
            "sign",
            "P",
            lambda n: 1 / (1 + np.exp(n.Z2)),
            "Your P is 1 / (1 + exp(z)), without the minus: it is the probability of the other "
            "class.",
        ),
        _computes(
            "softmax",
            "P",
            lambda n: np.ones_like(n.Z2),
            "Your P is 1 everywhere. Is it a softmax over the one logit of each example? With a "
            "single logit the sigmoid is asked for.",
        ),
        _computes(
            "softmax over the batch",
            "P",
            lambda n: np.exp(n.Z2) / np.exp(n.Z2).sum(),
            "Your P adds up to 1 over the batch: the examples share one probability. Each has its "
            "own: the sigmoid of its own score.",
        ),
        _computes("exponential", "P", lambda n: np.exp(n.Z2), "Your P is exp(Z2), the odds."),
        _computes(
            "tanh",
            "P",
            lambda n: np.tanh(n.Z2),
            "Your P is tanh(Z2), which lies between -1 and 1.",
        ),
        _computes(
            "class",
            "P",
            lambda n: (n.Z2 > 0) * 1.0,
            "Your P is 0 or 1, the more probable class. The probability is asked for.",
        ),
        _computes(
            "P of the responses",
            "P",
            lambda n: _sigmoid(n.A1),
            "You take the sigmoid of A1. It is taken of Z2, what the second layer returns.",
        ),
        _computes(
            "twice",
            "P",
            lambda n: _sigmoid(_sigmoid(n.Z2)),
            "You take the sigmoid twice.",
        ),
    ],
    because=_because,
)
