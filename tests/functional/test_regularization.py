"""Dropout: what is random in it, and what is not."""

import numpy as np
import pytest

from chainrule.functional import dropout


def test_entries_are_dropped_or_scaled_up():
    rng = np.random.default_rng(0)
    x = np.ones((100, 100), np.float32)
    y, _ = dropout(x, p=0.2, rng=rng)
    assert y.dtype == np.float32
    np.testing.assert_allclose(np.unique(y), [0, 1.25])
    # The mean of 10,000 is within five of its standard deviations, √(p / (1 − p)) / 100.
    assert abs(y.mean() - 1) < 5 * np.sqrt(0.25) / 100


def test_pullback_uses_the_same_mask():
    x = np.ones(1000)
    y, pullback = dropout(x, p=0.5, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(pullback(np.ones(1000))[0], y)
    np.testing.assert_array_equal(pullback(np.ones(1000))[0], y)  # and draws nothing


def test_seed_decides_and_each_call_draws_anew():
    x = np.ones(50)
    first, second = np.random.default_rng(1), np.random.default_rng(1)
    y, _ = dropout(x, p=0.5, rng=first)
    np.testing.assert_array_equal(dropout(x, p=0.5, rng=second)[0], y)
    assert (dropout(x, p=0.5, rng=first)[0] != y).any()


def test_memory_layout_does_not_change_the_mask():
    x = np.ones((3, 4, 5))
    y, _ = dropout(x, p=0.5, rng=np.random.default_rng(1))
    turned, _ = dropout(np.asfortranarray(x), p=0.5, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(turned, y)
    assert turned.flags.f_contiguous


def test_evaluation_and_p_zero_leave_all_and_p_one_nothing():
    x = np.arange(5.0)
    np.testing.assert_array_equal(dropout(x, p=0.5, training=False)[0], x)
    np.testing.assert_array_equal(dropout(x, p=0)[0], x)
    y, pullback = dropout(x, p=1, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(y, np.zeros(5))
    np.testing.assert_array_equal(pullback(x)[0], np.zeros(5))


def test_errors():
    x = np.ones(3)
    with pytest.raises(ValueError, match=r"dropout: p must lie in \[0, 1\]"):
        dropout(x, p=1.5, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="got nan"):
        dropout(x, p=float("nan"), rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"got NoneType; pass rng=np.random.default_rng\(seed\)"):
        dropout(x, p=0.5)
    with pytest.raises(TypeError, match="got int"):
        dropout(x, p=0.5, rng=3)
    with pytest.raises(TypeError, match="floating-point"):
        dropout(np.arange(3), p=0.5, rng=np.random.default_rng(0))
