"""Exercise sets as assignments for other graders: ``chainrule exercises export``.

``gradescope``
    ``autograder.zip`` for a programming assignment on Gradescope. It grades with ``chainrule
    grade``, in its sandbox.
``nbgrader``
    ``source/SLUG/SLUG.ipynb`` for the folder of an nbgrader course: the exercise notebook, and
    below each check a locked cell that gives all points of the exercise, or none.
``otter``
    ``SLUG.ipynb`` for the learners, ``tests/*.py`` with a test case for each check, the library,
    and ``requirements.txt``: what ``otter generate`` makes an autograder of.

Under nbgrader and otter-grader the checks run in the process of the learner's code, which can do to
them what it likes: they are for learners whom you trust. See :mod:`chainrule.grading.grader`.
"""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.grading import checks, files
from chainrule.grading.exercises import Exercise

LIBRARY = Path(__file__).resolve().parents[1]
LEFT_OUT = "__pycache__"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # equal archives for equal contents
EXECUTABLE, ORDINARY = 0o755, 0o644

Points = Mapping[str, float]


def export(
    slug: str, tool: str, out: Path, *, course: Path, points: Points | None = None
) -> list[Path]:
    """Write the assignment of an exercise set for another grader.

    Parameters
    ----------
    slug : str
        The exercise set.
    tool : str
        ``gradescope``, ``nbgrader`` or ``otter``.
    out : Path
        The folder; what was exported into it before is replaced.
    course : Path, keyword only
        A checkout of the book.
    points : mapping, keyword only
        Exercise, without the slug → its points; 1 if it is not mentioned.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ValueError
        If there is no such exercise set or exercise.
    FileNotFoundError
        If the notebooks of the set are not in ``course``.
    """
    if slug not in checks.slugs():
        raise ValueError(
            f"export: there is no exercise set {slug!r}; there are: {', '.join(checks.slugs())}"
        )
    worth = {_answer(exercise): 1.0 for exercise in checks.exercises(slug)}
    for name in points or {}:
        if name not in worth:
            raise ValueError(f"export: {slug} has no exercise {name!r}; it has: {', '.join(worth)}")
    worth |= points or {}
    written = []
    for name, content in EXPORTS[tool](slug, course, worth):
        path = out / name
        files.replace(path, content)
        written.append(path)
    return written


def _answer(exercise: Exercise) -> str:
    return exercise.name.partition(".")[2]


def _notebook(course: Path, kind: str, slug: str) -> bytes:
    path = course / kind / f"{slug}.ipynb"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"export: there is no {kind}/{slug}.ipynb in {course}; run this in a checkout of the "
            "book, or name one with --course"
        ) from None


def _library() -> Iterator[tuple[str, bytes]]:
    """The files of the library, below ``chainrule/``."""
    for path in sorted(LIBRARY.rglob("*")):
        if path.is_file() and LEFT_OUT not in path.parts:
            name = path.relative_to(LIBRARY.parent).as_posix()
            yield name, path.read_bytes()


def _requirements() -> list[str]:
    """What the library runs with here. Without Hypothesis the checks draw inputs another way;
    without Matplotlib a cell that draws ends there, and what it would define is missing."""
    found = [f"numpy=={np.__version__}"]
    for package in ("hypothesis", "matplotlib"):
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{package}=={version(package)}")
    return found


# --- nbgrader -------------------------------------------------------------------------------------


def _nbgrader(slug: str, course: Path, worth: Points) -> Iterator[tuple[str, bytes]]:
    notebook: Any = json.loads(_notebook(course, "exercises", slug))
    exercises = {f"{_answer(exercise)}-check": exercise for exercise in checks.exercises(slug)}
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if cell["id"] in exercises:
            cells.append(_grade_cell(exercises[cell["id"]], worth))
    notebook["cells"] = cells
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    yield f"source/{slug}/{slug}.ipynb", text.encode()


def _grade_cell(exercise: Exercise, worth: Points) -> dict[str, Any]:
    answer = _answer(exercise)
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"{answer}-grade",
        "metadata": {
            "nbgrader": {
                "cell_type": "code",
                "grade": True,
                "grade_id": answer,
                "locked": True,
                "points": worth[answer],
                "schema_version": 3,
                "solution": False,
                "task": False,
            }
        },
        "outputs": [],
        "source": "# Here your teacher's grader looks.\n"
        "from chainrule.grading import assert_correct\n\n"
        f'assert_correct("{exercise.name}", {answer})',
    }


# --- otter-grader ---------------------------------------------------------------------------------

OTTER_TEST = """\
OK_FORMAT = False

from otter.test_files import test_case

from chainrule.grading import assert_correct

name = "{answer}"
"""

OTTER_CASE = """

@test_case(name="{answer}: {check}", points={points!r}, hidden={hidden})
def test_{number}({answer}):
    assert_correct("{exercise}", {answer}, {check!r})
"""


def _otter(slug: str, course: Path, worth: Points) -> Iterator[tuple[str, bytes]]:
    yield f"{slug}.ipynb", _notebook(course, "exercises", slug)
    for exercise in checks.exercises(slug):
        answer = _answer(exercise)
        text = OTTER_TEST.format(answer=answer)
        for number, check in enumerate(exercise.checks, 1):
            text += OTTER_CASE.format(
                answer=answer,
                exercise=exercise.name,
                number=number,
                check=check.name,
                points=worth[answer] / len(exercise.checks),
                hidden=check.graded,
            )
        yield f"tests/{answer}.py", text.encode()
    yield "requirements.txt", "".join(f"{line}\n" for line in _requirements()).encode()
    yield from _library()


# --- Gradescope -----------------------------------------------------------------------------------

SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. Choose a base image with Python 3.11 or newer, such
# as Ubuntu 24.04.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y bubblewrap python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Choose Ubuntu 24.04 or newer.")'
python3 -m venv /autograder/environment
/autograder/environment/bin/python -m pip install {requirements}
"""

RUN = """\
#!/usr/bin/env bash
# Runs for each submission and writes results/results.json.
set -euo pipefail
HERE="${{AUTOGRADER:-/autograder}}"
PYTHON="${{PYTHON:-$HERE/environment/bin/python}}"
export PYTHONPATH="$HERE/source" OMP_NUM_THREADS=1

mapfile -d '' found < <(find "$HERE/submission" -type f -name '*.ipynb' -print0)
if [ "${{#found[@]}}" != 1 ]; then
  echo '{{"score": 0, "output": "Hand in one notebook, {slug}.ipynb, and no other."}}' \\
    > "$HERE/results/results.json"
  exit
fi
OUT="$(mktemp -d)"
trap 'rm -rf "$OUT"' EXIT
# The sandbox needs the right to make namespaces. Where Gradescope withholds it, this ends with a
# message that says so, and no grade is given. With --trust the submission runs without a sandbox,
# in a container of its own, in which it can give itself any grade.
"$PYTHON" -m chainrule.cli grade "${{found[0]}}" --exercise {slug} --out "$OUT" \\
  --course "$HERE/source" --jobs 1 --export gradescope{points}
cp "$OUT"/gradescope/*/results.json "$HERE/results/results.json"
"""


def _gradescope(slug: str, course: Path, worth: Points) -> Iterator[tuple[str, bytes]]:
    points = "".join(f" \\\n  --points {name}={given:g}" for name, given in worth.items())
    parts: list[tuple[str, bytes, int]] = [
        ("setup.sh", SETUP.format(requirements=" ".join(_requirements())).encode(), EXECUTABLE),
        ("run_autograder", RUN.format(slug=slug, points=points).encode(), EXECUTABLE),
        *(
            (f"{kind}/{slug}.ipynb", _notebook(course, kind, slug), ORDINARY)
            for kind in ("exercises", "solutions")
        ),
        *((name, content, ORDINARY) for name, content in _library()),
    ]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in parts:
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    yield "autograder.zip", file.getvalue()


EXPORTS: dict[str, Callable[[str, Path, Points], Iterator[tuple[str, bytes]]]] = {
    "gradescope": _gradescope,
    "nbgrader": _nbgrader,
    "otter": _otter,
}

NEXT = {
    "gradescope": "Upload autograder.zip as the autograder of a programming assignment.",
    "nbgrader": "In {out}, run: nbgrader generate_assignment {slug}",
    "otter": "In {out}, run: otter generate -o autograder.zip chainrule",
}
