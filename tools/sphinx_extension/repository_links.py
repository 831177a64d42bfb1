"""Links to the repository and the site's own address, where they are known."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from tools.addresses import repository, site_address
from tools.paths import ROOT


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
