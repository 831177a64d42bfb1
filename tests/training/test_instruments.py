"""Instruments: their numbers by definition, and that they leave no trace."""

import numpy as np
import pytest

from chainrule import nn
from chainrule.nn import functional as F
from chainrule.optim import SGD, Adam
from chainrule.training import ActivationStatistics, GradientNorms, UpdateRatios, accuracy, fit


def rng(seed=0):
    return np.random.default_rng(seed)


def problem(n=20):
    X = rng().standard_normal((n, 3)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(np.int64)


def network():
    generator = rng()
    layers = [nn.Linear(3, 8, rng=generator), nn.ReLU(), nn.Linear(8, 4, rng=generator)]
    return nn.Sequential(*layers, nn.Tanh(), nn.Linear(4, 2, rng=generator))


def train(model, optimizer=None, epochs=2, **options):
    X, t = problem()
    optimizer = optimizer or SGD(model.parameters(), lr=0.1)
    settings = {"optimizer": optimizer, "epochs": epochs, "batch_size": 5, "rng": rng()}
    return fit(model, F.cross_entropy, X, t, **settings, **options)


def overlaid(model, optimizer):
    modules = [m for _, m in model.named_modules()]
    return any("forward" in vars(m) for m in modules) or "step" in vars(optimizer)


# --- activations ------------------------------------------------------------------------------


def test_statistics_are_those_of_what_each_layer_puts_out():
    X, _ = problem()
    X[:, 0] *= 10
    model = network()
    with ActivationStatistics(model) as found:
        model(X)
    assert found.steps == [0]
    assert found.names == ["0", "1", "2", "3", "4"]
    y = X
    for i, layer in enumerate(model):
        y = layer(y).data
        assert found["mean"][0, i] == pytest.approx(y.mean(dtype=float), rel=1e-6, abs=1e-12)
        assert found["std"][0, i] == pytest.approx(y.std(dtype=float), rel=1e-6)
        assert found["zero"][0, i] == (y == 0).mean()
        assert found["dead"][0, i] == (y == 0).all(0).mean()
    assert np.isnan(found["saturated"][0, [0, 1, 2, 4]]).all()
    tanh = model[3](model[2](model[1](model[0](X)))).data
    assert found["saturated"][0, 3] == (1 - tanh**2 < 0.05).mean()


@pytest.mark.parametrize("layer", [nn.Sigmoid(), nn.Tanh()])
def test_a_unit_is_saturated_where_its_slope_is_below_a_twentieth_of_the_largest(layer):
    X = np.linspace(-8, 8, 1001)
    slope = np.gradient(layer(X).data, X)
    with ActivationStatistics(layer) as found:
        layer(X[:, None])
    assert found["saturated"].item() == pytest.approx((slope < 0.05 * slope.max()).mean(), abs=2e-3)


def test_a_dead_relu_is_found():
    model = network()
    model[0].bias.data[:3] = -100
    with ActivationStatistics(model) as found:
        train(model)
    assert len(found) == 8
    assert (found["dead"][:, 1] >= 3 / 8).all()
    assert (found["dead"][:, 0] == 0).all()
    assert found.table().columns == ("name", "mean", "std", "zero", "dead", "saturated")


def test_a_layer_called_twice_counts_with_both_calls_and_one_not_called_with_none():
    class Twice(nn.Module):
        def __init__(self):
            self.layer, self.unused = nn.ReLU(), nn.ReLU()

        def forward(self, x):
            return self.layer(x) + self.layer(-x)

    x = np.array([[1.0, -2.0], [3.0, -4.0]])
    model = Twice()
    with ActivationStatistics(model) as found:
        model(x)
    entries = np.concatenate([np.maximum(x, 0), np.maximum(-x, 0)])
    assert found["mean"][0, 0] == entries.mean()
    assert found["std"][0, 0] == pytest.approx(entries.std())
    assert found["dead"][0, 0] == 0.5
    assert np.isnan([found[q][0, 1] for q in found.quantities]).all()


def test_only_training_counts_and_every_so_many_steps():
    model = network()
    with ActivationStatistics(model, every=3) as found:
        train(model, metric=accuracy, validation=problem())
    assert found.steps == [0, 3, 6]


def test_a_sequence_layer_is_measured_by_its_first_output():
    model = nn.LSTM(3, 4, rng=rng())
    x = rng().standard_normal((2, 5, 3)).astype(np.float32)
    with ActivationStatistics(model) as found:
        y, _ = model(x)
    assert found.names[0] == "(itself)"
    assert found["mean"][0, 0] == pytest.approx(y.data.mean(dtype=float), rel=1e-5)


# --- gradients and updates --------------------------------------------------------------------


def test_gradient_norms_are_those_before_clipping():
    model = network()
    norms = GradientNorms(model)
    history = train(model, callback=norms, clip_norm=0.01)
    assert norms.steps == list(range(8))
    assert norms.names == [name for name, _ in model.named_parameters()]
    whole = np.sqrt((norms["norm"] ** 2).sum(1))
    np.testing.assert_allclose(history.gradient_norm, [whole[:4].max(), whole[4:].max()], rtol=1e-6)


def test_gradient_norms_in_a_loop_of_ones_own_and_of_parameters_without_a_gradient():
    model = network()
    norms = GradientNorms(model, every=2)
    norms()
    assert np.isnan(norms["norm"]).all()
    model(problem()[0]).sum().backward()
    norms()
    norms()
    assert norms.steps == [0, 2]
    expected = [np.sqrt((p.grad**2).sum()) for p in model.parameters()]
    np.testing.assert_allclose(norms["norm"][1], expected, rtol=1e-6)


def test_update_ratios_by_hand():
    model = network()
    optimizer = Adam(model.parameters(), lr=0.01)
    states = []
    with UpdateRatios(model, optimizer) as ratios:
        train(model, optimizer, callback=lambda step: states.append(step.model.state_dict()))
    states.append(model.state_dict())
    assert len(ratios) == 8
    for i in range(8):
        for j, name in enumerate(ratios.names):
            before, after = states[i][name], states[i + 1][name]
            assert ratios["weight_norm"][i, j] == pytest.approx(np.linalg.norm(before), rel=1e-6)
            update = np.linalg.norm(after - before)
            assert ratios["update_norm"][i, j] == pytest.approx(update, rel=1e-6)
            assert ratios["ratio"][i, j] == pytest.approx(update / np.linalg.norm(before), rel=1e-5)


def test_a_parameter_of_zeros_has_no_ratio():
    model = nn.Linear(3, 2, rng=rng())
    model.bias.data[...] = 0
    optimizer = SGD(model.parameters(), lr=0.1)
    with UpdateRatios(model, optimizer, every=4) as ratios:
        train(model, optimizer)
    assert ratios.steps == [0, 4]
    assert np.isnan(ratios["ratio"][0, 1])
    assert np.isfinite(ratios["ratio"][1, 1])


# --- all --------------------------------------------------------------------------------------


def test_measuring_does_not_change_the_training():
    plain, watched = network(), network()
    train(plain)
    optimizer = SGD(watched.parameters(), lr=0.1)
    with ActivationStatistics(watched), UpdateRatios(watched, optimizer):
        train(watched, optimizer, callback=GradientNorms(watched))
    for name, a in plain.state_dict().items():
        assert np.array_equal(a, watched.state_dict()[name])


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_instruments_leave_no_trace_also_after_an_error(error):
    model = network()
    optimizer = SGD(model.parameters(), lr=0.1)

    def measured():
        with (
            ActivationStatistics(model),
            ActivationStatistics(model),
            UpdateRatios(model, optimizer),
            UpdateRatios(model, optimizer),
        ):
            assert overlaid(model, optimizer)
            model(problem()[0])
            raise error

    with pytest.raises(error):
        measured()
    assert not overlaid(model, optimizer)
    assert optimizer.step.__func__ is SGD.step


def test_a_model_that_is_its_own_only_layer_is_left_as_it_was():
    model = nn.Tanh()
    with ActivationStatistics(model):
        assert "forward" in vars(model)
    assert "forward" not in vars(model)


def test_two_at_once_see_the_same():
    model = network()
    with ActivationStatistics(model) as outer, ActivationStatistics(model) as inner:
        train(model)
    for quantity in outer.quantities:
        np.testing.assert_array_equal(outer[quantity], inner[quantity])


def test_a_forward_that_fails_is_not_noted_and_the_next_is():
    model = network()
    with ActivationStatistics(model) as found:
        with pytest.raises(ValueError, match="affine"):
            model(np.zeros((2, 4), np.float32))
        model(problem()[0])
    assert len(found) == 1


def test_what_an_instrument_refuses():
    norms = GradientNorms(network())
    with pytest.raises(IndexError, match="GradientNorms: there is no measurement -1, only 0 were"):
        norms.table()
    with pytest.raises(KeyError, match="GradientNorms: there is no 'mean'; it has 'norm'"):
        norms["mean"]
    with pytest.raises(ValueError, match="GradientNorms: every must be at least 1, got 0"):
        GradientNorms(network(), every=0)
    assert norms["norm"].shape == (0, 6)
