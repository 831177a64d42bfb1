"""From the one source that an author writes to the two notebooks that learners get.

``solutions/<slug>.md`` is a MyST notebook with the statements and the solutions. Generated from it:

- ``exercises/<slug>.ipynb``: what lies between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` is
  replaced by ``...``, or by the lines that follow ``### STUB`` inside; cells with the tag
  ``solution`` are left out; a table of the learner's progress is added.
- ``solutions/<slug>.ipynb``: the solutions in place, executed; cells with the tag ``exercise`` are
  left out.

The tag of a piece of prose ends at the next ``##``. The notebooks depend on the source alone: cell
ids are made from the names of exercises and sections, there are no dates, no versions and no paths.
A mistake in a source is reported with file and line, and nothing is written. The packages that read
and execute notebooks are needed by authors only and imported when used.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.grading import checks, files
from chainrule.grading.kernels import local_sockets
from chainrule.progress import Progress, shown_by_default

BEGIN, STUB, END = "### BEGIN SOLUTION", "### STUB", "### END SOLUTION"
DIFFICULTY = re.compile(r"^\*Difficulty [1-3] of 3\. About (\d+) minutes\.\*$", re.MULTILINE)
TITLE = re.compile(r"\A# Exercises: ")
PROGRESS_TEXT = """\
## Your progress

What you have done, here and in the other sets. It is kept on this machine; `chainrule progress` in
a terminal shows it too."""
PROGRESS_CODE = """\
from chainrule.grading import progress

progress()"""
CELL_SECONDS = 120  # for one cell of a solution
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What the kernel runs with: a notebook must not depend on the machine, nor count as the author's
# own progress.
ENVIRONMENT = {"CHAINRULE_HOME": "", "CHAINRULE_PROGRESS": "0", "OMP_NUM_THREADS": "1"}


class SourceError(Exception):
    """A source has mistakes: one line each, ``file:line: what is wrong and what to do``."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True)
class Cell:
    """A cell of a source.

    Attributes
    ----------
    kind : str
        ``markdown`` or ``code``.
    text : str
    line : int
        Where ``text`` starts in the source, from 1.
    tags : tuple of str
    exercise : str
        For code: the exercise whose answer or check it is, without the slug.
    checked : bool
        Whether it is the check of ``exercise``.
    """

    kind: str
    text: str
    line: int
    tags: tuple[str, ...] = ()
    exercise: str = ""
    checked: bool = False


@dataclass
class _Reading:
    """A source while it is read: its cells so far and the mistakes found."""

    path: str
    mistakes: list[str] = field(default_factory=list)

    def mistake(self, line: int, text: str) -> None:
        self.mistakes.append(f"{self.path}:{line}: {text}")


# --- reading --------------------------------------------------------------------------------------


def read_source(path: Path, *, shown_as: str | None = None) -> list[Cell]:
    """The cells of ``path``, a source without mistakes.

    Parameters
    ----------
    path : Path
        ``.../<slug>.md``; ``chainrule.grading.checks`` must know the slug.
    shown_as : str, optional
        How messages call the file.

    Raises
    ------
    SourceError
        With every mistake, each with file and line.
    """
    reading = _Reading(shown_as or str(path))
    cells = _split(path, reading)
    for cell in cells:
        if cell.kind == "code":
            _read_marks(cell, reading)
        else:
            _read_prose(cell, reading)
    if not reading.mistakes:
        _read_structure(cells, reading)
        cells = _read_checks(cells, path.stem, reading)
    if reading.mistakes:
        raise SourceError(reading.mistakes)
    return cells


def _split(path: Path, reading: _Reading) -> list[Cell]:
    myst = _needed("jupytext.myst", "jupytext")
    invalid = _needed("nbformat", "nbformat").ValidationError
    try:
        text = path.read_text(encoding="utf-8")
        notebook = myst.myst_to_notebook(text, add_source_map=True)
    except UnicodeDecodeError as error:
        raise SourceError([f"{reading.path}:1: not UTF-8: {error}"]) from None
    except (myst.MystMetadataParsingError, invalid) as error:
        said = str(error).strip().splitlines()[0]
        raise SourceError([f"{reading.path}:1: the front matter is wrong: {said}"]) from None
    if "kernelspec" not in notebook.metadata:
        reading.mistake(1, "no kernelspec in the front matter; copy it from another source")
    lines = text.splitlines()
    cells = []
    for cell, start in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        # The map points at the cell; its text starts after options and blank lines.
        first = (cell.source.splitlines() or [""])[0]
        line = next((i for i in range(start, len(lines)) if lines[i] == first), start) + 1
        tags = tuple(cell.metadata.get("tags", []))
        if cell.cell_type == "code":
            cells.append(Cell("code", cell.source, line, tags))
        else:
            cells += _cut_at_headings(cell.source, line, tags)
    return cells


def _cut_at_headings(text: str, line: int, tags: tuple[str, ...]) -> Iterator[Cell]:
    """The prose ``text`` as cells: each ``##`` begins a new one, and a tag ends there."""
    lines = text.splitlines()
    fences = [re.match(r"\s*(```|~~~)", given) is not None for given in lines]
    cuts = [
        i for i, given in enumerate(lines) if given.startswith("## ") and sum(fences[:i]) % 2 == 0
    ]
    for start, end in pairwise([0, *(i for i in cuts if i), len(lines)]):
        body = "\n".join(lines[start:end]).strip("\n")
        if body:
            yield Cell("markdown", body, line + start, () if start in cuts else tags)


def _read_marks(cell: Cell, reading: _Reading) -> None:
    inside, opened, seen_stub = False, 0, False
    for number, text in enumerate(cell.text.splitlines(), cell.line):
        mark = text.strip()
        if mark == BEGIN:
            if inside:
                reading.mistake(number, f"{BEGIN} inside the solution begun in line {opened}")
            inside, opened, seen_stub = True, number, False
        elif mark == END:
            if not inside:
                reading.mistake(number, f"{END} without {BEGIN} before it")
            inside = False
        elif mark == STUB:
            if not inside or seen_stub:
                reading.mistake(number, f"{STUB} belongs once between {BEGIN} and {END}")
            seen_stub = True
        elif re.match(r"#+\s*(begin|end)\s*solution|#+\s*stub\b", mark, re.IGNORECASE):
            reading.mistake(number, f"{mark!r} is no mark; write {BEGIN}, {STUB} or {END}")
    if inside:
        reading.mistake(opened, f"{BEGIN} without {END}")
    if reading.mistakes:
        return
    if BEGIN in cell.text and "..." not in stripped(cell.text):
        reading.mistake(cell.line, "the stub in this cell has no ...; a learner sees nothing to do")
    for text in (solved(cell.text), stripped(cell.text)):
        try:
            ast.parse(text)
        except SyntaxError as error:
            what = "the solution" if text == solved(cell.text) else "the stub"
            reading.mistake(cell.line, f"{what} in this cell is not Python: {error.msg}")


def _read_prose(cell: Cell, reading: _Reading) -> None:
    for number, text in enumerate(cell.text.splitlines(), cell.line):
        if re.match(r"\([\w.:-]+\)=\s*$|\s*:label:|\s*:name:", text):
            reading.mistake(
                number, "a label would stand on two pages, the exercises and the solutions"
            )
        if text.strip() in (BEGIN, STUB, END):
            reading.mistake(number, "solution marks belong into code cells")


def _read_structure(cells: Sequence[Cell], reading: _Reading) -> None:
    """One title, headings without gaps, and difficulty and minutes of each exercise."""
    level, sections = 0, 0
    for number, depth, text in _headings(cells):
        if depth == 1 and level:
            reading.mistake(number, f"a second title, {text!r}; use ## below the first")
        if depth > level + 1:
            reading.mistake(number, f"heading {text!r} skips a level; use {'#' * (level + 1)}")
        level, sections = depth, sections + (depth == 2)
    if not cells or not TITLE.match(cells[0].text):
        reading.mistake(cells[0].line if cells else 1, 'the title must be "# Exercises: ..."')
    for section in _sections(cells):
        has_check = any(_check_calls(cell.text) for cell in section if cell.kind == "code")
        found = DIFFICULTY.findall("\n".join(c.text for c in section if c.kind == "markdown"))
        if has_check and len(found) != 1:
            reading.mistake(
                section[0].line,
                "this exercise needs one line such as *Difficulty 2 of 3. About 15 minutes.*",
            )


def _read_checks(cells: Sequence[Cell], slug: str, reading: _Reading) -> list[Cell]:
    """Give each answer and each check its exercise, and compare with those that are registered."""
    if slug not in checks.slugs():
        module = f"chainrule/grading/checks/{slug.replace('-', '_')}.py"
        reading.mistake(1, f"there are no checks for {slug!r}; write {module}")
        return list(cells)
    registered = [exercise.name for exercise in checks.exercises(slug)]
    for name in sorted({name for name in registered if registered.count(name) > 1}):
        reading.mistake(1, f"two exercises in the checks of {slug!r} are called {name!r}")
    read: list[Cell] = []
    lines: dict[str, int] = {}
    pending: list[int] = []  # answers whose check has not come yet
    for cell in cells:
        if cell.kind == "markdown" and cell.text.startswith("## "):
            _unchecked(pending, read, reading)
        calls = _check_calls(cell.text) if cell.kind == "code" else []
        name = calls[0] if calls else ""
        if len(calls) > 1:
            reading.mistake(cell.line, "more than one check in a cell; give each its own")
        if BEGIN in cell.text and not calls:
            pending.append(len(read))
        elif calls:
            if name not in registered:
                near = difflib.get_close_matches(name, registered, n=1)
                reading.mistake(
                    cell.line,
                    f"there is no exercise {name!r} in the checks of {slug!r}"
                    + (f"; did you mean {near[0]!r}?" if near else ""),
                )
            elif name in lines:
                reading.mistake(cell.line, f"{name!r} has been checked in line {lines[name]}")
            if not pending:
                reading.mistake(cell.line, f"no cell with {BEGIN} comes before this check")
            lines.setdefault(name, cell.line)
            short = name.partition(".")[2]
            for i in pending:
                read[i] = Cell("code", read[i].text, read[i].line, read[i].tags, short)
            pending.clear()
            cell = Cell("code", cell.text, cell.line, cell.tags, short, checked=True)
        read.append(cell)
    _unchecked(pending, read, reading)
    for name in registered:
        if name not in lines:
            reading.mistake(1, f"the exercise {name!r} is registered but nothing here checks it")
    if not reading.mistakes and list(lines) != registered:
        reading.mistake(1, f"exercises are in another order than their checks: {registered}")
    return read


def _unchecked(pending: list[int], read: Sequence[Cell], reading: _Reading) -> None:
    for i in pending:
        reading.mistake(read[i].line, "no check follows this solution in its section")
    pending.clear()


def _check_calls(code: str) -> list[str]:
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(solved(code)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def _headings(cells: Sequence[Cell]) -> Iterator[tuple[int, int, str]]:
    for cell in cells:
        if cell.kind == "markdown":
            for number, text in enumerate(cell.text.splitlines(), cell.line):
                if found := re.match(r"(#{1,6}) +(.*)", text):
                    yield number, len(found[1]), found[2]


def _sections(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The cells from one ``##`` to the next."""
    sections: list[list[Cell]] = [[]]
    for cell in cells:
        if cell.kind == "markdown" and cell.text.startswith("## "):
            sections.append([])
        sections[-1].append(cell)
    return sections


# --- making ---------------------------------------------------------------------------------------


def stripped(code: str) -> str:
    """``code`` with ``...``, or the lines after ``### STUB``, in place of each solution."""
    return "\n".join(_chosen(code, solution=False))


def solved(code: str) -> str:
    """``code`` with its solutions, without the marks."""
    return "\n".join(_chosen(code, solution=True))


def _chosen(code: str, *, solution: bool) -> Iterator[str]:
    part, written, indent = "given", False, ""
    for line in code.splitlines():
        mark = line.strip()
        if mark == BEGIN:
            part, written, indent = "solution", False, line[: -len(line.lstrip())]
        elif mark == STUB:
            part = "stub"
        elif mark == END:
            if not solution and not written:
                yield f"{indent}..."
            part = "given"
        elif part == "given" or (part == "solution" and solution):
            yield line
        elif part == "stub" and not solution:
            written = True
            yield line


def exercise_notebook(cells: Sequence[Cell], slug: str) -> Any:
    """The notebook that a learner fills in."""
    kept = [cell for cell in cells if "solution" not in cell.tags]
    end = [Cell("markdown", PROGRESS_TEXT, 1), Cell("code", PROGRESS_CODE, 1)]
    return _notebook([*kept, *end], slug, stripped)


def solution_notebook(cells: Sequence[Cell], slug: str) -> Any:
    """The notebook with the solutions, not executed yet."""
    kept = [cell for cell in cells if "exercise" not in cell.tags]
    notebook = _notebook(kept, slug, solved)
    notebook.cells[0].source = TITLE.sub("# Solutions: ", notebook.cells[0].source)
    return notebook


def _notebook(cells: Sequence[Cell], slug: str, code: Any) -> Any:
    v4 = _needed("nbformat.v4", "nbformat")
    made, used = [], dict[str, int]()
    section = "title"
    for cell in cells:
        if cell.kind == "markdown" and (heading := re.match(r"##+ +(.*)", cell.text)):
            section = heading[1]
        if cell.exercise:
            stem = f"{cell.exercise}-{'check' if cell.checked else 'answer'}"
        else:
            place = "/".join((slug, section, cell.kind, *cell.tags))
            stem = hashlib.sha256(place.encode()).hexdigest()[:12]
        used[stem] = used.get(stem, 0) + 1
        cell_id = stem if used[stem] == 1 else f"{stem}-{used[stem]}"
        new = v4.new_code_cell if cell.kind == "code" else v4.new_markdown_cell
        text = code(cell.text) if cell.kind == "code" else cell.text
        made.append(new(source=text, id=cell_id))
    return v4.new_notebook(cells=made, metadata=METADATA)


def execute(
    notebook: Any, cells: Sequence[Cell], name: str, folder: Path, state: str = "pass"
) -> None:
    """Run ``notebook`` in a fresh kernel and keep the outputs in it.

    Raises
    ------
    SourceError
        If a cell raises or a check does not come to ``state``.
    """
    nbclient = _needed("nbclient", "nbclient")
    client = nbclient.NotebookClient(
        notebook,
        config=local_sockets(),
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],  # its warnings would tear the progress line
    )
    lines = {cell.text: cell.line for cell in cells}
    lines |= {made(cell.text): cell.line for cell in cells for made in (solved, stripped)}
    with client.setup_kernel(env={**os.environ, **ENVIRONMENT}):
        show = shown_by_default() and sys.stderr.isatty()
        for i, cell in enumerate(Progress(notebook.cells, name, show=show)):
            where = f"{name}:{lines.get(cell.source, 1)}"
            try:
                client.execute_cell(cell, i)
            except nbclient.exceptions.CellExecutionError as error:
                raise SourceError([f"{where}: {error.ename}: {error.evalue}"]) from None
            except nbclient.exceptions.CellTimeoutError:
                text = f"{where}: still running after {CELL_SECONDS} s"
                raise SourceError([text]) from None
            cell.metadata.clear()
    for cell in notebook.cells:
        if cell.id.endswith("-check") and states(cell) != [state]:
            where = f"{name}:{lines.get(cell.source, 1)}"
            what = {
                "pass": "the solution does not pass",
                "not-attempted": "the untouched stub counts as an attempt",
            }
            raise SourceError([f"{where}: {what[state]}:\n{printed(cell)}"])


def states(cell: Any) -> list[str]:
    """What the checks in the outputs of ``cell`` say: ``pass``, ``fail``, ``not-attempted``."""
    cards = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
    return re.findall(r'class="cr-card" data-state="([a-z-]+)"', cards)


def printed(cell: Any) -> str:
    """The outputs of ``cell`` as plain text."""
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


# --- building -------------------------------------------------------------------------------------


def build(root: Path, slugs: Sequence[str] = ()) -> Iterator[str]:
    """Write the notebooks of ``slugs``, or of all sources; yields a line for each notebook.

    Notebooks are executed only if their source or the library has changed since they were last
    executed here: the solution for its outputs, the exercises to see that they run and that each
    stub counts as not attempted.

    Raises
    ------
    SourceError
        If a source has mistakes, its solution fails or one of its stubs does not; what is on disk
        stays as it is.
    FileNotFoundError
        If there is no such source.
    """
    for path in sources(root, slugs):
        slug, name = path.stem, f"solutions/{path.name}"
        cells = read_source(path, shown_as=name)
        exercise, solution = root / f"exercises/{slug}.ipynb", root / f"solutions/{slug}.ipynb"
        fresh = solution_notebook(cells, slug)
        stamps = _Stamps(root)
        if stamps.current(path) and solution.exists() and not _differences(fresh, solution, cells):
            yield f"solutions/{slug}.ipynb  up to date"
        else:
            execute(exercise_notebook(cells, slug), cells, name, root, "not-attempted")
            execute(fresh, cells, name, root)
            changed = _write(solution, fresh)
            stamps.renew(path)
            yield f"solutions/{slug}.ipynb  {'written' if changed else 'executed, unchanged'}"
        changed = _write(exercise, exercise_notebook(cells, slug))
        yield f"exercises/{slug}.ipynb  {'written' if changed else 'up to date'}"


def drift(root: Path, slugs: Sequence[str] = ()) -> Iterator[str]:
    """What in the notebooks is not what their sources say; nothing is executed or written.

    Outputs are compared by executing the solutions, which the tests do.

    Raises
    ------
    SourceError
        If a source has mistakes.
    FileNotFoundError
        If there is no such source.
    """
    found = sources(root, slugs)
    for path in found:
        slug = path.stem
        cells = read_source(path, shown_as=f"solutions/{path.name}")
        yield from _differences(
            exercise_notebook(cells, slug), root / f"exercises/{slug}.ipynb", cells
        )
        solution = root / f"solutions/{slug}.ipynb"
        yield from _differences(solution_notebook(cells, slug), solution, cells)
        if solution.exists():
            yield from _unexecuted(solution)
    if not slugs:
        known = {path.stem for path in found}
        for folder in ("exercises", "solutions"):
            for stray in sorted(root.glob(f"{folder}/*.ipynb")):
                if stray.stem not in known:
                    yield f"{folder}/{stray.name} has no source solutions/{stray.stem}.md"


def sources(root: Path, slugs: Sequence[str] = ()) -> list[Path]:
    """The sources below ``root``, or those of ``slugs``."""
    found = {path.stem: path for path in sorted(root.glob("solutions/*.md"))}
    if not found:
        raise FileNotFoundError(
            f"there is no solutions/*.md in {root}; run this in a checkout of the book"
        )
    missing = [slug for slug in slugs if slug not in found]
    if missing:
        raise FileNotFoundError(
            f"there is no solutions/{missing[0]}.md; there are: {', '.join(found)}"
        )
    return [found[slug] for slug in slugs] if slugs else list(found.values())


def _differences(fresh: Any, path: Path, cells: Sequence[Cell]) -> list[str]:
    """How the notebook in ``path`` differs from ``fresh``, outputs aside."""
    name = f"{path.parent.name}/{path.name}"
    if not path.exists():
        return [f"{name} is missing"]
    nbformat = _needed("nbformat", "nbformat")
    try:
        stored = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except Exception as error:
        return [f"{name} cannot be read: {error}"]
    if dict(stored.metadata) != METADATA:
        return [f"{name} has other metadata than a generated notebook"]
    if [cell.id for cell in stored.cells] != [cell.id for cell in fresh.cells]:
        known = {cell.id for cell in fresh.cells}
        strange = [cell.id for cell in stored.cells if cell.id not in known]
        what = f"an unknown cell {strange[0]}" if strange else "cells missing or in another order"
        return [f"{name} has {what}"]
    changed = []
    for old, new in zip(stored.cells, fresh.cells, strict=True):
        if old.source != new.source or old.cell_type != new.cell_type or old.metadata:
            diff = difflib.unified_diff(
                old.source.splitlines(),
                new.source.splitlines(),
                "stored",
                "source",
                lineterm="",
                n=1,
            )
            body = "\n".join(f"    {line}" for line in diff) or "    other metadata"
            changed.append(f"{name}, cell {new.id}, is not what its source says:\n{body}")
        if new.cell_type == "code" and path.parent.name == "exercises" and old.outputs:
            changed.append(f"{name}, cell {new.id}, has outputs; exercises are published empty")
    return changed


def _unexecuted(path: Path) -> Iterator[str]:
    nbformat = _needed("nbformat", "nbformat")
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = f"{path.parent.name}/{path.name}, cell {cell.id},"
        if cell.execution_count is None:
            yield f"{name} has not been executed"
        elif cell.id.endswith("-check") and states(cell) != ["pass"]:
            yield f"{name} does not say that the solution passes"


def _write(path: Path, notebook: Any) -> bool:
    """Write ``notebook``, unless the file holds it already."""
    text = _needed("nbformat", "nbformat").writes(notebook) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    files.replace(path, text)
    return True


class _Stamps:
    """Which source was executed here with which library. In ``.cache``, which git ignores."""

    def __init__(self, root: Path) -> None:
        self._path = root / ".cache" / "exercises.json"
        try:
            self._stamps: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._stamps = {}

    def current(self, source: Path) -> bool:
        return self._stamps.get(source.stem) == self._stamp(source)

    def renew(self, source: Path) -> None:
        self._stamps[source.stem] = self._stamp(source)
        files.replace(self._path, json.dumps(self._stamps, indent=1, sort_keys=True) + "\n")

    @staticmethod
    def _stamp(source: Path) -> str:
        library = Path(__file__).parent.parent
        digest = hashlib.sha256(np.__version__.encode())
        for path in [source, *sorted(library.rglob("*.py"))]:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


def _needed(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ModuleNotFoundError(
            f"exercise notebooks are made with {package}, which is not installed; "
            "install what authors need with: pip install 'chainrule[book]'"
        ) from None
