"""Generative adversarial networks: one network draws, the other tells drawn from real.

Derived in the chapter ``gans``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

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
from chainrule.functional.contract import Array, require_floating
from chainrule.models.inputs import MODULE_REMEDY, require_labels, require_sizes
from chainrule.models.mlp import MLP
from chainrule.nn import functional as F
from chainrule.nn.module import require_arrays, require_positive


def _slope() -> nn.Module:
    return nn.LeakyReLU(0.2)


class Generator(nn.Module):
    """An MLP from noise to an example: G(z), or G(z, label).

    Parameters
    ----------
    latent_dim : int
        k, the dimensions of z.
    shape : tuple of int
        Of an example: ``(2,)`` for points, ``(1, 8, 8)`` for digits.
    hidden : sequence of int
    num_classes : int, optional
        With it, the label is a second input, as a one-hot vector beside z.
    output : callable, keyword only
        Makes the last module: :class:`chainrule.nn.Tanh` for images in [−1, 1].
    activation : callable, keyword only
        Makes the module behind every hidden layer; LeakyReLU(0.2) if not given.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Notes
    -----
    Derived in the chapter ``gans``; Goodfellow et al. (2014); labels: Mirza & Osindero (2014).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import nn
    >>> from chainrule.models import Generator
    >>> G = Generator(16, (1, 8, 8), num_classes=10, output=nn.Tanh, rng=np.random.default_rng(0))
    >>> G.sample(3, np.array([7, 7, 1]), rng=np.random.default_rng(1)).shape
    (3, 1, 8, 8)
    """

    def __init__(
        self,
        latent_dim: int,
        shape: tuple[int, ...] = (2,),
        hidden: Sequence[int] = (64, 64),
        num_classes: int | None = None,
        *,
        output: Callable[[], nn.Module] = nn.Identity,
        activation: Callable[[], nn.Module] = _slope,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        require_positive("Generator", latent_dim=latent_dim)
        _require_options("Generator", shape, hidden, num_classes, activation, rng, dtype)
        require_function("Generator", MODULE_REMEDY, output=output)
        sizes = [latent_dim + (num_classes or 0), *hidden, math.prod(shape)]
        self.net = MLP(sizes, activation=activation, rng=rng, dtype=dtype)
        self.output = nn.Sequential(output(), nn.Unflatten(1, shape))
        self.latent_dim, self.num_classes, self.dtype = latent_dim, num_classes, np.dtype(dtype)

    def forward(self, z: Tensor, labels: Array | None = None) -> Tensor:
        """z (B, k), labels (B,) of a conditional one → x (B, …)."""
        require_arrays("Generator", z=z)
        if len(z.shape) != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(
                f"Generator: takes noise (B, {self.latent_dim}), got shape {z.shape}; "
                "draw it with rng.standard_normal"
            )
        return self.output(self.net(_with_labels("Generator", z, labels, self.num_classes)))

    def sample(self, n: int, labels: Array | None = None, *, rng: np.random.Generator) -> Array:
        """n examples (n, …) for z from the standard normal."""
        require_integers("Generator.sample", n=n)
        require_generator("Generator.sample", rng)
        z = rng.standard_normal((n, self.latent_dim)).astype(self.dtype)
        with nn.evaluating(self):
            return self(z, labels).data


class Discriminator(nn.Module):
    """An MLP from an example to one number: the log odds that it is real.

    Parameters
    ----------
    shape : tuple of int
        Of an example.
    hidden : sequence of int
    num_classes : int, optional
        With it, the label is a second input.
    activation : callable, keyword only
        Makes the module behind every hidden layer; LeakyReLU(0.2) if not given.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Notes
    -----
    D(x) of the paper is σ(logit). As a critic of a Wasserstein GAN, the number is no logit.
    Derived in the chapter ``gans``; Goodfellow et al. (2014); labels: Mirza & Osindero (2014).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import Discriminator
    >>> D = Discriminator((1, 8, 8), rng=np.random.default_rng(0))
    >>> D(np.zeros((3, 1, 8, 8), np.float32)).shape
    (3,)
    """

    def __init__(
        self,
        shape: tuple[int, ...] = (2,),
        hidden: Sequence[int] = (64, 64),
        num_classes: int | None = None,
        *,
        activation: Callable[[], nn.Module] = _slope,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        _require_options("Discriminator", shape, hidden, num_classes, activation, rng, dtype)
        sizes = [math.prod(shape) + (num_classes or 0), *hidden, 1]
        self.net = MLP(sizes, activation=activation, rng=rng, dtype=dtype)
        self.shape, self.num_classes = tuple(shape), num_classes

    def forward(self, x: Tensor, labels: Array | None = None) -> Tensor:
        """x (B, …), labels (B,) of a conditional one → logits (B,)."""
        require_arrays("Discriminator", x=x)
        if tuple(x.shape[1:]) != self.shape:
            raise ValueError(
                f"Discriminator: takes examples (B, {', '.join(map(str, self.shape))}), got shape "
                f"{x.shape}; give it the shape of what the generator makes"
            )
        flat = F.reshape(x, shape=(x.shape[0], math.prod(self.shape)))
        logits = self.net(_with_labels("Discriminator", flat, labels, self.num_classes))
        return logits[:, 0]


def _require_options(
    model: str, shape: Any, hidden: Any, num_classes: Any, activation: Any, rng: Any, dtype: Any
) -> None:
    require_sizes(model, least=1, shape=shape)
    require_sizes(model, hidden=hidden)
    if num_classes is not None:
        require_positive(model, num_classes=num_classes)
    require_function(model, MODULE_REMEDY, activation=activation)
    require_rng_and_dtype(model, rng, dtype)


def _with_labels(model: str, x: Tensor, labels: Array | None, num_classes: int | None) -> Tensor:
    if labels is None and num_classes is None:
        return x
    labels = require_labels(model, labels, num_classes, x.shape[0])
    one_hot = np.eye(num_classes or 0, dtype=x.dtype)[labels]
    return F.concatenate(x, one_hot, axis=1)


def discriminator_loss(real: Tensor, fake: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """L_D = −mean((1 − s) log D(x) + s log(1 − D(x))) − mean(log(1 − D(G(z)))).

    Parameters
    ----------
    real, fake : Tensor (B,)
        Logits of real examples and of generated ones.
    smoothing : float, keyword only
        s: the label of the real is 1 − s (one-sided label smoothing).

    Returns
    -------
    Tensor, a number
        In nats; 2 log 2 where the discriminator does not know.

    Notes
    -----
    From logits, for σ would round to 0 or 1, and log(0) is no loss.
    Derived in the chapter ``gans``; Goodfellow et al. (2014), equation 1; smoothing: Salimans et
    al. (2016), section 3.4.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import discriminator_loss
    >>> discriminator_loss(np.zeros(4), np.zeros(4)).item() / np.log(2)
    np.float64(2.0)
    """
    _require_logits("discriminator_loss", real=real, fake=fake)
    require_numbers("discriminator_loss", "[0, 1]", smoothing=smoothing)
    targets = np.full(real.shape, 1 - smoothing, real.dtype)
    return F.binary_cross_entropy_with_logits(real, targets) + F.mean(F.softplus(fake))


def generator_loss(fake: Tensor, *, saturating: bool = False) -> Tensor:
    """L_G = −mean(log D(G(z))), or mean(log(1 − D(G(z)))) if saturating.

    Parameters
    ----------
    fake : Tensor (B,)
        Logits of what was generated.
    saturating : bool, keyword only
        Whether it is the discriminator's own loss with the other sign, whose gradient vanishes
        where D(G(z)) → 0, just where the generator has most to learn.

    Returns
    -------
    Tensor, a number
        In nats.

    Notes
    -----
    Derived in the chapter ``gans``; Goodfellow et al. (2014), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.models import generator_loss
    >>> for saturating in (False, True):
    ...     logit = Tensor(np.array([-10.0]), requires_grad=True)
    ...     generator_loss(logit, saturating=saturating).backward()
    ...     print(logit.grad.round(4))
    [-1.]
    [-0.]
    """
    _require_logits("generator_loss", fake=fake)
    return -F.mean(F.softplus(fake)) if saturating else F.mean(F.softplus(F.neg(fake)))


def _require_logits(function: str, **logits: Any) -> None:
    remedy = "pass what the discriminator returns"
    require_instance(function, Tensor | np.ndarray, remedy, **logits)
    require_floating(
        function, **{n: z.data if isinstance(z, Tensor) else z for n, z in logits.items()}
    )
