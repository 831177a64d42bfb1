"""The code cells of a notebook file that anybody may have written, or damaged.

Only what is needed is read: the source of each code cell, in order. Cell ids, outputs, metadata and
whatever else a notebook says about itself are ignored, so they may be missing, doubled or wrong.
"""

from __future__ import annotations

import json
from typing import Any


class UnreadableError(Exception):
    """The submission is not a notebook that can be graded; the message says why."""


def code_cells(content: bytes) -> list[str]:
    """The sources of the code cells in ``content``, a notebook of format 3 or 4.

    Raises
    ------
    UnreadableError
        If it is anything else.
    """
    notebook = _parsed(content)
    _in_python(notebook)
    return [_source(cell) for cell in _cells(notebook) if cell.get("cell_type") == "code"]


def _parsed(content: bytes) -> dict[str, Any]:
    if not content.strip():
        raise UnreadableError("the file is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"not UTF-8: byte {error.start} of the file") from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"not JSON: line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError):
        raise UnreadableError("not JSON that a notebook would hold") from None
    if not isinstance(notebook, dict):
        raise UnreadableError("not a notebook: the file holds no JSON object")
    return notebook


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    found = notebook.get("nbformat", 4)
    if found == 3:
        sheets = _list(notebook, "worksheets")
        cells = [
            cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet, "cells")
        ]
    elif found == 4:
        cells = _list(notebook, "cells")
    else:
        raise UnreadableError(f"a notebook of format {str(found)[:20]}; formats 3 and 4 are read")
    return [cell for cell in cells if isinstance(cell, dict)]


def _list(of: dict[str, Any], key: str) -> list[Any]:
    found = of.get(key)
    if not isinstance(found, list):
        raise UnreadableError(f"not a notebook: no list of {key}")
    return found


def _source(cell: dict[str, Any]) -> str:
    """The text of a cell; format 3 calls it input. What is no text is an empty cell."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _in_python(notebook: dict[str, Any]) -> None:
    """Refuse a notebook that says to be in another language; the kernel's name does not matter."""
    metadata = notebook.get("metadata")
    for key, field in (("language_info", "name"), ("kernelspec", "language")):
        said = metadata.get(key) if isinstance(metadata, dict) else None
        language = said.get(field) if isinstance(said, dict) else None
        if isinstance(language, str) and language and "python" not in language.lower():
            raise UnreadableError(f"a notebook in {language[:20]}, not in Python")
