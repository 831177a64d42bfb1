"""Witness: finite differences along random directions.

If ``dx`` is the gradient of ⟨dy, f(x)⟩, then for every direction v

    ⟨dx, v⟩ = lim (⟨dy, f(x + h v)⟩ − ⟨dy, f(x − h v)⟩) / 2h.

One random v per argument tests all entries of its gradient at once, at the price of two
evaluations of f; derived in the chapter ``backpropagation``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.functional.contract import Array, Differentiable
from chainrule.proofs.case import is_integer

# The truncation error falls as h², the rounding error grows as eps / h; in float64 they meet
# near h = eps^(1/3), about 6e-6.
STEP = np.finfo(np.float64).eps ** (1 / 3)


def directional_errors(
    function: Differentiable,
    args: tuple[Array, ...],
    options: Mapping[str, Any] | None = None,
    *,
    rng: np.random.Generator,
    step: float = STEP,
) -> dict[int, float]:
    """Compare each gradient of ``function`` with a central difference along a random direction.

    Parameters
    ----------
    function : callable
        Keeps the contract: returns ``(value, pullback)``.
    args : tuple of float64 arrays, or integer arrays, which are left alone
    options : mapping, optional
        Keyword arguments.
    rng : numpy.random.Generator
        Draws dy and the directions.
    step : float
        ``h``.

    Returns
    -------
    dict
        Position of each floating-point argument → relative error: the difference of the two
        numbers over the largest that ⟨dx, v⟩ can be for a gradient of this length; infinity if the
        gradient has the wrong shape, or either number is NaN or infinite.

    Raises
    ------
    TypeError
        If a floating-point argument is not float64: single precision leaves nothing to compare.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import tanh
    >>> from chainrule.proofs import directional_errors
    >>> errors = directional_errors(tanh, (np.array([0.5, -2.0]),), rng=np.random.default_rng(0))
    >>> errors[0] < 1e-6
    True
    """
    options = options or {}
    for position, a in enumerate(args):
        if not is_integer(a) and a.dtype != np.float64:
            raise TypeError(
                f"directional_errors: argument {position} is {a.dtype}; finite differences need "
                "float64"
            )
    value, pullback = function(*args, **options)
    dy = rng.standard_normal(np.shape(value))
    gradients = pullback(dy if np.ndim(value) else float(dy))
    errors = {}
    for position, (a, gradient) in enumerate(zip(args, gradients, strict=True)):
        if is_integer(a):
            continue
        v = rng.standard_normal(a.shape)
        plus, _ = function(*args[:position], a + step * v, *args[position + 1 :], **options)
        minus, _ = function(*args[:position], a - step * v, *args[position + 1 :], **options)
        measured = float(np.sum(dy * (plus - minus)) / (2 * step))
        wrong_shape = gradient is None or np.shape(gradient) != a.shape
        if wrong_shape or not np.isfinite(measured) or not np.isfinite(gradient).all():
            errors[position] = np.inf
            continue
        claimed = float(np.sum(gradient * v))
        scale = max(float(np.linalg.norm(gradient) * np.linalg.norm(v)), abs(measured))
        errors[position] = abs(measured - claimed) / scale if scale else 0.0
    return errors
