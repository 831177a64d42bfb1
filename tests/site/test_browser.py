"""Every page in Chromium: two widths, two themes, no error, no request to anywhere else, and
nothing that axe-core has against it (WCAG 2.2 A and AA, and best practices)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.site.visitor import WIDTHS, Visitor
from tools.addresses import site_address
from tools.check_pages import pages
from tools.paths import HTML
from tools.serve import serving

pytestmark = pytest.mark.browser

THEMES = ("light", "dark")


def site_pages() -> list[str]:
    return [page.relative_to(HTML).as_posix() for page in pages(HTML)]


@pytest.fixture(scope="module")
def tab_of(browser: Any, address: str) -> Iterator[Callable[[str, str], Visitor]]:
    """The tab of a width and a theme, one for all pages."""
    tabs: dict[tuple[str, str], Visitor] = {}

    def tab(width: str, theme: str) -> Visitor:
        if (width, theme) not in tabs:
            tabs[width, theme] = Visitor(browser, address, width=width, theme=theme)
        return tabs[width, theme]

    yield tab
    for opened in tabs.values():
        opened.close()


@pytest.mark.parametrize("page", site_pages())
def test_page(tab_of: Callable[[str, str], Visitor], page: str) -> None:
    found = []
    for width, theme in product(WIDTHS, THEMES):
        tab = tab_of(width, theme)
        tab.problems.clear()
        facts = tab.visit(page)
        if facts["overflow"] > 0:
            tab.problems.append(f"{facts['overflow']} px wider than the window")
        if facts["unrendered"] or facts["errors"] or not facts["font"]:
            tab.problems.append(f"math is not rendered: {facts}")
        if facts["theme"] != theme:
            tab.problems.append(f"the theme is {facts['theme']}")
        if theme == THEMES[0]:
            tab.problems += tab.torn()
        if width == "phone" and theme == THEMES[0]:
            tab.problems += tab.cut() + tab.stuck()
        tab.problems += tab.violations(colors_only=theme != THEMES[0])
        found += [f"{width}, {theme}: {problem}" for problem in tab.problems]
    assert not found, "\n".join(found)


def test_there_are_pages_to_look_at(site: Path) -> None:
    assert len(site_pages()) > 30


@pytest.mark.parametrize("page", [page for page in site_pages() if page != "404.html"])
def test_page_from_a_folder(folder_tab: Visitor, page: str) -> None:
    folder_tab.problems.clear()
    facts = folder_tab.visit(page)
    assert facts["font"], "math has no fonts"
    assert folder_tab.problems == []


@pytest.fixture(scope="module")
def folder_tab(browser: Any) -> Iterator[Visitor]:
    """A tab for the site in its folder, without a server."""
    tab = Visitor(browser, f"{HTML.as_uri()}/", width="desktop", theme="light")
    yield tab
    tab.close()


def test_the_theme_button_goes_round_the_themes(visitor: Visitor) -> None:
    visitor.visit("index.html")
    seen = set()
    for _ in range(3):
        visitor.tab.locator(".theme-switch-button:visible").first.click()
        seen.add(visitor.tab.evaluate("document.documentElement.dataset.mode"))
    assert seen == {"auto", "light", "dark"}
    assert visitor.problems == []


SEARCHES = {  # a word, and the page that has it: in a chapter, in the reference, in a title
    "certificate": "chapters/why-neural-networks.html",
    "label_smoothing": "api/",
    "affine": "chapters/affine-layers.html",
}


@pytest.mark.parametrize("words", SEARCHES)
@pytest.mark.parametrize("place", ["server", "folder"])
def test_search_finds(browser: Any, address: str, place: str, words: str) -> None:
    root = address if place == "server" else f"{HTML.as_uri()}/"
    tab = Visitor(browser, root, width="desktop", theme="light")
    tab.visit("index.html")
    tab.tab.keyboard.press("Control+k")
    tab.tab.keyboard.type(words)
    tab.tab.keyboard.press("Enter")
    result = tab.tab.locator(f"#search-results li a[href*='{SEARCHES[words]}']").first
    result.click()
    tab.tab.wait_for_url(f"{root}{SEARCHES[words]}*")
    assert words in tab.tab.locator("article").inner_text().lower()
    tab.close()
    assert tab.problems == []


def test_a_missing_page_leads_back(browser: Any, address: str) -> None:
    tab = Visitor(browser, address, width="desktop", theme="light")
    # Links are right at every depth only where the address of the site is known.
    tab.visit("no/such/page.html" if site_address() else "no-such-page.html")
    tab.tab.get_by_role("main").get_by_role("link", name="front page").click()
    tab.tab.wait_for_url(f"{address}index.html")
    tab.close()
    assert len(tab.problems) == 2, tab.problems  # the answer, and the console that speaks of it
    assert all("404" in problem for problem in tab.problems)


FAULTS = {
    "a script that throws": ("<script>throw new Error('x')</script>", "script error"),
    "a console error": ("<script>console.error('x')</script>", "console"),
    "a refused connection": ('<script src="http://127.0.0.1:9/x.js"></script>', "failed"),
    "a missing file": ('<img src="gone.png" alt="x">', "404"),
    "another host": ('<img src="http://127.0.0.1:9/x.png" alt="x">', "asks another host"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_visitor_notices(browser: Any, tmp_path: Path, fault: str) -> None:
    body, sign = FAULTS[fault]
    (tmp_path / "index.html").write_text(f"<!DOCTYPE html><title>x</title>{body}", "utf8")
    with serving(tmp_path, range(8200, 8300)) as address:
        tab = Visitor(browser, address, width="phone", theme="light")
        tab.visit("index.html")
        tab.close()
    assert any(problem.startswith(sign) for problem in tab.problems), tab.problems


def test_the_facts_notice_a_wide_page_and_raw_math(browser: Any, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<!DOCTYPE html><meta name="viewport" content="width=device-width">'
        '<div style="width: 900px">x</div><span class="math">x^2</span>',
        "utf8",
    )
    tab = Visitor(browser, "file://", width="phone", theme="light")
    facts = tab.visit(str(page))
    tab.close()
    assert facts["overflow"] > 500
    assert facts["unrendered"] == 1


@pytest.mark.parametrize(("style", "torn"), [("", ["y"]), ("white-space: nowrap", [])])
def test_a_comma_on_a_line_of_its_own_is_found(
    browser: Any, tmp_path: Path, style: str, torn: list[str]
) -> None:
    page = tmp_path / "index.html"
    piece = '<span class="base" style="display: inline-block; width: 5ch">y</span>'
    formula = (
        '<span class="math"><span class="katex"><annotation hidden>y</annotation>'
        f'<span class="katex-html">{piece}</span></span></span>'
    )
    page.write_text(
        '<!DOCTYPE html><title>A page</title><article style="font: 16px monospace; width: 10ch">'
        f'<p>four <span style="{style}">{formula},</span> and then more</p>'
        f"<p>{formula}, and then more</p></article>",
        "utf8",
    )
    tab = Visitor(browser, "file://", width="phone", theme="light")
    tab.visit(str(page))
    found = tab.torn()
    tab.close()
    assert found == [f"torn from its text: {formula}" for formula in torn]


@pytest.mark.parametrize(("style", "cut"), [("", True), ("position: sticky; width: 90px", False)])
def test_a_caption_that_is_cut_is_found(
    browser: Any, tmp_path: Path, style: str, cut: bool
) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<!DOCTYPE html><title>A page</title><article><div class="text_html" style="width: 100px; '
        f'overflow: auto"><table style="width: 300px"><caption style="{style}">The losses'
        "</caption><tr><td>1</td></tr></table></div></article>",
        "utf8",
    )
    tab = Visitor(browser, "file://", width="phone", theme="light")
    tab.visit(str(page))
    found = tab.cut()
    tab.close()
    assert found == (["wider than the page: The losses"] if cut else [])


@pytest.mark.parametrize("reachable", [True, False])
def test_wide_code_moves_by_key(browser: Any, tmp_path: Path, reachable: bool) -> None:
    page = tmp_path / "index.html"
    style = "width: 100px; overflow: auto"
    index = 0 if reachable else -1
    page.write_text(
        '<!DOCTYPE html><html lang="en"><title>A page</title><article>'
        f'<pre tabindex="{index}" style="{style}{"" if reachable else "; display: none"}">'
        f"{'a long line of code ' * 5}</pre>"
        f'<div style="{style}" {"tabindex=0" if reachable else "inert"}>'
        '<div style="width: 300px">A table</div></div></article></html>',
        "utf8",
    )
    tab = Visitor(browser, "file://", width="phone", theme="light")
    tab.visit(str(page))
    found = tab.stuck()
    tab.close()
    assert found == ([] if reachable else ["no key moves div."])


BARRIERS = {
    "image-alt": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "color-contrast": '<p style="color: #aaa; background: #fff">Hardly to be seen</p>',
    "label": '<input type="range" style="width: 100px; height: 30px">',
    "scrollable-region-focusable": (
        '<pre style="width: 100px; overflow: auto">' + "a long line of code " * 5 + "</pre>"
    ),
    "heading-order": "<h3>Two levels below</h3>",
}


@pytest.mark.parametrize("rule", BARRIERS)
def test_the_barrier_is_found(browser: Any, tmp_path: Path, rule: str) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<!DOCTYPE html><html lang="en"><title>A page</title>'
        f"<main><h1>A page</h1><p>Black on white.</p>{BARRIERS[rule]}</main></html>",
        "utf8",
    )
    tab = Visitor(browser, "file://", width="desktop", theme="light")
    tab.visit(str(page))
    found = tab.violations()
    tab.close()
    assert [problem.partition(":")[0] for problem in found] == [rule]


def test_each_look_of_a_text_is_checked_once(browser: Any, tmp_path: Path) -> None:
    faint = '<span style="color: #aaa">faint</span> '
    page = tmp_path / "index.html"
    page.write_text(
        '<!DOCTYPE html><html lang="en"><title>A page</title><main style="background: #fff">'
        f'<h1>A page</h1><p>{faint * 30}</p><p style="background: #bbb">{faint}</p></main></html>',
        "utf8",
    )
    tab = Visitor(browser, "file://", width="desktop", theme="light")
    tab.visit(str(page))
    found = tab.violations()
    tab.close()
    assert len(found) == 2, found
