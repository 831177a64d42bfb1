"""Exported exercise sets, graded by the real otter-grader and nbgrader, give the grades of ours."""

import csv
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chainrule.grading import assignments, checks
from chainrule.grading.grader.exports import export
from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.submission import grade
from tools.paths import ROOT

pytestmark = pytest.mark.interop

SETS = ("backpropagation",)  # functions, a class, predictions and a training
POINTS = {"backpropagation": {"Affine": 2.0}}
LEFT_OUT = 2  # of each set Cleo has not done the last ones,
WRONG = {  # and she has one wrong
    "backpropagation": ("relu_pullback", "def relu_pullback(dY, Z):\n    return dY"),
}


def run(*command: str, folder: Path) -> str:
    """What a command of this environment prints."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": paths, "CHAINRULE_HOME": str(folder / "record")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def answers(slug: str) -> dict[str, str]:
    """The cells of the solution, by their ids."""
    solution = json.loads((ROOT / "solutions" / f"{slug}.ipynb").read_text("utf-8"))
    return {cell["id"]: cell["source"] for cell in solution["cells"] if "-answer" in cell["id"]}


def handed_in(released: Path, slug: str) -> dict[str, bytes]:
    """The notebook that learners got, with all answers right, and with some wrong or missing."""
    names = [exercise.name.partition(".")[2] for exercise in checks.exercises(slug)]
    wrong, mistaken = WRONG[slug]

    def filled(replaced: dict[str, Any]) -> bytes:
        notebook = json.loads(released.read_text("utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = replaced.get(cell["id"], cell["source"])
        return json.dumps(notebook).encode()

    cleo = {
        name: source
        for name, source in answers(slug).items()
        if not any(name.startswith(f"{left}-answer") for left in names[-LEFT_OUT:])
    }
    return {"ada": filled(answers(slug)), "cleo": filled(cleo | {f"{wrong}-answer": mistaken})}


def graded(submissions: dict[str, bytes], slug: str) -> dict[str, Any]:
    """Our own records."""
    settings = Settings(slug, trust=True, points=POINTS[slug])
    return {
        name: grade(f"{name}/{slug}.ipynb", content, settings)
        for name, content in submissions.items()
    }


def points(record: dict[str, Any]) -> dict[str, float]:
    return {done["exercise"]: done["points"] for done in record["exercises"]}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


OTTER_TABLE = """
import sys, dill
from otter.grade.utils import merge_scores_to_df
found = []
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        found.append(dill.load(file))
    found[-1].file = path
merge_scores_to_df(found).to_csv(sys.argv[1], index=False)
"""


@pytest.mark.parametrize("slug", SETS)
def test_otter_grader(slug: str, tmp_path: Path) -> None:
    assignments.export(slug, "otter", tmp_path, course=ROOT, points=POINTS[slug])
    run("otter", "generate", "-o", "autograder.zip", "chainrule", folder=tmp_path)
    submissions = handed_in(tmp_path / f"{slug}.ipynb", slug)
    records = graded(submissions, slug)
    assert records["ada"]["points"] == records["ada"]["of"], records["ada"]
    assert 0 < records["cleo"]["points"] < records["cleo"]["of"]
    for name, content in submissions.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{slug}.ipynb").write_bytes(content)
        run(
            *("otter", "run", "-a", str(tmp_path / "autograder.zip"), "--no-logo", "-p"),
            *("-o", ".", f"{slug}.ipynb"),
            folder=folder,
        )
        results = json.loads((folder / "results.json").read_text("utf-8"))
        theirs = {test["name"]: test["score"] for test in results["tests"] if "score" in test}
        assert theirs == pytest.approx(points(records[name]), abs=1e-3)
        possible = {t["name"]: t["max_score"] for t in results["tests"] if "max_score" in t}
        assert sum(possible.values()) == pytest.approx(records[name]["of"])
    said = (tmp_path / "cleo" / "results.json").read_text("utf-8")
    assert f"{WRONG[slug][0]}: not yet." in said

    # Our grades in otter's format are otter's own table.
    pickles = [f"{name}/results.pkl" for name in submissions]
    (tmp_path / "table.py").write_text(OTTER_TABLE)
    run("python", "table.py", "theirs.csv", *pickles, folder=tmp_path)
    theirs = table(tmp_path / "theirs.csv")
    ours = table(export(list(records.values()), "otter", tmp_path) / "final_grades.csv")
    assert [list(row) for row in ours] == [list(row) for row in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert our.pop("grading_status") == their.pop("grading_status")
        our.pop("file"), their.pop("file")
        numbers = {key: float(value) for key, value in our.items()}
        assert numbers == pytest.approx({k: float(v) for k, v in their.items()}, abs=1e-3)


@pytest.mark.parametrize("slug", SETS)
def test_nbgrader(slug: str, tmp_path: Path) -> None:
    assignments.export(slug, "nbgrader", tmp_path, course=ROOT, points=POINTS[slug])
    run("nbgrader", "generate_assignment", slug, folder=tmp_path)
    submissions = handed_in(tmp_path / "release" / slug / f"{slug}.ipynb", slug)
    records = graded(submissions, slug)
    for name, content in submissions.items():
        folder = tmp_path / "submitted" / name / slug
        folder.mkdir(parents=True)
        (folder / f"{slug}.ipynb").write_bytes(content)
    run("nbgrader", "autograde", slug, folder=tmp_path)
    run("nbgrader", "export", folder=tmp_path)

    theirs = table(tmp_path / "grades.csv")
    ours = table(export(list(records.values()), "nbgrader", tmp_path) / "grades.csv")
    assert [list(row) for row in ours] == [list(row) for row in theirs]
    assert [row["student_id"] for row in theirs] == ["ada", "cleo"]
    for their, our in zip(theirs, ours, strict=True):
        # A cell of nbgrader gives all points or none.
        full = sum(
            done["points"]
            for done in records[their["student_id"]]["exercises"]
            if done["state"] == "pass"
        )
        assert float(their["score"]) == full
        assert float(their["max_score"]) == float(our["max_score"])
    assert float(theirs[0]["score"]) == float(ours[0]["score"]) == records["ada"]["of"]
    assert 0 < float(theirs[1]["score"]) < float(theirs[0]["score"])

    notebook = tmp_path / "autograded" / "cleo" / slug / f"{slug}.ipynb"
    cells = {cell["id"]: cell for cell in json.loads(notebook.read_text("utf-8"))["cells"]}
    wrong = cells[f"{WRONG[slug][0]}-grade"]["outputs"]
    assert wrong[0]["ename"] == "AssertionError"
    assert wrong[0]["evalue"].startswith(f"{WRONG[slug][0]}: not yet.")
