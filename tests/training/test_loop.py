"""The training loop: what it visits, records, returns when interrupted, and refuses."""

import os
import signal

import numpy as np
import pytest

from chainrule import data, nn
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.optim import SGD
from chainrule.training import accuracy, fit


def rng(seed=0):
    return np.random.default_rng(seed)


def problem(n=20):
    """Points whose class is the sign of their first coordinate, and a layer to tell them apart."""
    X = rng().standard_normal((n, 3)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(np.int64)


def train(epochs=3, batch_size=5, seed=0, lr=0.1, **options):
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng(seed))
    optimizer = SGD(model.parameters(), lr=lr, momentum=0.9)
    settings = {"optimizer": optimizer, "epochs": epochs, "batch_size": batch_size}
    history = fit(model, F.cross_entropy, X, t, rng=rng(seed), **settings, **options)
    return model, history


ON_VALIDATION = ("validation_loss", "validation_metric")


def lengths_of(history):
    """How many entries each list of a history has that has any."""
    return {name: len(v) for name, v in vars(history).items() if isinstance(v, list) and v}


def test_it_learns():
    X, t = problem()
    model, history = train(epochs=30)
    assert accuracy(model(X).data, t) == 1
    assert history.loss[-1] < 0.3 * history.loss[0]
    assert not history.interrupted


def test_one_batch_per_epoch_is_gradient_descent():
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng(), dtype=np.float32)
    W, b = model.weight.data.copy(), model.bias.data.copy()
    optimizer = SGD(model.parameters(), lr=0.1)
    history = fit(
        model, F.cross_entropy, X, t, optimizer=optimizer, epochs=3, batch_size=20, rng=rng()
    )
    for loss in history.loss:
        weight, bias = Tensor(W, requires_grad=True), Tensor(b, requires_grad=True)
        by_hand = F.cross_entropy(F.affine(X, weight, bias), t)
        assert loss == pytest.approx(by_hand.item(), rel=1e-5)
        by_hand.backward()
        W, b = W - 0.1 * weight.grad, b - 0.1 * bias.grad
    np.testing.assert_allclose(model.weight.data, W, rtol=1e-4)
    np.testing.assert_allclose(model.bias.data, b, rtol=1e-4, atol=1e-6)


def test_the_loss_of_an_epoch_weighs_examples_not_batches():
    # 20 examples in batches of 15 and 5, and a learning rate that changes nothing.
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng())
    before = F.cross_entropy(model(X), t).item()
    optimizer = SGD(model.parameters(), lr=1e-30)
    history = fit(
        model, F.cross_entropy, X, t, optimizer=optimizer, epochs=1, batch_size=15, rng=rng()
    )
    assert history.loss == [pytest.approx(before, rel=1e-6)]


def test_one_seed_one_run_to_the_last_bit():
    runs = [train(epochs=5) for _ in range(2)]
    (first, first_history), (second, second_history) = runs
    assert first_history == second_history
    for p, q in zip(first.parameters(), second.parameters(), strict=True):
        assert np.array_equal(p.data, q.data)
    assert train(seed=1)[1] != first_history


def test_history_has_one_entry_per_epoch():
    _, history = train(epochs=4)
    assert len(history.loss) == 4
    assert history.metric == history.validation_loss == history.validation_metric == []


def test_metric_and_validation():
    X, t = problem()
    held_out = X[:6] + 1, t[:6]
    model, history = train(epochs=4, metric=accuracy, validation=held_out)
    assert lengths_of(history) == {"loss": 4, "metric": 4, **dict.fromkeys(ON_VALIDATION, 4)}
    # Measured after the epoch, so the last entries are those of the model that came out.
    assert history.metric[-1] == accuracy(model(X).data, t)
    assert history.validation_metric[-1] == accuracy(model(held_out[0]).data, held_out[1])
    expected = F.cross_entropy(model(held_out[0]), held_out[1]).item()
    assert history.validation_loss[-1] == expected


def test_validation_without_a_metric():
    _, history = train(epochs=2, validation=problem(6))
    assert len(history.validation_loss) == 2
    assert history.validation_metric == []


def test_measuring_changes_nothing():
    plain, _ = train()
    measured, _ = train(metric=accuracy, validation=problem(6))
    for p, q in zip(plain.parameters(), measured.parameters(), strict=True):
        assert np.array_equal(p.data, q.data)


def test_the_callback_sees_every_step_between_gradient_and_update():
    seen = []

    def callback(step):
        gradients = [p.grad for p in step.model.parameters()]
        assert all(g is not None for g in gradients)
        seen.append((step.epoch, step.step, step.loss, step.model.weight.data.copy()))

    model, history = train(epochs=2, batch_size=8, callback=callback)
    assert [(epoch, step) for epoch, step, *_ in seen] == [(e, s) for e in (0, 1) for s in range(3)]
    initial = nn.Linear(3, 2, rng=rng()).weight.data
    assert np.array_equal(seen[0][-1], initial), "the first update comes after the callback"
    assert not np.array_equal(seen[1][-1], initial)
    assert not np.array_equal(seen[-1][-1], model.weight.data)
    weights = [8, 8, 4]
    first_epoch = sum(w * loss for w, (_, _, loss, _) in zip(weights, seen[:3], strict=True)) / 20
    assert history.loss[0] == first_epoch


def test_gradients_do_not_leak_from_one_step_to_the_next():
    X, t = problem()

    def callback(step):
        # Of a fresh loss on all examples, the gradient must be that one alone.
        grad = step.model.bias.grad.copy()
        assert np.abs(grad).sum() <= 2  # of cross-entropy: no entry beyond ±1

    train(epochs=40, callback=callback)
    model = nn.Linear(3, 2, rng=rng())
    F.cross_entropy(model(X), t).backward()
    stale = [p.grad.copy() for p in model.parameters()]
    optimizer = SGD(model.parameters(), lr=0.1)
    first = []
    fit(
        model,
        F.cross_entropy,
        X,
        t,
        optimizer=optimizer,
        epochs=1,
        batch_size=20,
        rng=rng(),
        callback=lambda step: first.extend(p.grad.copy() for p in step.model.parameters()),
    )
    for gradient, left_over in zip(first, stale, strict=True):
        np.testing.assert_allclose(gradient, left_over, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("stop", ["exception", "signal"])
def test_an_interruption_keeps_model_and_history(stop):
    def interrupt(step):
        if (step.epoch, step.step) == (3, 2):
            if stop == "signal":
                os.kill(os.getpid(), signal.SIGINT)
            else:
                raise KeyboardInterrupt

    model, history = train(epochs=100, callback=interrupt, metric=accuracy)
    assert history.interrupted
    assert len(history.loss) == len(history.metric) == 3
    three_epochs, _ = train(epochs=3)
    assert not np.array_equal(model.weight.data, three_epochs.weight.data)
    assert "3 epochs" in repr(history)
    assert "interrupted" in repr(history)


def test_an_interrupted_measurement_leaves_an_even_history():
    calls = []

    def impatient_metric(logits, t):
        calls.append(len(t))
        if len(calls) == 4:  # the validation metric of the second epoch
            raise KeyboardInterrupt
        return accuracy(logits, t)

    _, history = train(epochs=5, metric=impatient_metric, validation=problem(6))
    assert calls == [20, 6, 20, 6]
    assert history.interrupted
    assert lengths_of(history) == {"loss": 1, "metric": 1, **dict.fromkeys(ON_VALIDATION, 1)}


def test_a_callback_that_fails_is_not_swallowed():
    def failing(step):
        raise RuntimeError("of the callback")

    with pytest.raises(RuntimeError, match="of the callback"):
        train(callback=failing)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_no_number_stops_before_the_update(bad):
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng())
    kept = []

    def spoil(z, targets):
        loss = F.cross_entropy(z, targets)
        if len(kept) == 2:
            loss.data = np.float32(bad)
        return loss

    def keep(step):
        kept.append(None)
        if len(kept) == 2:
            # after this update nothing may change
            weights[:] = [model.weight.data - 0.1 * model.weight.grad]

    weights = []
    optimizer = SGD(model.parameters(), lr=0.1)
    message = f"fit: the loss became {bad} in epoch 0, step 2; look for NaN in the data, lower"
    with pytest.raises(FloatingPointError, match=message):
        fit(
            model,
            spoil,
            X,
            t,
            optimizer=optimizer,
            epochs=3,
            batch_size=5,
            rng=rng(),
            callback=keep,
        )
    np.testing.assert_allclose(model.weight.data, weights[0], rtol=1e-6)


def test_nan_in_the_data_is_named():
    X, t = problem()
    X[7, 1] = np.nan
    model = nn.Linear(3, 2, rng=rng())
    before = model.weight.data.copy()
    optimizer = SGD(model.parameters(), lr=0.1)
    with pytest.raises(FloatingPointError, match="look for NaN in the data"):
        fit(model, F.cross_entropy, X, t, optimizer=optimizer, epochs=1, batch_size=20, rng=rng())
    assert np.array_equal(model.weight.data, before)


def test_a_learning_rate_too_high_ends_in_the_same_error():
    X = np.linspace(-1, 1, 20, dtype=np.float32)[:, None] * 100
    model = nn.Linear(1, 1, rng=rng())
    optimizer = SGD(model.parameters(), lr=1.0)
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(FloatingPointError, match="lower the learning rate"),
    ):
        fit(model, F.mse_loss, X, X, optimizer=optimizer, epochs=50, batch_size=20, rng=rng())


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"X": np.zeros((3, 3), np.float32)}, ValueError, "fit: X has 3 examples but t has 20"),
        ({"X": np.zeros((0, 3)), "t": np.zeros(0, int)}, ValueError, "fit: there are no examples"),
        ({"X": [[0.0] * 3] * 20}, TypeError, "fit: X must be a NumPy array, got list; convert it"),
        ({"t": [0] * 20}, TypeError, r"fit: t must be a NumPy array, got list; .*np\.asarray\(t\)"),
        ({"X": Tensor(np.zeros((20, 3)))}, TypeError, "fit: X must be a NumPy array, got Tensor"),
        ({"epochs": 0}, ValueError, "fit: epochs must be at least 1, got 0"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        (
            {"loss": lambda z, t: z},
            ValueError,
            r"fit: the loss must be a single number, got shape \(5, 2\); take the mean",
        ),
    ],
)
def test_fit_refuses_and_leaves_the_model_alone(changed, error, message):
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng())
    before = model.weight.data.copy()
    arguments = {
        "loss": F.cross_entropy,
        "X": X,
        "t": t,
        "epochs": 1,
        "batch_size": 5,
        "rng": rng(),
        "optimizer": SGD(model.parameters(), lr=0.1),
    }
    with pytest.raises(error, match=message):
        fit(model, **(arguments | changed))
    assert np.array_equal(model.weight.data, before)


def test_the_progress_bar_shows_what_is_measured(capsys):
    train(epochs=2, metric=accuracy, validation=problem(6), progress=True)
    shown = capsys.readouterr().err
    assert shown.startswith("\rfit ")
    for label in ("2/2", "loss", "metric", "validation loss", "validation metric"):
        assert label in shown
    assert "interrupted" not in shown


def test_no_progress_bar_where_nobody_looks(capsys):
    train(progress=False)
    assert capsys.readouterr().err == ""


def test_xor():
    X, t = data.xor()
    model = nn.Sequential(nn.Linear(2, 8, rng=rng()), nn.Tanh(), nn.Linear(8, 2, rng=rng(1)))
    optimizer = SGD(model.parameters(), lr=0.5, momentum=0.9)
    fit(model, F.cross_entropy, X, t, optimizer=optimizer, epochs=200, batch_size=4, rng=rng())
    assert np.array_equal(model(X).data.argmax(1), t)


def test_updates_in_training_mode_measurements_and_what_follows_in_evaluation_mode():
    X, t = problem()
    modes = []

    class Watched(nn.Linear):
        def forward(self, x):
            modes.append((self.training, len(x)))
            return super().forward(x)

    model = Watched(3, 2, rng=rng()).eval()
    fit(
        model,
        F.cross_entropy,
        X,
        t,
        optimizer=SGD(model.parameters(), lr=0.1),
        epochs=2,
        batch_size=len(X),
        rng=rng(),
        metric=accuracy,
        validation=(X[:5], t[:5]),
    )
    assert modes == 2 * [(True, len(X)), (False, len(X)), (False, 5)]
    assert not model.training
