"""Losses: how wrong a prediction is, as one number. Every loss is a mean over the batch.

Derived in the chapters ``backpropagation`` (cross-entropy) and ``losses``.
"""

from __future__ import annotations

import math
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
    _require_pairs("mse_loss", y=y, t=t)
    error = y - t
    L = (error * error).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        dy = error * (2 * dL / error.size)
        return dy, -dy

    return L, pullback


@differentiable
def l1_loss(y: Array, t: Array) -> tuple[Any, Pullback]:
    """Mean absolute error: L = mean(abs(y − t)), over all N entries.

    Parameters
    ----------
    y : array, any shape
        Predictions.
    t : array, the shape of ``y``
        Targets. Nothing is broadcast.

    Returns
    -------
    L : number
        In the unit of ``y``.
    pullback : callable
        dL → dy = dL · sign(y − t) / N, dt = −dy. Where y = t the slope is 0, by convention.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Bishop (2006), section 1.5.5.
    """
    _require_pairs("l1_loss", y=y, t=t)
    error = y - t
    L = np.abs(error).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        dy = np.sign(error) * (dL / error.size)
        return dy, -dy

    return L, pullback


@differentiable
def huber_loss(y: Array, t: Array, *, delta: float = 1.0) -> tuple[Any, Pullback]:
    """Huber loss: L = mean(½ e² where −δ ≤ e ≤ δ, δ (abs(e) − ½ δ) elsewhere), e = y − t.

    Parameters
    ----------
    y : array, any shape
        Predictions.
    t : array, the shape of ``y``
        Targets. Nothing is broadcast.
    delta : float, keyword only
        δ > 0, in the unit of ``y``: larger errors count linearly.

    Returns
    -------
    L : number
        In the squared unit of ``y``.
    pullback : callable
        dL → dy = dL · clip(y − t, −δ, δ) / N, dt = −dy.

    Raises
    ------
    ValueError
        If the shapes differ, there are no entries, or δ is not positive.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Huber (1964).
    """
    _require_pairs("huber_loss", y=y, t=t)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be greater than 0, got {delta}")
    error = y - t
    clipped = np.minimum(np.maximum(error, -delta), delta)
    L = (clipped * (error - 0.5 * clipped)).mean()  # both cases: clipped is e, or ±δ

    def pullback(dL: Any) -> tuple[Array, Array]:
        dy = clipped * (dL / error.size)
        return dy, -dy

    return L, pullback


@differentiable
def gaussian_nll_loss(mean: Array, t: Array, log_var: Array) -> tuple[Any, Pullback]:
    """Gaussian negative log likelihood: L = mean(½ (log 2π + s + (t − μ)² exp(−s))).

    Parameters
    ----------
    mean : array, any shape, N entries
        Predicted means μ.
    t : array, the shape of ``mean``
        Targets. Nothing is broadcast.
    log_var : array, the shape of ``mean``
        Predicted logarithms s of the variances, so that every output of a network is allowed.

    Returns
    -------
    L : number
        In nats.
    pullback : callable
        dL → dμ = dL · (μ − t) exp(−s) / N, dt = −dμ, ds = dL · ½ (1 − (t − μ)² exp(−s)) / N.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    PyTorch's function of this name takes variances and leaves out ½ log 2π unless asked.
    Derived in the chapter ``probabilistic-models``; Nix & Weigend (1994), equation 5.
    """
    _require_pairs("gaussian_nll_loss", mean=mean, t=t, log_var=log_var)
    error, precision = mean - t, np.exp(-log_var)
    scaled = error * error * precision
    L = 0.5 * (math.log(2 * math.pi) + (log_var + scaled).mean())

    def pullback(dL: Any) -> tuple[Array, Array, Array]:
        dmean = error * precision * (dL / mean.size)
        return dmean, -dmean, (1 - scaled) * (0.5 * dL / mean.size)

    return L, pullback


@differentiable
def kl_standard_normal(mean: Array, log_var: Array) -> tuple[Any, Pullback]:
    """KL(N(μ, exp s) ‖ N(0, 1)): L = mean(Σ ½ (μ² + exp(s) − s − 1)), with Σ over the last axis.

    Parameters
    ----------
    mean : array (..., d)
        μ: one Gaussian of d independent dimensions per row, N rows.
    log_var : array (..., d)
        s, the logarithms of the variances.

    Returns
    -------
    L : number
        In nats per row.
    pullback : callable
        dL → dμ = dL · μ / N, ds = dL · ½ (exp(s) − 1) / N.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``variational-autoencoders``; Kingma & Welling (2014), appendix B.
    """
    _require_pairs("kl_standard_normal", mean=mean, log_var=log_var)
    variance = np.exp(log_var)
    rows = mean.size // mean.shape[-1] if mean.ndim else 1
    L = (mean * mean + variance - log_var - 1).sum() / (2 * rows)

    def pullback(dL: Any) -> tuple[Array, Array]:
        return mean * (dL / rows), (variance - 1) * (0.5 * dL / rows)

    return L, pullback


@differentiable
def hinge_loss(z: Array, t: Array) -> tuple[Any, Pullback]:
    """Hinge loss: L = mean(max(0, 1 − t z)), over all N entries.

    Parameters
    ----------
    z : array, any shape
        Scores; the sign is the predicted class.
    t : array, the shape of ``z``
        True classes, −1 or +1. Nothing is broadcast.

    Returns
    -------
    L : number
    pullback : callable
        dL → dz = −dL · t [t z < 1] / N, dt = −dL · z [t z < 1] / N. Where t z = 1 the slope is 0,
        by convention.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Cortes & Vapnik (1995).
    """
    _require_pairs("hinge_loss", z=z, t=t)
    slack = np.maximum(1 - t * z, 0)
    L = slack.mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        violated = (slack > 0) * (dL / z.size)
        return -t * violated, -z * violated

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
    _require_pairs("binary_cross_entropy_with_logits", z=z, t=t)
    _require_probabilities("binary_cross_entropy_with_logits", t)
    L = (np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        scale = dL / z.size
        return (sigmoid(z)[0] - t) * scale, -z * scale

    return L, pullback


@differentiable
def nll_loss(log_p: Array, t: Array) -> tuple[Any, Pullback]:
    """Negative log likelihood of classes: L = mean(−log_p[t]), over all N examples.

    Parameters
    ----------
    log_p : array (..., K)
        Log probabilities, for instance from ``log_softmax``.
    t : integer array (...)
        The true class of each example, 0 ≤ t < K.

    Returns
    -------
    L : number
        In nats.
    pullback : callable
        dL → dlog_p = −dL · onehot(t) / N, None.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no examples, or a class lies outside 0, …, K − 1.
    TypeError
        If ``log_p`` is not a floating-point array, or ``t`` not an integer array.

    Notes
    -----
    Derived in the chapter ``losses``; Goodfellow, Bengio & Courville (2016), section 5.5.
    """
    _require_classes("nll_loss", "log_p", log_p, t)
    rows, examples = log_p.reshape(t.size, -1), (np.arange(t.size), t.reshape(-1))
    L = -rows[examples].mean()

    def pullback(dL: Any) -> tuple[Array, None]:
        dlog_p = np.zeros_like(rows)
        dlog_p[examples] = -dL / t.size
        return dlog_p.reshape(log_p.shape), None

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
    _require_classes("cross_entropy", "z", z, t)
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


def _require_pairs(function: str, **arrays: Array) -> None:
    """Raise unless all ``arrays`` pair up entry by entry, and there is something to average."""
    require_floating(function, **arrays)
    require_same_shape(function, **arrays)
    name, first = next(iter(arrays.items()))
    require_entries(function, name, first)


def _require_probabilities(function: str, t: Array) -> None:
    if t.dtype.kind == "O":  # symbols have no order
        return
    outside = np.extract((t < 0) | (t > 1), t)
    if outside.size:
        raise ValueError(
            f"{function}: targets must lie in [0, 1], but t holds {outside[0]}; "
            "labels such as −1/+1 become 0/1 with (t + 1) / 2"
        )


def _require_classes(function: str, name: str, z: Array, t: Any) -> None:
    require_floating(function, **{name: z})
    if z.ndim == 0 or z.shape[-1] == 0:
        raise ValueError(
            f"{function}: {name} needs a last axis with one entry per class, got shape {z.shape}"
        )
    if not isinstance(t, (np.ndarray, np.integer)) or t.dtype.kind not in "iu":
        kind = t.dtype if isinstance(t, (np.ndarray, np.generic)) else type(t).__name__
        raise TypeError(
            f"{function}: t must be an array of integer class ids, got {kind}; "
            "from one-hot rows take t.argmax(-1)"
        )
    if t.shape != z.shape[:-1]:
        raise ValueError(
            f"{function}: t must have the shape of {name} without its last axis, {z.shape[:-1]}, "
            f"got {t.shape} ({name} has shape {z.shape})"
        )
    require_entries(function, name, z)
    K = z.shape[-1]
    outside = np.extract((t < 0) | (t >= K), t)
    if outside.size:
        raise ValueError(
            f"{function}: classes must lie in 0, …, {K - 1} ({name} has {K} columns), "
            f"but t holds {outside[0]}; count classes from 0"
        )
