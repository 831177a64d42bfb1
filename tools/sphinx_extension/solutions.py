"""Solutions: pages of the site that stand in no table of contents, one deliberate click away.

An exercise page ends with a folded link to its solution, and the solution begins with a link
back. `book_solutions: false` in `_config.yml` leaves the solutions and the links out.
"""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config

EXERCISES, SOLUTIONS = "exercises/", "solutions/"


def leave_out(app: Sphinx, config: Config) -> None:
    if not config.book_solutions:
        config.exclude_patterns.append("solutions/**")


def link(target: str, text: str, docname: str) -> nodes.paragraph:
    """A paragraph with a link to the page `target`."""
    reference = addnodes.pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{target}",
        refdoc=docname,
        refexplicit=True,
        refwarn=True,
    )
    return nodes.paragraph("", "", reference)


def connect_pages(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.docname
    section = next(doctree.findall(nodes.section), None)
    if section is None:
        return
    if docname.startswith(EXERCISES):
        solution = SOLUTIONS + docname.removeprefix(EXERCISES)
        if solution in app.env.found_docs:
            summary = nodes.raw("", "<summary>You are done, or stuck</summary>", format="html")
            opening = nodes.raw("", '<details class="solution-link">', format="html")
            closing = nodes.raw("", "</details>", format="html")
            section += [opening, summary, link(solution, "Compare with the solution", docname)]
            section += closing
    elif docname.startswith(SOLUTIONS):
        app.env.metadata[docname]["orphan"] = True
        exercises = EXERCISES + docname.removeprefix(SOLUTIONS)
        section.insert(1, link(exercises, "Back to the exercises", docname))


def setup(app: Sphinx) -> None:
    app.add_config_value("book_solutions", True, "env", types=[bool])
    app.connect("config-inited", leave_out)
    app.connect("doctree-read", connect_pages)
