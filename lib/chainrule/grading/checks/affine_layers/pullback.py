"""The three gradients of an affine layer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.functional import affine
from chainrule.grading.checks.affine_layers.shared import raised_by_one
from chainrule.grading.exercises import (
    Array,
    Function,
    adjoint,
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import divided, exchanged, instead, multiplied, transposed
from chainrule.grading.search import Arrays


def _pullback(dZ: Array, X: Array, W: Array) -> Mapping[str, Array]:
    no_b = np.zeros(len(W))
    return {
        "dX": adjoint(lambda V: affine(V, W, no_b)[0], dZ, X.shape),
        "dW": adjoint(lambda V: affine(X, V, no_b)[0], dZ, W.shape),
        "db": adjoint(lambda v: affine(0 * X, 0 * W, v)[0], dZ, no_b.shape),
    }


_BACKWARD = Arrays({"dZ": "B d_out", "X": "B d_in", "W": "d_out d_in"})
_GRADIENT_SHAPES = (
    "A gradient has the shape of the thing it belongs to: dX that of X, dW that of W, db that of "
    "b, which is (d_out,).",
    "Write the shapes of dZ, X and W down and look for the product in which the axis that must "
    "go is the one summed over.",
)

AFFINE_PULLBACK = Function(
    "affine-layers.affine_pullback",
    _BACKWARD,
    returns={"dX": "B d_in", "dW": "d_out d_in", "db": "d_out"},
    truth=_pullback,
    checks=[
        shapes(*_GRADIENT_SHAPES),
        values(
            "dX",
            "Through which entries of Z does X[i, k] act, and with which weight on each?",
            "X[i, k] acts on the whole row Z[i], on entry j with slope W[j, k]. So dX[i, k] is a "
            "sum over j.",
            "dX must have shape (B, d_in). You have dZ with (B, d_out) and W with (d_out, d_in).",
        ),
        values(
            "dW",
            "Which examples use the weight W[j, k]?",
            "All of them do: W[j, k] acts on Z[i, j] for every i, with slope X[i, k]. So dW[j, k] "
            "is a sum over the batch.",
            "A product that sums over the batch has the batch axis of both factors on the inside: "
            "one of dZ and X must be transposed.",
        ),
        values(
            "db",
            "How many entries of Z does one bias touch?",
            "b[j] is added to Z[i, j] for every example i, with slope 1. Sharing forward means "
            "summing backward.",
            "db[j] is a sum over the rows of dZ. Which axis of dZ is the batch?",
        ),
        keeps_float32(),
        empty_batch(_BACKWARD, "B"),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "Z for dZ",
            "dX",
            lambda dZ, X, W: X @ W.T @ W,
            "You send the scores Z back through W. What comes back is dZ, the gradient that has "
            "arrived; the scores themselves are not needed.",
        ),
        exchanged(
            {"dX": "dW", "dW": "dX"},
            "You return dW where dX belongs and dX where dW belongs. The order is dX, dW, db.",
        ),
        exchanged(
            {"dX": "dW", "dW": "db", "db": "dX"},
            "Your gradients are right, in another order: dW, db, dX. The order is dX, dW, db.",
        ),
        exchanged(
            {"dX": "db", "dW": "dW", "db": "dX"},
            "Your gradients are right, in reverse order. The order is dX, dW, db.",
        ),
        instead(
            "dX through W.T",
            "dX",
            lambda dZ, X, W: dZ @ W.T,
            "You compute dZ @ W.T. Forward the product was with W.T; going back, the axes of "
            "outputs have to meet.",
        ),
        instead(
            "dX without W",
            "dX",
            lambda dZ, X, W: dZ,
            "Your dX is dZ itself. A nudge of X reaches Z through the weights, so W must be in it.",
        ),
        instead(
            "dX of the sum",
            "dX",
            lambda dZ, X, W: np.ones_like(dZ) @ W,
            "Your dX does not depend on dZ: it is right only if every entry of dZ is 1.",
        ),
        divided("dX", "B", "the batch size", "no mean over the batch belongs here"),
        instead(
            "dW of one example",
            "dW",
            lambda dZ, X, W: np.outer(dZ[0], X[0]),
            "Your dW knows the first example only. Every example uses the weights, so each adds "
            "its part.",
        ),
        instead(
            "dW of the last example",
            "dW",
            lambda dZ, X, W: np.outer(dZ[-1], X[-1]),
            "Your dW knows the last example only. Does your loop overwrite dW where it should add "
            "to it?",
        ),
        divided("dW", "B", "the batch size", "you average over the batch where the sum is needed"),
        multiplied("dW", "B", "the batch size", "the batch is counted twice"),
        instead(
            "dW without dZ",
            "dW",
            lambda dZ, X, W: np.ones_like(dZ).T @ X,
            "Your dW does not depend on dZ: it is right only if every entry of dZ is 1.",
        ),
        transposed("dW"),
        divided("db", "B", "the batch size", "you average over the batch where the sum is needed"),
        instead(
            "db not summed",
            "db",
            lambda dZ, X, W: dZ,
            "Your db is dZ itself, one row per example. The examples share one bias, so their "
            "rows have to be added up.",
        ),
        instead(
            "db along outputs",
            "db",
            lambda dZ, X, W: dZ.sum(1),
            "You sum over the outputs, axis 1, and keep one number per example. The bias is "
            "shared over the batch, which is the other axis.",
        ),
        instead(
            "db summed over everything",
            "db",
            lambda dZ, X, W: dZ.sum(),
            "You sum all of dZ into one number. Each output has its own bias.",
        ),
        instead(
            "db with an axis too many",
            "db",
            lambda dZ, X, W: dZ.sum(0, keepdims=True),
            "The numbers in your db are right, but it has kept the batch as an axis of length 1. "
            "b has shape (d_out,), and so must db.",
        ),
        instead(
            "db of one example",
            "db",
            lambda dZ, X, W: dZ[0],
            "Your db is the first row of dZ. The other examples use the bias as well.",
        ),
        instead(
            "db of ones",
            "db",
            lambda dZ, X, W: np.ones(dZ.shape[1]),
            "Your db is 1 throughout, the slope of Z with respect to b. By the chain rule it "
            "meets dZ, once for each example.",
        ),
        instead(
            "db counts examples",
            "db",
            lambda dZ, X, W: np.full(dZ.shape[1], float(len(dZ))),
            "Your db is the number of examples: it is right only if every entry of dZ is 1.",
        ),
    ],
    because=raised_by_one,
)
