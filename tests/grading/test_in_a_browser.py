"""Learners check their answers in a browser too: `check` needs nothing that Python lacks there.

Pyodide, the Python that browsers run, starts no thread and no process and opens no socket, and
some modules do not exist in it (its documentation: "Pyodide Python compatibility"). The same is
forbidden here to a Python of its own, in which every kind of exercise is then checked;
`tests/site/test_lite.py` imports what this needs in a real browser.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from chainrule.grading.exercises import Exercise
from tests.grading import sets

ABSENT = (
    *("_multiprocessing", "_posixshmem", "curses", "dbm", "ensurepip", "fcntl", "grp", "idlelib"),
    *("msvcrt", "resource", "syslog", "termios", "tkinter", "turtle", "turtledemo", "venv"),
    *("winreg", "winsound"),
)
THREAD = "the start of a thread"
FORBIDDEN = (
    *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"),
    *("socket.__new__", "subprocess.Popen", THREAD),
)

AS_IN_A_BROWSER = """
import sys

import sysconfig
import threading

import numpy  # NumPy for Pyodide is a build of its own

sysconfig.get_config_vars()  # of this platform

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

def refuse(event, arguments):
    if event in {forbidden}:
        raise RuntimeError(f"{{event}} does not work in a browser")

def start(thread):
    refuse("{thread}", ())

threading.Thread.start = start
for name in {absent}:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Absent())
sys.addaudithook(refuse)
sys.platform = "emscripten"
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    head = AS_IN_A_BROWSER.format(absent=ABSENT, forbidden=FORBIDDEN, thread=THREAD)
    command = [sys.executable, "-c", head + textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True)


def one_of_each_kind() -> list[Exercise]:
    kinds: dict[type, Exercise] = {}
    for exercise in sets.EXERCISES:
        kinds.setdefault(type(exercise), exercise)
    return list(kinds.values())


CHECKING = """
import contextlib
import io
import os
import pathlib
import tempfile

from chainrule.grading import check, progress
from tests.grading import sets

def said(name, answer):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        check(name, answer)
    return " ".join(text.getvalue().split())

with tempfile.TemporaryDirectory() as home:
    os.environ["CHAINRULE_HOME"] = home
    for exercise in sets.EXERCISES:  # the checks of every chapter are loaded
        if exercise.name not in {names}:
            continue
        words = said(exercise.name, sets.solution(exercise))
        assert ": correct" in words, words
        words = said(exercise.name, sets.stub(exercise))
        assert ": not attempted yet" in words, words
        for wrong, what, answer, _, says in sets.wrong():
            if wrong is exercise:
                words = said(exercise.name, answer)
                assert says in words, (exercise.name, what, words)
                break
    progress()
    assert list(pathlib.Path(home).iterdir()), "the record is kept"
"""


@pytest.mark.slow
def test_every_kind_of_exercise_is_checked_without_what_a_browser_lacks() -> None:
    names = [exercise.name for exercise in one_of_each_kind()]
    assert names
    result = run(CHECKING.format(names=names))
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import fcntl", "No module named 'fcntl'"),
        ("import threading\nthreading.Thread(target=print).start()", f"{THREAD} does not work"),
        ("import subprocess\nsubprocess.run(['true'])", "emscripten does not support processes"),
        ("import os\nos.fork()", "os.fork does not work"),
        ("import socket\nsocket.socket()", "socket.__new__ does not work"),
    ],
)
def test_what_a_browser_lacks_is_missing(code: str, says: str) -> None:
    result = run(code)
    assert result.returncode != 0
    assert says in result.stderr.splitlines()[-1]
