"""The variational autoencoder. Derived in the chapter ``variational-autoencoders``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import (
    require_function,
    require_generator,
    require_instance,
    require_integers,
    require_numbers,
    require_rng_and_dtype,
)
from chainrule.autograd import Tensor
from chainrule.functional.contract import (
    Array,
    require_entries,
    require_floating,
    require_same_shape,
)
from chainrule.models.inputs import MODULE_REMEDY, require_sizes
from chainrule.models.mlp import MLP
from chainrule.nn import functional as F


class VAE(nn.Module):
    """Encode x as a Gaussian, draw z from it, decode z to the logits of x.

    q(z | x) = N(μ, exp s), z = μ + exp(s/2) ε with ε normal, p(x | z) = Bernoulli(σ(logits)).

    Parameters
    ----------
    sizes : sequence of int
        D, the hidden layers, and k, the dimensions of z. The decoder has them backward.
    activation : callable, keyword only
        Makes the module behind every hidden layer.
    rng : numpy.random.Generator, keyword only
        Draws the initial weights. Then it draws ε anew at each call in training. In evaluation
        z = μ.
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If there are fewer than three sizes, or one is not positive.

    Notes
    -----
    Derived in the chapter ``variational-autoencoders``; Kingma & Welling (2014), appendix C.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import VAE, elbo_loss
    >>> model = VAE([64, 32, 2], rng=np.random.default_rng(0))
    >>> x = np.full((5, 64), 0.5, np.float32)
    >>> logits, mean, log_var = model(x)
    >>> logits.shape, mean.shape, log_var.shape
    ((5, 64), (5, 2), (5, 2))
    >>> loss = elbo_loss(logits, mean, log_var, x)
    >>> 64 * np.log(2) < loss.item() < 64
    True
    >>> model.sample(3, rng=np.random.default_rng(1)).shape
    (3, 64)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Callable[[], nn.Module] = nn.ReLU,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_sizes("VAE", least=3, sizes=sizes)
        require_function("VAE", MODULE_REMEDY, activation=activation)
        require_rng_and_dtype("VAE", rng, dtype)
        *body, latent = sizes
        self.encoder = nn.Sequential(
            *MLP(body, activation=activation, rng=rng, dtype=dtype).layers, activation()
        )
        self.mean = nn.Linear(body[-1], latent, rng=rng, dtype=dtype)
        self.log_var = nn.Linear(body[-1], latent, rng=rng, dtype=dtype)
        self.decoder = MLP(sizes[::-1], activation=activation, rng=rng, dtype=dtype)
        self.latent, self.rng, self.dtype = latent, rng, np.dtype(dtype)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, D) → μ (B, k), s (B, k), the logarithm of the variance."""
        h = self.encoder(x)
        return self.mean(h), self.log_var(h)

    def reparameterize(self, mean: Tensor, log_var: Tensor) -> Tensor:
        """μ, s → z = μ + exp(s/2) ε in training, with a new ε; μ in evaluation."""
        if not self.training:
            return mean
        noise = self.rng.standard_normal(mean.shape).astype(mean.dtype)
        return mean + F.exp(log_var / 2) * noise

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B, D) → logits (B, D), μ (B, k), s (B, k)."""
        mean, log_var = self.encode(x)
        return self.decoder(self.reparameterize(mean, log_var)), mean, log_var

    def sample(self, n: int, *, rng: np.random.Generator) -> Array:
        """n new examples (n, D): the means σ(logits) for z from the standard normal."""
        require_integers("VAE.sample", n=n)
        require_generator("VAE.sample", rng)
        z = rng.standard_normal((n, self.latent)).astype(self.dtype)
        with nn.evaluating(self):
            return F.sigmoid(self.decoder(z)).data


def elbo_loss(
    logits: Tensor, mean: Tensor, log_var: Tensor, x: Array, *, beta: float = 1.0
) -> Tensor:
    """The negative evidence lower bound: L = E[−log p(x | z)] + β KL(q(z | x) ‖ N(0, 1)).

    Parameters
    ----------
    logits : Tensor (B, D)
        Or of images, (B, …): D is the number of pixels.
    mean, log_var : Tensor (B, k)
        What :class:`VAE` returns.
    x : array, the shape of ``logits``
        In [0, 1].
    beta : float, keyword only
        β; 1 is the bound.

    Returns
    -------
    Tensor, a number
        In nats per example: summed over pixels and dimensions, averaged over examples. With a
        mean over the pixels, the KL would weigh D times as much.

    Raises
    ------
    ValueError
        If the shapes do not fit, or x lies outside [0, 1].

    Notes
    -----
    Derived in the chapter ``variational-autoencoders``; Kingma & Welling (2014), equation 10; β:
    Higgins et al. (2017), equation 4.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.models import elbo_loss
    >>> x, zeros = np.array([[0.0, 1.0]]), np.zeros((1, 3))
    >>> elbo_loss(Tensor(np.zeros((1, 2))), Tensor(zeros), Tensor(zeros), x).item() / np.log(2)
    np.float64(2.0)
    """
    require_numbers("elbo_loss", "[0, inf)", beta=beta)
    tensors = {"logits": logits, "mean": mean, "log_var": log_var}
    require_instance("elbo_loss", Tensor, "pass what the VAE returns", **tensors)
    require_floating("elbo_loss", **{name: a.data for name, a in tensors.items()}, x=x)
    require_same_shape("elbo_loss", logits=logits.data, x=x)
    require_same_shape("elbo_loss", mean=mean.data, log_var=log_var.data)
    require_entries("elbo_loss", "x", x)
    D = math.prod(x.shape[1:])
    pixels = F.binary_cross_entropy_with_logits(logits, x) * D
    return pixels + F.kl_standard_normal(mean, log_var) * beta
