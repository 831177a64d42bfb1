"""One case for every function in the registry, by name."""

from chainrule.proofs.case import Case
from chainrule.proofs.cases import (
    activations,
    affine,
    arrays,
    attention,
    convolution,
    elementwise,
    losses,
    normalization,
    pooling,
    positions,
    recurrence,
    regularization,
)

CASES: dict[str, Case] = {
    case.name: case
    for topic in (
        elementwise,
        arrays,
        affine,
        activations,
        losses,
        convolution,
        pooling,
        attention,
        normalization,
        regularization,
        positions,
        recurrence,
    )
    for case in topic.CASES
}

__all__ = ["CASES"]
