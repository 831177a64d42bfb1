"""Batch normalization: running statistics, mode, and shapes. The others own two arrays."""

import numpy as np
import pytest

from chainrule import nn
from chainrule.autograd import Tensor


def batches(count=3, shape=(4, 2, 3)):
    rng = np.random.default_rng(0)
    return [5 + 2 * rng.standard_normal(shape) for _ in range(count)]


def test_running_statistics_are_moving_means_with_the_variance_over_n_minus_1():
    layer = nn.BatchNorm1d(2, momentum=0.25, dtype=np.float64)
    mean, var = np.zeros(2), np.ones(2)
    for x in batches():
        layer(x)
        mean = 0.75 * mean + 0.25 * x.mean((0, 2))
        var = 0.75 * var + 0.25 * x.var((0, 2), ddof=1)
    np.testing.assert_allclose(layer.running_mean.data, mean, rtol=1e-14)
    np.testing.assert_allclose(layer.running_var.data, var, rtol=1e-14)
    assert layer.num_batches_tracked.item() == 3


def test_without_momentum_they_are_the_means_of_all_batches():
    layer = nn.BatchNorm1d(2, momentum=None, dtype=np.float64)
    seen = batches(5)
    for x in seen:
        layer(x)
    expected = np.mean([x.var((0, 2), ddof=1) for x in seen], axis=0)
    np.testing.assert_allclose(layer.running_var.data, expected, rtol=1e-13)
    expected = np.mean([x.mean((0, 2)) for x in seen], axis=0)
    np.testing.assert_allclose(layer.running_mean.data, expected, rtol=1e-13)


def test_training_normalizes_by_the_batch_and_evaluation_by_the_running_statistics():
    layer = nn.BatchNorm2d(2, eps=0, dtype=np.float64)
    x = batches(1, (4, 2, 3, 3))[0]
    y = layer(x).data
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-14)
    np.testing.assert_allclose(y.var((0, 2, 3)), 1, rtol=1e-14)
    layer.eval()
    mean, var = (b.data[:, None, None] for b in (layer.running_mean, layer.running_var))
    np.testing.assert_allclose(layer(x).data, (x - mean) / np.sqrt(var), rtol=1e-13)
    # In evaluation an example does not depend on its company, and one alone will do.
    np.testing.assert_allclose(layer(x[:1]).data, layer(x).data[:1], rtol=1e-14)


def test_one_example_cannot_be_trained_on():
    layer = nn.BatchNorm1d(2)
    with pytest.raises(ValueError, match="in training, each channel needs at least two numbers"):
        layer(np.ones((1, 2), np.float32))
    assert layer.num_batches_tracked.item() == 0
    assert layer.eval()(np.ones((1, 2), np.float32)).shape == (1, 2)


def test_running_statistics_stay_single_and_arrays_stay_the_same_objects():
    layer = nn.BatchNorm1d(2)
    mean, var = layer.running_mean.data, layer.running_var.data
    layer(Tensor(batches(1)[0].astype(np.float32)))
    assert layer.running_mean.data is mean
    assert layer.running_var.data is var
    assert mean.dtype == var.dtype == np.float32
    assert mean.any()


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(nn.BatchNorm1d, (4, 2, 3, 3)), (nn.BatchNorm2d, (4, 2)), (nn.BatchNorm2d, (2, 3, 3))],
)
def test_shapes_that_do_not_fit_are_refused(layer, shape):
    with pytest.raises(ValueError, match=rf"{layer.__name__}: x must have shape \(N, C"):
        layer(2)(np.ones(shape, np.float32))


def test_layer_and_rms_normalization_of_an_example():
    x = np.array([[1.0, 2.0, 3.0, 4.0]])
    np.testing.assert_allclose(
        nn.LayerNorm(4, eps=0, dtype=np.float64)(x).data, (x - 2.5) / np.sqrt(1.25), rtol=1e-14
    )
    np.testing.assert_allclose(
        nn.RMSNorm(4, eps=0, dtype=np.float64)(x).data, x / np.sqrt(7.5), rtol=1e-14
    )
