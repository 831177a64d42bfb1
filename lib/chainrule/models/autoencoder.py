"""Autoencoders: a network that must say again what it heard, through a narrow code.

Derived in the chapter ``autoencoders``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import (
    require_function,
    require_generator,
    require_numbers,
    require_rng_and_dtype,
)
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array, require_floating
from chainrule.models.inputs import MODULE_REMEDY, require_sizes
from chainrule.models.mlp import MLP
from chainrule.nn import functional as F


class Autoencoder(nn.Module):
    """Encoder to a code and decoder back: h = encode(x), x̂ = decode(h).

    Parameters
    ----------
    sizes : sequence of int
        d₀, …, d_L: of the input, the hidden layers and the code. The decoder has them backward.
    tied : bool, keyword only
        Whether the decoder has the transposed weights of the encoder, W₁ᵀ W₂ᵀ …, and only biases
        of its own.
    activation : callable, keyword only
        Makes the module between any two layers; there is none behind the code and the output.
        With :class:`chainrule.nn.Identity` it is linear, and spans the subspace of PCA.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or one is not positive.

    Notes
    -----
    To denoise, train on pairs :func:`corrupt` (x) → x.
    Derived in the chapter ``autoencoders``; Hinton & Salakhutdinov (2006); tied and denoising:
    Vincent et al. (2010), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import Autoencoder
    >>> model = Autoencoder([64, 32, 2], rng=np.random.default_rng(0))
    >>> x = np.zeros((5, 64), np.float32)
    >>> model.encode(x).shape, model(x).shape
    ((5, 2), (5, 64))
    >>> tied = Autoencoder([64, 32, 2], tied=True, rng=np.random.default_rng(0))
    >>> model.num_parameters() - tied.num_parameters() == 64 * 32 + 32 * 2
    True
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        tied: bool = False,
        activation: Callable[[], nn.Module] = nn.ReLU,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_sizes("Autoencoder", least=2, sizes=sizes)
        require_function("Autoencoder", MODULE_REMEDY, activation=activation)
        require_rng_and_dtype("Autoencoder", rng, dtype)
        self.encoder = MLP(sizes, activation=activation, rng=rng, dtype=dtype)
        self.decoder: nn.Module
        if tied:
            layers = [layer for layer in self.encoder.layers if isinstance(layer, nn.Linear)]
            self.decoder = _TransposedLayers(layers, activation())
        else:
            self.decoder = MLP(sizes[::-1], activation=activation, rng=rng, dtype=dtype)

    def encode(self, x: Tensor) -> Tensor:
        """x (..., d₀) → h (..., d_L)."""
        return self.encoder(x)

    def decode(self, h: Tensor) -> Tensor:
        """h (..., d_L) → x̂ (..., d₀)."""
        return self.decoder(h)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., d₀) → x̂ (..., d₀)."""
        return self.decode(self.encode(x))


class _TransposedLayers(nn.Module):
    """The layers backward, each with the transposed weight, and biases that begin as 0."""

    def __init__(self, layers: list[nn.Linear], activation: nn.Module) -> None:
        self.weights = [layer.weight for layer in reversed(layers)]
        self.biases = [
            Tensor(np.zeros(W.shape[1], W.dtype), requires_grad=True) for W in self.weights
        ]
        self.activation = activation

    def forward(self, h: Tensor) -> Tensor:
        """h (..., d_L) → x̂ (..., d₀)."""
        for i, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = F.affine(self.activation(h) if i else h, W.T, b)
        return h


def corrupt(
    x: Array, *, noise: float = 0.0, masked: float = 0.0, rng: np.random.Generator
) -> Array:
    """Spoil examples for a denoising autoencoder: x̃ = m (x + noise · ε), ε normal.

    Parameters
    ----------
    x : array, any shape
    noise : float, keyword only
        The standard deviation that is added, in the unit of ``x``.
    masked : float, keyword only
        The probability that an entry is set to 0: mᵢ = 0, else 1.
    rng : numpy.random.Generator, keyword only

    Returns
    -------
    array, the shape and dtype of ``x``

    Raises
    ------
    ValueError
        If ``noise`` is negative, or ``masked`` no probability.
    TypeError
        If ``x`` is no floating-point array, or ``rng`` no generator.

    Notes
    -----
    Derived in the chapter ``autoencoders``; Vincent et al. (2010), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import corrupt
    >>> x = np.ones((1000, 8), np.float32)
    >>> corrupt(x, noise=0.5, rng=np.random.default_rng(0)).std().round(1)
    np.float32(0.5)
    >>> corrupt(x, masked=0.3, rng=np.random.default_rng(0)).mean().round(1)
    np.float32(0.7)
    """
    require_floating("corrupt", x=x)
    require_numbers("corrupt", "[0, inf)", noise=noise)
    require_numbers("corrupt", "[0, 1]", masked=masked)
    require_generator("corrupt", rng)
    spoiled = x + noise * rng.standard_normal(x.shape)
    spoiled *= rng.random(x.shape) >= masked
    return spoiled.astype(x.dtype)
