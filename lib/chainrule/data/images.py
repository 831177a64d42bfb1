"""Small gray images made by a formula: circles against squares, and three kinds of pattern.

Both in the shape that convolutions take, (n, 1, H, W), with ink 1 on paper 0 before the noise.
"""

from __future__ import annotations

import numpy as np

from chainrule.arguments import require_generator, require_integers, require_numbers
from chainrule.data.arrays import Floats, Integers

PATTERNS = ("stripes", "checker", "gradient")
"""The classes of :func:`patterns`, in the order of their numbers."""


def circles_and_squares(
    n: int, *, size: int = 16, noise: float = 0.1, rng: np.random.Generator
) -> tuple[Floats, Integers]:
    """Draw images of one filled circle or one filled square, anywhere, small or large.

    A circle of radius r and the square of side r √π cover the same area, and both draw r and
    their place in the same way: neither the amount of ink nor its place tells them apart, only the
    shape does.

    Parameters
    ----------
    n : int
        Number of images, half of them (rounded up) circles, class 0.
    size : int
        Height and width in pixels, at least 8. Radii lie between ``size / 6`` and ``size / 3``.
    noise : float
        Standard deviation of the Gaussian noise on each pixel.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 1, size, size)
        In [0, 1] before the noise, which goes beyond it; at an edge, the covered part of a pixel.
    t : int64 array (n,)
        0 circle, 1 square, in turn.

    Raises
    ------
    ValueError
        If ``n`` is less than 2, ``size`` less than 8 or ``noise`` negative.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapter ``convolution``.

    Examples
    --------
    >>> X, t = circles_and_squares(100, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(t).tolist()
    ((100, 1, 16, 16), [50, 50])
    """
    require_integers("circles_and_squares", least=2, n=n)
    require_integers("circles_and_squares", least=8, size=size)
    require_numbers("circles_and_squares", "[0, inf)", noise=noise)
    require_generator("circles_and_squares", rng)
    t = np.arange(n, dtype=np.int64) % 2
    radius = rng.uniform(size / 6, size / 3, (n, 1, 1))
    center = rng.uniform(radius, size - radius, (2, n, 1, 1))  # a circle is always whole
    pixel = np.arange(size) + 0.5
    down = np.abs(pixel[:, None] - center[0])  # (n, size, 1)
    right = np.abs(pixel - center[1])  # (n, 1, size)
    # How far inside the edge the middle of a pixel lies, half a pixel either way, is how much of
    # the pixel is covered.
    circle = np.clip(radius - np.hypot(down, right) + 0.5, 0, 1)
    half = radius * np.sqrt(np.pi) / 2
    square = np.clip(half - down + 0.5, 0, 1) * np.clip(half - right + 0.5, 0, 1)
    ink = np.where(t[:, None, None] == 0, circle, square)
    return _images(ink, noise, rng), t


def patterns(
    n: int, *, size: int = 16, noise: float = 0.05, rng: np.random.Generator
) -> tuple[Floats, Integers]:
    """Draw images of stripes, of checkerboards and of gradients.

    Stripes run in any direction, with a period of 4 to ``size / 2`` pixels; the fields of a
    checkerboard are 2 to ``size / 4`` pixels wide, shifted by any number of pixels; a gradient
    rises from 0 to 1 across the image, in any direction.

    Parameters
    ----------
    n : int
        Number of images, the same number of each kind, up to one.
    size : int
        Height and width in pixels, at least 8.
    noise : float
        Standard deviation of the Gaussian noise on each pixel.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 1, size, size)
        In [0, 1] before the noise, which goes beyond it.
    t : int64 array (n,)
        0 stripes, 1 checker, 2 gradient, in turn.

    Raises
    ------
    ValueError
        If ``n`` is less than 3, ``size`` less than 8 or ``noise`` negative.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapter ``autoencoders``.

    Examples
    --------
    >>> X, t = patterns(6, rng=np.random.default_rng(0))
    >>> X.shape, t.tolist()
    ((6, 1, 16, 16), [0, 1, 2, 0, 1, 2])
    """
    require_integers("patterns", least=len(PATTERNS), n=n)
    require_integers("patterns", least=8, size=size)
    require_numbers("patterns", "[0, inf)", noise=noise)
    require_generator("patterns", rng)
    t = np.arange(n, dtype=np.int64) % len(PATTERNS)
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1))
    period = rng.uniform(4, size / 2, (n, 1, 1))
    field = rng.integers(2, size // 4, (n, 1, 1), endpoint=True)
    shift = rng.integers(0, size, (2, n, 1, 1))
    pixel = np.arange(size)
    down, right = pixel[:, None], pixel
    across = np.cos(angle) * down + np.sin(angle) * right  # (n, size, size)
    stripes = 0.5 + 0.5 * np.sin(2 * np.pi * across / period)
    checker = ((down + shift[0]) // field + (right + shift[1]) // field) % 2
    low = across.min((1, 2), keepdims=True)
    gradient = (across - low) / (across.max((1, 2), keepdims=True) - low)
    ink = np.choose(t[:, None, None], [stripes, checker, gradient])
    return _images(ink, noise, rng), t


def _images(ink: Floats, noise: float, rng: np.random.Generator) -> Floats:
    return (ink + noise * rng.standard_normal(ink.shape)).astype(np.float32)[:, None]
