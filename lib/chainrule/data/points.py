"""Points in the plane, made by a formula: XOR, moons, circles, spirals, a ring, Gaussian modes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule.arguments import require_generator, require_integers, require_numbers
from chainrule.data.arrays import Floats, Integers


def xor() -> tuple[Floats, Integers]:
    """Return the four points of exclusive or.

    Returns
    -------
    X : float32 array (4, 2)
        All pairs of 0 and 1.
    t : int64 array (4,)
        1 where exactly one of the pair is 1.

    Notes
    -----
    Used from the chapter ``why-neural-networks`` on.

    Examples
    --------
    >>> X, t = xor()
    >>> X.tolist(), t.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    return X, np.array([0, 1, 1, 0], dtype=np.int64)


def moons(n: int, *, noise: float = 0.1, rng: np.random.Generator) -> tuple[Floats, Integers]:
    """Draw two interleaved half circles of radius 1.

    Parameters
    ----------
    n : int
        Number of points, half of them (rounded up) in the upper moon, class 0.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 2)
    t : int64 array (n,)
        0 and 1 in turn.

    Raises
    ------
    ValueError
        If ``n`` is less than 2 or ``noise`` is negative.
    TypeError
        If ``n`` is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapter ``forward-pass``.

    Examples
    --------
    >>> X, t = moons(100, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(t).tolist()
    ((100, 2), [50, 50])
    """
    t, angle = _classes_and_angles("moons", n, noise, 0.5, rng)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    X = np.where(t[:, None] == 0, upper, lower)
    return _jitter(X, noise, rng), t


def circles(
    n: int, *, noise: float = 0.1, inner_radius: float = 0.5, rng: np.random.Generator
) -> tuple[Floats, Integers]:
    """Draw two concentric circles, the outer one of radius 1.

    Parameters
    ----------
    n : int
        Number of points, half of them (rounded up) on the outer circle, class 0.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.
    inner_radius : float
        Radius of the inner circle, class 1, between 0 and 1.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 2)
    t : int64 array (n,)
        0 and 1 in turn.

    Raises
    ------
    ValueError
        If ``n`` is less than 2, ``noise`` is negative, or ``inner_radius`` is not in (0, 1).
    TypeError
        If ``n`` is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapter ``why-neural-networks``.

    Examples
    --------
    >>> X, t = circles(4, noise=0, rng=np.random.default_rng(0))
    >>> np.hypot(X[:, 0], X[:, 1]).round(3).tolist()
    [1.0, 0.5, 1.0, 0.5]
    """
    require_numbers("circles", "(0, 1)", inner_radius=inner_radius)
    t, angle = _classes_and_angles("circles", n, noise, 1.0, rng)
    radius = np.where(t == 0, 1.0, inner_radius)
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _jitter(X, noise, rng), t


def spirals(
    n: int,
    *,
    arms: int = 2,
    turns: float = 1.0,
    noise: float = 0.02,
    rng: np.random.Generator,
) -> tuple[Floats, Integers]:
    """Draw spiral arms that wind around each other, one class each.

    On an arm the radius r grows from 0.1 to 1 while the angle grows by ``turns`` full turns; the
    arms start 2π / ``arms`` apart.

    Parameters
    ----------
    n : int
        Number of points, the same number on each arm, up to one.
    arms : int
        K, at least 2.
    turns : float
        More turns make it harder.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 2)
    t : int64 array (n,)
        0 to K − 1 in turn.

    Raises
    ------
    ValueError
        If ``arms`` is less than 2, ``n`` is less than ``arms``, ``turns`` is not positive or
        ``noise`` is negative.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Two arms: Lang & Witbrock (1988), *Learning to tell two spirals apart*.

    Examples
    --------
    >>> X, t = spirals(90, arms=3, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(t).tolist()
    ((90, 2), [30, 30, 30])
    """
    require_integers("spirals", least=2, arms=arms)
    require_integers("spirals", least=arms, n=n)
    require_numbers("spirals", "(0, inf)", turns=turns)
    require_numbers("spirals", "[0, inf)", noise=noise)
    require_generator("spirals", rng)
    t = np.arange(n, dtype=np.int64) % arms
    radius = rng.uniform(0.1, 1, n)
    angle = 2 * np.pi * (turns * (radius - 0.1) / 0.9 + t / arms)
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _jitter(X, noise, rng), t


def ring(
    n: int, *, radius: float = 2.0, noise: float = 0.1, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw points on a circle around the origin, as a distribution to imitate.

    Parameters
    ----------
    n : int
    radius : float
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 2)
    t : float32 array (n, 1)
        The angle at which each point was put, in radians, 0 to 2π.

    Raises
    ------
    ValueError
        If ``n`` is less than 1, ``radius`` is not positive or ``noise`` is negative.
    TypeError
        If ``n`` is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapters ``gans`` and ``diffusion``.

    Examples
    --------
    >>> X, angle = ring(1000, rng=np.random.default_rng(0))
    >>> float(np.hypot(X[:, 0], X[:, 1]).mean().round(1))
    2.0
    """
    require_integers("ring", n=n)
    require_numbers("ring", "(0, inf)", radius=radius)
    require_numbers("ring", "[0, inf)", noise=noise)
    require_generator("ring", rng)
    angle = rng.uniform(0, 2 * np.pi, (n, 1))
    X = radius * np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    return _jitter(X, noise, rng), angle.astype(np.float32)


def gaussian_ring(
    n: int,
    *,
    modes: int = 8,
    radius: float = 2.0,
    noise: float = 0.1,
    rng: np.random.Generator,
) -> tuple[Floats, Integers]:
    """Draw from a mixture of Gaussians whose centers lie on a circle.

    Parameters
    ----------
    n : int
        Number of points, the same number from each mode, up to one.
    modes : int
        ``K``. The centers are those of :func:`mode_centers`.
    radius : float
        Of the circle of centers.
    noise : float
        Standard deviation of each Gaussian, on each coordinate.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 2)
    t : int64 array (n,)
        The mode of each point, 0 to K − 1 in turn.

    Raises
    ------
    ValueError
        If ``modes`` is less than 1, ``n`` is less than ``modes``, ``radius`` is not positive or
        ``noise`` is negative.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    The test for collapsing modes of Metz, Poole, Pfau & Sohl-Dickstein (2017), *Unrolled
    generative adversarial networks*. Used in the chapter ``gans``.

    Examples
    --------
    >>> X, t = gaussian_ring(800, modes=8, noise=0.1, rng=np.random.default_rng(0))
    >>> distance = np.linalg.norm(X - mode_centers(8)[t], axis=1)
    >>> bool((distance < 0.3).mean() > 0.97)  # within 3σ: 98.9 % in the plane
    True
    """
    require_integers("gaussian_ring", modes=modes)
    require_integers("gaussian_ring", least=modes, n=n)
    require_numbers("gaussian_ring", "(0, inf)", radius=radius)
    require_numbers("gaussian_ring", "[0, inf)", noise=noise)
    require_generator("gaussian_ring", rng)
    t = np.arange(n, dtype=np.int64) % modes
    return _jitter(mode_centers(modes, radius=radius)[t], noise, rng), t


def mode_centers(modes: int, *, radius: float = 2.0) -> Floats:
    """Return the centers of the Gaussians of :func:`gaussian_ring`: radius · (cos, sin)(2πk / K).

    Parameters
    ----------
    modes : int
        ``K``.
    radius : float

    Returns
    -------
    float32 array (K, 2)
        The first at (radius, 0), the others counter-clockwise.

    Raises
    ------
    ValueError
        If ``modes`` is less than 1 or ``radius`` is not positive.
    TypeError
        If ``modes`` is not a whole number.

    Notes
    -----
    Used in the chapter ``gans``, to count the modes that a generator covers.

    Examples
    --------
    >>> (mode_centers(4).round(3) + 0.0).tolist()
    [[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [0.0, -2.0]]
    """
    require_integers("mode_centers", modes=modes)
    require_numbers("mode_centers", "(0, inf)", radius=radius)
    angle = 2 * np.pi * np.arange(modes) / modes
    return (radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(np.float32)


def _classes_and_angles(
    function: str, n: int, noise: float, turns: float, rng: np.random.Generator
) -> tuple[Integers, NDArray[np.float64]]:
    require_generator(function, rng)
    require_integers(function, least=2, n=n)  # one point per class
    require_numbers(function, "[0, inf)", noise=noise)
    return np.arange(n, dtype=np.int64) % 2, rng.uniform(0, 2 * np.pi * turns, n)


def _jitter(X: NDArray[np.floating], noise: float, rng: np.random.Generator) -> Floats:
    return (X + noise * rng.standard_normal(X.shape)).astype(np.float32)
