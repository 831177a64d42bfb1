"""The built pages pass every check, and the reference leaves nothing public out."""

from __future__ import annotations

import importlib
import pkgutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import chainrule
from tools import check_pages
from tools.contents import config, pages
from tools.paths import ROOT

pytestmark = pytest.mark.built


@pytest.mark.parametrize("name", check_pages.CHECKS)
def test_check(site: Path, name: str) -> None:
    check: Callable[[Path], list[str]] = check_pages.CHECKS[name]
    problems = check(site)
    assert not problems, "\n".join(problems)


def test_every_page_of_the_table_of_contents_is_built(site: Path) -> None:
    missing = [
        page
        for page in pages()
        if not (site / page.relative_to(ROOT)).with_suffix(".html").exists()
    ]
    assert missing == []


def test_every_character_of_a_formula_has_its_glyph(site: Path) -> None:
    shown = {
        character
        for page in check_pages.pages(site)
        for formula in check_pages.parsed(page).select(".katex-html")
        for character in formula.get_text()
    }
    drawn = set()
    for path in (site / "_static/katex/fonts").glob("*.woff2"):
        with TTFont(path) as font:
            drawn |= set(map(chr, font.getBestCmap()))
    assert "∂" in shown
    assert {c for c in shown - drawn if not unicodedata.category(c).startswith(("C", "Z"))} == set()


def test_solutions_are_one_click_behind_their_exercises(site: Path) -> None:
    published = config()["sphinx"]["config"]["book_solutions"]
    exercises = sorted((site / "exercises").glob("*.html"))
    assert exercises
    for page in exercises:
        link = f"../solutions/{page.name}"
        assert (site / "solutions" / page.name).exists() == published
        assert (link in page.read_text("utf8")) == published


OTHERS_OF_THE_REFERENCE = {"index", "speed", "status"}
MODULES = [
    page
    for page in pages()
    if page.parent.name == "api" and page.stem not in OTHERS_OF_THE_REFERENCE
]


def test_the_index_of_the_reference_lists_every_module(site: Path) -> None:
    listed = (site / "api/index.html").read_text("utf8")
    assert [page.stem for page in MODULES if f"{page.stem}.html" not in listed] == []


@pytest.mark.parametrize("page", MODULES, ids=lambda path: path.stem)
def test_the_reference_has_every_public_name(site: Path, page: Path) -> None:
    module = importlib.import_module(f"chainrule.{page.stem}")
    public = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and callable(value)
        and getattr(value, "__module__", "") == module.__name__
    ]
    anchors = check_pages.anchors(site / "api" / f"{page.stem}.html")
    documented = [name for name in public if callable(getattr(module, name))]
    assert documented
    missing = [name for name in documented if f"{module.__name__}.{name}" not in anchors]
    assert missing == []


def test_the_page_on_self_grading_shows_what_its_text_says(site: Path) -> None:
    page = check_pages.content(site / "chapters/how-to-use.html")
    cards = page.select(".cr-card")
    assert [card["data-state"] for card in cards] == ["fail", "pass"]
    assert "average over the batch" in " ".join(cards[0].get_text().split())


def test_every_module_of_the_library_is_in_the_reference(site: Path) -> None:
    modules = {module.name for module in pkgutil.iter_modules(chainrule.__path__)}
    anchors = set().union(*(check_pages.anchors(page) for page in (site / "api").glob("*.html")))
    missing = {name for name in modules if f"module-chainrule.{name}" not in anchors}
    assert missing == {"cli", "arguments"}  # a command, and what all others share: no interface
