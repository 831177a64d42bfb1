"""One case for every function in the registry, by name."""

from chainrule.proofs.case import Case

from chainrule.proofs.cases import (
    activations,
    affine,
    arrays,
    convolution,
    elementwise,
    losses,
    pooling,
)

CASES: dict[str, Case] = {
    case.name: case
    for topic in (elementwise, arrays, affine, activations, losses, convolution, pooling)
    for case in topic.CASES
}

__all__ = ["CASES"]
