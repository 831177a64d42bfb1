"""The part of `tools` that Sphinx loads (`local_extensions` in `_config.yml`)."""

from __future__ import annotations

import gc
from typing import Any

from sphinx.application import Sphinx

from tools.sphinx_extension import (
    citation,
    execution,
    gradient_formulas,
    incremental,
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
    incremental,
    interactive,
    launch_buttons,
    math,
    notebooks,
    page_head,
    repository_links,
    sharing,
    solutions,
)


OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""Each build loads the trees of all pages again. Looking for garbage meanwhile, at Python's usual
pace, finds none and takes four fifths of the time."""


def setup(app: Sphinx) -> dict[str, Any]:
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    for topic in TOPICS:
        topic.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
