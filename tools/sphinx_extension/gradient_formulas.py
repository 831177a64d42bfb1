"""The ledger's table of displayed derivatives, with links to the cells that prove them.

`gradient-formulas` is read from the sources of the chapters while the book is built. It is no
code cell because the execution cache looks at the cells of its own page only, and would keep the
table as it was.
"""

from __future__ import annotations

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools.contents import pages
from tools.gradient_formulas import NO_DERIVATIVE_STATED, Formula, chapters, formulas, place, proofs


def row(formula: Formula) -> str:
    found = [proof for proof in proofs(formula.page) if formula.label in proof.labels]
    links = [f"{{ref}}`{kind} <{proof.target}>`" for proof in found for kind in proof.kinds]
    return f"| {{eq}}`{formula.label}` {{doc}}`{formula.page.stem}` | {', '.join(links)} |"


class GradientFormulas(SphinxDirective):
    """A table of all displays that state a derivative, in reading order."""

    def run(self) -> list[nodes.Node]:
        in_order = [page for page in pages() if page in set(chapters())]
        displayed = [formula for page in in_order for formula in formulas(page)]
        for page in in_order:
            self.env.note_dependency(str(page))
        rows = [row(formula) for formula in displayed if formula.states_derivative]
        excused = [
            f"{{eq}}`{formula.label}` ({NO_DERIVATIVE_STATED[formula.label]})"
            for formula in displayed
            if formula.label in NO_DERIVATIVE_STATED
        ]
        lines = ["| equation and page | proven by |", "|---|---|", *rows, ""]
        if excused:
            lines.append(f"No proof is asked of {', '.join(excused)}.")
        container = nodes.container()
        self.state.nested_parse(StringList(lines, self.env.docname), 0, container)
        return container.children


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
