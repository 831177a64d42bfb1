"""One case for every function in the registry, by name."""

from chainrule.proofs.case import Case
from chainrule.proofs.cases import activations, affine, arrays, elementwise, losses

CASES: dict[str, Case] = {
    case.name: case
    for topic in (elementwise, arrays, affine, activations, losses)
    for case in topic.CASES
}

__all__ = ["CASES"]
