"""Tensors, the functions that take them, and the walk from a result back to its leaves.

Derived in the chapter ``automatic-differentiation``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from chainrule import functional
from chainrule.arguments import require_function, require_instance
from chainrule.autograd.recording import is_recording
from chainrule.functional.contract import Array, Differentiable, Pullback


class Tensor:
    """An array that can tell what it was computed from.

    Parameters
    ----------
    data : array_like of numbers
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
        If ``data`` is a tensor already, or a gradient is asked for an array that is not
        floating-point.
    ValueError
        If ``data`` has rows of several lengths.

    Notes
    -----
    Pullbacks remember arrays instead of copies of them. So the array of a result is read-only as
    long as it may be needed going backward; take a copy to change it. The array of a leaf may be
    changed, as optimizers do, but between going forward and going backward it must not: the
    gradient would be that of neither value.

    Gradients are arrays and have no graph, so there is no second derivative by a second backward.
    For the product of the Hessian with a vector, take the difference of two gradients.

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
    >>> (w**2 / 2 + 1).sum().backward()
    >>> w.grad
    array([2., 3.])

    A single number prints as one:

    >>> f"{Tensor(np.array(0.12345)):.3f}"
    '0.123'
    """

    __slots__ = (
        "__weakref__",
        "_operation",
        "_parents",
        "_pullback",
        "data",
        "grad",
        "requires_grad",
    )

    # NumPy arrays on the left leave arithmetic with a tensor to the tensor.
    __array_ufunc__ = None

    def __init__(self, data: Any, *, requires_grad: bool = False) -> None:
        self.data: Array = data if type(data) is np.ndarray else _as_array(data)
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
        """The length of each axis; ``()`` of a single number."""
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries, which the gradient shares."""
        return self.data.dtype

    @property
    def ndim(self) -> int:
        """How many axes there are; 0 of a single number."""
        return self.data.ndim

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor was made by hand rather than computed from others."""
        return self._pullback is None

    def detach(self) -> Tensor:
        """The same array without its past: what is computed from it sends no gradient back here.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> w = Tensor(np.array([3.0]), requires_grad=True)
        >>> (w * w.detach()).backward()  # the second factor counts as a constant
        >>> w.grad
        array([3.])
        """
        return Tensor(self.data)

    def item(self) -> float:
        """The value of a tensor with one entry, as a Python number."""
        return self.data.item()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """What NumPy asks for; refused where the array would silently lose its gradient."""
        if self.requires_grad:
            raise TypeError(
                "Tensor: an array has no gradient; take .data of the tensor to go on without one, "
                "or compute with the functions of chainrule.nn.functional"
            )
        return np.array(self.data, dtype, copy=copy)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> float:
        return float(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

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

    def __pow__(self, exponent: float) -> Tensor:
        return _pow(self, exponent=exponent)

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

    def reshape(self, *shape: Any) -> Tensor:
        """The same entries in another shape, lengths or one tuple of them; one may be −1."""
        return _reshape(self, shape=_unpacked(shape))

    def transpose(self, *axes: Any) -> Tensor:
        """The same entries with the axes in another order; without ``axes``, reversed."""
        return _transpose(self, axes=_unpacked(axes) or None)

    @property
    def T(self) -> Tensor:
        """The axes in reverse order; of a matrix, the transpose."""
        return _transpose(self)

    def _operand(self, other: Any) -> Any:
        if isinstance(other, (int, float)) and not isinstance(other, np.generic):
            return self.data.dtype.type(other)
        return other

    def backward(self, gradient: Array | None = None, *, retain_graph: bool = False) -> None:
        """Add to ``grad`` of every leaf the gradient of this tensor with respect to that leaf.

        Parameters
        ----------
        gradient : array, optional
            The gradient that arrives from above, in the shape of this tensor. For a single
            number it is 1.
        retain_graph : bool, keyword only
            Whether to keep the graph, so that this or another result can go backward through it
            again. Otherwise, what each function remembers is let go as soon as it was used, and
            the memory is free for the gradients and the next step.

        Raises
        ------
        RuntimeError
            If nothing this tensor was computed from requires a gradient, or the graph, or part of
            it, is no longer there.
        ValueError
            If this tensor is not a single number and no ``gradient`` is given, or its shape
            differs, or if a pullback returns a gradient in another shape than its argument's.
        TypeError
            If ``gradient`` is a tensor.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.autograd import Tensor
        >>> x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
        >>> y = x * x
        >>> y.backward(np.array([1.0, 0.0]), retain_graph=True)
        >>> x.grad
        array([2., 0.])
        >>> y.backward(np.array([0.0, 1.0]))  # adds up
        >>> x.grad
        array([2., 4.])
        """
        arrived = {self: self._gradient_from_above(gradient)}
        order = topological_order(self)
        while order:
            tensor = order.pop()
            dy = arrived.pop(tensor)
            if tensor._pullback is None:
                # A copy, for a pullback may hand one array to two parents. Multiplied, for some
                # processors copy memory very slowly to a place whole pages away, as it often is.
                tensor.grad = np.asarray(dy * 1 if tensor.grad is None else tensor.grad + dy)
                continue
            for parent, dx in zip(tensor._parents, tensor._pullback(dy), strict=True):
                if not parent.requires_grad:
                    continue
                dx = np.asarray(dx)
                if dx.shape != parent.data.shape:
                    raise ValueError(
                        f"backward: a pullback returned a gradient of shape {dx.shape} for an "
                        f"argument of shape {parent.shape}; what was broadcast or shared going "
                        "forward is summed going backward"
                    )
                arrived[parent] = arrived[parent] + dx if parent in arrived else dx
            if not retain_graph:
                tensor._parents, tensor._pullback = (), _refuse_second_pass

    def _gradient_from_above(self, gradient: Any) -> Array:
        if not self.requires_grad:
            raise RuntimeError(
                "backward: nothing this tensor was computed from requires a gradient; make the "
                "parameters with Tensor(…, requires_grad=True), and compute outside of no_grad"
            )
        if isinstance(gradient, Tensor):
            raise TypeError(
                "backward: gradient must be an array, got Tensor; gradients of gradients are not "
                "recorded, so pass its .data, and for second derivatives take differences of grad"
            )
        if gradient is None:
            if self.data.size != 1:
                raise ValueError(
                    f"backward: only a single number has a gradient without further ado, this "
                    f"tensor has shape {self.shape}; reduce it to a loss, or pass gradient=…"
                )
            return np.ones_like(self.data)
        if np.shape(gradient) != self.shape:
            raise ValueError(
                f"backward: gradient must have the shape of the tensor, {self.shape}, "
                f"got {np.shape(gradient)}"
            )
        if not isinstance(gradient, np.ndarray):
            return np.asarray(gradient, self.dtype)
        if gradient.dtype != self.dtype:
            raise TypeError(
                f"backward: gradient must have the dtype of the tensor, {self.dtype}, got "
                f"{gradient.dtype}; convert it with gradient.astype(np.{self.dtype})"
            )
        return gradient


def _as_array(data: Any) -> Array:
    if isinstance(data, Tensor):
        raise TypeError(
            "Tensor: data is a Tensor already; take it as it is, or without its past by .detach()"
        )
    try:
        return np.asarray(data)
    except ValueError as error:
        raise ValueError(
            f"Tensor: data must be an array of numbers, rows of one length: {error}"
        ) from None


def _unpacked(lengths: tuple[Any, ...]) -> tuple[Any, ...]:
    """The tuple itself, also where it was passed as one argument, as NumPy and PyTorch allow."""
    return tuple(lengths[0]) if len(lengths) == 1 and np.iterable(lengths[0]) else lengths


def _refuse_second_pass(_: Array) -> NoReturn:
    raise RuntimeError(
        "backward: the graph is no longer there, for an earlier backward went through it and let "
        "it go; call that one with retain_graph=True, or compute the result again"
    )


def topological_order(root: Tensor) -> list[Tensor]:
    """List the tensors that ``root`` depends on and that require a gradient, inputs first.

    Every tensor stands behind all it was computed from, so that going backward, the gradient of a
    tensor is complete before it is passed on. Iterative: depth is limited by memory, not by
    Python's recursion limit.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor, topological_order
    >>> x = Tensor(np.array(3.0), requires_grad=True)
    >>> y = x * x
    >>> [tensor.item() for tensor in topological_order(y + x)]
    [3.0, 9.0, 12.0]
    """
    require_instance("topological_order", Tensor, "pass a Tensor", root=root)
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
            stack += [(p, False) for p in tensor._parents if p.requires_grad]
    return order


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

    Notes
    -----
    If ``function`` has an option ``needs_dx``, it is told whether its first argument requires a
    gradient: that of data can be the most expensive of all, and nobody asks for it.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor, lift
    >>> def cube(x):
    ...     return x * x * x, lambda dy: (3 * x * x * dy,)
    >>> x = Tensor(np.array(2.0), requires_grad=True)
    >>> lift(cube)(x).backward()
    >>> x.grad
    array(12.)
    """
    require_function("lift", "pass one that returns (value, pullback)", function=function)
    name = getattr(function, "__name__", type(function).__name__)
    parameters = inspect.signature(function).parameters
    asks_needs_dx = "needs_dx" in parameters
    of_arrays = [
        p.name
        for p in parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty
    ]

    @functools.wraps(function)
    def lifted(*args: Any, **options: Any) -> Tensor:
        for by_name in of_arrays[len(args) :]:
            if by_name not in options:
                break
            args += (options.pop(by_name),)
        tensors = tuple([a if isinstance(a, Tensor) else Tensor(a) for a in args])
        arrays = [t.data for t in tensors]
        if asks_needs_dx and tensors:
            options.setdefault("needs_dx", tensors[0].requires_grad)
        value, pullback = function(*arrays, **options)
        result = Tensor(value)
        if is_recording() and True in [t.requires_grad for t in tensors]:
            result.requires_grad = True
            result._parents, result._pullback = tensors, pullback
            result._operation = name
            if id(value) not in map(id, arrays):
                result.data.setflags(write=False)  # the pullback may remember it
        return result

    return lifted


_add, _sub = lift(functional.add), lift(functional.sub)
_mul, _div = lift(functional.mul), lift(functional.div)
_neg, _pow, _matmul = lift(functional.neg), lift(functional.pow), lift(functional.matmul)
_sum, _mean = lift(functional.sum), lift(functional.mean)
_reshape, _transpose, _index = (
    lift(functional.reshape),
    lift(functional.transpose),
    lift(functional.index),
)
