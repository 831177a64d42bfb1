"""Arithmetic: what is broadcast is summed going back, and what happens at the edges."""

import numpy as np
import pytest

from chainrule.functional import add, div, exp, log, mul, neg, sqrt, sub
from chainrule.functional.elementwise import unbroadcast


@pytest.mark.parametrize(
    ("large", "small"),
    [
        ((2, 3), (3,)),
        ((2, 3), (1, 3)),
        ((2, 3), (2, 1)),
        ((2, 3), (1, 1)),
        ((2, 3), ()),
        ((4, 2, 3), (2, 1)),
        ((4, 1, 3), (1, 1, 1)),
        ((0, 3), (3,)),
        ((2, 3), (2, 3)),
    ],
)
def test_unbroadcast_is_the_sum_over_the_copies(large, small):
    dy = np.random.default_rng(0).standard_normal(large)
    # Σ dy · broadcast(v) = ⟨unbroadcast(dy), v⟩ for every v: the definition of a transpose.
    copied = np.zeros(small)
    summed = unbroadcast(dy, small)
    assert summed.shape == small
    for index in np.ndindex(small):
        copied[index] = 1
        assert summed[index] == pytest.approx((dy * copied).sum(), abs=1e-14)
        copied[index] = 0


@pytest.mark.parametrize(
    ("function", "y", "da", "db"),
    [
        (add, [[4, 6], [7, 9]], [[1, 1], [1, 1]], [2, 2]),
        (sub, [[-2, -2], [1, 1]], [[1, 1], [1, 1]], [-2, -2]),
        (mul, [[3, 8], [12, 20]], [[3, 4], [3, 4]], [5, 7]),
        (div, [[1 / 3, 0.5], [4 / 3, 1.25]], [[1 / 3, 0.25]] * 2, [-5 / 9, -7 / 16]),
    ],
)
def test_a_matrix_and_a_row_by_hand(function, y, da, db):
    value, pullback = function(np.array([[1.0, 2.0], [4.0, 5.0]]), np.array([3.0, 4.0]))
    np.testing.assert_allclose(value, y, rtol=1e-15)
    for ours, expected in zip(pullback(np.ones((2, 2))), (da, db), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-15)


def test_one_array_in_both_places():
    x = np.array([3.0, -2.0])
    _, pullback = mul(x, x)
    np.testing.assert_array_equal(np.add(*pullback(np.ones(2))), 2 * x)
    _, pullback = sub(x, x)
    np.testing.assert_array_equal(np.add(*pullback(np.ones(2))), 0 * x)


def test_unary_by_hand():
    x = np.array([0.25, 1.0, 4.0])
    for function, y, slope in [
        (neg, -x, -np.ones(3)),
        (exp, np.e**x, np.e**x),
        (log, [-2 * np.log(2), 0, 2 * np.log(2)], [4, 1, 0.25]),
        (sqrt, [0.5, 1, 2], [1, 0.5, 0.25]),
    ]:
        value, pullback = function(x)
        np.testing.assert_allclose(value, y, rtol=1e-15)
        np.testing.assert_allclose(pullback(np.ones(3))[0], slope, rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "warning", "value"),
    [
        (lambda: exp(np.array([1000.0])), "overflow", np.inf),
        (lambda: log(np.array([0.0])), "divide by zero", -np.inf),
        (lambda: log(np.array([-1.0])), "invalid value", np.nan),
        (lambda: sqrt(np.array([-1.0])), "invalid value", np.nan),
        (lambda: div(np.array([1.0]), np.array([0.0])), "divide by zero", np.inf),
        (lambda: div(np.array([0.0]), np.array([0.0])), "invalid value", np.nan),
    ],
)
def test_what_has_no_value_warns_and_shows(call, warning, value):
    with pytest.warns(RuntimeWarning, match=warning):
        found, _ = call()
    np.testing.assert_array_equal(found, [value])


def test_the_slope_of_the_root_at_zero_is_infinite_and_warns():
    _, pullback = sqrt(np.array([0.0]))
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert pullback(np.ones(1))[0] == np.inf
