"""Three submissions whose grades are known, graded before any other: a grader that gets one of them
wrong must not grade a class.

They are made from the notebooks of the exercise set: the solution, the untouched exercise, and the
solution with every answer replaced by a function that always returns zero.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chainrule.grading import checks
from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.submission import Record, grade


class CanaryError(Exception):
    """The grader does not grade as it must; the message says what came out."""


def course(slug: str, folder: Path | None = None) -> Path:
    """The checkout of the book that has the notebooks of ``slug``.

    Parameters
    ----------
    slug : str
    folder : Path, optional
        By default the working directory, or else where the library lies in a checkout.

    Raises
    ------
    FileNotFoundError
        If the solution or the exercise notebook is in none of them.
    """
    places = [folder] if folder is not None else [Path.cwd(), Path(__file__).resolve().parents[4]]
    for place in places:
        if all((place / kind / f"{slug}.ipynb").is_file() for kind in ("exercises", "solutions")):
            return place
    raise FileNotFoundError(
        f"grade: there is no solutions/{slug}.ipynb and exercises/{slug}.ipynb in {places[0]}; "
        "they are graded first, to see that the grader is right. Run this in a checkout of the "
        "book, or name one with --course"
    )


def sing(folder: Path, settings: Settings, grade: Callable[..., Record] = grade) -> None:
    """Grade the three submissions.

    Raises
    ------
    CanaryError
        If one of them does not get what it deserves.
    """
    for what, content, deserved in _canaries(folder, settings.slug):
        record = grade(f"canary: {what}", content, settings)
        states = {done["exercise"]: done["state"] for done in record["exercises"]}
        wrong = [f"{name} {state}" for name, state in states.items() if state not in deserved]
        points = record["of"] if deserved == {"pass"} else 0.0
        fair = deserved == {"fail"} or record["points"] == points
        if record["status"] != "graded" or wrong or not fair:
            raise CanaryError(
                f"grade: {what} of {settings.slug} is graded wrongly, so nothing was graded: "
                f"{record['status']}, {record['points']:g} of {record['of']:g} points"
                + (f"; {', '.join(wrong)}" if wrong else "")
                + (f"; {record['reason']}" if record["reason"] else "")
                + "".join(f"; code cell {n}: {said}" for n, said in record["cells"].items())
            )


def _canaries(folder: Path, slug: str) -> Iterator[tuple[str, bytes, set[str]]]:
    """What it is, the notebook, and the states that its exercises may end in."""
    solution = (folder / "solutions" / f"{slug}.ipynb").read_bytes()
    yield "the solution", solution, {"pass"}
    stub = (folder / "exercises" / f"{slug}.ipynb").read_bytes()
    yield "the untouched exercise", stub, {"not-attempted"}
    notebook: Any = json.loads(solution)
    names = [exercise.name.partition(".")[2] for exercise in checks.exercises(slug)]
    zeros = "\n".join(f"{name} = lambda *given, **options: 0.0" for name in names)
    notebook["cells"].append({"cell_type": "code", "source": zeros})
    yield "an answer of zeros", json.dumps(notebook).encode(), {"fail"}
