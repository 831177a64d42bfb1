"""Math rendered by KaTeX while the book is built; a formula KaTeX cannot parse is a warning.

sphinxcontrib-katex renders a formula with an error in red and goes on. Here the error becomes a
warning with the formula's place, so that a strict build fails.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinxcontrib import katex

from tools.katex_assets import assets_directory, node_binary

logger = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often to start KaTeX's server."""

PATIENCE_SECONDS = 60.0
"""How long a busy machine may take to start node, or to render one formula."""

Starter = Callable[[Path, float], Any]
Visitor = Callable[[Any, nodes.Element], None]


def strict(visit: Visitor) -> Visitor:
    """`visit`, with KaTeX's errors reported at the formula that causes them."""

    def visit_strictly(writer: Any, node: nodes.Element) -> None:
        opened = len(writer.body)
        try:
            visit(writer, node)
        except katex.KaTeXError as error:
            del writer.body[opened:]
            writer.body.append(f'<code class="katex-error">{escape(node.astext())}</code>')
            logger.warning("%s", error, location=node, type="katex")
            raise nodes.SkipNode from error

    return visit_strictly


def persistent(start: Starter) -> Starter:
    """`start`, tried again when the server was there but did not listen yet and refused."""

    def start_again(rundir: Path, timeout: float) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            directory = rundir / str(attempt)
            directory.mkdir()
            try:
                return start(directory, timeout)
            except ConnectionRefusedError:
                if attempt == ATTEMPTS:
                    raise

    return start_again


def add_assets(app: Sphinx, config: Config) -> None:
    config.html_static_path.append(str(assets_directory()))
    config.katex_css_path = "katex/katex.min.css"


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinxcontrib.katex")
    katex.NODEJS_BINARY = str(node_binary())
    katex.KaTeXServer.start_server_process = persistent(katex.KaTeXServer.start_server_process)
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = PATIENCE_SECONDS
    katex.KATEX_DEFAULT_OPTIONS = {"throwOnError": True, "strict": "error"}
    app.add_html_math_renderer(
        "strict_katex",
        inline_renderers=(strict(katex.html_visit_math), None),
        block_renderers=(strict(katex.html_visit_displaymath), None),
    )
    app.connect("config-inited", add_assets)
