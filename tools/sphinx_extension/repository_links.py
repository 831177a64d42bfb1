"""Buttons to the repository, and the site's own address, where they are known."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config

from tools.addresses import repository, site_address


def add_addresses(app: Sphinx, config: Config) -> None:
    config.html_baseurl = site_address()
    known = repository()
    if known is not None:
        config.html_theme_options.update(
            repository_url=known.url,
            repository_branch=known.branch,
            path_to_docs=".",
            repository_provider="github",
            use_repository_button=True,
            use_issues_button=True,
            use_edit_page_button=True,
        )


def setup(app: Sphinx) -> None:
    app.connect("config-inited", add_addresses, priority=100)
