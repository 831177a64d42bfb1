"""Linear layers. Derived in the chapter ``affine-layers``."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.nn.init import uniform_
from chainrule.nn.module import Module, parameter, require_positive


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
    bias : Tensor (out_features,) or None

    Raises
    ------
    ValueError
        If a size is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> layer = nn.Linear(4, 3, rng=np.random.default_rng(0))
    >>> layer, layer.weight.shape, layer.bias.shape
    (Linear(4, 3), (3, 4), (3,))
    >>> layer(np.ones((5, 4), np.float32)).shape
    (5, 3)
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
        require_positive("Linear", in_features=in_features, out_features=out_features)
        require_rng_and_dtype("Linear", rng, dtype)
        bound = 1 / math.sqrt(in_features)
        self.weight = parameter(out_features, in_features, dtype=dtype)
        uniform_(self.weight, -bound, bound, rng=rng)
        self.bias: Tensor | None = None
        if bias:
            self.bias = uniform_(parameter(out_features, dtype=dtype), -bound, bound, rng=rng)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., in_features) → y (..., out_features)."""
        b = np.zeros(len(self.weight), self.weight.dtype) if self.bias is None else self.bias
        return F.affine(x, self.weight, b)

    def extra_repr(self) -> str:
        """Sizes, and whether the bias is missing."""
        out_features, in_features = self.weight.shape
        return f"{in_features}, {out_features}" + (", bias=False" if self.bias is None else "")
