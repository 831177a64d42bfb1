"""Results in the formats of other tools, for what reads theirs.

``gradescope``
    ``DIR/gradescope/<submission>/results.json``: what an autograder on Gradescope writes. See
    https://gradescope-autograders.readthedocs.io/en/latest/specs/.
``otter``
    ``DIR/otter/final_grades.csv``: what ``otter grade`` writes, a column for each exercise.
``nbgrader``
    ``DIR/nbgrader/grades.csv``: what ``nbgrader export`` writes. The student is the first folder in
    the name of the submission, as in ``ada/sheet.ipynb``, or else the file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from chainrule.grading.grader.results import cell, replace, stem
from chainrule.grading.grader.submission import Record


def export(records: Iterable[Record], tool: str, out: Path) -> Path:
    """Write ``records`` as ``tool`` would.

    Parameters
    ----------
    records : iterable of dict
    tool : str
        A key of ``EXPORTS``.
    out : Path

    Returns
    -------
    Path
        The folder, below ``out``, in which they are.
    """
    folder = out / tool
    folder.mkdir(exist_ok=True)
    for name, text in EXPORTS[tool](records):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        replace(path, text)
    return folder


def _gradescope(records: Iterable[Record]) -> Iterable[tuple[str, str]]:
    for record in records:
        path = f"{stem(record['submission'])}/results.json"
        yield path, json.dumps(gradescope(record), indent=1) + "\n"


def gradescope(record: Record) -> dict[str, Any]:
    """A result as Gradescope's ``results.json``: a test for each exercise.

    What the learner may see is visible; standard output, which is the grader's own, is not.
    """
    return {
        "score": record["points"],
        "execution_time": round(record["seconds"]),
        "output": _in_all(record),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {key: record[key] for key in ("status", "isolation", "sha256", "versions")},
        "tests": [_test(done) for done in record["exercises"]],
    }


def _test(done: Record) -> dict[str, Any]:
    return {
        "name": done["exercise"],
        "name_format": "text",
        "score": done["points"],
        "max_score": done["of"],
        "status": "passed" if done["state"] == "pass" else "failed",
        "output": done["feedback"],
        "output_format": "text",
        "visibility": "visible",
    }


def _in_all(record: Record) -> str:
    """What is to be said about the submission as a whole."""
    lines = []
    if record["status"] != "graded":
        lines.append(f"{record['status']}: {record['reason']}".rstrip(": "))
    lines += [f"code cell {number}: {said}" for number, said in record["cells"].items()]
    return "\n".join(lines)


def _otter(records: Iterable[Record]) -> Iterable[tuple[str, str]]:
    rows: list[list[Any]] = []
    names: list[str] = []
    for record in records:
        exercises = sorted(record["exercises"], key=_exercise)
        if not rows:
            names = [done["exercise"] for done in exercises]
            possible = [done["of"] for done in exercises]
            rows.append(["points-per-question", *possible, sum(possible), 1, "--"])
        points = [done["points"] for done in exercises]
        share = record["points"] / record["of"] if record["of"] else 0.0
        done = record["status"] == "graded"
        said = "Completed" if done else f"{record['status']}: {record['reason']}".rstrip(": ")
        rows.append([cell(record["submission"]), *points, record["points"], share, cell(said)])
    head = ["file", *names, "total_points_earned", "percent_correct", "grading_status"]
    yield "final_grades.csv", _table([head, *rows])


def _exercise(done: Record) -> str:
    return str(done["exercise"])


NBGRADER = [
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
]


def _nbgrader(records: Iterable[Record]) -> Iterable[tuple[str, str]]:
    rows: list[list[Any]] = [NBGRADER]
    for record in records:
        path = PurePosixPath(record["submission"])
        known = {
            "assignment": record["exercise_set"],
            "student_id": cell(path.parts[0] if len(path.parts) > 1 else path.stem),
            "raw_score": record["points"],
            "late_submission_penalty": 0.0,
            "score": record["points"],
            "max_score": record["of"],
        }
        rows.append([known.get(name, "") for name in NBGRADER])
    yield "grades.csv", _table(rows)


def _table(rows: Sequence[Sequence[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


EXPORTS: dict[str, Callable[[Iterable[Record]], Iterable[tuple[str, str]]]] = {
    "gradescope": _gradescope,
    "nbgrader": _nbgrader,
    "otter": _otter,
}
