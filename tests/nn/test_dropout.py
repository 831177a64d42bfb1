"""Dropout: a new mask each time, none in evaluation, the same from the same seed."""

import numpy as np

from chainrule import nn


def test_masks():
    x = np.ones((100, 100))
    layer = nn.Dropout(0.25, rng=np.random.default_rng(0))
    first, second = layer(x).data, layer(x).data
    assert set(np.unique(first)) == {0, 1 / 0.75}
    assert np.mean(first == 0) == np.clip(np.mean(first == 0), 0.235, 0.265)
    assert not np.array_equal(first, second)
    again = nn.Dropout(0.25, rng=np.random.default_rng(0))
    assert np.array_equal(again(x).data, first)
    assert np.array_equal(layer.eval()(x).data, x)


def test_evaluation_draws_nothing():
    rng = np.random.default_rng(0)
    nn.Dropout(0.5, rng=rng).eval()(np.ones(10))
    assert rng.random() == np.random.default_rng(0).random()
