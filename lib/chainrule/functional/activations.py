"""Activations: nonlinearities that act on one number at a time, and softmax, which does not.

Derived in the chapters ``backpropagation`` (ReLU) and ``activations``.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.arguments import require_numbers
from chainrule.functional.contract import (
    Array,
    Pullback,
    differentiable,
    require_axis,
    require_floating,
    require_same_shape,
)
from chainrule.functional.normal import normal
from chainrule.functional.sums import max_along, sum_along


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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import relu
    >>> y, pullback = relu(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([0., 0., 3.])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([0., 0., 1.])
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import sigmoid
    >>> y, pullback = sigmoid(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([0.1192, 0.5   , 0.9526])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([0.105 , 0.25  , 0.0452])
    """
    require_floating("sigmoid", x=x)
    with np.errstate(over="ignore"):
        y = np.exp(-x)
    y += 1
    y = 1 / y

    def pullback(dy: Array) -> tuple[Array]:
        dx = 1 - y
        dx *= y
        dx *= dy
        return (dx,)

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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import tanh
    >>> y, pullback = tanh(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([-0.964 ,  0.    ,  0.9951])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([0.0707, 1.    , 0.0099])
    """
    require_floating("tanh", x=x)
    y = np.tanh(x)

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * (1 - y * y),)

    return y, pullback


@differentiable
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> tuple[Array, Pullback]:
    """Leaky rectified linear unit: y = max(x, 0) + a min(x, 0), with a the ``negative_slope``.

    Parameters
    ----------
    x : array, any shape
    negative_slope : float, keyword only

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy where x > 0, a dy elsewhere, x = 0 included, as in PyTorch.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``activations``; Maas, Hannun & Ng (2013).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import leaky_relu
    >>> y, pullback = leaky_relu(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([-0.02,  0.  ,  3.  ])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([0.01, 0.01, 1.  ])
    """
    require_floating("leaky_relu", x=x)
    require_numbers("leaky_relu", None, negative_slope=negative_slope)
    y = np.maximum(x, 0) + negative_slope * np.minimum(x, 0)

    def pullback(dy: Array) -> tuple[Array]:
        return (negative_slope * dy + (1 - negative_slope) * dy * (x > 0),)

    return y, pullback


@differentiable
def elu(x: Array, *, alpha: float = 1.0) -> tuple[Array, Pullback]:
    """Exponential linear unit: y = x where x > 0, α (exp(x) − 1) elsewhere.

    Parameters
    ----------
    x : array, any shape
    alpha : float, keyword only
        −α is the least value.

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy where x > 0, dy α exp(x) elsewhere, x = 0 included, as in PyTorch.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``activations``; Clevert, Unterthiner & Hochreiter (2016), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import elu
    >>> y, pullback = elu(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([-0.8647,  0.    ,  3.    ])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([0.1353, 1.    , 1.    ])
    """
    require_floating("elu", x=x)
    require_numbers("elu", None, alpha=alpha)
    tail = alpha * np.expm1(np.minimum(x, 0))  # 0 where x > 0, so that nothing overflows
    y = np.maximum(x, 0) + tail

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * (x > 0) + dy * (tail + alpha) * (x <= 0),)

    return y, pullback


@differentiable
def softplus(x: Array) -> tuple[Array, Pullback]:
    """Softplus, a smooth ReLU: y = log(1 + exp(x)).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
        At least 0.
    pullback : callable
        dy → dx = dy σ(x).

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Computed as max(x, 0) + log(1 + exp(−|x|)), which is the same number and overflows for no x.
    Derived in the chapter ``activations``; Dugas et al. (2001).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import softplus
    >>> y, pullback = softplus(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([0.1269, 0.6931, 3.0486])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([0.1192, 0.5   , 0.9526])
    """
    require_floating("softplus", x=x)
    y = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * sigmoid(x)[0],)

    return y, pullback


@differentiable
def silu(x: Array) -> tuple[Array, Pullback]:
    """Sigmoid linear unit, also called Swish: y = x σ(x).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy (σ(x) + y (1 − σ(x))).

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``activations``; Elfwing, Uchibe & Doya (2018).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import silu
    >>> y, pullback = silu(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([-0.2384,  0.    ,  2.8577])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([-0.0908,  0.5   ,  1.0881])
    """
    require_floating("silu", x=x)
    s, _ = sigmoid(x)
    y = x * s

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * (s + y * (1 - s)),)

    return y, pullback


@differentiable
def gelu(x: Array, *, approximate: str = "none") -> tuple[Array, Pullback]:
    """Gaussian error linear unit: y = x Φ(x), with Φ the standard normal distribution function.

    Parameters
    ----------
    x : array, any shape
    approximate : {"none", "tanh"}, keyword only
        ``"tanh"`` replaces Φ(x) by ½ (1 + tanh(√(2/π) (x + 0.044715 x³))).

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy (Φ(x) + x φ(x)), with φ = Φ′, the normal density.

    Raises
    ------
    ValueError
        If ``approximate`` is neither.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``activations``; Hendrycks & Gimpel (2016), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import gelu
    >>> y, pullback = gelu(np.array([-2.0, 0.0, 3.0]))
    >>> y.round(4)
    array([-0.0455,  0.    ,  2.996 ])
    >>> dx, = pullback(np.ones(3))
    >>> dx.round(4)
    array([-0.0852,  0.5   ,  1.0119])
    """
    require_floating("gelu", x=x)
    if approximate == "none":
        cdf, density = normal(x)
        slope = x * density
        slope += cdf
        y = x * cdf
    elif approximate == "tanh":
        y, slope = (a.reshape(x.shape) for a in _gelu_tanh(x.reshape(-1)))
    else:
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * slope,)

    return y, pullback


def _gelu_tanh(x: Array) -> tuple[Array, Array]:
    """Value and slope of the tanh form, x (n,): y = x p, with p = ½ (1 + tanh(u/2)) = σ(u)."""
    s, c = 2 * math.sqrt(2 / math.pi), 0.044715
    try:
        with np.errstate(over="raise"):
            square = x * x
    except FloatingPointError:  # p is 0 or 1 long before x² is ∞, and 0 · ∞ would be NaN
        square = np.minimum(np.abs(x), 100) ** 2
    p = square * (-s * c)
    p -= s
    with np.errstate(over="ignore"):
        p *= x  # −u = −s (x + c x³)
        np.exp(p, out=p)
    p += 1
    np.divide(1, p, out=p)  # σ(u), as tanh, and its exp takes half the time
    y = x * p
    slope = 1 - p  # going to be p + x p (1 − p) s (1 + 3 c x²)
    slope *= y
    square *= 3 * s * c
    square += s
    slope *= square
    slope += p
    return y, slope


@differentiable
def glu(x: Array, *, axis: int = -1) -> tuple[Array, Pullback]:
    """Gated linear unit: y = a σ(b), with a and b the two halves of x along ``axis``.

    Parameters
    ----------
    x : array
        With an even number of entries along ``axis``.
    axis : int, keyword only

    Returns
    -------
    y : array
        Half as long as ``x`` along ``axis``.
    pullback : callable
        dy → dx = (da, db) put end to end, with da = dy σ(b), db = dy y (1 − σ(b)).

    Raises
    ------
    ValueError
        If ``axis`` does not exist or has an odd number of entries.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``activations``; Dauphin, Fan, Auli & Grangier (2017), equation 1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import glu
    >>> y, pullback = glu(np.array([[1.0, 2.0, 0.0, 3.0]]))  # values 1, 2; gates 0, 3
    >>> y.round(4)
    array([[0.5   , 1.9051]])
    >>> dx, = pullback(np.ones((1, 2)))
    >>> dx.round(4)
    array([[0.5   , 0.9526, 0.25  , 0.0904]])
    """
    require_floating("glu", x=x)
    require_axis("glu", x, axis)
    if x.shape[axis] % 2:
        raise ValueError(
            f"glu: axis {axis} of x must have an even number of entries, to be cut in half, "
            f"got {x.shape[axis]} (x has shape {x.shape})"
        )
    a, b = np.split(x, 2, axis)
    gate, _ = sigmoid(b)
    y = a * gate

    def pullback(dy: Array) -> tuple[Array]:
        return (np.concatenate([dy * gate, dy * y * (1 - gate)], axis),)

    return y, pullback


@differentiable
def swiglu(gate: Array, x: Array) -> tuple[Array, Pullback]:
    """SwiGLU: y = silu(g) x = g σ(g) x, with g the ``gate``.

    Parameters
    ----------
    gate, x : array, equal shapes
        In a Transformer two linear images of the same input.

    Returns
    -------
    y : array, the same shape
    pullback : callable
        dy → dg = dy x silu′(g), dx = dy silu(g).

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``activations``; Shazeer (2020), equation 5.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import swiglu
    >>> y, pullback = swiglu(np.array([0.0, 2.0]), np.array([5.0, 5.0]))
    >>> y.round(4)
    array([0.   , 8.808])
    >>> dgate, dx = pullback(np.ones(2))
    >>> dx.round(4)
    array([0.    , 1.7616])
    """
    require_floating("swiglu", gate=gate, x=x)
    require_same_shape("swiglu", gate=gate, x=x)
    opened, pull_silu = silu(gate)

    def pullback(dy: Array) -> tuple[Array, Array]:
        (dgate,) = pull_silu(dy * x)
        return dgate, dy * opened

    return opened * x, pullback


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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import softmax
    >>> p, pullback = softmax(np.array([1.0, 2.0, 3.0]))
    >>> p.round(4)
    array([0.09  , 0.2447, 0.6652])
    >>> dx, = pullback(np.array([1.0, 0.0, 0.0]))
    >>> dx.round(4)
    array([ 0.0819, -0.022 , -0.0599])
    """
    require_floating("softmax", x=x)
    require_axis("softmax", x, axis)
    y = np.exp(x - max_along(x, axis))
    y /= sum_along(y, axis)

    def pullback(dy: Array) -> tuple[Array]:
        return (y * (dy - sum_along(y * dy, axis)),)

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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import log_softmax
    >>> log_p, pullback = log_softmax(np.array([1.0, 2.0, 3.0]))
    >>> log_p.round(4)
    array([-2.4076, -1.4076, -0.4076])
    >>> dx, = pullback(np.array([1.0, 0.0, 0.0]))
    >>> dx.round(4)
    array([ 0.91  , -0.2447, -0.6652])
    """
    require_floating("log_softmax", x=x)
    require_axis("log_softmax", x, axis)
    y = x - max_along(x, axis)
    y -= np.log(sum_along(np.exp(y), axis))

    def pullback(dy: Array) -> tuple[Array]:
        return (dy - np.exp(y) * sum_along(dy, axis),)

    return y, pullback
