"""The ledger: many functions, one row each, and what every witness says of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chainrule.progress import Progress
from chainrule.proofs.cases import CASES
from chainrule.proofs.report import Proof, ProofError, Testimony, examine

HEADINGS = ("function, derived in", "formula", "SymPy", "differences", "engine", "third party")

NO_BREAK_HYPHEN = "\N{NON-BREAKING HYPHEN}"


@dataclass(frozen=True)
class Ledger:
    """One proof per function. Shows as a table in a notebook, as lines elsewhere.

    Attributes
    ----------
    proofs : tuple of Proof
    written : frozenset of str
        The chapters that the table links to.

    Examples
    --------
    >>> from chainrule.proofs import ledger
    >>> page = ledger(["relu"])
    >>> all(testimony.agrees for testimony in page.testimonies)
    True
    """

    proofs: tuple[Proof, ...]
    written: frozenset[str] = frozenset()

    @property
    def testimonies(self) -> tuple[Testimony, ...]:
        """All of them, function by function."""
        return tuple(testimony for proof in self.proofs for testimony in proof.testimonies)

    def __str__(self) -> str:
        return "\n".join(str(proof) for proof in self.proofs)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        lines = [HEADINGS, ("---",) * 2 + ("---:",) * 4, *map(self._row, self.proofs)]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def _row(self, proof: Proof) -> tuple[str, ...]:
        case = CASES[proof.name]
        chapter = case.chapter
        if chapter in self.written:
            chapter = f"[{chapter}]({chapter}.md)"
        formula = case.formula.replace("|", r"\vert ")  # which would end the cell
        return (
            f"[{proof.name}](#chainrule.functional.{proof.name}), {chapter}",
            f"${formula}$",
            *map(_said, proof.testimonies),
        )


def _said(testimony: Testimony) -> str:
    error = f"{testimony.error:.0e}" if testimony.error else "0"
    mark = "✓" if testimony.agrees else "✗"
    return f"{mark}\N{NO-BREAK SPACE}{error.replace('-', NO_BREAK_HYPHEN)}"


def ledger(names: Iterable[str] | None = None, *, written: Collection[str] = ()) -> Ledger:
    """Call all witnesses on many functions and insist that they agree.

    Parameters
    ----------
    names : iterable of str, optional
        Functions of ``chainrule.functional``; all of them by default.
    written : collection of str, keyword only
        Chapters that exist beside the page that shows the ledger, to link to.

    Returns
    -------
    Ledger

    Raises
    ------
    ProofError
        If a witness contradicts; the text names every function that is concerned.
    KeyError
        If there is no such function.

    Examples
    --------
    >>> from chainrule.proofs import ledger
    >>> print(ledger(["neg", "relu"]))
    neg: all 4 witnesses agree
    ...
    relu: all 4 witnesses agree
    ...
    """
    chosen = list(CASES if names is None else names)
    if unknown := [name for name in chosen if name not in CASES]:
        raise KeyError(f"ledger: no case is registered for {', '.join(map(repr, unknown))}")
    proofs = tuple(examine(CASES[name].function) for name in Progress(chosen, "witnesses"))
    if wrong := [str(proof) for proof in proofs if not proof.holds]:
        raise ProofError("\n".join(wrong))
    return Ledger(proofs, frozenset(written))
