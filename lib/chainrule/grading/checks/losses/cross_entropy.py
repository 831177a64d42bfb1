"""The softmax cross-entropy of K classes, and its gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.functional import softmax
from chainrule.grading.checks.losses.shared import (
    Classified,
    lse,
    nudged,
    onehot,
    size_of_probabilities,
)
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
from chainrule.grading.misconceptions import divided, exchanged, instead, multiplied
from chainrule.grading.search import Case


def _cross_entropy(z: Array, t: Array) -> Mapping[str, Array]:
    examples = np.arange(len(t))

    def loss(nudges: Array | float) -> Array:
        nudged = z + nudges
        return np.asarray((lse(nudged) - nudged[..., examples, t]).mean(-1))

    return {"L": loss(0.0), "dz": complex_step(loss, z.shape)}


def _cross_entropy_size(z: Array, t: Array) -> Mapping[str, Array]:
    return {
        "L": np.asarray((1 + 3 * abs(z).max(-1)).mean()),
        "dz": (size_of_probabilities(z) + onehot(t, z.shape[1])) / len(t),
    }


def _P(z: Array, axis: int = 1) -> Array:
    return softmax(z, axis=axis)[0]


def _picked(z: Array, t: Array) -> Array:
    return np.asarray(z[np.arange(len(t)), t])


def _of(t: list[int], z: list[list[float]]) -> Case:
    return {"z": np.array(z), "t": np.array(t)}


def _of_softmax(z: Array, t: Array, m: Array | float) -> Array:
    """The loss by the logarithm of softmax, with ``m`` taken out of the logits."""
    E = np.exp(z - m)
    return np.asarray(-np.log(_picked(E / E.sum(1, keepdims=True), t)).mean())


_LATE = (
    "Your logarithm comes after the division, and by then a probability that is far behind has "
    "been rounded to 0. Take it before: log p = z - lse(z)."
)

CROSS_ENTROPY = Function(
    "losses.cross_entropy",
    Classified({"z": "N K", "t": "N"}, {}),
    returns={"L": "", "dz": "N K"},
    truth=_cross_entropy,
    magnitude=_cross_entropy_size,
    checks=[
        shapes(
            "L is one number, the mean over the examples; dz has the shape of z.",
            "z[:, t] has N columns, one for each entry of t. Which index picks one entry of each "
            "row?",
        ),
        values(
            "L",
            "Compute the probabilities of the first row by hand. Which one does the loss ask "
            "about?",
            "For one example it is lse(z) - z[t], with lse over the K logits of its row.",
            "z[np.arange(N), t] picks entry t[i] of row i, for all i at once.",
        ),
        values(
            "dz",
            "What did the classifier say, what should it have said, and over how many examples is "
            "the mean?",
            "The derivative of lse is softmax, and that of z[t] is 1 at the true class and 0 "
            "elsewhere.",
            "dz = (P - Q) / N, where P is softmax row by row and Q = np.eye(K)[t] is one-hot.",
        ),
        no_overflow(
            "large logits",
            [
                _of([0], [[1000.0, 0.0]]),
                _of([1], [[1000.0, 0.0]]),
                _of([1], [[1000.0, 999.0, 0.0]]),
                _of([0], [[-1000.0, -1000.0]]),
                _of([0], [[-1000.0, 1000.0]]),
                _of([0, 1], [[1000.0, 999.0], [-1000.0, -999.0]]),
            ],
            "What is lse(z) - z[t] here, on paper, with the largest logit taken out? Where does "
            "your computation lose it?",
            "A probability can be rounded to 0, and its logarithm comes too late. Take the "
            "logarithm of softmax, z - lse(z), without the quotient.",
            "Take the largest logit of each row out of that row: no exponent is above 0 then.",
            mistakes=[
                instead(
                    "as they are",
                    "L",
                    lambda z, t: _of_softmax(z, t, 0.0),
                    "You take exp of the logits as they are. From 710 on that is inf, and inf / "
                    "inf is nan.",
                ),
                instead(
                    "log of softmax",
                    "L",
                    lambda z, t: _of_softmax(z, t, z.max(1, keepdims=True)),
                    _LATE,
                ),
                instead(
                    "one-hot times log of softmax",
                    "L",
                    lambda z, t: -(onehot(t, z.shape[1]) * np.log(_P(z))).sum(1).mean(),
                    _LATE + " (And 0 times -inf is nan, so a one-hot factor does not help.)",
                ),
                instead(
                    "one maximum",
                    "L",
                    lambda z, t: _of_softmax(z, t, z.max()),
                    "You take one number out of the whole batch. In a row that lies far below it "
                    "all exponentials become 0. Each row needs a maximum of its own.",
                ),
            ],
        ),
        keeps_float32("np.eye(K)[t] is float64 unless you say dtype=. What becomes of P - Q?"),
        strided(),
        leaves_inputs_alone(
            "P[np.arange(N), t] -= 1 is fine if P is an array of your own. z -= ... is not: z "
            "belongs to whoever called you."
        ),
    ],
    mistakes=[
        exchanged({"L": "dz", "dz": "L"}, "The two results are exchanged: L comes first."),
        multiplied("L", "N", "the number of examples", "a mean is needed, not a sum"),
        divided("L", "K", "the number of classes", "the mean runs over examples, not over entries"),
        instead(
            "all classes",
            "L",
            lambda z, t: (lse(z)[:, None] - z).mean(),
            "You average -log p over all classes. The loss asks about one of them in each row, "
            "the true one.",
        ),
        instead(
            "without the true logit",
            "L",
            lambda z, t: lse(z).mean(),
            "Your L is the mean of lse alone. The logit of the true class is subtracted from it.",
        ),
        instead(
            "the true logit alone",
            "L",
            lambda z, t: -_picked(z, t).mean(),
            "Your L is minus the logit of the true class. Logits are no log probabilities until "
            "lse is subtracted.",
        ),
        instead(
            "every row with every class",
            "L",
            lambda z, t: (lse(z)[:, None] - z[:, t]).mean(),
            "You pick [:, t], which takes {N} columns of every row. Each row has one true class: "
            "[np.arange({N}), t].",
        ),
        instead(
            "probability",
            "L",
            lambda z, t: -_picked(_P(z), t).mean(),
            "Your L is minus the probability of the true class. Its logarithm is missing.",
        ),
        instead(
            "one minus probability",
            "L",
            lambda z, t: (1 - _picked(_P(z), t)).mean(),
            "Your L is one minus the probability of the true class. It must be -log of it.",
        ),
        instead(
            "logarithm of the mean",
            "L",
            lambda z, t: -np.log(_picked(_P(z), t).mean()),
            "You average the probabilities and then take the logarithm. Take the logarithm of "
            "each, then average.",
        ),
        instead(
            "all classes",
            "L",
            lambda z, t: -np.log(_P(z)).sum(1).mean(),
            "You add up -log p over all classes. Only the class that happened counts.",
        ),
        instead(
            "binary",
            "L",
            lambda z, t: (
                -(
                    onehot(t, z.shape[1]) * np.log(_P(z))
                    + (1 - onehot(t, z.shape[1])) * np.log(1 - _P(z))
                )
                .sum(1)
                .mean()
            ),
            "You also add -log(1 - p) of the wrong classes. That is the binary loss of K separate "
            "questions; here one class happens, and its p says all.",
        ),
        instead(
            "softmax over the batch",
            "L",
            lambda z, t: -np.log(_picked(_P(z, 0), t)).mean(),
            "Your softmax runs over axis 0, the examples. Each row is a distribution of its own.",
        ),
        instead(
            "softmax twice",
            "L",
            lambda z, t: (lse(_P(z)) - _picked(_P(z), t)).mean(),
            "You take softmax twice: probabilities go where logits belong.",
        ),
        instead(
            "bits",
            "L",
            lambda z, t: (lse(z) - _picked(z, t)).mean() / np.log(2),
            "You take the logarithm to base 2. The loss is in nats: np.log.",
        ),
        multiplied("dz", "N", "the number of examples", "L is a mean, and so are its slopes"),
        divided("dz", "N", "the number of examples", "the mean is taken twice"),
        divided("dz", "K", "the number of classes", "the mean runs over examples, not entries"),
        instead(
            "diagonal",
            "dz",
            lambda z, t: (_P(z) - 1) * onehot(t, z.shape[1]) / len(t),
            "You change only the logit of the true class. That is the diagonal of softmax's "
            "Jacobian alone: the wrong logits act on p[t] too, and must fall.",
        ),
        instead(
            "others only",
            "dz",
            lambda z, t: _P(z) * (1 - onehot(t, z.shape[1])) / len(t),
            "You lower the wrong logits and leave that of the true class alone. It has the slope "
            "p - 1.",
        ),
        instead(
            "probabilities",
            "dz",
            lambda z, t: _P(z) / len(t),
            "Your dz is P / N, the gradient of lse alone. What was true is missing.",
        ),
        instead(
            "logits minus targets",
            "dz",
            lambda z, t: (z - onehot(t, z.shape[1])) / len(t),
            "You subtract the targets from the logits. What was said are probabilities.",
        ),
        instead(
            "times the slope",
            "dz",
            lambda z, t: (_P(z) - onehot(t, z.shape[1])) * _P(z) * (1 - _P(z)) / len(t),
            "You multiply by p (1 - p) once too often: P - Q is the slope in z already.",
        ),
        instead(
            "slope in p",
            "dz",
            lambda z, t: -onehot(t, z.shape[1]) / _P(z) / len(t),
            "That is the slope in the probabilities. The way back to z goes through the Jacobian "
            "of softmax.",
        ),
        instead(
            "over the batch",
            "dz",
            lambda z, t: (_P(z, 0) - onehot(t, z.shape[1])) / len(t),
            "Your softmax runs over axis 0, the examples. Each row is a distribution of its own.",
        ),
    ],
    because=nudged,
)
