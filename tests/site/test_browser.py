"""Every page in Chromium: two widths, two themes, no error, no request to anywhere else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.browser import HELP, find_browser
from tools.check_pages import pages
from tools.paths import HTML
from tools.serve import server

pytestmark = pytest.mark.browser

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]

FACTS = """() => ({
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    unrendered: [...document.querySelectorAll('.math')]
        .filter(math => !math.querySelector('.katex')).length,
    errors: document.querySelectorAll('.katex-error').length,
    theme: document.documentElement.dataset.theme,
    font: !document.querySelector('.katex') || document.fonts.check('16px KaTeX_Main'),
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="make test-site installs it")
    executable = find_browser()
    if executable is None:
        pytest.fail(HELP)
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(executable), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the built site is served from while the tests run."""
    if not (HTML / "index.html").exists():
        pytest.fail("There is no built book to look at: run make book first.")
    running = server(HTML, range(8100, 8200))
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/"
    running.shutdown()
    thread.join()
    running.server_close()


class Visitor:
    """A browser tab that notes everything that goes wrong."""

    def __init__(self, browser: Any, address: str, *, width: str, theme: str) -> None:
        across, down = WIDTHS[width]
        self.address = address
        self.problems: list[str] = []
        self.context = browser.new_context(
            viewport={"width": across, "height": down},
            color_scheme=theme,
            is_mobile=width == "phone",
        )
        self.tab = self.context.new_page()
        self.tab.on("console", self._console)
        self.tab.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.tab.on("requestfailed", self._failed)
        self.tab.on("request", self._request)
        self.tab.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # given up because the next page was opened
            self.problems.append(f"failed: {request.url} ({request.failure})")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"asks another host: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def visit(self, page: str) -> dict[str, Any]:
        self.tab.goto(self.address + page, wait_until="load")
        self.tab.evaluate("document.fonts.ready")
        return self.tab.evaluate(FACTS)

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def visitor(browser: Any, address: str) -> Iterator[Visitor]:
    tab = Visitor(browser, address, width="desktop", theme="light")
    yield tab
    tab.close()


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
