"""One submission from its bytes to its record: what a scheduler of any kind maps over a class."""

from __future__ import annotations

import hashlib
import json
import re
import time
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import __version__
from chainrule.grading import checks
from chainrule.grading.exercises import Check, Exercise, Problem
from chainrule.grading.grader import sandbox
from chainrule.grading.grader.notebook import UnreadableError, code_cells
from chainrule.grading.grader.process import LostError
from chainrule.grading.grader.sandbox import SandboxError
from chainrule.grading.grader.session import Remote, Session
from chainrule.grading.grader.settings import Settings
from chainrule.grading.report import Feedback, Report, evaluate

Record = dict[str, Any]
"""The result of one submission, as JSON can hold it."""

STATUSES = ("graded", "rejected", "timeout", "memory", "died", "infrastructure-error")
FORMAT = 1
LONGEST_FEEDBACK = 20_000  # characters; an answer may return a very long text


def grade(name: str, content: bytes, settings: Settings) -> Record:
    """Grade one notebook.

    Whatever the notebook is or does, there is a record: this function raises nothing but what stops
    the whole run.

    Parameters
    ----------
    name : str
        What the submission is called in the results.
    content : bytes
        The notebook file.
    settings : Settings

    Returns
    -------
    dict
        ``status`` is one of ``STATUSES``; ``points`` out of ``of``; ``exercises`` has a dict for
        each exercise of the set, in order; ``cells`` what is to be said about the code cells;
        ``key`` changes with the submission, the settings, the library and NumPy; ``seconds`` is
        the only entry that differs between two runs.

    Raises
    ------
    SandboxError
        If there is no bubblewrap on this machine.
    """
    start = time.monotonic()
    record = blank(name, content, settings)
    try:
        cells = code_cells(content)
        _grade_cells(cells, settings, record)
    except UnreadableError as error:
        record |= {"status": "rejected", "reason": str(error)}
    except SandboxError as error:
        record |= {"status": "infrastructure-error", "reason": str(error)}
    except Exception:
        record |= {"status": "infrastructure-error", "reason": _last_lines()}
    record["points"] = round(sum(e["points"] for e in record["exercises"]), 4)
    record["seconds"] = round(time.monotonic() - start, 3)
    return record


def blank(name: str, content: bytes, settings: Settings) -> Record:
    """The record of a submission that has earned nothing yet."""
    exercises = checks.exercises(settings.slug)
    digest = hashlib.sha256(content).hexdigest()
    return {
        "format": FORMAT,
        "submission": name,
        "exercise_set": settings.slug,
        "status": "graded",
        "reason": "",
        "points": 0.0,
        "of": sum(_worth(exercise, settings) for exercise in exercises),
        "isolation": sandbox.isolation(settings.trust),
        "exercises": [_unearned(exercise, settings) for exercise in exercises],
        "cells": {},
        "sha256": digest,
        "key": key(digest, settings),
        "versions": {"chainrule": __version__, "numpy": np.__version__, "checks": version()},
        "settings": settings.as_dict(),
        "seconds": 0.0,
    }


def key(digest: str, settings: Settings) -> str:
    """What a result depends on, as one hash: a result with this key need not be computed again."""
    told = [FORMAT, digest, version(), settings.as_dict(), sandbox.isolation(settings.trust)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@cache
def version() -> str:
    """A hash of the library with all checks, of NumPy's version and of nothing else."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in sorted(sandbox.LIBRARY.rglob("*.py")):
        digest.update(str(path.relative_to(sandbox.LIBRARY)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _grade_cells(cells: Sequence[str], settings: Settings, record: Record) -> None:
    exercises = checks.exercises(settings.slug)
    with Session(cells, settings) as session:
        try:
            answers = {exercise.name.partition(".")[2]: exercise for exercise in exercises}
            defined = session.ask("defined", tuple(answers))
            if type(defined) is not tuple or not set(defined) <= set(answers):
                raise session.distrust("it replied with names that it was not asked for")
            for answer, done in zip(answers, record["exercises"], strict=True):
                if answer in defined:
                    done |= _grade_exercise(answers[answer], Remote(session, answer), settings)
                else:
                    done |= _missing(answer)
        except LostError as error:
            record["reason"] = str(error)
        notes = sorted(session.notes.items())
        record["cells"] = {str(number): _lasting(said) for number, said in notes}
        if any(done["state"] == "error" for done in record["exercises"]):
            record["status"] = "infrastructure-error"
        elif session.troubles:
            record["status"] = session.troubles[0]


def _grade_exercise(exercise: Exercise, handle: Remote, settings: Settings) -> Record:
    losses: list[LostError] = []

    def lost(error: Exception, check: Check | None) -> Problem | None:
        """A call that does not come back costs its check; the other checks go on."""
        if not isinstance(error, LostError):
            return None
        losses.append(error)
        return _problem(exercise, handle, error, check)

    try:
        report = evaluate(exercise, handle, graded=True, lost=lost)
    except LostError as error:  # before any check
        losses.append(error)
        problem = _problem(exercise, handle, error, None)
        names = tuple(check.name for check in exercise.checks)
        report = Report(exercise.name, "fail", problem.verdict, problem, missed=names)
    except SandboxError:
        raise
    except Exception:
        return {"state": "error", "verdict": "the check itself failed", "feedback": _last_lines()}
    scored = _scored(report, settings, exercise)
    return scored | {"state": losses[0].why} if losses else scored


def _problem(exercise: Exercise, handle: Remote, error: LostError, check: Check | None) -> Problem:
    """The problem of an answer that did not come back from a call."""
    name = exercise.name.partition(".")[2]
    verdict = {
        "timeout": f"Your {name} does not come to an end: {error}.",
        "died": f"Your {name} ends the process it runs in: {error}.",
    }[error.why]
    shown = [("for", handle.asked())]
    if check is not None:
        shown.append(("check", check.name))
    return Problem(error.why, verdict, shown=tuple(shown), hints=_HINTS[error.why])


_HINTS = {
    "timeout": ("Which loop of yours has a condition that this input never makes false?",),
    "died": ("Which call of yours ends Python itself, such as exit() or os._exit()?",),
}


def _scored(report: Report, settings: Settings, exercise: Exercise) -> Record:
    share = len(report.passed) / len(exercise.checks)
    return {
        "state": report.state,
        "points": round(share * _worth(exercise, settings), 4),
        "passed": list(report.passed),
        "missed": list(report.missed),
        "waiting": list(report.waiting),
        "failed": report.failed,
        "verdict": _lasting(report.verdict),
        "diagnosis": report.diagnosis,
        "misconception": report.misconception,
        "feedback": _lasting(repr(Feedback(report))),
    }


def _lasting(text: str) -> str:
    """``text``, not too long and without the addresses of objects, which differ in each run."""
    return re.sub(r"0x[0-9a-fA-F]{6,}", "0x...", text[:LONGEST_FEEDBACK])


def _unearned(exercise: Exercise, settings: Settings) -> Record:
    return {
        "exercise": exercise.name.partition(".")[2],
        "state": "not-graded",
        "points": 0.0,
        "of": _worth(exercise, settings),
        "passed": [],
        "missed": [check.name for check in exercise.checks],
        "waiting": [],
        "failed": None,
        "verdict": "",
        "diagnosis": None,
        "misconception": None,
        "feedback": "",
    }


def _missing(answer: str) -> Record:
    verdict = f"The notebook defines no {answer}."
    return {"state": "missing", "verdict": verdict, "feedback": f"{answer}: missing. {verdict}"}


def _worth(exercise: Exercise, settings: Settings) -> float:
    return float(settings.points.get(exercise.name.partition(".")[2], 1.0))


def _last_lines() -> str:
    """The current exception, without the paths of this machine."""
    lines = traceback.format_exc().splitlines()
    frames = [line.replace(str(Path(sandbox.LIBRARY).parent), "") for line in lines]
    return "\n".join(frames[-12:])
