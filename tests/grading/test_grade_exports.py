"""Grades in the formats of other tools."""

import copy
import csv
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chainrule import cli
from chainrule.grading.grader import command
from chainrule.grading.grader.exports import EXPORTS, export, gradescope
from chainrule.grading.grader.results import stem
from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.submission import STATUSES, blank, grade
from tests.grading.gradescope import RESULTS
from tests.grading.sandboxed import needs_bubblewrap
from tests.hostile.files import SLUG, as_bytes, notebook

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the grader needs Linux or macOS")

TRUSTED = Settings(SLUG, trust=True, points={"neuron": 4})


@pytest.fixture(scope="module")
def half() -> dict[str, Any]:
    """A submission with one right answer, and one cell that fails."""
    return grade("ada/sheet.ipynb", as_bytes(notebook("1 / 0")), TRUSTED)


@pytest.fixture(scope="module")
def damaged() -> dict[str, Any]:
    return grade("=bob.ipynb", b"{", TRUSTED)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_offers_every_export() -> None:
    assert tuple(sorted(EXPORTS)) == command.TOOLS


@pytest.mark.parametrize("status", STATUSES)
def test_gradescope_results_are_as_documented(status: str, half: dict[str, Any]) -> None:
    record = half | {"status": status, "reason": "" if status == "graded" else "said why"}
    results = gradescope(record)
    jsonschema.validate(results, RESULTS)
    json.loads(json.dumps(results, allow_nan=False))
    assert ("said why" in results["output"]) == (status != "graded")
    assert "code cell" in results["output"]
    assert "ZeroDivisionError" in results["output"]


def test_gradescope_gets_the_points_and_what_the_learner_reads(half: dict[str, Any]) -> None:
    results = gradescope(half)
    assert results["score"] == half["points"] == sum(test["score"] for test in results["tests"])
    assert [test["name"] for test in results["tests"]] == [e["exercise"] for e in half["exercises"]]
    for test, done in zip(results["tests"], half["exercises"], strict=True):
        assert (test["score"], test["max_score"]) == (done["points"], done["of"])
        assert test["output"] == done["feedback"] != ""
        assert (test["status"] == "passed") == (done["state"] == "pass")
    assert {test["status"] for test in results["tests"]} == {"passed", "failed"}
    assert results["stdout_visibility"] == "hidden"


@pytest.mark.parametrize(
    "damage",
    [
        lambda results: results.update(max_score=7),
        lambda results: results.update(stdout_visibility="shown"),
        lambda results: results["tests"][0].update(score="1"),
        lambda results: results["tests"][0].update(status="pass"),
        lambda results: results["tests"][0].update(output_format="markdown"),
        lambda results: [results.pop("score"), results["tests"][0].pop("score")],
    ],
)
def test_the_schema_refuses_what_is_not_documented(damage: Any, half: dict[str, Any]) -> None:
    results = copy.deepcopy(gradescope(half))
    damage(results)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(results, RESULTS)


def test_tables_have_every_submission(
    tmp_path: Path, half: dict[str, Any], damaged: dict[str, Any]
) -> None:
    otter = rows(export([damaged, half], "otter", tmp_path) / "final_grades.csv")
    assert [row["file"] for row in otter] == [
        "points-per-question",
        "'=bob.ipynb",
        "ada/sheet.ipynb",
    ]
    possible, bob, ada = otter
    assert float(possible["neuron"]) == 4
    assert float(possible["total_points_earned"]) == half["of"] == 10
    assert float(ada["total_points_earned"]) == half["points"] > 0
    assert float(ada["percent_correct"]) == pytest.approx(half["points"] / 10)
    assert ada["grading_status"] == "Completed"
    assert bob["grading_status"].startswith("rejected: not JSON")
    assert float(bob["total_points_earned"]) == 0

    nbgrader = rows(export([damaged, half], "nbgrader", tmp_path) / "grades.csv")
    assert [row["student_id"] for row in nbgrader] == ["'=bob", "ada"]
    assert [float(row["score"]) for row in nbgrader] == [0, half["points"]]
    assert {row["assignment"] for row in nbgrader} == {SLUG}
    assert {float(row["max_score"]) for row in nbgrader} == {10}


@pytest.mark.parametrize("tool", command.TOOLS)
def test_a_class_of_nobody_can_be_exported(tool: str, tmp_path: Path) -> None:
    export([], tool, tmp_path)


def test_names_that_are_no_file_names_get_a_folder_each(tmp_path: Path) -> None:
    names = ["../../up.ipynb", "a/b.ipynb", "a_b.ipynb", "\udcff.ipynb"]
    records = [blank(name, b"", TRUSTED) for name in names]
    folder = export(records, "gradescope", tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(map(stem, names))
    export(records, "otter", tmp_path)
    export(records, "nbgrader", tmp_path)


@needs_bubblewrap
@pytest.mark.slow
def test_the_command_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ada.ipynb").write_bytes(as_bytes(notebook()))
    out = tmp_path / "out"
    asked = [f"--export={tool}" for tool in command.TOOLS]
    arguments = [str(tmp_path / "ada.ipynb"), "--exercise", SLUG, "--out", str(out), *asked]
    assert cli.main(["grade", *arguments, "--jobs", "1"]) == 0, capsys.readouterr().err
    record = json.loads((out / "results" / f"{stem('ada.ipynb')}.json").read_text("utf-8"))
    written = (out / "gradescope" / stem("ada.ipynb") / "results.json").read_text("utf-8")
    assert json.loads(written) == gradescope(record)
    assert rows(out / "nbgrader" / "grades.csv")[0]["student_id"] == "ada"
    assert rows(out / "otter" / "final_grades.csv")[1]["file"] == "ada.ipynb"
