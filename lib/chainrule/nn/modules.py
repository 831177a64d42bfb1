"""Modules: functions that own their parameters. Names and shapes are PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.autograd import Tensor
from chainrule.nn import functional as F


class Module:
    """A function with parameters. Subclasses define ``forward`` and own things as attributes.

    Parameters are tensors with ``requires_grad``, found in the attributes of the module, of its
    submodules, and of lists or tuples of them.
    """

    def forward(self, *args: Any) -> Tensor:
        """Compute the output; every subclass defines it."""
        raise TypeError(f"{type(self).__name__}: a module must define forward(self, …)")

    def __call__(self, *args: Any) -> Tensor:
        return self.forward(*args)

    def children(self) -> Iterator[tuple[str, Module]]:
        """Yield name and module of each direct submodule."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, (list, tuple)):
                for i, item in enumerate(value):
                    if isinstance(item, Module):
                        yield f"{name}.{i}", item

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield dotted name and tensor of each parameter; a shared one only once."""
        seen: set[Tensor] = set()
        for name, tensor in self._named_tensors():
            if tensor not in seen:
                seen.add(tensor)
                yield name, tensor

    def parameters(self) -> Iterator[Tensor]:
        """Yield each parameter once."""
        for _, tensor in self.named_parameters():
            yield tensor

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for tensor in self.parameters():
            tensor.grad = None

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                named = [(name, value)]
            elif isinstance(value, (list, tuple)):
                named = [(f"{name}.{i}", a) for i, a in enumerate(value) if isinstance(a, Tensor)]
            else:
                continue
            yield from ((n, tensor) for n, tensor in named if tensor.requires_grad)
        for name, child in self.children():
            for inner, tensor in child._named_tensors():
                yield f"{name}.{inner}", tensor

    def __repr__(self) -> str:
        lines = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.children()]
        return f"{type(self).__name__}(" + ("\n" + "\n".join(lines) + "\n" if lines else "") + ")"


class Linear(Module):
    """Affine layer y = x Wᵀ + b that owns its weight and bias.

    Parameters
    ----------
    in_features, out_features : int
        d_in and d_out.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights and biases, uniformly from ±1/√d_in, as PyTorch does.
    bias : bool
        Without it, b is zero and no parameter.
    dtype : dtype
        Of the parameters; inputs must have the same.

    Attributes
    ----------
    weight : Tensor (out_features, in_features)
    bias : Tensor (out_features,)

    Raises
    ------
    ValueError
        If a size is not positive.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        rng: np.random.Generator,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if in_features < 1 or out_features < 1:
            raise ValueError(
                f"Linear: sizes must be positive, got in_features={in_features}, "
                f"out_features={out_features}"
            )
        bound = 1 / math.sqrt(in_features)
        weight = rng.uniform(-bound, bound, (out_features, in_features)).astype(dtype)
        offset = rng.uniform(-bound, bound, out_features) if bias else np.zeros(out_features)
        self.weight = Tensor(weight, requires_grad=True)
        self.bias = Tensor(offset.astype(dtype), requires_grad=bias)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., in_features) → y (..., out_features)."""
        return F.affine(x, self.weight, self.bias)

    def __repr__(self) -> str:
        out_features, in_features = self.weight.shape
        note = "" if self.bias.requires_grad else ", bias=False"
        return f"Linear({in_features}, {out_features}{note})"


class ReLU(Module):
    """y = max(x, 0)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape → the same shape."""
        return F.relu(x)


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
