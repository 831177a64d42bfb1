"""Recurrent modules: layers and directions are compositions of one network; masks; errors."""

import numpy as np
import pytest

from chainrule import functional, nn
from chainrule.autograd import Tensor

B, T, d, H = 2, 5, 3, 4
KINDS = [nn.RNN, nn.GRU, nn.LSTM]
FUNCTIONS = {nn.RNN: functional.rnn, nn.GRU: functional.gru, nn.LSTM: functional.lstm}


def rng(seed=0):
    return np.random.default_rng(seed)


def draw(*shape, seed=1):
    return rng(seed).standard_normal(shape)


def hidden(finals):
    return finals[0] if isinstance(finals, tuple) else finals


def one_network(module, name, x, states, mask=None):
    """Outputs and final states of layer and direction ``name``, by the function alone."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    weights = [getattr(module, f"{kind}_{name}").data for kind in kinds]
    y, _ = FUNCTIONS[type(module)](x, *states, *weights, mask=mask)
    return y[..., :H], y[:, -1]


@pytest.mark.parametrize("kind", KINDS)
def test_layers_and_directions_are_compositions(kind):
    module = kind(d, H, 2, bidirectional=True, rng=rng(), dtype=np.float64)
    x = draw(B, T, d)
    count = 2 if kind is nn.LSTM else 1
    initial = [draw(4, B, H, seed=2 + i) for i in range(count)]
    given = tuple(initial) if kind is nn.LSTM else initial[0]
    y, finals = module(x, given)

    expected, last = x, []
    for layer in range(2):
        forward, forward_last = one_network(
            module, f"l{layer}", expected, [s[2 * layer] for s in initial]
        )
        backward, backward_last = one_network(
            module, f"l{layer}_reverse", expected[:, ::-1], [s[2 * layer + 1] for s in initial]
        )
        expected = np.concatenate([forward, backward[:, ::-1]], axis=2)
        last += [forward_last, backward_last]
    np.testing.assert_allclose(y.data, expected, rtol=1e-13)
    last = np.array(last)
    np.testing.assert_allclose(hidden(finals).data, last[..., :H], rtol=1e-13)
    if kind is nn.LSTM:
        np.testing.assert_allclose(finals[1].data, last[..., H:], rtol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_changes_nothing(kind, bidirectional):
    module = kind(d, H, 2, bidirectional=bidirectional, rng=rng(), dtype=np.float64)
    x, lengths = draw(B, T, d), np.array([3, 5])
    y, finals = module(x, mask=np.arange(T) < lengths[:, np.newaxis])
    for i, n in enumerate(lengths):
        alone, last = module(x[i : i + 1, :n])
        np.testing.assert_allclose(y.data[i, :n], alone.data[0], rtol=1e-12)
        np.testing.assert_allclose(hidden(finals).data[:, i], hidden(last).data[:, 0], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_in_two_parts(kind):
    module = kind(d, H, 2, rng=rng(), dtype=np.float64)
    x = draw(B, T, d)
    whole, final = module(x)
    first, states = module(x[:, :2])
    second, end = module(x[:, 2:], states)
    parts = np.concatenate([first.data, second.data], axis=1)
    np.testing.assert_allclose(parts, whole.data, rtol=1e-13)
    np.testing.assert_allclose(hidden(end).data, hidden(final).data, rtol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_go_back_through_the_initial_states(kind):
    module = kind(d, H, rng=rng(), dtype=np.float64)
    h = Tensor(draw(1, B, H), requires_grad=True)
    y, _ = module(draw(B, T, d), (h, h) if kind is nn.LSTM else h)
    y[:, -1].sum().backward()
    assert h.grad.shape == (1, B, H)
    assert (h.grad != 0).all()


def test_dropout_is_between_layers_only():
    x = draw(B, T, d)
    one = nn.GRU(d, H, dropout=0.9, rng=rng(), dtype=np.float64)
    assert np.array_equal(one(x)[0].data, one(x)[0].data)
    two = nn.GRU(d, H, 2, dropout=0.9, rng=rng(), dtype=np.float64)
    assert not np.array_equal(two(x)[0].data, two(x)[0].data)
    assert (two(x)[0].data != 0).all()  # the last layer's outputs are whole


@pytest.mark.parametrize("kind", KINDS)
def test_without_biases(kind):
    module = kind(d, H, bias=False, rng=rng(), dtype=np.float64)
    y, _ = module(np.zeros((B, T, d)))
    assert not y.data.any()
    assert repr(module).startswith(f"{kind.__name__}(\n  3, 4, bias=False\n")


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_that_do_not_fit_are_refused(kind):
    module = kind(d, H, rng=rng(), dtype=np.float64)
    for shape in ((T, d), (B, T, d + 1), (B, 0, d)):
        with pytest.raises(ValueError, match=rf"{kind.__name__}: x must have shape \(B, T, 3\)"):
            module(np.zeros(shape))
    wrong = np.zeros((2, B, H))
    with pytest.raises(ValueError, match=r"an initial state must be .* = \(1, 2, 4\), got"):
        module(np.zeros((B, T, d)), (wrong, wrong) if kind is nn.LSTM else wrong)


def test_an_lstm_takes_two_initial_states():
    with pytest.raises(
        ValueError, match=r"LSTM: takes a pair of initial states, \(h_0, c_0\), got"
    ):
        nn.LSTM(d, H, rng=rng())(np.zeros((B, T, d), np.float32), (np.zeros((1, B, H)),))


def test_an_initial_state_that_is_no_array_is_refused():
    gru = nn.GRU(3, 4, rng=np.random.default_rng(0))
    x, h = np.ones((2, 5, 3), np.float32), np.zeros((1, 2, 4), np.float32)
    with pytest.raises(ValueError, match=r"GRU: an initial state must be .*\(1, 2, 4\), got tuple"):
        gru(x, (h,))
