"""Whether submissions can be run in a sandbox here, and which workers there are."""

import re
import shutil
import sys
from pathlib import Path

import pytest

HERE = sys.platform == "linux" and shutil.which("bwrap") is not None
needs_bubblewrap = pytest.mark.skipif(
    not HERE, reason="the sandbox needs Linux and bubblewrap, and bwrap is not on the path"
)


def workers(memory: int) -> list[int]:
    """The processes that may have ``memory`` bytes and no more, as a worker has what its settings
    say: give it a number that nobody else gives, and these are yours."""
    found = []
    for path in Path("/proc").glob("[0-9]*/limits"):
        try:
            limits = path.read_text()
        except OSError:
            continue
        if re.search(rf"^Max address space +{memory} ", limits, re.MULTILINE):
            found.append(int(path.parent.name))
    return found
