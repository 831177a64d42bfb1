"""The table of contents, the chapters and the exercises belong together."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from myst_nb.core.read import is_myst_markdown_notebook

from chainrule.proofs import CASES
from tools.contents import executed_pages, pages
from tools.paths import ROOT

CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))
EXECUTED = [ROOT / "index.md", *CHAPTERS, ROOT / "api/plotting.md"]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_chapter_and_every_exercise_set_is_in_the_table_of_contents() -> None:
    written = {*CHAPTERS, *(ROOT / "exercises").glob("*.ipynb"), *(ROOT / "api").glob("*.md")}
    assert CHAPTERS
    assert written <= set(pages())


def test_no_page_is_in_the_table_of_contents_twice() -> None:
    assert len(pages()) == len(set(pages()))


def test_a_missing_page_is_named(tmp_path: Path) -> None:
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n", "utf8")
    with pytest.raises(FileNotFoundError, match="names index"):
        pages(tmp_path)


def test_the_front_page_every_chapter_and_the_figures_of_the_reference_execute() -> None:
    assert {*EXECUTED} == set(executed_pages())


def test_the_ledger_links_to_the_chapters_that_are_written() -> None:
    (stated,) = re.findall(
        r"^WRITTEN = (\{.*?\})", (ROOT / "chapters/proofs.md").read_text("utf8"), re.M | re.S
    )
    derived = {case.chapter for case in CASES.values()}
    assert ast.literal_eval(stated) == derived & {path.stem for path in CHAPTERS}


@pytest.mark.parametrize("chapter", EXECUTED, ids=name)
def test_front_matter_makes_the_page_a_notebook(chapter: Path) -> None:
    text = chapter.read_text("utf8")
    assert is_myst_markdown_notebook(text)
    front_matter = yaml.safe_load(text.split("---\n")[1])
    assert front_matter["jupytext"]["text_representation"]["extension"] == ".md"
    assert front_matter["jupytext"]["text_representation"]["format_name"] == "myst"
    assert front_matter["kernelspec"]["name"] == "python3"


def test_an_exercise_set_has_a_chapter_a_source_and_a_solution_of_its_name() -> None:
    slugs = {path.stem for path in (ROOT / "exercises").glob("*.ipynb")}
    assert slugs
    assert slugs == {path.stem for path in (ROOT / "solutions").glob("*.md")}
    assert slugs == {path.stem for path in (ROOT / "solutions").glob("*.ipynb")}
    assert slugs <= {path.stem for path in CHAPTERS}
