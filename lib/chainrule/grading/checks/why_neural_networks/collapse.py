"""The linear collapse of a stack of three layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    keeps_float32,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import Misconception, instead
from chainrule.grading.search import Arrays, Case


class _Stacks(Arrays):
    """Of the many small shapes, those without a 3; and all the probes."""

    def cases(self) -> list[Case]:
        return self._chosen

    @cached_property
    def _chosen(self) -> list[Case]:
        return [case for case in super().cases() if 3 not in self.sizes(case).values()] + [
            *self.probes()
        ]


def _score(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, w3: Array, b3: float) -> Array:
    """The score of the stack for one example, layer by layer."""
    h1 = (W1 * x).sum(1) + b1
    h2 = (W2 * h1).sum(1) + b2
    return np.asarray((w3 * h2).sum() + b3)


def _collapsed(
    W1: Array, b1: Array, W2: Array, b2: Array, w3: Array, b3: float
) -> Mapping[str, Array]:
    """What each input adds, and what is there without any: asked of the stack itself."""
    d = W1.shape[1]
    linear = [_score(e, W1, 0 * b1, W2, 0 * b2, w3, 0.0) for e in np.eye(d)]
    return {"w": np.array(linear), "b": _score(np.zeros(d), W1, b1, W2, b2, w3, b3)}


def _because(result: str, index: tuple[int, ...], value: float) -> str:
    if result == "b":
        return f"the score of the stack at x = 0 is {value:.4g}"
    return f"raising x[{index[0]}] by 1 changes the score of the stack by {value:.4g}"


def _wrong(result: str, name: str, formula: Callable[..., Any], says: str) -> Misconception:
    return instead(name, result, formula, says)


COLLAPSE = Function(
    "why-neural-networks.collapse",
    _Stacks({"W1": "m d", "b1": "m", "W2": "n m", "b2": "n", "w3": "n", "b3": ""}),
    returns={"w": "d", "b": ""},
    truth=_collapsed,
    checks=[
        shapes(
            "The single neuron takes the same x as the stack, so w has shape (d,), and b is a "
            "number. Write the shape of each factor beside your line.",
            "W2 is (n, m) and W1 is (m, d). In which order can they be multiplied, and what shape "
            "does the product have?",
        ),
        values(
            "w",
            "What does the stack say to x = (1, 0, ...) that it does not say to x = 0?",
            "Put the first layer into the second, z = W2 (W1 x + b1) + b2. Which matrix multiplies "
            "x now? Then the third.",
            "Entry k of w is the sum over i and j of w3[i] W2[i, j] W1[j, k].",
        ),
        values(
            "b",
            "What does the stack say to x = 0? Follow the biases through the layers.",
            "b1 comes out of the first layer. Which layers does it still have to pass?",
            "b1 passes two layers, b2 one, b3 none.",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        _wrong(
            "w",
            "last neuron left out",
            lambda W1, b1, W2, b2, w3, b3: (W2 @ W1).sum(0),
            "You add up the answers of the second layer. The last neuron weighs them, with w3.",
        ),
        _wrong(
            "w",
            "matrix of the hidden layers",
            lambda W1, b1, W2, b2, w3, b3: W2 @ W1,
            "W2 @ W1 is the first two layers as one. The last neuron, w3, is still to come.",
        ),
        _wrong(
            "w",
            "second layer left out",
            lambda W1, b1, W2, b2, w3, b3: w3 @ W1,
            "You put the last neuron straight on the first layer. W2 stands between them.",
        ),
        _wrong(
            "w",
            "first layer left out",
            lambda W1, b1, W2, b2, w3, b3: w3 @ W2,
            "Your w multiplies the answers of the first layer. It has to multiply x: W1 is not in "
            "it.",
        ),
        _wrong(
            "w",
            "other order",
            lambda W1, b1, W2, b2, w3, b3: W1 @ W2 @ w3,
            "You multiply W1 @ W2 @ w3. What is applied first stands next to x, at the right end: "
            "w3 @ W2 @ W1.",
        ),
        _wrong(
            "w",
            "W2 transposed",
            lambda W1, b1, W2, b2, w3, b3: W2 @ w3 @ W1,
            "You compute W2 @ w3. The last neuron weighs the rows of W2, one for each neuron of "
            "the second layer: w3 @ W2.",
        ),
        _wrong(
            "w",
            "entry by entry",
            lambda W1, b1, W2, b2, w3, b3: (w3[:, None] * W2 * W1.T).sum(0),
            "You multiply entry by entry. Neurons add up products: @.",
        ),
        _wrong(
            "w",
            "an axis too many",
            lambda W1, b1, W2, b2, w3, b3: (w3 @ W2 @ W1)[None],
            "The numbers in your w are right, but it has kept an axis of length 1.",
        ),
        _wrong(
            "w",
            "at x = 1",
            lambda W1, b1, W2, b2, w3, b3: np.array(
                [_score(e, W1, b1, W2, b2, w3, b3) for e in np.eye(W1.shape[1])]
            ),
            "You take the scores at (1, 0, ...), (0, 1, ...) and so on, biases included. What an "
            "input adds is that less the score at 0.",
        ),
        _wrong(
            "b",
            "last bias alone",
            lambda W1, b1, W2, b2, w3, b3: b3,
            "Your b is b3 alone. The other biases pass through the layers after them and come "
            "out in the score.",
        ),
        _wrong(
            "b",
            "biases added",
            lambda W1, b1, W2, b2, w3, b3: b1.sum() + b2.sum() + b3,
            "You add up all biases. b1 and b2 are weighed by the layers that come after them.",
        ),
        _wrong(
            "b",
            "bias arrays added",
            lambda W1, b1, W2, b2, w3, b3: b1 + b2 + b3,
            "You add b1, b2 and b3 as they are. b1 and b2 are weighed by the layers that come "
            "after them.",
        ),
        _wrong(
            "b",
            "b1 left out",
            lambda W1, b1, W2, b2, w3, b3: w3 @ b2 + b3,
            "b1 is not in your b. It passes the second layer and the last neuron.",
        ),
        _wrong(
            "b",
            "b2 left out",
            lambda W1, b1, W2, b2, w3, b3: w3 @ W2 @ b1 + b3,
            "b2 is not in your b. It passes the last neuron.",
        ),
        _wrong(
            "b",
            "b3 left out",
            lambda W1, b1, W2, b2, w3, b3: w3 @ (W2 @ b1 + b2),
            "b3 is not in your b.",
        ),
        _wrong(
            "b",
            "b1 past the second layer",
            lambda W1, b1, W2, b2, w3, b3: w3 @ (b1 + b2) + b3,
            "You add b1 to b2. Between the two stands the second layer: b1 passes W2.",
        ),
        _wrong(
            "b",
            "as an array",
            lambda W1, b1, W2, b2, w3, b3: np.array([w3 @ (W2 @ b1 + b2) + b3]),
            "The number is right, but it is packed in an array of length 1.",
        ),
    ],
    because=_because,
)
