"""Checks of what is to be drawn, whose messages name the function that the reader called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.arguments import require_instance
from chainrule.functional.contract import Array


def as_numbers(function: str, name: str, value: Any, dtype: type | None = float) -> Array:
    """Return ``value`` as an array; raise ``TypeError`` if it cannot be made one of this dtype.

    Examples
    --------
    >>> from chainrule.plotting.arguments import as_numbers
    >>> as_numbers("draw_matrix", "values", [[1, 2]])
    array([[1., 2.]])
    >>> as_numbers("draw_matrix", "values", "abc")
    Traceback (most recent call last):
        ...
    TypeError: draw_matrix: values must be an array of numbers (could not convert string to ...
    """
    try:
        return np.asarray(value, dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{function}: {name} must be an array of numbers ({error})") from None


def require_named(function: str, **values: Any) -> None:
    """Raise ``TypeError`` unless all ``values`` are mappings from names to what is drawn.

    Examples
    --------
    >>> from chainrule.plotting.arguments import require_named
    >>> require_named("draw_curves", curves=[3.0, 2.0])
    Traceback (most recent call last):
        ...
    TypeError: draw_curves: curves must be of type Mapping, got list; pass {"name": …}
    """
    require_instance(function, Mapping, 'pass {"name": …}', **values)


def require_listed(function: str, **values: Any) -> None:
    """Raise ``TypeError`` unless all ``values`` are sequences or arrays of them.

    Examples
    --------
    >>> from chainrule.plotting.arguments import require_listed
    >>> require_listed("draw_chain", operations=3)
    Traceback (most recent call last):
        ...
    TypeError: draw_chain: operations must be of type Sequence or ndarray, got int; pass a list
    """
    for name, value in values.items():
        require_instance(function, Sequence | np.ndarray, "pass a list", **{name: value})
        if isinstance(value, np.ndarray) and value.ndim == 0:
            raise TypeError(f"{function}: {name} must be a sequence, got one number; pass a list")
