"""What a page says of itself in its head and foot: a description, a picture, when it changed.

The description and the picture need the address of the site; without one they are left out. The
date is that of the last commit that changed the page or what it is made from. Where git does not
know it, as in a shallow clone or outside of a repository, there is no date.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config

from tools.addresses import site_address
from tools.social_card import ALTERNATIVE_TEXT, CARD, HEIGHT, WIDTH

WITHOUT_DATE = ["git.too_shallow", "git.subprocess_error", "git.command_not_found"]
"""Why a page may have no date: warnings that are no defects of the book."""


def configure(app: Sphinx, config: Config) -> None:
    config.html_last_updated_fmt = "%d %B %Y"
    config.git_last_updated_timezone = "UTC"
    config.suppress_warnings += WITHOUT_DATE
    address = site_address()
    if address:
        config.ogp_site_url = address
        config.ogp_site_name = config.html_title or config.project
        config.ogp_image = f"{address}_static/{CARD.name}"
        config.ogp_image_alt = ALTERNATIVE_TEXT
        config.ogp_social_cards = {"enable": False}
        config.ogp_custom_meta_tags = [
            f'<meta property="og:image:width" content="{WIDTH}" />',
            f'<meta property="og:image:height" content="{HEIGHT}" />',
            '<meta name="twitter:card" content="summary_large_image" />',
        ]


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinx_last_updated_by_git")
    if site_address():
        app.setup_extension("sphinxext.opengraph")
    # Before the extension's own handler of the same event, which reads the time zone.
    app.connect("config-inited", configure, priority=400)
