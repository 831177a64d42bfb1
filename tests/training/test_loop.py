"""The training loop: what it visits, records, returns when interrupted, and refuses."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from chainrule import data, models, nn, optim
from chainrule.autograd import Tensor
from chainrule.nn import functional as F
from chainrule.optim import SGD
from chainrule.training import ActivationStatistics, EarlyStopping, accuracy, fit


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


# --- going on ---------------------------------------------------------------------------------


def dropping_model(seed=0):
    generator = rng(seed)
    return nn.Sequential(
        nn.Linear(3, 8, rng=generator),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(0.3, rng=generator),
        nn.Linear(8, 2, rng=generator),
    )


def scheduled(epochs_of_each_fit, make=lambda o: optim.CosineAnnealingLR(o, 40), **options):
    X, t = problem()
    model, generator = dropping_model(), rng(1)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    schedule = make(optimizer)
    histories = [
        fit(
            model,
            F.cross_entropy,
            X,
            t,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=5,
            rng=generator,
            schedule=schedule,
            validation=problem(6),
            **options,
        )
        for epochs in epochs_of_each_fit
    ]
    return model, histories


def test_two_fits_of_five_epochs_are_one_of_ten_to_the_last_bit():
    (one, [whole]), (two, parts) = scheduled([10]), scheduled([5, 5])
    for name, a in one.state_dict().items():
        assert np.array_equal(a, two.state_dict()[name]), name
    for column in ("loss", "validation_loss", "learning_rate"):
        assert getattr(whole, column) == [x for h in parts for x in getattr(h, column)]


def test_a_run_resumes_from_files_to_the_last_bit(tmp_path):
    X, t = problem()

    def make():
        model = dropping_model()
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        return model, optimizer, optim.ExponentialLR(optimizer, 0.99)

    def run(model, optimizer, schedule, generator):
        settings = {"optimizer": optimizer, "schedule": schedule, "rng": generator}
        fit(model, F.cross_entropy, X, t, epochs=3, batch_size=5, **settings)

    first, shuffle = make(), rng(1)
    run(*first, shuffle)
    model, optimizer, schedule = first
    model.save(tmp_path / "model.npz")
    optimizer.save(tmp_path / "optimizer.npz")
    kept = schedule.state_dict(), shuffle.bit_generator.state, model[3].rng.bit_generator.state
    run(*first, shuffle)

    model, optimizer, schedule = second = make()
    model.load(tmp_path / "model.npz")
    optimizer.load(tmp_path / "optimizer.npz")
    schedule.load_state_dict(kept[0])
    shuffle = rng(99)
    shuffle.bit_generator.state, model[3].rng.bit_generator.state = kept[1:]
    run(*second, shuffle)
    for name, a in first[0].state_dict().items():
        assert np.array_equal(a, model.state_dict()[name]), name


# --- schedules and clipping -------------------------------------------------------------------


def test_a_schedule_counts_steps_or_epochs():
    # 20 examples in batches of 5: four steps an epoch.
    _, [history] = scheduled([3], lambda o: optim.ExponentialLR(o, 0.5))
    np.testing.assert_allclose(history.learning_rate, 0.01 * 0.5 ** np.array([3, 7, 11]))
    _, [history] = scheduled([3], lambda o: optim.ExponentialLR(o, 0.5), schedule_per="epoch")
    np.testing.assert_allclose(history.learning_rate, 0.01 * 0.5 ** np.array([0, 1, 2]))


def test_one_cycle_takes_as_many_steps_as_there_are_updates():
    _, [history] = scheduled([3], lambda o: optim.OneCycleLR(o, 0.1, total_steps=12))
    assert history.learning_rate[-1] == pytest.approx(0.1 / 25 / 1e4)
    with pytest.raises(RuntimeError, match="the cycle has 11 steps"):
        scheduled([3], lambda o: optim.OneCycleLR(o, 0.1, total_steps=11))


def test_a_plateau_gets_the_validation_loss_after_each_epoch():
    class Watched(optim.ReduceLROnPlateau):
        def step(self, value):
            watched.append(value)
            super().step(value)

    watched = []
    _, [history] = scheduled([4], lambda o: Watched(o, factor=0.5, patience=0, threshold=0.99))
    assert watched == history.validation_loss
    # No validation loss falls by 99 %: halved after each epoch but the first.
    assert history.learning_rate == [0.01, 0.01, 0.005, 0.0025]


def test_without_a_schedule_there_is_no_column_of_rates():
    _, history = train()
    assert history.learning_rate == []


def clipped(seen, **options):
    """Train with an optimizer that notes the gradients it gets, before it steps."""
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng())

    class Watched(SGD):
        def step(self):
            seen.append(np.concatenate([p.grad.ravel() for p in self.parameters]))
            super().step()

    settings = {"optimizer": Watched(model.parameters(), lr=0.1), "epochs": 2, "batch_size": 8}
    return fit(model, F.cross_entropy, 10 * X, t, rng=rng(), **settings, **options)


def test_the_norm_is_clipped_before_the_update_and_recorded_before_it_is_clipped():
    seen, raw = [], []

    def callback(step):
        squares = sum((p.grad**2).sum() for p in step.model.parameters())
        raw.append(float(np.sqrt(squares)))

    history = clipped(seen, clip_norm=0.5, callback=callback)
    assert max(raw) > 1, "there is something to clip"
    np.testing.assert_allclose([np.linalg.norm(g) for g in seen], np.minimum(raw, 0.5), rtol=1e-5)
    np.testing.assert_allclose(history.gradient_norm, [max(raw[:3]), max(raw[3:])], rtol=1e-5)


def test_values_are_clipped_before_the_update():
    seen = []
    history = clipped(seen, clip_value=0.1)
    assert max(np.abs(g).max() for g in seen) == np.float32(0.1)
    assert history.gradient_norm == []
    seen.clear()
    clipped(seen)
    assert max(np.abs(g).max() for g in seen) > 0.2


def test_drop_last_lets_batch_normalization_train_on_21_examples():
    X, t = problem(21)
    model = dropping_model()
    settings = {"optimizer": SGD(model.parameters(), lr=0.1), "epochs": 2, "rng": rng()}
    with pytest.raises(ValueError, match="batch_norm: in training"):
        fit(model, F.cross_entropy, X, t, batch_size=5, **settings)
    sizes, losses = [], []

    def loss(z, targets):
        value = F.cross_entropy(z, targets)
        sizes.append(len(targets))
        losses.append(value.item())
        return value

    history = fit(model, loss, X, t, batch_size=5, drop_last=True, **settings)
    assert sizes == [5] * 8
    assert history.loss == pytest.approx([np.mean(losses[:4]), np.mean(losses[4:])])


# --- early stopping ---------------------------------------------------------------------------


def stopped(losses, *, epochs=20, patience=2, interrupt=None, **options):
    """Fit with validation metrics that follow a script; return weights after each epoch too."""
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng())
    after = []

    def metric(output, targets):
        if len(targets) == 6:  # on the validation data
            after.append(model.state_dict())
            if interrupt == len(after):
                raise KeyboardInterrupt
            return losses[len(after) - 1]
        return 0.0

    stopping = EarlyStopping(patience, monitor="validation_metric", mode="min", **options)
    settings = {"optimizer": SGD(model.parameters(), lr=0.1), "epochs": epochs, "batch_size": 5}
    history = fit(
        model,
        F.cross_entropy,
        X,
        t,
        rng=rng(),
        metric=metric,
        validation=problem(6),
        early_stopping=stopping,
        **settings,
    )
    return model, history, after


@pytest.mark.parametrize(
    ("script", "options", "epochs", "best", "early"),
    [
        ([5, 4, 3, 3.5, 3.1, 1], {}, 5, 2, True),
        ([5, 4, 4.5, 3, 3.5, 3.5], {}, 6, 3, True),  # the patience begins anew
        ([5, 4, 3.9, 3.8, 3.7], {"min_delta": 0.5}, 4, 1, True),
        ([5, 4, 3.5, 3.5], {"min_delta": 0.5}, 4, 1, True),  # a change by just as much is none
        ([3, 3, 3], {}, 3, 0, True),
        ([5, 4, 3, 2], {"epochs": 4}, 4, 3, False),
        ([5, 3, 4], {"epochs": 3}, 3, 1, False),
        ([np.nan, np.nan, 1], {}, 2, None, True),
        ([np.nan, 1, np.nan, np.nan], {}, 4, 1, True),
        ([5, 4, 3, 4, 1], {"interrupt": 5}, 4, 2, False),
    ],
)
def test_it_stops_in_time_and_ends_with_the_best_weights(script, options, epochs, best, early):
    model, history, after = stopped(script, **options)
    assert len(history.loss) == epochs
    assert (history.best_epoch, history.stopped_early) == (best, early)
    expected = after[-1 if best is None else best]
    for name, a in model.state_dict().items():
        assert np.array_equal(a, expected[name])
    if best is not None and best < epochs - 1:
        assert not np.array_equal(after[best]["weight"], after[-1]["weight"])


def test_by_default_it_watches_the_validation_loss():
    # Targets that contradict those trained on: the longer, the worse.
    X, t = problem()
    stopping = EarlyStopping(patience=3)
    _, history = train(epochs=50, validation=(X, 1 - t), early_stopping=stopping)
    assert history.stopped_early
    assert history.best_epoch == int(np.argmin(history.validation_loss))
    assert len(history.loss) == history.best_epoch + 4
    assert stopping.best == min(history.validation_loss)


def test_it_begins_anew_with_each_fit():
    X, t = problem()
    stopping = EarlyStopping(patience=3)
    runs = [train(epochs=50, validation=(X, 1 - t), early_stopping=stopping) for _ in range(2)]
    assert runs[0][1] == runs[1][1]


def test_the_buffers_come_back_as_well():
    X, t = problem()
    model = dropping_model()
    settings = {"optimizer": SGD(model.parameters(), lr=0.3), "epochs": 30, "batch_size": 5}
    fit(
        model,
        F.cross_entropy,
        X,
        t,
        rng=rng(),
        validation=(X, 1 - t),
        early_stopping=(stopping := EarlyStopping(3)),
        **settings,
    )
    assert F.cross_entropy(model(X), 1 - t).item() == pytest.approx(stopping.best, rel=1e-6)


# --- what else fit refuses --------------------------------------------------------------------


def refused(**changed):
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng())
    optimizer = SGD(model.parameters(), lr=0.1)
    options = {"optimizer": optimizer, "epochs": 1, "batch_size": 5, "rng": rng()}
    options |= {k: v(optimizer) if k == "schedule" else v for k, v in changed.items()}
    before = model.state_dict()
    try:
        fit(model, F.cross_entropy, X, t, **options)
    finally:
        assert np.array_equal(model.weight.data, before["weight"])


def another_optimizer(_=None):
    return SGD(nn.Linear(3, 2, rng=rng()).parameters(), lr=0.1)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"optimizer": another_optimizer()}, ValueError, "none of this model's parameters"),
        (
            {"schedule": lambda _: optim.StepLR(another_optimizer(), 1)},
            ValueError,
            "the schedule was made for another optimizer",
        ),
        ({"schedule_per": "batch"}, ValueError, "schedule_per must be 'step' or 'epoch', got 'ba"),
        (
            {"schedule": lambda o: optim.ReduceLROnPlateau(o)},
            ValueError,
            r"ReduceLROnPlateau watches the validation loss; pass validation=\(X, t\)",
        ),
        (
            {"early_stopping": EarlyStopping()},
            ValueError,
            "early stopping watches the validation loss; pass validation=…",
        ),
        (
            {"early_stopping": EarlyStopping(monitor="validation_metric")},
            ValueError,
            "early stopping watches the validation metric; pass validation=… and metric=…",
        ),
        ({"clip_norm": 0}, ValueError, "clip_norm must be greater than 0, got 0"),
        ({"clip_value": -1}, ValueError, "clip_value must be greater than 0, got -1"),
        ({"epochs": 1.5}, TypeError, "epochs must be an integer, got 1.5"),
        ({"rng": 0}, TypeError, r"rng must be a numpy\.random\.Generator, got int"),
        ({"batch_size": 50, "drop_last": True}, ValueError, "drop_last leaves no batch"),
    ],
)
def test_fit_refuses_options(changed, error, message):
    with pytest.raises(error, match=message):
        refused(**changed)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EarlyStopping(0), "EarlyStopping: patience must be at least 1, got 0"),
        (lambda: EarlyStopping(min_delta=-1), "EarlyStopping: min_delta must be at least 0, got"),
        (lambda: EarlyStopping(monitor="loss"), "must be 'validation_loss' or .* got 'loss'"),
        (lambda: EarlyStopping(mode="up"), "EarlyStopping: mode must be 'min' or 'max', got 'up'"),
    ],
)
def test_early_stopping_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- models with other outputs, other loops, Ctrl-C -------------------------------------------


def test_a_model_of_several_outputs_is_trained_and_measured():
    X = rng().random((30, 6)).astype(np.float32)
    vae = models.VAE([6, 16, 2], rng=rng())
    optimizer = optim.Adam(vae.parameters(), lr=0.01)
    history = fit(
        vae,
        lambda output, x: models.elbo_loss(*output, x),
        X,
        X,
        optimizer=optimizer,
        epochs=40,
        batch_size=10,
        rng=rng(1),
        validation=(X, X),
        metric=lambda output, x: float(np.square(output[1]).mean()),
    )
    assert history.validation_loss[-1] < history.validation_loss[0]
    assert len(history.validation_metric) == 40


def test_an_optimizer_of_ones_own_is_enough():
    X, t = problem()
    model = nn.Linear(3, 2, rng=rng())

    class Mine:
        def zero_grad(self):
            model.zero_grad()

        def step(self):
            for p in model.parameters():
                p.data -= 0.1 * p.grad

    options = {"epochs": 3, "batch_size": 5, "clip_norm": 1.0}
    mine = fit(model, F.cross_entropy, X, t, optimizer=Mine(), rng=rng(), **options)
    theirs = nn.Linear(3, 2, rng=rng())
    sgd = SGD(theirs.parameters(), lr=0.1)
    assert mine.loss == pytest.approx(
        fit(theirs, F.cross_entropy, X, t, optimizer=sgd, rng=rng(), **options).loss, rel=1e-6
    )


CTRL_C = """
import sys
import numpy as np
from chainrule import nn, optim, training
from chainrule.nn import functional as F

rng = np.random.default_rng(0)
X = rng.standard_normal((2000, 20)).astype(np.float32)
t = (X[:, 0] > 0).astype(int)
model = nn.Linear(20, 2, rng=rng)
started = model.weight.data.copy()

def ready(step):
    if step.epoch == 1 and step.step == 0:
        print("training", flush=True)

history = training.fit(
    model, F.cross_entropy, X, t, optimizer=optim.SGD(model.parameters(), lr=0.1),
    epochs=10**9, batch_size=50, rng=rng, callback=ready, metric=training.accuracy,
)
learned = not np.array_equal(model.weight.data, started)
print(history.interrupted, len(history.loss) == len(history.metric) >= 1, learned, model.training)
print(history.metric[-1] > 0.8)
"""


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C of another process is POSIX's to send")
@pytest.mark.slow
def test_ctrl_c_from_outside_keeps_what_was_learned():
    process = subprocess.Popen(
        [sys.executable, "-c", CTRL_C], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "training\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert out == "True True True False\nTrue\n"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"loss": lambda y, t: 1.0},
            "what loss returns must be of type Tensor, got float; compute",
        ),
        (
            {"loss": lambda y, t: y.data.mean()},
            "what loss returns must be of type Tensor, got float",
        ),
        ({"metric": lambda y, t: None}, "what metric returns must be a real number, got None"),
        ({"optimizer": SGD}, "optimizer must have .* got <class .*made with model.parameters"),
    ],
)
def test_what_loss_metric_and_optimizer_turn_out_to_be_is_read(changed, message):
    X, t = problem()
    model = nn.Linear(X.shape[1], 2, rng=rng())
    given = {"optimizer": SGD(model.parameters(), lr=0.1), "epochs": 1, "batch_size": 4}
    given |= {"loss": F.cross_entropy, "rng": rng()}
    given |= changed
    with pytest.raises(TypeError, match=f"fit: {message}"):
        fit(model, X=X, t=t, **given)


def test_an_instrument_that_is_a_context_is_no_callback():
    X, t = problem()
    model = nn.Linear(X.shape[1], 2, rng=rng())
    optimizer = SGD(model.parameters(), lr=0.1)
    settings = {"optimizer": optimizer, "epochs": 1, "batch_size": 4, "rng": rng()}
    inside = ActivationStatistics(model)
    with pytest.raises(TypeError, match=r"fit: callback must be .* got Activation.* with"):
        fit(model, F.cross_entropy, X, t, callback=inside, **settings)
