"""Positions: what shifts do, numbers by hand, and what is refused."""

import numpy as np
import pytest

from chainrule.functional import rotary_embedding, scaled_dot_product_attention
from chainrule.functional.positions import alibi_bias, sinusoidal_encoding

rng = np.random.default_rng(0)


def test_rotary_by_hand():
    x = np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]])
    y, _ = rotary_embedding(x, base=4.0)  # θ = 1, 1/2
    assert np.array_equal(y[0], x[0])
    np.testing.assert_allclose(y[1], [np.cos(1), np.sin(1), -np.sin(0.5), np.cos(0.5)])


def test_rotary_scores_depend_on_the_distance_alone():
    q, k = rng.standard_normal((2, 1, 8))
    score = lambda i, j: (  # noqa: E731
        rotary_embedding(q, positions=np.array([i]))[0]
        @ rotary_embedding(k, positions=np.array([j]))[0].T
    ).item()
    np.testing.assert_allclose(score(3, 1), score(1003, 1001), rtol=1e-11)
    assert not np.isclose(score(3, 1), score(3, 2))


def test_rotary_keeps_lengths_and_turns_back():
    x = rng.standard_normal((2, 3, 5, 6))
    y, pullback = rotary_embedding(x)
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.linalg.norm(x, axis=-1))
    np.testing.assert_allclose(pullback(y)[0], x)


def test_rotary_positions_of_each_example_and_one_at_a_time():
    x = rng.standard_normal((2, 3, 5, 4))
    whole, _ = rotary_embedding(x)
    one, _ = rotary_embedding(x[:, :, 3:4], positions=np.array([3]))
    np.testing.assert_allclose(one, whole[:, :, 3:4])
    each = np.array([np.arange(5), np.arange(5) + 2])[:, np.newaxis]
    shifted, _ = rotary_embedding(x, positions=each)
    np.testing.assert_allclose(shifted[0], whole[0])
    np.testing.assert_allclose(shifted[1], rotary_embedding(x[1], positions=np.arange(2, 7))[0])


def test_rotary_in_single_precision_at_late_positions():
    x, p = rng.standard_normal((3, 8)), np.array([0, 10**5, 10**6])
    exact, _ = rotary_embedding(x, positions=p)
    single, _ = rotary_embedding(x.astype(np.float32), positions=p)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, exact, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "options", "error", "message"),
    [
        (np.zeros((3, 5)), {}, ValueError, r"even d, got shape \(3, 5\)"),
        (np.zeros(4), {}, ValueError, r"got shape \(4,\)"),
        (np.zeros((3, 4)), {"base": 0}, ValueError, "base must be greater than 0, got 0"),
        (np.zeros((3, 4)), {"positions": np.arange(2)}, ValueError, r"\(3,\), got \(2,\)"),
        (np.zeros((3, 4)), {"positions": np.zeros(3)}, TypeError, "integers, got float64"),
        (np.zeros((3, 4)), {"positions": [0, 1, 2]}, TypeError, r"got list; take np.arange"),
        (
            np.zeros((2, 4, 3, 4)),
            {"positions": np.zeros((2, 3), int)},
            ValueError,
            r"\(2, 4, 3\), got \(2, 3\); .* positions\[:, None\]",
        ),
    ],
)
def test_rotary_refuses(x, options, error, message):
    with pytest.raises(error, match=rf"^rotary_embedding: .*{message}"):
        rotary_embedding(x, **options)


def test_sinusoidal_by_its_definition():
    e = sinusoidal_encoding(np.arange(50), 6, dtype=np.float64)
    for p, i in np.ndindex(50, 3):
        angle = p / 10_000 ** (2 * i / 6)
        np.testing.assert_allclose(e[p, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)])
    assert sinusoidal_encoding(np.arange(50), 6).dtype == np.float32
    assert sinusoidal_encoding(np.array([[3], [4]]), 6).shape == (2, 1, 6)
    assert sinusoidal_encoding(np.int64(3), 6).shape == (6,)


def test_a_shift_of_the_sinusoidal_encoding_is_a_rotation():
    p, d, shift = np.arange(20), 8, 5
    e = sinusoidal_encoding(p, d, dtype=np.float64)
    swapped = e.reshape(20, d // 2, 2)[..., ::-1].reshape(20, d)  # (cos, sin): a point to turn
    turned, _ = rotary_embedding(swapped, positions=np.full(20, shift))
    later = sinusoidal_encoding(p + shift, d, dtype=np.float64)
    np.testing.assert_allclose(turned.reshape(20, d // 2, 2)[..., ::-1].reshape(20, d), later)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.arange(3), 5), ValueError, "even number, got 5"),
        ((np.arange(3), 0), ValueError, "d must be at least 1, got 0"),
        ((3, 4), TypeError, r"got int; take np.arange"),
        ((np.zeros(3), 4), TypeError, "got float64"),
    ],
)
def test_sinusoidal_refuses(arguments, error, message):
    with pytest.raises(error, match=rf"^sinusoidal_encoding: .*{message}"):
        sinusoidal_encoding(*arguments)


def test_alibi_by_hand():
    b = alibi_bias(8, 3, 3)
    assert b.dtype == np.float32
    np.testing.assert_allclose(b[:, 2, 0], -2 * 2.0 ** -np.arange(1, 9))
    assert np.array_equal(b[0], [[0, -0.5, -1], [-0.5, 0, -0.5], [-1, -0.5, 0]])
    # The newest query of a sequence whose keys are kept has the row it would have in the whole.
    assert np.array_equal(alibi_bias(8, 1, 3), b[:, 2:])


def test_alibi_is_a_mask_of_attention():
    q = k = v = rng.standard_normal((2, 4, 5, 3)).astype(np.float32)
    y, _ = scaled_dot_product_attention(q, k, v, mask=alibi_bias(4, 5, 5), causal=True)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(3)
    distance = np.abs(np.arange(5)[:, None] - np.arange(5))
    scores -= np.array([1 / 4, 1 / 16, 1 / 64, 1 / 256])[:, None, None] * distance
    P = np.exp(scores) * np.tri(5)
    np.testing.assert_allclose(y, P / P.sum(-1, keepdims=True) @ v, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("sizes", [(0, 3, 3), (2, -1, 3), (2, 3, -1)])
def test_alibi_refuses(sizes):
    with pytest.raises(ValueError, match=r"^alibi_bias: \w+ must be at least [01], got (0|-1)"):
        alibi_bias(*sizes)
