"""Drawn images: what is in them, and that nothing but the shape tells the classes apart."""

import numpy as np
import pytest

from chainrule.data import circles_and_squares, patterns


def rng(seed=0):
    return np.random.default_rng(seed)


def test_circles_and_squares_are_whole_and_inside():
    X, t = circles_and_squares(2000, noise=0, rng=rng())
    assert X.min() == 0
    assert X.max() == 1
    border = [X[..., 0, :], X[..., -1, :], X[..., 0], X[..., -1]]
    assert any((side > 0.5).any() for side in border), "they reach the border"
    # Whole: the ink that a shape of this width has is there,
    # that is π/4 of the square of its width for a circle, and all of it for a square.
    ink = X.sum((1, 2, 3))
    width = np.maximum(X.sum(2).max((1, 2)), X.sum(3).max((1, 2)))
    # The fullest row is one pixel high, so of a circle of radius r it shows a chord up to
    # 1/(6 r²) short, and its square is 1/(3 r²) short: 6 % for the smallest r, 2.4 pixels.
    share, allowed = np.where(t == 0, [[np.pi / 4], [0.06]], [[1], [1e-6]])
    assert (np.abs(ink / width**2 / share - 1) < allowed).all()


def test_squares_fill_their_box_and_circles_do_not():
    X, t = circles_and_squares(2000, size=32, noise=0, rng=rng())
    full = X[:, 0] > 0.5
    box = full.any(1).sum(1) * full.any(2).sum(1)
    share = full.sum((1, 2)) / box
    assert share[t == 1].min() > 0.94  # a corner may be covered by less than half
    # Edges are rounded to whole pixels, up or down, which nearly cancels over 1,000 circles.
    np.testing.assert_allclose(share[t == 0].mean(), np.pi / 4, atol=0.01)


def test_neither_ink_nor_place_tells_circles_from_squares():
    n = 20_000
    X, t = circles_and_squares(n, noise=0, rng=rng())
    ink = X.sum((1, 2, 3))
    place = (X[:, 0].sum(1) @ np.arange(16)) / ink
    for statistic in (ink, place):
        a, b = statistic[t == 0], statistic[t == 1]
        standard_error = statistic.std() * np.sqrt(4 / n)
        # Covering a pixel in part is computed roughly at the corners of a square: up to 1 % of ink.
        assert abs(a.mean() - b.mean()) < 4 * standard_error + 0.01 * statistic.mean()


def test_patterns_without_noise():
    X, t = patterns(300, size=16, noise=0, rng=rng())
    assert X.min() == 0
    assert X.max() == 1
    stripes, checker, gradient = (X[t == k, 0] for k in range(3))
    assert set(np.unique(checker)) == {0, 1}
    # A field of a checkerboard is the opposite of the field beside it: any two rows
    # are equal or opposite.
    for board in checker:
        assert all((row == board[0]).all() or (row == 1 - board[0]).all() for row in board)
    # Second differences of a gradient vanish; those of stripes do not.
    for axis in (1, 2):
        np.testing.assert_allclose(np.diff(gradient, n=2, axis=axis), 0, atol=1e-6)
    assert (gradient.min((1, 2)) == 0).all()
    np.testing.assert_allclose(gradient.max((1, 2)), 1, rtol=1e-6)
    assert (np.abs(np.diff(stripes, n=2, axis=1)).max((1, 2)) > 1e-3).sum() > 90


@pytest.mark.parametrize("make", [circles_and_squares, patterns])
def test_noise_is_a_standard_deviation_per_pixel(make):
    noise = make(300, noise=0.2, rng=rng())[0] - make(300, noise=0, rng=rng())[0]
    # 76,800 pixels: the bounds are six standard errors wide or more.
    np.testing.assert_allclose(noise.std(), 0.2, rtol=0.02)
    np.testing.assert_allclose(noise.mean(), 0, atol=0.005)


@pytest.mark.parametrize("make", [circles_and_squares, patterns])
def test_too_small_to_draw_in(make):
    with pytest.raises(ValueError, match=f"^{make.__name__}: size must be at least 8, got 7$"):
        make(4, size=7, rng=rng())
