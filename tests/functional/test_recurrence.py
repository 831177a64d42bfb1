"""Recurrence: steps by hand, masks, initial states, both directions, and what is refused."""

import numpy as np
import pytest

from chainrule.functional import gru, lstm, rnn
from chainrule.proofs.cases import recurrence as cases

NETWORKS = {"rnn": rnn, "gru": gru, "lstm": lstm}
B, T, D, H = 3, 5, 2, 4


def draw(kind, seed=0, B=B, T=T):
    return cases._draw(kind, np.random.default_rng(seed), B, T, D, H)


def sigma(a):
    return 1 / (1 + np.exp(-a))


def test_rnn_by_hand():
    x, h0, one, half = np.ones((1, 2, 1)), np.zeros((1, 1)), np.ones((1, 1)), np.full((1, 1), 0.5)
    y, pullback = rnn(x, h0, one, half, np.zeros(1), np.zeros(1))
    first, second = np.tanh(1), np.tanh(1 + np.tanh(1) / 2)
    np.testing.assert_allclose(y, [[[first], [second]]])
    dx, dh0, dW, dU, db, dc = pullback(np.array([[[0.0], [1.0]]]))
    da_2 = 1 - second**2
    da_1 = da_2 / 2 * (1 - first**2)
    np.testing.assert_allclose(dx, [[[da_1], [da_2]]])
    np.testing.assert_allclose([dh0, dU], [[[da_1 / 2]], [[da_2 * first]]])
    np.testing.assert_allclose([dW.item(), db.item(), dc.item()], [da_1 + da_2] * 3)


def test_the_gates_of_the_lstm_stand_in_the_order_i_f_g_o():
    i, f, g, o = 0.1, 0.7, -0.4, 1.2
    b, nothing = np.array([i, f, g, o]), np.zeros(4)
    x, h0, c0 = np.zeros((1, 1, 1)), np.zeros((1, 1)), np.array([[2.0]])
    y, _ = lstm(x, h0, c0, np.zeros((4, 1)), np.zeros((4, 1)), b, nothing)
    c = sigma(f) * 2 + sigma(i) * np.tanh(g)
    np.testing.assert_allclose(y, [[[sigma(o) * np.tanh(c), c]]])


def test_the_gates_of_the_gru_stand_in_the_order_r_z_n():
    r, z, n = 0.1, 0.7, -0.4
    b, c = np.array([r, z, n]), np.array([0.0, 0.0, 0.3])
    x, h0 = np.zeros((1, 1, 1)), np.array([[2.0]])
    y, _ = gru(x, h0, np.zeros((3, 1)), np.zeros((3, 1)), b, c)
    new = np.tanh(n + sigma(r) * 0.3)  # the reset gate acts on the bias of the state, too
    np.testing.assert_allclose(y, [[[(1 - sigma(z)) * new + sigma(z) * 2]]])


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_mask_does_what_shorter_sequences_do(kind):
    x, *rest = draw(kind)
    states, weights = rest[:-4], rest[-4:]
    lengths = np.array([5, 2, 0])
    y, pullback = NETWORKS[kind](x, *rest, mask=np.arange(T) < lengths[:, np.newaxis])
    dy = np.random.default_rng(1).standard_normal(y.shape)
    gradients = pullback(dy)
    sums = [np.zeros_like(w) for w in weights]
    for b, length in enumerate(lengths):
        alone = [s[b : b + 1] for s in states]
        short, pullback = NETWORKS[kind](x[b : b + 1, :length], *alone, *weights)
        np.testing.assert_allclose(y[b, :length], short[0])
        last = y[b, length - 1] if length else np.concatenate([s[b] for s in states])
        assert np.array_equal(y[b, length:], np.tile(last, (T - length, 1)))
        # The last state answers for all that it was copied to.
        asked = dy[b : b + 1, :length].copy()
        if length:
            asked[0, -1] += dy[b, length:].sum(0)
        dx, *rest = pullback(asked)
        np.testing.assert_allclose(gradients[0][b, :length], dx[0], atol=1e-12)
        assert not gradients[0][b, length:].any()
        for total, g in zip(sums, rest[-4:], strict=True):
            total += g
    for total, g in zip(sums, gradients[-4:], strict=True):
        np.testing.assert_allclose(g, total, atol=1e-12)


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_other_direction_is_a_flip_with_a_mask_too(kind):
    x, *rest = draw(kind)
    mask = np.arange(T) < np.array([[5], [3], [1]])
    y, _ = NETWORKS[kind](x[:, ::-1], *rest, mask=mask[:, ::-1])
    for b, length in enumerate(mask.sum(1)):
        states = [s[b : b + 1] for s in rest[:-4]]
        alone, _ = NETWORKS[kind](x[b : b + 1, :length][:, ::-1], *states, *rest[-4:])
        np.testing.assert_allclose(y[b, ::-1][:length], alone[0, ::-1])


@pytest.mark.parametrize("kind", NETWORKS)
def test_what_is_padded_does_not_matter(kind):
    x, *rest = draw(kind)
    mask = np.arange(T) < np.array([[5], [3], [1]])
    other = np.where(mask[..., np.newaxis], x, 7.0)
    y, _ = NETWORKS[kind](x, *rest, mask=mask)
    assert np.array_equal(y, NETWORKS[kind](other, *rest, mask=mask)[0])


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_sequence_in_two_pieces_goes_on_from_the_state(kind):
    x, *rest = draw(kind)
    y, _ = NETWORKS[kind](x, *rest)
    first, _ = NETWORKS[kind](x[:, :2], *rest)
    states = np.split(first[:, -1], len(rest) - 4, axis=1)
    second, _ = NETWORKS[kind](x[:, 2:], *states, *rest[-4:])
    np.testing.assert_allclose(np.concatenate([first, second], 1), y)


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize(("B", "T"), [(0, 4), (3, 0), (0, 0)])
def test_nothing_to_do(kind, B, T):
    args = draw(kind, B=B, T=T)
    y, pullback = NETWORKS[kind](*args)
    assert y.shape == (B, T, 2 * H if kind == "lstm" else H)
    gradients = pullback(np.zeros_like(y))
    assert [g.shape for g in gradients] == [a.shape for a in args]
    assert not any(g.any() for g in gradients)


@pytest.mark.parametrize("kind", NETWORKS)
def test_single_precision_stays(kind):
    args = [a.astype(np.float32) for a in draw(kind)]
    y, pullback = NETWORKS[kind](*args, mask=np.ones((B, T), bool))
    assert y.dtype == np.float32
    assert all(g.dtype == np.float32 for g in pullback(np.ones_like(y)))


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize(
    ("argument", "shape", "message"),
    [
        ("x", (T, D), r"x must have shape \(B, T, d\) with d = 2.* got \(5, 2\); .*newaxis"),
        ("x", (B, T, 3), r"d = 2.* got \(3, 5, 3\)"),
        ("h0", (B, 3), r"h0 must have shape \(B, H\) = \(3, 4\), got \(3, 3\); .* np.zeros"),
        ("h0", (H,), r"h0 must .* got \(4,\)"),
        ("W_ih", (H + 1, D), r"W_ih must .* got \(5, 2\)"),
        ("W_hh", (H, H + 1), r"W_hh must have shape .* got \(4, 5\)"),
        ("b_ih", (2,), r"b_ih must .* got \(2,\)"),
        ("b_hh", (2,), r"b_hh must .* got \(2,\)"),
    ],
)
def test_shapes_that_do_not_fit(kind, argument, shape, message):
    names = next(case.arguments for case in cases.CASES if case.name == kind)
    args = dict(zip(names, draw(kind), strict=True)) | {argument: np.zeros(shape)}
    with pytest.raises(ValueError, match=rf"^{kind}: .*{message}"):
        NETWORKS[kind](*args.values())


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_mask_that_does_not_fit(kind):
    with pytest.raises(
        ValueError, match=rf"^{kind}: mask must have shape .*\(3, 5\), got \(5, 3\)"
    ):
        NETWORKS[kind](*draw(kind), mask=np.ones((T, B), bool))
    with pytest.raises(TypeError, match=rf"^{kind}: mask must be .* got int64; from lengths"):
        NETWORKS[kind](*draw(kind), mask=np.array([5, 3, 1]))
