"""The ledger's table of displayed derivatives, with links to the cells that prove them.

`gradient-formulas` is read from the sources of the chapters while the book is built. It is no
code cell because the execution cache looks at the cells of its own page only, and would keep the
table as it was.
"""

from __future__ import annotations

import hashlib

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from tools.contents import pages
from tools.gradient_formulas import (
    NO_DERIVATIVE_STATED,
    Formula,
    Proof,
    chapters,
    formulas,
    place,
    proofs,
)

DIGEST = "gradient-formulas"
"""Where a page keeps, in its metadata, the digest of what its table was made from."""


def row(formula: Formula, of_page: list[Proof]) -> str:
    found = [proof for proof in of_page if formula.label in proof.labels]
    links = [f"{{ref}}`{kind} <{proof.target}>`" for proof in found for kind in proof.kinds]
    return f"| {{eq}}`{formula.label}` {{doc}}`{formula.page.stem}` | {', '.join(links)} |"


def table() -> tuple[list[str], str]:
    """The lines of the table, and a digest of all that they depend on.

    They show the numbers of equations, which follow from the order of all labels.
    """
    written = set(chapters())
    displayed = {page: list(formulas(page)) for page in pages() if page in written}
    rows = []
    for page, on_page in displayed.items():
        of_page = list(proofs(page))
        rows += [row(formula, of_page) for formula in on_page if formula.states_derivative]
    every = [formula for on_page in displayed.values() for formula in on_page]
    excused = [
        f"{{eq}}`{formula.label}` ({NO_DERIVATIVE_STATED[formula.label]})"
        for formula in every
        if formula.label in NO_DERIVATIVE_STATED
    ]
    lines = ["| equation and page | proven by |", "|---|---|", *rows, ""]
    if excused:
        lines.append(f"No proof is asked of {', '.join(excused)}.")
    order = [f"{formula.page.stem} {formula.label}" for formula in every]
    return lines, hashlib.sha256("\n".join(lines + order).encode()).hexdigest()


class GradientFormulas(SphinxDirective):
    """A table of all displays that state a derivative, in reading order."""

    def run(self) -> list[nodes.Node]:
        lines, self.env.metadata[self.env.docname][DIGEST] = table()
        container = nodes.container()
        self.state.nested_parse(StringList(lines, self.env.docname), 0, container)
        return container.children


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """The pages whose table is no longer what the chapters say.

    Most edits of a chapter leave the table as it is, and the page with it is a long one.
    """
    have = {page: kept[DIGEST] for page, kept in env.metadata.items() if DIGEST in kept}
    present = table()[1] if have and (added or changed or removed) else ""
    return [page for page, digest in have.items() if present and digest != present]


def name_proofs(app: Sphinx, doctree: nodes.document) -> None:
    """Give every cell that proves something a place to link to."""
    slug = app.env.docname.rpartition("/")[2]
    number = 0
    for cell in doctree.findall(nodes.container):
        if "proves" in cell.get("cell_metadata", {}):
            number += 1
            target = place(slug, number)
            cell["ids"].append(target)
            app.env.get_domain("std").anonlabels[target] = (app.env.docname, target)  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    app.add_directive("gradient-formulas", GradientFormulas)
    app.connect("doctree-read", name_proofs)
    app.connect("env-get-outdated", outdated)
