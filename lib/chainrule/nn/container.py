"""Modules that put others in a row. First used in the chapter ``backpropagation``."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module


class Sequential(Module):
    """Modules applied one after the other.

    Parameters
    ----------
    *layers : Module
        Each takes what the one before it returns. ``model[i]`` is the i-th.

    Raises
    ------
    TypeError
        If a layer is not a Module.
    """

    def __init__(self, *layers: Module) -> None:
        for i, layer in enumerate(layers):
            if not isinstance(layer, Module):
                name = getattr(layer, "__name__", type(layer).__name__)
                raise TypeError(
                    f"Sequential: layer {i} is {name}, which is not a Module; "
                    "wrap a function in a class with forward(self, x)"
                )
        self.layers = layers

    def children(self) -> Iterator[tuple[str, Module]]:
        """Yield the layers under their positions, so that parameters are called ``0.weight``."""
        for i, layer in enumerate(self.layers):
            yield str(i), layer

    def forward(self, x: Tensor) -> Tensor:
        """Pass x through all layers."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __getitem__(self, i: int) -> Module:
        return self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)


class Flatten(Module):
    """Make one axis of several, by default of all but the examples: images become vectors.

    Parameters
    ----------
    start_dim, end_dim : int
        The first and the last axis of those that become one.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        """x (N, …) → y (N, d), with the entries of each example in row-major order.

        Raises
        ------
        ValueError
            If ``x`` does not have these axes.
        """
        n = len(x.shape)
        start, end = (i + n if i < 0 else i for i in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < n:
            raise ValueError(
                f"Flatten: there are no axes {self.start_dim} to {self.end_dim} in x of shape "
                f"{x.shape}; the first axis is that of the examples"
            )
        flat = math.prod(x.shape[start : end + 1])
        return F.reshape(x, shape=(*x.shape[:start], flat, *x.shape[end + 1 :]))

    def extra_repr(self) -> str:
        """The axes, if they are not all but the first."""
        is_usual = (self.start_dim, self.end_dim) == (1, -1)
        return "" if is_usual else f"start_dim={self.start_dim}, end_dim={self.end_dim}"
