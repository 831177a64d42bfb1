"""The layer and its gradients with the examples in columns."""

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
from chainrule.grading.misconceptions import divided, exchanged, instead, transposed
from chainrule.grading.search import Arrays


def _columns(X: Array, W: Array, b: Array, dZ: Array) -> Mapping[str, Array]:
    def forward(X: Array, W: Array, b: Array) -> Array:
        return affine(X.T, W, b)[0].T

    no_b = np.zeros_like(b)
    return {
        "Z": forward(X, W, b),
        "dX": adjoint(lambda V: forward(V, W, no_b), dZ, X.shape),
        "dW": adjoint(lambda V: forward(X, V, no_b), dZ, W.shape),
        "db": adjoint(lambda v: forward(0 * X, 0 * W, v), dZ, b.shape),
    }


def _because(result: str, index: tuple[int, ...], value: float) -> str:
    if result == "Z":
        j, i = index
        return f"Z[{j}, {i}] is W[{j}] @ X[:, {i}] + b[{j}] = {value:.4g}"
    return raised_by_one(result, index, value)


_COLUMNS = Arrays({"X": "d_in B", "W": "d_out d_in", "b": "d_out", "dZ": "d_out B"})

AFFINE_COLUMNS = Function(
    "affine-layers.affine_columns",
    _COLUMNS,
    returns={"Z": "d_out B", "dX": "d_in B", "dW": "d_out d_in", "db": "d_out"},
    truth=_columns,
    checks=[
        shapes(
            "Each example is a column now: X is (d_in, B) and Z is (d_out, B). W and b are as "
            "before. Write the shape of every factor beside your lines.",
            "b has shape (d_out,), and NumPy lays it against the last axis, which is now the "
            "batch. How do you turn it into a column?",
        ),
        values(
            "Z",
            "Compute the first column of Z by hand. Which column of X does it need?",
            "In Z = W X + b, entry j of b belongs to row j of Z.",
            "b[:, None] has shape (d_out, 1): a column, repeated for every example.",
        ),
        values(
            "dX",
            "Transpose the formula you know: X, Z and dZ are the transposes of what they were.",
            "You have W with (d_out, d_in) and dZ with (d_out, B), and need (d_in, B).",
        ),
        values(
            "dW",
            "W is not transposed: dW is the very same array as in the row convention. Which "
            "product of dZ and X sums over the batch now?",
            "You have dZ with (d_out, B) and X with (d_in, B), and need (d_out, d_in).",
        ),
        values(
            "db",
            "Which axis of dZ is the batch now?",
            "A row of dZ belongs to one output and holds one entry per example.",
        ),
        keeps_float32(),
        empty_batch(_COLUMNS, "B"),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged(
            {"Z": "dX", "dX": "dW", "dW": "db", "db": "Z"},
            "Z comes first: the order is Z, dX, dW, db.",
        ),
        instead(
            "no bias",
            "Z",
            lambda X, W, b, dZ: W @ X,
            "Your Z is W @ X alone: the bias b is not in it.",
        ),
        instead(
            "bias along the batch",
            "Z",
            lambda X, W, b, dZ: W @ X + b,
            "You add b along each row, one entry per example: NumPy lays it against the last "
            "axis, which is now the batch.",
        ),
        instead(
            "row convention",
            "Z",
            lambda X, W, b, dZ: X @ W.T + b,
            "X @ W.T + b is the row convention. Here the examples are columns.",
        ),
        transposed("Z"),
        instead(
            "dX of rows",
            "dX",
            lambda X, W, b, dZ: dZ @ W,
            "dZ @ W is the row convention. Here the outputs are the first axis of dZ.",
        ),
        instead(
            "dX through W",
            "dX",
            lambda X, W, b, dZ: W @ dZ,
            "You compute W @ dZ. Forward the product was with W; going back, the axes of outputs "
            "have to meet.",
        ),
        divided("dX", "B", "the batch size", "no mean over the batch belongs here"),
        instead(
            "dW of rows",
            "dW",
            lambda X, W, b, dZ: dZ.T @ X,
            "dZ.T @ X is the row convention. Here the batch is the last axis of both.",
        ),
        transposed("dW"),
        divided("dW", "B", "the batch size", "you average over the batch where the sum is needed"),
        instead(
            "db along outputs",
            "db",
            lambda X, W, b, dZ: dZ.sum(0),
            "You sum over axis 0. In the column convention axis 0 holds the outputs; the batch "
            "is the last axis.",
        ),
        instead(
            "db as a column",
            "db",
            lambda X, W, b, dZ: dZ.sum(1, keepdims=True),
            "The numbers in your db are right, but it has kept the batch as an axis of length 1. "
            "b has shape (d_out,), and so must db.",
        ),
        instead(
            "db not summed",
            "db",
            lambda X, W, b, dZ: dZ,
            "Your db is dZ itself, one column per example. The examples share one bias, so their "
            "columns have to be added up.",
        ),
        divided("db", "B", "the batch size", "you average over the batch where the sum is needed"),
    ],
    because=_because,
)
