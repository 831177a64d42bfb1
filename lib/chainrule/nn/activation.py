"""Activations as modules, for :class:`chainrule.nn.Sequential`: they own nothing.

Formulas, gradients and conventions are those of the functions of the same name in
:mod:`chainrule.functional`. Derived in the chapter ``activations``.
"""

from __future__ import annotations

from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class ReLU(Module):
    """y = max(x, 0)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.relu(x)


class LeakyReLU(Module):
    """y = max(x, 0) + a min(x, 0), with a the ``negative_slope``."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.leaky_relu(x, negative_slope=self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """y = x where x > 0, α (exp(x) − 1) elsewhere."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.elu(x, alpha=self.alpha)

    def extra_repr(self) -> str:
        """α."""
        return f"alpha={self.alpha}"


class Softplus(Module):
    """y = log(1 + exp(x))."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.softplus(x)


class SiLU(Module):
    """y = x σ(x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.silu(x)


class GELU(Module):
    """y = x Φ(x); with ``approximate="tanh"`` its approximation by tanh."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.gelu(x, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Whether it is approximate."""
        return f"approximate={self.approximate!r}"


class Sigmoid(Module):
    """y = 1 / (1 + exp(−x))."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.sigmoid(x)


class Tanh(Module):
    """y = tanh(x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.tanh(x)


class Softmax(Module):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along the axis ``dim``."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Any shape with the axis ``dim`` → the same shape."""
        return F.softmax(x, axis=self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """yᵢ = xᵢ − log Σⱼ exp(xⱼ) along the axis ``dim``."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Any shape with the axis ``dim`` → the same shape."""
        return F.log_softmax(x, axis=self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"
