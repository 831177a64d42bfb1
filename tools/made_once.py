"""Folders of `.cache` that are made once for each version of what is in them.

A folder is there as a whole or not at all, also when its making is interrupted.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def made_once(target: Path, make: Callable[[Path], None], family: str) -> Path:
    """The folder `target`; if it is not there, `make` fills an empty one that takes its name.

    Then the older ones of its `family` go: those beside it whose names match that pattern.
    """
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            folder = Path(scratch) / "made"
            folder.mkdir()
            make(folder)
            folder.rename(target)
        for old in target.parent.glob(family):
            if old != target:
                shutil.rmtree(old)
    return target
