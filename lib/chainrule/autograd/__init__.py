"""Reverse-mode automatic differentiation: tensors that remember the pullback they came from.

A :class:`Tensor` holds an array and, if it was computed, the tensors it was computed from and the
pullback that leads back to them. :func:`lift` turns any function of the contract
(arrays → value, pullback) into a function of tensors, so that no gradient is written twice.
:meth:`Tensor.backward` walks the graph from the result to the leaves.

Derived in the chapter ``automatic-differentiation``.
"""

from chainrule.autograd.checkpointing import checkpoint
from chainrule.autograd.recording import is_recording, no_grad
from chainrule.autograd.tensor import Tensor, lift, topological_order

__all__ = ["Tensor", "checkpoint", "is_recording", "lift", "no_grad", "topological_order"]
