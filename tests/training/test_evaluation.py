"""Predictions in batches, in evaluation mode and without a record; accuracy."""

import numpy as np
import pytest

from chainrule import models, nn
from chainrule.autograd import Tensor
from chainrule.training import accuracy, predict


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("batch_size", [1, 3, 10, 100])
def test_batches_make_no_difference(batch_size):
    X = rng().standard_normal((10, 4)).astype(np.float32)
    model = nn.Sequential(nn.Linear(4, 8, rng=rng()), nn.BatchNorm1d(8), nn.Dropout(0.5, rng=rng()))
    state = model.state_dict()
    y = predict(model, X, batch_size=batch_size)
    assert type(y) is np.ndarray
    np.testing.assert_allclose(y, model.eval()(X).data, rtol=1e-5, atol=1e-7)
    assert all(np.array_equal(a, state[name]) for name, a in model.state_dict().items())


def test_it_sees_batches_in_evaluation_mode_without_a_record_and_puts_the_modes_back():
    seen = []

    class Watched(nn.Linear):
        def forward(self, x):
            y = super().forward(x)
            seen.append((len(x), self.training, y.requires_grad))
            return y

    model = nn.Sequential(Watched(2, 1, rng=rng()), nn.ReLU())
    model[1].training = False
    predict(model, np.zeros((5, 2), np.float32), batch_size=2)
    assert seen == [(2, False, False), (2, False, False), (1, False, False)]
    assert [m.training for _, m in model.named_modules()] == [True, True, False]


def test_a_tuple_is_joined_part_by_part_and_a_state_is_left_out():
    tokens = rng().integers(0, 5, (7, 4))
    for cell in ("LSTM", "GRU"):
        model = models.CharRNN(5, 3, 6, cell=cell, rng=rng())
        logits, state = predict(model, tokens, batch_size=3)
        np.testing.assert_allclose(logits, model(tokens)[0].data, rtol=1e-5, atol=1e-6)
        assert state == (None, None) if cell == "LSTM" else state is None
    vae = models.VAE([4, 8, 2], rng=rng())
    X = rng().random((7, 4), np.float32)
    parts = predict(vae, X, batch_size=3)
    for part, whole in zip(parts, vae.eval()(Tensor(X)), strict=True):
        np.testing.assert_allclose(part, whole.data, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("X", "batch_size", "error", "message"),
    [
        (np.zeros((0, 2)), 1, ValueError, r"predict: there are no examples; X has shape \(0, 2\)"),
        (np.zeros((3, 2)), 0, ValueError, "predict: batch_size must be at least 1, got 0"),
        ([[0.0, 1.0]], 1, TypeError, "predict: X must be a NumPy array, got list"),
    ],
)
def test_predict_refuses(X, batch_size, error, message):
    with pytest.raises(error, match=message):
        predict(nn.ReLU(), X, batch_size=batch_size)


def test_accuracy_by_hand():
    logits = np.array([[0.0, 1.0], [2.0, 1.0], [0.0, 5.0], [1.0, 0.0]])
    assert accuracy(logits, np.array([1, 0, 0, 1])) == 0.5
    assert isinstance(accuracy(logits, np.array([1, 0, 0, 1])), float)


@pytest.mark.parametrize(
    ("logits", "t"),
    [
        (np.zeros((2, 3)), np.zeros(3, int)),
        (np.zeros((2, 3)), np.zeros((2, 3), int)),
        (np.zeros((2, 3)), np.zeros((2, 1), int)),
        (np.zeros(3), np.zeros(3, int)),
        (np.zeros((0, 3)), np.zeros(0, int)),
    ],
)
def test_accuracy_refuses_shapes_that_do_not_fit(logits, t):
    with pytest.raises(ValueError, match=r"accuracy: takes logits \(N, K\) and classes \(N,\)"):
        accuracy(logits, t)
