"""Arithmetic entry by entry. Smaller arrays are broadcast; going back, what was copied is summed.

Derived in the chapter ``automatic-differentiation``.
"""

from __future__ import annotations

import numpy as np

from chainrule.functional.contract import Array, Pullback, differentiable, require_floating


def unbroadcast(dy: Array, shape: tuple[int, ...]) -> Array:
    """Sum ``dy`` over the axes along which an array of ``shape`` was copied to become as large.

    Sharing forward means summing backward: an entry that was copied answers for every copy.
    """
    if dy.shape == shape:
        return dy
    leading = dy.ndim - len(shape)
    stretched = (leading + i for i, n in enumerate(shape) if n == 1 and dy.shape[leading + i] != 1)
    return dy.sum((*range(leading), *stretched), keepdims=True).reshape(shape)


@differentiable
def add(a: Array, b: Array) -> tuple[Array, Pullback]:
    """Sum, entry by entry: y = a + b.

    Parameters
    ----------
    a, b : array
        Of shapes that broadcast.

    Returns
    -------
    y : array, the broadcast shape
    pullback : callable
        dy → da = dy, db = dy, each summed over the axes along which its argument was copied.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    _require_broadcastable("add", a, b)

    def pullback(dy: Array) -> tuple[Array, Array]:
        return unbroadcast(dy, a.shape), unbroadcast(dy, b.shape)

    return a + b, pullback


@differentiable
def sub(a: Array, b: Array) -> tuple[Array, Pullback]:
    """Difference, entry by entry: y = a − b.

    Parameters
    ----------
    a, b : array
        Of shapes that broadcast.

    Returns
    -------
    y : array, the broadcast shape
    pullback : callable
        dy → da = dy, db = −dy, each summed over the axes along which its argument was copied.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    _require_broadcastable("sub", a, b)

    def pullback(dy: Array) -> tuple[Array, Array]:
        return unbroadcast(dy, a.shape), unbroadcast(-dy, b.shape)

    return a - b, pullback


@differentiable
def mul(a: Array, b: Array) -> tuple[Array, Pullback]:
    """Product, entry by entry: y = a b.

    Parameters
    ----------
    a, b : array
        Of shapes that broadcast.

    Returns
    -------
    y : array, the broadcast shape
    pullback : callable
        dy → da = dy b, db = dy a, each summed over the axes along which its argument was copied.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    _require_broadcastable("mul", a, b)

    def pullback(dy: Array) -> tuple[Array, Array]:
        return unbroadcast(dy * b, a.shape), unbroadcast(dy * a, b.shape)

    return a * b, pullback


@differentiable
def div(a: Array, b: Array) -> tuple[Array, Pullback]:
    """Quotient, entry by entry: y = a / b.

    Parameters
    ----------
    a, b : array
        Of shapes that broadcast. Division by zero gives inf or NaN and NumPy's warning.

    Returns
    -------
    y : array, the broadcast shape
    pullback : callable
        dy → da = dy / b, db = −dy y / b, each summed over the axes along which its argument was
        copied.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    _require_broadcastable("div", a, b)
    y = a / b

    def pullback(dy: Array) -> tuple[Array, Array]:
        da = dy / b
        return unbroadcast(da, a.shape), unbroadcast(-da * y, b.shape)

    return y, pullback


@differentiable
def neg(x: Array) -> tuple[Array, Pullback]:
    """Negative: y = −x.

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = −dy.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    require_floating("neg", x=x)
    return -x, lambda dy: (-dy,)


@differentiable
def exp(x: Array) -> tuple[Array, Pullback]:
    """Exponential: y = exp(x).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
        Infinite, with NumPy's warning, where it overflows.
    pullback : callable
        dy → dx = dy y.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    require_floating("exp", x=x)
    y = np.exp(x)
    return y, lambda dy: (dy * y,)


@differentiable
def log(x: Array) -> tuple[Array, Pullback]:
    """Natural logarithm: y = log(x).

    Parameters
    ----------
    x : array, any shape
        Greater than 0; elsewhere the result is −inf or NaN, with NumPy's warning.

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy / x.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    require_floating("log", x=x)
    return np.log(x), lambda dy: (dy / x,)


@differentiable
def sqrt(x: Array) -> tuple[Array, Pullback]:
    """Square root: y = √x.

    Parameters
    ----------
    x : array, any shape
        At least 0; elsewhere the result is NaN, with NumPy's warning.

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy / (2 y), infinite at x = 0.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.
    """
    require_floating("sqrt", x=x)
    y = np.sqrt(x)
    return y, lambda dy: (dy / (2 * y),)


@differentiable
def abs(x: Array) -> tuple[Array, Pullback]:
    """Absolute value: y = x where x ≥ 0, −x elsewhere.

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, the shape of ``x``
        At least 0.
    pullback : callable
        dy → dx = dy sign(x). At x = 0 the slope is undefined; by convention it is 0, as in PyTorch.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``regularization``; Tibshirani (1996), of penalties on weights.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import abs
    >>> y, pullback = abs(np.array([-2.0, 0.0, 3.0]))
    >>> y, pullback(np.ones(3))[0]
    (array([2., 0., 3.]), array([-1.,  0.,  1.]))
    """
    require_floating("abs", x=x)
    return np.abs(x), lambda dy: (dy * np.sign(x),)


@differentiable
def pow(x: Array, *, exponent: float) -> tuple[Array, Pullback]:
    """Power with a constant exponent: y = xᵖ, with p the ``exponent``.

    Parameters
    ----------
    x : array, any shape
        At least 0 unless the exponent is an integer; elsewhere the result is NaN, with NumPy's
        warning.
    exponent : float, keyword only
        One number, which gets no gradient.

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = dy p xᵖ⁻¹, infinite at x = 0 if p < 1, but 0 if p = 0.

    Raises
    ------
    TypeError
        If ``x`` is not a floating-point array, or ``exponent`` not a number.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import pow
    >>> y, pullback = pow(np.array([1.0, 2.0, 3.0]), exponent=3)
    >>> y, pullback(np.ones(3))[0]
    (array([ 1.,  8., 27.]), array([ 3., 12., 27.]))
    """
    require_floating("pow", x=x)
    if not isinstance(exponent, (int, float, np.integer, np.floating)):
        raise TypeError(
            f"pow: exponent must be one number, got {type(exponent).__name__}; "
            "for one exponent per entry take exp(mul(log(x), exponents))"
        )
    p = exponent.item() if isinstance(exponent, np.generic) else exponent  # of no dtype

    def pullback(dy: Array) -> tuple[Array]:
        return (dy * (p * x ** (p - 1)) if p else np.zeros_like(x),)

    return x**p, pullback


def _require_broadcastable(function: str, a: Array, b: Array) -> None:
    require_floating(function, a=a, b=b)
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise ValueError(
            f"{function}: shapes {a.shape} and {b.shape} do not broadcast; aligned at the right, "
            "two axes must be equal or one of them 1"
        ) from None
