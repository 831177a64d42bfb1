"""Quantities with a known truth: a curved manifold, noise that grows, a curve that folds back, and
ratings of low rank."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.arguments import require_generator, require_integers, require_numbers
from chainrule.data.arrays import Floats, Integers


def manifold(
    n: int,
    *,
    features: int = 20,
    dimension: int = 3,
    curvature: float = 1.0,
    noise: float = 0.02,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Draw points on a smooth manifold of few dimensions in a space of many.

    With latent coordinates u uniform in [−1, 1]^k and c the curvature, feature j is
    (sin(c a_j·u + p_j) − sin(p_j)) / c, where the rows a_j are standard normal and the phases p_j
    uniform. As c goes to 0 it becomes the linear cos(p_j) a_j·u, and PCA with k components is
    exact; with c = 1 it bends out of every plane of k dimensions.

    Parameters
    ----------
    n : int
        Number of points. They share one manifold, drawn from ``rng`` first: hold out from one call,
        a second call has another manifold.
    features : int
        d, at least k.
    dimension : int
        ``k``.
    curvature : float
        c, 0 or more.
    noise : float
        Standard deviation of the Gaussian noise on each feature.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, d)
    t : float32 array (n, k)
        The latent coordinates u.

    Raises
    ------
    ValueError
        If ``n`` or ``dimension`` is less than 1, ``features`` less than ``dimension``, or
        ``curvature`` or ``noise`` negative.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapter ``autoencoders``.

    Examples
    --------
    >>> X, t = manifold(500, curvature=0, noise=0, rng=np.random.default_rng(0))
    >>> X.shape, int(np.linalg.matrix_rank(X, tol=1e-3))
    ((500, 20), 3)
    """
    require_integers("manifold", n=n)
    require_integers("manifold", dimension=dimension)
    require_integers("manifold", least=dimension, features=features)
    require_numbers("manifold", "[0, inf)", noise=noise, curvature=curvature)
    require_generator("manifold", rng)
    A = rng.standard_normal((features, dimension))
    phase = rng.uniform(0, 2 * np.pi, features)
    t = rng.uniform(-1, 1, (n, dimension))
    z = t @ A.T
    if curvature == 0:
        X = np.cos(phase) * z
    else:
        X = (np.sin(curvature * z + phase) - np.sin(phase)) / curvature
    X += noise * rng.standard_normal(X.shape)
    return X.astype(np.float32), t.astype(np.float32)


def growing_noise(n: int, *, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw t = sin(2πx) + ε with noise that grows with x: ε of standard deviation 0.05 + 0.35 x.

    Parameters
    ----------
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 1)
        Uniform in [0, 1].
    t : float32 array (n, 1)

    Raises
    ------
    ValueError
        If ``n`` is less than 1.
    TypeError
        If ``n`` is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    For a network that predicts a mean and a variance, in the chapter ``probabilistic-models``.

    Examples
    --------
    >>> X, t = growing_noise(2000, rng=np.random.default_rng(0))
    >>> error = t - np.sin(2 * np.pi * X)
    >>> [round(float(error[part].std()), 1) for part in (X < 0.1, X > 0.9)]
    [0.1, 0.4]
    """
    require_integers("growing_noise", n=n)
    require_generator("growing_noise", rng)
    X = rng.uniform(0, 1, (n, 1))
    t = np.sin(2 * np.pi * X) + (0.05 + 0.35 * X) * rng.standard_normal((n, 1))
    return X.astype(np.float32), t.astype(np.float32)


def folded_curve(n: int, *, noise: float = 0.05, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw x = t + 0.3 sin(2πt) + ε, to be read backward: several t fit one x.

    Parameters
    ----------
    n : int
    noise : float
        Standard deviation of the Gaussian ε.
    rng : numpy.random.Generator

    Returns
    -------
    X : float32 array (n, 1)
    t : float32 array (n, 1)
        Uniform in [0, 1]. The mean of t given x is, between the folds, a value that never occurs.

    Raises
    ------
    ValueError
        If ``n`` is less than 1 or ``noise`` is negative.
    TypeError
        If ``n`` is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Bishop (1994), *Mixture density networks*. Used in the chapter ``probabilistic-models``.

    Examples
    --------
    >>> X, t = folded_curve(2000, noise=0, rng=np.random.default_rng(0))
    >>> near = t[abs(X - 0.5) < 0.01]
    >>> sorted({round(float(value), 1) for value in near})
    [0.2, 0.5, 0.8]
    """
    require_integers("folded_curve", n=n)
    require_numbers("folded_curve", "[0, inf)", noise=noise)
    require_generator("folded_curve", rng)
    t = rng.uniform(0, 1, (n, 1))
    X = t + 0.3 * np.sin(2 * np.pi * t) + noise * rng.standard_normal((n, 1))
    return X.astype(np.float32), t.astype(np.float32)


class Ratings(NamedTuple):
    """Who rated what how, and the truth behind it.

    Attributes
    ----------
    X : int64 array (n, 2)
        User and item of each rating.
    t : float32 array (n, 1)
        The rating: the truth plus noise.
    truth : float32 array (users, items)
        Every rating without noise, also of the pairs that nobody rated.

    Examples
    --------
    >>> Ratings._fields
    ('X', 't', 'truth')
    """

    X: Integers
    t: Floats
    truth: Floats


def ratings(
    n: int,
    *,
    users: int = 200,
    items: int = 100,
    rank: int = 3,
    noise: float = 0.2,
    rng: np.random.Generator,
) -> Ratings:
    """Draw ratings of items by users from tastes of low rank: truth = 3 + U Vᵀ / √rank.

    U (users, rank) and V (items, rank) are standard normal, so that a rating has mean 3 and,
    whatever the rank, standard deviation 1. Ratings are not cut to 1 to 5 stars: that would raise
    the rank.

    Parameters
    ----------
    n : int
        Number of ratings, of different pairs drawn at random; at most ``users * items``.
    users, items : int
    rank : int
        At most the smaller of ``users`` and ``items``.
    noise : float
        Standard deviation of the Gaussian noise on each rating: no model has a smaller error.
    rng : numpy.random.Generator

    Returns
    -------
    Ratings

    Raises
    ------
    ValueError
        If a count is less than 1, there are more ratings than pairs, the rank is too high, or
        ``noise`` is negative.
    TypeError
        If a count is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapter ``applications``, for matrix factorization (Koren, Bell & Volinsky, 2009).

    Examples
    --------
    >>> X, t, truth = ratings(5000, rng=np.random.default_rng(0))
    >>> X.shape, t.shape, int(np.linalg.matrix_rank(truth - 3, tol=1e-3))
    ((5000, 2), (5000, 1), 3)
    >>> user, item = X.T
    >>> round(float((t[:, 0] - truth[user, item]).std()), 1)
    0.2
    """
    for name, value in (("n", n), ("users", users), ("items", items), ("rank", rank)):
        require_integers("ratings", **{name: value})
    if n > users * items:
        raise ValueError(
            f"ratings: n must be at most {users * items}, the number of pairs of {users} users and "
            f"{items} items, got {n}"
        )
    if rank > min(users, items):
        raise ValueError(
            f"ratings: rank must be at most {min(users, items)}, the smaller of users and items, "
            f"got {rank}"
        )
    require_numbers("ratings", "[0, inf)", noise=noise)
    require_generator("ratings", rng)
    U, V = rng.standard_normal((users, rank)), rng.standard_normal((items, rank))
    truth = 3 + U @ V.T / np.sqrt(rank)
    user, item = np.divmod(rng.choice(users * items, n, replace=False), items)
    t = truth[user, item] + noise * rng.standard_normal(n)
    X = np.stack([user, item], axis=1).astype(np.int64)
    return Ratings(X, t[:, None].astype(np.float32), truth.astype(np.float32))
