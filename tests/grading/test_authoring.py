"""From source to notebooks: what is generated, what is refused, what is left alone."""

import json
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from chainrule import cli
from chainrule.grading import authoring
from tests.grading import sets
from tools.paths import ROOT

each_slug = pytest.mark.parametrize("slug", sets.SLUGS)
SLUG, ANOTHER = "affine-layers", "forward-pass"
SOURCE = (ROOT / "solutions" / f"{SLUG}.md").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: Any) -> Path:
    """A checkout with two of this book's exercise sets, in the working directory."""
    for folder in ("solutions", "exercises"):
        (tmp_path / folder).mkdir()
        for slug in (SLUG, ANOTHER):
            for path in (ROOT / folder).glob(f"{slug}.*"):
                (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(book: Path, old: str, new: str, path: str = f"solutions/{SLUG}.md") -> int:
    """Replace ``old``, which occurs once, and return the line where it was, from 1."""
    text = (book / path).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{text.count(old)} times"
    (book / path).write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def files(book: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(book)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(book.rglob("*"))
        if path.is_file() and ".cache" not in path.parts
    }


# --- marks ----------------------------------------------------------------------------------------


CODE = """\
def f(x):
    y = 1
    ### BEGIN SOLUTION
    if x:
        y = 2
    ### END SOLUTION
    return y


### BEGIN SOLUTION
a = 1
### STUB
a = ...
### END SOLUTION"""


def test_a_solution_becomes_an_ellipsis_or_its_stub() -> None:
    assert authoring.stripped(CODE) == ("def f(x):\n    y = 1\n    ...\n    return y\n\n\na = ...")


def test_a_solution_keeps_its_code_and_loses_its_marks() -> None:
    assert authoring.solved(CODE) == (
        "def f(x):\n    y = 1\n    if x:\n        y = 2\n    return y\n\n\na = 1"
    )


# --- what is generated ----------------------------------------------------------------------------


def source(slug: str) -> list[authoring.Cell]:
    return authoring.read_source(ROOT / "solutions" / f"{slug}.md")


@each_slug
def test_no_solution_is_in_the_exercises(slug: str) -> None:
    cells = source(slug)
    exercise = authoring.exercise_notebook(cells, slug)
    solution = authoring.solution_notebook(cells, slug)
    stubs = {cell.id: cell.source for cell in exercise.cells if cell.id.endswith("-answer")}
    answers = {cell.id: cell.source for cell in solution.cells if cell.id.endswith("-answer")}
    names = [f"{e.name.partition('.')[2]}-answer" for e in sets.checks.exercises(slug)]
    assert list(stubs) == list(answers) == names
    for name, stub in stubs.items():
        assert "..." in stub
        assert set(answers[name].splitlines()) - set(stub.splitlines())
    text = "\n".join(cell.source for cell in exercise.cells)
    assert "SOLUTION" not in text
    assert [cell for cell in cells if "solution" in cell.tags and cell.text in text] == []


@each_slug
def test_both_notebooks_are_pages(slug: str) -> None:
    """One title; headings without gaps; what is common to both has the same cell ids."""
    exercise = authoring.exercise_notebook(source(slug), slug)
    solution = authoring.solution_notebook(source(slug), slug)
    for notebook, title in ((exercise, "# Exercises: "), (solution, "# Solutions: ")):
        nbformat.validate(notebook)
        prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        depths = [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]
        assert depths[0] == 1
        assert depths.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(depths))
        assert notebook.cells[0].source.startswith(title)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
    shared = {cell.id: cell for cell in solution.cells}
    common = [cell for cell in exercise.cells if cell.id in shared]
    own = [cell for cell in exercise.cells if cell.id not in shared]
    assert len(own) == 3, [cell.source for cell in own]  # what to do, and the learner's progress
    for cell in common[1:]:
        if not cell.id.endswith("-answer"):
            assert cell.source == shared[cell.id].source


@each_slug
def test_generation_is_deterministic(slug: str) -> None:
    first, second = (authoring.exercise_notebook(source(slug), slug) for _ in range(2))
    assert nbformat.writes(first) == nbformat.writes(second)


def test_an_inserted_cell_changes_no_id_of_another_section(book: Path) -> None:
    edit(book, "## Count", "A new paragraph.\n\n```{code-cell} python\n1\n```\n\n## Count")
    after = authoring.read_source(book / f"solutions/{SLUG}.md")
    old = [cell.id for cell in authoring.exercise_notebook(source(SLUG), SLUG).cells]
    new = [cell.id for cell in authoring.exercise_notebook(after, SLUG).cells]
    assert set(old) < set(new)


def test_what_is_committed_is_current() -> None:
    assert list(authoring.drift(ROOT)) == []


# --- what is refused, with file and line ----------------------------------------------------------

ANSWER = "    return w @ x + b\n    ### END SOLUTION"
CHECK = 'check("affine-layers.neuron", neuron)'
MISTAKES = {
    "no end": (ANSWER, "    return w @ x + b", "### BEGIN SOLUTION without ### END", -1),
    "no begin": ("    ### BEGIN SOLUTION\n" + ANSWER, ANSWER, "END SOLUTION without", 1),
    "begun twice": (
        ANSWER,
        "    ### BEGIN SOLUTION\n" + ANSWER,
        "inside the solution begun in line",
        0,
    ),
    "two stubs": (ANSWER, "    ### STUB\n    ### STUB\n" + ANSWER, "belongs once between", 1),
    "misspelled mark": (ANSWER, ANSWER.replace("### END", "## End"), "'## End SOLUTION' is no", 1),
    "mark in prose": ("## One", "### BEGIN SOLUTION\n\n## One", "belong into code", 0),
    "not Python": ("    return w @ x + b\n", "    return w @ @ x\n", "is not Python", -3),
    "stub not Python": (
        "def neuron(x, w, b):\n",
        "def neuron(x, w, b):\n    if b:\n        ### BEGIN SOLUTION\n        pass\n"
        "        ### STUB\n        (\n        ### END SOLUTION\n",
        "the stub in this cell is not Python",
        0,
    ),
    "stub without a blank": (
        ANSWER,
        "    return w @ x + b\n    ### STUB\n    return 0.0\n    ### END SOLUTION",
        "the stub in this cell has no ...; a learner sees nothing to do",
        -3,
    ),
    "unknown exercise": (
        CHECK,
        CHECK.replace("neuron", "neurn", 1),
        "mean 'affine-layers.neuron'",
        0,
    ),
    "checked twice": (CHECK, f"{CHECK}\n```\n\n```{{code-cell}} python\n{CHECK}", "has been ch", 4),
    "two checks in a cell": (CHECK, f"{CHECK}\n{CHECK}", "more than one check", 0),
    "exercise without check": (CHECK, "neuron", "'affine-layers.neuron' is registered but", None),
    "answer without check": (
        "## Count",
        "```{code-cell} python\n### BEGIN SOLUTION\n1\n### END SOLUTION\n```\n\n## Count",
        "no check follows this solution in its section",
        1,
    ),
    "check without answer": (
        CHECK,
        f'{CHECK}\n```\n\n```{{code-cell}} python\ncheck("affine-layers.x", neuron)',
        "no cell with ### BEGIN SOLUTION comes before",
        4,
    ),
    "no minutes": ("*Difficulty 1 of 3. About 5 minutes.*", "", "*Difficulty 2 of 3.", -2),
    "label": ("## One neuron", "(one-neuron)=\n## One neuron", "would stand on two pages", 0),
    "no title": ("# Exercises: Affine", "# Affine", 'the title must be "# Exercises', 0),
    "second title": ("## One neuron", "# One neuron", "a second title, 'One neuron'", 0),
    "level skipped": ("## One", "#### One", "skips a level; use ###", 0),
    "no kernel": ("kernelspec:", "kernel:", "no kernelspec in the front matter", None),
    "not YAML": ("  name: python3\n---", "  name: [python3\n---", "front matter is wrong", None),
    "half a kernel": ("  display_name: Python 3\n", "", "'display_name' is a required", None),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_file_and_line(mistake: Any, book: Path, capsys: Any) -> None:
    old, new, says, offset = mistake
    line = edit(book, old, new)
    before = files(book)
    for arguments in (["exercises", "build"], ["exercises", "build", "--check"]):
        assert cli.main(arguments) == cli.WRONG
        errors = capsys.readouterr().err
        place = 1 if offset is None else line + offset
        pattern = rf"^solutions/{SLUG}\.md:{place}: .*{re.escape(says)}"
        assert re.search(pattern, errors, re.MULTILINE), errors
        assert files(book) == before, "nothing may be written"


def test_a_source_without_checks_is_refused(book: Path, capsys: Any) -> None:
    (book / "solutions" / "unknown.md").write_text(SOURCE, encoding="utf-8")
    assert cli.main(["exercises", "build", "unknown"]) == cli.WRONG
    assert "solutions/unknown.md:1: there are no checks for 'unknown'" in capsys.readouterr().err


def test_a_source_in_another_encoding_is_refused(book: Path, capsys: Any) -> None:
    (book / f"solutions/{SLUG}.md").write_bytes(SOURCE.encode("utf-16"))
    assert cli.main(["exercises", "build"]) == cli.WRONG
    assert f"solutions/{SLUG}.md:1: not UTF-8" in capsys.readouterr().err


def test_two_exercises_of_one_name_are_refused(book: Path, monkeypatch: Any, capsys: Any) -> None:
    registered = sets.checks.exercises(SLUG)
    twice = (*registered, registered[1])
    monkeypatch.setattr(authoring.checks, "exercises", lambda slug: twice)
    assert cli.main(["exercises", "build", SLUG]) == cli.WRONG
    says = f"solutions/{SLUG}.md:1: two exercises in the checks of '{SLUG}' are called '{SLUG}.neu"
    assert says in capsys.readouterr().err


def test_all_mistakes_are_reported_at_once(book: Path, capsys: Any) -> None:
    edit(book, "*Difficulty 1 of 3. About 5 minutes.*", "")
    edit(book, "*Difficulty 3 of 3. About 15 minutes.*", "")
    assert cli.main(["exercises", "build"]) == cli.WRONG
    assert len(capsys.readouterr().err.strip().splitlines()) == 2


# --- drift ----------------------------------------------------------------------------------------


def check_says(capsys: Any, *words: str) -> None:
    assert cli.main(["exercises", "build", "--check"]) == cli.WRONG
    errors = capsys.readouterr().err
    for word in (*words, "Run: chainrule exercises build"):
        assert word in errors, errors


def test_check_passes_on_what_is_committed(book: Path, capsys: Any) -> None:
    before = files(book)
    assert cli.main(["exercises", "build", "--check"]) == cli.OK
    assert "are what their sources say" in capsys.readouterr().out
    assert files(book) == before


def test_an_edited_source_is_drift_in_both_notebooks(book: Path, capsys: Any) -> None:
    edit(book, "A neuron weighs its inputs", "A neuron weights its inputs")
    check_says(
        capsys,
        f"exercises/{SLUG}.ipynb, cell ",
        f"solutions/{SLUG}.ipynb, cell ",
        "    -A neuron weighs its inputs",
        "    +A neuron weights its inputs",
    )


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_an_edited_notebook_is_drift(folder: str, book: Path, capsys: Any) -> None:
    path = f"{folder}/{SLUG}.ipynb"
    edit(book, "def neuron(x, w, b):", "def neuron(x, w, b=0):", path)
    check_says(capsys, f"{path}, cell neuron-answer, is not what its source says:", "+def neuron")


def test_a_missing_a_damaged_and_a_stray_notebook_are_drift(book: Path, capsys: Any) -> None:
    notebook = book / f"exercises/{SLUG}.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.unlink()
    check_says(capsys, f"exercises/{SLUG}.ipynb is missing")
    notebook.write_text(text[: len(text) // 2], encoding="utf-8")
    check_says(capsys, f"exercises/{SLUG}.ipynb cannot be read")
    notebook.write_text(text, encoding="utf-8")
    (book / "exercises/old.ipynb").write_text(text, encoding="utf-8")
    check_says(capsys, "exercises/old.ipynb has no source solutions/old.md")


def with_cells(path: Path, change: Any) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def outputs(state: str) -> Any:
    def change(notebook: Any) -> None:
        cell = next(cell for cell in notebook["cells"] if cell["id"] == "neuron-check")
        if state == "empty":
            cell["outputs"], cell["execution_count"] = [], None
        else:
            html = cell["outputs"][0]["data"]["text/html"]
            cell["outputs"][0]["data"]["text/html"] = [
                line.replace('data-state="pass"', f'data-state="{state}"') for line in html
            ]

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (outputs("empty"), "cell neuron-check, has not been executed"),
        (outputs("fail"), "cell neuron-check, does not say that the solution passes"),
        (lambda notebook: notebook["cells"].pop(3), "has cells missing or in another order"),
        (lambda notebook: notebook["cells"].reverse(), "has cells missing or in another order"),
        (lambda notebook: notebook["metadata"].update(author="x"), "has other metadata"),
        (lambda notebook: notebook["cells"][3]["metadata"].update(x=1), "other metadata"),
    ],
    ids=["not executed", "fails", "cell lost", "reordered", "metadata", "cell metadata"],
)
def test_a_tampered_solution_is_drift(change: Any, says: str, book: Path, capsys: Any) -> None:
    with_cells(book / f"solutions/{SLUG}.ipynb", change)
    check_says(capsys, says)


def test_an_exercise_with_outputs_is_drift(book: Path, capsys: Any) -> None:
    stream = {"name": "stdout", "output_type": "stream", "text": ["x"]}
    with_cells(
        book / f"exercises/{SLUG}.ipynb",
        lambda notebook: next(c for c in notebook["cells"] if c["id"] == "neuron-check")[
            "outputs"
        ].append(stream),
    )
    check_says(capsys, "cell neuron-check, has outputs; exercises are published empty")


# --- building -------------------------------------------------------------------------------------


def never_executed(*_: Any) -> None:
    raise AssertionError("executed although nothing changed")


def copied_outputs(notebook: Any, cells: Any, name: str, folder: Path, state: str = "pass") -> None:
    """In place of an execution: the outputs that are committed."""
    if state != "pass":
        return
    stored = nbformat.read((ROOT / name).with_suffix(".ipynb"), as_version=4)
    for new, old in zip(notebook.cells, stored.cells, strict=True):
        new.update({key: old[key] for key in ("outputs", "execution_count") if key in old})


def test_only_what_changed_is_executed(book: Path, monkeypatch: Any, capsys: Any) -> None:
    before = files(book)
    monkeypatch.setattr(authoring, "execute", copied_outputs)
    assert cli.main(["exercises", "build"]) == cli.OK
    assert f"solutions/{SLUG}.ipynb  executed, unchanged" in capsys.readouterr().out
    monkeypatch.setattr(authoring, "execute", never_executed)
    assert cli.main(["exercises", "build"]) == cli.OK
    assert capsys.readouterr().out.count("up to date") == 2 * len((SLUG, ANOTHER))
    assert files(book) == before, "an unchanged file is not even touched"

    edit(book, "A neuron weighs its inputs", "A neuron weights its inputs")
    with pytest.raises(AssertionError, match="executed although"):
        cli.main(["exercises", "build"])
    monkeypatch.setattr(authoring, "execute", copied_outputs)
    assert cli.main(["exercises", "build", SLUG]) == cli.OK
    assert capsys.readouterr().out.count("written") == 2
    assert cli.main(["exercises", "build", "--check"]) == cli.OK


def test_a_change_of_the_library_executes_again(book: Path, monkeypatch: Any) -> None:
    source = book / f"solutions/{SLUG}.md"
    stamps = authoring._Stamps(book)
    stamps.renew(source)
    assert authoring._Stamps(book).current(source)
    monkeypatch.setattr(authoring.np, "__version__", "99")
    assert not authoring._Stamps(book).current(source)


def test_a_damaged_stamp_only_costs_an_execution(book: Path) -> None:
    stamps = book / ".cache" / "exercises.json"
    stamps.parent.mkdir()
    stamps.write_text("{", encoding="utf-8")
    assert not authoring._Stamps(book).current(book / f"solutions/{SLUG}.md")


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file(
    failure: BaseException, book: Path, monkeypatch: Any, capsys: Any
) -> None:
    edit(book, "A neuron weighs its inputs", "A neuron weights its inputs")
    before = files(book)
    monkeypatch.setattr(authoring, "execute", copied_outputs)

    def fail(*_: Any) -> None:
        raise failure

    monkeypatch.setattr(os, "replace", fail)
    if isinstance(failure, KeyboardInterrupt):
        assert cli.main(["exercises", "build"]) == cli.INTERRUPTED
        assert "interrupted; no file was left half-written" in capsys.readouterr().err
    else:
        with pytest.raises(OSError, match="disk full"):
            cli.main(["exercises", "build"])
    assert files(book) == before


def test_elsewhere_and_with_unknown_slugs_it_says_what_to_do(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["exercises", "build"]) == cli.MISUSED
    assert "run this in a checkout of the book" in capsys.readouterr().err
    monkeypatch.chdir(ROOT)
    assert cli.main(["exercises", "build", "--check", "nothing"]) == cli.MISUSED
    said = "there is no solutions/nothing.md; there are: " + ", ".join(sorted(sets.SLUGS))
    assert said in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main([])


def test_a_missing_tool_is_named_with_the_remedy(book: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jupytext.myst", None)
    assert cli.main(["exercises", "build", "--check"]) == cli.MISUSED
    assert "jupytext, which is not installed" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "    return w @ x + b\n",
            "    return w @ x - b\n",
            "the solution does not pass:\nneuron: not yet.",
        ),
        ("count_parameters([784, 10, 10])\n", "count_parameters(784)\n", "TypeError: "),
        (
            "    return w @ x + b\n",
            "    return w @ x + b\n    ### STUB\n    z = ...\n    return w @ x + b\n",
            "the untouched stub counts as an attempt:\nneuron: correct.",
        ),
        (
            "    return w @ x + b\n    ### END SOLUTION\n",
            "    return w @ x + b\n    ### END SOLUTION\nneuron(x, w, 0.0) + 1\n",
            "TypeError: ",
        ),
    ],
    ids=["wrong", "raises", "stub runs the solution", "stub raises"],
)
def test_a_solution_that_fails_is_refused(
    old: str, new: str, says: str, book: Path, capsys: Any
) -> None:
    line = edit(book, old, new)
    before = files(book)
    assert cli.main(["exercises", "build"]) == cli.WRONG
    errors = capsys.readouterr().err
    assert says in errors
    found = re.match(rf"solutions/{SLUG}\.md:(\d+): ", errors)
    assert found is not None
    assert abs(int(found[1]) - line) <= 8, "the cell, or its check just below"
    assert files(book) == before
