"""Networks that see the noise in a noisy example: an MLP for points, a U-Net for small images.

Both take the step t of :class:`chainrule.models.GaussianDiffusion`, and optionally labels. Derived
in the chapter ``diffusion``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import nn
from chainrule.arguments import require_rng_and_dtype
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.functional.positions import sinusoidal_encoding
from chainrule.models.inputs import require_images, require_labels, require_sizes
from chainrule.nn import functional as F
from chainrule.nn.module import require_arrays, require_positive


class StepEmbedding(nn.Module):
    """What step it is, and which label is asked for: t (B,), labels (B,) → e (B, d).

    e = MLP(sines of t) + a row for the label. The last row stands for no label, which classifier-
    free guidance needs: labels are ``num_classes`` then, or None for all.

    Parameters
    ----------
    d : int
        An even number.
    num_classes : int, optional
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If ``d`` is not a positive even number.

    Notes
    -----
    Derived in the chapter ``diffusion``; Ho, Jain & Abbeel (2020), appendix B; no label: Ho &
    Salimans (2022), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import StepEmbedding
    >>> embed = StepEmbedding(32, num_classes=10, rng=np.random.default_rng(0))
    >>> embed(np.array([1, 50]), np.array([3, 10])).shape  # a three, and whatever it be
    (2, 32)
    """

    def __init__(
        self,
        d: int,
        num_classes: int | None = None,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        _require_options("StepEmbedding", num_classes, rng, dtype, d=d)
        if d % 2:
            raise ValueError(
                f"StepEmbedding: d must be an even number, got {d}; every sine needs its cosine"
            )
        self.linear1 = nn.Linear(d, d, rng=rng, dtype=dtype)
        self.linear2 = nn.Linear(d, d, rng=rng, dtype=dtype)
        self.num_classes = num_classes
        if num_classes is not None:
            self.labels = nn.Embedding(num_classes + 1, d, rng=rng, dtype=dtype)

    def forward(self, t: Any, labels: Array | None = None) -> Tensor:
        """t (B,), labels (B,) → e (B, d)."""
        t = _require_steps("StepEmbedding", t)
        W = self.linear1.weight
        e = self.linear2(F.silu(self.linear1(sinusoidal_encoding(t, len(W), dtype=W.dtype))))
        if labels is None and self.num_classes is None:
            return e
        if labels is None:
            labels = np.full(len(t), self.num_classes)
        rows = None if self.num_classes is None else self.num_classes + 1
        return e + self.labels(require_labels("StepEmbedding", labels, rows, len(t)))


class DenoisingMLP(nn.Module):
    """Residual MLP: a noisy point x and its step t → the noise ε in it.

    Parameters
    ----------
    dim : int
        D, of a point.
    hidden : int
        d, of every layer; an even number.
    num_layers : int
    num_classes : int, optional
        With it, labels can be given; see :class:`StepEmbedding`.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Notes
    -----
    Derived in the chapter ``diffusion``; Ho, Jain & Abbeel (2020), section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import DenoisingMLP
    >>> model = DenoisingMLP(2, rng=np.random.default_rng(0))
    >>> model(np.zeros((5, 2), np.float32), np.array([1, 2, 3, 4, 100])).shape
    (5, 2)
    """

    def __init__(
        self,
        dim: int = 2,
        hidden: int = 64,
        num_layers: int = 3,
        num_classes: int | None = None,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        sizes = {"dim": dim, "hidden": hidden, "num_layers": num_layers}
        _require_options("DenoisingMLP", num_classes, rng, dtype, **sizes)
        if hidden % 2:
            raise ValueError(
                f"DenoisingMLP: hidden must be an even number, got {hidden}; the step is embedded "
                "in pairs of sine and cosine"
            )
        self.step = StepEmbedding(hidden, num_classes, rng=rng, dtype=dtype)
        self.first = nn.Linear(dim, hidden, rng=rng, dtype=dtype)
        self.layers = [nn.Linear(hidden, hidden, rng=rng, dtype=dtype) for _ in range(num_layers)]
        self.last = nn.Linear(hidden, dim, rng=rng, dtype=dtype)
        self.num_classes = num_classes

    def forward(self, x: Tensor, t: Any, labels: Array | None = None) -> Tensor:
        """x (B, D), t (B,), labels (B,) → ε (B, D)."""
        _require_steps("DenoisingMLP", t, x)
        e = self.step(t, labels)
        h = self.first(x)
        for layer in self.layers:
            h = h + layer(F.silu(h + e))
        return self.last(F.silu(h))


class UNet(nn.Module):
    """Convolutions down to small images and up again, with shortcuts across: x, t → the noise ε.

    Parameters
    ----------
    in_channels : int
        ``C``.
    channels : sequence of int
        One for each resolution; from one to the next the image is halved.
    num_classes : int, optional
        With it, labels can be given; see :class:`StepEmbedding`.
    groups : int
        Of every GroupNorm; a divisor of all channels.
    rng : numpy.random.Generator, keyword only
    dtype : dtype, keyword only

    Raises
    ------
    ValueError
        If a size is out of range.

    Notes
    -----
    Derived in the chapter ``diffusion``; Ronneberger, Fischer & Brox (2015), figure 1; with steps:
    Ho, Jain & Abbeel (2020), appendix B.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import UNet
    >>> model = UNet(channels=(8, 16), rng=np.random.default_rng(0))
    >>> model(np.zeros((3, 1, 8, 8), np.float32), np.array([1, 2, 3])).shape
    (3, 1, 8, 8)
    """

    def __init__(
        self,
        in_channels: int = 1,
        channels: Sequence[int] = (16, 32),
        num_classes: int | None = None,
        groups: int = 4,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        _require_options("UNet", num_classes, rng, dtype, in_channels=in_channels, groups=groups)
        require_sizes("UNet", least=1, channels=channels)
        if any(c % groups for c in channels):
            raise ValueError(
                f"UNet: groups must divide all channels, got groups={groups}, channels={channels!r}"
            )
        d = 4 * channels[0]

        def block(c_in: int, c_out: int) -> _Block:
            return _Block(c_in, c_out, d, groups, rng=rng, dtype=dtype)

        self.in_channels, self.num_classes = in_channels, num_classes
        self.factor = 2 ** (len(channels) - 1)
        self.step = StepEmbedding(d, num_classes, rng=rng, dtype=dtype)
        self.first = nn.Conv2d(in_channels, channels[0], 3, padding=1, rng=rng, dtype=dtype)
        widths = [channels[0], *channels]
        self.down = [block(a, b) for a, b in pairwise(widths)]
        self.pool = nn.AvgPool2d(2)
        self.up = [
            {
                "grow": nn.ConvTranspose2d(b, a, 2, stride=2, rng=rng, dtype=dtype),
                "block": block(2 * a, a),
            }
            for a, b in reversed(list(pairwise(channels)))
        ]
        self.norm = nn.GroupNorm(groups, channels[0], dtype=dtype)
        self.last = nn.Conv2d(channels[0], in_channels, 3, padding=1, rng=rng, dtype=dtype)

    def forward(self, x: Tensor, t: Any, labels: Array | None = None) -> Tensor:
        """x (B, C, H, W), t (B,), labels (B,) → ε (B, C, H, W)."""
        require_images("UNet", x, self.in_channels)
        if x.shape[2] % self.factor or x.shape[3] % self.factor:
            raise ValueError(
                f"UNet: height and width must be multiples of {self.factor}, to be halved for "
                f"each of the channels but the first; got shape {x.shape}"
            )
        _require_steps("UNet", t, x)
        e = self.step(t, labels)
        h, across = self.first(x), []
        for i, block in enumerate(self.down):
            h = block(self.pool(h) if i else h, e)
            across.append(h)
        across.pop()  # the smallest goes straight up
        for level in self.up:
            h = F.concatenate(level["grow"](h), across.pop(), axis=1)
            h = level["block"](h, e)
        return self.last(F.silu(self.norm(h)))


class _Block(nn.Module):
    """Residual block of two convolutions that is told the step between them."""

    def __init__(
        self, c_in: int, c_out: int, d: int, groups: int, *, rng: Any, dtype: DTypeLike
    ) -> None:
        self.norm1 = nn.GroupNorm(groups, c_in, dtype=dtype)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, padding=1, rng=rng, dtype=dtype)
        self.step = nn.Linear(d, c_out, rng=rng, dtype=dtype)
        self.norm2 = nn.GroupNorm(groups, c_out, dtype=dtype)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, rng=rng, dtype=dtype)
        self.shortcut: nn.Module = nn.Identity()
        if c_in != c_out:
            self.shortcut = nn.Conv2d(c_in, c_out, 1, rng=rng, dtype=dtype)

    def forward(self, x: Tensor, e: Tensor) -> Tensor:
        """x (B, C, H, W), e (B, d) → y (B, F, H, W)."""
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.step(F.silu(e))[:, :, np.newaxis, np.newaxis]
        h = self.conv2(F.silu(self.norm2(h)))
        return h + self.shortcut(x)


def _require_options(
    model: str, num_classes: int | None, rng: Any, dtype: DTypeLike, **sizes: Any
) -> None:
    require_positive(model, **sizes)
    if num_classes is not None:
        require_positive(model, num_classes=num_classes)
    require_rng_and_dtype(model, rng, dtype)


def _require_steps(model: str, t: Any, x: Tensor | Array | None = None) -> Array:
    """The array t (B,), if it holds one step for each example of ``x``."""
    if x is not None:
        require_arrays(model, x=x)
    t = t.data if isinstance(t, Tensor) else np.asarray(t)
    if t.dtype.kind not in "iu":
        raise TypeError(f"{model}: t must be integers, one step for each example, got {t.dtype}")
    if t.ndim != 1 or (x is not None and t.shape != x.shape[:1]):
        examples = "" if x is None else f" of x {x.shape}"
        raise ValueError(
            f"{model}: t must have shape (B,), one step for each example{examples}, got {t.shape}"
        )
    if t.size and t.min() < 0:
        raise ValueError(f"{model}: t must lie in 0, 1, 2, …, but got {t.min()}")
    return t
