"""Quantities with a known truth: that the truth is as documented."""

import numpy as np
import pytest

from chainrule.data import folded_curve, growing_noise, manifold, ratings


def rng(seed=0):
    return np.random.default_rng(seed)


def explained(X, k):
    """The share of the variance in the first k principal components."""
    variance = np.linalg.svd(X - X.mean(0), compute_uv=False) ** 2
    return variance[:k].sum() / variance.sum()


def test_a_flat_manifold_is_a_plane_and_a_curved_one_is_not():
    flat, t = manifold(1000, curvature=0, noise=0, rng=rng())
    curved, u = manifold(1000, noise=0, rng=rng())
    np.testing.assert_array_equal(t, u)
    assert -1 <= t.min() < -0.99 < 0.99 < t.max() <= 1
    assert explained(flat, 3) > 1 - 1e-6
    assert explained(flat, 2) < 0.99
    assert explained(curved, 3) < 0.9


def test_the_flat_manifold_is_the_limit_of_the_curved_one():
    flat, _ = manifold(100, curvature=0, noise=0, rng=rng())
    nearly, _ = manifold(100, curvature=1e-4, noise=0, rng=rng())
    np.testing.assert_allclose(nearly, flat, atol=1e-3)


def test_a_curved_manifold_has_three_dimensions_everywhere():
    # Around any point the nearest neighbors lie in a space of three dimensions.
    X, t = manifold(20_000, noise=0, rng=rng())
    for point in (0, 1, 2):
        near = np.argsort(((t - t[point]) ** 2).sum(1))[:40]
        assert explained(X[near], 3) > 0.99 > explained(X[near], 2)


def test_more_latent_dimensions_than_features_are_refused():
    with pytest.raises(ValueError, match="manifold: features must be at least 3, got 2"):
        manifold(10, features=2, rng=rng())


def test_growing_noise_grows_as_documented():
    X, t = growing_noise(40_000, rng=rng())
    error = t - np.sin(2 * np.pi * X)
    for low in (0.0, 0.45, 0.9):
        part = (low <= X) & (low + 0.1 > X)
        # About 4,000 points: 0.05 is more than four standard errors of a standard deviation.
        np.testing.assert_allclose(error[part].std(), 0.05 + 0.35 * (low + 0.05), rtol=0.05)
        assert abs(error[part].mean()) < 0.03


def test_the_folded_curve_folds():
    X, t = folded_curve(5000, noise=0, rng=rng())
    np.testing.assert_allclose(X, t + 0.3 * np.sin(2 * np.pi * t), atol=1e-6)
    order = X[np.argsort(t[:, 0]), 0]
    turns = np.flatnonzero(np.diff(np.sign(np.diff(order))))
    assert len(turns) == 2


def test_ratings():
    X, t, truth = ratings(3000, users=60, items=80, rank=2, noise=0.3, rng=rng())
    user, item = X.T
    assert (user >= 0).all()
    assert user.max() < 60
    assert (item >= 0).all()
    assert item.max() < 80
    assert len(np.unique(X, axis=0)) == 3000, "nobody rates twice"
    np.testing.assert_allclose((t[:, 0] - truth[user, item]).std(), 0.3, rtol=0.08)
    singular = np.linalg.svd(truth - 3, compute_uv=False)
    assert singular[1] > 10
    assert singular[2] < 1e-3


def test_all_pairs_can_be_rated():
    X, _, truth = ratings(12 * 7, users=12, items=7, noise=0, rng=rng())
    assert len(np.unique(X, axis=0)) == 12 * 7
    assert truth.shape == (12, 7)


@pytest.mark.parametrize("rank", [1, 3, 8])
def test_ratings_have_the_same_scale_at_every_rank(rank):
    truth = np.stack([ratings(1, rank=rank, rng=rng(s)).truth for s in range(20)])
    np.testing.assert_allclose(truth.mean(), 3, atol=0.05)
    np.testing.assert_allclose(truth.std(), 1, atol=0.1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 21}, "n must be at most 20, the number of pairs of 4 users and 5 items, got 21"),
        ({"n": 3, "rank": 5}, "rank must be at most 4, the smaller of users and items, got 5"),
    ],
)
def test_ratings_refused(options, message):
    with pytest.raises(ValueError, match=f"^ratings: {message}"):
        ratings(**options, users=4, items=5, rng=rng())
