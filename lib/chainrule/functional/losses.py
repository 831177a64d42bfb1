"""Losses: how wrong a prediction is, as one number. Every loss is a mean over the batch.

Derived in the chapters ``backpropagation`` (cross-entropy) and ``losses``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functional.activations import log_softmax, sigmoid
from chainrule.functional.contract import (
    Array,
    Pullback,
    differentiable,
    require_entries,
    require_floating,
    require_same_shape,
)


@differentiable
def mse_loss(y: Array, t: Array) -> tuple[Any, Pullback]:
    """Mean squared error: L = mean((y − t)²), over all N entries.

    Parameters
    ----------
    y : array, any shape
        Predictions.
    t : array, the shape of ``y``
        Targets. Nothing is broadcast.

    Returns
    -------
    L : number
        In the squared unit of ``y``.
    pullback : callable
        dL → dy = dL · 2 (y − t) / N, dt = −dy.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Bishop (2006), section 3.1.1.
    """
    require_floating("mse_loss", y=y, t=t)
    require_same_shape("mse_loss", y=y, t=t)
    require_entries("mse_loss", "y", y)
    error = y - t
    L = (error * error).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        dy = error * (2 * dL / error.size)
        return dy, -dy

    return L, pullback


@differentiable
def binary_cross_entropy_with_logits(z: Array, t: Array) -> tuple[Any, Pullback]:
    """Binary cross-entropy of logits: L = mean(−t log σ(z) − (1 − t) log(1 − σ(z))).

    Parameters
    ----------
    z : array, any shape, N entries
        Logits: the log odds of class 1.
    t : array, the shape of ``z``
        Targets in [0, 1]: the probability of class 1. Nothing is broadcast.

    Returns
    -------
    L : number
        In nats.
    pullback : callable
        dL → dz = dL · (σ(z) − t) / N, dt = −dL · z / N.

    Raises
    ------
    ValueError
        If the shapes differ, there are no entries, or a target lies outside [0, 1].
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Computed as max(z, 0) − z t + log(1 + exp(−|z|)), which is the same number and overflows for
    no z.
    Derived in the chapter ``losses``; Bishop (2006), section 4.3.2.
    """
    require_floating("binary_cross_entropy_with_logits", z=z, t=t)
    require_same_shape("binary_cross_entropy_with_logits", z=z, t=t)
    require_entries("binary_cross_entropy_with_logits", "z", z)
    _require_probabilities("binary_cross_entropy_with_logits", t)
    L = (np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        scale = dL / z.size
        return (sigmoid(z)[0] - t) * scale, -z * scale

    return L, pullback


@differentiable
def cross_entropy(z: Array, t: Array) -> tuple[Any, Pullback]:
    """Softmax cross-entropy: L = mean(−log softmax(z)[t]), over all N examples.

    Parameters
    ----------
    z : array (..., K)
        Logits, one row of K classes per example.
    t : integer array (...)
        The true class of each example, 0 ≤ t < K.

    Returns
    -------
    L : number
        In nats; log K for logits that are all equal.
    pullback : callable
        dL → dz = dL · (softmax(z) − onehot(t)) / N, None.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no examples, or a class lies outside 0, …, K − 1.
    TypeError
        If ``z`` is not a floating-point array, or ``t`` not an integer array.

    Notes
    -----
    Derived in the chapters ``backpropagation`` and ``losses``; Bishop (2006), section 4.3.4.
    """
    _require_classes("cross_entropy", z, t)
    rows, classes = z.reshape(t.size, -1), t.reshape(-1)
    log_p, _ = log_softmax(rows)
    examples = np.arange(t.size)
    L = -log_p[examples, classes].mean()

    def pullback(dL: Any) -> tuple[Array, None]:
        dz = np.exp(log_p)
        dz[examples, classes] -= 1  # softmax(z) − onehot(t)
        dz *= dL / t.size
        return dz.reshape(z.shape), None

    return L, pullback


def _require_probabilities(function: str, t: Array) -> None:
    if t.dtype.kind == "O":  # symbols have no order
        return
    outside = np.extract((t < 0) | (t > 1), t)
    if outside.size:
        raise ValueError(
            f"{function}: targets must lie in [0, 1], but t holds {outside[0]}; "
            "labels such as −1/+1 become 0/1 with (t + 1) / 2"
        )


def _require_classes(function: str, z: Array, t: Any) -> None:
    require_floating(function, z=z)
    if z.ndim == 0 or z.shape[-1] == 0:
        raise ValueError(f"{function}: z needs a last axis with one logit per class, got {z.shape}")
    if not isinstance(t, (np.ndarray, np.integer)) or t.dtype.kind not in "iu":
        kind = t.dtype if isinstance(t, (np.ndarray, np.generic)) else type(t).__name__
        raise TypeError(
            f"{function}: t must be an array of integer class ids, got {kind}; "
            "from one-hot rows take t.argmax(-1)"
        )
    if t.shape != z.shape[:-1]:
        raise ValueError(
            f"{function}: t must have the shape of z without its last axis, {z.shape[:-1]}, "
            f"got {t.shape} (z has shape {z.shape})"
        )
    require_entries(function, "z", z)
    K = z.shape[-1]
    outside = np.extract((t < 0) | (t >= K), t)
    if outside.size:
        raise ValueError(
            f"{function}: classes must lie in 0, …, {K - 1} (z has {K} columns), "
            f"but t holds {outside[0]}; count classes from 0"
        )
