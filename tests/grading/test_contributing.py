"""The exercises that CONTRIBUTING takes as its examples are some: they run as they stand there."""

import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.grading import authoring, exercises, misconceptions, search
from chainrule.grading.handles import InProcess
from chainrule.grading.report import Feedback, evaluate
from tools.paths import ROOT

SECTION = re.split(r"^## ", (ROOT / "CONTRIBUTING.md").read_text("utf8"), flags=re.MULTILINE)
FRONT = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n\n# Exercises: Toys\n\n"
CLASS_SECTION = "## A counter\n\n*Difficulty 1 of 3. About 2 minutes.*\n\nWrite a class.\n\n"


def blocks(fence: str, language: str) -> list[str]:
    (section,) = (s for s in SECTION if s.startswith("Add an exercise"))
    pattern = rf"^ *{fence}{language}\n(.*?)^ *{fence}\n"
    found = re.findall(pattern, section, flags=re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block).replace("<slug>", "toys") for block in found]


def double_in_place(x: Any) -> Any:
    x *= 2
    return x.copy()


def double_by_loop(x: Any) -> Any:
    return np.array([value + value for value in x], dtype=x.dtype)


class CounterOverwriting:
    def __init__(self) -> None:
        self.count = 0

    def add(self, n: Any) -> None:
        self.count = n


class CounterOfList:
    def __init__(self) -> None:
        self.added: list[Any] = []

    def add(self, n: Any) -> None:
        self.added.append(n)

    @property
    def count(self) -> Any:
        return sum(self.added)


class CounterOfFloats:
    def __init__(self) -> None:
        self.count = 0.0

    def add(self, n: Any) -> None:
        self.count += n


def defined(checks: str, answers: str) -> dict[str, Any]:
    """What a block of checks and one of answers define."""
    namespace: dict[str, Any] = {**vars(misconceptions), **vars(search), **vars(exercises)}
    namespace |= {**globals(), "__name__": "toys"}
    exec(checks, namespace)
    exec(answers, namespace)
    return namespace


@pytest.fixture(scope="module", params=["double", "Counter"])
def written(request: Any) -> dict[str, Any]:
    """What the page writes for each of its two exercises."""
    sources = {"double": 0, "Counter": 1}
    source = blocks("````", "")[sources[request.param]]
    python = [b for b in blocks("```", "python") if f'"toys.{request.param}"' in b]
    checks = next(block for block in python if "EXERCISES" in block)
    answers = next(block for block in python if "WRONG" in block)
    if request.param == "Counter":
        source = CLASS_SECTION + source
    return {"source": FRONT + source, **defined(checks, answers)}


def test_the_answers_get_what_they_should(written: dict[str, Any]) -> None:
    (exercise,) = written["EXERCISES"]
    for what, answer, check, says in written["WRONG"][exercise.name]:
        report = evaluate(exercise, InProcess(answer))
        assert report.failed == check, what
        assert says in " ".join(repr(Feedback(report)).split())
    for how, answer in written["RIGHT"][exercise.name]:
        assert evaluate(exercise, InProcess(answer)).state == "pass", how


def test_the_source_becomes_two_notebooks(
    written: dict[str, Any], tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "toys.md").write_text(written["source"], encoding="utf-8")
    monkeypatch.setattr(authoring.checks, "slugs", lambda: ["toys"])
    monkeypatch.setattr(authoring.checks, "exercises", lambda slug: written["EXERCISES"])
    cells = authoring.read_source(tmp_path / "toys.md")
    (exercise,) = written["EXERCISES"]
    short = exercise.name.partition(".")[2]
    for notebook, state in (
        (authoring.exercise_notebook(cells, "toys"), "not-attempted"),
        (authoring.solution_notebook(cells, "toys"), "pass"),
    ):
        namespace: dict[str, Any] = {}
        (answer,) = (cell.source for cell in notebook.cells if cell.id == f"{short}-answer")
        exec(answer, namespace)
        assert evaluate(exercise, InProcess(namespace[short])).state == state
        if short == "double":
            assert any("Why it is so." in c.source for c in notebook.cells) == (state == "pass")
