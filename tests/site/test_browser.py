"""Every page in Chromium: two widths, two themes, no error, no request to anywhere else, and
nothing that axe-core has against it (WCAG 2.2 A and AA, and best practices)."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.site.visitor import WIDTHS, Visitor
from tools.check_pages import pages
from tools.paths import HTML
from tools.serve import server

pytestmark = pytest.mark.browser


def site_pages() -> list[str]:
    return [page.relative_to(HTML).as_posix() for page in pages(HTML)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page(browser: Any, address: str, width: str, theme: str) -> None:
    tab = Visitor(browser, address, width=width, theme=theme)
    found = []
    for page in site_pages():
        facts = tab.visit(page)
        if facts["overflow"] > 0:
            tab.problems.append(f"{facts['overflow']} px wider than the window")
        if facts["unrendered"] or facts["errors"] or not facts["font"]:
            tab.problems.append(f"math is not rendered: {facts}")
        if facts["theme"] != theme:
            tab.problems.append(f"the theme is {facts['theme']}")
        found += [f"{page}: {problem}" for problem in tab.problems]
        tab.problems.clear()
    tab.close()
    assert not found, "\n".join(found)


def test_every_page_works_from_a_folder(browser: Any) -> None:
    tab = Visitor(browser, "file://", width="desktop", theme="light")
    found = []
    for page in pages(HTML):
        facts = tab.visit(page.as_posix())
        if not facts["font"]:
            tab.problems.append("math has no fonts")
        found += [f"{page.name}: {problem}" for problem in tab.problems]
        tab.problems.clear()
    tab.close()
    assert not found, "\n".join(found)


def test_the_theme_button_goes_round_the_themes(visitor: Visitor) -> None:
    visitor.visit("index.html")
    seen = set()
    for _ in range(3):
        visitor.tab.locator(".theme-switch-button:visible").first.click()
        seen.add(visitor.tab.evaluate("document.documentElement.dataset.mode"))
    assert seen == {"auto", "light", "dark"}
    assert visitor.problems == []


def test_search_finds_the_chapter(visitor: Visitor) -> None:
    visitor.visit("index.html")
    visitor.tab.keyboard.press("Control+k")
    visitor.tab.keyboard.type("affine")
    visitor.tab.keyboard.press("Enter")
    result = visitor.tab.locator("#search-results li a", has_text="Affine layers").first
    result.wait_for()
    result.click()
    visitor.tab.wait_for_url("**/chapters/affine-layers.html*")
    assert visitor.problems == []


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
    running = server(tmp_path, range(8200, 8300))
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    tab = Visitor(browser, f"http://127.0.0.1:{running.server_port}/", width="phone", theme="light")
    tab.visit("index.html")
    tab.close()
    running.shutdown()
    thread.join()
    running.server_close()
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
    assert facts["overflow"] > 0 or facts["unrendered"] == 1
    assert facts["unrendered"] == 1


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
