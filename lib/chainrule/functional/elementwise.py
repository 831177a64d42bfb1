"""Arithmetic entry by entry. Smaller arrays are broadcast; going back, what was copied is summed.

Derived in the chapter ``automatic-differentiation``.
"""

from __future__ import annotations

import numpy as np

from chainrule.functional.contract import Array, Pullback, differentiable, require_floating


def unbroadcast(dy: Array, shape: tuple[int, ...]) -> Array:
    """Sum ``dy`` over the axes along which an array of ``shape`` was copied to become as large.

    Sharing forward means summing backward: an entry that was copied answers for every copy.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.elementwise import unbroadcast
    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    >>> unbroadcast(np.ones((4, 3)), (4, 1))
    array([[3.],
           [3.],
           [3.],
           [3.]])
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import add
    >>> y, pullback = add(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 20.0]))
    >>> y
    array([[11., 22.],
           [13., 24.]])
    >>> da, db = pullback(np.ones((2, 2)))
    >>> db  # the second row was added too
    array([2., 2.])
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import sub
    >>> y, pullback = sub(np.array([3.0, 4.0]), np.array(1.0))
    >>> y
    array([2., 3.])
    >>> da, db = pullback(np.ones(2))
    >>> float(db)
    -2.0
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import mul
    >>> y, pullback = mul(np.array([2.0, 3.0]), np.array([5.0, 7.0]))
    >>> y
    array([10., 21.])
    >>> pullback(np.ones(2))
    (array([5., 7.]), array([2., 3.]))
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import div
    >>> y, pullback = div(np.array([1.0, 6.0]), np.array([2.0, 4.0]))
    >>> y
    array([0.5, 1.5])
    >>> pullback(np.ones(2))
    (array([0.5 , 0.25]), array([-0.25 , -0.375]))
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import neg
    >>> y, pullback = neg(np.array([1.0, -2.0]))
    >>> y
    array([-1.,  2.])
    >>> pullback(np.ones(2))
    (array([-1., -1.]),)
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import exp
    >>> y, pullback = exp(np.array([0.0, 1.0]))
    >>> y.round(4)
    array([1.    , 2.7183])
    >>> dx, = pullback(np.ones(2))
    >>> dx.round(4)
    array([1.    , 2.7183])
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import log
    >>> y, pullback = log(np.array([1.0, 4.0]))
    >>> y.round(4)
    array([0.    , 1.3863])
    >>> pullback(np.ones(2))
    (array([1.  , 0.25]),)
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

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import sqrt
    >>> y, pullback = sqrt(np.array([1.0, 4.0]))
    >>> y
    array([1., 2.])
    >>> pullback(np.ones(2))
    (array([0.5 , 0.25]),)
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
