"""Optimizers, schedules, clipping: numbers by hand and by definition, and what is refused."""

import math

import numpy as np
import pytest

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    Lion,
    OneCycleLR,
    Optimizer,
    ReduceLROnPlateau,
    RMSprop,
    SequentialLR,
    StepLR,
    clip_grad_norm_,
    clip_grad_value_,
)


def parameter(*values, dtype=np.float64):
    return Tensor(np.array(values, dtype), requires_grad=True)


def test_plain_steps():
    p = parameter(1.0, -2.0)
    optimizer = SGD([p], lr=0.5)
    p.grad = np.array([2.0, -4.0])
    optimizer.step()
    assert np.array_equal(p.data, [0.0, 0.0])
    p.grad = np.array([1.0, 0.0])
    optimizer.step()
    assert np.array_equal(p.data, [-0.5, 0.0])


# θ = 1, η = 1/2, μ = 1/2; all numbers are exact in binary.
#   g     v = v/2 + g    θ = θ − v/2
MOMENTUM_BY_HAND = [
    (1.0, 1.0, 0.5),
    (1.0, 1.5, -0.25),
    (0.0, 0.75, -0.625),
    (-2.0, -1.625, 0.1875),
    (0.5, -0.3125, 0.34375),
]


def test_momentum_by_hand():
    p = parameter(1.0)
    optimizer = SGD([p], lr=0.5, momentum=0.5)
    for gradient, velocity, theta in MOMENTUM_BY_HAND:
        p.grad = np.array([gradient])
        optimizer.step()
        assert optimizer._velocity[0] == velocity
        assert p.data == theta


def test_a_changed_learning_rate_takes_effect_outside_of_the_velocity():
    p = parameter(0.0)
    optimizer = SGD([p], lr=1.0, momentum=0.5)
    p.grad = np.array([1.0])
    optimizer.step()  # v = 1, θ = −1
    optimizer.lr = 0.1
    optimizer.step()  # v = 1.5, θ = −1 − 0.15; with η inside v it would be −1 − 0.6
    assert p.data == pytest.approx(-1.15, rel=1e-15)


def test_each_parameter_has_its_own_velocity():
    a, b = parameter(0.0), parameter(0.0)
    optimizer = SGD([a, b], lr=1.0, momentum=0.5)
    a.grad, b.grad = np.array([1.0]), np.array([-2.0])
    optimizer.step()
    optimizer.step()
    assert a.data == -2.5
    assert b.data == 5.0


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_parameters_change_in_place_and_keep_their_dtype(momentum, dtype):
    p = parameter(1.0, 2.0, dtype=dtype)
    array = p.data
    p.grad = np.ones(2, dtype)
    optimizer = SGD([p], lr=np.float64(0.1), momentum=momentum)
    optimizer.step()
    assert p.data is array
    assert array.dtype == dtype
    np.testing.assert_allclose(array, [0.9, 1.9], rtol=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_gradients_are_not_changed_or_kept(momentum):
    p = parameter(1.0)
    optimizer = SGD([p], lr=0.1, momentum=momentum)
    p.grad = gradient = np.array([1.0])
    optimizer.step()
    optimizer.step()
    assert gradient == 1.0


def test_a_parameter_without_a_gradient_stays():
    a, b = parameter(1.0), parameter(1.0)
    optimizer = SGD([a, b], lr=0.5, momentum=0.9)
    a.grad = np.array([1.0])
    optimizer.step()
    assert a.data == 0.5
    assert b.data == 1.0


def test_zero_grad():
    a, b = parameter(1.0), parameter(1.0)
    a.grad = np.ones(1)
    SGD([a, b], lr=0.1).zero_grad()
    assert a.grad is None
    assert b.grad is None


def test_a_generator_of_parameters_is_taken_once():
    model = nn.Linear(2, 1, rng=np.random.default_rng(0))
    optimizer = SGD(model.parameters(), lr=0.1)
    assert optimizer.parameters == [model.weight, model.bias]


@pytest.mark.parametrize("lr", [0, -0.1, float("nan")])
def test_a_learning_rate_that_is_not_positive_is_refused(lr):
    with pytest.raises(ValueError, match=f"SGD: lr must be greater than 0, got {lr}"):
        SGD([parameter(1.0)], lr=lr)


@pytest.mark.parametrize("momentum", [-0.1, 1, 1.5, float("nan")])
def test_momentum_out_of_range_is_refused(momentum):
    with pytest.raises(ValueError, match=rf"SGD: momentum must lie in \[0, 1\), got {momentum}"):
        SGD([parameter(1.0)], lr=0.1, momentum=momentum)


def test_nothing_to_train_is_refused():
    with pytest.raises(ValueError, match=r"no parameter to train; pass model\.parameters\(\)"):
        SGD([], lr=0.1)
    with pytest.raises(ValueError, match="no parameter to train"):
        SGD(nn.ReLU().parameters(), lr=0.1)


@pytest.mark.parametrize(
    ("parameters", "got"),
    [
        (lambda m: m, "Linear"),  # a Sequential can be iterated, and gives its layers
        (lambda m: m.named_parameters(), "tuple"),
        (lambda m: [p.data for p in m.parameters()], "ndarray"),
        (lambda m: [Tensor(np.ones(2))], "Tensor"),
    ],
)
def test_what_is_no_parameter_is_refused(parameters, got):
    model = nn.Sequential(nn.Linear(2, 1, rng=np.random.default_rng(0)))
    message = rf"Tensors with requires_grad=True, got {got}; pass model\.parameters\(\)"
    with pytest.raises(TypeError, match=message):
        SGD(parameters(model), lr=0.1)


# Each algorithm once more, on one number in Python's floats, line by line from its paper (with
# PyTorch's place for ε and the learning rate) and without any of the library's shortcuts.


def sgd_by_definition(theta, gradients, *, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    v = 0.0
    for g in gradients:
        g = g + weight_decay * theta
        v = momentum * v + g
        theta = theta - lr * (g + momentum * v if nesterov else v)
        yield theta


def adagrad_by_definition(theta, gradients, *, lr=0.01, eps=1e-10, weight_decay=0.0):
    squares = 0.0
    for g in gradients:
        g = g + weight_decay * theta
        squares = squares + g**2
        theta = theta - lr * g / (math.sqrt(squares) + eps)
        yield theta


def rmsprop_by_definition(theta, gradients, *, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.0):
    square = 0.0
    for g in gradients:
        g = g + weight_decay * theta
        square = alpha * square + (1 - alpha) * g**2
        theta = theta - lr * g / (math.sqrt(square) + eps)
        yield theta


def adam_by_definition(
    theta, gradients, *, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=0.0
):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        theta = theta - lr * decoupled * theta
        g = g + weight_decay * theta
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        m_hat, v_hat = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
        theta = theta - lr * m_hat / (math.sqrt(v_hat) + eps)
        yield theta


def adamw_by_definition(theta, gradients, *, weight_decay=0.01, **options):
    return adam_by_definition(theta, gradients, decoupled=weight_decay, **options)


def lion_by_definition(theta, gradients, *, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
    m = 0.0
    for g in gradients:
        c = betas[0] * m + (1 - betas[0]) * g
        theta = theta - lr * (math.copysign(1, c) + weight_decay * theta)
        m = betas[1] * m + (1 - betas[1]) * g
        yield theta


DEFINITIONS = [
    (SGD, sgd_by_definition, {"lr": 0.1}),
    (SGD, sgd_by_definition, {"lr": 0.1, "weight_decay": 0.3}),
    (SGD, sgd_by_definition, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.3}),
    (SGD, sgd_by_definition, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (Adagrad, adagrad_by_definition, {}),
    (Adagrad, adagrad_by_definition, {"lr": 0.5, "eps": 0.1, "weight_decay": 0.3}),
    (RMSprop, rmsprop_by_definition, {}),
    (RMSprop, rmsprop_by_definition, {"lr": 0.5, "alpha": 0.5, "eps": 0.1, "weight_decay": 0.3}),
    (Adam, adam_by_definition, {}),
    (Adam, adam_by_definition, {"lr": 0.5, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.3}),
    (AdamW, adamw_by_definition, {}),
    (AdamW, adamw_by_definition, {"lr": 0.5, "betas": (0.5, 0.7), "eps": 0.1, "weight_decay": 0.3}),
    (Lion, lion_by_definition, {}),
    (Lion, lion_by_definition, {"lr": 0.1, "betas": (0.5, 0.7), "weight_decay": 0.3}),
]


@pytest.mark.parametrize(("optimizer", "definition", "options"), DEFINITIONS)
def test_numbers_are_those_of_the_definition(optimizer, definition, options):
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal((2, 3)), rng.standard_normal((20, 2, 3))
    p = Tensor(start.copy(), requires_grad=True)
    stepper = optimizer([p], **options)
    columns = [
        list(definition(float(theta), map(float, gradients[(slice(None), *i)]), **options))
        for i, theta in np.ndenumerate(start)
    ]
    for expected, g in zip(np.array(columns).T, gradients, strict=True):
        p.grad = g
        stepper.step()
        np.testing.assert_allclose(p.data.ravel(), expected, rtol=1e-13, atol=1e-15)


def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradient_is():
    p = parameter(0.0, 0.0, 0.0)
    p.grad = np.array([1e-3, -5.0, 1e6])
    Adam([p], lr=0.1).step()
    np.testing.assert_allclose(p.data, [-0.1, 0.1, -0.1], rtol=2e-5)


def test_weight_decay_of_adamw_does_not_go_through_the_moments():
    p = parameter(8.0)
    p.grad = np.zeros(1)
    AdamW([p], lr=0.5, weight_decay=0.25).step()
    assert p.data == 8 * (1 - 0.125)


OPTIMIZERS = [SGD, Adagrad, RMSprop, Adam, AdamW, Lion]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_optimizer_works_in_place_and_leaves_gradients_alone(optimizer, dtype):
    p, alone = parameter(1.0, 2.0, dtype=dtype), parameter(3.0, dtype=dtype)
    array, gradient = p.data, np.array([1.0, -1.0], dtype)
    p.grad = gradient
    stepper = optimizer([p, alone], lr=np.float64(0.1))
    stepper.step()
    stepper.step()
    assert p.data is array
    assert array.dtype == dtype
    assert array[0] < 1
    assert array[1] != 2
    assert np.array_equal(gradient, [1, -1])
    assert alone.data == 3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_goes_down(optimizer):
    p = parameter(3.0, -2.0)
    stepper = optimizer([p], lr=0.1)
    for _ in range(200):
        p.grad = 2 * p.data  # of the sum of squares
        stepper.step()
    assert (p.data**2).sum() < 13 / 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, 0.1, nesterov=True), "SGD: nesterov needs momentum greater than 0"),
        (lambda p: SGD(p, 0.1, weight_decay=-1), "SGD: weight_decay must be at least 0, got -1"),
        (lambda p: Adam(p, lr=0), "Adam: lr must be greater than 0, got 0"),
        (lambda p: Adam(p, betas=(1.0, 0.9)), r"Adam: betas\[0\] must lie in \[0, 1\), got 1.0"),
        (lambda p: Lion(p, betas=(0.9, -0.1)), r"Lion: betas\[1\] must lie in \[0, 1\), got -0.1"),
        (lambda p: AdamW(p, weight_decay=-0.1), "AdamW: weight_decay must be at least 0, got -0.1"),
        (lambda p: Lion(p, weight_decay=-0.1), "Lion: weight_decay must be at least 0, got -0.1"),
        (lambda p: RMSprop(p, alpha=1), r"RMSprop: alpha must lie in \[0, 1\), got 1"),
        (lambda p: Adagrad([]), "Adagrad: there is no parameter to train"),
    ],
)
def test_what_an_optimizer_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make([parameter(1.0)])


def test_an_optimizer_must_say_how_it_updates():
    p = parameter(1.0)
    p.grad = np.ones(1)
    with pytest.raises(TypeError, match="Optimizer: an optimizer must define _change"):
        Optimizer([p], 0.1).step()


# --- schedules ----------------------------------------------------------------------------------


def rates(make, steps, lr=1.0):
    """The learning rates before the first step and after each."""
    optimizer = SGD([parameter(1.0)], lr=lr)
    schedule = make(optimizer)
    found = [optimizer.lr]
    for _ in range(steps):
        schedule.step()
        found.append(optimizer.lr)
    return found


def one_cycle(t):
    # max 1, 10 steps, 40 % of them up: at its height after 0.4 · 10 − 1 = 3 steps.
    if t < 3:
        return 0.04 + (1 - 0.04) * (1 - math.cos(math.pi * t / 3)) / 2
    return 4e-6 + (1 - 4e-6) * (1 + math.cos(math.pi * (t - 3) / 6)) / 2


@pytest.mark.parametrize(
    ("make", "formula", "steps"),
    [
        (lambda o: StepLR(o, 3, gamma=0.5), lambda t: 0.5 ** [0, 0, 0, 1, 1, 1, 2, 2][t], 7),
        (lambda o: ExponentialLR(o, 0.5), lambda t: [1, 0.5, 0.25, 0.125][t], 3),
        (lambda o: LinearLR(o, 0.5, 1.0, 4), lambda t: [0.5, 0.625, 0.75, 0.875, 1, 1][t], 5),
        (lambda o: LinearLR(o, 1.0, 0.0, 2), lambda t: [1, 0.5, 0, 0][t], 3),
        (
            lambda o: CosineAnnealingLR(o, 4, eta_min=0.2),
            lambda t: 0.2 + 0.4 * (1 + math.cos(math.pi * t / 4)),
            8,
        ),
        (lambda o: OneCycleLR(o, 1.0, 10, pct_start=0.4), one_cycle, 9),
        (
            lambda o: SequentialLR(o, [LinearLR(o, 0.5, 1.0, 2), ExponentialLR(o, 0.1)], [2]),
            lambda t: [0.5, 0.75, 1, 0.1, 0.01][t],
            4,
        ),
    ],
)
def test_schedules_by_their_formula(make, formula, steps):
    expected = [formula(t) for t in range(steps + 1)]
    np.testing.assert_allclose(rates(make, steps), expected, rtol=1e-14, atol=1e-16)


def test_schedules_are_multiples_of_the_optimizers_own_rate():
    for make in (lambda o: StepLR(o, 2), lambda o: LinearLR(o), lambda o: CosineAnnealingLR(o, 5)):
        np.testing.assert_allclose(
            rates(make, 6, lr=0.3), 0.3 * np.array(rates(make, 6)), rtol=1e-14
        )


def test_a_plateau_halves_the_rate_and_counts_anew():
    optimizer = SGD([parameter(1.0)], lr=1.0)
    schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0.1, min_lr=0.2)
    # 0.95 is no fall by more than a tenth; NaN is none either.
    losses = [1.0, 0.95, 0.95, 0.8, 0.8, float("nan"), 0.8, 0.8, 0.8, 0.8]
    expected = [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]
    found = []
    for loss in losses:
        schedule.step(loss)
        found.append(optimizer.lr)
    assert found == expected


def test_a_cycle_ends():
    with pytest.raises(RuntimeError, match="OneCycleLR: the cycle has 3 steps and this is one"):
        rates(lambda o: OneCycleLR(o, 1.0, 3), 4)
    assert len(rates(lambda o: OneCycleLR(o, 1.0, 3), 3)) == 4, "a step after each of 3 updates"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: StepLR(o, 0), "StepLR: step_size must be at least 1, got 0"),
        (lambda o: StepLR(o, 1, gamma=0), "StepLR: gamma must be greater than 0, got 0"),
        (lambda o: ExponentialLR(o, -1), "ExponentialLR: gamma must be greater than 0, got -1"),
        (lambda o: LinearLR(o, 0.0), "LinearLR: start_factor must be greater than 0, got 0.0"),
        (lambda o: LinearLR(o, total_iters=0), "LinearLR: total_iters must be at least 1, got 0"),
        (lambda o: CosineAnnealingLR(o, 0), "CosineAnnealingLR: T_max must be at least 1, got 0"),
        (lambda o: CosineAnnealingLR(o, 1, -1), "eta_min must be at least 0, got -1"),
        (lambda o: OneCycleLR(o, 0, 10), "OneCycleLR: max_lr must be greater than 0, got 0"),
        (lambda o: OneCycleLR(o, 1, 1), "OneCycleLR: total_steps must be at least 2, got 1"),
        (lambda o: OneCycleLR(o, 1, 9, 1), r"pct_start must lie in \(0, 1\), got 1"),
        (lambda o: ReduceLROnPlateau(o, 1.0), r"factor must lie in \(0, 1\), got 1.0"),
        (lambda o: ReduceLROnPlateau(o, patience=-1), "patience must be at least 0, got -1"),
        (lambda o: SequentialLR(o, [StepLR(o, 1)], [1]), "1 schedules need 0 rising milestones"),
        (
            lambda o: SequentialLR(o, [StepLR(o, 1)] * 3, [2, 2]),
            r"3 schedules need 2 rising milestones, got \[2, 2\]",
        ),
    ],
)
def test_what_a_schedule_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make(SGD([parameter(1.0)], lr=1.0))


# --- clipping -----------------------------------------------------------------------------------


def test_the_norm_of_all_gradients_is_clipped_together():
    a, b, c = parameter(0.0, 0.0), parameter(0.0), parameter(0.0)
    a.grad, b.grad = np.array([3.0, 0.0]), np.array([-4.0])
    assert clip_grad_norm_([a, b, c], 1.0) == 5.0
    factor = 1 / (5 + 1e-6)  # PyTorch's margin
    np.testing.assert_allclose(a.grad, [3 * factor, 0], rtol=1e-15)
    np.testing.assert_allclose(b.grad, [-4 * factor], rtol=1e-15)
    assert c.grad is None
    kept = a.grad.copy()
    assert clip_grad_norm_([a, b], 2.0) == pytest.approx(1, rel=1e-6)
    assert np.array_equal(a.grad, kept), "a norm below the bound stays"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_norm_that_is_no_number_is_shown_and_changes_nothing(bad):
    a, b = parameter(0.0), parameter(0.0)
    a.grad, b.grad = np.array([bad]), np.array([5.0])
    with pytest.raises(FloatingPointError, match=f"the norm of the gradients is {bad}; look for"):
        clip_grad_norm_([a, b], 1.0)
    assert b.grad == 5


def test_entries_are_clipped_one_by_one_in_place():
    p = parameter(0.0, 0.0, 0.0)
    p.grad = gradient = np.array([-3.0, 0.5, 2.0])
    clip_grad_value_([p, parameter(0.0)], 1.0)
    assert p.grad is gradient
    assert np.array_equal(gradient, [-1, 0.5, 1])


@pytest.mark.parametrize("bound", [0, -1, float("nan")])
def test_a_bound_that_is_not_positive_is_refused(bound):
    for clip, name in ((clip_grad_norm_, "max_norm"), (clip_grad_value_, "clip_value")):
        with pytest.raises(ValueError, match=f"{clip.__name__}: {name} must be greater than 0"):
            clip([parameter(1.0)], bound)


# --- groups and state ---------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weight_decay_of_some_parameters_only(optimizer):
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal(3), rng.standard_normal((5, 3))

    def run(groups, **options):
        w, b = Tensor(start.copy(), requires_grad=True), Tensor(start.copy(), requires_grad=True)
        stepper = optimizer(groups(w, b), lr=0.1, **options)
        for g in gradients:
            w.grad, b.grad = g, g
            stepper.step()
        return w.data, b.data

    decayed, plain = run(
        lambda w, b: [{"params": [w]}, {"params": iter([b]), "weight_decay": 0.0}], weight_decay=0.3
    )
    assert np.array_equal(decayed, run(lambda w, b: [w, b], weight_decay=0.3)[0])
    assert np.array_equal(plain, run(lambda w, b: [w, b], weight_decay=0.0)[1])
    assert not np.array_equal(decayed, plain)


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (
            lambda p: [{"params": [p], "lr": 0.1}],
            TypeError,
            r"SGD: a group has the key 'params' and may have 'weight_decay', got "
            r"\['lr', 'params'\]; what else differs needs an optimizer of its own",
        ),
        (lambda p: [{"weight_decay": 0.1}], TypeError, "SGD: a group has the key 'params'"),
        (lambda p: [{"params": [p]}, p], TypeError, "SGD: parameters must be Tensors .*got dict"),
        (
            lambda p: [{"params": [p], "weight_decay": -1}],
            ValueError,
            "SGD: weight_decay must be at least 0, got -1",
        ),
        (lambda p: [{"params": []}], ValueError, "SGD: there is no parameter to train"),
        (
            lambda p: [{"params": [p]}, {"params": [p]}],
            ValueError,
            "SGD: a parameter comes twice; each belongs to one group",
        ),
    ],
)
def test_groups_that_are_refused(groups, error, message):
    with pytest.raises(error, match=message):
        SGD(groups(parameter(1.0)), lr=0.1)


EVERY_STATE = [
    (SGD, {}),
    (SGD, {"momentum": 0.9}),
    (Adagrad, {}),
    (RMSprop, {}),
    (Adam, {}),
    (AdamW, {}),
    (Lion, {}),
]


def two_steppers(optimizer, options):
    """An optimizer after five steps, a fresh one on copies of its parameters, and how to step."""
    rng = np.random.default_rng(0)
    old = [Tensor(rng.standard_normal(s), requires_grad=True) for s in ((2, 3), (3,))]
    first = optimizer(old, lr=0.1, **options)

    def step(stepper, seed):
        gradients = np.random.default_rng(seed)
        for p in stepper.parameters:
            p.grad = gradients.standard_normal(p.shape)
        stepper.step()

    for seed in range(5):
        step(first, seed)
    new = [Tensor(p.data.copy(), requires_grad=True) for p in old]
    return first, optimizer(new, lr=0.9, **options), step


@pytest.mark.parametrize(("optimizer", "options"), EVERY_STATE)
def test_a_restored_optimizer_goes_on_to_the_last_bit(optimizer, options, tmp_path):
    first, second, step = two_steppers(optimizer, options)
    first.lr = 0.05
    first.save(tmp_path / "state.npz")
    kept = first.state_dict()
    step(first, 5)
    second.load(tmp_path / "state.npz")
    assert (second.lr, second.initial_lr) == (0.05, 0.1)
    step(second, 5)
    for a, b in zip(first.parameters, second.parameters, strict=True):
        assert np.array_equal(a.data, b.data)
    # What state_dict returned is a copy: the step has not reached it.
    assert list(kept["steps"]) == [5, 5]
    second.load_state_dict(kept)
    assert all(np.array_equal(a, kept[name]) for name, a in second.state_dict().items())


@pytest.mark.parametrize(("optimizer", "options"), EVERY_STATE)
def test_a_fresh_optimizer_goes_on_differently_unless_it_has_no_memory(optimizer, options):
    first, second, step = two_steppers(optimizer, options)
    second.lr = first.lr
    for stepper in (first, second):
        step(stepper, 5)
    same = np.array_equal(first.parameters[0].data, second.parameters[0].data)
    # Lion's step is a sign, which a lost average need not change: its average is looked at.
    if optimizer is Lion:
        same = np.array_equal(first._mean[0], second._mean[0])
    assert same == (optimizer is SGD and not options)


def test_the_state_of_another_optimizer_is_refused_with_all_differences():
    model = nn.Linear(3, 2, rng=np.random.default_rng(0))
    saved = SGD(model.parameters(), lr=0.1, momentum=0.9).state_dict()
    saved["steps"] = np.zeros(3, np.int64)
    adam = Adam(model.parameters(), lr=0.2)
    before = adam.state_dict()
    with pytest.raises(ValueError, match="does not fit this Adam; nothing was set") as error:
        adam.load_state_dict(saved)
    for difference in (
        "missing: mean.0",
        "missing: square.1",
        "unexpected: velocity.0",
        "steps must be (2,) int64, got (3,) int64",
    ):
        assert difference in str(error.value)
    assert all(np.array_equal(a, before[name]) for name, a in adam.state_dict().items())


def test_a_restored_schedule_goes_on():
    optimizer = SGD([parameter(1.0)], lr=1.0)
    schedule = ExponentialLR(optimizer, 0.5)
    schedule.step()
    schedule.step()
    state = schedule.state_dict()
    fresh = ExponentialLR(SGD([parameter(1.0)], lr=1.0), 0.5)
    fresh.load_state_dict(state)
    assert fresh.optimizer.lr == 0.25
    fresh.step()
    assert fresh.optimizer.lr == 0.125
    with pytest.raises(ValueError, match=r"ReduceLROnPlateau: its state has .*got \['t'\]"):
        ReduceLROnPlateau(optimizer).load_state_dict(state)


def test_a_restored_plateau_remembers_what_was_best():
    optimizer = SGD([parameter(1.0)], lr=1.0)
    schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    for value in (1.0, 2.0):
        schedule.step(value)
    fresh = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    fresh.load_state_dict(schedule.state_dict())
    fresh.step(1.5)
    assert optimizer.lr == 0.5
    with pytest.raises(ValueError, match=r"ExponentialLR: its state has the entries \['t'\], got"):
        ExponentialLR(optimizer, 0.5).load_state_dict(schedule.state_dict())


def test_a_gradient_of_another_shape_is_refused_even_if_it_is_as_long():
    w = Tensor(np.ones((2, 3)), requires_grad=True)
    optimizer = SGD([w], lr=0.1)
    for wrong, shown in ((np.ones((3, 2)), r"\(3, 2\)"), (np.ones(6), r"\(6,\)"), ([1.0], "list")):
        w.grad = wrong
        with pytest.raises(ValueError, match=rf"SGD: \.grad of .* \(2, 3\) must be .* {shown}"):
            optimizer.step()
    assert np.array_equal(w.data, np.ones((2, 3)))


def test_only_leaves_are_parameters():
    w = Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(TypeError, match=r"SGD: parameters must be an iterable of Tensors"):
        SGD(w, lr=0.1)  # its rows could be iterated over, and get no gradients
    with pytest.raises(TypeError, match="must not be computed from others, got the result of mul"):
        SGD([w * 2.0], lr=0.1)


@pytest.mark.parametrize("state", ["state.npz", None, [1.0]])
def test_a_state_that_is_no_mapping_is_refused(state):
    optimizer = SGD([Tensor(np.ones(1), requires_grad=True)], lr=0.1)
    for loads in (optimizer, StepLR(optimizer, 1), ReduceLROnPlateau(optimizer)):
        with pytest.raises(TypeError, match=r"state must be of type Mapping, got .*state_dict\(\)"):
            loads.load_state_dict(state)


def test_an_optimizer_shows_its_options():
    optimizer = Adam([Tensor(np.ones(1), requires_grad=True)], lr=0.1)
    shown = "Adam(1 parameters, lr=0.1, initial_lr=0.1, betas=(0.9, 0.999), eps=1e-08)"
    assert repr(optimizer) == shown
