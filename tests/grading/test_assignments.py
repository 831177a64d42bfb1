"""Exercise sets as assignments for other graders. The graders themselves run in tests/interop."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chainrule import cli
from chainrule.grading import assert_correct, assignments, checks
from chainrule.grading.exercises import Exercise
from tests.grading.gradescope import RESULTS
from tests.grading.sandboxed import needs_bubblewrap
from tests.grading.sets import EXERCISES, SLUGS, slug_of, solution, stub, wrong
from tests.hostile.files import SLUG, as_bytes, notebook
from tools.paths import ROOT

ANSWERS = {slug: [e.name.partition(".")[2] for e in checks.exercises(slug)] for slug in SLUGS}
SOLUTION = (ROOT / "solutions" / f"{SLUG}.ipynb").read_bytes()


# --- assert_correct -------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_right_answer_passes_each_check_and_a_stub_none(exercise: Exercise) -> None:
    assert_correct(exercise.name, solution(exercise))
    for check in (None, exercise.checks[-1].name):
        assert_correct(exercise.name, solution(exercise), check)
        with pytest.raises(AssertionError, match="not attempted yet"):
            assert_correct(exercise.name, stub(exercise), check)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_wrong_answer_is_told_what_check_says(slug: str) -> None:
    exercise, _, answer, check, _ = next(w for w in wrong() if slug_of(w[0]) == slug)
    with pytest.raises(AssertionError, match=r"(?s): not yet\. .*checks? pass") as caught:
        assert_correct(exercise.name, answer)
    assert caught.value.__cause__ is None
    with pytest.raises(AssertionError):
        assert_correct(exercise.name, answer, check)


def test_one_check_may_pass_where_another_fails() -> None:
    def no_bias(x: Any, w: Any, b: Any) -> Any:
        return x @ w

    assert_correct("affine-layers.neuron", no_bias, "shapes")
    with pytest.raises(AssertionError):
        assert_correct("affine-layers.neuron", no_bias, "z")


def test_what_an_answer_says_on_stderr_is_kept_from_the_notebook(capsys: Any) -> None:
    def talks(x: Any, w: Any, b: Any) -> Any:
        print("hello", file=sys.stderr)
        return x @ w + b

    assert_correct("affine-layers.neuron", talks)
    assert capsys.readouterr().err == ""


def test_no_such_check_is_said() -> None:
    with pytest.raises(ValueError, match=r"neuron has no check 'Z'; it has: shapes, z, "):
        assert_correct("affine-layers.neuron", lambda x, w, b: 0, "Z")


# --- the assignments ------------------------------------------------------------------------------


def exported(slug: str, tool: str, out: Path, **points: float) -> list[Path]:
    return assignments.export(slug, tool, out, course=ROOT, points=points)


@pytest.mark.parametrize("slug", SLUGS)
def test_nbgrader_gets_a_locked_cell_below_each_check(slug: str, tmp_path: Path) -> None:
    first = ANSWERS[slug][0]
    (path,) = exported(slug, "nbgrader", tmp_path, **{first: 3.5})
    assert path == tmp_path / "source" / slug / f"{slug}.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    ids = [cell["id"] for cell in cells]
    assert len(ids) == len(set(ids))
    grading = [cell for cell in cells if cell["metadata"]]
    assert [cell["metadata"]["nbgrader"]["grade_id"] for cell in grading] == ANSWERS[slug]
    for cell in grading:
        told = cell["metadata"]["nbgrader"]
        assert ids[ids.index(cell["id"]) - 1] == f"{told['grade_id']}-check"
        assert told["grade"]
        assert told["locked"]
        assert told["points"] == (3.5 if told["grade_id"] == first else 1)
        assert f'assert_correct("{slug}.{told["grade_id"]}", {told["grade_id"]})' in cell["source"]
    exercise = json.loads((ROOT / "exercises" / f"{slug}.ipynb").read_text("utf-8"))
    assert [cell for cell in cells if cell not in grading] == exercise["cells"]


@pytest.mark.parametrize("slug", SLUGS)
def test_otter_gets_a_test_case_for_each_check(slug: str, tmp_path: Path) -> None:
    exported(slug, "otter", tmp_path, **{ANSWERS[slug][0]: 3.5})
    assert sorted(path.stem for path in (tmp_path / "tests").iterdir()) == sorted(ANSWERS[slug])
    for exercise in checks.exercises(slug):
        answer = exercise.name.partition(".")[2]
        text = (tmp_path / "tests" / f"{answer}.py").read_text("utf-8")
        compile(text, answer, "exec")
        assert text.count("@test_case(") == len(exercise.checks)
        assert text.count("hidden=True") == sum(check.graded for check in exercise.checks)
        for check in exercise.checks:
            assert f'assert_correct("{exercise.name}", {answer}, {check.name!r})' in text
    published = (ROOT / "exercises" / f"{slug}.ipynb").read_bytes()
    assert (tmp_path / f"{slug}.ipynb").read_bytes() == published
    assert (tmp_path / "chainrule" / "grading" / "checks" / "__init__.py").is_file()
    assert not list((tmp_path / "chainrule").rglob("__pycache__"))


@pytest.mark.parametrize("tool", sorted(assignments.EXPORTS))
def test_two_exports_are_equal(tool: str, tmp_path: Path) -> None:
    first, second = (exported(SLUG, tool, tmp_path / name) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert tool in assignments.NEXT


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Gradescope unpacks, in the places where it does."""
    folder = tmp_path_factory.mktemp("autograder")
    (archive,) = exported(SLUG, "gradescope", folder, neuron=4.0)
    with zipfile.ZipFile(archive) as file:
        modes = {info.filename: info.external_attr >> 16 for info in file.infolist()}
        file.extractall(folder / "source")
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    return folder


def test_the_scripts_of_the_autograder_are_bash(autograder: Path) -> None:
    for script in ("setup.sh", "run_autograder"):
        text = (autograder / "source" / script).read_text("utf-8")
        assert text.startswith("#!/usr/bin/env bash\n")
        subprocess.run(["bash", "-n", script], cwd=autograder / "source", check=True)
    assert "numpy==" in (autograder / "source" / "setup.sh").read_text("utf-8")


@needs_bubblewrap
@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "score", "says"),
    [
        ({"my work.ipynb": SOLUTION}, 10, ""),
        ({"sheet.ipynb": as_bytes(notebook())}, 4, ""),
        ({"sheet.ipynb": b"{"}, 0, "rejected: not JSON"),
        ({}, 0, f"Hand in one notebook, {SLUG}.ipynb"),
        ({"a.ipynb": SOLUTION, "b.ipynb": SOLUTION}, 0, "and no other"),
    ],
)
def test_the_autograder_writes_results(
    files: dict[str, bytes], score: float, says: str, autograder: Path, tmp_path: Path
) -> None:
    for name in ("submission", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "source").symlink_to(autograder / "source")
    for name, content in files.items():
        (tmp_path / "submission" / name).write_bytes(content)
    environment = {"PATH": os.environ["PATH"], "AUTOGRADER": str(tmp_path)}
    subprocess.run(
        ["bash", str(autograder / "source" / "run_autograder")],
        env=environment | {"PYTHON": sys.executable, "CHAINRULE_PROGRESS": "0"},
        cwd=tmp_path,
        check=True,
    )
    results = json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))
    jsonschema.validate(results, RESULTS)
    assert results["score"] == score
    assert says in results["output"]


def command(*arguments: str) -> int:
    return cli.main(["exercises", "export", *arguments])


def test_the_command_says_what_comes_next(tmp_path: Path, capsys: Any) -> None:
    arguments = [SLUG, "--to", "nbgrader", "--out", str(tmp_path), "--course", str(ROOT)]
    assert command(*arguments, "--points", "neuron=2") == 0
    said = capsys.readouterr().out
    assert str(tmp_path / "source" / SLUG / f"{SLUG}.ipynb") in said
    assert f"nbgrader generate_assignment {SLUG}" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such"], "there is no exercise set 'no-such'; there are: " + ", ".join(SLUGS)),
        ([SLUG, "--points", "nobody=2"], "has no exercise 'nobody'; it has: shapes"),
        ([SLUG, "--course", "/nowhere"], f"there is no exercises/{SLUG}.ipynb in /nowhere"),
    ],
)
def test_what_cannot_be_exported_is_said(
    arguments: list[str], said: str, tmp_path: Path, capsys: Any
) -> None:
    out = tmp_path / "out"
    assert command("--to", "nbgrader", "--out", str(out), "--course", str(ROOT), *arguments) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
