"""A batch through a layer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.functional import affine
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
from chainrule.grading.misconceptions import instead, transposed
from chainrule.grading.search import Arrays


def _affine(X: Array, W: Array, b: Array) -> Mapping[str, Array]:
    return {"Z": affine(X, W, b)[0]}


def _early(X: Array, W: Array, b: Array) -> Array:
    wrong = np.zeros((len(X), len(W)))
    wrong[:1] = X[:1] @ W.T + b
    return wrong


_LAYER = Arrays({"X": "B d_in", "W": "d_out d_in", "b": "d_out"})

AFFINE = Function(
    "affine-layers.affine",
    _LAYER,
    returns={"Z": "B d_out"},
    truth=_affine,
    checks=[
        shapes(
            "Write the shape of X and of W beside each other. Which axis has to disappear?",
            "The inner axes of a product @ must both be d_in. W has d_in last; what brings it "
            "to the front?",
        ),
        values(
            "Z",
            "Z[i, j] is neuron j looking at example i. Compute the entry that differs by hand.",
            "Row i of Z needs row i of X and every row of W. Entry j of b belongs to column j of "
            "Z.",
            "For one entry: Z[i, j] = X[i] @ W[j] + b[j]. Which product of matrices has the rows "
            "of X meet the rows of W?",
        ),
        keeps_float32(),
        empty_batch(
            _LAYER, "B", "X has no rows here. Which line needs one? A product of matrices does not."
        ),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "first example only",
            "Z",
            lambda X, W, b: X[:1] @ W.T + b,
            "Your Z has a row for the first example alone. X has {B} of them.",
        ),
        instead(
            "both turned around",
            "Z",
            lambda X, W, b: W.T @ X + b,
            "You compute W.T @ X. The axes that must meet are the last one of X and the last one"
            " of W.",
        ),
        instead(
            "rectified",
            "Z",
            lambda X, W, b: np.maximum(X @ W.T + b, 0),
            "Your scores are cut off at zero. An affine layer has no activation function; scores "
            "may be negative.",
        ),
        instead(
            "no bias",
            "Z",
            lambda X, W, b: X @ W.T,
            "Your Z is X @ W.T alone: the bias b is not in it.",
        ),
        instead(
            "W not transposed",
            "Z",
            lambda X, W, b: X @ W + b,
            "You compute X @ W. A row of W holds the weights of one neuron, so rows of X must "
            "meet rows of W.",
        ),
        instead(
            "W first",
            "Z",
            lambda X, W, b: W @ X + b,
            "You compute W @ X. That is for examples in columns; here they are the rows of X.",
        ),
        instead(
            "W first, X transposed",
            "Z",
            lambda X, W, b: W @ X.T + b,
            "W @ X.T has the examples in its columns, shape (d_out, B). Which order of the two "
            "factors puts them in rows?",
        ),
        instead(
            "W reshaped",
            "Z",
            lambda X, W, b: X @ W.reshape(W.shape[1], -1) + b,
            "You reshape W where it must be transposed. Reshaping keeps the order of the numbers "
            "in memory and cuts it into other rows.",
        ),
        instead(
            "bias along the batch",
            "Z",
            lambda X, W, b: X @ W.T + b[:, None],
            "You add b down the rows, one entry per example. It has one entry per neuron, that "
            "is, per column of Z.",
        ),
        instead(
            "bias summed",
            "Z",
            lambda X, W, b: X @ W.T + b.sum(),
            "You add the sum of all biases to every entry. Each neuron has its own.",
        ),
        instead(
            "bias subtracted",
            "Z",
            lambda X, W, b: X @ W.T - b,
            "You subtract the bias; it is added.",
        ),
        instead(
            "entry by entry",
            "Z",
            lambda X, W, b: X * W + b,
            "You multiply with *, entry by entry. A layer needs sums of products: @.",
        ),
        instead(
            "first example only",
            "Z",
            _early,
            "Only the first row of your Z is filled. Does a loop return too early?",
        ),
        instead(
            "mean over inputs",
            "Z",
            lambda X, W, b: X @ W.T / X.shape[1] + b,
            "Your sums of products are divided by {d_in}, the number of inputs: a sum is needed, "
            "not a mean.",
        ),
        transposed("Z"),
    ],
    because=lambda result, index, value: (
        f"Z[{index[0]}, {index[1]}] is X[{index[0]}] @ W[{index[1]}] + b[{index[1]}] = {value:g}"
    ),
)
