"""Whether submissions can be run in a sandbox here, for the tests that need one."""

import shutil
import sys

import pytest

HERE = sys.platform == "linux" and shutil.which("bwrap") is not None
needs_bubblewrap = pytest.mark.skipif(
    not HERE, reason="the sandbox needs Linux and bubblewrap, and bwrap is not on the path"
)
