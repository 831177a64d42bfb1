"""Two builds are compared in every byte, and two executions in every output."""

from __future__ import annotations

from pathlib import Path

import nbformat.v4 as nbf
import pytest

from tools.paths import ROOT
from tools.reproduce import MEASURED, different_cells, different_files, unexplained


def test_files_that_differ_in_a_byte_or_are_in_one_site_only_are_found(tmp_path: Path) -> None:
    for name, text in (("one", "a"), ("other", "b")):
        (tmp_path / name / "chapters").mkdir(parents=True)
        (tmp_path / name / "same.html").write_text("same", "utf8")
        (tmp_path / name / "chapters/page.html").write_text(text, "utf8")
        (tmp_path / name / f"{name}.html").write_text("same", "utf8")
    found = different_files(tmp_path / "one", tmp_path / "other")
    assert found == ["chapters/page.html", "one.html", "other.html"]
    assert different_files(tmp_path / "one", tmp_path / "one") == []


def test_a_cell_that_returns_something_else_is_found() -> None:
    def executed(text: str) -> nbf.nbbase.NotebookNode:
        output = nbf.new_output("stream", text=text)
        cells = [nbf.new_markdown_cell("text"), nbf.new_code_cell("1"), nbf.new_code_cell("f()")]
        cells[2].outputs = [output]
        return nbf.new_notebook(cells=cells)

    assert list(different_cells(executed("1"), executed("2"))) == ["f()"]
    assert list(different_cells(executed("1"), executed("1"))) == []


def test_only_measurements_may_differ() -> None:
    measured = MEASURED[0]
    known, page = (measured.page, f"x\n{measured.cell}\ny"), measured.page
    others = [(page, "another cell"), ("chapters/other.md", known[1])]
    assert unexplained([known, *others]) == others


@pytest.mark.parametrize("measured", MEASURED, ids=lambda measured: measured.cell[:20])
def test_every_exception_is_of_a_cell_that_there_is(measured: object) -> None:
    text = (ROOT / measured.page).read_text("utf8")  # type: ignore[attr-defined]
    assert measured.cell in text  # type: ignore[attr-defined]
    assert measured.reason  # type: ignore[attr-defined]
