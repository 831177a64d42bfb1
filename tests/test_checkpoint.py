"""Checkpoints: the same gradients with less memory."""

import weakref

import numpy as np
import pytest

from chainrule import nn
from chainrule.autograd import Tensor, checkpoint, lift, no_grad
from chainrule.nn import functional as F


def layers(depth, rng):
    return [nn.Sequential(nn.Linear(3, 3, rng=rng), nn.Tanh()) for _ in range(depth)]


def gradients(depth, through):
    model = nn.Sequential(*layers(depth, np.random.default_rng(0)))
    x = Tensor(np.random.default_rng(1).standard_normal((4, 3), np.float32), requires_grad=True)
    y = through(model, x)
    y.backward(np.ones_like(y.data))
    return [y.data, x.grad, *(p.grad for p in model.parameters())]


def in_order(model, x):
    return model(x)


def checkpointed(model, x):
    for _, layer in model.children():
        x = checkpoint(layer, x)
    return x


def nested(model, x):
    return checkpoint(lambda a: checkpointed(model, a), x)


@pytest.mark.parametrize("through", [checkpointed, nested])
def test_values_and_gradients_are_the_same(through):
    for ours, expected in zip(gradients(4, through), gradients(4, in_order), strict=True):
        np.testing.assert_array_equal(ours, expected)


def most_alive(depth, length):
    """How many arrays the pullbacks remember at once, in a chain cut into parts of ``length``."""
    alive: set[int] = set()
    most = 0

    class Memory(np.ndarray):
        pass

    def remembered(a):
        nonlocal most
        memory = np.ones(1).view(Memory)
        alive.add(id(memory))
        weakref.finalize(memory, alive.discard, id(memory))
        most = max(most, len(alive))
        return memory

    @lift
    def double(a):
        memory = remembered(a)
        return 2 * a, lambda dy: (2 * dy * np.asarray(memory),)

    def part(x):
        for _ in range(length):
            x = double(x)
        return x

    y = x = Tensor(np.ones(1), requires_grad=True)
    for _ in range(depth // length):
        y = checkpoint(part, y)
    y.backward()
    assert x.grad == 2.0**depth
    return most


def test_memory_is_that_of_one_part_instead_of_all():
    assert most_alive(64, 64) == 64
    assert most_alive(64, 8) == 8
    assert most_alive(128, 8) == 8, "whatever the depth"


def test_the_generator_draws_the_same_numbers_again_and_then_goes_on():
    rng, again = np.random.default_rng(0), np.random.default_rng(0)
    x = Tensor(np.ones(100), requires_grad=True)
    y = checkpoint(lambda a: F.dropout(a, p=0.5, rng=rng), x, rng=rng)
    between = rng.random()
    y.sum().backward()
    assert np.array_equal(x.grad, y.data), "the masks differ"

    again.random(100, dtype=np.float32)
    assert between == again.random()
    assert rng.random() == again.random(), "going backward, numbers were drawn"


def test_numbers_drawn_in_secret_are_noticed():
    rng = np.random.default_rng(0)
    x = Tensor(np.ones(100), requires_grad=True)
    y = checkpoint(lambda a: F.dropout(a, p=0.5, rng=rng), x).sum()
    with pytest.raises(RuntimeError, match="pass its generator as rng="):
        y.backward()
    assert x.grad is None


def test_a_parameter_changed_in_between_is_noticed():
    layer = nn.Linear(2, 2, rng=np.random.default_rng(0))
    y = checkpoint(layer, Tensor(np.ones((1, 2), np.float32))).sum()
    layer.weight.data += 1
    with pytest.raises(RuntimeError, match="change no parameter between"):
        y.backward()


def test_parameters_get_gradients_though_the_arguments_are_data():
    layer = nn.Linear(2, 2, rng=np.random.default_rng(0))
    checkpoint(layer, Tensor(np.ones((3, 2), np.float32))).sum().backward()
    assert np.array_equal(layer.bias.grad, [3, 3])


def test_a_computed_tensor_from_outside_keeps_its_graph():
    x = Tensor(np.array([2.0]), requires_grad=True)
    square = x * x
    y = checkpoint(lambda a: a * square, x)  # x³
    (y + square).backward()
    assert x.grad == [12.0 + 4.0]


def test_arguments_that_are_no_tensors_are_passed_on():
    x = Tensor(np.array([2.0]), requires_grad=True)
    checkpoint(lambda n, a, array: a * n * array, 3.0, x, np.array([5.0])).backward()
    assert x.grad == [15.0]


def test_without_a_record_there_is_none():
    x = Tensor(np.array([2.0]), requires_grad=True)
    with no_grad():
        y = checkpoint(lambda a: a * a, x)
    assert not y.requires_grad
    constant = checkpoint(lambda a: a * a, Tensor(np.array([2.0])))
    assert not constant.requires_grad


def test_nan_is_no_difference():
    x = Tensor(np.array([np.nan]), requires_grad=True)
    checkpoint(lambda a: a * a, x).backward()
    assert np.isnan(x.grad)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: checkpoint(lambda: 1.0), TypeError, "must return a Tensor, got float"),
        (lambda: checkpoint(lambda: 1.0, rng=0), TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_what_it_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
