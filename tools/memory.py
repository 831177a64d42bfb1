"""Results that a build remembers: kept on disk, found by a digest of what they were made from.

The code that makes them, and the lock, count as what they are made from, so that an edit of either
makes them anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tools.fingerprint import digest, files_below
from tools.paths import CACHE, CONSTRAINTS, ROOT

FILES_KEPT = 2000
"""How many results stay: those that were used last. A site has about 250."""


def remembered(make: Callable[..., bytes], *made_from: bytes) -> bytes:
    """What `make` returns of what it is `made_from`; it is called only if that is not known."""
    key = hashlib.sha256(f"{makers()} {make.__module__} {make.__qualname__}".encode())
    for part in made_from:
        key.update(hashlib.sha256(part).digest())
    path = folder() / key.hexdigest()
    if path.exists():
        os.utime(path)
        return path.read_bytes()
    result = make(*made_from)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as scratch:
        scratch.write(result)
    os.replace(scratch.name, path)
    return result


def folder() -> Path:
    return CACHE / "remembered"


@cache
def makers() -> str:
    """A digest of the code that makes the results and of the versions of what it uses."""
    return digest([*files_below(ROOT / "tools"), CONSTRAINTS])


def forget_oldest() -> None:
    """Remove what was not used for longest."""
    files = sorted(folder().glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[FILES_KEPT:]:
        path.unlink(missing_ok=True)
