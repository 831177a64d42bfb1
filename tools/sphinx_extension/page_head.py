"""The scripts and styles of a page: each once, and Thebe not at all.

Jupyter Book loads Thebe on every page, from another host on a click, and twice, at which the page
throws. It offers no setting against that.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

AFTER_EVERY_OTHER_HANDLER = 900


def is_thebe(asset: Any) -> bool:
    """Whether a script or style sheet of the page context belongs to Thebe."""
    name = str(getattr(asset, "filename", asset) or "")
    body = str(getattr(asset, "attributes", {}).get("body", "") or "")
    return "sphinx-thebe" in name or "THEBE_JS_URL" in body


def tidy(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    for kind in ("script_files", "css_files"):
        kept: dict[tuple[str, str], Any] = {}
        for asset in context.get(kind, []):
            name = str(getattr(asset, "filename", asset) or "")
            body = str(getattr(asset, "attributes", {}).get("body", "") or "")
            if not is_thebe(asset):
                kept.setdefault((name, body), asset)
        context[kind][:] = kept.values()


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", tidy, priority=AFTER_EVERY_OTHER_HANDLER)
