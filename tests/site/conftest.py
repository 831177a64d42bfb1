"""What the tests of the site share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.paths import HTML


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
