"""Activations: their conventions, their limits, and digits against 50-digit arithmetic."""

import math
from functools import partial

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.functional import (
    elu,
    gelu,
    glu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    swiglu,
    tanh,
)
from chainrule.functional.normal import normal

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


NORMAL_CDF = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in GRID])
NEW = {
    "leaky_relu": (leaky_relu, lambda x: x if x > 0 else mpmath.mpf(0.01) * x),
    "elu": (elu, lambda x: x if x > 0 else mpmath.expm1(x)),
    "softplus": (softplus, lambda x: mpmath.log1p(mpmath.exp(x))),
    "silu": (silu, lambda x: x / (1 + mpmath.exp(-x))),
}


@pytest.mark.parametrize("name", NEW)
def test_values_and_slopes_in_fifty_digits(name):
    function, formula = NEW[name]
    y, pullback = function(GRID)
    np.testing.assert_allclose(y, exactly(formula, GRID), rtol=8 * EPS, atol=1e-300)
    smooth = GRID[GRID != 0]
    slopes = exactly(lambda x: mpmath.diff(formula, x), smooth)
    ours = pullback(np.ones_like(GRID))[0][GRID != 0]
    np.testing.assert_allclose(ours, slopes, rtol=1e-12, atol=1e-12)


def test_the_slopes_at_the_kinks_are_those_of_the_left_side():
    zero, one = np.zeros(1), np.ones(1)
    assert leaky_relu(zero, negative_slope=0.25)[1](one)[0] == 0.25
    assert elu(zero, alpha=0.25)[1](one)[0] == 0.25
    assert elu(zero)[1](one)[0] == 1


def test_far_out_nothing_overflows():
    x = np.array([-1e4, 1e4])
    with np.errstate(all="raise", under="ignore"):
        for function, y, slope in [
            (leaky_relu, [-100, 1e4], [0.01, 1]),
            (elu, [-1, 1e4], [0, 1]),
            (softplus, [0, 1e4], [0, 1]),
            (silu, [0, 1e4], [0, 1]),
            (gelu, [0, 1e4], [0, 1]),
        ]:
            value, pullback = function(x)
            np.testing.assert_allclose(value, y, rtol=1e-15)
            np.testing.assert_allclose(pullback(np.ones(2))[0], slope, rtol=1e-15)


@pytest.mark.parametrize(("dtype", "far"), [("f2", 6e4), ("f4", 1e30), ("f8", 1e300)])
@pytest.mark.parametrize(
    ("function", "left", "right"),  # value and slope; a value of None is x itself
    [
        (relu, (0, 0), (None, 1)),
        (sigmoid, (0, 0), (1, 0)),
        (tanh, (-1, 0), (1, 0)),
        (partial(leaky_relu, negative_slope=0.0), (0, 0), (None, 1)),
        (elu, (-1, 0), (None, 1)),
        (softplus, (0, 0), (None, 1)),
        (silu, (0, 0), (None, 1)),
        (gelu, (0, 0), (None, 1)),
        (partial(gelu, approximate="tanh"), (0, 0), (None, 1)),
        (lambda x: swiglu(x, np.ones_like(x)), (0, 0), (None, 1)),
    ],
)
def test_at_the_largest_numbers_value_and_slope_are_those_of_the_limit(
    function, left, right, dtype, far
):
    x = np.array([-far, far], dtype)
    value, pullback = function(x)
    expected = [x[i] if v is None else v for i, (v, _) in enumerate([left, right])]
    np.testing.assert_array_equal(value, np.array(expected, dtype))
    np.testing.assert_array_equal(pullback(np.ones(2, dtype))[0], [left[1], right[1]])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_softmax_and_gates_of_the_largest_numbers(dtype):
    x = np.array([-1e30, 1e30], dtype)
    p, pull_p = softmax(x)
    log_p, pull_log_p = log_softmax(x)
    dy = np.array([1, 2], dtype)
    np.testing.assert_array_equal(p, [0, 1])
    np.testing.assert_array_equal(pull_p(dy)[0], [0, 0])
    np.testing.assert_array_equal(log_p, np.array([-2e30, 0], dtype))
    np.testing.assert_array_equal(pull_log_p(dy)[0], [1, -1])
    y, pull_y = glu(np.array([3, 3, -1e30, 1e30], dtype))  # a gate that is shut, and an open one
    np.testing.assert_array_equal(y, [0, 3])
    np.testing.assert_array_equal(pull_y(dy)[0], [0, 2, 0, 0])


def test_the_normal_distribution_is_that_of_python():
    x = np.concatenate(
        [np.linspace(-9, 9, 20_001), [0.0, -0.0, 1e-300, 40, 1e200, -np.inf, np.inf]]
    )
    expected = np.array([math.erfc(-v * math.sqrt(0.5)) / 2 for v in x])
    cdf, density = normal(x)
    assert np.abs(cdf - expected).max() < 2e-15
    left = (x > -8) & (x < 0)  # the tail is exact in proportion to itself
    np.testing.assert_allclose(cdf[left], expected[left], rtol=3e-14)
    expected_density = [math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x.tolist()]
    np.testing.assert_allclose(density, expected_density, rtol=1e-13)
    single = x[np.abs(x) != 1e200].astype(np.float32)
    cdf, density = normal(single)
    assert np.abs(cdf - expected[np.abs(x) != 1e200]).max() < 2e-7
    assert cdf.dtype == density.dtype == np.float32
    assert np.isnan(normal(np.array([np.nan]))[0]).all()


def test_gelu_is_x_times_the_normal_distribution():
    y, pullback = gelu(GRID)
    np.testing.assert_allclose(y, GRID * NORMAL_CDF, rtol=1e-12, atol=1e-12)
    density = np.exp(-0.5 * GRID * GRID) / math.sqrt(2 * math.pi)
    slopes = NORMAL_CDF + GRID * density
    np.testing.assert_allclose(pullback(np.ones_like(GRID))[0], slopes, rtol=1e-12, atol=1e-12)


def test_the_tanh_form_of_gelu_is_near():
    x = np.linspace(-10, 10, 10_001)
    gap = np.abs(gelu(x)[0] - gelu(x, approximate="tanh")[0]).max()
    assert 4e-4 < gap < 5e-4


def test_glu_halves_its_axis():
    x = np.array([[2.0, 3.0, 0.0, 1000.0]])
    y, pullback = glu(x)
    np.testing.assert_array_equal(y, [[1.0, 3.0]])  # 2 σ(0), 3 σ(1000)
    np.testing.assert_array_equal(pullback(np.ones_like(y))[0], [[0.5, 1, 0.5, 0]])
    np.testing.assert_array_equal(glu(x.T, axis=0)[0], y.T)


def test_swiglu_is_silu_times_x():
    gate, x = np.random.default_rng(0).standard_normal((2, 3, 4))
    np.testing.assert_allclose(swiglu(gate, x)[0], silu(gate)[0] * x, rtol=1e-15)
    np.testing.assert_array_equal(swiglu(np.zeros(2), np.ones(2))[0], [0, 0])
