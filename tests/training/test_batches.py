"""Mini-batches in random order, windows and streams of tokens: what is in them, what is refused."""

import numpy as np
import pytest

from chainrule.training import minibatches, next_token_windows, token_streams


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("n", "batch_size"), [(1, 1), (7, 3), (6, 3), (6, 1), (6, 6), (6, 100)])
def test_minibatches_hold_each_example_once_with_its_target(n, batch_size):
    X, t = np.arange(n) * 10.0, np.arange(n)
    batches = list(minibatches(X, t, batch_size, rng=rng()))
    assert [len(x) for x, _ in batches] == [batch_size] * (n // batch_size) + (
        [n % batch_size] if n % batch_size else []
    )
    assert sorted(np.concatenate([y for _, y in batches])) == list(range(n))
    assert all(np.array_equal(x, 10 * y) for x, y in batches)


def test_minibatches_are_shuffled_and_seeded():
    X = np.arange(100)

    def order(generator):
        return np.concatenate([x for x, _ in minibatches(X, X, 10, rng=generator)])

    assert not np.array_equal(order(rng()), X)
    assert np.array_equal(order(rng()), order(rng()))
    generator = rng()
    assert not np.array_equal(order(generator), order(generator)), "each epoch has its own order"


def test_minibatches_leave_the_data_alone():
    X = np.arange(10.0)
    for x, _ in minibatches(X, X, 3, rng=rng()):
        x += 1
    assert np.array_equal(X, np.arange(10.0))


@pytest.mark.parametrize(
    ("X", "t", "batch_size", "message"),
    [
        (np.zeros(3), np.zeros(2), 1, "X has 3 examples but t has 2; pair them up"),
        (np.zeros(0), np.zeros(0), 1, "there are no examples; X and t are empty"),
        (np.zeros(3), np.zeros(3), 0, "batch_size must be at least 1, got 0"),
        (np.zeros(3), np.zeros(3), -5, "batch_size must be at least 1, got -5"),
    ],
)
def test_minibatches_refuse(X, t, batch_size, message):
    with pytest.raises(ValueError, match=f"minibatches: {message}"):
        list(minibatches(X, t, batch_size, rng=rng()))


@pytest.mark.parametrize(("n", "batch_size"), [(7, 3), (6, 3), (3, 3), (1, 1)])
def test_drop_last_leaves_only_full_batches(n, batch_size):
    X = np.arange(n)
    batches = list(minibatches(X, X, batch_size, rng=rng(), drop_last=True))
    assert [len(x) for x, _ in batches] == [batch_size] * (n // batch_size)
    # Which examples are left out is drawn anew each epoch.
    dropped = {
        frozenset(range(7))
        - {
            int(i)
            for x, _ in minibatches(np.arange(7), np.arange(7), 3, rng=rng(seed), drop_last=True)
            for i in x
        }
        for seed in range(20)
    }
    assert len(dropped) > 1


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"batch_size": 4, "drop_last": True}, ValueError, "3 examples do not fill one of 4"),
        ({"batch_size": 2.0}, TypeError, "batch_size must be an integer, got 2.0"),
        ({"batch_size": True}, TypeError, "batch_size must be an integer, got True"),
        ({"rng": 0}, TypeError, r"rng must be a numpy\.random\.Generator, got int; pass"),
        ({"X": [1, 2, 3]}, TypeError, "X must be a NumPy array, got list"),
        ({"t": np.array(1)}, ValueError, "t must have one entry per example, got shape"),
    ],
)
def test_minibatches_refuse_arguments(changed, error, message):
    arguments = {"X": np.zeros(3), "t": np.zeros(3), "batch_size": 2, "rng": rng()} | changed
    with pytest.raises(error, match=f"minibatches: .*{message}"):
        list(minibatches(**arguments))


@pytest.mark.parametrize(("m", "length", "stride"), [(10, 3, 3), (10, 3, 1), (10, 3, 5), (4, 3, 1)])
def test_windows_hold_each_token_and_the_one_that_follows(m, length, stride):
    tokens = rng().integers(0, 50, m)
    X, t = next_token_windows(tokens, length, stride=stride)
    assert X.shape == t.shape == ((m - length - 1) // stride + 1, length)
    for i, (x, y) in enumerate(zip(X, t, strict=True)):
        assert np.array_equal(x, tokens[i * stride : i * stride + length])
        assert np.array_equal(y, tokens[i * stride + 1 : i * stride + length + 1])


def test_windows_side_by_side_have_each_target_once_and_need_no_memory():
    tokens = np.arange(100)
    X, t = next_token_windows(tokens, 7)
    assert sorted(t.ravel()) == list(range(1, 99))
    assert np.shares_memory(X, tokens)
    assert not X.flags.writeable


@pytest.mark.parametrize(
    ("m", "batch_size", "length"), [(20, 3, 4), (20, 1, 30), (6, 3, 1), (23, 2, 5)]
)
def test_a_stream_goes_on_in_the_next_batch(m, batch_size, length):
    tokens = rng().integers(0, 50, m)
    batches = list(token_streams(tokens, batch_size, length))
    each = m // batch_size
    x, t = (np.concatenate(parts, axis=1) for parts in zip(*batches, strict=True))
    for row in range(batch_size):
        stream = tokens[row * each : (row + 1) * each]
        assert np.array_equal(x[row], stream[:-1])
        assert np.array_equal(t[row], stream[1:])
    assert all(x.shape == (batch_size, length) for x, _ in batches[:-1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: next_token_windows(np.zeros(3, int), 3),
            ValueError,
            "one sequence of at least 4, got",
        ),
        (lambda: next_token_windows(np.zeros((3, 3), int), 1), ValueError, r"got shape \(3, 3\)"),
        (lambda: next_token_windows([1, 2], 1), TypeError, "tokens must be a NumPy array, got lis"),
        (
            lambda: next_token_windows(np.zeros(3), 0),
            ValueError,
            "length must be at least 1, got 0",
        ),
        (lambda: next_token_windows(np.zeros(3), 1, stride=0), ValueError, "stride must be at lea"),
        (
            lambda: token_streams(np.zeros(3, int), 2, 1),
            ValueError,
            "one sequence of at least 4, got",
        ),
        (lambda: token_streams(np.zeros(9), 0, 1), ValueError, "batch_size must be at least 1"),
        (lambda: token_streams(np.zeros(9), 1, 1.5), TypeError, "length must be an integer, got 1"),
    ],
)
def test_token_batches_refuse(call, error, message):
    with pytest.raises(error, match=message):
        list(call())
