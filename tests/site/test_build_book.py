"""Running Jupyter Book: its output is kept, its exit code told, and nothing it started stays."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tools.build_book import run_logged

LEAVES_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
print("child", child.pid, flush=True)
sys.exit(3)
"""


def test_exit_code_and_output(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    assert run_logged([sys.executable, "-c", "print('said'); raise SystemExit(2)"], log) == 2
    assert log.read_text("utf8") == "said\n"


@pytest.mark.skipif(os.name != "posix", reason="sessions of processes are POSIX's")
def test_a_child_that_outlives_the_build_is_stopped(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    assert run_logged([sys.executable, "-c", LEAVES_A_CHILD], log) == 3
    child = int(log.read_text("utf8").split()[1])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and is_running(child):
        time.sleep(0.01)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if status.parent.parent.exists() and not status.exists():
        return False
    if status.exists():  # a stopped child whose parent is gone may wait to be collected
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
