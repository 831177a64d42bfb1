"""Tasks on sequences: that the answers are right and cannot be had without the sequence."""

import numpy as np
import pytest

from chainrule.data import adding_problem, associative_recall, modular_addition


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("length", [2, 3, 10, 51])
def test_adding_problem(length):
    X, t = adding_problem(500, length=length, rng=rng())
    value, mark = X[..., 0], X[..., 1]
    assert set(np.unique(mark)) <= {0, 1}
    assert (mark[:, : length // 2].sum(1) == 1).all()
    assert (mark[:, length // 2 :].sum(1) == 1).all()
    np.testing.assert_allclose((value * mark).sum(1), t[:, 0], rtol=1e-6)
    assert (mark.sum(0) > 0).all(), "every step is marked in some sequence"


def test_the_constant_answer_to_the_adding_problem():
    _, t = adding_problem(50_000, length=10, rng=rng())
    np.testing.assert_allclose(((t - 1) ** 2).mean(), 1 / 6, rtol=0.02)


def test_associative_recall():
    X, t = associative_recall(4000, pairs=4, keys=6, values=5, rng=rng())
    key, value = X[:, :-1, 0], X[:, :-1, 1]
    question = X[:, -1]
    assert (question[:, 1] == 5).all(), "the place of the value is empty"
    assert all(len(set(row)) == 4 for row in key.tolist())
    assert (key.min(), key.max(), value.min(), value.max()) == (0, 5, 0, 4)
    found = key == question[:, :1]
    assert (found.sum(1) == 1).all()
    np.testing.assert_array_equal(value[found], t)
    # Neither the place nor the key alone gives the value away: all are drawn equally often, within
    # five standard errors.
    for counts in (np.bincount(t), found.sum(0), np.bincount(question[:, 0])):
        expected = 4000 / len(counts)
        assert (np.abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_associative_recall_as_one_sequence_of_tokens():
    X, _ = associative_recall(50, pairs=2, keys=3, values=4, rng=rng())
    tokens = (X + np.array([0, 3])).reshape(50, -1)[:, :-1]
    assert tokens.shape == (50, 5)
    assert (tokens[:, [0, 2, 4]] < 3).all()
    assert ((tokens[:, [1, 3]] >= 3) & (tokens[:, [1, 3]] < 7)).all()


def test_more_pairs_than_keys_are_refused():
    with pytest.raises(ValueError, match="associative_recall: keys must be at least 4, got 3"):
        associative_recall(1, keys=3, rng=rng())


def test_modular_addition_is_the_whole_table():
    X, t = modular_addition(11)
    assert len(np.unique(X, axis=0)) == 121
    np.testing.assert_array_equal(t, X.sum(1) % 11)
    assert np.bincount(t).tolist() == [11] * 11
