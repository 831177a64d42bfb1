"""Everything public is called with every argument spoilt in every way, and the message is read.

A message names what was called, the argument, and the value that it got, and says what would do.
Which values an argument must refuse follows from its kind; a new one without a kind fails here.
The positional arrays of functions are spoilt by the rules in ``tests/functional``, the options of
data sets by ``tests/data/test_catalog.py``.
"""

import inspect
import re
from typing import Any

import numpy as np
import pytest

from chainrule import autograd, data, models, nn, optim, training
from chainrule.functional import REGISTRY
from chainrule.nn import init
from tests.calls import CALLS
from tests.models.models import MODELS
from tests.nn.layers import LAYERS, outputs

NAN, INF = float("nan"), float("inf")
NO_NUMBER = ["a word", [0.5], 1j, None]
NO_INTEGER = [1.5, NAN, "a word", [2], None, True]

# What an option of this kind refuses. None is sent only where it is not a value to choose.
KINDS = {
    "count": [-1, 0, *NO_INTEGER],  # at least 1
    "length": [-1, 0, *NO_INTEGER, (1, 2, 3, 4)],  # of a window, along its one axis
    "lengths": [-1, 0, *NO_INTEGER, (1,), (1, 2, 3), (1, 0), (1, 1.5)],  # along two
    "padding": [-1, *NO_INTEGER, (1, 2, 3, 4)],
    "paddings": [-1, *NO_INTEGER, (1,), (1, 2, 3), (1, -1), (1, 1.5)],
    "sizes": [(), (3, 0), (3, -1), (3, 1.5), "a word", 1.5, None],
    "axis": [99, -99, 1.5, "a word", None],
    "index": [-1, 99, 1.5, "a word"],
    "fraction": [-0.1, 1.5, NAN, *NO_NUMBER],  # in [0, 1], perhaps without the ends
    "at least 0": [-0.1, NAN, INF, *NO_NUMBER],
    "positive": [-0.1, 0.0, NAN, INF, *NO_NUMBER],
    "bound": [-0.1, 0.0, NAN, *NO_NUMBER],  # positive, or infinite: nothing is cut
    "number": [NAN, INF, *NO_NUMBER],
    "factor": NO_NUMBER,  # any number; NaN shows in the value
    "fractions": [(0.9,), (0.9, 1.5), (-0.1, 0.9), (NAN, 0.9), ("a", 0.9), 0.9, None],
    "choice": ["a word", 3, None],
    "function": ["relu", 3, None],
    "generator": [0, "a word", np.random, None],
    "dtype": [int, complex, bool, object, "a word"],
    "module": [3, "a word", None],
    "tensor": [3, "a word", None, np.ones((3, 2))],
    "tensors": [3, "a word", None, [np.ones(3)]],
    "optimizer": [3, "a word", None],
    "array": [[1.0], "a word", None, 3, np.array("a word"), np.array([1j, 2])],
    "logits": ["a word", None, np.array("a word"), np.array([1j, 2])],
    "mask": ["a word", [True], np.ones((7, 7)), np.ones((7, 7), bool)],
    "words": [3, None, [3]],
}
FLAG = "a flag: every object is true or false"
OF_ANNOTATION = {
    "int": "count",
    "bool": FLAG,
    "np.random.Generator": "generator",
    "np.random.Generator | None": "generator",
    "DTypeLike": "dtype",
    "Tensor": "tensor",
    "Sequence[int]": "sizes",
    "Module": "module",
    "nn.Module": "module",
    "Array": "array",
    "NDArray[Any]": "array",
    "Optimizer": "optimizer",
    "Parameters": "tensors",
    "Iterable[Tensor]": "tensors",
    "Callable[[], nn.Module]": "function",
    "Activation": "function",
    "Loss": "function",
    "Callable[..., Tensor]": "function",
    "Differentiable": "function",
}
# Kinds by the name of the argument, perhaps after that of its owner, where the annotation does not
# tell. A sentence instead of a kind says why there is nothing to spoil.
OF_NAME = {
    "ELU.alpha": "number",
    "LeakyReLU.negative_slope": "number",
    "F.elu.alpha": "factor",
    "F.leaky_relu.negative_slope": "factor",
    "F.pow.exponent": "factor",
    "RMSprop.alpha": "fraction",
    "approximate": "choice",
    "axis": "axis",
    "Unflatten.dim": "axis",
    "dim": [1.5, "a word", None],  # softmax itself tells that x has no such axis
    "DenoisingMLP.dim": "count",
    "start_dim": "axis",
    "end_dim": "axis",
    "F.transpose.axes": [(0,), (0, 0), (0, 9), 1.5, "a word"],
    "F.reshape.shape": [(7, 7), (-1, -1), (-2, 3), (1.5,), "a word", None],
    "Unflatten.unflattened_size": [(7, 7), (), (-1, 6), (1.5, 4), "a word", None],
    "shape": "sizes",
    "normalized_shape": "sizes",
    "LeNet.channels": [(6,), (6, 16, 3), (6, 0), (6, 1.5), "a word", None],
    "hidden": [(3, 0), (3, -1), (3, 1.5), "a word", 1.5, None],
    "DenoisingMLP.hidden": "count",
    "F.index.key": [9, (0, 0, 0, 0), "a word", 1.5, np.array([99])],
    "base": "positive",
    "beta": "at least 0",
    "betas": "fractions",
    "GaussianDiffusion.betas": [np.array([0.1, 1.5]), np.array([]), np.array([NAN]), "a word"],
    "a": "number",
    "b": "number",
    "gain": "at least 0",
    "std": "at least 0",
    "init.normal_.mean": "number",
    "value": "number",
    "param": "number",
    "nonlinearity": "choice",
    "init.kaiming_uniform_.mode": "choice",
    "init.kaiming_normal_.mode": "choice",
    "EarlyStopping.mode": "choice",
    "monitor": "choice",
    "cell": "choice",
    "schedule_per": "choice",
    "scale": "factor",
    "clip": "bound",
    "clip_norm": "bound",
    "clip_value": "bound",
    "max_norm": "bound",
    "delta": "bound",
    "divergence": [0.5, 1.0, NAN, *NO_NUMBER],
    "dropout": "fraction",
    "drop_labels": "fraction",
    "label_smoothing": "fraction",
    "smoothing": "fraction",
    "masked": "fraction",
    "momentum": "fraction",
    "p": "fraction",
    "pct_start": "fraction",
    "test_size": "fraction",
    "top_p": "fraction",
    "linear_schedule.first": "fraction",
    "linear_schedule.last": "fraction",
    "div_factor": "positive",
    "final_div_factor": "positive",
    "start_factor": "positive",
    "end_factor": "at least 0",
    "ExponentialLR.gamma": "positive",
    "StepLR.gamma": "positive",
    "factor": "fraction",
    "eps": "at least 0",
    "layer_norm_eps": "at least 0",
    "eta": "at least 0",
    "eta_min": "at least 0",
    "guidance": "number",
    "highest": "positive",
    "lowest": "positive",
    "lr": "positive",
    "max_lr": "positive",
    "min_lr": "at least 0",
    "min_delta": "at least 0",
    "threshold": "at least 0",
    "offset": "at least 0",
    "radius": "positive",
    "temperature": "at least 0",
    "weight_decay": "at least 0",
    "corrupt.noise": "at least 0",
    "ignore_index": NO_INTEGER,
    "num_classes": "count",
    "pad_id": "index",
    "padding_idx": "index",
    "top_k": "count",
    "steps": "count",
    "stride": "count",
    "patience": "count",
    "ReduceLROnPlateau.patience": [-1, *NO_INTEGER],
    "mask": "mask",
    "running_mean": [*KINDS["array"], np.zeros(7)],
    "running_var": [*KINDS["array"], np.zeros(7), -np.ones(4)],
    "positions": [[0, 1], "a word", np.ones(7), np.ones(7, int)],
    "labels": [[0], np.ones(4), np.full(4, 9), np.zeros(3, int)],
    "layers": "module",
    "milestones": [(), (0,), (1.5,), ("a",), 3, None],
    "schedules": [[], [3], 3, None],
    "parameters": "tensors",
    "UpdateRatios.optimizer": "optimizer",
    "metric": "function",
    "callback": "function",
    "F.batch_norm.observe": "function",
    "early_stopping": [3, "a word"],
    "schedule": [3, "a word"],
    "validation": [3, "a word", (np.ones((4, 3)),), (np.ones((4, 3)), np.zeros(3, int))],
    "progress": FLAG,
    "names": [3, None, [3]],
    "texts": "words",
    "predict.X": [[1.0], "a word", None, 3, np.array("a word")],  # its dtype is the model's matter
    "one_hot.dtype": ["a word"],  # any type of numbers will do
    "discriminator_loss.real": "logits",
    "discriminator_loss.fake": "logits",
    "generator_loss.fake": "logits",
    "next_token_probabilities.logits": "logits",
    "sample_tokens.logits": "logits",
    "text": [3, None, "no such letter"],
    "tokens": ["a word", 3, np.array([0.5]), np.array([99]), np.array([-1])],
    "batch.length": [-1, 0, 1, 1.5, "a word"],
    "generate.ids": [[[0.5]], [1, 2], np.array([[99]]), np.array([[-1]])],
    "greedy_decode.src": "ids, as GPT.generate takes them",
    "ReduceLROnPlateau.step.value": "factor",
    "EarlyStopping.update.value": "factor",
    "generate.length": [-1, *NO_INTEGER],
    "start": "index",
    "end": "index",
    "greedy_decode.max_len": "count",
    "checkpoint.args": "what the function takes: its own error tells",
    "inputs": "what the model takes: its own error tells",
    "options": "what the model takes: its own error tells",
}

PACKAGES = (autograd, nn, models, optim, training, data)
# Public names without a call to spoil, and why.
OTHERWISE = {
    "autograd.Tensor": "tests/test_autograd.py",
    "autograd.is_recording": "has no arguments",
    "autograd.no_grad": "has no arguments",
    "nn.Module": "has no arguments",
    "nn.KeyValueCache": "has no arguments",
    "nn.functional": "the functions, lifted",
    "nn.init": "a module; its functions are here",
    "optim.Optimizer": "its subclasses are here",
    "optim.Schedule": "its subclasses are here",
    "training.History": "what fit returns",
    "training.RangeTest": "what learning_rate_range returns",
    "training.Step": "what fit hands to a callback",
    "data.CATALOG": "the data sets; tests/data/test_catalog.py spoils them",
    "data.DataSet": "an entry of the catalog",
    "data.Imputation": "what mean_imputer returns",
    "data.Scaling": "what standardizer and min_max_scaler return",
    "data.CO2": "what co2 returns",
    "data.FirstNames": "what first_names returns",
    "data.ProductReviews": "what product_reviews returns",
    "data.Ratings": "what ratings returns",
    "data.Split": "what hold_out returns",
    "data.Sunspots": "what sunspots returns",
    "data.Surnames": "what surnames returns",
    "data.Table": "what the loaders of tables return",
}
METHODS_OTHERWISE = {
    "Tensor.backward": "tests/test_autograd.py",
    "Tensor.mean": "what F.mean takes",
    "Tensor.sum": "what F.sum takes",
    "Tensor.reshape": "what F.reshape takes",
    "Tensor.transpose": "what F.transpose takes",
    "Module.train": "takes a flag",
    "Module.summary": "takes what the module takes",
    "Module.load_state_dict": "tests/nn/test_state.py",
    "Optimizer.load_state_dict": "tests/test_optim.py",
    "Schedule.load_state_dict": "tests/test_optim.py",
    "ReduceLROnPlateau.load_state_dict": "tests/test_optim.py",
    "Schedule.at": "the formula of a schedule, which step calls",
    "ExponentialLR.at": "as Schedule.at",
    "StepLR.at": "as Schedule.at",
    "CosineAnnealingLR.at": "as Schedule.at",
    "LinearLR.at": "as Schedule.at",
    "OneCycleLR.at": "as Schedule.at",
    "SequentialLR.at": "as Schedule.at",
    "Instrument.note": "what a callback measured; fit calls it",
    "Instrument.table": "an index, as into a list",
    "Scaling.inverse": "as calling it, in tests/data/test_preprocessing.py",
    "EarlyStopping.restore": "does nothing without an update",
    "Transformer.encode": "the first half of forward",
    "Transformer.decode": "the second half of forward",
}
# Words by which a message says what would do.
REMEDIES = ("must", "takes", "take ", "pass ", "needs")


def kind(name: str, parameter: inspect.Parameter) -> Any:
    """The kind of an argument, a list of values to refuse, or why there is nothing to spoil."""
    argument, annotation = parameter.name, str(parameter.annotation)
    for key in (f"{name}.{argument}", f"{name.rpartition('.')[2]}.{argument}"):
        if key in OF_NAME:
            return OF_NAME[key]
    if "Pair" in annotation or ("1d" in name and annotation == "int"):
        kind = "padding" if "padding" in argument else "length"
        return kind if "1d" in name else f"{kind}s"
    if argument in OF_NAME and annotation != "Array":
        return OF_NAME[argument]
    return OF_ANNOTATION[annotation]


def spoilt():
    for name, call in CALLS.items():
        for parameter in call.parameters.values():
            if name.startswith("F.") and parameter.kind is not parameter.KEYWORD_ONLY:
                continue
            what = kind(name, parameter)
            optional = parameter.default is None or "None" in str(parameter.annotation)
            for value in KINDS.get(what, []) if isinstance(what, str) else what:
                if not (value is None and optional):
                    yield name, parameter.name, value


def forms(value: Any) -> set[str]:
    """The ways in which a message may show a value: itself, its type, its shape, its entries."""
    found = {repr(value), type(value).__name__}
    if isinstance(value, type):
        found |= {value.__name__, str(np.dtype(value))}
    elif isinstance(value, np.ndarray):
        found |= {str(value), str(value.shape), str(value.dtype), *map(str, value.flat)}
    elif isinstance(value, (tuple, list)):
        found |= {str(list(value)), f"of {len(value)}"}
        found |= {form for item in value for form in forms(item)}
        if all(isinstance(item, (int, float)) for item in value):
            found.add(str(np.shape(value)))
    return found


def speakers(name: str) -> tuple[str, ...]:
    """Whose name may stand before a message about the call ``name``."""
    own = name.removeprefix("F.").removeprefix("init.")
    drawn = ("sample_tokens", "next_token_probabilities") if own.endswith("generate") else ()
    return (own, own.partition(".")[0], *drawn)


def read(message: str, names: tuple[str, ...], argument: str, value: Any) -> None:
    assert message.startswith(tuple(f"{name}: " for name in names)), f"{message!r} names no owner"
    assert argument in message, f"{message!r} does not name {argument}"
    shown = any(form in message for form in forms(value))
    assert shown, f"{message!r} does not show {value!r}"
    assert any(r in message for r in REMEDIES), f"{message!r} does not say what would do"


def test_everything_public_is_called():
    packages = {p.__name__.rpartition(".")[2]: p for p in PACKAGES}
    public = {f"{p}.{name}" for p, package in packages.items() for name in package.__all__}
    public -= {f"data.{name}" for name in data.CATALOG}
    public |= {f"F.{name}" for name in REGISTRY}
    public |= {
        f"init.{name}"
        for name, f in vars(init).items()
        if inspect.isfunction(f) and f.__module__ == init.__name__ and name[0] != "_"
    }
    missing = {n for n in public if n not in CALLS and n.partition(".")[2] not in CALLS}
    assert missing == set(OTHERWISE)


def test_every_method_with_options_is_called():
    """Methods that are passed nothing but tensors or a path are tested where they live."""
    missing = set()
    for package in PACKAGES:
        for owner in (getattr(package, name) for name in package.__all__):
            for name, method in vars(owner).items() if inspect.isclass(owner) else ():
                if name[0] == "_" or not inspect.isfunction(method) or name == "forward":
                    continue
                kinds = [str(p.annotation) for p in inspect.signature(method).parameters.values()]
                if {*kinds[1:]} - {"Tensor", "str | PathLike[str]"}:
                    missing.add(f"{owner.__name__}.{name}")
    assert missing - set(CALLS) == set(METHODS_OTHERWISE)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_is_not_spoilt_works(name):
    CALLS[name]()


@pytest.mark.parametrize("name", CALLS)
def test_a_spoilt_argument_is_refused_in_words(name):
    errors = (ValueError, TypeError, *([IndexError] if name == "F.index" else []))
    for _, argument, value in (row for row in SPOILT if row[0] == name):
        try:
            CALLS[name](**{argument: value})
        except errors as refusal:
            read(str(refusal), speakers(name), argument, value)
        else:
            raise AssertionError(f"{name} accepts {argument}={value!r}")


def test_a_factor_that_is_nan_shows():
    factors = [
        (name, p.name)
        for name, call in CALLS.items()
        for p in call.parameters.values()
        if name.startswith("F.") and p.kind is p.KEYWORD_ONLY and kind(name, p) == "factor"
    ]
    assert len(factors) == 5
    for name, option in factors:
        value, _ = CALLS[name](**{option: NAN})
        assert np.isnan(value).any(), name


LAYERS_AND_MODELS = LAYERS | MODELS
# What may speak of an array that a module passes on: the module, a part of it, or a function.
SPEAKERS = (*LAYERS_AND_MODELS, *REGISTRY, "AdaptiveAvgPool1d")
# Integers without an upper end: the model knows no last step.
STEPS = {("StepEmbedding", 0), ("DenoisingMLP", 1), ("UNet", 1)}


def changed(shape):
    """Shapes near this one: an axis more, one less, one longer, one empty."""
    yield (1, *shape)
    yield shape[1:]
    yield shape[:-1]
    for axis in range(len(shape)):
        for length in (shape[axis] + 1, 0):
            yield (*shape[:axis], length, *shape[axis + 1 :])


@pytest.mark.parametrize("name", LAYERS_AND_MODELS)
def test_a_module_refuses_arrays_that_do_not_fit(name):
    layer = LAYERS_AND_MODELS[name]
    refused = 0
    for i, right in enumerate(layer.inputs()):
        for shape in changed(right.shape):
            inputs = layer.inputs()
            inputs[i] = np.zeros(shape, right.dtype)
            try:
                outputs(layer.build().eval(), *inputs)
            except (ValueError, IndexError) as refusal:
                message = str(refusal)
                assert message.startswith(tuple(f"{s}: " for s in SPEAKERS)), message
                assert any(str(np.shape(a)) in message for a in inputs), message
                refused += 1
    of_any_shape = not layer.state or set(layer.integers) == set(range(len(layer.takes)))
    assert refused or of_any_shape, "a module with parameters takes arrays of one size"


@pytest.mark.parametrize("name", LAYERS_AND_MODELS)
def test_a_module_refuses_what_is_no_array(name):
    layer = LAYERS_AND_MODELS[name]
    module = layer.build().eval()
    for i in range(len(layer.takes)):
        for wrong in ("a word", object(), None):
            inputs = layer.inputs()
            inputs[i] = wrong
            try:
                outputs(module, *inputs)
            except (ValueError, TypeError) as refusal:
                message = str(refusal)
                assert message.startswith(tuple(f"{s}: " for s in SPEAKERS)), message
            else:
                # Labels may be left out.
                assert wrong is None, f"{name} accepts {wrong!r}"
                assert i > 0, f"{name} accepts None"


@pytest.mark.parametrize("name", LAYERS_AND_MODELS)
def test_a_list_is_an_array_or_told_to_become_one(name):
    layer = LAYERS_AND_MODELS[name]
    module = layer.build().eval()
    for i, right in enumerate(layer.inputs()):
        inputs = layer.inputs()
        inputs[i] = right.tolist()
        try:
            listed = outputs(module, *inputs)
        except TypeError as refusal:
            told = re.search(r"got list; convert|one dtype, but .* convert", str(refusal))
            assert told, refusal  # noqa: PT017 - either it works or it says how
            continue
        for y, expected in zip(listed, outputs(module, *layer.inputs()), strict=True):
            assert np.array_equal(y.data, expected.data)


@pytest.mark.parametrize("name", LAYERS_AND_MODELS)
def test_nan_shows_in_what_a_module_returns(name):
    layer = LAYERS_AND_MODELS[name]
    module = layer.build().eval()
    for i, right in enumerate(layer.inputs()):
        if right.dtype.kind == "f":
            inputs = layer.inputs()
            inputs[i] = np.full(right.shape, NAN)
            shown = [np.isnan(y.data).any() for y in outputs(module, *inputs)]
            assert any(shown), f"NaN in input {i} is hidden"
    for parameter_name, p in module.named_parameters():
        kept = p.data.copy()
        p.data[...] = NAN
        shown = [np.isnan(y.data).any() for y in outputs(module, *layer.inputs())]
        assert any(shown), f"NaN in {parameter_name} is hidden"
        p.data[...] = kept


@pytest.mark.parametrize("name", [n for n, layer in LAYERS_AND_MODELS.items() if layer.integers])
def test_ids_and_labels_out_of_range_are_refused(name):
    layer = LAYERS_AND_MODELS[name]
    for i, count in layer.integers.items():
        for outside in (-1, *([] if (name, i) in STEPS else [count])):
            inputs = layer.inputs()
            inputs[i] = inputs[i].copy()
            inputs[i].flat[0] = outside
            with pytest.raises((ValueError, IndexError)) as caught:
                outputs(layer.build().eval(), *inputs)
            message = str(caught.value)
            assert message.startswith(tuple(f"{s}: " for s in SPEAKERS)), message
            assert str(outside) in message
            assert "must lie in" in message


SPOILT = list(spoilt())
