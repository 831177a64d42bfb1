"""Small data sets made by a formula: XOR, two moons, two circles."""

from __future__ import annotations

import numpy as np

from chainrule.functional.contract import Array


def xor() -> tuple[Array, Array]:
    """Return the four points of exclusive or.

    Returns
    -------
    X : float32 array (4, 2)
        All pairs of 0 and 1.
    t : int64 array (4,)
        1 where exactly one of the pair is 1.
    """
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    return X, np.array([0, 1, 1, 0])


def moons(n: int, *, noise: float = 0.1, rng: np.random.Generator) -> tuple[Array, Array]:
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

    Raises
    ------
    ValueError
        If ``n`` is less than 2 or ``noise`` is negative.
    """
    t, angle = _classes_and_angles("moons", n, noise, 0.5, rng)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    X = np.where(t[:, None] == 0, upper, lower)
    return (X + noise * rng.standard_normal((n, 2))).astype(np.float32), t


def circles(
    n: int, *, noise: float = 0.1, inner_radius: float = 0.5, rng: np.random.Generator
) -> tuple[Array, Array]:
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

    Raises
    ------
    ValueError
        If ``n`` is less than 2, ``noise`` is negative, or ``inner_radius`` is not in (0, 1).
    """
    if not 0 < inner_radius < 1:
        raise ValueError(f"circles: inner_radius must lie between 0 and 1, got {inner_radius}")
    t, angle = _classes_and_angles("circles", n, noise, 1.0, rng)
    radius = np.where(t == 0, 1.0, inner_radius)
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (X + noise * rng.standard_normal((n, 2))).astype(np.float32), t


def _classes_and_angles(
    function: str, n: int, noise: float, turns: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    if n < 2:
        raise ValueError(f"{function}: n must be at least 2, one point per class, got {n}")
    if not noise >= 0:
        raise ValueError(f"{function}: noise is a standard deviation, at least 0, got {noise}")
    return np.arange(n) % 2, rng.uniform(0, 2 * np.pi * turns, n)
