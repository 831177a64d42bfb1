"""Math rendered by KaTeX while the book is built; a formula KaTeX cannot parse is a warning.

sphinxcontrib-katex renders a formula with an error in red and goes on. Here the error becomes a
warning with the formula's place, so that a strict build fails.

A browser may break a line before and after each piece of a formula, even before a comma. In a text
a formula therefore breaks only where KaTeX lets it, and what touches it stays with it.
"""

from __future__ import annotations

import re
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

TOUCHING = {-1: re.compile(r"(\w+|[^\w\s]+)\Z"), 1: re.compile(r"\A(\w+|[^\w\s]+)")}
"""What touches a formula in the text before and after it: a bracket, a comma, part of a word."""

BETWEEN_PIECES = '</span><span class="base">'
BREAKABLE = '</span><wbr><span class="base">'
"""The place where KaTeX lets a formula break, and the same with a sign for it."""

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


def in_text(visit: Visitor) -> Visitor:
    """`visit`, with a sign wherever the formula may break: the style sheet forbids all else."""

    def visit_in_text(writer: Any, node: nodes.Element) -> None:
        opened = len(writer.body)
        try:
            visit(writer, node)
        finally:
            written = writer.body[opened:]
            writer.body[opened:] = [part.replace(BETWEEN_PIECES, BREAKABLE) for part in written]

    return visit_in_text


def keep_together(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Make one unbroken whole of each formula in a text and what touches it."""
    if app.builder.format != "html":
        return
    for formula in list(doctree.findall(nodes.math)):
        line, place = formula.parent, formula.parent.index(formula)
        whole = [formula]
        for side, touching in TOUCHING.items():
            at = place + side
            text = line[at] if 0 <= at < len(line) else None
            if isinstance(text, nodes.Text) and (match := touching.search(text)):
                line[at] = nodes.Text(text[: match.start()] + text[match.end() :])
                whole.insert(0 if side < 0 else len(whole), nodes.Text(match[0]))
        if len(whole) > 1:
            line[place] = nodes.inline("", "", *whole, classes=["unbroken"])


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
        inline_renderers=(in_text(strict(katex.html_visit_math)), None),
        block_renderers=(strict(katex.html_visit_displaymath), None),
    )
    app.connect("config-inited", add_assets)
    app.connect("doctree-resolved", keep_together)
