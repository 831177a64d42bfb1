"""The local linear map of a ReLU network around an input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    adjoint,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import Misconception, instead, transposed
from chainrule.grading.search import Arrays


def _map(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Mapping[str, Array]:
    """Ask the piece itself: units that are off at ``x`` stay off, wherever it is asked."""
    on = W1 @ x + b1 > 0

    def piece(v: Array, b1: Array, b2: Array) -> Array:
        return np.asarray(W2 @ np.where(on, W1 @ v + b1, 0) + b2)

    no_b1, no_b2 = 0 * b1, 0 * b2
    rows = [adjoint(lambda v: piece(v, no_b1, no_b2), dz, x.shape) for dz in np.eye(len(b2))]
    return {"M": np.stack(rows), "c": piece(0 * x, b1, b2)}


def _magnitude(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Mapping[str, Array]:
    """``c`` may be computed as the logits less M x, so their size counts, too."""
    hidden = abs(W1) @ abs(x) + abs(b1)
    return {"M": abs(W2) @ abs(W1), "c": 2 * (abs(W2) @ hidden + abs(b2))}


def _because(result: str, index: tuple[int, ...], value: float) -> str:
    if result == "M":
        k, j = index
        return f"on this piece, raising x[{j}] by 1 changes logit {k} by {value:.4g}"
    return f"logit {index[0]} is M[{index[0]}] @ x + c[{index[0]}], and this c is {value:.4g}"


def _wrong(result: str, name: str, formula: Callable[..., Any], says: str) -> Misconception:
    """``formula`` gets the pattern ``s`` as well."""

    def computed(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
        return formula(x=x, W1=W1, b1=b1, W2=W2, b2=b2, s=(W1 @ x + b1 > 0) * 1.0)

    return instead(name, result, computed, says)


# All sizes different, all equal, and pairs of them equal, with units on and off in most.
_PROBES = [(2, 3, 4), (3, 4, 2), (4, 2, 3), (3, 3, 3), (4, 4, 4), (3, 5, 4)]
_PROBES += [(4, 4, 2), (6, 6, 3), (2, 4, 4), (3, 5, 5), (3, 4, 3), (6, 7, 5)]

LOCAL_MAP = Function(
    "forward-pass.local_map",
    Arrays(
        {"x": "d_0", "W1": "d_h d_0", "b1": "d_h", "W2": "K d_h", "b2": "K"},
        probes=[{"d_0": d_0, "d_h": d_h, "K": K} for d_0, d_h, K in _PROBES],
    ),
    returns={"M": "K d_0", "c": "K"},
    truth=_map,
    magnitude=_magnitude,
    checks=[
        shapes(
            "The logits are M @ x + c, with x of shape (d_0,). What shapes must M and c have?",
            "W2 is (K, d_h) and W1 is (d_h, d_0). The pattern, (d_h,), belongs to the axis "
            "between them: as a column, s[:, None], it multiplies the rows of W1. Who leaves rows "
            "of W1 out instead has to leave out the same columns of W2.",
        ),
        values(
            "M",
            "Which hidden units are on at this x? Cross out the others and write down what is "
            "left of the network.",
            "A unit that is off takes its row of W1 and its column of W2 out of the game.",
            "M is W2 D W1, and D has the pattern on its diagonal: 1 where the score is positive, "
            "0 elsewhere.",
        ),
        values(
            "c",
            "What does the piece say at x = 0, if its units stay on and off as they are here?",
            "b1 passes the mask and the second layer, b2 nothing.",
            "M @ x + c must be the logits. You have M and can compute the logits: which c is left?",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        _wrong(
            "M",
            "no mask",
            lambda W1, W2, **_: W2 @ W1,
            "Your M is W2 @ W1, the map with every unit on. A unit that is off hands nothing on.",
        ),
        _wrong(
            "M",
            "other units",
            lambda W1, W2, s, **_: W2 @ ((1 - s)[:, None] * W1),
            "You keep the units that are off, and leave out those that are on.",
        ),
        _wrong(
            "M",
            "pattern without bias",
            lambda x, W1, W2, **_: W2 @ ((W1 @ x > 0)[:, None] * W1),
            "You ask W1 @ x > 0 which units are on. The score has a bias: W1 @ x + b1.",
        ),
        _wrong(
            "M",
            "responses for pattern",
            lambda x, W1, b1, W2, **_: W2 @ (np.maximum(W1 @ x + b1, 0)[:, None] * W1),
            "You multiply by the responses. Where a unit is on, ReLU multiplies by 1.",
        ),
        _wrong(
            "M",
            "mask on the inputs",
            lambda W1, W2, s, **_: W2 @ (W1 * s),
            "Your mask multiplies columns, one for each input. It has an entry for each hidden "
            "unit: it belongs to the rows of W1, before the product with W2.",
        ),
        _wrong(
            "M",
            "mask on the outputs",
            lambda W1, W2, s, **_: s[:, None] * (W2 @ W1),
            "You mask W2 @ W1. The mask belongs between the two: to the hidden units, not to the "
            "logits.",
        ),
        _wrong(
            "M",
            "signs of x",
            lambda x, W1, W2, **_: W2 @ (W1 * (x > 0)),
            "You ask whether the inputs are positive. ReLU asks whether the hidden scores are.",
        ),
        _wrong(
            "M",
            "head left out",
            lambda W1, s, **_: s[:, None] * W1,
            "You return the map to the responses. The last layer, W2, is still to come.",
        ),
        _wrong(
            "M",
            "entries rectified",
            lambda W1, W2, **_: W2 @ np.maximum(W1, 0),
            "You take ReLU of the weights. It is taken of the scores, and it leaves the weights of "
            "a unit that is on as they are.",
        ),
        _wrong(
            "M",
            "product rectified",
            lambda W1, W2, **_: np.maximum(W2 @ W1, 0),
            "You take ReLU of W2 @ W1. Which units are on is decided between the two layers, by "
            "the scores at x.",
        ),
        transposed("M"),
        _wrong(
            "c",
            "no mask for the bias",
            lambda b1, W2, b2, **_: W2 @ b1 + b2,
            "The biases of units that are off are in your c. What such a unit hands on is 0, "
            "whatever its bias.",
        ),
        _wrong(
            "c", "b2 alone", lambda b2, **_: b2, "Your c is b2 alone. b1 passes the mask and W2."
        ),
        _wrong(
            "c",
            "b2 left out",
            lambda b1, W2, s, **_: W2 @ (s * b1),
            "b2 is not in your c.",
        ),
        _wrong(
            "c",
            "head left out for the bias",
            lambda b1, b2, s, **_: s * b1 + b2,
            "b1 has to pass the second layer, W2, on its way to the logits.",
        ),
        _wrong(
            "c",
            "logits",
            lambda x, W1, b1, W2, b2, **_: W2 @ np.maximum(W1 @ x + b1, 0) + b2,
            "Your c is the logits themselves. M @ x + c is to be the logits, so M @ x has to be "
            "subtracted.",
        ),
        _wrong(
            "c",
            "at the origin",
            lambda W1, b1, W2, b2, **_: W2 @ np.maximum(b1, 0) + b2,
            "Your c is what the network says at x = 0. Another piece may lie there: here the units "
            "stay on and off as they are at x.",
        ),
        _wrong(
            "c",
            "a row",
            lambda b1, W2, b2, s, **_: (W2 @ (s * b1) + b2)[None],
            "The numbers in your c are right, but it has kept an axis of length 1.",
        ),
    ],
    because=_because,
)
