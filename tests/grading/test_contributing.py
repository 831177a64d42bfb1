"""The exercise that CONTRIBUTING takes as its example is one: it is run as it stands there."""

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


def blocks(fence: str, language: str) -> list[str]:
    (section,) = (s for s in SECTION if s.startswith("Add an exercise"))
    pattern = rf"^ +{fence}{language}\n(.*?)^ +{fence}\n"
    found = re.findall(pattern, section, flags=re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block).replace("<slug>", "toys") for block in found]


def double_in_place(x: Any) -> Any:
    x *= 2
    return x.copy()


def double_by_loop(x: Any) -> Any:
    return np.array([value + value for value in x], dtype=x.dtype)


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """What the two Python blocks define."""
    namespace: dict[str, Any] = {**vars(misconceptions), **vars(search), **vars(exercises)}
    namespace |= {
        "__name__": "toys",
        "double_in_place": double_in_place,
        "double_by_loop": double_by_loop,
    }
    (_source,) = blocks("````", "")
    checks, answers = (b for b in blocks("```", "python") if "EXERCISES" in b or "WRONG" in b)
    exec(checks, namespace)
    exec(answers, namespace)
    return namespace


def test_the_answers_get_what_they_should(written: dict[str, Any]) -> None:
    (double,) = written["EXERCISES"]
    for what, answer, check, says in written["WRONG"][double.name]:
        report = evaluate(double, InProcess(answer))
        assert report.failed == check, what
        assert says in " ".join(repr(Feedback(report)).split())
    for how, answer in written["RIGHT"][double.name]:
        assert evaluate(double, InProcess(answer)).state == "pass", how


def test_the_source_becomes_two_notebooks(
    written: dict[str, Any], tmp_path: Path, monkeypatch: Any
) -> None:
    (block,) = blocks("````", "")
    front = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n\n# Exercises: Toys\n\n"
    (tmp_path / "toys.md").write_text(front + block, encoding="utf-8")
    monkeypatch.setattr(authoring.checks, "slugs", lambda: ["toys"])
    monkeypatch.setattr(authoring.checks, "exercises", lambda slug: written["EXERCISES"])
    cells = authoring.read_source(tmp_path / "toys.md")
    (double,) = written["EXERCISES"]
    for notebook, state in (
        (authoring.exercise_notebook(cells, "toys"), "not-attempted"),
        (authoring.solution_notebook(cells, "toys"), "pass"),
    ):
        namespace: dict[str, Any] = {}
        (answer,) = (cell.source for cell in notebook.cells if cell.id == "double-answer")
        exec(answer, namespace)
        assert evaluate(double, InProcess(namespace["double"])).state == state
        assert any("Why it is so." in cell.source for cell in notebook.cells) == (state == "pass")
