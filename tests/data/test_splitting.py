"""Holding out: every example once, drawn fairly, nothing shared."""

import numpy as np
import pytest

from chainrule.data import hold_out


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("stratify", [False, True])
@pytest.mark.parametrize("n", [5, 10, 101])
@pytest.mark.parametrize("test_size", [0.2, 0.5, 0.9])
def test_every_example_is_in_one_part_with_its_target(n, test_size, stratify):
    X = np.arange(n)
    part = hold_out(X, X * 10 % 3, test_size=test_size, stratify=stratify, rng=rng())
    assert sorted([*part.X_train, *part.X_test]) == X.tolist()
    for x, t in ((part.X_train, part.t_train), (part.X_test, part.t_test)):
        np.testing.assert_array_equal(t, x * 10 % 3)
    assert len(part.X_test) == round(test_size * n)


def test_stratified_parts_have_the_same_mix():
    t = np.repeat([0, 1, 2], [700, 250, 50])
    part = hold_out(np.arange(1000), t, test_size=0.2, stratify=True, rng=rng())
    assert np.bincount(part.t_test).tolist() == [140, 50, 10]
    # In random order: a model that sees class after class learns the last one.
    assert len(np.flatnonzero(np.diff(part.t_test))) > 50
    assert len(np.flatnonzero(np.diff(part.t_train))) > 200


@pytest.mark.parametrize("sizes", [(7, 3), (1, 1, 8), (5, 5), (33, 33, 34), (1,) * 10, (97, 2, 1)])
@pytest.mark.parametrize("test_size", [0.1, 0.25, 1 / 3, 0.5, 0.8])
def test_stratified_parts_are_within_one_example_of_the_share(sizes, test_size):
    t = rng().permutation(np.repeat(np.arange(len(sizes)), sizes))
    part = hold_out(t, t, test_size=test_size, stratify=True, rng=rng())
    counts = np.bincount(part.t_test, minlength=len(sizes))
    assert (np.abs(counts - len(part.t_test) / len(t) * np.array(sizes)) <= 1).all()


@pytest.mark.parametrize("stratify", [False, True])
def test_the_draw_is_fair(stratify):
    held = np.zeros(10)
    t = np.arange(10) % 2
    for seed in range(2000):
        part = hold_out(np.arange(10), t, test_size=0.3, stratify=stratify, rng=rng(seed))
        held[part.X_test] += 1
    # 2,000 draws of probability 0.3: 600 ± 20; five standard deviations.
    assert (np.abs(held - 600) < 100).all()


def test_one_seed_one_split():
    X = np.arange(50)
    first, again, other = (hold_out(X, X, rng=rng(s)).X_test.tolist() for s in (0, 0, 1))
    assert first == again != other


def test_strings_and_copies():
    X = np.array(["a", "bb", "ccc", "d"])
    part = hold_out(X, X, test_size=0.5, rng=rng())
    part.X_train[...] = ""
    assert X.tolist() == ["a", "bb", "ccc", "d"]


@pytest.mark.parametrize(
    ("X", "t", "options", "error", "message"),
    [
        (np.zeros(4), np.zeros(3), {}, ValueError, "X has 4 examples but t has 3; pair them up"),
        (
            np.zeros(4),
            np.zeros(4),
            {"test_size": 0},
            ValueError,
            r"size must lie in .*, got 0",
        ),
        (
            np.zeros(4),
            np.zeros(4),
            {"test_size": 2},
            ValueError,
            r"size must lie in .*, got 2",
        ),
        (
            np.zeros(4),
            np.zeros(4),
            {"test_size": np.nan},
            ValueError,
            r"size must lie in .*, got nan",
        ),
        (np.zeros(4), np.zeros(4), {"test_size": 0.1}, ValueError, "4 to train on and 0 to test"),
        (np.zeros(4), np.zeros(4), {"test_size": 0.9}, ValueError, "0 to train on and 4 to test"),
        (np.zeros(0), np.zeros(0), {}, ValueError, "neither may be empty"),
        (np.zeros(0), np.zeros(0, int), {"stratify": True}, ValueError, "neither may be empty"),
        (np.zeros(4), np.zeros(4), {"stratify": True}, ValueError, r"t \(4,\) of float64"),
        (np.zeros(4), np.zeros((4, 1), int), {"stratify": True}, ValueError, r"t \(4, 1\) of int"),
        ([1, 2], np.zeros(2), {}, TypeError, "X must be an array of examples, got list"),
        (np.zeros(4), 3, {}, TypeError, "t must be an array of examples, got int"),
        (np.zeros(4), np.zeros(4), {"rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_refused(X, t, options, error, message):
    with pytest.raises(error, match=f"^hold_out: .*{message}"):
        hold_out(X, t, **{"rng": rng(), **options})
