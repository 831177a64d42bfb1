"""One case for every function in the registry, by name."""

from chainrule.proofs.case import Case
from chainrule.proofs.cases import activations, affine, losses

CASES: dict[str, Case] = {
    case.name: case for topic in (affine, activations, losses) for case in topic.CASES
}

__all__ = ["CASES"]
