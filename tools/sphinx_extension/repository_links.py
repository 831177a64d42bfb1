"""Links to the repository and the site's own address, where they are known."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from tools.addresses import repository, site_address
from tools.paths import ROOT

AFTER_THE_THEME = 510
"""The theme adds its buttons at 501."""

INCLUDED = {"changes": "CHANGELOG.md"}
"""Pages that only include another file."""


def add_addresses(app: Sphinx, config: Config) -> None:
    config.html_baseurl = site_address()
    known = repository()
    if known is not None:
        config.html_theme_options.update(
            repository_url=known.url,
            repository_branch=known.branch,
            repository_provider="github",
            use_repository_button=True,
            use_issues_button=True,
            use_edit_page_button=True,
        )


def edit_what_a_page_is_made_from(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Lead from a page that is generated to the file that a person writes."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("label") == "source-edit-button":
                known = repository()
                assert known is not None, "the button is there for a repository only"
                path = written_source(page, app.env.doc2path(page, base=False))
                button["url"] = f"{known.url}/edit/{known.branch}/{path}"


def written_source(page: str, file: str) -> str:
    """The file that holds the text of `page`, which Sphinx reads from `file`."""
    folder, _, name = page.rpartition("/")
    if folder in {"exercises", "solutions"}:
        return f"solutions/{name}.md"
    return INCLUDED.get(page, file)


def source_address(domain: str, info: dict[str, str]) -> str | None:
    """Where the source of a documented object stands in the repository (for the API pages)."""
    known = repository()
    if known is None or domain != "py":
        return None
    found: object = importlib.import_module(info["module"])
    for name in filter(None, info["fullname"].split(".")):
        found = getattr(found, name, None)
    try:
        target = inspect.unwrap(found) if callable(found) else found
        lines, first = inspect.getsourcelines(target)  # type: ignore[arg-type]
        path = Path(inspect.getsourcefile(target) or "")  # type: ignore[arg-type]
    except (TypeError, OSError):
        return None  # an attribute or a constant has no source of its own
    if not path.is_relative_to(ROOT):
        return None
    file = path.relative_to(ROOT).as_posix()
    return f"{known.url}/blob/{known.branch}/{file}#L{first}-L{first + len(lines) - 1}"


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinx.ext.linkcode")
    app.config.linkcode_resolve = source_address
    app.connect("config-inited", add_addresses)
    app.connect("html-page-context", edit_what_a_page_is_made_from, priority=AFTER_THE_THEME)
