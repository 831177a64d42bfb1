"""The cells of a notebook that readers launch: set-up first, then the page, all named for good."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import nbformat

from tools.launched import UNPUBLISHED, WHEELS
from tools.wheel import wheel_name

INSTALL = """\
# Where the book's library is missing (in Colab, in a browser), it comes from the book's site.
import importlib.util

if importlib.util.find_spec("chainrule") is None:
    %pip install -q "{requirement}"
import chainrule
"""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def set_up(*, extra: str) -> str:
    """The code of the cell that installs the library, with the packages of `extra`, if any."""
    wheel = f"{UNPUBLISHED}{WHEELS}/{wheel_name()}"
    return INSTALL.format(requirement=f"chainrule{extra} @ {wheel}").strip()


class Cells:
    """The cells of one notebook as it is put together.

    A cell is named after the section it stands in and its place there, so that a change in one
    section leaves the names of all others. The code cells of exercises keep the names they have.
    """

    def __init__(self, page: str, *, is_exercise: bool) -> None:
        self.page = page
        self.is_exercise = is_exercise
        self.cells: list[dict[str, Any]] = []
        self._section = ""
        self._count = 0

    def begin(self, title: str, section: str) -> None:
        """Begin a section: its title begins a cell."""
        self._section, self._count = section, 0
        self._add("markdown", title)

    def set_up(self, address: str) -> None:
        """Say where the notebook comes from, and install the library where it is missing."""
        self.add_text(
            f"*This is [a page of the book]({address}) as a notebook. It is generated, "
            "so what you change here stays here.*"
        )
        # An exercise needs the library and NumPy; a chapter draws, and calls witnesses.
        self.add_code(set_up(extra="" if self.is_exercise else "[chapters]"), ["set-up"])

    def add_text(self, text: str) -> None:
        if not text.strip():
            return
        if self.cells and self.cells[-1]["cell_type"] == "markdown":
            self.cells[-1]["source"] += f"\n\n{text}"
        else:
            self._add("markdown", text)

    def add_code(self, source: str, tags: list[str], name: str = "") -> None:
        """Add a code cell; in an exercise it keeps its `name`."""
        cell = self._add("code", source)
        cell.update(execution_count=None, outputs=[])
        if tags:
            cell["metadata"]["tags"] = tags
        if name and self.is_exercise:
            cell["id"] = name

    def _add(self, kind: str, source: str) -> dict[str, Any]:
        self._count += 1
        digest = hashlib.sha256(f"{self.page}#{self._section}".encode()).hexdigest()[:12]
        identity = f"{digest}-{self._count}"
        cell = {"cell_type": kind, "id": identity, "metadata": {}, "source": source}
        self.cells.append(cell)
        return cell

    def serialized(self, title: str) -> str:
        """The notebook's file: lines that a comparison can show, the same every time."""
        cells = [{**cell, "source": cell["source"].splitlines(True)} for cell in self.cells]
        notebook = {
            "cells": cells,
            "metadata": {**METADATA, "title": title},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        nbformat.validate(notebook)
        return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
