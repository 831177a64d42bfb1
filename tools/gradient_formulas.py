"""Every displayed formula that states a derivative, and the cells that prove it.

A formula states a derivative if it is written with one of the book's signs for it (`SIGNS`). A
cell says what it proves in an option, `:proves: [affine-dX, affine-dW]`: the labels of equations
on its own page. Such a cell shows its code, and holds an assertion or calls the witnesses, so a
formula that is wrong stops the build. `problems` lists what breaks these rules; the ledger prints
the formulas with their proofs, by the directive `gradient-formulas`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.chapter_code import CELL, cells
from tools.paths import ROOT, shown

SIGNS = re.compile(
    r"""
      \\partial | \\nabla            # ∂L/∂W, ∇L
    | \\(?:mathrm|text)(?:\{d\}|[ ]d)  # dW, the gradient in the shape of W; also da/dx
    | \\dot\b | \\bar\b              # tangents and adjoints
    | \\operatorname\{(?:grad|Jac)\} | \bJ_
    | (?:\b[A-Z]|\b[fgh]|\\(?:ell|phi|Phi|psi|sigma|tanh|varphi)|\\operatorname\{\w+\})
      (?:'|\^\{?\\prime)           # f', σ', relu'
    | \b[a-z]'\(                   # u'(x), but not another x'
    """,
    re.VERBOSE,
)

NO_DERIVATIVE_STATED = {
    "affine-upstream": "defines $g_{ij}$, the entries of $\\mathrm{d}Z$",
    "affine-averaged-decay": "the bar is a mean",
    "autodiff-trace": "defines the local slopes $c_{ij}$",
    "why-statistics": "the bars are means",
}
"""Displays with one of the `SIGNS` in which it is no derivative, or only names one."""

DISPLAY = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{math\}[^\n]*\n(?P<directive>.*?)^(?P=fence)[ ]*$"
    r"|^\$\$(?P<dollars>.*?)\$\$(?:[ ]*\((?P<label>[^)\n]+)\))?"
    r"|^\\begin\{(?P<environment>align|equation|gather|multline)\*?\}(?P<amsmath>.*?)\\end",
    re.MULTILINE | re.DOTALL,
)


NOT_SHOWN = {"remove-cell", "remove-input", "raises-exception"}
"""Tags of cells that are no proof to a reader."""


@dataclass(frozen=True)
class Formula:
    """A displayed formula and where it stands."""

    page: Path
    line: int
    label: str | None
    body: str

    @property
    def has_sign(self) -> bool:
        body = self.body
        if body.count(r"\mathrm{d}") == body.count(r"\int") + body.count(r"\iint"):
            body = body.replace(r"\mathrm{d}", "")  # each is the d of an integral
        return bool(SIGNS.search(body))

    @property
    def states_derivative(self) -> bool:
        return self.has_sign and self.label not in NO_DERIVATIVE_STATED


@dataclass(frozen=True)
class Proof:
    """A cell that says which equations it proves."""

    page: Path
    number: int
    line: int
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    code: str

    @property
    def kinds(self) -> list[str]:
        """By what the cell proves; empty if it neither asserts anything nor calls the witnesses."""
        nodes = list(ast.walk(ast.parse(self.code.rstrip().removesuffix(";"))))
        calls = [
            (node.func.id, node.args)
            for node in nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        kinds = [f"witnesses of {name(*args)}" for called, args in calls if called == "prove"]
        if any(called == "ledger" for called, _ in calls):
            kinds.append("witnesses of all functions there")
        if any(isinstance(node, ast.Assert) for node in nodes):
            symbolic = any(
                isinstance(node, ast.Attribute) and node.attr == "diff" for node in nodes
            )
            symbolic |= any(isinstance(node, ast.Name) and node.id == "sp" for node in nodes)
            kinds.append("SymPy" if symbolic else "in numbers")
        return kinds

    @property
    def target(self) -> str:
        """The name of the cell's place, for links."""
        return place(self.page.stem, self.number)


def place(slug: str, number: int) -> str:
    return f"proof-{slug}-{number}"


def name(function: ast.expr) -> str:
    """`matmul` for `functional.matmul`."""
    return ast.unparse(function).rpartition(".")[2]


def formulas(page: Path) -> Iterator[Formula]:
    """Every displayed formula of `page`."""
    text = CELL.sub(lambda match: "\n" * match[0].count("\n"), page.read_text("utf8"))
    for match in DISPLAY.finditer(text):
        body = match["directive"] or match["dollars"] or match["amsmath"] or ""
        label = re.search(r"^:label:[ ]*(\S+)|\\label\{([^}]+)\}", body, re.MULTILINE)
        named = (label[1] or label[2]) if label else match["label"]
        yield Formula(page, text.count("\n", 0, match.start()) + 1, named, body)


def proofs(page: Path) -> Iterator[Proof]:
    """Every cell of `page` that says that it proves something."""
    marked = [cell for cell in cells(page) if "proves" in cell.options]
    for number, cell in enumerate(marked, 1):
        tags = tuple(cell.options.get("tags", ()))
        yield Proof(page, number, cell.line, tuple(cell.options["proves"]), tags, cell.code)


def chapters() -> list[Path]:
    return sorted((ROOT / "chapters").glob("*.md"))


def problems(page: Path) -> list[str]:
    """What `page` leaves unproven or proves in vain, with the place and what to do."""
    found = []
    displayed, marked = list(formulas(page)), list(proofs(page))
    labels = {formula.label for formula in displayed}
    proven = {label for proof in marked for label in proof.labels}
    for formula in displayed:
        where = f"{shown(page)}:{formula.line}"
        if formula.states_derivative and formula.label is None:
            found.append(f"{where}: a displayed derivative has no :label:")
        elif formula.states_derivative and formula.label not in proven:
            found.append(
                f"{where}: no cell of the page proves {formula.label}; give the cell that does "
                f"the option `:proves: [{formula.label}]`"
            )
    for proof in marked:
        where = f"{shown(page)}:{proof.line}"
        found += [
            f"{where}: the cell proves {label}, but the page has no such equation"
            for label in proof.labels
            if label not in labels
        ]
        if not proof.labels or not proof.kinds:
            found.append(f"{where}: the cell proves nothing: no label, or no assert and no witness")
        if NOT_SHOWN & {*proof.tags}:
            found.append(f"{where}: readers cannot see this proof, or it may fail: {proof.tags}")
    return found


def idle_excuses(pages: Iterable[Path]) -> set[str]:
    """The labels in `NO_DERIVATIVE_STATED` that belong to no display with one of the signs."""
    displayed = (formula for page in pages for formula in formulas(page))
    return {*NO_DERIVATIVE_STATED} - {f.label for f in displayed if f.has_sign}
