"""Diffusion: how data become noise step by step, and how samples come back.

Steps are counted as in the papers: t = 1, …, T, and t = 0 is the data. Derived in the chapter
``diffusion``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from chainrule import nn
from chainrule.arguments import (
    is_integer,
    require_generator,
    require_instance,
    require_integers,
    require_numbers,
)
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array, require_floating, require_same_shape
from chainrule.models.inputs import require_labels, require_sizes
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
    require_integers("linear_schedule", steps=steps)
    require_numbers("linear_schedule", "(0, 1)", first=first, last=last)
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
    require_integers("cosine_schedule", steps=steps)
    require_numbers("cosine_schedule", "[0, inf)", offset=offset)
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
        ``T``.

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
        given, betas = betas, np.asarray(betas)
        if betas.dtype.kind != "f":
            raise TypeError(
                "GaussianDiffusion: betas must be floating-point numbers, one variance for each "
                f"step, got {given!r}"
            )
        betas = betas.astype(np.float64)
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
        self._require("add_noise", {"t": t}, x_0=x_0, noise=noise)
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
        self._require("predict_x_0", {"t": t}, x_t=x_t, noise=noise)
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
        self._require("posterior", {"t": t}, least=1, x_0=x_0, x_t=x_t)
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
        self._require("step_back", {"t": t, "s": s}, x_t=x_t, noise=noise, fresh=fresh)
        if not (np.asarray(s) < t).all():
            raise ValueError(
                f"GaussianDiffusion.step_back: s must be earlier than t, got s={s} and t={t}"
            )
        _require_options("step_back", eta, clip)
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
        owner = "GaussianDiffusion.loss"
        require_instance(owner, nn.Module, "pass the model", model=model)
        require_generator(owner, rng)
        require_numbers(owner, "[0, 1]", drop_labels=drop_labels)
        require_floating(owner, x_0=x_0)
        if x_0.ndim == 0:
            raise ValueError(f"{owner}: x_0 must have one entry per example, got shape ()")
        _require_labels(owner, model, labels, len(x_0))
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
        owner, n = "GaussianDiffusion.sample", self.steps if steps is None else steps
        require_instance(owner, nn.Module, "pass the model", model=model)
        require_generator(owner, rng)
        require_sizes(owner, least=1, shape=shape)
        require_numbers(owner, "(-inf, inf)", guidance=guidance)
        _require_options("sample", eta, clip)
        if not is_integer(n) or not 1 <= n <= self.steps:
            raise ValueError(f"{owner}: steps must lie in 1, …, {self.steps}, got {n!r}")
        if guidance and labels is None:
            raise ValueError(f"{owner}: guidance goes toward labels; pass them")
        _require_labels(owner, model, labels, shape[0])
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

    def _require(
        self, method: str, steps: dict[str, Any], *, least: int = 0, **arrays: Any
    ) -> None:
        """Raise unless ``arrays`` are examples of one shape and ``steps`` has one for each."""
        owner = f"GaussianDiffusion.{method}"
        require_floating(owner, **arrays)
        require_same_shape(owner, **arrays)
        examples = next(iter(arrays.values())).shape[:1]
        for name, given in steps.items():
            t = np.asarray(given)
            if t.dtype.kind not in "iu" or t.shape != examples:
                raise ValueError(
                    f"{owner}: {name} must hold one integer for each of the {examples} examples, "
                    f"got {given!r} of shape {t.shape} and dtype {t.dtype}"
                )
            if t.size and (t.min() < least or t.max() > self.steps):
                raise ValueError(
                    f"{owner}: {name} must lie in {least}, …, {self.steps}, got {t.min()} to "
                    f"{t.max()}"
                )

    def _of_step(self, values: Array, t: Array, x: Array) -> Array:
        """values[t] for each example, in axes that broadcast against x, in its dtype."""
        return values[t].astype(x.dtype).reshape(-1, *[1] * (x.ndim - 1))


def _require_options(method: str, eta: float, clip: float | None) -> None:
    require_numbers(f"GaussianDiffusion.{method}", "[0, inf)", eta=eta)
    if clip is not None:
        require_numbers(f"GaussianDiffusion.{method}", "(0, inf]", clip=clip)


def _require_labels(owner: str, model: Any, labels: Any, batch: int) -> None:
    if labels is not None:
        require_labels(owner, labels, _no_label(model), batch)


def _no_label(model: Any) -> int:
    if model.num_classes is None:
        raise ValueError(
            f"{type(model).__name__}: was built without num_classes and takes no labels"
        )
    return model.num_classes
