"""NumPy's commonest error messages about shapes, said again in the words of the book."""

from __future__ import annotations

import re

_MATMUL = re.compile(r"matmul: Input operand 1 .* \(size (\d+) is different from (\d+)\)")
_DOT = re.compile(r"shapes \(.*?\) and \(.*?\) not aligned: (\d+) \(dim \d+\) != (\d+) \(dim \d+\)")
_BROADCAST = re.compile(r"operands could not be broadcast together with shapes (\(.*?\)) (\(.*?\))")


def in_plain_words(message: str) -> str:
    """What ``message`` means, or ``""`` if it is not one of these."""
    if found := _MATMUL.search(message):
        right, left = found.groups()
        return _unequal(left, right)
    if found := _DOT.search(message):
        return _unequal(*found.groups())
    if found := _BROADCAST.search(message):
        left, right = found.groups()
        return (
            f"{left} and {right}, aligned at their right ends, have different lengths in one "
            "place, and neither is 1"
        )
    return ""


def _unequal(left: str, right: str) -> str:
    return (
        f"the product sums over an axis of length {left} on its left and {right} on its right; "
        "they must be equal"
    )
