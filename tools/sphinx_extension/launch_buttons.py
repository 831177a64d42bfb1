"""The menu behind the rocket: where a page can be run, and its notebook to keep.

No button leads nowhere. Where the repository is unknown, and where the notebooks committed to it
belong to another site (a fork that has not made its own yet), what the site itself has is left: the
notebook to download, and to run in the browser.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from tools.addresses import repository
from tools.launched import COMMITTED, LITE, launchable
from tools.sphinx_extension.notebooks import names

AFTER_THE_THEME = 510
"""The theme makes the list of buttons at 500 and fills it at 501."""

Button = dict[str, str]


def button(text: str, tooltip: str, icon: str, url: str) -> Button:
    return {"type": "link", "text": text, "tooltip": tooltip, "icon": icon, "url": url}


def hosted(path: str) -> list[Button]:
    """Services that open the notebook `path` of the repository."""
    known = repository()
    if known is None or not launchable():
        return []
    place = f"{known.owner}/{known.name}"
    return [
        button(
            "Open in Colab",
            "Run this page on Google's machines; needs an account there",
            "_static/images/logo_colab.png",
            f"https://colab.research.google.com/github/{place}/blob/{known.branch}/{path}",
        ),
        button(
            "Open in Binder",
            "Run this page on a public server; takes some minutes to start, needs no account",
            "_static/images/logo_binder.svg",
            f"https://mybinder.org/v2/gh/{place}/{known.branch}?urlpath=lab/tree/{path}",
        ),
    ]


def add_buttons(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if page not in names() or "header_buttons" not in context:
        return
    path = f"{COMMITTED.name}/{page}.ipynb"
    in_browser = f"{LITE}/notebooks/index.html"
    buttons = [
        button(
            "Run in your browser",
            "Run this page on your own machine, in this browser; needs no account",
            "fas fa-play",
            f"{context['pathto'](in_browser, 1)}?path={page}.ipynb",
        ),
        *hosted(path),
        button(
            "Download notebook",
            "This page as a notebook for Jupyter",
            "fas fa-download",
            context["pathto"](path, 1),
        ),
    ]
    context["header_buttons"].append(
        {
            "type": "group",
            "tooltip": "Run this page",
            "icon": "fas fa-rocket",
            "buttons": buttons,
            "label": "launch-buttons",
        }
    )


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_buttons, priority=AFTER_THE_THEME)
