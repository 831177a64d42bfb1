"""Forward through a network of any depth."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Mistake,
    Program,
    Programs,
    agrees,
    inputs_unchanged,
)
from chainrule.grading.search import whole_numbers

Parameters = Sequence[tuple[Array, Array]]
Activation = Callable[[Array], Array]

_GIVEN = "def relu(Z):\n    return np.maximum(Z, 0)"


def _forward(X: Array, parameters: Parameters, activation: Activation) -> Array:
    A = X
    for number, (W, b) in enumerate(parameters, start=1):
        A = A @ W.T + b
        if number < len(parameters):
            A = activation(A)
    return A


def _changed(
    before: Activation = lambda A: A,
    layer: Callable[[Array, Array, Array], Array] = lambda A, W, b: A @ W.T + b,
    after: Callable[[int, int, Array, Activation], Array] = lambda number, L, Z, activation: (
        activation(Z) if number < L else Z
    ),
    start: Callable[[Parameters], Parameters] = lambda parameters: parameters,
) -> Any:
    """The forward pass with one of its parts changed."""

    def forward(X: Array, parameters: Parameters, activation: Activation) -> Array:
        A, parameters = X, start(parameters)
        for number, (W, b) in enumerate(parameters, start=1):
            Z = layer(before(A), W, b)
            A = after(number, len(parameters), Z, activation)
        return A

    return forward


def _activated_first(X: Array, parameters: Parameters, activation: Activation) -> Array:
    A = X
    for W, b in parameters:
        A = activation(A) @ W.T + b
    return A


def _bias_after(X: Array, parameters: Parameters, activation: Activation) -> Array:
    *hidden, (W_last, b_last) = parameters
    A = X
    for W, b in hidden:
        A = activation(A @ W.T) + b
    return A @ W_last.T + b_last


def _always_relu(X: Array, parameters: Parameters, activation: Activation) -> Array:
    return _forward(X, parameters, lambda Z: np.maximum(Z, 0))


def _two_at_most(X: Array, parameters: Parameters, activation: Activation) -> Array:
    return _forward(X, [parameters[0], parameters[-1]][: len(parameters)], activation)


def _each_from_x(X: Array, parameters: Parameters, activation: Activation) -> Array:
    Z = X
    for W, b in parameters:
        Z = X @ W.T + b
    return Z


def _program(sizes: Sequence[int], B: int, activation: str, seed: int) -> Program:
    """Small whole numbers; the seeds are such that units are on and off in each hidden layer."""
    rng = random.Random(seed)

    def entries(*shape: int) -> Array:
        return np.array(whole_numbers(math.prod(shape), rng)).reshape(shape)

    inputs, names = {"X": entries(B, sizes[0])}, []
    for number, (d_in, d_out) in enumerate(pairwise(sizes), start=1):
        inputs |= {f"W{number}": entries(d_out, d_in), f"b{number}": entries(d_out)}
        names.append(f"(W{number}, b{number})")
    source = f"parameters = [{', '.join(names)}]\nZ = forward(X, parameters, {activation})"
    # Sums of products of whole numbers are exact. For sines of them, their size counts.
    return Program(source, ["Z"], inputs=inputs, magnitude=100.0)


_ONE = [
    _program((1, 1), 1, "relu", 1),
    _program((2, 2), 2, "relu", 2),
    _program((2, 3), 1, "relu", 1),
    _program((3, 2), 2, "relu", 0),
]
_TWO = [
    _program((1, 1, 1), 1, "relu", 1),
    _program((2, 2, 1), 2, "relu", 2),
    _program((2, 3, 2), 3, "relu", 0),
    _program((2, 2, 2), 2, "relu", 2),
]
_DEEP = [
    _program((2, 2, 2, 2), 2, "relu", 2),
    _program((1, 2, 3, 1), 2, "relu", 3),
    _program((2, 3, 2, 3, 2), 3, "relu", 0),
    _program((2, 2, 2, 2, 2, 2), 2, "relu", 2),
]
_OTHER = [
    _program((2, 2, 1), 2, "np.tanh", 2),
    _program((2, 3, 2), 2, "np.sin", 1),
    _program((1, 2, 2, 2), 2, "np.abs", 2),
]
_NARROW = [
    replace(
        program,
        inputs={name: value.astype(np.float32) for name, value in program.inputs.items()},
        results=["Z.dtype == np.float32"],
        says="For float32 arrays your Z is not float32.",
    )
    for program in (_TWO[1], _DEEP[0])
]
_KEPT = [
    replace(
        program,
        results=["len(parameters)"],
        says="Your function changes the list of parameters, which belongs to its caller.",
    )
    for program in (_ONE[1], _TWO[2])
]
_EMPTY = [
    replace(
        program,
        inputs=dict(program.inputs) | {"X": program.inputs["X"][:0]},
        results=["Z.shape"],
    )
    for program in (_TWO[2], _DEEP[1])
]

FORWARD = Programs(
    "forward-pass.forward",
    reference=_forward,
    given=_GIVEN,
    checks=[
        agrees(
            "one layer",
            _ONE,
            "With a single pair in parameters there is no hidden layer. What is left of the "
            "network?",
            "The last layer has no activation function, and here it is the only one: X @ W.T + b.",
        ),
        agrees(
            "two layers",
            _TWO,
            "Follow the program by hand: the hidden scores, the responses, the logits. Where does "
            "yours part from that?",
            "Between two layers stands the activation function, after the bias and before the next "
            "product.",
        ),
        agrees(
            "any depth",
            _DEEP,
            "What goes into layer 2, and what into layer 3? Print the shape of A in each round of "
            "your loop.",
            "Each layer gets what the one before returned. Only the last one returns its scores as "
            "they are.",
            "*hidden, last = parameters takes the last pair apart from the others.",
        ),
        agrees(
            "the activation",
            _OTHER,
            "Which function stands between the layers, and who decides that?",
            "activation is a function like any other: activation(Z).",
        ),
        agrees(
            "float32",
            _NARROW,
            "Which line makes a new array, and of which dtype is it? np.zeros(shape) is float64 "
            "unless you say dtype=.",
            basic=False,
        ),
        agrees(
            "empty batch",
            _EMPTY,
            "X has no rows here. Which line needs one? Products and sums do not.",
            basic=False,
        ),
        agrees(
            "list unchanged",
            _KEPT,
            "pop, append and del change the list of whoever called you. parameters[-1] only looks.",
            basic=False,
        ),
        inputs_unchanged([_ONE[1], _TWO[2], _DEEP[0]]),
    ],
    mistakes=[
        Mistake(
            "activation at the end",
            "You apply the activation function after the last layer. Logits stay as they are.",
            _changed(after=lambda number, L, Z, activation: activation(Z)),
        ),
        Mistake(
            "activation first",
            "You apply the activation function before each layer, to X as well. It comes between "
            "two layers.",
            _activated_first,
        ),
        Mistake(
            "no biases",
            "The biases are not in your Z.",
            _changed(layer=lambda A, W, b: A @ W.T),
        ),
        Mistake(
            "biases subtracted",
            "You subtract the biases; they are added.",
            _changed(layer=lambda A, W, b: A @ W.T - b),
        ),
        Mistake(
            "not transposed",
            "You compute A @ W. A row of W holds the weights of one neuron, so rows of A must meet "
            "rows of W: A @ W.T.",
            _changed(layer=lambda A, W, b: A @ W + b),
        ),
        Mistake(
            "columns",
            "W @ A.T has the examples in its columns. Here they are rows, all the way.",
            _changed(layer=lambda A, W, b: W @ A.T + b),
        ),
        Mistake(
            "last left out",
            "Your last layer is missing. Does your loop run over parameters[:-1] and nothing come "
            "after it?",
            _changed(
                start=lambda parameters: parameters[:-1],
                after=lambda number, L, Z, activation: activation(Z),
            ),
        ),
        Mistake(
            "first layer only",
            "You return after the first layer. Is a return inside of the loop?",
            _changed(
                start=lambda parameters: parameters[:1],
                after=lambda number, L, Z, activation: Z,
            ),
        ),
        Mistake(
            "no activation",
            "There is no activation function between your layers: any depth of these is one "
            "affine layer.",
            _changed(after=lambda number, L, Z, activation: Z),
        ),
        Mistake(
            "bias after the activation",
            "You add the bias after the activation function. It belongs to the score: "
            "activation(A @ W.T + b).",
            _bias_after,
        ),
        Mistake(
            "each from X",
            "Each of your layers gets X. It gets what the layer before it returned.",
            _each_from_x,
        ),
        Mistake(
            "only once",
            "Your activation function acts after the first layer only. It stands between each two.",
            _changed(
                after=lambda number, L, Z, activation: activation(Z) if number == 1 < L else Z
            ),
        ),
        Mistake(
            "two at most",
            "You use the first pair and the last one. The layers between them are left out.",
            _two_at_most,
        ),
        Mistake(
            "turned around",
            "You take the layers from the last to the first.",
            _changed(start=lambda parameters: list(parameters)[::-1]),
        ),
        Mistake(
            "always ReLU",
            "You use ReLU, whatever activation is handed in.",
            _always_relu,
        ),
    ],
)
