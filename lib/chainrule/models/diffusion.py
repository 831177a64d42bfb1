"""Diffusion: how data become noise step by step, and how samples come back.

Steps are counted as in the papers: t = 1, …, T, and t = 0 is the data. Derived in the chapter
``diffusion``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F


def linear_schedule(steps: int, first: float = 1e-4, last: float = 0.02) -> Array:
    """β₁, …, β_T (T,), evenly from ``first`` to ``last``. Ho, Jain & Abbeel (2020), section 4.

    The end values are those for T = 1000; with fewer steps, more noise must come at each, so that
    ᾱ_T is small: multiply both by 1000 / T.

    Examples
    --------
    >>> from chainrule.models import linear_schedule
    >>> linear_schedule(3, 0.1, 0.3)
    array([0.1, 0.2, 0.3])
    """
    return np.linspace(first, last, steps)


def cosine_schedule(steps: int, offset: float = 0.008) -> Array:
    """β₁, …, β_T (T,) with ᾱ_t ∝ cos²(½π (t/T + s)/(1 + s)), each at most 0.999.

    Nichol & Dhariwal (2021), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import cosine_schedule
    >>> np.cumprod(1 - cosine_schedule(100))[[0, 49, 98]].round(3)
    array([0.999, 0.494, 0.   ])
    """
    s = (np.arange(steps + 1) / steps + offset) / (1 + offset)
    alpha_bar = np.cos(np.pi / 2 * s) ** 2
    return np.minimum(1 - alpha_bar[1:] / alpha_bar[:-1], 0.999)


class GaussianDiffusion:
    """The process that adds noise, q(x_t | x_(t−1)) = N(√(1−β_t) x_(t−1), β_t), and its return.

    Parameters
    ----------
    betas : array (T,)
        β₁, …, β_T, each in (0, 1): the variance that is added at each step.

    Attributes
    ----------
    betas, alpha_bars : array (T + 1,)
        β_t and ᾱ_t = Π (1 − β), at index t; β₀ = 0 and ᾱ₀ = 1 are the data's.
    steps : int
        T.

    Raises
    ------
    ValueError
        If a variance is out of range.

    Notes
    -----
    Derived in the chapter ``diffusion``; Ho, Jain & Abbeel (2020), sections 2 and 3; Song, Meng &
    Ermon (2021), section 4.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import DenoisingMLP, GaussianDiffusion, cosine_schedule
    >>> diffusion = GaussianDiffusion(cosine_schedule(100))
    >>> x_0, rng = np.ones((5, 2), np.float32), np.random.default_rng(0)
    >>> diffusion.add_noise(x_0, np.full(5, 100), np.zeros((5, 2), np.float32)).max() < 0.01
    np.True_
    >>> model = DenoisingMLP(2, rng=rng)
    >>> diffusion.loss(model, x_0, rng=rng).shape
    ()
    >>> diffusion.sample(model, (7, 2), steps=10, rng=rng).shape
    (7, 2)
    """

    def __init__(self, betas: Array) -> None:
        betas = np.asarray(betas, np.float64)
        if betas.ndim != 1 or not betas.size or not ((betas > 0) & (betas < 1)).all():
            raise ValueError(
                "GaussianDiffusion: betas must be variances between 0 and 1, one for each step, "
                f"got {betas}"
            )
        self.betas = np.concatenate([[0.0], betas])
        self.alpha_bars = np.cumprod(1 - self.betas)
        self.steps = len(betas)

    def add_noise(self, x_0: Array, t: Array, noise: Array) -> Array:
        """Draw from q(x_t | x₀) at once: x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε.

        Parameters
        ----------
        x_0, noise : array (B, ...)
        t : integer array (B,)
            In 0, …, T.

        Returns
        -------
        array (B, ...)

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.models import GaussianDiffusion
        >>> diffusion = GaussianDiffusion([0.19, 0.36])
        >>> x_0, noise = np.array([1.0, 1.0, 1.0]), np.zeros(3)
        >>> diffusion.add_noise(x_0, np.array([0, 1, 2]), noise)
        array([1.  , 0.9 , 0.72])
        """
        a = self._of_step(self.alpha_bars, t, x_0)
        return np.sqrt(a) * x_0 + np.sqrt(1 - a) * noise

    def predict_x_0(self, x_t: Array, t: Array, noise: Array) -> Array:
        """Solve :meth:`add_noise` for x₀ = (x_t − √(1 − ᾱ_t) ε) / √ᾱ_t.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.models import GaussianDiffusion
        >>> diffusion = GaussianDiffusion([0.19, 0.36])
        >>> diffusion.predict_x_0(np.array([0.72]), np.array([2]), np.zeros(1))
        array([1.])
        """
        a = self._of_step(self.alpha_bars, t, x_t)
        return (x_t - np.sqrt(1 - a) * noise) / np.sqrt(a)

    def posterior(self, x_0: Array, x_t: Array, t: Array) -> tuple[Array, Array]:
        """Mean (B, ...) and variance (B, 1, ...) of q(x_(t−1) | x_t, x₀), for t ≥ 1.

        Ho, Jain & Abbeel (2020), equations 6 and 7.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.models import GaussianDiffusion
        >>> diffusion = GaussianDiffusion([0.19, 0.36])
        >>> diffusion.posterior(np.array([1.0]), np.array([0.9]), np.array([1]))  # from 1 to 0
        (array([1.]), array([0.]))
        """
        beta, a = (self._of_step(c, t, x_t) for c in (self.betas, self.alpha_bars))
        before = self._of_step(self.alpha_bars, np.asarray(t) - 1, x_t)
        mean = (np.sqrt(before) * beta * x_0 + np.sqrt(1 - beta) * (1 - before) * x_t) / (1 - a)
        return mean, beta * (1 - before) / (1 - a)

    def step_back(
        self,
        x_t: Array,
        t: Array,
        s: Array,
        noise: Array,
        fresh: Array,
        *,
        eta: float = 0.0,
        clip: float | None = None,
    ) -> Array:
        """From step t to an earlier s: x_s = √ᾱ_s x̂₀ + √(1 − ᾱ_s − σ²) ε + σ ε′.

        Parameters
        ----------
        x_t : array (B, ...)
        t, s : integer array (B,)
            0 ≤ s < t ≤ T.
        noise, fresh : array (B, ...)
            ε, that the model sees in x_t, and ε′, new noise.
        eta : float, keyword only
            σ = η √((1 − ᾱ_s)/(1 − ᾱ_t)) √(1 − ᾱ_t/ᾱ_s): 0 adds none (DDIM), 1 as much as the
            posterior has (DDPM).
        clip : float, keyword only
            The largest entry that data have: x̂₀ is cut to ±clip, and ε made to fit. Where ᾱ_t is
            small, a small error in ε is a large one in x̂₀.

        Returns
        -------
        array (B, ...)

        Notes
        -----
        Derived in the chapter ``diffusion``; Song, Meng & Ermon (2021), equations 12 and 16.

        Examples
        --------
        >>> import numpy as np
        >>> from chainrule.models import GaussianDiffusion
        >>> diffusion = GaussianDiffusion([0.19, 0.36])
        >>> t, s, nothing = np.array([2]), np.array([1]), np.zeros(1)
        >>> diffusion.step_back(np.array([0.72]), t, s, nothing, nothing)
        array([0.9])
        """
        a, b = self._of_step(self.alpha_bars, t, x_t), self._of_step(self.alpha_bars, s, x_t)
        variance = eta**2 * (1 - b) / (1 - a) * (1 - a / b)
        x_0 = self.predict_x_0(x_t, t, noise)
        if clip is not None:
            x_0 = np.clip(x_0, -clip, clip)
            noise = (x_t - np.sqrt(a) * x_0) / np.sqrt(1 - a)
        kept = np.sqrt(np.maximum(1 - b - variance, 0))
        return np.sqrt(b) * x_0 + kept * noise + np.sqrt(variance) * fresh

    def loss(
        self,
        model: nn.Module,
        x_0: Array,
        labels: Array | None = None,
        *,
        rng: np.random.Generator,
        drop_labels: float = 0.1,
    ) -> Tensor:
        """The simple loss: mean((ε − model(x_t, t))²), for a step and noise drawn per example.

        Parameters
        ----------
        model : Module
            x_t, t, labels → ε; such as :class:`chainrule.models.UNet`.
        x_0 : array (B, ...)
        labels : integer array (B,), optional
        rng : numpy.random.Generator, keyword only
        drop_labels : float, keyword only
            The probability that a label is not told, which guidance needs.

        Returns
        -------
        Tensor, a number

        Notes
        -----
        Derived in the chapter ``diffusion``; Ho, Jain & Abbeel (2020), equation 14.
        """
        t = rng.integers(1, self.steps + 1, len(x_0))
        noise = rng.standard_normal(x_0.shape).astype(x_0.dtype)
        x_t = self.add_noise(x_0, t, noise)
        if labels is None:
            return F.mse_loss(model(x_t, t), noise)
        told = rng.random(len(labels)) >= drop_labels
        return F.mse_loss(model(x_t, t, np.where(told, labels, _no_label(model))), noise)

    def sample(
        self,
        model: nn.Module,
        shape: tuple[int, ...],
        labels: Array | None = None,
        *,
        rng: np.random.Generator,
        steps: int | None = None,
        eta: float = 1.0,
        clip: float | None = None,
        guidance: float = 0.0,
    ) -> Array:
        """From noise to new examples.

        Parameters
        ----------
        model : Module
            As in :meth:`loss`, trained with it.
        shape : tuple of int
            (B, ...).
        labels : integer array (B,), optional
        rng : numpy.random.Generator, keyword only
        steps : int, keyword only
            How many to go, evenly over 1, …, T; T if not given.
        eta : float, keyword only
            1 is DDPM, 0 is DDIM; see :meth:`step_back`.
        clip : float, keyword only
            As there; 1 for images in [−1, 1].
        guidance : float, keyword only
            w in ε = (1 + w) ε(label) − w ε(no label).

        Returns
        -------
        array of ``shape``
            In the dtype of the model.

        Raises
        ------
        ValueError
            If ``steps`` is not in 1, …, T, or guidance is asked for without labels.

        Notes
        -----
        Derived in the chapter ``diffusion``; guidance: Ho & Salimans (2022), equation 6.
        """
        n = self.steps if steps is None else steps
        if not 1 <= n <= self.steps:
            raise ValueError(f"sample: steps must lie in 1, …, {self.steps}, got {n}")
        if guidance and labels is None:
            raise ValueError("sample: guidance goes towards labels, pass them")
        dtype = next(model.parameters()).dtype
        x = rng.standard_normal(shape).astype(dtype)
        times = np.linspace(self.steps, 0, n + 1).round().astype(int)
        with nn.evaluating(model):
            for t, s in pairwise(times):
                at, to = np.full(len(x), t), np.full(len(x), s)
                noise = model(x, at).data if labels is None else model(x, at, labels).data
                if guidance:
                    nothing = np.full(len(x), _no_label(model))
                    noise = (1 + guidance) * noise - guidance * model(x, at, nothing).data
                fresh = rng.standard_normal(shape).astype(dtype)
                x = self.step_back(x, at, to, noise, fresh, eta=eta, clip=clip)
        return x

    def _of_step(self, values: Array, t: Array, x: Array) -> Array:
        """values[t] for each example, in axes that broadcast against x, in its dtype."""
        t = np.asarray(t)
        if t.dtype.kind not in "iu" or t.shape != x.shape[:1]:
            raise ValueError(
                f"GaussianDiffusion: t must hold one integer for each of the {x.shape[:1]} "
                f"examples, got shape {t.shape} and dtype {t.dtype}"
            )
        if t.size and (t.min() < 0 or t.max() > self.steps):
            raise ValueError(
                f"GaussianDiffusion: steps lie in 0, …, {self.steps}, got {t.min()} to {t.max()}"
            )
        return values[t].astype(x.dtype).reshape(-1, *[1] * (x.ndim - 1))


def _no_label(model: Any) -> int:
    if model.num_classes is None:
        raise ValueError(
            f"{type(model).__name__}: was built without num_classes and takes no labels"
        )
    return model.num_classes
