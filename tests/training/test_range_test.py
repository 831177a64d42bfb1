"""The learning-rate range test: its numbers by definition, its end, and that it is undone."""

import numpy as np
import pytest

from chainrule import nn
from chainrule.nn import functional as F
from chainrule.optim import SGD, Adam
from chainrule.training import fit, learning_rate_range


def rng(seed=0):
    return np.random.default_rng(seed)


def problem(n=40):
    X = rng().standard_normal((n, 3)).astype(np.float32)
    return X, (X @ np.array([[1.0], [-2.0], [0.5]], np.float32))


def dropping_model():
    generator = rng()
    hidden = [nn.Linear(3, 8, rng=generator), nn.BatchNorm1d(8), nn.ReLU()]
    return nn.Sequential(*hidden, nn.Dropout(0.3, rng=generator), nn.Linear(8, 1, rng=generator))


def find(model, optimizer, *, loss=F.mse_loss, data=None, generator=None, **options):
    X, t = data or problem()
    settings = {"optimizer": optimizer, "batch_size": 10, "rng": generator or rng()}
    return learning_rate_range(model, loss, X, t, **(settings | options))


def test_rates_losses_and_average_by_definition():
    # Gradient descent on all data, once by the test and once by hand.
    X, t = problem()
    model = nn.Linear(3, 1, rng=rng())
    W, b = model.weight.data.astype(float), model.bias.data.astype(float)
    found = find(model, SGD(model.parameters(), lr=1.0), batch_size=40, lowest=1e-3, highest=0.1,
                 steps=9, smoothing=0.5)  # fmt: skip
    np.testing.assert_allclose(found.rates, 1e-3 * 10 ** np.linspace(0, 2, 9))
    average = 0.0
    for i, rate in enumerate(found.rates):
        error = X @ W.T + b - t
        loss = (error**2).mean()
        average = 0.5 * average + 0.5 * loss
        assert found.losses[i] == pytest.approx(loss, rel=1e-4)
        assert found.smoothed[i] == pytest.approx(average / (1 - 0.5 ** (i + 1)), rel=1e-4)
        W, b = W - rate * 2 * error.T @ X / len(X), b - rate * 2 * error.mean(0)
    assert not found.diverged
    assert found.suggestion == pytest.approx(0.1 / 10)


def test_on_a_quadratic_it_diverges_beyond_two_by_the_curvature_and_suggests_less():
    # L = ½ · 4 · w²: descent needs η < 2 / 4.
    X = np.full((8, 1), np.sqrt(2.0))
    model = nn.Linear(1, 1, bias=False, rng=rng(), dtype=np.float64)
    model.weight.data[...] = 1
    found = find(
        model, SGD(model.parameters(), lr=1.0), data=(X, np.zeros((8, 1))), batch_size=8,
        lowest=1e-4, highest=1e3, steps=200,
    )  # fmt: skip
    assert found.diverged
    assert len(found.rates) == len(found.losses) == len(found.smoothed) < 200
    assert found.rates[-1] > 0.5
    assert found.rates[np.argmin(found.losses)] < 0.5 * 1.2
    assert found.suggestion < 0.5
    assert "diverged" in repr(found)


@pytest.mark.parametrize("optimizer", [lambda p: SGD(p, 0.1, momentum=0.9), lambda p: Adam(p)])
@pytest.mark.parametrize("warm", [False, True])
def test_training_goes_on_as_if_it_had_not_happened(optimizer, warm):
    X, t = problem()

    def run(test):
        model, shuffle = dropping_model(), rng(1)
        stepper = optimizer(model.parameters())
        options = {"optimizer": stepper, "batch_size": 7, "rng": shuffle}
        if warm:
            fit(model, F.mse_loss, X, t, epochs=2, **options)
        if test:
            model[0].eval()
            gradients = [p.grad for p in model.parameters()]
            modes = [m.training for _, m in model.named_modules()]
            found = learning_rate_range(model, F.mse_loss, X, t, steps=30, **options)
            assert len(found.rates) > 10
            assert modes == [m.training for _, m in model.named_modules()]
            assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))
        fit(model, F.mse_loss, X, t, epochs=2, **options)
        return model.state_dict() | stepper.state_dict()

    plain, tested = run(test=False), run(test=True)
    for name, a in plain.items():
        assert np.array_equal(a, tested[name]), name


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_undoes_it_as_well(error):
    model, generator = dropping_model(), rng(1)
    optimizer = Adam(model.parameters(), lr=0.1)
    before = model.state_dict(), optimizer.state_dict(), generator.bit_generator.state
    calls = []

    def failing(y, t):
        calls.append(None)
        if len(calls) == 5:
            raise error
        return F.mse_loss(y, t)

    with pytest.raises(error):
        find(model, optimizer, loss=failing, generator=generator)
    for now, then in zip((model.state_dict(), optimizer.state_dict()), before[:2], strict=True):
        assert all(np.array_equal(a, then[name]) for name, a in now.items())
    assert generator.bit_generator.state == before[2]


def test_a_loss_that_never_falls_has_no_suggestion():
    model = nn.Linear(3, 1, rng=rng())
    found = find(model, SGD(model.parameters(), lr=1.0), lowest=100.0, highest=1e4, batch_size=40)
    assert found.diverged
    assert found.suggestion is None
    assert "suggestion None" in repr(found)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"steps": 1}, ValueError, "steps must be at least 2, got 1"),
        ({"steps": 2.5}, TypeError, "steps must be an integer, got 2.5"),
        ({"lowest": 0}, ValueError, "lowest must be greater than 0, got 0"),
        ({"lowest": 1.0, "highest": 0.1}, ValueError, "needs lowest < highest, got 1.0 and 0.1"),
        ({"smoothing": 1}, ValueError, r"smoothing must lie in \[0, 1\), got 1"),
        ({"divergence": 1}, ValueError, "divergence must be greater than 1, got 1"),
        ({"rng": 3}, TypeError, "rng must be a numpy.random.Generator, got int"),
        ({"data": (np.full((40, 3), np.nan, np.float32), problem()[1])}, ValueError,
         "the loss is nan before any update; look for NaN in the data"),
    ],
)  # fmt: skip
def test_what_is_refused(changed, error, message):
    model = nn.Linear(3, 1, rng=rng())
    with pytest.raises(error, match=f"learning_rate_range: {message}"):
        find(model, SGD(model.parameters(), lr=1.0), **changed)
