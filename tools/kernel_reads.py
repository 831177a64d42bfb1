"""Write down which files of the project a kernel reads, and whether it starts other programs.

This file runs inside the kernel, before the first cell (`arguments` brings it there), and imports
nothing of the project: what it would import could not be seen to be read.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

PROGRAMS = (
    *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.system", "subprocess.Popen"),
)
"""The events after which another program, whose reading is not seen, may run."""

STARTED_A_PROGRAM = "*"
"""Stands in the log for a program that was started."""


def arguments(root: Path, log: Path) -> list[str]:
    """Command-line arguments with which a Python kernel logs what it reads below `root`."""
    names = {"LOG": str(log), "ROOT": str(root)}
    line = f"__import__('runpy').run_path({__file__!r}, {names})"
    # The result is not for the page, and no name may stay behind among the chapter's.
    return [f"--IPKernelApp.exec_lines={line} and None"]


def watch(root: str, log: str) -> None:
    """Add to the file `log` each path below `root` that this process opens, once, a line each."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    below, seen = os.path.join(os.path.realpath(root), ""), set[str]()

    def note(path: str) -> None:
        if path not in seen:
            seen.add(path)
            os.write(output, os.fsencode(f"{path}\n"))

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(given[0], str | bytes):
            path = os.path.realpath(os.fsdecode(given[0]))
            if path.endswith(".pyc"):  # of an imported module, whose source was read for it once
                with suppress(ValueError):  # no module's
                    path = source_from_cache(path)
            if path.startswith(below):
                note(path)
        elif event in PROGRAMS:
            note(STARTED_A_PROGRAM)

    sys.addaudithook(hook)


if "LOG" in globals():
    watch(globals()["ROOT"], globals()["LOG"])
