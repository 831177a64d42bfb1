"""How two arrays are compared: without broadcasting, and relative to the larger one."""

from __future__ import annotations

from typing import Any

import numpy as np


def relative_error(ours: Any, expected: Any) -> float:
    """Largest difference between two arrays over the largest entry of the expected one.

    Parameters
    ----------
    ours, expected : array_like
        Nothing is broadcast.

    Returns
    -------
    float
        0 if equal; infinity if the shapes differ or NaN stands on one side only. If ``expected``
        is all zero, the largest entry of ``ours``.
    """
    if ours is None or np.shape(ours) != np.shape(expected):
        return np.inf
    ours, expected = np.asarray(ours, np.float64), np.asarray(expected, np.float64)
    same = (ours == expected) | (np.isnan(ours) & np.isnan(expected))
    if same.all():
        return 0.0
    with np.errstate(invalid="ignore"):
        difference = np.abs(ours - expected)[~same].max()
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=0.0) or 1.0
    return float(difference / scale) if np.isfinite(difference) else np.inf
