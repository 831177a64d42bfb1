"""Convolution: its conventions, its identities, and what it says when called wrongly."""

import numpy as np
import pytest

from chainrule.functional import conv1d, conv2d, conv_transpose2d
from chainrule.functional.windows import output_size


@pytest.fixture
def draw():
    return np.random.default_rng(0).standard_normal


def test_kernel_is_not_flipped():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 1  # the response to an impulse is the kernel, seen from the other side
    W = np.arange(9.0).reshape(1, 1, 3, 3)
    y, _ = conv2d(x, W, np.zeros(1), padding=1)
    np.testing.assert_array_equal(y[0, 0], W[0, 0, ::-1, ::-1])
    y, _ = conv_transpose2d(x, W, np.zeros(1), padding=1)
    np.testing.assert_array_equal(y[0, 0], W[0, 0])


def test_output_shapes_count_whole_windows_only(draw):
    y, _ = conv2d(draw((2, 3, 7, 6)), draw((4, 3, 3, 2)), draw(4), stride=3, padding=(1, 0))
    assert y.shape == (2, 4, 3, 2)
    assert output_size(5, kernel=3, stride=1, padding=1, dilation=1) == 5
    assert output_size(5, kernel=3, stride=1, padding=0, dilation=2) == 1
    assert output_size(2, kernel=3, stride=1, padding=0, dilation=1) == 0


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": (2, 1), "padding": (1, 2)},
        {"stride": 2, "dilation": (1, 2), "groups": 2},
    ],
)
def test_transposed_convolution_is_the_pullback_of_convolution(draw, options):
    groups = options.get("groups", 1)
    x, W = draw((2, 4, 7, 7)), draw((6, 4 // groups, 3, 2))
    y, pullback = conv2d(x, W, np.zeros(6), **options)
    dy = draw(y.shape)
    # Of all input sizes that give this output size, output_padding selects the size of x.
    smallest, _ = conv_transpose2d(dy, W, np.zeros(4), **options)
    missing = tuple(7 - n for n in smallest.shape[2:])
    dx, _ = conv_transpose2d(dy, W, np.zeros(4), output_padding=missing, **options)
    np.testing.assert_allclose(dx, pullback(dy)[0], rtol=1e-12, atol=1e-12)


def test_groups_are_convolutions_side_by_side(draw):
    x, W, b = draw((2, 4, 5, 5)), draw((6, 2, 3, 3)), draw(6)
    y, _ = conv2d(x, W, b, groups=2)
    halves = [conv2d(x[:, 2 * g : 2 * g + 2], W[3 * g :][:3], b[3 * g :][:3])[0] for g in (0, 1)]
    np.testing.assert_allclose(y, np.concatenate(halves, axis=1), rtol=1e-12)


def test_shift_of_the_image_shifts_the_output(draw):
    x, W, b = draw((1, 2, 8, 8)), draw((3, 2, 3, 3)), draw(3)
    shifted, _ = conv2d(np.roll(x, (1, 2), (2, 3)), W, b)
    y, _ = conv2d(x, W, b)
    np.testing.assert_allclose(shifted[..., 1:, 2:], y[..., :-1, :-2], rtol=1e-12)


def test_one_by_one_kernel_is_an_affine_layer_at_every_pixel(draw):
    x, W, b = draw((2, 3, 4, 5)), draw((6, 3, 1, 1)), draw(6)
    y, _ = conv2d(x, W, b)
    expected = np.moveaxis(np.moveaxis(x, 1, -1) @ W[:, :, 0, 0].T + b, -1, 1)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


def test_conv1d_is_conv2d_on_images_of_height_one(draw):
    x, W, b = draw((2, 3, 9)), draw((4, 3, 3)), draw(4)
    y, pullback = conv1d(x, W, b, stride=2, padding=1, dilation=2)
    wide, wide_pullback = conv2d(
        x[:, :, None], W[:, :, None], b, stride=(1, 2), padding=(0, 1), dilation=(1, 2)
    )
    np.testing.assert_array_equal(y, wide[:, :, 0])
    dy = draw(y.shape)
    dx, dW, db = wide_pullback(dy[:, :, None])
    for ours, theirs in zip(pullback(dy), (dx[:, :, 0], dW[:, :, 0], db), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("layout", ["NCHW", "CNHW", "NHWC", "every second"])
def test_memory_layout_of_the_image_changes_nothing(draw, layout):
    x, W, b = draw((2, 3, 5, 4)), draw((4, 3, 3, 2)), draw(4)
    laid = {
        "NCHW": x,
        "CNHW": np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1),
        "NHWC": np.ascontiguousarray(np.moveaxis(x, 1, -1)).transpose(0, 3, 1, 2),
        "every second": np.repeat(x, 2, axis=-1)[..., ::2],
    }[layout]
    (y, pullback), (expected, expected_pullback) = conv2d(laid, W, b), conv2d(x, W, b)
    np.testing.assert_array_equal(y, expected)
    dy = draw(y.shape)
    for ours, theirs in zip(pullback(dy), expected_pullback(dy), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_empty_batch_has_zero_weight_gradients(draw):
    for function, W in [(conv2d, draw((4, 3, 2, 2))), (conv_transpose2d, draw((3, 4, 2, 2)))]:
        y, pullback = function(np.empty((0, 3, 5, 5)), W, draw(4))
        dx, dW, db = pullback(y)
        assert dx.shape == (0, 3, 5, 5)
        assert not dW.any()
        assert not db.any()
        assert dW.shape == W.shape


def test_nan_reaches_the_windows_that_meet_it_and_no_others(draw):
    x = draw((1, 1, 5, 5))
    x[0, 0, 0, 0] = np.nan
    y, _ = conv2d(x, draw((1, 1, 2, 2)), draw(1))
    assert np.isnan(y[0, 0, 0, 0])
    assert np.isnan(y).sum() == 1


X, W, B = np.zeros((2, 3, 5, 6)), np.zeros((4, 3, 3, 3)), np.zeros(4)


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        ((X[0], W, B), {}, ValueError, r"conv2d: x must have shape \(N, C, H, W\).*x\[None\]"),
        ((X, W[0], B), {}, ValueError, "conv2d: W must have 4 axes"),
        ((X, W, B[:, None]), {}, ValueError, r"b must have shape \(4,\), one bias per output"),
        ((X.transpose(0, 2, 3, 1), W, B), {}, ValueError, r"np.moveaxis\(x, -1, 1\)"),
        ((X[:, :2], W, B), {}, ValueError, "x must have 3 channels in axis 1"),
        ((X, W, B), {"groups": 3}, ValueError, "do not fall in 3 groups"),
        ((X, W, B), {"groups": 0}, ValueError, "groups must be a positive integer"),
        ((X, W, B), {"dilation": 3}, ValueError, "kernel reaches over 7 entries.*x has 5"),
        ((X, W, B), {"stride": 0}, ValueError, "stride must be at least 1, got 0"),
        ((X, W, B), {"padding": -1}, ValueError, "padding must be at least 0, got -1"),
        ((X, W, B), {"stride": 1.5}, TypeError, "stride must be an integer, or a pair"),
        ((X, W, B), {"padding": (1, 2, 3)}, TypeError, "padding must be an integer, or a pair"),
        ((X.astype(np.float32), W, B), {}, TypeError, "one dtype"),
        ((X.astype(int), W, B), {}, TypeError, "floating-point"),
    ],
)
def test_conv2d_names_what_is_wrong(args, options, error, message):
    with pytest.raises(error, match=message):
        conv2d(*args, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": 2, "output_padding": 2}, "output_padding must be less than stride or dilation"),
        ({"padding": 4}, "padding .* cuts away all of the output"),
        ({"groups": 2}, "x has 3 channels .* do not fall in 2 groups"),
    ],
)
def test_conv_transpose2d_names_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=f"conv_transpose2d: {message}"):
        conv_transpose2d(X, W.swapaxes(0, 1), B, **options)


def test_conv1d_names_itself():
    with pytest.raises(ValueError, match=r"conv1d: x must have shape \(N, C, L\)"):
        conv1d(X, W[..., 0], B)
    with pytest.raises(TypeError, match="conv1d: stride must be an integer, got"):
        conv1d(X[..., 0], W[..., 0], B, stride=(1, 1))
