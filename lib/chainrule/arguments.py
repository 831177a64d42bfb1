"""Checks of arguments that are no arrays: numbers, sizes, generators, dtypes, choices.

Every check takes the name of the function or class that the reader called, so that its message
says who refuses, which argument, what would do, and what came instead. True and False are integers
to Python; here they are not, for they stand where another argument was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, get_args

import numpy as np
from numpy.typing import DTypeLike

# How an interval reads in a message; any other one is written as it is.
IN_WORDS = {
    "(-inf, inf)": "be finite",
    "[0, inf)": "be at least 0",
    "(0, inf)": "be greater than 0",
    "(0, inf]": "be greater than 0",
    "(1, inf]": "be greater than 1",
}


def is_integer(value: Any) -> bool:
    """Whether ``value`` is a whole number of Python or NumPy, and no truth value.

    Examples
    --------
    >>> from chainrule.arguments import is_integer
    >>> is_integer(3), is_integer(3.0), is_integer(True)
    (True, False, False)
    """
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def require_integers(owner: str, *, least: int | None = 1, **values: Any) -> None:
    """Raise ``TypeError`` unless all ``values`` are integers, ``ValueError`` below ``least``.

    With ``least=None``, any integer will do.

    Examples
    --------
    >>> from chainrule.arguments import require_integers
    >>> require_integers("MaxPool2d", kernel_size=0)
    Traceback (most recent call last):
        ...
    ValueError: MaxPool2d: kernel_size must be at least 1, got 0
    """
    for name, value in values.items():
        if not is_integer(value):
            raise TypeError(f"{owner}: {name} must be an integer, got {value!r}")
        if least is not None and value < least:
            raise ValueError(f"{owner}: {name} must be at least {least}, got {value}")


def require_numbers(owner: str, interval: str | None, **values: Any) -> None:
    """Raise ``TypeError`` unless all ``values`` are real numbers, ``ValueError`` outside.

    Parameters
    ----------
    owner : str
    interval : str or None
        As in mathematics, for instance ``"[0, 1)"``. NaN lies in none. Without an interval, any
        number will do, for functions in whose value NaN shows.
    **values
        The arguments by name.

    Examples
    --------
    >>> from chainrule.arguments import require_numbers
    >>> require_numbers("SGD", "[0, 1)", momentum=1.5)
    Traceback (most recent call last):
        ...
    ValueError: SGD: momentum must lie in [0, 1), got 1.5
    """
    for name, value in values.items():
        if not isinstance(value, (float, np.floating)) and not is_integer(value):
            raise TypeError(f"{owner}: {name} must be a real number, got {value!r}")
        if interval is None:
            continue
        low, high = _ends(interval)
        if not (low < value < high or _is_end(value, interval)):
            wanted = "be finite" if abs(value) == np.inf else IN_WORDS.get(interval)
            wanted = wanted or f"lie in {interval}"
            raise ValueError(f"{owner}: {name} must {wanted}, got {value}")


def _is_end(value: Any, interval: str) -> bool:
    """Whether ``value`` is an end of ``interval`` that belongs to it."""
    low, high = _ends(interval)
    return bool((value == low and interval[0] == "[") or (value == high and interval[-1] == "]"))


@cache
def _ends(interval: str) -> tuple[float, float]:
    low, high = map(float, interval[1:-1].split(","))
    return low, high


def require_generator(owner: str, rng: Any) -> None:
    """Raise ``TypeError`` unless ``rng`` is a NumPy generator.

    Examples
    --------
    >>> from chainrule.arguments import require_generator
    >>> require_generator("Dropout", 42)
    Traceback (most recent call last):
        ...
    TypeError: Dropout: rng must be a numpy.random.Generator, got int; pass ...
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{owner}: rng must be a numpy.random.Generator, got {type(rng).__name__}; "
            "pass rng=np.random.default_rng(seed)"
        )


def require_floating_dtype(owner: str, dtype: DTypeLike) -> None:
    """Raise ``TypeError`` unless ``dtype`` is one of real floating-point numbers.

    Examples
    --------
    >>> from chainrule.arguments import require_floating_dtype
    >>> require_floating_dtype("Linear", int)
    Traceback (most recent call last):
        ...
    TypeError: Linear: dtype must be a floating-point type, got int64; take for instance np.float32
    """
    try:
        found: Any = np.dtype(dtype) if dtype is not None else None
    except TypeError:
        found = repr(dtype)
    if getattr(found, "kind", None) != "f":
        raise TypeError(
            f"{owner}: dtype must be a floating-point type, got {found}; "
            "take for instance np.float32"
        )


def require_rng_and_dtype(owner: str, rng: Any, dtype: DTypeLike) -> None:
    """Raise ``TypeError`` unless parameters can be drawn by ``rng`` in ``dtype``.

    Examples
    --------
    >>> from chainrule.arguments import require_rng_and_dtype
    >>> require_rng_and_dtype("Linear", None, float)
    Traceback (most recent call last):
        ...
    TypeError: Linear: rng must be a numpy.random.Generator, got NoneType; pass ...
    """
    require_generator(owner, rng)
    require_floating_dtype(owner, dtype)


def require_choice(owner: str, choices: Sequence[Any], **values: Any) -> None:
    """Raise ``ValueError`` unless all ``values`` are among the ``choices``.

    Examples
    --------
    >>> from chainrule.arguments import require_choice
    >>> require_choice("gelu", ["none", "tanh"], approximate="erf")
    Traceback (most recent call last):
        ...
    ValueError: gelu: approximate must be 'none' or 'tanh', got 'erf'
    """
    for name, value in values.items():
        if not isinstance(value, str) or value not in choices:
            listed = " or ".join(map(repr, choices))
            raise ValueError(f"{owner}: {name} must be {listed}, got {value!r}")


def require_function(owner: str, remedy: str, **values: Any) -> None:
    """Raise ``TypeError`` unless all ``values`` can be called.

    Examples
    --------
    >>> from chainrule.arguments import require_function
    >>> require_function("MLP", "pass a class such as nn.ReLU", activation="relu")
    Traceback (most recent call last):
        ...
    TypeError: MLP: activation must be callable, got 'relu'; pass a class such as nn.ReLU
    """
    for name, value in values.items():
        if not callable(value):
            raise TypeError(f"{owner}: {name} must be callable, got {value!r}; {remedy}")


def require_instance(owner: str, kind: Any, remedy: str, **values: Any) -> None:
    """Raise ``TypeError`` unless all ``values`` are instances of ``kind``, a type or a union.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.arguments import require_instance
    >>> require_instance("predict", np.ndarray, "convert it with np.asarray", X=[1.0])
    Traceback (most recent call last):
        ...
    TypeError: predict: X must be of type ndarray, got list; convert it with np.asarray
    """
    for name, value in values.items():
        if not isinstance(value, kind):
            wanted = " or ".join(k.__name__ for k in get_args(kind) or [kind])
            raise TypeError(
                f"{owner}: {name} must be of type {wanted}, got {type(value).__name__}; {remedy}"
            )
