"""Points made by formulas: where they lie, how they are seeded, what is refused."""

import numpy as np
import pytest

from chainrule.data import circles, gaussian_ring, mode_centers, moons, ring, spirals, xor


def rng(seed=0):
    return np.random.default_rng(seed)


def test_xor():
    X, t = xor()
    assert X.dtype == np.float32
    assert t.dtype == np.int64
    assert [(*map(int, x), int(k)) for x, k in zip(X, t, strict=True)] == [
        (0, 0, 0),
        (0, 1, 1),
        (1, 0, 1),
        (1, 1, 0),
    ]


@pytest.mark.parametrize("make", [moons, circles])
@pytest.mark.parametrize("n", [2, 3, 10, 501])
def test_shapes_dtypes_and_classes(make, n):
    X, t = make(n, rng=rng())
    assert X.shape == (n, 2)
    assert t.shape == (n,)
    assert X.dtype == np.float32
    assert t.dtype == np.int64
    assert np.bincount(t).tolist() == [(n + 1) // 2, n // 2]


@pytest.mark.parametrize("make", [moons, circles])
def test_one_seed_one_set(make):
    X, t = make(20, rng=rng())
    again, classes = make(20, rng=rng())
    assert np.array_equal(X, again)
    assert np.array_equal(t, classes)
    assert not np.array_equal(X, make(20, rng=rng(1))[0])


def test_moons_without_noise_are_half_circles():
    X, t = moons(400, noise=0, rng=rng())
    upper, lower = X[t == 0], X[t == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, atol=1e-6)
    assert (upper[:, 1] >= 0).all()
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1, atol=1e-6)
    assert (lower[:, 1] <= 0.5).all()
    # Each reaches into the other: no straight line tells them apart.
    assert lower[:, 0].min() < 0.05 < 0.95 < upper[:, 0].max()


def test_circles_without_noise_are_circles():
    X, t = circles(400, noise=0, inner_radius=0.3, rng=rng())
    np.testing.assert_allclose(np.hypot(*X[t == 0].T), 1, atol=1e-6)
    np.testing.assert_allclose(np.hypot(*X[t == 1].T), 0.3, atol=1e-6)
    for k in (0, 1):
        assert len(np.unique(np.sign(X[t == k]), axis=0)) == 4, "all the way round"


@pytest.mark.parametrize("make", [moons, circles])
def test_noise_is_a_standard_deviation_per_coordinate(make):
    clean, _ = make(20_000, noise=0, rng=rng())
    noisy, _ = make(20_000, noise=0.2, rng=rng())
    # From n = 20,000 draws the deviation is known to 1/√(2n), half a percent, and the mean to
    # 0.2/√n, 0.0014: the bounds are six and seven standard errors wide.
    np.testing.assert_allclose((noisy - clean).std(0), 0.2, rtol=0.03)
    np.testing.assert_allclose((noisy - clean).mean(0), 0, atol=0.01)


@pytest.mark.parametrize("make", [moons, circles])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 1}, "n must be at least 2, got 1"),
        ({"n": 0}, "n must be at least 2, got 0"),
        ({"n": 10, "noise": -0.1}, "noise must be at least 0, got -0.1"),
        ({"n": 10, "noise": float("nan")}, "noise must be at least 0, got nan"),
    ],
)
def test_refused(make, arguments, message):
    with pytest.raises(ValueError, match=f"{make.__name__}: {message}"):
        make(**arguments, rng=rng())


@pytest.mark.parametrize("radius", [0, 1, -0.5, 2, float("nan")])
def test_an_inner_radius_that_is_not_inside_is_refused(radius):
    with pytest.raises(ValueError, match=rf"circles: inner_radius must lie in .*, got {radius}"):
        circles(10, inner_radius=radius, rng=rng())


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_spirals_without_noise_are_turned_copies_of_one_arm(arms):
    X, t = spirals(100 * arms, arms=arms, turns=1.5, noise=0, rng=rng())
    radius, angle = np.hypot(*X.T), np.arctan2(*X.T[::-1])
    assert 0.1 <= radius.min() < 0.15
    assert 0.95 < radius.max() <= 1
    expected = 2 * np.pi * (1.5 * (radius - 0.1) / 0.9 + t / arms)
    np.testing.assert_allclose(np.cos(angle - expected), 1, atol=1e-5)


def test_ring():
    X, angle = ring(20_000, rng=rng())
    radius = np.hypot(*X.T)
    # 20,000 points: the mean is known to 0.1/√n, 0.0007, and the deviation to 1/√(2n), half a
    # percent: the bounds are seven and six standard errors wide.
    np.testing.assert_allclose(radius.mean(), 2, atol=0.005)
    np.testing.assert_allclose(radius.std(), 0.1, rtol=0.03)
    assert 0 <= angle.min() < angle.max() <= np.float32(2 * np.pi)
    assert (np.histogram(angle, 8)[0] > 2200).all(), "all the way round"
    clean, angle = ring(100, radius=3, noise=0, rng=rng())
    np.testing.assert_allclose(clean, 3 * np.hstack([np.cos(angle), np.sin(angle)]), atol=1e-5)


@pytest.mark.parametrize("modes", [1, 4, 8])
def test_gaussian_ring_is_around_its_centers(modes):
    centers = mode_centers(modes, radius=3)
    np.testing.assert_allclose(np.hypot(*centers.T), 3, rtol=1e-6)
    gap = 2 * 3 * np.sin(np.pi / modes)
    for k in range(modes):
        np.testing.assert_allclose(np.linalg.norm(centers[k] - centers[k - 1]), gap, atol=1e-5)
    X, t = gaussian_ring(modes * 4000, modes=modes, radius=3, noise=0.2, rng=rng())
    for k in range(modes):
        # 4,000 points: both bounds are six standard errors wide.
        np.testing.assert_allclose(X[t == k].mean(0), centers[k], atol=0.02)
        np.testing.assert_allclose(X[t == k].std(0), 0.2, rtol=0.07)


def test_fewer_points_than_classes_are_refused():
    with pytest.raises(ValueError, match="spirals: n must be at least 3, got 2"):
        spirals(2, arms=3, rng=rng())
    with pytest.raises(ValueError, match="gaussian_ring: n must be at least 8, got 7"):
        gaussian_ring(7, rng=rng())
    with pytest.raises(ValueError, match="spirals: arms must be at least 2, got 1"):
        spirals(2, arms=1, rng=rng())


def test_mode_centers_refused():
    with pytest.raises(ValueError, match="mode_centers: modes must be at least 1, got 0"):
        mode_centers(0)
    with pytest.raises(ValueError, match=r"mode_centers: radius must be greater than 0, got -1"):
        mode_centers(4, radius=-1)
