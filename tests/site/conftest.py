"""What the tests of the site share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.site.visitor import ARGUMENTS, Visitor
from tools.addresses import base_path
from tools.browser import HELP, find_browser
from tools.paths import HTML
from tools.serve import serving


@pytest.fixture
def site() -> Path:
    """The built site; tests that take it are marked `built` or `browser`."""
    if not (HTML / "index.html").exists():
        pytest.fail("There is no built book to look at: run make book first.")
    return HTML


@pytest.fixture
def small_site(tmp_path: Path) -> Callable[..., Path]:
    """Write a site of a few tiny pages: `small_site(index="<p>…</p>", other="…")`."""

    def write(**bodies: str) -> Path:
        for name, body in bodies.items():
            page = f"<!DOCTYPE html><html><body><main>{body}</main></body></html>"
            (tmp_path / f"{name}.html").write_text(page, "utf8")
        return tmp_path

    return write


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests that look at pages."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="make test-site installs it")
    executable = find_browser()
    if executable is None:
        pytest.fail(HELP)
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(executable), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the built site is served from while the tests run."""
    if not (HTML / "index.html").exists():
        pytest.fail("There is no built book to look at: run make book first.")
    with serving(HTML, range(8100, 8200), base=base_path()) as address:
        yield address


@pytest.fixture
def visitor(browser: Any, address: str) -> Iterator[Visitor]:
    """A tab of a wide window with the light theme."""
    tab = Visitor(browser, address, width="desktop", theme="light")
    yield tab
    tab.close()
