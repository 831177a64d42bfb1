"""Finding and reading what was handed in: files and folders that nobody has looked at yet."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKPOINTS = ".ipynb_checkpoints"


class RejectedError(Exception):
    """The file is not read; the message says why."""


@dataclass(frozen=True)
class Submission:
    """A file that was handed in; ``name`` is its path below what all submissions have in common."""

    name: str
    path: Path

    def read(self, largest: int) -> bytes:
        """The content of the file.

        Raises
        ------
        RejectedError
            If it is no regular file, cannot be read, or is larger than ``largest`` bytes.
        """
        try:
            # Neither a link to another's work nor a pipe that never ends is followed.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK):
                raise RejectedError("a symbolic link; hand in the notebook itself") from None
            raise RejectedError(f"cannot be read: {error.strerror}") from None
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise RejectedError("not a regular file")
            if found.st_size > largest:
                size, most = found.st_size / 2**20, largest / 2**20
                raise RejectedError(f"{size:.1f} MiB; at most {most:g} MiB are read")
            return file.read(largest + 1)[:largest]


def find(paths: Sequence[Path]) -> list[Submission]:
    """The submissions in ``paths``: notebooks, and folders with notebooks at any depth.

    Raises
    ------
    FileNotFoundError
        If a path does not exist, or none of them has a notebook in it.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise FileNotFoundError(f"grade: there is no {shown(str(path))}")
        absolute = Path(os.path.abspath(path))
        found |= dict.fromkeys(_notebooks(absolute) if path.is_dir() else [absolute])
    if not found:
        raise FileNotFoundError("grade: there is no .ipynb file in what was given")
    folders = [os.path.abspath(path if path.is_dir() else path.parent) for path in paths]
    common = os.path.commonpath(folders)
    named = [Submission(os.path.relpath(path, common), path) for path in found]
    return sorted(named, key=lambda submission: submission.name)


def _notebooks(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != CHECKPOINTS)
        linked = [name for name in folders if name.endswith(".ipynb")]
        yield from (Path(parent, name) for name in sorted([*files, *linked]) if _is_notebook(name))


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb")


def shown(name: str) -> str:
    """``name`` as a terminal or a spreadsheet can show it, whatever bytes are in it."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
