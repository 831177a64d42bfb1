"""What the book consists of: its pages in reading order, and those of them that execute."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import nbformat
import yaml
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader, is_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from sphinx_external_toc.parsing import parse_toc_yaml

from tools.paths import ROOT


def config(root: Path = ROOT) -> dict[str, Any]:
    """The book's `_config.yml`."""
    return yaml.safe_load((root / "_config.yml").read_text("utf8"))


def pages(root: Path = ROOT) -> list[Path]:
    """The source file of every page in `_toc.yml`, in reading order."""
    found = []
    for name in parse_toc_yaml(root / "_toc.yml"):
        candidates = [root / f"{name}{suffix}" for suffix in (".md", ".ipynb")]
        existing = [path for path in candidates if path.exists()]
        if len(existing) != 1:
            raise FileNotFoundError(
                f"_toc.yml names {name}: expected exactly one of {name}.md and {name}.ipynb, "
                f"found {len(existing)}"
            )
        found += existing
    return found


def executed_pages(root: Path = ROOT) -> list[Path]:
    """The pages that run while the book is built; exercises and solutions do not."""
    excluded = config(root)["execute"]["exclude_patterns"]

    def executes(page: Path) -> bool:
        name = page.relative_to(root).as_posix()
        return is_myst_markdown_notebook(page.read_text("utf8")) and not any(
            fnmatch(name, pattern) for pattern in excluded
        )

    return [page for page in pages(root) if executes(page)]


def launched_pages(root: Path = ROOT) -> list[Path]:
    """The pages that readers launch as notebooks: chapters with code, and exercises."""
    executed = [page for page in executed_pages(root) if page.parent.name == "chapters"]
    return executed + [page for page in pages(root) if page.parent.name == "exercises"]


def notebook_in(page: Path) -> nbformat.NotebookNode:
    """The notebook that the build will see in `page`, so that its cache key is the same."""
    text = page.read_text("utf8")
    reader = create_nb_reader(str(page), MdParserConfig(), NbParserConfig(), text)
    assert reader is not None, f"{page} is not a notebook"
    return reader.read(text)
