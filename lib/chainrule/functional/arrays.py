"""Whole arrays: product, reductions, and moving entries around.

Derived in the chapter ``automatic-differentiation``. The names are NumPy's and PyTorch's; import
the module or take them from ``chainrule.functional``, for some are also names of Python's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.arguments import is_integer, require_integers
from chainrule.functional.contract import (
    Array,
    Pullback,
    differentiable,
    require_floating,
    require_same_shape,
)
from chainrule.functional.elementwise import unbroadcast

Axes = int | tuple[int, ...] | None


@differentiable
def matmul(a: Array, b: Array) -> tuple[Array, Pullback]:
    """Matrix product: y = a b.

    Parameters
    ----------
    a : array (..., m, k)
    b : array (..., k, n)
        The leading axes of both broadcast.

    Returns
    -------
    y : array (..., m, n)
    pullback : callable
        dy → da = dy bᵀ, db = aᵀ dy, each summed over the leading axes along which its argument was
        copied.

    Raises
    ------
    ValueError
        If an argument has fewer than two axes, or the shapes do not fit.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Giles (2008).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import matmul
    >>> a, b = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    >>> y, pullback = matmul(a, b)
    >>> y
    array([[11.]])
    >>> pullback(np.ones((1, 1)))
    (array([[3., 4.]]), array([[1.],
           [2.]]))
    """
    _require_matrices(a, b)

    def pullback(dy: Array) -> tuple[Array, Array]:
        da, db = dy @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ dy
        return unbroadcast(da, a.shape), unbroadcast(db, b.shape)

    return a @ b, pullback


@differentiable
def sum(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Any, Pullback]:
    """Sum over axes: y = Σ x.

    Parameters
    ----------
    x : array, any shape
    axis : int, tuple of int or None, keyword only
        What to sum over; None sums all entries.
    keepdims : bool, keyword only
        Whether the axes that are summed stay, with length 1.

    Returns
    -------
    y : array or number
    pullback : callable
        dy → dx = dy, copied along the axes that were summed.

    Raises
    ------
    ValueError
        If an axis does not exist.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Giles (2008).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import sum
    >>> y, pullback = sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    >>> y
    array([4., 6.])
    >>> pullback(np.array([10.0, 20.0]))[0]
    array([[10., 20.],
           [10., 20.]])
    """
    axes = _reduced_axes("sum", x, axis)
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))

    def pullback(dy: Any) -> tuple[Array]:
        return (np.broadcast_to(np.reshape(dy, kept), x.shape).copy(),)

    return x.sum(axes, keepdims=keepdims), pullback


@differentiable
def mean(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Any, Pullback]:
    """Mean over axes: y = Σ x / n, with n the number of entries that are averaged.

    Parameters
    ----------
    x : array, any shape
    axis : int, tuple of int or None, keyword only
        What to average over; None averages all entries.
    keepdims : bool, keyword only
        Whether the axes that are averaged stay, with length 1.

    Returns
    -------
    y : array or number
    pullback : callable
        dy → dx = dy / n, copied along the axes that were averaged.

    Raises
    ------
    ValueError
        If an axis does not exist, or there is nothing to average.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Giles (2008).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import mean
    >>> y, pullback = mean(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    >>> y
    array([2., 3.])
    >>> pullback(np.array([10.0, 20.0]))[0]
    array([[ 5., 10.],
           [ 5., 10.]])
    """
    axes = _reduced_axes("mean", x, axis)
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    n = int(np.prod([x.shape[i] for i in axes]))
    if n == 0:
        raise ValueError(
            f"mean: there are no entries to average over axes {axes} of an array of shape "
            f"{x.shape}; skip empty batches"
        )

    def pullback(dy: Any) -> tuple[Array]:
        return (np.broadcast_to(np.reshape(dy / n, kept), x.shape).copy(),)

    return x.mean(axes, keepdims=keepdims), pullback


@differentiable
def logsumexp(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Any, Pullback]:
    """Logarithm of a sum of exponentials: y = log Σ exp(x).

    Parameters
    ----------
    x : array, any shape
        Logarithms, in nats.
    axis : int, tuple of int or None, keyword only
        What to sum over; None sums all entries.
    keepdims : bool, keyword only
        Whether the axes that are summed stay, with length 1.

    Returns
    -------
    y : array or number
        The logarithm of the sum, at least the largest x.
    pullback : callable
        dy → dx = dy exp(x − y): softmax shares it out.

    Raises
    ------
    ValueError
        If an axis does not exist, or there is nothing to sum: log 0 has no softmax.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    The largest x is taken out of the sum, so that exp does not overflow.
    Derived in the chapter ``losses``; Blanchard, Higham & Higham (2021).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import logsumexp
    >>> y, pullback = logsumexp(np.log([1.0, 2.0, 5.0]))
    >>> round(float(np.exp(y)), 6), pullback(1.0)[0].round(3)
    (8.0, array([0.125, 0.25 , 0.625]))
    """
    axes = _reduced_axes("logsumexp", x, axis)
    if 0 in (x.shape[i] for i in axes):
        raise ValueError(
            f"logsumexp: there are no entries to sum over axes {axes} of an array of shape "
            f"{x.shape}; skip empty batches"
        )
    largest = np.asanyarray(x.max(axes, keepdims=True))
    largest[(largest == np.inf) | (largest == -np.inf)] = 0  # ∞ − ∞ would be NaN
    with np.errstate(divide="ignore"):  # log 0 = −∞ is right
        y = np.log(np.exp(x - largest).sum(axes, keepdims=True)) + largest

    def pullback(dy: Any) -> tuple[Array]:
        return (np.reshape(dy, y.shape) * np.exp(x - y),)

    return y if keepdims else y.squeeze(axes)[()], pullback


@differentiable
def reshape(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, Pullback]:
    """Another shape: y = x, entry by entry in row-major order.

    Parameters
    ----------
    x : array, any shape
    shape : tuple of int, keyword only
        One entry may be −1: as many as are left.

    Returns
    -------
    y : array
    pullback : callable
        dy → dx = dy in the shape of ``x``.

    Raises
    ------
    ValueError
        If the number of entries differs.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import reshape
    >>> y, pullback = reshape(np.array([1.0, 2.0, 3.0, 4.0]), shape=(2, 2))
    >>> y
    array([[1., 2.],
           [3., 4.]])
    >>> pullback(y)[0]
    array([1., 2., 3., 4.])
    """
    require_floating("reshape", x=x)
    if not isinstance(shape, (tuple, list)) or not all(is_integer(n) and n >= -1 for n in shape):
        raise TypeError(
            f"reshape: shape must be a tuple of lengths, −1 for one of them, got {shape!r}"
        )
    try:
        y = x.reshape(shape)
    except ValueError:
        raise ValueError(
            f"reshape: {x.size} entries of shape {x.shape} do not fill shape {tuple(shape)}; "
            "the product must be the number of entries, and one length may be −1"
        ) from None
    return y, lambda dy: (dy.reshape(x.shape),)


@differentiable
def transpose(x: Array, *, axes: tuple[int, ...] | None = None) -> tuple[Array, Pullback]:
    """Axes in another order: yⱼᵢ = xᵢⱼ for a matrix.

    Parameters
    ----------
    x : array, any shape
    axes : tuple of int, keyword only
        Which axis of ``x`` comes first, second, …; None reverses them.

    Returns
    -------
    y : array
    pullback : callable
        dy → dx = dy with the axes put back.

    Raises
    ------
    ValueError
        If ``axes`` does not name every axis once.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Giles (2008).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import transpose
    >>> y, pullback = transpose(np.array([[1.0, 2.0, 3.0]]))
    >>> y.shape
    (3, 1)
    >>> pullback(y)[0]
    array([[1., 2., 3.]])
    """
    require_floating("transpose", x=x)
    if axes is not None and not (
        isinstance(axes, (tuple, list)) and all(is_integer(i) for i in axes)
    ):
        raise TypeError(f"transpose: axes must be a tuple of integers, got {axes!r}")
    order = tuple(range(x.ndim))[::-1] if axes is None else tuple(axes)
    if sorted(i % x.ndim if -x.ndim <= i < x.ndim else i for i in order) != list(range(x.ndim)):
        raise ValueError(
            f"transpose: axes {order} must name each of the {x.ndim} axes of x {x.shape} once"
        )
    back = np.argsort([i % x.ndim for i in order]) if x.ndim else ()
    return x.transpose(order), lambda dy: (dy.transpose(back),)


@differentiable
def index(x: Array, *, key: Any) -> tuple[Any, Pullback]:
    """Some entries: y = x[key].

    Parameters
    ----------
    x : array, any shape
    key : keyword only
        What NumPy's indexing takes: integers, slices, integer arrays, masks.

    Returns
    -------
    y : array or number
    pullback : callable
        dy → dx, zero but for the entries that were taken; one that was taken several times gets
        the sum.

    Raises
    ------
    IndexError
        If ``key`` does not fit ``x``.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import index
    >>> y, pullback = index(np.array([1.0, 2.0, 3.0]), key=np.array([2, 2, 0]))
    >>> y
    array([3., 3., 1.])
    >>> pullback(np.ones(3))[0]  # the entry that was taken twice counts twice
    array([1., 0., 2.])
    """
    require_floating("index", x=x)
    try:
        y = x[key]
    except IndexError as error:
        raise IndexError(
            f"index: {error}; key is {key!r} and must fit x of shape {x.shape}"
        ) from None

    def pullback(dy: Any) -> tuple[Array]:
        dx = np.zeros_like(x)
        if _takes_each_once(key):
            dx[key] = dy
        else:
            np.add.at(dx, key, dy)  # = would keep one gradient of an entry that was taken twice
        return (dx,)

    return y, pullback


@differentiable
def concatenate(*arrays: Array, axis: int = 0) -> tuple[Array, Pullback]:
    """Arrays end to end: y = (a₁, a₂, …) along an axis.

    Parameters
    ----------
    *arrays : array
        Of equal shape but for ``axis``.
    axis : int, keyword only

    Returns
    -------
    y : array
    pullback : callable
        dy → its part for each array.

    Raises
    ------
    ValueError
        If there is no array, or the shapes do not fit.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import concatenate
    >>> y, pullback = concatenate(np.array([1.0]), np.array([2.0, 3.0]))
    >>> y
    array([1., 2., 3.])
    >>> pullback(np.array([10.0, 20.0, 30.0]))
    (array([10.]), array([20., 30.]))
    """
    if not arrays:
        raise ValueError("concatenate: there is nothing to concatenate; pass at least one array")
    require_floating("concatenate", **{f"arrays[{i}]": a for i, a in enumerate(arrays)})
    require_integers("concatenate", least=None, axis=axis)
    try:
        y = np.concatenate(arrays, axis)
    except ValueError as error:
        raise ValueError(
            f"concatenate: {error}; the shapes are {[a.shape for a in arrays]}, axis {axis}; "
            "all other axes must have equal lengths"
        ) from None
    ends = np.cumsum([a.shape[axis] for a in arrays])[:-1]
    return y, lambda dy: tuple(np.split(dy, ends, axis))


@differentiable
def stack(*arrays: Array, axis: int = 0) -> tuple[Array, Pullback]:
    """Arrays along a new axis: y = (a₁, a₂, …), of which each is one entry.

    Parameters
    ----------
    *arrays : array
        Of equal shape.
    axis : int, keyword only
        Where the new axis goes in y.

    Returns
    -------
    y : array
        With one axis more than the arrays.
    pullback : callable
        dy → its part for each array.

    Raises
    ------
    ValueError
        If there is no array, the shapes differ, or ``axis`` does not exist.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``automatic-differentiation``; Griewank & Walther (2008), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import stack
    >>> y, pullback = stack(np.array([1.0, 2.0]), np.array([3.0, 4.0]), axis=1)
    >>> y
    array([[1., 3.],
           [2., 4.]])
    >>> pullback(y)
    (array([1., 2.]), array([3., 4.]))
    """
    if not arrays:
        raise ValueError("stack: there is nothing to stack; pass at least one array")
    named = {f"arrays[{i}]": a for i, a in enumerate(arrays)}
    require_floating("stack", **named)
    require_same_shape("stack", **named)
    axes = arrays[0].ndim + 1
    require_integers("stack", least=None, axis=axis)
    if not -axes <= axis < axes:
        raise ValueError(
            f"stack: axis {axis} does not exist in {axes} axes, one more than the arrays of shape "
            f"{arrays[0].shape} have; take one of {-axes}, …, {axes - 1}"
        )
    return np.stack(arrays, axis), lambda dy: tuple(np.moveaxis(dy, axis, 0))


def _takes_each_once(key: Any) -> bool:
    """Whether ``key`` holds integers and slices only, which take no entry twice."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(isinstance(k, (int, np.integer, slice, type(None), type(...))) for k in parts)


def _require_matrices(a: Array, b: Array) -> None:
    require_floating("matmul", a=a, b=b)
    fit = a.ndim >= 2 and b.ndim >= 2 and a.shape[-1] == b.shape[-2]
    if fit:
        try:
            np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        except ValueError:
            fit = False
    if not fit:
        raise ValueError(
            f"matmul: takes a (…, m, k) and b (…, k, n) whose leading axes broadcast, "
            f"got {a.shape} and {b.shape}"
        )


def _reduced_axes(function: str, x: Array, axis: Axes) -> tuple[int, ...]:
    require_floating(function, x=x)
    given = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for i in given:
        require_integers(function, least=None, axis=i)
    if any(not -x.ndim <= i < x.ndim for i in given):
        raise ValueError(
            f"{function}: axis {axis} does not exist in x of shape {x.shape}; "
            f"take some of {-x.ndim}, …, {x.ndim - 1}, or None for all"
        )
    return tuple(i % x.ndim for i in given)
