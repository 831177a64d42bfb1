"""SGD: numbers of a table computed by hand, in place, and what it refuses."""

import numpy as np
import pytest

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.optim import SGD


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
    message = rf"Tensor with requires_grad=True, got {got}; pass model\.parameters\(\)"
    with pytest.raises(TypeError, match=message):
        SGD(parameters(model), lr=0.1)
