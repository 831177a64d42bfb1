"""The affine layer: numbers by hand, every shape of a batch, and what sharing means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.functional import affine

W = np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]])
b = np.array([10.0, 20.0])


def test_by_hand():
    X = np.array([[1.0, 0.0, -1.0], [2.0, 2.0, 2.0]])
    Z, pullback = affine(X, W, b)
    assert np.array_equal(Z, [[8.0, 18.5], [22.0, 19.0]])
    dX, dW, db = pullback(np.array([[1.0, 0.0], [2.0, -2.0]]))
    assert np.array_equal(dX, [[1.0, 2.0, 3.0], [4.0, 4.0, 5.0]])
    assert np.array_equal(dW, [[5.0, 4.0, 3.0], [-4.0, -4.0, -4.0]])
    assert np.array_equal(db, [3.0, -2.0])


@pytest.mark.parametrize("batch", [(), (1,), (5,), (2, 3), (2, 1, 3)])
def test_a_batch_of_any_shape_is_its_rows_one_by_one(batch):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((*batch, 3)), rng.standard_normal((*batch, 2))
    y, pullback = affine(x, W, b)
    dx, dW, db = pullback(dy)
    sums = np.zeros_like(W), np.zeros_like(b)
    for row in np.ndindex(batch):
        y_row, pullback_row = affine(x[row], W, b)
        dx_row, dW_row, db_row = pullback_row(dy[row])
        np.testing.assert_allclose(y[row], y_row, rtol=1e-14)
        np.testing.assert_allclose(dx[row], dx_row, rtol=1e-14)
        sums[0][...] += dW_row
        sums[1][...] += db_row
    np.testing.assert_allclose(dW, sums[0], rtol=1e-13)
    np.testing.assert_allclose(db, sums[1], rtol=1e-13)


@pytest.mark.parametrize("batch", [(0,), (0, 4), (4, 0)])
def test_an_empty_batch_asks_nothing_of_the_parameters(batch):
    y, pullback = affine(np.zeros((*batch, 3)), W, b)
    assert y.shape == (*batch, 2)
    dx, dW, db = pullback(np.zeros((*batch, 2)))
    assert dx.shape == (*batch, 3)
    assert dW.shape == W.shape
    assert db.shape == b.shape
    assert not dW.any()
    assert not db.any()


def test_one_row_may_serve_as_batch_without_a_copy():
    # A row that is broadcast to a batch has stride 0 along the batch.
    row = np.array([1.0, 2.0, 3.0])
    y, pullback = affine(np.broadcast_to(row, (4, 3)), W, b)
    assert np.array_equal(y, np.tile(affine(row, W, b)[0], (4, 1)))
    _, dW, _ = pullback(np.broadcast_to(np.ones(2), (4, 2)))
    assert np.array_equal(dW, 4 * np.ones((2, 1)) * row)


@given(st.integers(0, 4), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_linear_in_each_argument_but_for_the_bias(B, d_in, d_out, seed):
    rng = np.random.default_rng(seed)
    x, other = rng.standard_normal((2, B, d_in))
    W, b = rng.standard_normal((d_out, d_in)), rng.standard_normal(d_out)
    together = affine(x + other, W, b)[0] + b
    np.testing.assert_allclose(together, affine(x, W, b)[0] + affine(other, W, b)[0], atol=1e-12)
    np.testing.assert_allclose(affine(x, 2 * W, 2 * b)[0], 2 * affine(x, W, b)[0], atol=1e-12)
