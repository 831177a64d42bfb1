"""Whether two pieces of data agree: types and shapes exactly, numbers up to a stated tolerance.

Nothing is broadcast, and no list is compared with a longer one. A Python number and a NumPy array
without axes are the same thing here, and so are a tuple and a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.grading.exercises.base import Array, described, differing
from chainrule.grading.handles import Data


@dataclass(frozen=True)
class Difference:
    """How found data differs from the truth.

    Attributes
    ----------
    kind : str
        ``type``, ``shape`` or ``value``.
    says : str
        What is wrong, as the rest of a sentence: ``is the wrong number``.
    shown : tuple of (label, text)
        Where, if that is not plain to see.
    right : array of bool, optional
        For two arrays of one shape: which entries agree.
    """

    kind: str
    says: str
    shown: tuple[tuple[str, str], ...] = ()
    right: Array | None = None


def compare(
    found: Data, truth: Data, tolerance: float, magnitude: float = 1.0
) -> Difference | None:
    """How ``found`` differs from ``truth``, or ``None``.

    Two numbers agree if they are at most ``tolerance * max(magnitude, abs(true number))`` apart.
    """
    if truth is None or isinstance(truth, (str, bool)) or _is_flag(truth):
        if _is_flag(truth) and _is_flag(found):
            same = bool(found) == bool(truth)
        else:
            same = type(found) is type(truth) and found == truth
        return None if same else Difference("value", f"is {_short(found)}, not {_short(truth)}")
    if isinstance(truth, (tuple, list)):
        return _compare_sequences(found, truth, tolerance, magnitude)
    if isinstance(truth, dict):
        if not isinstance(found, dict) or set(found) != set(truth):
            wanted = f"a dict with the keys {', '.join(truth)}"
            return Difference("type", f"is {described(found)}; it must be {wanted}")
        for key, expected in truth.items():
            if difference := compare(found[key], expected, tolerance, magnitude):
                return _inside(difference, repr(key))
        return None
    return _compare_numbers(found, truth, tolerance, magnitude)


def numbers(value: Data) -> Array | None:
    """A number or an array of numbers as an array; anything else is ``None``."""
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "fiuc" else None
    plain = isinstance(value, (int, float, complex)) and not isinstance(value, bool)
    return np.asarray(value) if plain else None


def _compare_numbers(
    found: Data, truth: Data, tolerance: float, magnitude: float
) -> Difference | None:
    expected = numbers(truth)
    yours = numbers(found)
    if expected is None:  # an array of flags
        expected = truth
        yours = found if isinstance(found, np.ndarray) and found.dtype == truth.dtype else None
    if yours is None or (expected.ndim > 0 and not isinstance(found, np.ndarray)):
        wanted = "an array of shape " + str(expected.shape) if expected.ndim else "a single number"
        return Difference("type", f"is {_short(found)}; it must be {wanted}")
    if yours.shape != expected.shape:
        wanted = f"shape {expected.shape}" if expected.ndim else "no axes: a single number"
        return Difference("shape", f"has shape {yours.shape}; it must have {wanted}")
    if expected.dtype.kind == "b":
        right = yours == expected
    else:
        with np.errstate(invalid="ignore", over="ignore"):
            allowed = tolerance * np.maximum(magnitude, np.abs(expected))
            right = (np.abs(yours - expected) <= allowed) | (yours == expected)
            right |= np.isnan(yours) & np.isnan(expected)
    if np.all(right):
        return None
    if not np.all(np.isfinite(yours[~right])) and np.all(np.isfinite(expected)):
        says = "contains values that are not numbers (nan or inf)"
        says = says if yours.ndim else f"is {yours[()]}"
        return Difference("value", says, differing(right), right)
    says = "has the right shape but wrong values" if expected.ndim else "is the wrong number"
    return Difference("value", says, differing(right), right)


def _compare_sequences(
    found: Data, truth: Any, tolerance: float, magnitude: float
) -> Difference | None:
    if not isinstance(found, (tuple, list)):
        wanted = f"a {type(truth).__name__} of {len(truth)}"
        return Difference("type", f"is {_short(found)}; it must be {wanted}")
    if len(found) != len(truth):
        return Difference("shape", f"has {len(found)} entries; it must have {len(truth)}")
    for i, (yours, expected) in enumerate(zip(found, truth, strict=True)):
        if difference := compare(yours, expected, tolerance, magnitude):
            return _inside(difference, str(i))
    return None


def _inside(difference: Difference, place: str) -> Difference:
    """``difference``, which is in one entry of something larger."""
    if difference.kind == "value":
        return Difference("value", "is not what it must be", (("differs at", f"[{place}]"),))
    return Difference(difference.kind, f"has an entry [{place}] that {difference.says}")


def _is_flag(value: Data) -> bool:
    return isinstance(value, bool) or (
        isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind == "b"
    )


def _short(value: Data) -> str:
    """Short values as they are, others by what they are."""
    if isinstance(value, (str, bool, type(None))) or _is_flag(value):
        text = repr(value.item() if isinstance(value, np.ndarray) else value)
        return text if len(text) <= 40 else described(value)
    return described(value)
