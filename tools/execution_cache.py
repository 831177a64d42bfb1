"""Where executed chapters are kept, in what environment they run, and when one must run again.

Jupyter Book's cache looks at a chapter's code cells only; an edit of the library would leave
every stored output as it was. The cache therefore lies in a folder that is named by a digest of
all that the cells can see: the library, the lock and the version of Python.

After an edit of the library the folder is another, and empty. A chapter is then taken over from the
folder of an older version if nothing that it read has changed since: its kernel wrote down every
file of the project that it opened (`tools.kernel_reads`), and the digests of these files lie in the
cache with its outputs. A chapter that started another program, whose reading nobody saw, is
never taken over.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from tools.fingerprint import digest, files_below
from tools.kernel_reads import STARTED_A_PROGRAM
from tools.paths import BUILD, CACHE, CONSTRAINTS, ROOT

CACHES_KEPT = 5
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


def older_caches() -> list[Path]:
    """The caches of other versions of the library, the last used first."""
    present = cache_directory()
    caches = [path for path in present.parent.glob("*") if path != present]
    return sorted(caches, key=lambda path: path.stat().st_mtime, reverse=True)


def prune() -> None:
    """Remove the caches of older versions of the library, all but the last few."""
    for old in older_caches()[CACHES_KEPT - 1 :]:
        shutil.rmtree(old)


def enter_environment() -> None:
    """Put `ENVIRONMENT` into this process, from which kernels inherit it.

    They import this checkout's library, whichever is installed.
    """
    os.environ.update(ENVIRONMENT)
    paths = [str(ROOT / "lib"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, paths)))


def foundation() -> str:
    """A digest of what every chapter sees: Python, the lock, its environment, and which files the
    library has.

    The names of the files decide what an import finds, even one that fails.
    """
    names = [path.relative_to(ROOT).as_posix() for path in files_below(ROOT / "lib")]
    lines = [digest([CONSTRAINTS]), repr(sorted(ENVIRONMENT.items())), *names]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def file_digest(name: str) -> str:
    """The digest of a file of the project; empty if there is none of that name."""
    path = ROOT / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def reads_in(log: Path) -> dict[str, str] | None:
    """The files of the project that a kernel read, with their digests; None if that is not known.

    It is not known either if nothing of the library was read: there may be another one installed.
    What builds and environments keep inside the checkout belongs to none of its versions.
    """
    lines = log.read_text("utf8").splitlines() if log.exists() else [STARTED_A_PROGRAM]
    if STARTED_A_PROGRAM in lines:
        return None
    names = {Path(line).relative_to(ROOT.resolve()) for line in lines}
    if not any(name.parts[0] == "lib" for name in names):
        return None
    not_ours = {BUILD.name, CACHE.name}
    return {
        name.as_posix(): file_digest(name.as_posix())
        for name in sorted(names)
        if name.parts[0] not in not_ours and not name.parts[0].startswith(".venv")
    }


def record(seconds: float, log: Path) -> dict[str, Any]:
    """What is kept with a chapter's outputs."""
    return {
        "execution_seconds": seconds,
        "foundation": foundation(),
        "reads": reads_in(log),
    }


def unchanged(reads: dict[str, str]) -> bool:
    """Whether the files that a chapter read are as they were then."""
    return all(file_digest(name) == before for name, before in reads.items())
