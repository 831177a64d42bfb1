"""What every data set refuses in the same words, and the kinds of array it returns."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Strings = NDArray[np.str_]


def require_generator(function: str, rng: np.random.Generator) -> None:
    """Raise ``TypeError`` unless ``rng`` is a NumPy generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{function}: rng must be a numpy.random.Generator, got {type(rng).__name__}; "
            "pass np.random.default_rng(seed)"
        )


def require_count(function: str, name: str, value: int, *, least: int = 1) -> None:
    """Raise ``TypeError`` unless ``value`` is a whole number, ``ValueError`` below ``least``."""
    try:
        operator.index(value)
    except TypeError:
        raise TypeError(f"{function}: {name} must be a whole number, got {value!r}") from None
    if value < least:
        raise ValueError(f"{function}: {name} must be at least {least}, got {value}")


def require_noise(function: str, noise: float) -> None:
    """Raise ``ValueError`` unless ``noise`` is a finite standard deviation, 0 or more."""
    if not 0 <= noise < np.inf:
        raise ValueError(f"{function}: noise is a standard deviation, at least 0, got {noise}")


def require_positive(function: str, name: str, value: float) -> None:
    """Raise ``ValueError`` unless ``value`` is finite and more than 0."""
    if not 0 < value < np.inf:
        raise ValueError(f"{function}: {name} must be positive and finite, got {value}")
