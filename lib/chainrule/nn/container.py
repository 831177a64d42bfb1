"""Modules in a row, and shapes between them. First used in the chapter ``backpropagation``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import overload

from chainrule.arguments import require_integers
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.nn.module import Module, require_arrays, require_positive


class Sequential(Module):
    """Modules applied one after the other.

    Parameters
    ----------
    *layers : Module
        Each takes what the one before it returns. ``model[i]`` is the i-th, ``model[:i]`` those
        before it in a Sequential of their own, which shares their parameters.

    Raises
    ------
    TypeError
        If a layer is not a Module.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> rng = np.random.default_rng(0)
    >>> model = nn.Sequential(nn.Linear(4, 3, rng=rng), nn.ReLU(), nn.Linear(3, 2, rng=rng))
    >>> model
    Sequential(
      (0): Linear(4, 3)
      (1): ReLU()
      (2): Linear(3, 2)
    )
    >>> model(np.ones((5, 4), np.float32)).shape
    (5, 2)
    """

    def __init__(self, *layers: Module) -> None:
        for i, layer in enumerate(layers):
            if not isinstance(layer, Module):
                name = getattr(layer, "__name__", type(layer).__name__)
                if isinstance(layer, type):
                    remedy = f"make one with {name}(…)"
                elif isinstance(layer, (list, tuple)):
                    remedy = "pass them one by one: Sequential(*layers)"
                else:
                    remedy = "wrap a function in a class with forward(self, x)"
                raise TypeError(
                    f"Sequential: layers must be Modules, but layer {i} is {name}; {remedy}"
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

    @overload
    def __getitem__(self, i: int) -> Module: ...

    @overload
    def __getitem__(self, i: slice) -> Sequential: ...

    def __getitem__(self, i: int | slice) -> Module:
        return Sequential(*self.layers[i]) if isinstance(i, slice) else self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)


class Identity(Module):
    """y = x: holds the place of a layer that is not there.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.Identity()(np.array([1.0, 2.0]))
    Tensor([1., 2.])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same."""
        require_arrays("Identity", x=x)
        return x if isinstance(x, Tensor) else Tensor(x)


class Flatten(Module):
    """Make one axis of several, by default of all but the examples: images become vectors.

    Parameters
    ----------
    start_dim, end_dim : int
        The first and the last axis of those that become one.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.Flatten()(np.zeros((5, 1, 28, 28))).shape
    (5, 784)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        require_integers("Flatten", least=None, start_dim=start_dim, end_dim=end_dim)
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        """x (N, …) → y (N, d), with the entries of each example in row-major order.

        Raises
        ------
        ValueError
            If ``x`` does not have these axes.
        """
        require_arrays("Flatten", x=x)
        n = len(x.shape)
        start, end = (i + n if i < 0 else i for i in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < n:
            raise ValueError(
                f"Flatten: there are no axes {self.start_dim} to {self.end_dim} in x of shape "
                f"{x.shape}; start_dim and end_dim must lie in {-n}, …, {n - 1}; by default, "
                "the first axis is that of the examples"
            )
        flat = math.prod(x.shape[start : end + 1])
        return F.reshape(x, shape=(*x.shape[:start], flat, *x.shape[end + 1 :]))

    def extra_repr(self) -> str:
        """The axes, if they are not all but the first."""
        is_usual = (self.start_dim, self.end_dim) == (1, -1)
        return "" if is_usual else f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Make several axes of one: vectors become images. Undoes :class:`Flatten`.

    Parameters
    ----------
    dim : int
        The axis that is taken apart.
    unflattened_size : tuple of int
        The lengths of the axes it becomes.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.Unflatten(1, (1, 8, 8))(np.zeros((5, 64))).shape
    (5, 1, 8, 8)
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        require_integers("Unflatten", least=None, dim=dim)
        if not isinstance(unflattened_size, (tuple, list)) or not unflattened_size:
            raise TypeError(
                "Unflatten: unflattened_size must be a tuple of at least one length, got "
                f"{unflattened_size!r}"
            )
        sizes = {f"unflattened_size[{i}]": n for i, n in enumerate(unflattened_size)}
        require_positive("Unflatten", **sizes)
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Tensor) -> Tensor:
        """x (…, d, …) → y, with the axes ``unflattened_size`` in place of d, their product.

        Raises
        ------
        ValueError
            If ``x`` has no such axis, or one of another length.
        """
        require_arrays("Unflatten", x=x)
        n, sizes = len(x.shape), self.unflattened_size
        if not -n <= self.dim < n or x.shape[self.dim] != math.prod(sizes):
            raise ValueError(
                f"Unflatten: axis {self.dim} of x must have {math.prod(sizes)} entries to become "
                f"{sizes}, got x of shape {x.shape}; choose another dim or unflattened_size"
            )
        at = self.dim % n
        return F.reshape(x, shape=(*x.shape[:at], *sizes, *x.shape[at + 1 :]))

    def extra_repr(self) -> str:
        """The axis and what it becomes."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
