"""Read off the representation: the features, and how far each is from the line of the head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.functional import affine, relu
from chainrule.grading.checks.forward_pass.two_layers import Pass
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
from chainrule.grading.misconceptions import Misconception, instead
from chainrule.grading.search import Arrays, Case

_LEAST = 0.3  # length of the difference of the head's rows; without one there is no line


class _Lined(Arrays):
    """Networks whose head has two different rows."""

    def cases(self) -> list[Case]:
        return self._lined

    @cached_property
    def _lined(self) -> list[Case]:
        return [case for case in super().cases() if _has_line(case)]

    def simpler(self, case: Case) -> Iterator[Case]:
        return (simple for simple in super().simpler(case) if _has_line(simple))


def _has_line(case: Case) -> bool:
    return bool(np.linalg.norm(case["W2"][1] - case["W2"][0]) > _LEAST)


def _representation(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Mapping[str, Array]:
    features, _ = relu(affine(X, W1, b1)[0])
    across, offset = W2[1] - W2[0], b2[1] - b2[0]
    return {
        "features": features,
        "distance": (features * across).sum(1) / np.sqrt((across**2).sum())
        + offset / np.sqrt((across**2).sum()),
    }


def _magnitude(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Mapping[str, Array]:
    """What is added up; and what the difference of the rows loses to rounding, relatively."""
    features = abs(X) @ abs(W1).T + abs(b1)
    length = np.linalg.norm(W2[1] - W2[0])
    lost = 1 + abs(W2).sum() / length
    return {
        "features": features,
        "distance": lost * (features @ abs(W2).sum(0) + abs(b2).sum()) / length,
    }


def _computes(name: str, result: str, formula: Callable[[Pass], Any], says: str) -> Misconception:
    return instead(name, result, lambda **case: formula(Pass(**case)), says)


def _across(n: Pass) -> Array:
    return np.asarray(n.W2[1] - n.W2[0])


def _lead(n: Pass, features: Array) -> Array:
    """The logit of class 1 less that of class 0."""
    return np.asarray(features @ _across(n) + n.b2[1] - n.b2[0])


def _length(v: Array) -> float:
    return float(np.linalg.norm(v))


_DOMAIN = _Lined({"X": "B d_0", "W1": "d_h d_0", "b1": "d_h", "W2": "2 d_h", "b2": "2"})

REPRESENTATION = Function(
    "forward-pass.representation",
    _DOMAIN,
    returns={"features": "B d_h", "distance": "B"},
    truth=_representation,
    magnitude=_magnitude,
    checks=[
        shapes(
            "features has a row for each example and a column for each hidden unit. distance has "
            "one number for each example.",
            "W2[1] - W2[0] has shape (d_h,). Its product with the features, (B, d_h), has shape "
            "(B,).",
        ),
        values(
            "features",
            "Cut the network before its last layer. What comes out there?",
            "The features are the responses of the hidden layer, after ReLU.",
        ),
        values(
            "distance",
            "Where are the two logits equal? Write down z_1 - z_0 as a function of the features.",
            "Set z_1 - z_0 = 0: that is the line. By what do you divide the left side to get a "
            "distance?",
            "A point phi has the distance (w . phi + o) / length of w from the line w . phi + o = "
            "0. What are w and o here?",
        ),
        keeps_float32(),
        empty_batch(_DOMAIN, "B", "X has no rows here. Which line needs one? Products do not."),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        _computes(
            "scores",
            "features",
            lambda n: n.Z1,
            "Your features are the scores of the hidden layer. The head gets them after ReLU.",
        ),
        _computes(
            "logits",
            "features",
            lambda n: n.Z2,
            "You return the logits. The features are what the last layer is given.",
        ),
        _computes(
            "no biases",
            "features",
            lambda n: np.maximum(n.X @ n.W1.T, 0),
            "The biases b1 are not in your features.",
        ),
        _computes(
            "bias after ReLU",
            "features",
            lambda n: np.maximum(n.X @ n.W1.T, 0) + n.b1,
            "You add b1 after ReLU. It belongs to the score, before.",
        ),
        _computes(
            "patterns",
            "features",
            lambda n: (n.Z1 > 0) * 1.0,
            "You return which units are on. The features are what they respond.",
        ),
        _computes(
            "inputs",
            "features",
            lambda n: n.X,
            "You return X. The features are what the hidden layer makes of it.",
        ),
        _computes(
            "not divided",
            "distance",
            lambda n: _lead(n, n.A1),
            "Your distance is the difference of the logits. Divide by the length of w_1 - w_0: "
            "twice the weights draw the same line.",
        ),
        _computes(
            "not divided, other side",
            "distance",
            lambda n: -_lead(n, n.A1),
            "You take the logit of class 0 less that of class 1. The side of class 1 is to be "
            "positive; and divide by the length of w_1 - w_0.",
        ),
        _computes(
            "squared length",
            "distance",
            lambda n: _lead(n, n.A1) / _length(_across(n)) ** 2,
            "You divide by the square of the length of w_1 - w_0. The root is missing.",
        ),
        _computes(
            "no offset",
            "distance",
            lambda n: n.A1 @ _across(n) / _length(_across(n)),
            "b2 is not in your distance. Without it, every line passes through the origin.",
        ),
        _computes(
            "offset not divided",
            "distance",
            lambda n: n.A1 @ _across(n) / _length(_across(n)) + n.b2[1] - n.b2[0],
            "You divide the product with the features, and not the biases. The whole left side of "
            "the line is divided.",
        ),
        _computes(
            "no sign",
            "distance",
            lambda n: abs(_lead(n, n.A1)) / _length(_across(n)),
            "Your distance is never negative. On the side of class 0 it has to be.",
        ),
        _computes(
            "from the scores",
            "distance",
            lambda n: _lead(n, n.Z1) / _length(_across(n)),
            "You measure from the scores Z1. The points are the features, after ReLU.",
        ),
        _computes(
            "biases in the length",
            "distance",
            lambda n: _lead(n, n.A1) / _length(np.append(_across(n), n.b2[1] - n.b2[0])),
            "You divide by a length that has the biases in it. Only w_1 - w_0 is at right angles "
            "to the line.",
        ),
        _computes(
            "length of W2",
            "distance",
            lambda n: _lead(n, n.A1) / _length(n.W2),
            "You divide by the length of all of W2. The line has the one direction w_1 - w_0.",
        ),
        _computes(
            "class 1 alone",
            "distance",
            lambda n: n.Z2[:, 1] / _length(n.W2[1]),
            "You measure where the logit of class 1 is 0. The boundary is where both logits are "
            "equal.",
        ),
        _computes(
            "sum of the rows",
            "distance",
            lambda n: (n.Z2[:, 0] + n.Z2[:, 1]) / _length(n.W2[0] + n.W2[1]),
            "You add the two rows. On the line the logits are equal, so their difference is 0.",
        ),
        _computes(
            "a probability",
            "distance",
            lambda n: 1 / (1 + np.exp(-_lead(n, n.A1))),
            "Your distance is the probability of class 1.",
        ),
        _computes(
            "a column",
            "distance",
            lambda n: (_lead(n, n.A1) / _length(_across(n)))[:, None],
            "The numbers in your distance are right, but it has kept an axis of length 1.",
        ),
    ],
)
