"""The exercises of the chapter ``affine-layers``.

The truth about a gradient is computed here by its definition, from the forward direction alone: an
affine map is its linear part plus a constant, so the gradient's entry k is ⟨dZ, linear part of the
unit input k⟩, with no formula for a gradient in sight
(:func:`chainrule.grading.exercises.adjoint`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.functional import affine
from chainrule.grading.exercises import (
    Answers,
    Array,
    Exercise,
    Function,
    Problem,
    adjoint,
    empty_batch,
    keeps_float32,
    leaves_inputs_alone,
    refuses,
    shapes,
    strided,
    values,
    whole_number,
)
from chainrule.grading.misconceptions import divided, exchanged, instead, multiplied, transposed
from chainrule.grading.search import Arrays, Case, Lists

# --- 1. Predict the shape -------------------------------------------------------------------------

# Only the shapes count; NumPy itself says what becomes of them.
_ARRAYS = {
    "x": np.zeros(3),
    "w": np.zeros(3),
    "X": np.zeros((5, 3)),
    "W": np.zeros((4, 3)),
    "b": np.zeros(4),
    "y": np.zeros((5, 1)),
    "t": np.zeros(5),
}
_EXPRESSIONS: dict[str, Callable[..., Array]] = {
    "w @ x": lambda w, x, **_: w @ x,
    "X @ w": lambda X, w, **_: X @ w,
    "X @ W.T": lambda X, W, **_: X @ W.T,
    "X @ W": lambda X, W, **_: X @ W,
    "X @ W.T + b": lambda X, W, b, **_: X @ W.T + b,
    "X @ W.T + t": lambda X, W, t, **_: X @ W.T + t,
    "y + b": lambda y, b, **_: y + b,
    "y - t": lambda y, t, **_: y - t,
}

_SHAPE_MISTAKES: dict[str, dict[object, str]] = {
    "w @ x": {
        (3,): "(3,) is the shape of w * x, the three products. @ also adds them up.",
        (3, 3): "(3, 3) is a table of every product of an entry of w with an entry of x, "
        "np.outer(w, x). @ pairs equal positions and adds up.",
    },
    "X @ w": {
        (5, 3): "(5, 3) is the shape of X * w. @ also adds up along the axis that the two share.",
        (5, 1): "w has one axis, and @ sums that axis away. Nothing is left to make a column of.",
    },
    "X @ W.T": {
        (5, 3): "The axis of length 3 is the one that is summed over; it cannot be in the result.",
    },
    "X @ W": {
        (5, 4): "That is X @ W.T. Without .T the last axis of X, 3, meets the first of W, 4.",
        (5, 3): "@ needs the last axis of X, 3, to be as long as the first of W, 4.",
    },
    "X @ W.T + b": {
        (4,): "Adding never makes an array smaller: b is stretched to the shape of the batch.",
        "error": "b has fewer axes than X @ W.T, and that is allowed: its axis of 4 is laid "
        "against the last axis, also 4, and repeated for every row.",
    },
    "X @ W.T + t": {
        (5, 4): "You add one number of t to each row. NumPy lays axes against each other from the "
        "right, so the 5 of t meets the 4 columns.",
    },
    "y + b": {
        "error": "The lengths 1 and 4 do fit: an axis of length 1 is repeated as often as needed.",
        (5, 1): "The axis of length 1 does not stay: it is repeated to match the 4 entries of b.",
        (4,): "y has two axes, so the result has two; the 5 rows of y are still there.",
    },
    "y - t": {
        (5, 1): "You pair row i of y with entry i of t. NumPy lays axes against each other from "
        "the right: the 5 of t meets the 1 of y, not its 5.",
        (5,): "You pair row i of y with entry i of t. NumPy lays axes against each other from "
        "the right: the 5 of t meets the 1 of y, not its 5.",
        "error": "NumPy does not complain, and that is the danger: from the right, 5 meets 1, "
        "and the axis that t lacks counts as 1.",
    },
}

_MATMUL_HINTS = (
    "Write the two shapes next to each other. For @, which two axes must have the same length, "
    "and what becomes of them?",
    "(m, n) @ (n, k) has shape (m, k): the two axes of length n are summed away. An array with "
    "one axis has only the axis that is summed.",
)
_BROADCAST_HINTS = (
    "Write the two shapes one under the other, aligned at their right ends.",
    "Two lengths in the same place fit if they are equal or if one of them is 1. A missing axis, "
    "always on the left, counts as 1.",
)


def _predicted(question: str) -> Callable[[Any], Problem | None]:
    try:
        truth: object = _EXPRESSIONS[question](**_ARRAYS).shape
    except ValueError:
        truth = "error"

    def judge(answer: Any) -> Problem | None:
        if isinstance(answer, list):
            answer = tuple(answer)
        if isinstance(answer, tuple) and all(type(n) is int for n in answer):
            if answer == truth:
                return None
        elif isinstance(answer, str) and answer == truth:
            return None
        return Problem(
            "prediction",
            f"NumPy does something else with {question}.",
            question,
            shown=(
                ("for", _shapes_in(question)),
                ("yours", repr(answer)),
                ("expected", f"run ({question}).shape and see"),
            ),
            diagnosis=_explained(question, answer, truth),
        )

    return judge


def _shapes_in(question: str) -> str:
    return ", ".join(
        f"{name} {array.shape}"
        for name, array in _ARRAYS.items()
        if name in question.split() or f"{name}.T" in question.split()
    )


def _explained(question: str, answer: Any, truth: object) -> str | None:
    if type(answer) is int:
        if truth == (answer,) and answer:
            return (
                f"({answer}) is only the number {answer}. A shape with one axis has a comma: "
                f"({answer},)."
            )
        return f"A shape is a tuple, such as (3, 2), (3,) or (); you give the number {answer}."
    if isinstance(answer, str) and answer != "error":
        return 'The only answer in quotes is "error"; a shape is a tuple such as (3, 2).'
    if not isinstance(answer, (tuple, str)):
        return 'Answer with a tuple of whole numbers, such as (3, 2), or with "error".'
    if answer in _SHAPE_MISTAKES[question]:
        return _SHAPE_MISTAKES[question][answer]
    if truth == () and answer == (1,):
        return (
            "(1,) is an array with one axis, of length 1. A single number has no axis at all: ()."
        )
    if isinstance(truth, tuple) and len(truth) > 1 and answer == truth[::-1]:
        return "Your axes are in reverse: the axis of the left factor comes first."
    return None


SHAPES = Answers(
    "affine-layers.shapes",
    questions={question: _predicted(question) for question in _EXPRESSIONS},
    hints={
        question: _BROADCAST_HINTS if "+" in question or "-" in question else _MATMUL_HINTS
        for question in _EXPRESSIONS
    },
)


# --- 2. One neuron --------------------------------------------------------------------------------


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


# --- 3. A batch through a layer -------------------------------------------------------------------


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
        empty_batch(_LAYER, "B"),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
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


# --- 4. Counting parameters -----------------------------------------------------------------------


def _count(sizes: list[int]) -> Mapping[str, Array]:
    return {"count": np.asarray(sum(m * n + n for m, n in pairwise(sizes)))}


COUNT_PARAMETERS = Function(
    "affine-layers.count_parameters",
    Lists(
        "sizes",
        probes=[[3, 2], [2, 5], [4, 3, 2], [2, 3, 4], [5, 1, 4, 2], [2, 3, 4, 5, 6], [784, 10, 10]],
    ),
    returns={"count": ""},
    truth=_count,
    checks=[
        shapes("One number is asked for: all parameters of all layers together."),
        values(
            "count",
            "Draw the network above. How many arrows lead into one unit of the second column, "
            "and how many units are there?",
            "A list of n sizes describes n - 1 layers: one between each two neighbors.",
            "A layer from m inputs to n outputs has an (n, m) matrix and a bias for each output.",
        ),
        whole_number("count"),
        leaves_inputs_alone(
            "sizes belongs to the caller. Look for sizes.pop, sizes.append, sizes[...] = or del."
        ),
    ],
    mistakes=[
        instead(
            "every layer from the input",
            "count",
            lambda sizes: sum(sizes[0] * n + n for n in sizes[1:]),
            "You connect every layer to the first size. A layer's inputs are the outputs of the "
            "layer before it.",
        ),
        instead(
            "no biases",
            "count",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)),
            "You count the weights and leave out the biases.",
        ),
        instead(
            "biases of the input",
            "count",
            lambda sizes: sum(m * n for m, n in pairwise(sizes)) + sum(sizes),
            "You count a bias for each input too. The first size is data, not a layer.",
        ),
        instead(
            "bias per input",
            "count",
            lambda sizes: sum(m * n + m for m, n in pairwise(sizes)),
            "You count a bias for every input of a layer. A layer has one for every output.",
        ),
        instead(
            "one bias per layer",
            "count",
            lambda sizes: sum(m * n + 1 for m, n in pairwise(sizes)),
            "You count one bias for each layer. Every unit of the layer has its own.",
        ),
        instead(
            "no output layer",
            "count",
            lambda sizes: sum(m * n + n for m, n in pairwise(sizes[:-1])),
            "The last layer is missing: a list of n sizes has n - 1 layers.",
        ),
        instead(
            "first layer only",
            "count",
            lambda sizes: sum(m * n + n for m, n in pairwise(sizes[:2])),
            "You count the first layer only. Does a loop return too early?",
        ),
        instead(
            "last layer only",
            "count",
            lambda sizes: sum(m * n + n for m, n in pairwise(sizes[-2:])),
            "You count the last layer only. Does your loop overwrite the count instead of adding "
            "to it?",
        ),
        instead(
            "units",
            "count",
            lambda sizes: sum(sizes),
            "You count the units. Parameters sit on the connections between them.",
        ),
        instead(
            "product of all sizes",
            "count",
            lambda sizes: np.prod(sizes),
            "You multiply all sizes. Only neighbors are connected, and layers add up.",
        ),
    ],
)


# --- 5. The three gradients -----------------------------------------------------------------------


def _pullback(dZ: Array, X: Array, W: Array) -> Mapping[str, Array]:
    no_b = np.zeros(len(W))
    return {
        "dX": adjoint(lambda V: affine(V, W, no_b)[0], dZ, X.shape),
        "dW": adjoint(lambda V: affine(X, V, no_b)[0], dZ, W.shape),
        "db": adjoint(lambda v: affine(0 * X, 0 * W, v)[0], dZ, no_b.shape),
    }


def _because(result: str, index: tuple[int, ...], value: float) -> str:
    """What the entry of a gradient says: the effect of a nudge of one."""
    place = ", ".join(map(str, index))
    change = "does not change (dZ * Z).sum()"
    if value:
        change = f"{'raises' if value > 0 else 'lowers'} (dZ * Z).sum() by {abs(value):.4g}"
    return f"raising {result[1:]}[{place}] by 1 {change}"


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
    because=_because,
)


# --- 6. The column convention ---------------------------------------------------------------------


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


def _because_columns(result: str, index: tuple[int, ...], value: float) -> str:
    if result == "Z":
        j, i = index
        return f"Z[{j}, {i}] is W[{j}] @ X[:, {i}] + b[{j}] = {value:.4g}"
    return _because(result, index, value)


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
    because=_because_columns,
)


# --- 7. Find the bug ------------------------------------------------------------------------------


def _summary(X: Array, W: Array, b: Array, t: Array) -> Mapping[str, Array]:
    residual = affine(X, W, b)[0][:, 0] - t
    return {
        "mean_residual": np.asarray(residual.mean()),
        "mean_square": np.asarray((residual * residual).mean()),
    }


def _summary_magnitude(X: Array, W: Array, b: Array, t: Array) -> Mapping[str, Array]:
    size = affine(abs(X), abs(W), abs(b))[0][:, 0] + abs(t)
    return {
        "mean_residual": np.asarray(size.mean()),
        "mean_square": np.asarray((size * size).mean()),
    }


_RESIDUALS = Arrays({"X": "B d_in", "W": "1 d_in", "b": "1", "t": "B"})


def _unfit() -> list[Case]:
    """Targets that are not one per example, most of which NumPy broadcasts without a word."""
    case = {"X": np.array([[1.0], [2.0]]), "W": np.ones((1, 1)), "b": np.zeros(1)}
    return [case | {"t": np.ones(shape)} for shape in ((1,), (2, 1), (1, 2), (3,), ())]


RESIDUAL_SUMMARY = Function(
    "affine-layers.residual_summary",
    _RESIDUALS,
    returns={"mean_residual": "", "mean_square": ""},
    truth=_summary,
    magnitude=_summary_magnitude,
    checks=[
        shapes(
            "Both results are single numbers: a mean over all examples. And the t above has the "
            "shape that is right, (B,): it must get through.",
        ),
        values(
            "mean_residual",
            "Compute the score of each example above by hand, subtract its target, and average.",
            "This number came out right in the code you were given. What did you change?",
        ),
        values(
            "mean_square",
            "How many differences are there between B scores and their B targets? How many does "
            "your code make? Print the shape of each intermediate array.",
            "Z has shape (B, 1) and t has shape (B,). What did you find about y - t in the first "
            "exercise?",
            "Bring both to one shape before you subtract: Z[:, 0] has shape (B,).",
        ),
        refuses(
            "refuses bad targets",
            _unfit(),
            "ValueError",
            lambda case: f"t has shape {case['t'].shape}, not (B,) = ({len(case['X'])},)",
            "What must be true of t.shape for the subtraction to pair each score with its target?",
            "if t.shape != ...: raise ValueError(...), before anything is computed with t.",
            says=lambda case: (f"({len(case['X'])},)", str(case["t"].shape)),
        ),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        instead(
            "every score with every target",
            "mean_square",
            lambda X, W, b, t: ((X @ W.T + b - t) ** 2).mean(),
            "You average {B} * {B} squares: Z is ({B}, 1) and t is ({B},), so Z - t pairs every "
            "score with every target.",
        ),
        instead(
            "variance",
            "mean_square",
            lambda X, W, b, t: ((X @ W.T + b)[:, 0] - t).var(),
            "You take the variance, which subtracts the mean residual before it squares. Square "
            "the residuals as they are.",
        ),
        instead(
            "square of the mean",
            "mean_square",
            lambda X, W, b, t: (X @ W.T + b - t).mean() ** 2,
            "You square the mean residual. Square each residual first, then average.",
        ),
        instead(
            "sum of squares",
            "mean_square",
            lambda X, W, b, t: (((X @ W.T + b)[:, 0] - t) ** 2).sum(),
            "Your mean_square is the sum of the squares; divide by the number of examples.",
        ),
        instead(
            "sum over all pairs",
            "mean_square",
            lambda X, W, b, t: ((X @ W.T + b - t) ** 2).sum() / len(t),
            "You still add {B} * {B} squares and divide by {B}: Z - t pairs every score with "
            "every target. Dividing differently does not mend it.",
        ),
        instead(
            "absolute values",
            "mean_square",
            lambda X, W, b, t: abs((X @ W.T + b)[:, 0] - t).mean(),
            "Your mean_square averages absolute values; squares are asked for.",
        ),
        instead(
            "first score only",
            "mean_square",
            lambda X, W, b, t: (((X @ W.T + b)[0] - t) ** 2).mean(),
            "You compare the score of the first example with every target: Z[0] is a row. The "
            "column you want is Z[:, 0].",
        ),
        exchanged(
            {"mean_residual": "mean_square", "mean_square": "mean_residual"},
            "The two results are exchanged: mean_residual comes first.",
        ),
        instead(
            "mean_residual negated",
            "mean_residual",
            lambda X, W, b, t: (t - (X @ W.T + b)[:, 0]).mean(),
            "Your residual is target minus score. Here it is score minus target.",
        ),
        instead(
            "mean of the first score",
            "mean_residual",
            lambda X, W, b, t: ((X @ W.T + b)[0] - t).mean(),
            "You compare the score of the first example with every target: Z[0] is a row. The "
            "column you want is Z[:, 0].",
        ),
        instead(
            "sum of residuals",
            "mean_residual",
            lambda X, W, b, t: ((X @ W.T + b)[:, 0] - t).sum(),
            "Your mean_residual is the sum of the residuals; divide by the number of examples.",
        ),
        instead(
            "no bias",
            "mean_residual",
            lambda X, W, b, t: ((X @ W.T)[:, 0] - t).mean(),
            "Your scores lack the bias b.",
        ),
    ],
)

EXERCISES: tuple[Exercise, ...] = (
    SHAPES,
    NEURON,
    AFFINE,
    COUNT_PARAMETERS,
    AFFINE_PULLBACK,
    AFFINE_COLUMNS,
    RESIDUAL_SUMMARY,
)
