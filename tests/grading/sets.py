"""Every exercise of the book with its answers: the solution, the stub, the wrong and the right.

All of it is found through the registry and the generated notebooks, so a new exercise gets every
test of this folder without being mentioned in one.
"""

import contextlib
import importlib.util
import io
import json
import linecache
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest import mock

from chainrule.grading import checks
from chainrule.grading.exercises import Exercise
from tools.paths import ROOT

SLUGS = checks.slugs()
EXERCISES: list[Exercise] = [exercise for slug in SLUGS for exercise in checks.exercises(slug)]


def slug_of(exercise: Exercise) -> str:
    return exercise.name.partition(".")[0]


@cache
def collection(slug: str) -> Any:
    """The module ``tests/mutants/<slug>.py``."""
    path = ROOT / "tests" / "mutants" / f"{slug.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(f"mutants_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong() -> Iterator[tuple[Exercise, str, Any, str, str]]:
    """(exercise, what is wrong, answer, check that rejects it, words that say so)."""
    for exercise in EXERCISES:
        for what, answer, check, says in collection(slug_of(exercise)).WRONG.get(exercise.name, []):
            yield exercise, what, answer, check, says


def right() -> Iterator[tuple[Exercise, str, Any]]:
    """(exercise, how it is written, answer)."""
    for exercise in EXERCISES:
        for how, answer in collection(slug_of(exercise)).RIGHT.get(exercise.name, []):
            yield exercise, how, answer


@cache
def answers(folder: str, slug: str) -> dict[str, Any]:
    """Exercise → what a notebook of ``exercises`` or ``solutions`` passes to its check."""
    notebook = json.loads((ROOT / folder / f"{slug}.ipynb").read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    namespace: dict[str, Any] = {}
    with (
        mock.patch("chainrule.grading.check", lambda name, answer: found.update({name: answer})),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                name = f"<{folder}/{slug}/{cell['id']}>"
                linecache.cache[name] = (len(source), None, source.splitlines(True), name)
                exec(compile(source, name, "exec"), namespace)
    return found


def solution(exercise: Exercise) -> Any:
    return answers("solutions", slug_of(exercise))[exercise.name]


def stub(exercise: Exercise) -> Any:
    return answers("exercises", slug_of(exercise))[exercise.name]
