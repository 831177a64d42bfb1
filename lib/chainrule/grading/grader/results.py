"""The folder that a run writes: a JSON file for each submission, a table, and statistics.

    DIR/results/<submission>.json     everything about one submission
    DIR/feedback/<submission>.txt     what its author may read
    DIR/grades.csv                    a row for each submission
    DIR/statistics.json               the class

A file appears whole or not at all. The results are written one by one as they come, the others at
the end, also if the run is interrupted.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chainrule.grading.grader.submission import Record
from chainrule.grading.grader.submissions import shown

RESULTS, FEEDBACK = "results", "feedback"
LONGEST_STEM = 100


class Results:
    """The results in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, *, resume: bool) -> None:
        """Make the folder.

        Raises
        ------
        FileExistsError
            If it has the results of another run and ``resume`` is not set.
        """
        results = self._folder / RESULTS
        if results.exists() and any(results.iterdir()) and not resume:
            raise FileExistsError(
                f"grade: {self._folder} has results of an earlier run; continue it with --resume, "
                "or name another folder with --out"
            )
        results.mkdir(parents=True, exist_ok=True)
        (self._folder / FEEDBACK).mkdir(exist_ok=True)

    def stored(self, name: str, key: str) -> Record | None:
        """The result of submission ``name``, if it is there and was computed from ``key``."""
        try:
            text = self._path(RESULTS, name, ".json").read_text(encoding="utf-8")
            record = json.loads(text)
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict) or record.get("key") != key:
            return None
        if record.get("submission") != name or record.get("status") == "infrastructure-error":
            return None
        return record

    def read(self, name: str) -> Record:
        """The result of submission ``name``, which has been written."""
        record: Record = json.loads(self._path(RESULTS, name, ".json").read_text("utf-8"))
        return record

    def write(self, record: Record) -> None:
        """Store the result of one submission, and what its author may read of it."""
        name = record["submission"]
        text = json.dumps(record, indent=1) + "\n"
        replace(self._path(RESULTS, name, ".json"), text)
        replace(self._path(FEEDBACK, name, ".txt"), feedback(record))

    def write_summary(self, records: Sequence[Record], statistics: dict[str, Any]) -> None:
        """Store the table and the statistics of the class."""
        replace(self._folder / "grades.csv", table(records))
        replace(self._folder / "statistics.json", json.dumps(statistics, indent=1) + "\n")

    def _path(self, folder: str, name: str, suffix: str) -> Path:
        return self._folder / folder / (stem(name) + suffix)


def stem(name: str) -> str:
    """A file name for the submission ``name``: readable, safe, and a different one for each."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", name.removesuffix(".ipynb"))[-LONGEST_STEM:]
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{readable.lstrip('.-') or 'notebook'}-{digest}"


def table(records: Sequence[Record]) -> str:
    """``records`` as comma-separated values, one row each."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    answers = [done["exercise"] for done in records[0]["exercises"]] if records else []
    head = ["submission", "status", "reason", "points", "of"]
    writer.writerow([*head, *answers, "isolation", "seconds", "result"])
    for record in records:
        writer.writerow(
            [
                *(cell(record[key]) for key in head),
                *(done["points"] for done in record["exercises"]),
                record["isolation"],
                record["seconds"],
                f"{RESULTS}/{stem(record['submission'])}.json",
            ]
        )
    return file.getvalue()


def cell(value: Any) -> Any:
    """``value`` for a table. A spreadsheet takes a text that starts like a formula for one."""
    if not isinstance(value, str):
        return value
    text = shown(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def feedback(record: Record) -> str:
    """What the author of a submission reads: points, and what ``check`` would have said."""
    lines = [shown(record["submission"]), f"{record['points']:g} of {record['of']:g} points"]
    if record["status"] != "graded":
        lines.append(f"{record['status']}: {record['reason']}".rstrip(": "))
    lines += [f"code cell {number}: {said}" for number, said in record["cells"].items()]
    for done in record["exercises"]:
        lines += ["", "-" * 72, f"{done['exercise']}: {done['points']:g} of {done['of']:g} points"]
        lines += ["", done["feedback"]] if done["feedback"] else []
    return "\n".join(lines) + "\n"


def replace(path: Path, text: str) -> None:
    """Write ``text`` beside ``path``, then put it in its place: there is never half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
