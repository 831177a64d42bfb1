"""Where things are, for every command in `tools`."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

CACHE = ROOT / ".cache"
"""What can be fetched or computed again: KaTeX's files, executed chapters. Never committed."""

BUILD = ROOT / "_build"
"""Everything that a build writes."""

SPHINX_OUTPUT = BUILD / "sphinx"
"""Sphinx's own output and its intermediate files, kept so that the next build is incremental."""

HTML = BUILD / "html"
"""The finished site: replaced as a whole, and only by a build without a warning."""

CONSTRAINTS = ROOT / "constraints.txt"
"""The lock of the book's environment."""


def shown(path: Path) -> str:
    """`path` as a reader of a message wants it: relative to the checkout where it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
