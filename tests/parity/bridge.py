"""The library's functions as functions of PyTorch's tensors, and how the two are compared.

``ours(name, …)`` runs a function of the registry inside PyTorch's graph: forward is our value,
backward our pullback. So a call can be translated by any operations of PyTorch, before and behind,
and the gradients of PyTorch's own arguments are compared, whatever their shapes and order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from chainrule.functional import REGISTRY

# Both libraries round each operation to half an ulp and differ in the order of sums. Over the
# longest ones here, some hundred terms, that is about 1e-14 of the largest entry in float64 (eps
# is 2e-16), and a division by a small variance may enlarge it a hundredfold. A formula that is
# wrong differs by more: ε = 1e-5 on the wrong side of a root by about 1e-5. The same in float32,
# of eps 1e-7, shows that it is computed in float32 as well as PyTorch does.
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-4}

# Gradients that cancel to nothing, as those of a softmax of one entry or of a batch of two that is
# normalized, have no digits of their own and are compared with dy.
LEAST_SCALE = 1e-2


class Skipped(Exception):
    """Raised by a translation of what the library does not have; its text is the reason."""


class Tally:
    """What was compared and what was skipped, for the summary at the end of the run."""

    def __init__(self) -> None:
        self.compared: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.skipped: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.largest: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def add(self, kind: str, name: str, error: float) -> None:
        self.compared[kind][name] += 1
        self.largest[kind][name] = max(error, self.largest[kind].get(name, 0.0))

    def skip(self, kind: str, reason: str) -> None:
        self.skipped[kind][reason] += 1


TALLY = Tally()


class _Ours(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, name: str, options: dict[str, Any], *args: Any) -> Any:
        value, ctx.pullback = REGISTRY[name](*(to_numpy(a) for a in args), **options)
        return to_torch(value)

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        gradients = ctx.pullback(to_numpy(dy))
        return None, None, *(None if g is None else to_torch(g) for g in gradients)


def ours(name: str, *args: torch.Tensor, **options: Any) -> torch.Tensor:
    """The library's function ``name`` of tensors. Tensors among the options become arrays."""
    given = {k: to_numpy(v) if isinstance(v, torch.Tensor) else v for k, v in options.items()}
    return _Ours.apply(name, given, *args)


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().resolve_neg().numpy()


def to_torch(array: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(array, order="C"))


def difference(ours: torch.Tensor | None, theirs: torch.Tensor, scale: float = 0.0) -> float:
    """Largest difference over the largest entry of ``theirs``, or over ``scale`` if that is more.

    Infinite if shape or dtype differ, or only one side is NaN or infinite.
    """
    if ours is None or ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return np.inf
    a, b = to_numpy(ours).astype(float), to_numpy(theirs).astype(float)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    largest = max(np.abs(b[np.isfinite(b)]).max(initial=0.0), scale) or 1.0
    with np.errstate(invalid="ignore"):
        error = np.abs(a - b)[~same].max() / largest
    return float(error) if np.isfinite(error) else np.inf


def compare(
    our_call: Callable[[], Any], their_call: Callable[[], Any], leaves: list[torch.Tensor]
) -> dict[str, float]:
    """The differences in the value and in the gradient of each leaf, by ``value`` and position."""
    theirs, mine = their_call(), our_call()
    errors = {"value": difference(mine.detach(), theirs.detach())}
    if not leaves or not theirs.requires_grad:
        return errors
    generator = torch.Generator().manual_seed(0)
    dy = torch.randn(theirs.shape, generator=generator, dtype=theirs.dtype)
    if mine.shape != dy.shape:
        return errors
    expected = torch.autograd.grad(theirs, leaves, dy, allow_unused=True)
    got = torch.autograd.grad(mine, leaves, dy, allow_unused=True)
    scale = LEAST_SCALE * float(dy.abs().max()) if dy.numel() else 0.0
    for i, (g, e) in enumerate(zip(got, expected, strict=True)):
        if e is None and g is None:
            continue
        if e is None:
            e = torch.zeros_like(leaves[i])
        errors[f"gradient {i}"] = difference(g, e, scale)
    return errors
