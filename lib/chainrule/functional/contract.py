"""The contract that every function of the library keeps, and the registry of those that do.

A function takes arrays and returns ``(value, pullback)``. The pullback takes the gradient that
arrives from above, ``dy`` (the gradient of some scalar with respect to the value), and returns a
tuple with the gradient for each positional array argument, ``None`` for integer arguments.

``@differentiable`` states that a function keeps this contract: it enters the function in
``REGISTRY``, whose members are tested and proven one by one, and it guards the pullback against
a ``dy`` of another shape or dtype, which NumPy would broadcast or promote without a word.

The contract is derived in the chapter ``affine-layers``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.arguments import require_integers

Array = NDArray[Any]
Pullback = Callable[[Any], tuple[Any, ...]]
Differentiable = Callable[..., tuple[Any, Pullback]]

NUMPY = (np.ndarray, np.generic)
NUMPY_FLOATING = (np.ndarray, np.floating)

REGISTRY: dict[str, Differentiable] = {}
"""Every function that keeps the contract, by name, in the order in which the book meets them."""


def differentiable(function: Differentiable) -> Differentiable:
    """Enter ``function`` in ``REGISTRY`` and guard its pullback against a foreign ``dy``.

    Parameters
    ----------
    function : callable
        Takes arrays, returns ``(value, pullback)``.

    Returns
    -------
    callable
        The same function; its pullback raises ``ValueError`` if ``dy`` has not the shape of the
        value and ``TypeError`` if it has not its dtype. Python numbers take the value's dtype.

    Raises
    ------
    ValueError
        If another module has entered a function of this name.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.contract import REGISTRY, differentiable
    >>> @differentiable
    ... def double(x):
    ...     return 2 * x, lambda dy: (2 * dy,)
    >>> y, pullback = double(np.array([1.0, 2.0]))
    >>> pullback(np.ones(3))
    Traceback (most recent call last):
    ...
    ValueError: double: the pullback takes a dy with the shape of the value, (2,), got (3,)
    >>> del REGISTRY["double"]  # an example is not to be proven
    """
    name = function.__name__
    if name in REGISTRY and REGISTRY[name].__module__ != function.__module__:
        raise ValueError(
            f"differentiable: {name} is already defined in {REGISTRY[name].__module__}; "
            "give yours another name, or leave out the decorator"
        )

    @functools.wraps(function)
    def guarded(*args: Any, **options: Any) -> tuple[Any, Pullback]:
        value, pullback = function(*args, **options)
        like = value if isinstance(value, NUMPY) else np.asarray(value)
        shape, dtype = like.shape, like.dtype  # and not the value, which would stay in memory

        def guarded_pullback(dy: Any) -> tuple[Any, ...]:
            if not isinstance(dy, NUMPY):
                if not isinstance(dy, (int, float)):
                    raise TypeError(
                        f"{name}: the pullback takes a number or an array, got {type(dy).__name__}"
                    )
                dy = dtype.type(dy)
            if dy.shape != shape:
                raise ValueError(
                    f"{name}: the pullback takes a dy with the shape of the value, {shape}, "
                    f"got {dy.shape}"
                )
            if dy.dtype != dtype:
                raise TypeError(
                    f"{name}: the pullback takes a dy with the dtype of the value, {dtype}, "
                    f"got {dy.dtype}; convert it with dy.astype(np.{dtype})"
                )
            return pullback(dy)

        return value, guarded_pullback

    REGISTRY[name] = guarded
    return guarded


def require_floating(function: str, **arrays: Any) -> None:
    """Raise ``TypeError`` unless all ``arrays`` are floating-point arrays of one dtype.

    Arrays of symbols pass: a subclass of object arrays by which :mod:`chainrule.proofs` runs the
    library's own code on them.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.contract import require_floating
    >>> try:
    ...     require_floating("relu", x=np.array([1, 2]))
    ... except TypeError as error:
    ...     print(error)
    relu: x must hold real floating-point numbers, got dtype int64; ...
    """
    dtypes = []
    for name, a in arrays.items():
        if not isinstance(a, NUMPY_FLOATING):
            remedy = f"convert it with np.asarray({name}, dtype=np.{_common_dtype(arrays)})"
            if hasattr(a, "requires_grad"):
                remedy = f"for tensors take {function} of chainrule.nn.functional"
            raise TypeError(
                f"{function}: {name} must be a NumPy array, got {type(a).__name__}; {remedy}"
            )
        if a.dtype.kind != "f" and (a.dtype.kind != "O" or type(a) is np.ndarray):
            is_countable = a.dtype.kind in "biu"
            remedy = f"convert it with {name}.astype(np.{_common_dtype(arrays)})"
            raise TypeError(
                f"{function}: {name} must hold real floating-point numbers, got dtype {a.dtype}; "
                + (remedy if is_countable else "take an array of real numbers")
            )
        dtypes.append(a.dtype)
    if dtypes.count(dtypes[0]) < len(dtypes):
        listed = ", ".join(f"{name} is {a.dtype}" for name, a in arrays.items())
        common = _common_dtype(arrays)
        odd = next(name for name, a in arrays.items() if a.dtype != common)
        raise TypeError(
            f"{function}: all arrays must have one dtype, but {listed}; convert, for instance "
            f"with {odd}.astype(np.{common})"
        )


def _common_dtype(arrays: dict[str, Any]) -> np.dtype[Any]:
    """The dtype that most arrays have; of two that are as frequent the smaller: that of layers."""
    found = [a.dtype for a in arrays.values() if isinstance(a, NUMPY) and a.dtype.kind == "f"]
    by_frequency = sorted(found, key=lambda dtype: (-found.count(dtype), dtype.itemsize))
    return by_frequency[0] if by_frequency else np.dtype(np.float64)


def require_axis(function: str, x: Array, axis: int) -> None:
    """Raise ``ValueError`` unless ``axis`` is an axis of ``x`` with at least one entry.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.contract import require_axis
    >>> try:
    ...     require_axis("softmax", np.ones((2, 3)), 2)
    ... except ValueError as error:
    ...     print(error)
    softmax: axis 2 does not exist in x of shape (2, 3); take one of -2, …, 1
    """
    require_integers(function, least=None, axis=axis)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"{function}: axis {axis} does not exist in x of shape {x.shape}; "
            f"take one of {-x.ndim}, …, {x.ndim - 1}"
            if x.ndim
            else f"{function}: x needs at least one axis, got a single number; "
            "reshape it, for instance with x.reshape(1, -1)"
        )
    if x.shape[axis] == 0:
        raise ValueError(
            f"{function}: axis {axis} of x has no entries (x has shape {x.shape}); "
            "at least one is needed to normalize over"
        )


def require_same_shape(function: str, **arrays: Array) -> None:
    """Raise ``ValueError`` unless all ``arrays`` have one shape: nothing is broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.contract import require_same_shape
    >>> try:
    ...     require_same_shape("mse_loss", y=np.ones((2, 1)), t=np.ones(2))
    ... except ValueError as error:
    ...     print(error)
    mse_loss: y has shape (2, 1), t has shape (2,); they must be equal, ...
    """
    shapes = {name: np.shape(a) for name, a in arrays.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
        raise ValueError(
            f"{function}: {listed}; they must be equal, since broadcasting one against the other "
            "would compare wrong pairs; reshape one of them"
        )


def require_entries(function: str, name: str, a: Array) -> None:
    """Raise ``ValueError`` if ``a`` is empty: the mean of no losses is undefined.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.contract import require_entries
    >>> try:
    ...     require_entries("mse_loss", "y", np.ones(0))
    ... except ValueError as error:
    ...     print(error)
    mse_loss: the mean loss of an empty batch is undefined (y has shape (0,)); skip empty batches
    """
    if np.size(a) == 0:
        raise ValueError(
            f"{function}: the mean loss of an empty batch is undefined "
            f"({name} has shape {np.shape(a)}); skip empty batches"
        )
