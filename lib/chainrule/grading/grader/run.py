"""Grade a class: canaries, submissions, results, statistics."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

from chainrule.grading import checks
from chainrule.grading.grader import canary, sandbox
from chainrule.grading.grader.exports import export
from chainrule.grading.grader.process import Process
from chainrule.grading.grader.results import Results
from chainrule.grading.grader.schedule import Scheduler, Task, one_by_one
from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.statistics import statistics
from chainrule.grading.grader.submission import Record, blank, key
from chainrule.grading.grader.submissions import RejectedError, Submission, find
from chainrule.progress import Progress


def run(
    paths: Sequence[Path],
    settings: Settings,
    out: Path,
    *,
    resume: bool = False,
    course: Path | None = None,
    scheduler: Scheduler = one_by_one,
    exports: Sequence[str] = (),
    show: bool | None = None,
) -> dict[str, Any]:
    """Grade the submissions in ``paths`` and write the results into ``out``.

    Parameters
    ----------
    paths : sequence of Path
        Notebooks, and folders with notebooks in them.
    settings : Settings
    out : Path
    resume : bool
        Keep the results in ``out`` that are still valid.
    course : Path, optional
        A checkout of the book; by default the one at hand.
    scheduler : callable
    exports : sequence of str
        The tools for which results are also written in their own formats.
    show : bool, optional
        Whether to show a progress bar.

    Returns
    -------
    dict
        The statistics of the class, as in ``statistics.json``.

    Raises
    ------
    ValueError
        If there is no such exercise set or exercise.
    FileNotFoundError, FileExistsError
        If there is nothing to grade, no canary, or other results in the way.
    SandboxError
        If there is no sandbox here.
    CanaryError
        If the grader is wrong about a submission whose grade is known.
    """
    _check_names(settings)
    submissions = find(paths)
    folder = canary.course(settings.slug, course)
    sandbox.isolation(settings.trust)
    results = Results(out)
    results.create(resume=resume)
    Process(settings).close()  # says why, where no sandbox can be started
    canary.sing(folder, settings)
    records: dict[str, Record] = {}
    try:
        graded = _graded(submissions, settings, results, scheduler, resume=resume)
        with contextlib.closing(graded):  # an interrupt ends what is under way
            for record in Progress(graded, "grade", total=len(submissions), show=show):
                records[record["submission"]] = _without_texts(record)
    finally:
        ordered = [records[name] for name in sorted(records)]
        found = statistics(ordered)
        results.write_summary(ordered, found)
        for tool in exports:
            export(map(results.read, sorted(records)), tool, out)
    return found


def _graded(
    submissions: Sequence[Submission],
    settings: Settings,
    results: Results,
    scheduler: Scheduler,
    *,
    resume: bool,
) -> Generator[Record, None, None]:
    """The records of all submissions, each written before it is yielded."""
    settled: list[Record] = []

    def tasks() -> Iterable[Task]:
        """What has to be graded; the rest is settled on the way."""
        for submission in submissions:
            try:
                content = submission.read(settings.largest)
            except RejectedError as error:
                rejected = {"status": "rejected", "reason": str(error)}
                settled.append(blank(submission.name, b"", settings) | rejected)
                results.write(settled[-1])
                continue
            stored = results.stored(submission.name, _key(content, settings)) if resume else None
            if stored is None:
                yield submission.name, content
            else:
                settled.append(stored)

    for record in scheduler(tasks(), settings):
        results.write(record)
        yield record
        while settled:
            yield settled.pop()
    yield from settled


TEXTS = ("cells", "settings", "versions", "feedback", "verdict", "passed", "waiting")


def _without_texts(record: Record) -> Record:
    """What the table and the statistics need: a class may be large, and the texts are stored."""
    kept = {key: value for key, value in record.items() if key not in TEXTS}
    kept["exercises"] = [
        {key: value for key, value in done.items() if key not in TEXTS}
        for done in record["exercises"]
    ]
    return kept


def _key(content: bytes, settings: Settings) -> str:
    return key(hashlib.sha256(content).hexdigest(), settings)


def _check_names(settings: Settings) -> None:
    if settings.slug not in checks.slugs():
        known = ", ".join(checks.slugs())
        raise ValueError(f"grade: there is no exercise set {settings.slug!r}; there are: {known}")
    answers = [exercise.name.partition(".")[2] for exercise in checks.exercises(settings.slug)]
    for name, points in settings.points.items():
        if name not in answers:
            raise ValueError(
                f"grade: {settings.slug} has no exercise {name!r}; it has: {', '.join(answers)}"
            )
        if not 0 <= points < float("inf"):
            raise ValueError(f"grade: {points!r} points for {name}; give a number from 0 up")
