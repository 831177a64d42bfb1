"""Files that are never half-written."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PART = ".part"
ABANDONED = 60.0  # seconds; nobody takes that long to write a file of these


def replace(path: Path, content: str | bytes) -> None:
    """Write ``content`` beside ``path``, then put it in its place: there is never half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the new name with no content
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def strays(path: Path) -> Iterator[Path]:
    """What processes that were killed while they replaced ``path`` have left beside it."""
    before = time.time() - ABANDONED
    for part in path.parent.glob(f".{path.name}.*{PART}"):
        if part.stat().st_mtime < before:
            yield part
