"""Where executed chapters are kept, and in what environment they run.

Jupyter Book's cache looks at a chapter's code cells only; an edit of the library would leave
every stored output as it was. The cache therefore lies in a folder that is named by a digest of
all that the cells can see: the library, the lock and the version of Python.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.fingerprint import digest, files_below
from tools.paths import CACHE, CONSTRAINTS, ROOT

CACHES_KEPT = 3
"""How many caches of other versions of the library stay, so that switching back costs nothing."""

ENVIRONMENT = {
    "CHAINRULE_HOME": "",
    "CHAINRULE_PROGRESS": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
"""What every kernel runs with: nobody's progress in the exercises, no progress bars on pages, one
thread, the same text every time."""


def cache_directory() -> Path:
    """The execution cache for the library and the lock as they are now."""
    key = digest([*files_below(ROOT / "lib"), CONSTRAINTS])
    return CACHE / "execution" / key


def prune() -> None:
    """Remove the caches of older versions of the library, all but the last few."""
    parent = cache_directory().parent
    caches = sorted(parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in caches[CACHES_KEPT:]:
        shutil.rmtree(old)


def enter_environment() -> None:
    """Put `ENVIRONMENT` into this process, from which kernels inherit it."""
    os.environ.update(ENVIRONMENT)
