"""Digests of files: what a cached result depends on."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.paths import ROOT

IGNORED_DIRECTORIES = {"__pycache__", ".ipynb_checkpoints"}


def files_below(*roots: Path) -> Iterator[Path]:
    """Every file at or below `roots`, sorted, without what Python and Jupyter leave behind."""
    for root in roots:
        if root.is_file():
            yield root
        for path in sorted(root.rglob("*")):
            relative = path.relative_to(root).parts
            left_behind = any(
                part in IGNORED_DIRECTORIES or part.endswith(".egg-info") for part in relative
            )
            if path.is_file() and not left_behind:
                yield path


def digest(paths: Iterable[Path]) -> str:
    """A digest of the names and contents of `paths` and of the Python that runs."""
    total = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return total.hexdigest()[:16]
