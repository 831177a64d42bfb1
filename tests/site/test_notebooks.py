"""The committed notebooks: when they are stale, whose address they have, what the site serves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chainrule.grading.grader.magics import without_magics
from tools import launched, notebooks
from tools.launched import UNPUBLISHED
from tools.notebook_cells import Cells, set_up

HERE, ELSEWHERE = "https://ada.github.io/book/", "https://grace.github.io/book/"


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of `notebooks/`."""
    monkeypatch.setattr(notebooks, "COMMITTED", tmp_path)
    monkeypatch.setattr(notebooks, "ADDRESS", tmp_path / "address.txt")
    monkeypatch.setattr(launched, "ADDRESS", tmp_path / "address.txt")
    return tmp_path


@pytest.fixture
def run(committed: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command with a book of one page, in a repository that is published at `site`."""

    def command(*arguments: str, site: str = "", page: str = "Losses") -> str:
        monkeypatch.setattr(notebooks, "build", lambda: None)
        monkeypatch.setattr(notebooks, "site_address", lambda: site)
        monkeypatch.setattr(notebooks, "notebooks", lambda at: {"chapters/a.ipynb": f"{page} {at}"})
        monkeypatch.setattr(notebooks.sys, "argv", ["tools.notebooks", *arguments])
        notebooks.main()
        file = committed / "chapters" / "a.ipynb"
        return file.read_text("utf8").partition(" ")[2]

    return command


def test_notebooks_without_a_site_take_the_first_that_is_known(run: Any) -> None:
    assert run() == UNPUBLISHED
    assert run(site=HERE) == HERE


def test_a_fork_changes_no_address_unless_it_is_told_to(run: Any) -> None:
    run(site=HERE)
    assert run(site=ELSEWHERE) == HERE
    run("--check", site=ELSEWHERE)
    assert run("--here", site=ELSEWHERE) == ELSEWHERE
    run("--check", site=ELSEWHERE)


def test_an_address_that_nobody_knows_is_not_made_up(run: Any) -> None:
    with pytest.raises(SystemExit, match="git remote"):
        run("--here")


def test_the_check_names_what_is_stale_and_what_to_do(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="make notebooks"):
        run("--check")
    assert "a.ipynb is missing" in capsys.readouterr().err
    run()
    run("--check")
    with pytest.raises(SystemExit, match="make notebooks"):
        run("--check", page="Gains")
    assert "a.ipynb is stale from line 1 on" in capsys.readouterr().err


def test_what_belongs_to_no_page_goes(run: Any, committed: Path) -> None:
    old = committed / "chapters" / "old.ipynb"
    old.parent.mkdir()
    old.touch()
    with pytest.raises(SystemExit):
        run("--check")
    run()
    assert not old.exists()


def test_only_what_differs_is_written(run: Any, committed: Path) -> None:
    run()
    file = committed / "chapters" / "a.ipynb"
    before = file.stat().st_mtime_ns
    run()
    assert file.stat().st_mtime_ns == before


def test_the_library_comes_from_the_site_where_it_is_missing() -> None:
    code = set_up(extra="[chapters]")
    assert code.count(f"{UNPUBLISHED}lib/chainrule-") == 1
    as_graded, left_out = without_magics(code)
    compile(as_graded, "the grader runs it too", "exec")
    assert len(left_out) == 1


def test_cells_keep_their_names_when_another_section_grows() -> None:
    def ids(*first: str) -> list[str]:
        cells = Cells("chapters/a", is_exercise=False)
        cells.begin("# First", "first")
        for code in first:
            cells.add_code(code, [])
        cells.begin("## Second", "second")
        cells.add_code("y", ["hide-input"])
        return [cell["id"] for cell in json.loads(cells.serialized("A"))["cells"]]

    assert ids("x")[-2:] == ids("x", "z")[-2:]
    assert len(set(ids("x", "z"))) == 5


def test_an_answer_keeps_its_name() -> None:
    cells = Cells("exercises/a", is_exercise=True)
    cells.begin("# A", "a")
    cells.add_code("...", [], "double-answer")
    assert [cell["id"] for cell in cells.cells][-1] == "double-answer"
