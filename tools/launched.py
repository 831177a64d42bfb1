"""The notebooks that readers launch, and what the site serves for them.

A build writes the notebook of every page with code to `_build`, with `UNPUBLISHED` for the address
of the site (`tools.sphinx_extension.notebooks`). Here they get an address: the site's own for the
copies that it offers for download, and the one in `notebooks/address.txt` for those that are
committed, which Colab and Binder open.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import nbformat

from tools.addresses import site_address
from tools.contents import launched_pages
from tools.paths import ROOT, SPHINX_OUTPUT
from tools.wheel import cached_wheel, wheel_name

UNPUBLISHED = "https://unpublished.invalid/"
"""Stands for the address of a site that has none; names in `.invalid` never exist."""

RAW = SPHINX_OUTPUT / "notebooks"
"""The notebooks as a build writes them, without an address."""

COMMITTED = ROOT / "notebooks"
ADDRESS = COMMITTED / "address.txt"
"""The one place that says from which site the committed notebooks take the library."""

WHEELS = "lib"
"""The folder of the site that has the wheel."""

INSTALL = """\
# Where the book's library is missing (in Colab, in a browser), it comes from the book's site.
import importlib.util
import sys

if importlib.util.find_spec("chainrule") is None:
    if sys.platform == "emscripten":
        %pip install -q {wheel}
    else:
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
    return INSTALL.format(wheel=wheel, requirement=f"chainrule{extra} @ {wheel}").strip()


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


def committed_address() -> str:
    """From where the committed notebooks take the library; with a slash at the end."""
    return ADDRESS.read_text("utf8").strip() if ADDRESS.exists() else UNPUBLISHED


def launchable() -> bool:
    """Whether Colab and Binder would find, in the repository, notebooks that fit this site."""
    return committed_address() == site_address()


def notebooks(address: str) -> dict[str, str]:
    """The text of every notebook, for the site at `address`, by its path below `notebooks/`."""
    names = [page.relative_to(ROOT).with_suffix(".ipynb").as_posix() for page in launched_pages()]
    return {name: (RAW / name).read_text("utf8").replace(UNPUBLISHED, address) for name in names}


def add_to_site(site: Path) -> None:
    """Put the wheel, and the notebooks for download, into the folder of a site."""
    address = site_address() or committed_address()
    for folder in (WHEELS, COMMITTED.name):
        shutil.rmtree(site / folder, ignore_errors=True)
    for name, text in notebooks(address).items():
        target = site / COMMITTED.name / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf8")
    (site / WHEELS).mkdir()
    shutil.copyfile(cached_wheel(), site / WHEELS / wheel_name())
