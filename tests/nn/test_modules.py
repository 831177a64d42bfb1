"""Modules: names and shapes as in PyTorch, initial values, and what they refuse."""

import math

import numpy as np
import pytest

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.nn import functional as F


def rng(seed=0):
    return np.random.default_rng(seed)


def network():
    return nn.Sequential(nn.Linear(4, 3, rng=rng()), nn.ReLU(), nn.Linear(3, 2, rng=rng(1)))


def test_names_and_shapes_are_those_of_pytorch():
    named = {name: p.shape for name, p in network().named_parameters()}
    assert named == {"0.weight": (3, 4), "0.bias": (3,), "2.weight": (2, 3), "2.bias": (2,)}
    assert list(named) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_names_of_nested_modules():
    class Block(nn.Module):
        def __init__(self):
            self.body = nn.Sequential(nn.Linear(2, 2, rng=rng()), nn.Tanh())
            self.heads = [nn.Linear(2, 1, rng=rng()), nn.Linear(2, 1, rng=rng())]
            self.scale = Tensor(np.ones(2, np.float32), requires_grad=True)
            self.biases = (
                Tensor(np.zeros(2), requires_grad=True),
                Tensor(np.zeros(2)),
                Tensor(np.zeros(2), requires_grad=True),
            )
            self.mean = Tensor(np.zeros(2))  # no parameter: it requires no gradient
            self.width = 2

    block = Block()
    assert [name for name, _ in block.named_parameters()] == [
        "scale",
        "biases.0",
        "biases.2",
        "body.0.weight",
        "body.0.bias",
        "heads.0.weight",
        "heads.0.bias",
        "heads.1.weight",
        "heads.1.bias",
    ]
    assert [name for name, _ in block.children()] == ["body", "heads.0", "heads.1"]


def test_modules_in_dicts_and_in_lists_of_lists():
    class Heads(nn.Module):
        def __init__(self):
            self.heads = {
                "digit": nn.Linear(2, 1, rng=rng()),
                "parity": [nn.Dropout(rng=rng()), nn.Linear(2, 1, bias=False, rng=rng())],
            }
            self.sizes = {"digit": 10}
            self.scales = {0: Tensor(np.ones(2, np.float32), requires_grad=True)}

    model = Heads()
    names = ["scales.0", "heads.digit.weight", "heads.digit.bias", "heads.parity.1.weight"]
    assert [name for name, _ in model.named_parameters()] == names
    assert not model.eval().heads["parity"][0].training
    model.load_state_dict({name: a + 1 for name, a in model.state_dict().items()})
    assert model.scales[0].data.tolist() == [2, 2]


def test_a_shared_parameter_comes_once():
    layer = nn.Linear(3, 3, rng=rng())
    model = nn.Sequential(layer, nn.ReLU(), layer)
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    tied = nn.Sequential(nn.Linear(3, 3, rng=rng()), nn.Linear(3, 3, rng=rng()))
    tied[1].weight = tied[0].weight
    assert [name for name, _ in tied.named_parameters()] == ["0.weight", "0.bias", "1.bias"]


def test_a_shared_parameter_gets_the_gradient_of_both_uses():
    layer = nn.Linear(2, 2, rng=rng(), dtype=np.float64)
    x, dy = np.ones((1, 2)), np.ones((1, 2))
    nn.Sequential(layer, layer)(x).backward(dy)
    both = layer.bias.grad
    W = layer.weight.data
    np.testing.assert_allclose(both, dy[0] + dy[0] @ W, rtol=1e-14)


def test_zero_grad_forgets_all_gradients():
    model = network()
    F.mse_loss(model(np.ones((5, 4), np.float32)), np.zeros((5, 2), np.float32)).backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("d_in", [1, 10, 400])
def test_initial_values_fill_the_interval_that_pytorch_draws_from(d_in):
    layer = nn.Linear(d_in, 2000, rng=rng())
    bound = 1 / math.sqrt(d_in)
    for values in (layer.weight.data, layer.bias.data):
        assert np.abs(values).max() <= bound
        assert values.max() > 0.99 * bound
        assert values.min() < -0.99 * bound
        assert abs(values.mean()) < 0.05 * bound
        # the standard deviation of a uniform distribution
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)


def test_one_seed_one_network():
    weights = [[p.data for p in nn.Linear(3, 2, rng=rng(7)).parameters()] for _ in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))
    other = nn.Linear(3, 2, rng=rng(8))
    assert not np.array_equal(other.weight.data, weights[0][0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_of_parameters_and_output(dtype):
    layer = nn.Linear(3, 2, rng=rng(), dtype=dtype)
    assert {p.dtype for p in layer.parameters()} == {np.dtype(dtype)}
    assert layer(np.ones((4, 3), dtype)).dtype == dtype


def test_single_precision_by_default():
    assert nn.Linear(3, 2, rng=rng()).weight.dtype == np.float32
    with pytest.raises(TypeError, match="all arrays must have one dtype, but x is float64, W is"):
        nn.Linear(3, 2, rng=rng())(np.ones((4, 3)))


def test_linear_is_affine():
    layer = nn.Linear(3, 2, rng=rng())
    x = rng(1).standard_normal((5, 3)).astype(np.float32)
    assert np.array_equal(layer(x).data, x @ layer.weight.data.T + layer.bias.data)
    assert layer(Tensor(x)).requires_grad


def test_without_bias():
    layer = nn.Linear(3, 2, rng=rng(), bias=False)
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    x = np.ones((5, 3), np.float32)
    y = layer(x)
    assert np.array_equal(y.data, x @ layer.weight.data.T)
    y.backward(np.ones((5, 2), np.float32))
    assert layer.bias is None
    assert np.array_equal(layer.weight.data, nn.Linear(3, 2, rng=rng()).weight.data)


@pytest.mark.parametrize(
    ("module", "function"), [(nn.ReLU, F.relu), (nn.Sigmoid, F.sigmoid), (nn.Tanh, F.tanh)]
)
def test_activations_are_their_functions_and_own_nothing(module, function):
    x = np.linspace(-2, 2, 7)
    assert np.array_equal(module()(x).data, function(x).data)
    assert list(module().parameters()) == []
    assert repr(module()) == f"{module.__name__}()"


def test_a_slice_of_a_sequential_is_one_that_shares_its_parameters():
    model = network()
    front = model[:2]
    assert isinstance(front, nn.Sequential)
    assert [front[0], front[1]] == [model[0], model[1]]
    assert next(front.parameters()) is next(model.parameters())


def test_sequential_is_a_sequence():
    model = network()
    assert len(model) == 3
    assert isinstance(model[1], nn.ReLU)
    assert model[-1] is model[2]
    x = np.ones((5, 4), np.float32)
    assert np.array_equal(model(x).data, model[2](model[1](model[0](x))).data)
    assert nn.Sequential()(Tensor(x)).data is x


def test_repr_shows_the_tree():
    model = nn.Sequential(nn.Linear(4, 3, rng=rng(), bias=False), nn.Sequential(nn.Tanh()))
    assert repr(model) == (
        "Sequential(\n  (0): Linear(4, 3, bias=False)\n  (1): Sequential(\n    (0): Tanh()\n  )\n)"
    )


def test_a_module_without_forward_says_so():
    class Unfinished(nn.Module):
        pass

    with pytest.raises(TypeError, match=r"Unfinished: a module must define forward\(self, …\)"):
        Unfinished()(np.ones(3))


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (-1, 3)])
def test_sizes_must_be_positive(sizes):
    with pytest.raises(ValueError, match=f"in_features={sizes[0]}, out_features={sizes[1]}"):
        nn.Linear(*sizes, rng=rng())


@pytest.mark.parametrize(
    ("layer", "name", "remedy"),
    [
        (F.relu, "relu", "wrap a function in a class"),
        (nn.ReLU, "ReLU", r"make one with ReLU\(…\)"),
        (3, "int", "wrap a function in a class"),
        ([nn.ReLU()], "list", r"pass them one by one: Sequential\(\*layers\)"),
    ],
)
def test_a_layer_that_is_no_module_is_refused(layer, name, remedy):
    with pytest.raises(
        TypeError, match=f"Sequential: layers must be Modules, but layer 1 is {name}; {remedy}"
    ):
        nn.Sequential(nn.Tanh(), layer)
