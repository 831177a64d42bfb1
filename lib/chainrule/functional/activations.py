"""Activations: nonlinearities that act on one number at a time, and softmax, which does not.

Derived in the chapters ``backpropagation`` (ReLU) and ``activations``.
"""

from __future__ import annotations

import numpy as np

from chainrule.functional.contract import (
    Array,
    Pullback,
    differentiable,
    require_axis,
    require_floating,
)


@differentiable
def relu(x: Array) -> tuple[Array, Pullback]:
    """Rectified linear unit: y = max(x, 0).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy · [x > 0]. At x = 0 the slope is undefined; by convention it is 0, as in
        PyTorch.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``backpropagation``; Nair & Hinton (2010).
    """
    require_floating("relu", x=x)
    y = np.maximum(x, 0)

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * (y > 0),)

    return y, pullback


@differentiable
def sigmoid(x: Array) -> tuple[Array, Pullback]:
    """Logistic sigmoid: y = 1 / (1 + exp(−x)).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
        In [0, 1].
    pullback : callable
        dy → dx = dy · y (1 − y).

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    For very negative x, exp(−x) overflows to infinity and y is exactly 0, which is the right
    answer to the last digit, so the overflow is not reported.
    Derived in the chapter ``activations``; Goodfellow, Bengio & Courville (2016), section 3.10.
    """
    require_floating("sigmoid", x=x)
    with np.errstate(over="ignore"):
        y = 1 / (1 + np.exp(-x))

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * y * (1 - y),)

    return y, pullback


@differentiable
def tanh(x: Array) -> tuple[Array, Pullback]:
    """Hyperbolic tangent: y = (exp(x) − exp(−x)) / (exp(x) + exp(−x)).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
        In [−1, 1].
    pullback : callable
        dy → dx = dy · (1 − y²).

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``activations``; LeCun, Bottou, Orr & Müller (1998), section 4.4.
    """
    require_floating("tanh", x=x)
    y = np.tanh(x)

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * (1 - y * y),)

    return y, pullback


@differentiable
def softmax(x: Array, *, axis: int = -1) -> tuple[Array, Pullback]:
    """Softmax: yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along ``axis``.

    Parameters
    ----------
    x : array, at least one axis
        Logits.
    axis : int, keyword only
        The axis that becomes a probability distribution.

    Returns
    -------
    y : array, the shape of ``x``
        In [0, 1], with sum 1 along ``axis``.
    pullback : callable
        dy → dxᵢ = yᵢ (dyᵢ − Σⱼ yⱼ dyⱼ).

    Raises
    ------
    ValueError
        If ``axis`` does not exist or has no entries.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    The largest logit is subtracted first. This changes nothing in the fraction and keeps exp from
    overflowing.
    Derived in the chapter ``activations``; Bridle (1990).
    """
    require_floating("softmax", x=x)
    require_axis("softmax", x, axis)
    y = np.exp(x - x.max(axis, keepdims=True))
    y /= y.sum(axis, keepdims=True)

    def pullback(dy: Array) -> tuple[Array]:
        return (y * (dy - (y * dy).sum(axis, keepdims=True)),)

    return y, pullback


@differentiable
def log_softmax(x: Array, *, axis: int = -1) -> tuple[Array, Pullback]:
    """Logarithm of softmax: yᵢ = xᵢ − log Σⱼ exp(xⱼ) along ``axis``.

    Parameters
    ----------
    x : array, at least one axis
        Logits.
    axis : int, keyword only
        The axis of the probability distribution.

    Returns
    -------
    y : array, the shape of ``x``
        Log probabilities, at most 0, in nats.
    pullback : callable
        dy → dxᵢ = dyᵢ − exp(yᵢ) Σⱼ dyⱼ.

    Raises
    ------
    ValueError
        If ``axis`` does not exist or has no entries.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Taking the log of softmax would give −∞ as soon as a probability underflows; this form does not.
    Derived in the chapter ``losses``; Goodfellow, Bengio & Courville (2016), section 6.2.2.3.
    """
    require_floating("log_softmax", x=x)
    require_axis("log_softmax", x, axis)
    y = x - x.max(axis, keepdims=True)
    y -= np.log(np.exp(y).sum(axis, keepdims=True))

    def pullback(dy: Array) -> tuple[Array]:
        return (dy - np.exp(y) * dy.sum(axis, keepdims=True),)

    return y, pullback
