"""Witnesses that hold every function against independent derivations of the same thing.

``prove(f)`` calls them all and shows one line for each: SymPy (:mod:`chainrule.proofs.symbolic`),
finite differences (:mod:`chainrule.proofs.finite_differences`), the engine
(:mod:`chainrule.proofs.engine`) and third parties (:mod:`chainrule.proofs.vectors`).
``show(f)`` shows the source that was proven.
"""

try:
    import sympy as _sympy  # noqa: F401
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "chainrule.proofs: the witnesses need SymPy, which is not installed; "
        'pip install "chainrule[chapters]"'
    ) from None

from chainrule.proofs.cases import CASES
from chainrule.proofs.finite_differences import directional_errors
from chainrule.proofs.ledger import Ledger, ledger
from chainrule.proofs.report import Proof, ProofError, examine, prove, show
from chainrule.proofs.symbolic import derive, symbols

__all__ = [
    "CASES",
    "Ledger",
    "Proof",
    "ProofError",
    "derive",
    "directional_errors",
    "examine",
    "ledger",
    "prove",
    "show",
    "symbols",
]
