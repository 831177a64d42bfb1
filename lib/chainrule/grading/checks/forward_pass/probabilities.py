"""Find the bug: probabilities that depend on who else is in the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.functional import affine, relu, softmax
from chainrule.grading.checks.forward_pass.two_layers import Halved, Pass, sizes_on_the_way
from chainrule.grading.exercises import (
    Array,
    Function,
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    no_overflow,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import Misconception, instead
from chainrule.grading.search import Case


class _Classes(Halved):
    """Two classes at least; of the many small shapes, those without a 3; and all the probes."""

    def cases(self) -> list[Case]:
        return self._chosen

    @cached_property
    def _chosen(self) -> list[Case]:
        small = [case for case in super().cases() if set(self.sizes(case).values()) <= {1, 2}]
        return [case for case in small if self.sizes(case)["K"] > 1] + self.probes()

    def simpler(self, case: Case) -> Iterator[Case]:
        return (simple for simple in super().simpler(case) if self.sizes(simple)["K"] > 1)


def _probabilities(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Mapping[str, Array]:
    hidden, _ = relu(affine(X, W1, b1)[0])
    return {"P": softmax(affine(hidden, W2, b2)[0])[0]}


_NEVER = (
    1e-20  # a probability so small may as well be 0: exp may have been kept in bounds otherwise
)


def _magnitude(**case: Array) -> Mapping[str, Array]:
    """A logit that is off by d moves its probabilities by the factor exp(2 d) at most."""
    _, logits = sizes_on_the_way(**case)
    size = logits.max(1, keepdims=True) if len(logits) else logits
    return {"P": (_probabilities(**case)["P"] + _NEVER) * (1 + 2 * size)}


def _large() -> list[Case]:
    """Logits of a thousand, both for one example, one for another, and small ones for a third.

    Then such as lie two thousand apart, and such as lie a thousand below zero together.
    """
    arguments = {
        "W1": np.array([[1.0], [-1.0]]),
        "b1": np.zeros(2),
        "W2": np.array([[1.0, 0.0], [1.0, 1.0]]),
        "b2": np.array([2.0, 0.0]),
    }
    below = arguments | {"W2": np.array([[-1.0, 0.0], [-1.0, -1.0]])}
    return [
        {"X": np.array(X)} | parameters
        for X, parameters in (
            ([[1000.0]], arguments),
            ([[1.0], [1000.0], [-1000.0]], arguments),
            ([[-2000.0]], arguments),
            ([[1000.0]], below),
        )
    ]


def _computes(name: str, formula: Callable[[Pass], Any], says: str) -> Misconception:
    return instead(name, "P", lambda **case: formula(Pass(**case)), says)


def _shifted(Z: Array) -> Array:
    return np.asarray(np.exp(Z - Z.max(1, keepdims=True)))


def _shares(E: Array) -> Array:
    return np.asarray(E / E.sum(1, keepdims=True))


_DOMAIN = _Classes({"X": "B d_in", "W1": "d_h d_in", "b1": "d_h", "W2": "K d_h", "b2": "K"})

CLASS_PROBABILITIES = Function(
    "forward-pass.class_probabilities",
    _DOMAIN,
    returns={"P": "B K"},
    truth=_probabilities,
    magnitude=_magnitude,
    checks=[
        shapes(
            "P has a row for each example and a column for each class: (B, K). A maximum or a sum "
            "along an axis drops that axis. What would keep it, with length 1?"
        ),
        values(
            "P",
            "Ask about one example alone, and about the same one in company. Print Z and E in both "
            "cases: which of them is the first to differ?",
            "A number added to all logits of one example changes nothing. Is it one number for "
            "all logits of an example that your code subtracts?",
            "The logits of an example stand in a row. Along which axis do you take the largest of "
            "them, and does the result still have two axes?",
        ),
        no_overflow(
            "large logits",
            _large(),
            "What is exp(1000)? And what is 0 / 0, if exp of every logit of an example is 0?",
            "Without the shift exp overflows. With one shift for the whole batch, a row whose "
            "logits are far below the largest one becomes zeros. Each row has its own largest "
            "logit.",
            mistakes=[
                _computes(
                    "no shift",
                    lambda n: _shares(np.exp(n.Z2)),
                    "You take exp of the logits as they are, and it overflows: inf / inf is nan.",
                ),
                _computes(
                    "one shift",
                    lambda n: _shares(np.exp(n.Z2 - n.Z2.max())),
                    "You take one maximum of the whole batch. An example whose logits all lie far "
                    "below it is left with 0 / 0.",
                ),
                _computes(
                    "shifted by the mean",
                    lambda n: _shares(np.exp(n.Z2 - n.Z2.mean(1, keepdims=True))),
                    "You subtract the mean of the row. That cancels, too, but the largest logit "
                    "can still lie far above the mean.",
                ),
                _computes(
                    "shifted by the size",
                    lambda n: _shares(np.exp(n.Z2 - abs(n.Z2).max(1, keepdims=True))),
                    "You subtract the largest absolute value. Where all logits of an example are "
                    "far below 0, that pushes them down further, and 0 / 0 is left. Subtract the "
                    "largest logit.",
                ),
            ],
        ),
        keeps_float32(),
        empty_batch(_DOMAIN, "B", "The input has B = 0. Give max and sum the axis of the classes."),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        _computes(
            "as it was",
            lambda n: _shares(np.exp(n.Z2 - n.Z2.max(0))),
            "This is what the code did already. Z.max(axis=0) is the largest logit of each class "
            "over the batch: the logits of one example are shifted by different amounts, and that "
            "does not cancel.",
        ),
        _computes(
            "columns centered",
            lambda n: _shares(np.exp(n.Z2 - n.Z2.mean(0))),
            "You subtract the mean of each class over the batch. The logits of one example must "
            "all be shifted by the same amount.",
        ),
        _computes(
            "axis 0",
            lambda n: np.exp(n.Z2) / np.exp(n.Z2).sum(0),
            "Your columns add up to 1: the examples compete for each class. The classes of one "
            "example are along axis 1.",
        ),
        _computes(
            "sums over the batch",
            lambda n: _shifted(n.Z2) / _shifted(n.Z2).sum(0),
            "You divide by the sum over the batch. The shift is right now; the classes of one "
            "example are along axis 1 in the sum as well.",
        ),
        _computes(
            "one sum",
            lambda n: np.exp(n.Z2) / np.exp(n.Z2).sum(),
            "You divide by one sum over the whole batch. Each example, each row, has its own.",
        ),
        _computes(
            "row sums along columns",
            lambda n: np.exp(n.Z2) / np.exp(n.Z2).sum(1),
            "E.sum(axis=1) has an entry for each example, and NumPy lays it along the classes. "
            "keepdims=True keeps it a column.",
        ),
        _computes(
            "row shifts along columns",
            lambda n: _shares(np.exp(n.Z2 - n.Z2.max(1))),
            "Z.max(axis=1) has an entry for each example, and NumPy lays it along the classes. "
            "keepdims=True keeps it a column.",
        ),
        _computes(
            "not divided",
            lambda n: np.exp(n.Z2 - n.Z2.max(1, keepdims=True)),
            "Your rows do not add up to 1: divide by their sums.",
        ),
        _computes(
            "exponentials",
            lambda n: np.exp(n.Z2),
            "Your P is exp of the logits. Divide each row by its sum.",
        ),
        _computes(
            "logits",
            lambda n: n.Z2,
            "You return the logits.",
        ),
        _computes(
            "no ReLU",
            lambda n: _shares(np.exp(n.Z1 @ n.W2.T + n.b2)),
            "The ReLU has got lost. It was right where it stood.",
        ),
        _computes(
            "ReLU at the end",
            lambda n: _shares(np.exp(np.maximum(n.Z2, 0))),
            "You take ReLU of the logits, too. They stay as they are.",
        ),
        _computes(
            "sigmoid",
            lambda n: 1 / (1 + np.exp(-n.Z2)),
            "You take the sigmoid of each logit. The classes of an example share a probability of "
            "1.",
        ),
        _computes(
            "softmax twice",
            lambda n: _shares(np.exp(_shares(np.exp(n.Z2)))),
            "You take softmax twice. Probabilities are made once.",
        ),
        _computes(
            "scaled",
            lambda n: _shares(np.exp(n.Z2 / abs(n.Z2).max(1, keepdims=True))),
            "You divide the logits by the largest of them. That changes their differences; "
            "subtract it.",
        ),
        _computes(
            "each alone",
            lambda n: np.full(n.Z2.shape, 1 / n.Z2.shape[1]),
            "You give every class the same probability. Do you send the examples one by one "
            "through code in which each class competes with itself only?",
        ),
    ],
    because=lambda result, index, value: (
        f"alone, example {index[0]} has P[{index[0]}, {index[1]}] = {value:.4g}; in company it "
        "must have the same"
    ),
)
