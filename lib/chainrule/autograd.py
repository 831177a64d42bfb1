"""Reverse-mode automatic differentiation: tensors that remember the pullback they came from.

A :class:`Tensor` holds an array and, if it was computed, the tensors it was computed from and the
pullback that leads back to them. :func:`lift` turns any function of the contract
(arrays → value, pullback) into a function of tensors, so that no gradient is written twice.
:meth:`Tensor.backward` walks the graph from the result to the leaves.

Derived in the chapter ``automatic-differentiation``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from chainrule import functional
from chainrule.functional.contract import Array, Differentiable, Pullback


class Tensor:
    """An array that can tell what it was computed from.

    Parameters
    ----------
    data : array_like
        Its dtype is kept; nothing is copied if it is an array already.
    requires_grad : bool
        Whether :meth:`backward` shall leave a gradient in ``grad``. Needs a floating-point dtype.

    Attributes
    ----------
    data : ndarray
    grad : ndarray or None
        The gradient of what ``backward`` was called on, in the shape of ``data``. Calls add up:
        set it to ``None`` before the next one.
    requires_grad : bool

    Raises
    ------
    TypeError
        If a gradient is asked for an array that is not floating-point.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor, lift
    >>> from chainrule.functional import mse_loss
    >>> y = Tensor(np.array([1.0, 3.0]), requires_grad=True)
    >>> lift(mse_loss)(y, np.array([0.0, 0.0])).backward()
    >>> y.grad
    array([1., 3.])

    Arithmetic works as on arrays; Python numbers take the dtype of the tensor.

    >>> w = Tensor(np.array([2.0, 3.0]), requires_grad=True)
    >>> (w * w / 2 + 1).sum().backward()
    >>> w.grad
    array([2., 3.])
    """

    # NumPy arrays on the left leave arithmetic with a tensor to the tensor.
    __array_ufunc__ = None

    def __init__(self, data: Any, *, requires_grad: bool = False) -> None:
        self.data: Array = np.asarray(data)
        if requires_grad and self.data.dtype.kind != "f":
            raise TypeError(
                f"Tensor: only floating-point data has a gradient, got dtype {self.data.dtype}; "
                "convert it with .astype(np.float32)"
            )
        self.requires_grad = requires_grad
        self.grad: Array | None = None
        self._parents: tuple[Tensor, ...] = ()
        self._pullback: Pullback | None = None
        self._operation = ""  # the name of the function it was computed by, for drawings

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    @property
    def ndim(self) -> int:
        return self.data.ndim

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor was made by hand rather than computed from others."""
        return self._pullback is None

    def item(self) -> float:
        """The value of a tensor with one entry, as a Python number."""
        return self.data.item()

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        note = ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({np.array2string(self.data, separator=', ', prefix='Tensor(')}{note})"

    def __add__(self, other: Any) -> Tensor:
        return _add(self, self._operand(other))

    def __radd__(self, other: Any) -> Tensor:
        return _add(self._operand(other), self)

    def __sub__(self, other: Any) -> Tensor:
        return _sub(self, self._operand(other))

    def __rsub__(self, other: Any) -> Tensor:
        return _sub(self._operand(other), self)

    def __mul__(self, other: Any) -> Tensor:
        return _mul(self, self._operand(other))

    def __rmul__(self, other: Any) -> Tensor:
        return _mul(self._operand(other), self)

    def __truediv__(self, other: Any) -> Tensor:
        return _div(self, self._operand(other))

    def __rtruediv__(self, other: Any) -> Tensor:
        return _div(self._operand(other), self)

    def __matmul__(self, other: Any) -> Tensor:
        return _matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _matmul(other, self)

    def __neg__(self) -> Tensor:
        return _neg(self)

    def __getitem__(self, key: Any) -> Tensor:
        return _index(self, key=key)

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> Tensor:
        """Sum over ``axis``, an int, a tuple of them, or None for all."""
        return _sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Tensor:
        """Mean over ``axis``, an int, a tuple of them, or None for all."""
        return _mean(self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: int) -> Tensor:
        """The same entries in another shape; one length may be −1."""
        return _reshape(self, shape=shape)

    def transpose(self, *axes: int) -> Tensor:
        """The same entries with the axes in another order; without ``axes``, reversed."""
        return _transpose(self, axes=axes or None)

    @property
    def T(self) -> Tensor:
        return _transpose(self)

    def _operand(self, other: Any) -> Any:
        if isinstance(other, (int, float)) and not isinstance(other, np.generic):
            return self.data.dtype.type(other)
        return other

    def backward(self, gradient: Array | None = None) -> None:
        """Add to ``grad`` of every leaf the gradient of this tensor with respect to that leaf.

        Parameters
        ----------
        gradient : array, optional
            The gradient that arrives from above, in the shape of this tensor. For a single
            number it is 1.

        Raises
        ------
        RuntimeError
            If nothing this tensor was computed from requires a gradient.
        ValueError
            If this tensor is not a single number and no ``gradient`` is given, or its shape
            differs, or if a pullback returns a gradient in another shape than its argument's.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "backward: nothing this tensor was computed from requires a gradient; "
                "make the parameters with Tensor(…, requires_grad=True)"
            )
        if gradient is None:
            if self.data.size != 1:
                raise ValueError(
                    f"backward: only a single number has a gradient without further ado, this "
                    f"tensor has shape {self.shape}; reduce it to a loss, or pass gradient=…"
                )
            gradient = np.ones_like(self.data)
        elif np.shape(gradient) != self.shape:
            raise ValueError(
                f"backward: gradient must have the shape of the tensor, {self.shape}, "
                f"got {np.shape(gradient)}"
            )
        arrived: dict[Tensor, Array] = {self: np.asarray(gradient)}
        for tensor in reversed(topological_order(self)):
            dy = arrived.pop(tensor)
            if tensor._pullback is None:
                # A copy, for a pullback may hand one array to two parents.
                tensor.grad = dy.copy() if tensor.grad is None else tensor.grad + dy
                continue
            for parent, dx in zip(tensor._parents, tensor._pullback(dy), strict=True):
                if not parent.requires_grad:
                    continue
                if np.shape(dx) != parent.shape:
                    raise ValueError(
                        f"backward: a pullback returned a gradient of shape {np.shape(dx)} for an "
                        f"argument of shape {parent.shape}; what was broadcast or shared going "
                        "forward is summed going backward"
                    )
                arrived[parent] = arrived[parent] + dx if parent in arrived else np.asarray(dx)


def topological_order(root: Tensor) -> list[Tensor]:
    """List the tensors that ``root`` depends on and that require a gradient, inputs first.

    Every tensor stands behind all it was computed from, so that going backward, the gradient of a
    tensor is complete before it is passed on. Iterative: depth is limited by memory, not by
    Python's recursion limit.
    """
    order: list[Tensor] = []
    seen: set[Tensor] = set()
    stack = [(root, False)]
    while stack:
        tensor, parents_listed = stack.pop()
        if parents_listed:
            order.append(tensor)
        elif tensor not in seen:
            seen.add(tensor)
            stack.append((tensor, True))
            stack.extend((p, False) for p in tensor._parents if p.requires_grad)
    return order


_records: ContextVar[bool] = ContextVar("_records", default=True)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without a record: what is computed inside needs no gradient and keeps no graph.

    Measuring and generating need less memory this way, for every intermediate result is free to go
    as soon as the next one stands. A context, or with parentheses a decorator. It holds in the
    thread (and the asynchronous task) that entered it, and ends with the block, also by an error.

    Notes
    -----
    As ``torch.no_grad``. A generator is better not decorated: its body runs when it is asked for
    the next item, long after the call.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor, no_grad
    >>> w = Tensor(np.array([2.0]), requires_grad=True)
    >>> with no_grad():
    ...     y = w * w
    >>> y.requires_grad
    False
    >>> @no_grad()
    ... def square(x):
    ...     return x * x
    >>> square(w).requires_grad, (w * w).requires_grad
    (False, True)
    """
    before = _records.set(False)
    try:
        yield
    finally:
        _records.reset(before)


def lift(function: Differentiable) -> Callable[..., Tensor]:
    """Turn a function of arrays that returns ``(value, pullback)`` into a function of tensors.

    Parameters
    ----------
    function : callable
        Keeps the contract of :mod:`chainrule.functional.contract`.

    Returns
    -------
    callable
        Takes tensors or arrays where ``function`` takes arrays, the same options, and returns a
        Tensor that requires a gradient if any argument does, except under :func:`no_grad`.
    """

    name = getattr(function, "__name__", type(function).__name__)

    @functools.wraps(function)
    def lifted(*args: Any, **options: Any) -> Tensor:
        tensors = tuple(a if isinstance(a, Tensor) else Tensor(a) for a in args)
        value, pullback = function(*(t.data for t in tensors), **options)
        result = Tensor(value)
        if _records.get() and any(t.requires_grad for t in tensors):
            result.requires_grad = True
            result._parents, result._pullback = tensors, pullback
            result._operation = name
        return result

    return lifted


_add, _sub = lift(functional.add), lift(functional.sub)
_mul, _div = lift(functional.mul), lift(functional.div)
_neg, _matmul = lift(functional.neg), lift(functional.matmul)
_sum, _mean = lift(functional.sum), lift(functional.mean)
_reshape, _transpose, _index = (
    lift(functional.reshape),
    lift(functional.transpose),
    lift(functional.index),
)
