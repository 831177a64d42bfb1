"""Data as text: inputs that can be pasted into a cell, results that can be read side by side."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

WIDTH = 60  # characters of an array on one line
MOST_ENTRIES = 60  # of an array that is shown


def literal(value: Any, indent: int = 0) -> str:
    """Python code that makes ``value``, as in ``np.array([[1., 2.]])``."""
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > MOST_ENTRIES:
        return f"...  # an array of shape {value.shape}"
    if value.size == 0:
        dtype = "" if value.dtype == np.float64 else f", dtype=np.{value.dtype}"
        return f"np.zeros({value.shape}{dtype})"
    dtype = "" if value.dtype in (np.float64, np.int64) else f", dtype=np.{value.dtype}"
    return f"np.array({_nested(value, None, indent + len('np.array('))}{dtype})"


def pair(
    yours: Any, expected: Any, indent: int = 0, right: np.ndarray[Any, Any] | None = None
) -> tuple[str, str]:
    """Two results as text, with as many digits as it takes to see that they differ.

    Entries that are not ``right`` stand between marks, see :func:`marked`, unless all are wrong.
    """
    wrong = None if right is None or not np.any(right) else ~right
    for digits in (4, 8, 12, None):
        texts = (
            _result(yours, digits, indent, wrong),
            _result(expected, digits, indent, wrong),
        )
        if texts[0] != texts[1]:
            break
    return texts


def marked(text: str, start: str, end: str) -> str:
    """``text`` with the marks of wrong entries replaced by ``start`` and ``end``."""
    text = _MARKED.sub(lambda found: f"{start}{found[1]}{end}", text)
    return text.replace(_START, "").replace(_END, "")


_START, _END = "\ue000", "\ue001"  # for private use, so in no font and in nobody's text
_MARKED = re.compile(f"{_START}([^{_START}{_END}\n]*){_END}")


def _result(
    value: Any, digits: int | None, indent: int, wrong: np.ndarray[Any, Any] | None = None
) -> str:
    if isinstance(value, (tuple, list)):
        items = [_result(item, digits, indent + 1) for item in value]
        inner = ", ".join(items) + ("," if isinstance(value, tuple) and len(items) == 1 else "")
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    if isinstance(value, dict):
        entries = (f"{key!r}: {_result(item, digits, indent)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if not isinstance(value, np.ndarray):
        return repr(value) if not isinstance(value, float) else _number(value, digits)
    if value.size == 0 or value.size > MOST_ENTRIES:
        return f"an array of shape {value.shape}"
    return _nested(value, digits, indent, wrong)


def _nested(
    value: np.ndarray[Any, Any],
    digits: int | None,
    indent: int,
    wrong: np.ndarray[Any, Any] | None = None,
) -> str:
    """The entries in brackets: on one line if they fit, else in columns."""
    texts: Any = np.empty(value.shape, dtype=object)
    for index in np.ndindex(value.shape):
        texts[index] = _number(value[index], digits)
    if value.ndim > 1 and len(_lines(texts, indent)) > WIDTH:
        widths = {k: max(map(len, texts[..., k].flat)) for k in range(value.shape[-1])}
        for index in np.ndindex(value.shape):
            texts[index] = texts[index].rjust(widths[index[-1]])
    if wrong is not None and wrong.shape == value.shape:
        for place in np.argwhere(wrong):
            index = tuple(place)
            entry = texts[index].lstrip()
            texts[index] = texts[index].removesuffix(entry) + _START + entry + _END
    return _lines(texts, indent)


def _lines(texts: np.ndarray[Any, Any], indent: int) -> str:
    if texts.ndim == 0:
        return str(texts[()])
    items = [_lines(item, indent + 1) for item in np.asarray(texts)] if texts.ndim > 1 else texts
    line = "[" + ", ".join(items) + "]"
    if texts.ndim == 1 or (len(marked(line, "", "")) <= WIDTH and "\n" not in line):
        return line
    return "[" + (",\n" + " " * (indent + 1)).join(items) + "]"


def _number(value: Any, digits: int | None) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (complex, np.complexfloating)):
        return str(complex(value))
    value = value + 0.0  # -0.0 becomes 0.0: the sign of zero helps nobody
    # float32 prints as itself: item() would show the digits of its nearest float64.
    text = str(value) if digits is None else f"{float(value):.{digits}g}"
    if text.lstrip("-").isdigit():
        return text + "."
    return text.removesuffix("0") if text.endswith(".0") else text
