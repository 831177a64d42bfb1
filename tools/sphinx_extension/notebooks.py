"""Beside each page with code, the notebook that its readers launch.

While Sphinx writes a page, its text is resolved: equations and figures have their numbers,
references their targets. At that moment the notebook is written too, so that it says what the page
says, and no second build is needed. `tools.launched` gives the notebooks their address.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from tools.contents import launched_pages, notebook_in
from tools.launched import RAW, UNPUBLISHED
from tools.notebook_cells import Cells
from tools.notebook_markdown import Markdown, Page, UnknownNodeError
from tools.paths import ROOT

logger = logging.getLogger(__name__)

AFTER_EVERY_OTHER_HANDLER = 900


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the notebook of the page `docname`, if it has one."""
    target = RAW / f"{docname}.ipynb"
    if app.builder.name != "html":
        return
    if docname not in names():
        target.unlink(missing_ok=True)
        return
    address = f"{UNPUBLISHED}{docname}.html"
    page = Page(address, partial(image_address, app.env), partial(label, app.env, docname))
    source = notebook_in(Path(app.env.doc2path(docname)))
    try:
        cells = assemble(app.env, docname, doctree, Markdown(page), source)
    except UnknownNodeError as error:
        logger.warning("%s", error, location=error.node, type="notebook")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(cells.serialized(doctree.next_node(nodes.title).astext()), "utf8")


@cache
def names() -> set[str]:
    """The pages that have a notebook."""
    return {page.relative_to(ROOT).with_suffix("").as_posix() for page in launched_pages()}


def assemble(
    env: BuildEnvironment,
    docname: str,
    doctree: nodes.document,
    markdown: Markdown,
    source: nbformat.NotebookNode,
) -> Cells:
    """The cells of the notebook: the page's text, and all code of its source in order."""
    code = hidden_and_shown(source)
    cells = Cells(docname, is_exercise=docname.startswith("exercises/"))
    for node, level in parts(doctree):
        while code and is_before(code[0], node):
            add(cells, code.pop(0)[1])  # the page does not show it
        if isinstance(node, nodes.title):
            number = section_number(env, docname, node.parent)
            title = f"{'#' * level} {number}{markdown.inline(node.children)}"
            cells.begin(title, node.parent["ids"][0])
            if level == 1:
                cells.set_up(markdown.page.address)
        elif is_code(node):
            add(cells, code.pop(0)[1])
            cells.add_text(markdown.blocks(node.findall(nodes.caption)))
        else:
            cells.add_text(markdown.block(node))
    for _, cell in code:
        add(cells, cell)
    return cells


def add(cells: Cells, cell: nbformat.NotebookNode) -> None:
    cells.add_code(cell.source, cell.metadata.get("tags", []), cell.get("id", ""))


def is_code(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def parts(section: nodes.Element, level: int = 0) -> Iterator[tuple[nodes.Element, int]]:
    """Titles, code cells and everything else on a page in reading order, with their depth."""
    for node in section.children:
        if isinstance(node, nodes.section):
            yield from parts(node, level + 1)
        elif isinstance(node, nodes.Element):
            yield node, level


def hidden_and_shown(
    source: nbformat.NotebookNode,
) -> list[tuple[int | None, nbformat.NotebookNode]]:
    """The code cells of a page; with the line where it stands if the page leaves it out."""
    lines = source.metadata.get("source_map", [0] * len(source.cells))
    return [
        (line if "remove-cell" in cell.metadata.get("tags", []) else None, cell)
        for line, cell in zip(lines, source.cells, strict=True)
        if cell.cell_type == "code"
    ]


def is_before(cell: tuple[int | None, nbformat.NotebookNode], node: nodes.Element) -> bool:
    """Whether `cell`, which the page leaves out, stands before `node`."""
    line, _ = cell
    return line is not None and (is_code(node) or (node.line or 0) > line)


def section_number(env: BuildEnvironment, docname: str, section: nodes.Element) -> str:
    """The number in front of a title, as the page shows it: "2.1. ", or nothing."""
    numbers = env.toc_secnumbers.get(docname, {})
    found = numbers.get("" if section.parent.tagname == "document" else f"#{section['ids'][0]}")
    return ".".join(map(str, found)) + ". " if found else ""


def label(env: BuildEnvironment, docname: str, node: nodes.Element) -> str:
    """What a page puts before the caption of a figure or table, or beside an equation."""
    kind = {"math_block": "displaymath"}.get(node.tagname, node.tagname)
    numbers = env.toc_fignumbers.get(docname, {}).get(kind, {})
    number = ".".join(map(str, numbers.get(node["ids"][0], ()))) if node["ids"] else ""
    named = env.config.numfig_format.get(kind)
    return named % number if number and named else number


def image_address(env: BuildEnvironment, uri: str) -> str:
    """Where the site has an image that the page names as `uri`."""
    return f"{UNPUBLISHED}_images/{env.images[uri][1]}" if uri in env.images else uri


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", write, priority=AFTER_EVERY_OTHER_HANDLER)
