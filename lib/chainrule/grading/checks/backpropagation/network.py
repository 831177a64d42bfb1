"""The two-layer network of the chapter, for truths and for wrong formulas to be made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.grading.exercises import (
    Array,
)


def rectified(Z: Array) -> Array:
    """max(z, 0) for z with an infinitesimal imaginary part; 0 at the kink, and so is its slope."""
    return np.where(Z.real > 0, Z, 0)


@dataclass(frozen=True)
class Pass:
    """A run of the network, forward and back, for wrong formulas to be made from."""

    X: Array
    Y: Array
    W1: Array
    b1: Array
    W2: Array
    b2: Array
    Z1: Array
    A1: Array
    Z2: Array
    P: Array
    dZ2: Array
    dA1: Array
    dZ1: Array

    @property
    def B(self) -> int:
        """The batch size."""
        return len(self.X)


def run_network(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Pass:
    """Run the network on ``X``, with the true classes as one-hot rows ``Y``."""
    Z1 = X @ W1.T + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2.T + b2
    P = softmax(Z2, 1)
    dZ2 = (P - Y) / len(X)
    dA1 = dZ2 @ W2
    return Pass(X, Y, W1, b1, W2, b2, Z1, A1, Z2, P, dZ2, dA1, dA1 * (Z1 > 0))


def softmax(Z: Array, axis: int | None) -> Array:
    """Softmax along ``axis``, or over all of ``Z``."""
    E = np.exp(Z - Z.max(axis=axis, keepdims=True))
    return np.asarray(E / E.sum(axis=axis, keepdims=True))
