"""Pooling: its conventions, odd sizes, and what it says when called wrongly."""

import numpy as np
import pytest

from chainrule.functional import (
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from chainrule.proofs.vectors import onnx_vector


@pytest.fixture
def draw():
    return np.random.default_rng(0).standard_normal


def test_first_maximum_takes_the_gradient():
    x = np.array([[1.0, 3.0, 3.0], [3.0, 0.0, 3.0]])
    y, pullback = max_pool2d(x, kernel_size=(2, 3))
    (dx,) = pullback(np.array([[5.0]]))
    assert y == [[3.0]]
    np.testing.assert_array_equal(dx, [[0.0, 5.0, 0.0], [0.0, 0.0, 0.0]])


def test_gradient_of_overlapping_windows_adds_up():
    x = np.array([0.0, 1.0, 0.5])
    y, pullback = max_pool1d(x, kernel_size=2, stride=1)
    np.testing.assert_array_equal(y, [1.0, 1.0])
    np.testing.assert_array_equal(pullback(np.array([2.0, 3.0]))[0], [0.0, 5.0, 0.0])


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
def test_odd_sizes_lose_the_last_row_and_column_unless_ceil_mode(draw, pool):
    x = draw((2, 3, 5, 7))
    y, pullback = pool(x, kernel_size=2)
    assert y.shape == (2, 3, 2, 3)
    (dx,) = pullback(np.ones_like(y))
    assert not dx[..., 4, :].any()
    assert not dx[..., 6].any()
    y, pullback = pool(x, kernel_size=2, ceil_mode=True)
    assert y.shape == (2, 3, 3, 4)
    np.testing.assert_array_equal(y[..., 2, 3], x[..., 4, 6])  # the corner is alone in its window
    assert pullback(np.ones_like(y))[0][..., 4, 6].all()


def test_negative_pixels_win_over_padding():
    y, _ = max_pool2d(-np.ones((3, 3)), kernel_size=2, padding=1, stride=1)
    np.testing.assert_array_equal(y, -np.ones((4, 4)))


def test_average_counts_zeros_of_the_padding_unless_told_not_to():
    x = np.ones((2, 2))
    y, _ = avg_pool2d(x, kernel_size=2, stride=2, padding=1)
    np.testing.assert_array_equal(y, np.full((2, 2), 0.25))
    y, _ = avg_pool2d(x, kernel_size=2, stride=2, padding=1, count_include_pad=False)
    np.testing.assert_array_equal(y, x)


def test_infinite_pixel_stays_in_its_windows(draw):
    x = np.abs(draw((4, 4)))
    x[0, 0] = np.inf
    for y in (
        max_pool2d(x, kernel_size=2)[0],
        avg_pool2d(x, kernel_size=2)[0],
        adaptive_avg_pool2d(x, output_size=2)[0],
    ):
        assert np.isinf(y[0, 0])
        assert np.isfinite(y.flat[1:]).all()


def test_nan_pixel_makes_its_window_nan(draw):
    x = draw((4, 4))
    x[0, 1] = np.nan
    y, _ = max_pool2d(x, kernel_size=2)
    assert np.isnan(y[0, 0])
    assert np.isfinite(y.flat[1:]).all()


def test_adaptive_windows(draw):
    x = draw((2, 3, 5, 5))
    y, _ = adaptive_avg_pool2d(x, output_size=1)
    np.testing.assert_allclose(y[..., 0, 0], x.mean((2, 3)), rtol=1e-12)
    y, _ = adaptive_avg_pool2d(x, output_size=5)
    np.testing.assert_array_equal(y, x)
    y, _ = adaptive_avg_pool2d(x, output_size=(2, 5))  # rows 0 to 2, and 2 to 4
    np.testing.assert_allclose(y[:, :, 0], x[:, :, :3].mean(2), rtol=1e-12)
    np.testing.assert_allclose(y[:, :, 1], x[:, :, 2:].mean(2), rtol=1e-12)


@pytest.mark.parametrize(("pool1d", "pool2d"), [(max_pool1d, max_pool2d), (avg_pool1d, avg_pool2d)])
def test_pooling_a_sequence_is_pooling_an_image_of_height_one(draw, pool1d, pool2d):
    x = draw((2, 3, 9))
    y, pullback = pool1d(x, kernel_size=3, stride=2, padding=1)
    wide, wide_pullback = pool2d(x[:, :, None], kernel_size=(1, 3), stride=(1, 2), padding=(0, 1))
    np.testing.assert_array_equal(y, wide[:, :, 0])
    dy = draw(y.shape)
    np.testing.assert_array_equal(pullback(dy)[0], wide_pullback(dy[:, :, None])[0][:, :, 0])


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
def test_memory_layout_changes_nothing(draw, pool):
    x = draw((2, 3, 5, 4))
    laid = np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    options = {"kernel_size": 3, "stride": 2, "padding": 1}
    (y, pullback), (expected, expected_pullback) = pool(laid, **options), pool(x, **options)
    np.testing.assert_array_equal(y, expected)
    dy = draw(y.shape)
    np.testing.assert_array_equal(pullback(dy)[0], expected_pullback(dy)[0])


IMAGE = np.zeros((1, 2, 4, 5))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"kernel_size": 6}, ValueError, "no window fits: it reaches over 6 entries.*has 4"),
        ({"kernel_size": 2, "padding": 2}, ValueError, "nothing but padding"),
        ({"kernel_size": 0}, ValueError, "kernel_size must be at least 1, got 0"),
        ({"kernel_size": 2, "stride": 0}, ValueError, "stride must be at least 1"),
        ({"kernel_size": (2, 2, 2)}, TypeError, "kernel_size must be an integer, or a pair"),
    ],
)
@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
def test_pooling_names_what_is_wrong(pool, options, error, message):
    with pytest.raises(error, match=f"{pool.__name__}: .*{message}"):
        pool(IMAGE, **options)


def test_other_errors():
    with pytest.raises(ValueError, match=r"max_pool2d: x must have shape \(\.\.\., H, W\)"):
        max_pool2d(np.zeros(3), kernel_size=1)
    with pytest.raises(ValueError, match=r"avg_pool1d: x must have shape \(\.\.\., L\)"):
        avg_pool1d(np.zeros((3, 0)), kernel_size=1)
    with pytest.raises(TypeError, match="max_pool1d: kernel_size must be an integer, got"):
        max_pool1d(np.zeros(3), kernel_size=(1, 1))
    with pytest.raises(ValueError, match="adaptive_avg_pool2d: output_size must be at least 1"):
        adaptive_avg_pool2d(IMAGE, output_size=0)
    with pytest.raises(TypeError, match="floating-point"):
        max_pool2d(IMAGE.astype(int), kernel_size=2)


def test_last_window_that_begins_in_the_padding_is_dropped():
    _, (x,), y = onnx_vector("AveragePool", "test_averagepool_2d_ceil_last_window_starts_on_pad")
    options = {"kernel_size": 3, "stride": 3, "padding": 1, "ceil_mode": True}
    # Pixels and averages are stated to four digits: of nine entries, four pixels are off by up to
    # 5e-5 each, and so is the average.
    np.testing.assert_allclose(avg_pool2d(x, **options)[0], y, rtol=0, atol=4 / 9 * 5e-5 + 5e-5)
