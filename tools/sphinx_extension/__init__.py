"""The part of `tools` that Sphinx loads (`local_extensions` in `_config.yml`)."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from tools.sphinx_extension import (
    citation,
    execution,
    gradient_formulas,
    interactive,
    launch_buttons,
    math,
    notebooks,
    page_head,
    repository_links,
    sharing,
    solutions,
)

TOPICS = (
    citation,
    execution,
    gradient_formulas,
    interactive,
    launch_buttons,
    math,
    notebooks,
    page_head,
    repository_links,
    sharing,
    solutions,
)


def setup(app: Sphinx) -> dict[str, Any]:
    for topic in TOPICS:
        topic.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
