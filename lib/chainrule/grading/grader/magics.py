"""Cells as notebooks have them: Python, and lines that only IPython understands."""

from __future__ import annotations

import re

_MAGIC = re.compile(r"(\s*)(%|!|\?|[A-Za-z_][\w.]*\?{1,2}\s*$|[A-Za-z_][\w., ]*=\s*[%!])")
_BODY_IS_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")


def without_magics(source: str) -> tuple[str, list[str]]:
    """``source`` with ``pass`` for each line that is not Python, and those lines.

    To be asked only for a cell that is no Python as it stands: a line of an expression may well
    start with ``%``. Lines keep their numbers.

    Examples
    --------
    >>> from chainrule.grading.grader.magics import without_magics
    >>> without_magics("%matplotlib inline\\nx = 1")
    ('pass\\nx = 1', ['%matplotlib inline'])
    """
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%") and not lines[first].startswith(_BODY_IS_PYTHON):
        return "", [lines[first]]
    left_out = []
    for i, line in enumerate(lines):
        found = _MAGIC.match(line)
        if found:
            left_out.append(line.strip())
            lines[i] = f"{found[1]}pass"
    return "\n".join(lines), left_out
