"""Functions that return their value and their pullback: arrays in, ``(value, pullback)`` out.

This is all the calculus of the book. Each function is derived in a chapter, and proven by
:func:`chainrule.proofs.prove`. Here they work on plain arrays; :mod:`chainrule.nn.functional` has
the same functions for :class:`chainrule.autograd.Tensor`.
"""

from chainrule.functional.activations import log_softmax, relu, sigmoid, softmax, tanh
from chainrule.functional.affine import affine
from chainrule.functional.contract import REGISTRY, differentiable
from chainrule.functional.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)

__all__ = [
    "REGISTRY",
    "affine",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "differentiable",
    "log_softmax",
    "mse_loss",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
