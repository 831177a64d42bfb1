"""What a learner has done across the course, kept in a file of their own.

:func:`chainrule.grading.check` writes down the best result of each exercise; :func:`progress` and
``chainrule progress`` show them. The file is ``progress.json`` in the folder for data of programs
(on Linux ``~/.local/share/chainrule``); the environment variable CHAINRULE_HOME names another
folder, and an empty CHAINRULE_HOME keeps nothing.

Results are only ever merged, each exercise keeping the better of two, so it makes no difference in
which order two notebooks, two machines or two exported files come together. A file that cannot be
read is set aside, not overwritten. Where nothing can be written, nothing is, and checking goes on.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.grading import checks, files
from chainrule.grading.report import Report, State
from chainrule.tables import Table, table

FORMAT = 1
NAME = "progress.json"
STATES: tuple[State, ...] = ("not-attempted", "fail", "pass")  # from worse to better
WORDS: Mapping[str, str] = {"not-attempted": "not attempted", "fail": "not yet", "pass": "correct"}
PATIENCE = 10.0  # seconds to wait for others that are writing, which takes milliseconds


@dataclass(frozen=True, order=True)
class Best:
    """The best result of an exercise; the larger of two is the better one."""

    rank: int
    """The state, as its place in ``STATES``."""
    passed: int
    """How many checks passed."""
    total: int
    """Of how many."""

    @property
    def state(self) -> State:
        """The state in one word."""
        return STATES[self.rank]


Record = dict[str, Best]
"""Exercise → its best result. Exercises that were never attempted are not in it."""


class DamagedError(ValueError):
    """A file that is no record of progress; the message says which, and what is wrong."""


def merged(first: Record, second: Record) -> Record:
    """The better of two results for each exercise."""
    best = dict(first)
    for name, result in second.items():
        best[name] = max(best.get(name, result), result)
    return best


# --- as text --------------------------------------------------------------------------------------


def written(record: Record) -> str:
    """``record`` as JSON."""
    exercises = {
        name: {"state": best.state, "passed": best.passed, "checks": best.total}
        for name, best in sorted(record.items())
    }
    return json.dumps({"chainrule progress": FORMAT, "exercises": exercises}, indent=1) + "\n"


def read(path: Path) -> Record:
    """The record in the file ``path``.

    Raises
    ------
    DamagedError
        If it is no record.
    OSError
        If it cannot be read.
    """
    try:
        return _parsed(json.loads(path.read_bytes().decode("utf-8")))
    except (ValueError, RecursionError) as error:
        said = str(error).splitlines()[0]
        raise DamagedError(f"{path} is no record of progress: {said}") from None


def _parsed(content: Any) -> Record:
    version = content.get("chainrule progress") if isinstance(content, dict) else None
    if version is None:
        raise ValueError("it does not begin with 'chainrule progress'")
    if version != FORMAT:
        raise ValueError(f"format {version!r}; this version of chainrule reads {FORMAT}")
    exercises = content.get("exercises")
    if not isinstance(exercises, dict):
        raise ValueError("it has no 'exercises'")
    return {name: _best(name, entry) for name, entry in exercises.items()}


def _best(name: str, entry: Any) -> Best:
    if not isinstance(entry, dict) or set(entry) != {"state", "passed", "checks"}:
        raise ValueError(f"the entry of {name!r} needs state, passed and checks")
    state, passed, total = entry["state"], entry["passed"], entry["checks"]
    counts = type(passed) is int and type(total) is int and 0 <= passed <= total
    if state not in STATES or not counts:
        raise ValueError(f"the entry of {name!r} cannot be: {entry}")
    return Best(STATES.index(state), passed, total)


# --- on disk --------------------------------------------------------------------------------------


def home() -> Path | None:
    """The folder of the learner's own data, or ``None`` if nothing is to be kept."""
    setting = os.environ.get("CHAINRULE_HOME")
    try:
        if setting is not None:
            return Path(setting).expanduser() if setting else None
        if sys.platform == "win32":
            base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Application Support"
        else:
            base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:  # no home folder
        return None
    return Path(base) / "chainrule"


def stored(folder: Path) -> tuple[Record, Path | None]:
    """The record in ``folder``; a damaged one is set aside, and its new path returned as well."""
    path = folder / NAME
    try:
        return read(path), None
    except FileNotFoundError:
        return {}, None
    except DamagedError:
        numbers = range(1, 1000)
        aside = next(p for n in numbers if not (p := folder / f"damaged-{n}-{NAME}").exists())
        os.replace(path, aside)
        return {}, aside


def add(record: Record) -> Path | None:
    """Merge ``record`` into what is stored; returns where a damaged file was set aside, if one was.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    folder = home()
    if folder is None or not record:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        before, aside = stored(folder)
        after = merged(before, record)
        if after != before:
            files.replace(folder / NAME, written(after))
            with contextlib.suppress(OSError):  # somebody else was quicker
                for stray in files.strays(folder / NAME):
                    stray.unlink()
    return aside


def remember(report: Report) -> str:
    """Write down the result of a check; returns what the learner should know, usually nothing."""
    if report.state == "not-attempted":
        return ""
    total = len(report.passed) + len(report.missed) + len(report.waiting)
    best = Best(STATES.index(report.state), len(report.passed), total)
    try:
        aside = add({report.exercise: best})
    except OSError:
        return ""  # a read-only disk, as in a launched notebook or a test run
    return _told(aside) if aside else ""


def _told(aside: Path) -> str:
    return f"Your record of progress was damaged and has been set aside as {aside}"


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process write for as long as this lasts; it ends with the process."""
    with open(folder / f".{NAME}.lock", "a", encoding="utf-8") as file:
        until = time.monotonic() + PATIENCE
        while not _locked(file.fileno()) and time.monotonic() < until:
            time.sleep(0.01)
        yield


def _locked(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return _locked_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _locked_on_windows(descriptor: int) -> bool:
    try:
        import msvcrt
    except ImportError:  # Python in a browser: there is no other process
        return True
    lock: Any = getattr(msvcrt, "locking")  # noqa: B009 - elsewhere the module has none
    try:
        lock(descriptor, getattr(msvcrt, "LK_NBLCK"), 1)  # noqa: B009
    except OSError:
        return False
    return True


def export_to(path: Path) -> str:
    """Write the record to ``path``; returns a sentence about it.

    Raises
    ------
    OSError
        If it cannot be read or written.
    """
    folder = home()
    record, aside = stored(folder) if folder is not None else ({}, None)
    try:
        files.replace(path, written(record))
    except OSError as error:  # of a temporary file, of which nobody has heard
        raise OSError(error.errno, error.strerror, str(path)) from None
    text = f"Wrote {_counted(len(record))} to {path}"
    return f"{_told(aside)}\n{text}" if aside else text


def import_from(path: Path) -> str:
    """Merge the record in ``path`` into the learner's own; returns a sentence about it.

    Raises
    ------
    DamagedError
        If the file is no record.
    ValueError
        If no record is kept.
    OSError
        If a file cannot be read or written.
    """
    record = read(path)
    folder = home()
    if folder is None:
        raise ValueError("chainrule progress: nothing is kept, because CHAINRULE_HOME is empty")
    before, _ = stored(folder)
    aside = add(record)
    better = sum(before.get(name) != best for name, best in merged(before, record).items())
    text = f"Read {_counted(len(record))} from {path}; {better or 'none'} better than yours"
    return f"{_told(aside)}\n{text}" if aside else text


def _counted(exercises: int) -> str:
    return "1 exercise" if exercises == 1 else f"{exercises} exercises"


# --- shown ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Overview:
    """The course as a table, and what to know about it."""

    table: Table
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join([str(self.table), *(f"\n{note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return self.table._repr_html_() + notes


def progress(slug: str = "") -> Overview:
    """Your best result in each exercise of the course, or in those of one chapter.

    Parameters
    ----------
    slug : str, optional
        A chapter, as in ``"affine-layers"``.

    Returns
    -------
    Overview
        A table with a row for each exercise, as HTML in a notebook.

    Raises
    ------
    ValueError
        If the chapter has no exercises.

    Examples
    --------
    >>> import os
    >>> os.environ["CHAINRULE_HOME"] = ""  # keep nothing
    >>> from chainrule.grading import progress
    >>> print(progress("affine-layers"))
    0 of 7 exercises correct
    set            exercise          state          checks
    affine-layers  shapes            not attempted
    ...
    """
    slugs = checks.slugs()
    if slug and slug not in slugs:
        raise ValueError(f"progress: {slug!r} has no exercises; there are: {', '.join(slugs)}")
    folder, record, notes = home(), dict[str, Best](), list[str]()
    if folder is None:
        notes.append("Nothing is kept: CHAINRULE_HOME is empty.")
    else:
        try:
            record, aside = stored(folder)
            notes += [_told(aside)] if aside else []
        except OSError as error:
            notes.append(f"The record in {folder / NAME} cannot be read: {error.strerror}")
    return _overview(record, [slug] if slug else slugs, notes)


def _overview(record: Record, slugs: list[str], notes: list[str]) -> Overview:
    columns: dict[str, list[str]] = {"set": [], "exercise": [], "state": [], "checks": []}
    correct = 0
    known = {exercise.name for slug in checks.slugs() for exercise in checks.exercises(slug)}
    for slug in slugs:
        for exercise in checks.exercises(slug):
            best = record.get(exercise.name)
            state = best.state if best else "not-attempted"
            correct += state == "pass"
            columns["set"].append(slug)
            columns["exercise"].append(exercise.name.partition(".")[2])
            columns["state"].append(WORDS[state])
            columns["checks"].append(f"{best.passed} of {best.total}" if best else "")
    others = len(set(record) - known)
    if others:
        are = "is" if others == 1 else "are"
        text = f"The record also has {_counted(others)} that {are} not in this version of the book."
        notes.append(text)
    caption = f"{correct} of {len(columns['set'])} exercises correct"
    return Overview(table(columns, caption=caption), tuple(notes))
