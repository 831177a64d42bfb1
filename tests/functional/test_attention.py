"""Looking up: numbers by hand, masks, rows without any key, what is shared, what is refused."""

import numpy as np
import pytest

from chainrule.functional import (
    attention_weights,
    embedding,
    merge_heads,
    scaled_dot_product_attention,
    softmax,
    split_heads,
)

rng = np.random.default_rng(0)
q, k, v = (rng.standard_normal((2, 3, T, d)) for T, d in ((4, 5), (6, 5), (6, 2)))


def test_embedding_by_hand():
    W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y, pullback = embedding(np.array([2, 0, 2]), W)
    assert np.array_equal(y, [[5, 6], [1, 2], [5, 6]])
    nothing, dW = pullback(np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]))
    assert nothing is None
    assert np.array_equal(dW, [[2, 20], [0, 0], [4, 40]])


@pytest.mark.parametrize("shape", [(), (0,), (7,), (3, 4), (2, 0, 3), (1000,)])
def test_the_embedding_gradient_is_the_one_of_a_one_hot_product(shape):
    ids, W = rng.integers(0, 5, shape), rng.standard_normal((5, 3))
    y, pullback = embedding(ids, W)
    one_hot = (ids[..., np.newaxis] == np.arange(5)).astype(float)
    np.testing.assert_allclose(y, one_hot @ W)
    dy = rng.standard_normal(y.shape)
    expected = one_hot.reshape(-1, 5).T @ dy.reshape(-1, 3)
    np.testing.assert_allclose(pullback(dy)[1], expected, atol=1e-12)


def test_embedding_takes_every_integer_type_and_one_token():
    W = rng.standard_normal((3, 2))
    for dtype in (np.int8, np.uint8, np.int32, np.uint64):
        assert np.array_equal(embedding(np.array([2, 0], dtype), W)[0], W[[2, 0]])
    assert np.array_equal(embedding(np.int64(1), W)[0], W[1])


@pytest.mark.parametrize("wrong", [-1, 3])
def test_embedding_refuses_words_that_are_not_in_the_table(wrong):
    with pytest.raises(ValueError, match=rf"embedding: ids must lie in 0, …, 2 .* holds {wrong}"):
        embedding(np.array([0, wrong]), np.zeros((3, 2)))


def test_embedding_refuses_what_is_no_integer_and_no_table():
    with pytest.raises(TypeError, match="embedding: ids must be an array of integers, got float64"):
        embedding(np.array([0.0]), np.zeros((3, 2)))
    with pytest.raises(TypeError, match="got bool"):
        embedding(np.array([True]), np.zeros((3, 2)))
    with pytest.raises(TypeError, match="got list"):
        embedding([0], np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"embedding: W must be a matrix .* got shape \(3,\)"):
        embedding(np.array([0]), np.zeros(3))


def test_attention_by_hand():
    # Each query likes one key by 1/√2 more than the other.
    identity, values = np.eye(2), np.array([[10.0, 20.0], [30.0, 40.0]])
    y, _ = scaled_dot_product_attention(identity, identity, values)
    p = 1 / (1 + np.exp(-1 / np.sqrt(2)))
    expected = [[10 * p + 30 * (1 - p), 20 * p + 40 * (1 - p)]]
    expected += [[30 * p + 10 * (1 - p), 40 * p + 20 * (1 - p)]]
    np.testing.assert_allclose(y, expected, rtol=1e-14)


def test_equal_keys_give_the_mean_and_scale_zero_too():
    y, _ = scaled_dot_product_attention(q, np.zeros_like(k), v)
    np.testing.assert_allclose(y, np.broadcast_to(v.mean(-2, keepdims=True), y.shape))
    np.testing.assert_allclose(scaled_dot_product_attention(q, k, v, scale=0)[0], y)


def test_weights_times_values():
    P, _ = attention_weights(q, k, causal=True)
    np.testing.assert_allclose(P.sum(-1), 1)
    np.testing.assert_allclose(P @ v, scaled_dot_product_attention(q, k, v, causal=True)[0])


def test_a_boolean_mask_is_true_where_a_query_may_attend():
    mask = rng.random((4, 6)) < 0.5
    mask[:, 0] = True
    P, _ = attention_weights(q, k, mask=mask)
    assert np.array_equal(P != 0, np.broadcast_to(mask, P.shape))
    i = 1
    alone = softmax(q[..., i, :] @ k[0, 0][mask[i]].T / np.sqrt(5))[0]
    np.testing.assert_allclose(P[0, 0, i, mask[i]], alone[0, 0])
    as_bias, _ = attention_weights(q, k, mask=np.where(mask, 0.0, -np.inf))
    assert np.array_equal(P, as_bias)


def test_causal_sees_itself_and_the_past_and_keeps_the_mask():
    P, _ = attention_weights(q, k, causal=True)
    assert np.array_equal(P[0, 0] != 0, np.tri(4, 6, dtype=bool))
    bias = rng.standard_normal((3, 4, 6))
    both, _ = attention_weights(q, k, causal=True, mask=bias)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(5) + bias
    np.testing.assert_allclose(both[..., 2, :3], softmax(scores[..., 2, :3])[0])
    # What comes later changes nothing: the future does not leak.
    later = k.copy()
    later[..., 3:, :] += 1
    before, _ = scaled_dot_product_attention(q, k, v, causal=True)
    after, _ = scaled_dot_product_attention(q, later, v, causal=True)
    assert np.array_equal(before[..., :3, :], after[..., :3, :])
    assert not np.allclose(before[..., 3, :], after[..., 3, :])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("boolean", [True, False])
def test_a_query_without_any_key_gets_zero_and_passes_nothing_back(dtype, boolean):
    mask = np.ones((2, 1, 4, 6), bool)
    mask[0, 0, 2], mask[1] = False, False
    given = mask if boolean else np.where(mask, 0.0, -np.inf)
    arrays = [a.astype(dtype) for a in (q, k, v)]
    with np.errstate(all="raise", under="ignore"):
        y, pullback = scaled_dot_product_attention(*arrays, mask=given)
        dq, dk, dv = pullback(np.ones_like(y))
    assert {a.dtype for a in (y, dq, dk, dv)} == {np.dtype(dtype)}
    assert not y[0, :, 2].any()
    assert not y[1].any()
    assert not dq[0, :, 2].any()
    assert not any(g[1].any() for g in (dq, dk, dv))
    assert y[0, :, [0, 1, 3]].all()
    assert np.isfinite([np.sum(g) for g in (dq, dk, dv)]).all()


def test_what_the_heads_share_gets_the_sum_of_their_gradients():
    shared_k, shared_v = k[:, :1], v[0, 0]
    copies = (np.repeat(shared_k, 3, 1), np.broadcast_to(shared_v, v.shape))
    y, pullback = scaled_dot_product_attention(q, shared_k, shared_v, causal=True)
    apart, pullback_apart = scaled_dot_product_attention(q, *copies, causal=True)
    np.testing.assert_allclose(y, apart)
    dy = rng.standard_normal(y.shape)
    (dq, dk, dv), (dq_apart, dk_apart, dv_apart) = pullback(dy), pullback_apart(dy)
    np.testing.assert_allclose(dq, dq_apart)
    np.testing.assert_allclose(dk, dk_apart.sum(1, keepdims=True))
    np.testing.assert_allclose(dv, dv_apart.sum((0, 1)))


def test_self_attention_does_not_see_the_order():
    order = rng.permutation(6)
    y, _ = scaled_dot_product_attention(k, k, v)
    shuffled, _ = scaled_dot_product_attention(k[..., order, :], k[..., order, :], v[..., order, :])
    np.testing.assert_allclose(shuffled, y[..., order, :])


def test_a_scale_in_double_precision_does_not_promote():
    y, _ = attention_weights(q.astype("f"), k.astype("f"), scale=np.float64(0.5))
    assert y.dtype == np.float32


def test_infinite_and_undefined_scores_are_shown():
    spoiled = q.copy()
    spoiled[0, 0, 1, 0] = np.nan
    y, _ = scaled_dot_product_attention(spoiled, k, v)
    assert np.isnan(y[0, 0, 1]).all()
    assert np.isfinite(y[0, 0, [0, 2, 3]]).all()


@pytest.mark.parametrize(
    ("shapes", "options", "message"),
    [
        (((4, 5), (6, 3), (6, 2)), {}, r"same d.* got \(4, 5\) and \(6, 3\)"),
        (((5,), (6, 5), (6, 2)), {}, r"q \(\.\.\., T_q, d\).* got \(5,\)"),
        (((4, 0), (6, 0), (6, 2)), {}, r"at least 1, got \(4, 0\)"),
        (((4, 5), (0, 5), (0, 2)), {}, r"no keys .*\(0, 5\)"),
        (((4, 5), (6, 5), (4, 2)), {}, r"one value for each of the 6 keys .* got \(4, 2\)"),
        (((2, 4, 5), (3, 6, 5), (6, 2)), {}, r"must broadcast, got q \(2, 4, 5\), k \(3, 6, 5\)"),
        (((2, 4, 5), (6, 5), (3, 6, 2)), {}, r"must broadcast, got .* v \(3, 6, 2\)"),
        (
            ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 2)),
            {"mask": np.ones((2, 4, 6), bool)},
            r"\(2, 3, 4, 6\), got \(2, 4, 6\); .* mask\[:, None\]",
        ),
        (((4, 5), (6, 5), (6, 2)), {"mask": np.ones((2, 4, 6), bool)}, r"got \(2, 4, 6\)"),
        (((4, 5), (6, 5), (6, 2)), {"mask": np.ones((6, 4), bool)}, r"got \(6, 4\)"),
    ],
)
def test_shapes_that_do_not_fit(shapes, options, message):
    with pytest.raises(ValueError, match=rf"^scaled_dot_product_attention: .*{message}"):
        scaled_dot_product_attention(*(np.ones(s) for s in shapes), **options)


@pytest.mark.parametrize("mask", [np.ones((4, 6), int), [[True]], None])
def test_a_mask_of_another_type(mask):
    if mask is None:
        scaled_dot_product_attention(q, k, v, mask=None)
        return
    with pytest.raises(
        TypeError,
        match=r"^scaled_dot_product_attention: mask must be a boolean array.*astype\(bool\)",
    ):
        scaled_dot_product_attention(q, k, v, mask=mask)


def test_heads_by_hand():
    x = np.arange(12.0).reshape(3, 4)
    y, pullback = split_heads(x, heads=2)
    assert np.array_equal(y, [[[0, 1], [4, 5], [8, 9]], [[2, 3], [6, 7], [10, 11]]])
    assert np.array_equal(pullback(y)[0], x)
    together, pullback = merge_heads(y)
    assert np.array_equal(together, x)
    assert np.array_equal(pullback(x)[0], y)


@pytest.mark.parametrize("heads", [3, 5])
def test_heads_must_divide(heads):
    with pytest.raises(ValueError, match=rf"split_heads: .* \(3, 4\) and heads={heads}"):
        split_heads(np.zeros((3, 4)), heads=heads)


def test_heads_need_axes():
    with pytest.raises(ValueError, match=r"split_heads: .*\(4,\)"):
        split_heads(np.zeros(4), heads=2)
    with pytest.raises(ValueError, match=r"merge_heads: .*\(3, 4\)"):
        merge_heads(np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"merge_heads: .*\(0, 3, 4\)"):
        merge_heads(np.zeros((0, 3, 4)))
