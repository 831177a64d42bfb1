"""Whole arrays: the conventions of NumPy, and entries that are used more than once."""

import numpy as np
import pytest

from chainrule.functional import concatenate, index, matmul, mean, reshape, sum, transpose


@pytest.fixture
def draw():
    return np.random.default_rng(0).standard_normal


def test_matmul_by_hand():
    a, b = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    y, pullback = matmul(a, b)
    assert y == [[11.0]]
    da, db = pullback(np.array([[10.0]]))
    np.testing.assert_array_equal(da, [[30.0, 40.0]])
    np.testing.assert_array_equal(db, [[10.0], [20.0]])


def test_a_shared_matrix_gets_the_sum_of_its_gradients(draw):
    a, b = draw((5, 2, 3)), draw((3, 4))
    y, pullback = matmul(a, b)
    dy = draw(y.shape)
    _, db = pullback(dy)
    alone = [matmul(m, b)[1](d)[1] for m, d in zip(a, dy, strict=True)]
    np.testing.assert_allclose(db, np.sum(alone, axis=0), rtol=1e-13)


@pytest.mark.parametrize("function", [sum, mean])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 0, 1), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions_agree_with_numpy(draw, function, axis, keepdims):
    x = draw((2, 3, 4))
    y, pullback = function(x, axis=axis, keepdims=keepdims)
    expected = getattr(np, function.__name__)(x, axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(y, expected)
    (dx,) = pullback(np.ones_like(y))
    n = x.size // max(y.size, 1) if function is mean else 1
    np.testing.assert_array_equal(dx, np.full(x.shape, 1 / n))


def test_the_gradient_of_a_sum_is_an_array_of_its_own():
    _, pullback = sum(np.zeros((2, 3)))
    (dx,) = pullback(1.0)
    dx += 1  # a broadcast view would be read-only
    assert (dx == 2).all()


def test_nothing_sums_to_zero_and_has_no_mean():
    assert sum(np.zeros((0, 3)))[0] == 0
    with pytest.raises(ValueError, match=r"mean: there are no entries .* \(0, 3\); skip empty"):
        mean(np.zeros((0, 3)))


def test_reshape_and_transpose_only_move(draw):
    x = draw((2, 3, 4))
    for y, pullback in (reshape(x, shape=(4, -1)), transpose(x), transpose(x, axes=(1, 2, 0))):
        np.testing.assert_array_equal(pullback(y)[0], x)


KEYS = [
    0,
    -1,
    np.int64(1),
    slice(None, None, -2),
    slice(3, 3),
    ...,
    None,
    (slice(None), 1),
    (..., None, 2),
    np.array([2, 0, 2, 2]),
    [1, 1],
    (np.array([1, 1, 3]), np.array([0, 0, 2])),
    (slice(1), np.array([2, 2])),
    np.arange(12).reshape(4, 3) % 3 == 1,
    np.array([True, False, True, False]),
    True,
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_an_entry_gets_the_sum_over_the_places_where_it_was_taken(draw, key):
    x = draw((4, 3))
    y, pullback = index(x, key=key)
    np.testing.assert_array_equal(y, x[key])
    dy = np.asarray(draw(np.shape(y)))
    places = np.arange(12).reshape(4, 3)[key]
    expected = np.bincount(np.ravel(places), np.ravel(dy), minlength=12).reshape(4, 3)
    np.testing.assert_allclose(pullback(dy)[0], expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("key", [4, (0, 3), (0, 0, 0), np.array([0, 4]), "word"])
def test_a_key_that_does_not_fit_is_refused(key):
    with pytest.raises(IndexError, match=r"^index: .*key is .* must fit x of shape \(4, 3\)"):
        index(np.zeros((4, 3)), key=key)


def test_any_number_of_arrays_end_to_end(draw):
    arrays = draw((2, 1)), draw((2, 0)), draw((2, 3)), draw((2, 2))
    y, pullback = concatenate(*arrays, axis=1)
    np.testing.assert_array_equal(y, np.hstack(arrays))
    for part, a in zip(pullback(y), arrays, strict=True):
        np.testing.assert_array_equal(part, a)
    np.testing.assert_array_equal(concatenate(arrays[0])[0], arrays[0])


def test_there_must_be_something_to_concatenate():
    with pytest.raises(ValueError, match="concatenate: there is nothing to concatenate; pass"):
        concatenate()
    with pytest.raises(TypeError, match=r"concatenate: arrays\[1\] must be a NumPy array"):
        concatenate(np.zeros(2), [1.0])
