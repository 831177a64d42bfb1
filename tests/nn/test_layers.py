"""What holds for every layer and model: shapes, names, gradients, dtype, seed, state, mode."""

import inspect
import re

import numpy as np
import pytest

from chainrule import models, nn, optim
from chainrule.autograd import Tensor
from chainrule.proofs import directional_errors
from tests.models.models import MODELS
from tests.nn.layers import LAYERS, as_function, outputs
from tools.paths import ROOT


def test_every_module_is_here():
    classes = {n: c for n, c in vars(nn).items() if n in nn.__all__ and inspect.isclass(c)}
    assert {n for n, c in classes.items() if issubclass(c, nn.Module)} - {"Module"} == set(LAYERS)
    classes = {n: c for n, c in vars(models).items() if n in models.__all__ and inspect.isclass(c)}
    assert {n for n, c in classes.items() if issubclass(c, nn.Module)} == set(MODELS)


@pytest.mark.parametrize("package", [nn, models, optim])
def test_every_public_name_is_on_its_page_of_the_reference(package):
    page = (ROOT / f"api/{package.__name__.removeprefix('chainrule.')}.md").read_text("utf8")
    names = re.findall(r"^\.\. auto(?:class|function):: (\w+)", page, re.M)
    subpackages = {"functional", "init"} if package is nn else set()
    assert sorted(names) == sorted(set(package.__all__) - subpackages)


@pytest.fixture(params=LAYERS | MODELS, name="layer")
def _layer(request):
    return (LAYERS | MODELS)[request.param]


def test_shapes_of_what_it_returns(layer):
    y = outputs(layer.build(), *layer.inputs())
    assert [a.shape for a in y] == list(layer.returns)


def test_state_has_the_names_and_shapes_of_pytorch(layer):
    state = layer.build().state_dict()
    assert {name: a.shape for name, a in state.items()} == layer.state


@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_inputs_and_parameters(layer, training):
    module = layer.build().train(training)
    rng = np.random.default_rng(2)
    for p in module.parameters():  # away from the zeros and ones of a new module
        p.data += 0.3 * rng.standard_normal(p.shape)
    function, args = as_function(module, layer.inputs())
    errors = directional_errors(function, args, rng=rng)
    assert len(errors) == sum(a.dtype.kind == "f" for a in args)
    assert all(error < 1e-6 for error in errors.values()), errors


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_forward_and_backward(layer, dtype):
    module = layer.build(dtype=dtype)
    inputs = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in layer.inputs(dtype=dtype)]
    y = outputs(module, *inputs)
    assert {a.dtype for a in y} == {np.dtype(dtype)}
    if y[0].requires_grad:
        y[0].backward(np.ones_like(y[0].data))
    gradients = [t.grad for t in (*inputs, *module.parameters()) if t.grad is not None]
    assert {g.dtype for g in gradients} <= {np.dtype(dtype)}
    for name, buffer in module.named_buffers():
        assert buffer.dtype == (np.int64 if name.endswith("num_batches_tracked") else dtype)


def test_one_seed_one_network(layer):
    first, same, other = (layer.build(seed).state_dict() for seed in (0, 0, 1))
    assert all(np.array_equal(first[name], same[name]) for name in first)
    if layer.draws and first:
        assert any(not np.array_equal(first[name], other[name]) for name in first)


def test_what_draws_asks_for_a_generator(layer):
    if not layer.draws:
        return
    with pytest.raises(TypeError, match="rng"):
        layer.make()
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator, got int; pass"):
        layer.make(rng=0)


def test_arrays_and_tensors_give_the_same(layer):
    inputs = layer.inputs()
    for module in (layer.build().eval(), layer.build()):
        again = layer.build().train(module.training)
        given = outputs(module, *inputs)
        expected = outputs(again, *(Tensor(a) for a in inputs))
        for a, b in zip(given, expected, strict=True):
            assert np.array_equal(a.data, b.data)


def test_neither_inputs_nor_gradients_are_changed(layer):
    module, inputs = layer.build(), layer.inputs()
    before = [a.copy() for a in inputs]
    tensors = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in inputs]
    y = outputs(module, *tensors)[0]
    dy = np.random.default_rng(4).standard_normal(y.shape)
    kept = dy.copy()
    y.backward(dy)
    assert np.array_equal(dy, kept)
    assert all(np.array_equal(a, b) for a, b in zip(inputs, before, strict=True))


def test_evaluation_is_the_same_every_time_and_changes_no_state(layer):
    module, inputs = layer.build().eval(), layer.inputs()
    before = module.state_dict()
    first, second = outputs(module, *inputs), outputs(module, *inputs)
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a.data, b.data)
    after = module.state_dict()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_saved_module_comes_back_from_another_seed(layer, tmp_path):
    trained, fresh, inputs = layer.build(0), layer.build(1), layer.inputs()
    outputs(trained, *inputs)  # moves running statistics
    trained.save(tmp_path / "model.npz")
    fresh.load(tmp_path / "model.npz")
    state, loaded = trained.state_dict(), fresh.state_dict()
    assert list(state) == list(loaded)
    assert all(np.array_equal(state[name], loaded[name]) for name in state)
    for a, b in zip(outputs(trained.eval(), *inputs), outputs(fresh.eval(), *inputs), strict=True):
        assert np.array_equal(a.data, b.data)


def test_summary_counts_every_parameter_once_and_repr_names_the_module(layer):
    module = layer.build()
    table = module.summary(*layer.inputs())
    numbers = [int(row[-1].replace(",", "")) for row in table.rows]
    assert sum(numbers) == module.num_parameters()
    assert module.num_parameters() == sum(p.data.size for p in module.parameters())
    # Dropout between the layers of a recurrent network with one layer has nothing to do.
    assert {row[1] for row in table.rows if "not called" in row} <= {"Dropout"}
    assert repr(module).startswith(f"{type(module).__name__}(")


def test_an_array_of_the_wrong_dtype_is_refused(layer):
    if isinstance(layer.build(), nn.Identity):  # takes what there is
        return
    right = layer.inputs()
    for i, a in enumerate(right):
        kind = np.float64 if a.dtype.kind == "i" else np.int64
        wrong = [*right[:i], np.ones(a.shape, kind), *right[i + 1 :]]
        with pytest.raises(TypeError, match=r"must (be|hold)|dtype"):
            layer.build()(*wrong)


def test_a_single_number_is_refused_with_a_message_that_shows_its_shape(layer):
    if layer.typed and not layer.integers:
        with pytest.raises(ValueError, match=r"\(\)"):
            layer.build()(*(np.array(1.0) for _ in layer.takes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: nn.Conv1d(3, 4, 3, groups=2, **o), "Conv1d: groups must divide in_channels"),
        (lambda o: nn.ConvTranspose2d(4, 3, 3, groups=2, **o), "ConvTranspose2d: groups must"),
        (lambda o: nn.MultiheadAttention(8, 3, **o), "num_heads must divide embed_dim"),
        (lambda o: nn.TransformerEncoderLayer(8, 3, **o), "Layer: nhead must divide d_model, got"),
        (lambda o: nn.TransformerDecoderLayer(8, 3, **o), "Layer: nhead must divide d_model, got"),
        (lambda o: nn.GroupNorm(4, 6), "GroupNorm: num_groups must divide num_channels"),
    ],
)
def test_sizes_that_do_not_fit_together_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make({"rng": np.random.default_rng(0)})


@pytest.mark.parametrize(
    ("make", "left"),
    [
        (lambda o: nn.Linear(3, 2, bias=False, **o), ["weight"]),
        (lambda o: nn.Conv1d(3, 2, 3, bias=False, **o), ["weight"]),
        (lambda o: nn.Conv2d(3, 2, 3, bias=False, **o), ["weight"]),
        (lambda o: nn.ConvTranspose2d(3, 2, 3, bias=False, **o), ["weight"]),
        (lambda o: nn.RNN(3, 2, bias=False, **o), ["weight_ih_l0", "weight_hh_l0"]),
        (
            lambda o: nn.MultiheadAttention(4, 2, bias=False, **o),
            ["in_proj_weight", "out_proj.weight"],
        ),
        (lambda o: nn.LayerNorm(3, bias=False), ["weight"]),
        (lambda o: nn.LayerNorm(3, elementwise_affine=False), []),
        (lambda o: nn.RMSNorm(3, elementwise_affine=False), []),
        (lambda o: nn.GroupNorm(3, 3, affine=False), []),
        (lambda o: nn.BatchNorm1d(3, affine=False), []),
    ],
)
def test_without_bias_or_scale_there_is_no_parameter_of_that_name(make, left):
    module = make({"rng": np.random.default_rng(0)})
    assert [name for name, _ in module.named_parameters()] == left


def test_without_bias_the_bias_is_zero():
    rng = np.random.default_rng(0)
    zero = np.zeros((2, 3, 5, 5), np.float32)
    assert not nn.Conv2d(3, 2, 3, bias=False, rng=rng)(zero).data.any()
    assert nn.Conv2d(3, 2, 3, rng=rng)(zero).data.any()
    x = np.ones((2, 3), np.float32)
    layer = nn.Linear(3, 2, bias=False, rng=rng)
    assert np.array_equal(layer(x).data, x @ layer.weight.data.T)


@pytest.mark.parametrize(
    ("make", "fan_in"),
    [
        (lambda o: nn.Linear(100, 300, **o), 100),
        (lambda o: nn.Conv1d(20, 300, 5, groups=2, **o), 50),
        (lambda o: nn.Conv2d(8, 300, (5, 3), **o), 120),
        (lambda o: nn.ConvTranspose2d(300, 8, 3, groups=2, **o), 36),
    ],
)
def test_weights_and_biases_fill_the_interval_that_pytorch_draws_from(make, fan_in):
    module = make({"rng": np.random.default_rng(0)})
    bound = 1 / np.sqrt(fan_in)
    for p in module.parameters():
        assert np.abs(p.data).max() <= bound
        if p.data.size >= 300:
            assert p.data.max() > 0.98 * bound
            assert p.data.min() < -0.98 * bound
            assert p.data.std() == pytest.approx(bound / np.sqrt(3), rel=0.06)


def test_other_initial_values_are_pytorchs():
    rng = np.random.default_rng(0)
    table = nn.Embedding(300, 100, rng=rng).weight.data
    assert table.std() == pytest.approx(1, rel=0.02)
    attention = nn.MultiheadAttention(64, 4, rng=rng)
    bound = np.sqrt(6 / (64 + 3 * 64))
    assert np.abs(attention.in_proj_weight.data).max() == pytest.approx(bound, rel=0.01)
    assert np.abs(attention.out_proj.weight.data).max() == pytest.approx(1 / 8, rel=0.01)
    assert not attention.in_proj_bias.data.any()
    assert not attention.out_proj.bias.data.any()
    for p in nn.LSTM(10, 64, rng=rng).parameters():
        assert np.abs(p.data).max() == pytest.approx(1 / 8, rel=0.02)


def test_flatten_of_some_axes():
    x = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    assert np.array_equal(nn.Flatten()(x).data, x.reshape(2, 60))
    assert np.array_equal(nn.Flatten(0, 1)(x).data, x.reshape(6, 4, 5))
    assert np.array_equal(nn.Flatten(1, 2)(x).data, x.reshape(2, 12, 5))
    assert nn.Flatten()(np.zeros((0, 3, 4))).shape == (0, 12)
    with pytest.raises(
        ValueError, match=r"Flatten: there are no axes 1 to -1 in x of shape \(3,\)"
    ):
        nn.Flatten()(np.ones(3))


def test_unflatten_undoes_flatten_and_refuses_other_lengths():
    x = np.arange(2 * 12.0).reshape(2, 12)
    assert np.array_equal(nn.Unflatten(1, (3, 2, 2))(x).data, x.reshape(2, 3, 2, 2))
    assert np.array_equal(nn.Unflatten(-2, (1, 2))(x).data, x.reshape(1, 2, 12))
    for dim, sizes in ((1, (3, 5)), (2, (3, 4))):
        with pytest.raises(ValueError, match=rf"Unflatten: axis {dim} of x must have .*\(2, 12\)"):
            nn.Unflatten(dim, sizes)(x)


def test_adaptive_pooling_of_a_sequence_is_that_of_an_image_with_one_row():
    x = np.random.default_rng(0).standard_normal((2, 3, 7))
    for size in (1, 2, 3, 7):
        expected = [x[..., i * 7 // size : -(-(i + 1) * 7 // size)].mean(-1) for i in range(size)]
        y = nn.AdaptiveAvgPool1d(size)(x)
        np.testing.assert_allclose(y.data, np.stack(expected, -1), rtol=1e-14)


def test_padding_is_zero_and_is_not_trained():
    layer = nn.Embedding(5, 3, padding_idx=2, rng=np.random.default_rng(0), dtype=np.float64)
    assert layer.weight.data.any(axis=1).tolist() == [True, True, False, True, True]
    ids = np.array([[0, 2], [2, 4]])
    y = layer(ids)
    assert not y.data[ids == 2].any()
    y.sum().backward()
    assert layer.weight.grad.sum(1).tolist() == [3, 0, 0, 0, 3]
    assert repr(layer) == "Embedding(5, 3, padding_idx=2)"
    for outside in (-1, 5):
        with pytest.raises(ValueError, match=f"padding_idx must lie in 0, …, 4, got {outside}"):
            nn.Embedding(5, 3, padding_idx=outside, rng=np.random.default_rng(0))


def test_options_of_activations_arrive():
    x = np.array([-2.0, 3.0])
    assert np.array_equal(nn.LeakyReLU(0.25)(x).data, [-0.5, 3.0])
    np.testing.assert_allclose(nn.ELU(2.0)(x).data, [2 * np.expm1(-2), 3], rtol=1e-15)
    assert not np.array_equal(nn.GELU("tanh")(x).data, nn.GELU()(x).data)
    square = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(nn.Softmax(0)(square).data.sum(0), 1)
    np.testing.assert_allclose(nn.Softmax()(square).data.sum(1), 1)
    np.testing.assert_allclose(np.exp(nn.LogSoftmax(dim=0)(square).data).sum(0), 1)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda o: nn.Conv2d(3, 8, 3, **o), "Conv2d(3, 8, kernel_size=(3, 3))"),
        (
            lambda o: nn.Conv1d(3, 8, 5, 2, bias=False, **o),
            "Conv1d(3, 8, kernel_size=5, stride=2, bias=False)",
        ),
        (lambda o: nn.MaxPool2d(2), "MaxPool2d(kernel_size=2)"),
        (lambda o: nn.Softmax(0), "Softmax(dim=0)"),
        (lambda o: nn.GELU("tanh"), "GELU(approximate='tanh')"),
        (lambda o: nn.Unflatten(1, [2, 3]), "Unflatten(dim=1, unflattened_size=(2, 3))"),
        (lambda o: nn.Dropout(0.1, **o), "Dropout(p=0.1)"),
        (lambda o: nn.LayerNorm(8), "LayerNorm((8,), eps=1e-05)"),
        (lambda o: nn.LSTM(3, 8, 2, bidirectional=True, **o), None),
    ],
)
def test_repr_shows_the_options(make, expected):
    text = repr(make({"rng": np.random.default_rng(0)}))
    if expected is None:
        assert text.startswith("LSTM(\n  3, 8, num_layers=2, bidirectional=True\n  (dropout):")
    else:
        assert text == expected
