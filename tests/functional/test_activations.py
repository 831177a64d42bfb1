"""Activations: their conventions, their limits, and digits against 50-digit arithmetic."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.functional import log_softmax, relu, sigmoid, softmax, tanh

EPS = np.finfo(np.float64).eps
GRID = np.concatenate([-np.geomspace(700, 1e-9, 60), [0.0], np.geomspace(1e-9, 700, 60)])
logits = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=3, max_side=5),
    elements=st.floats(-1e3, 1e3),
)


def exactly(formula, x):
    """``formula`` in 50 digits, rounded to float64."""
    with mpmath.workdps(50):
        return np.array([float(formula(mpmath.mpf(float(v)))) for v in x])


def test_relu_has_slope_zero_at_zero():
    y, pullback = relu(np.array([-1.0, -0.0, 0.0, 2.0]))
    assert np.array_equal(y, [0, 0, 0, 2])
    assert np.array_equal(pullback(np.full(4, 3.0))[0], [0, 0, 0, 3])


def test_relu_keeps_the_smallest_numbers():
    tiny = np.nextafter(0, 1)
    y, pullback = relu(np.array([-tiny, tiny]))
    assert np.array_equal(y, [0, tiny])
    assert np.array_equal(pullback(np.ones(2))[0], [0, 1])


def test_relu_of_infinity():
    y, pullback = relu(np.array([-np.inf, np.inf]))
    assert np.array_equal(y, [0, np.inf])
    assert np.array_equal(pullback(np.ones(2))[0], [0, 1])


def test_sigmoid_has_all_its_digits():
    exact = exactly(lambda v: 1 / (1 + mpmath.exp(-v)), GRID)
    np.testing.assert_allclose(sigmoid(GRID)[0], exact, rtol=4 * EPS)


def test_sigmoid_slope_is_right_to_the_last_digit_of_one_quarter():
    slope = sigmoid(GRID)[1](np.ones_like(GRID))[0]
    exact = exactly(lambda v: mpmath.exp(-v) / (1 + mpmath.exp(-v)) ** 2, GRID)
    np.testing.assert_allclose(slope, exact, rtol=0, atol=EPS)
    below = GRID < 0  # where 1 − y does not cancel, relatively too
    np.testing.assert_allclose(slope[below], exact[below], rtol=8 * EPS)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_sigmoid_reaches_both_ends_without_a_warning(dtype):
    y, pullback = sigmoid(np.array([-np.inf, -1000, 0, 1000, np.inf], dtype))
    assert np.array_equal(y, np.array([0, 0, 0.5, 1, 1], dtype))
    assert np.array_equal(pullback(np.ones(5, dtype))[0], np.array([0, 0, 0.25, 0, 0], dtype))


def test_tanh_has_all_its_digits():
    np.testing.assert_allclose(tanh(GRID)[0], exactly(mpmath.tanh, GRID), rtol=4 * EPS)
    slope = tanh(GRID)[1](np.ones_like(GRID))[0]
    np.testing.assert_allclose(slope, exactly(lambda v: mpmath.sech(v) ** 2, GRID), atol=4 * EPS)


def test_tanh_reaches_both_ends():
    y, pullback = tanh(np.array([-np.inf, -1000, 0, 1000, np.inf]))
    assert np.array_equal(y, [-1, -1, 0, 1, 1])
    assert np.array_equal(pullback(np.ones(5))[0], [0, 0, 1, 0, 0])


@given(hnp.arrays(np.float64, 5, elements=st.floats(-30, 30)))
def test_tanh_and_sigmoid_are_one_curve(x):
    np.testing.assert_allclose(tanh(x)[0], 2 * sigmoid(2 * x)[0] - 1, atol=4 * EPS)
    np.testing.assert_allclose(sigmoid(-x)[0], 1 - sigmoid(x)[0], atol=2 * EPS)


@given(logits, st.data())
def test_softmax_is_a_distribution_along_its_axis(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    p, pullback = softmax(x, axis=axis)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis), 1, rtol=8 * EPS)
    # Adding a number to all logits changes nothing, so along that direction there is no slope.
    np.testing.assert_allclose(pullback(np.ones_like(p))[0], 0, atol=8 * EPS)
    np.testing.assert_allclose(softmax(np.moveaxis(x, axis, 0), axis=0)[0], np.moveaxis(p, axis, 0))


@given(logits)
def test_log_softmax_is_the_logarithm_of_softmax(x):
    log_p, pullback = log_softmax(x)
    assert (log_p <= 0).all()
    # Below the smallest normal number, tiny, a float64 has fewer digits, down to none.
    tiny = np.finfo(np.float64).tiny
    np.testing.assert_allclose(np.exp(log_p), softmax(x)[0], rtol=1e-12, atol=tiny)
    assert np.isfinite(log_p).all()
    np.testing.assert_allclose(pullback(np.ones_like(x))[0].sum(-1), 0, atol=1e-12)


def test_softmax_by_hand():
    p, pullback = softmax(np.log([[1.0, 2.0, 5.0]]))
    np.testing.assert_allclose(p, [[0.125, 0.25, 0.625]], rtol=4 * EPS)
    # dy picks the last: dx = p (dy − p₃)
    expected = [[-0.125 * 0.625, -0.25 * 0.625, 0.625 * 0.375]]
    np.testing.assert_allclose(pullback(np.array([[0.0, 0.0, 1.0]]))[0], expected, rtol=8 * EPS)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_of_extreme_logits(dtype):
    x = np.array([[1000, 0, -1000], [-1000, -1000, -1000], [np.finfo(dtype).max, 0, 0]], dtype)
    p, _ = softmax(x)
    assert np.array_equal(p, np.array([[1, 0, 0], np.full(3, dtype(1) / dtype(3)), [1, 0, 0]]))
    log_p, _ = log_softmax(x[:2])
    third = np.full(3, -np.log(dtype(3)))
    np.testing.assert_allclose(log_p, [[0, -1000, -2000], third], rtol=2 * np.finfo(dtype).eps)


def test_an_impossible_class_has_probability_zero():
    x = np.array([0.0, -np.inf, 0.0])
    assert np.array_equal(softmax(x)[0], [0.5, 0, 0.5])
    assert np.array_equal(log_softmax(x)[0], [-np.log(2), -np.inf, -np.log(2)])
    assert np.array_equal(softmax(x)[1](np.array([1.0, 5.0, 0.0]))[0], [0.25, 0, -0.25])


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_logits_without_a_distribution_give_nan_not_a_number(function):
    for x in ([np.inf, 0.0], [-np.inf, -np.inf]):
        with np.errstate(invalid="ignore"):
            value, _ = function(np.array(x))
        assert np.isnan(value).any()


@given(logits)
def test_logits_next_to_each_other_keep_their_digits(x):
    # Far from zero, where exp alone would overflow, only the differences count. They are exact
    # when the offset is a power of two that costs no digit.
    x = np.round(x * 2**10) / 2**10
    assert np.array_equal(softmax(x + 2**20)[0], softmax(x)[0])
    assert np.array_equal(log_softmax(x + 2**20)[0], log_softmax(x)[0])
