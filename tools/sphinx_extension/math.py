"""Math rendered by KaTeX while the book is built; a formula KaTeX cannot parse is a warning.

sphinxcontrib-katex renders a formula with an error in red and goes on. Here the error becomes a
warning with the formula's place, so that a strict build fails.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinxcontrib import katex

from tools.katex_assets import assets_directory
from tools.npm import node_binary

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.01
"""How long to wait before asking again whether the server listens."""

PATIENCE_SECONDS = 60.0
"""How long a busy machine may take to start node, or to render one formula."""

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


def start_server(rundir: Path, timeout: float) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start KaTeX's server and connect to it, however long it takes to listen.

    In place of sphinxcontrib-katex's own, which connects as soon as the socket's file is there: on
    a busy machine the server may not listen on it yet, and refuses.
    """
    path = rundir / "katex.sock"
    command = katex.KaTeXServer.build_command(socket=path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=rundir)
    deadline = time.monotonic() + timeout
    while process.poll() is None and time.monotonic() < deadline:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            time.sleep(RETRY_SECONDS)
        else:
            return process, connection
    process.kill()
    process.communicate()
    raise katex.KaTeXServer.timeout_error(timeout)


def add_assets(app: Sphinx, config: Config) -> None:
    config.html_static_path.append(str(assets_directory()))
    config.katex_css_path = "katex/katex.min.css"


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinxcontrib.katex")
    katex.NODEJS_BINARY = str(node_binary())
    katex.KaTeXServer.start_server_process = start_server
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = PATIENCE_SECONDS
    katex.KATEX_DEFAULT_OPTIONS = {"throwOnError": True, "strict": "error"}
    app.add_html_math_renderer(
        "strict_katex",
        inline_renderers=(strict(katex.html_visit_math), None),
        block_renderers=(strict(katex.html_visit_displaymath), None),
    )
    app.connect("config-inited", add_assets)
