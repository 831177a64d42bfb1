"""Every module: the same state, outputs, gradients and running statistics, in training and not."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.parity.bridge import TALLY, TOLERANCE, Skipped, compare, difference, to_torch
from tests.parity.modules import FORWARD, NO_MODULE, call, constructed, our_names, plain

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_modules import module_db

DATABASE = {info.module_cls.__name__: info for info in module_db}
NAMES = [name for name in our_names() if name not in NO_MODULE]
IMAGES, SEQUENCES = (2, 6, 7, 8), (2, 6, 9)

# Options that the database has no samples of: (class, constructor arguments, shapes of inputs).
MORE: list[tuple[str, dict[str, Any], list[tuple[int, ...]]]] = [
    (
        "Conv1d",
        {"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2, "groups": 2},
        [SEQUENCES],
    ),
    ("Conv2d", {"kernel_size": (3, 2), "stride": (1, 2), "padding": (2, 1)}, [IMAGES]),
    ("Conv2d", {"kernel_size": 3, "dilation": (2, 1), "groups": 2, "bias": False}, [IMAGES]),
    ("ConvTranspose2d", {"kernel_size": 3, "stride": 2, "padding": 1, "groups": 2}, [IMAGES]),
    (
        "ConvTranspose2d",
        {"kernel_size": 3, "stride": 2, "output_padding": 1, "bias": False},
        [IMAGES],
    ),
    ("GroupNorm", {"num_groups": 3, "num_channels": 6}, [IMAGES]),
    ("LayerNorm", {"normalized_shape": (7, 8), "eps": 0.1}, [IMAGES]),
    ("MaxPool1d", {"kernel_size": 3, "stride": 2, "padding": 1}, [SEQUENCES]),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, [IMAGES]),
    ("AdaptiveAvgPool2d", {"output_size": (3, 5)}, [IMAGES]),
    ("LSTM", {"num_layers": 3, "bidirectional": True, "batch_first": True}, [(3, 5, 6)]),
    ("GRU", {"num_layers": 2, "bidirectional": True, "batch_first": True}, [(3, 5, 6)]),
    ("RNN", {"num_layers": 2, "bidirectional": True, "batch_first": True}, [(3, 5, 6)]),
]
for _name, _options, _ in MORE:
    if _name.startswith("Conv"):
        _options |= {"in_channels": 6, "out_channels": 4}
    if _name in ("RNN", "LSTM", "GRU"):
        _options |= {"input_size": 6, "hidden_size": 4}


def samples(
    name: str, dtype: torch.dtype, training: bool
) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    """Constructor arguments, and forward arguments by name."""
    info, forward = DATABASE[name], inspect.signature(DATABASE[name].module_cls.forward)
    torch.manual_seed(0)
    for given in info.module_inputs_func(
        info, device="cpu", dtype=dtype, requires_grad=True, training=training
    ):
        args = given.forward_input.args
        bound = forward.bind(None, *args, **given.forward_input.kwargs).arguments
        bound.pop("self")
        made = given.constructor_input
        yield made.args, made.kwargs, {key: v for key, v in bound.items() if v is not None}
    for other, options, shapes in MORE:
        if other == name:
            inputs = [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]
            yield (), options, dict(zip(list(forward.parameters)[1:], inputs, strict=False))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", NAMES)
def test_module(name: str, training: bool, dtype: torch.dtype) -> None:
    kind, compared = f"modules, {dtype}", 0
    for args, kwargs, given in samples(name, dtype, training):
        theirs = getattr(torch.nn, name)(*args, **kwargs).to(dtype).train(training)
        randomize(theirs)
        try:
            if training and "BatchNorm" in name and not given["input"].numel():
                raise Skipped("an empty batch has no mean")
            ours = constructed(theirs, args, kwargs, dtype)
            compare_modules(kind, name, ours, theirs, given, dtype)
        except Skipped as reason:
            TALLY.skip(kind, str(reason))
        else:
            compared += 1
    assert compared


def randomize(module: torch.nn.Module) -> None:
    """Weights that are all 0 or 1 would hide a mistake; variances must be positive."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data = torch.rand_like(tensor) + 0.5 - (tensor.requires_grad * 1.0)


def compare_modules(
    kind: str, name: str, ours: Any, theirs: Any, given: dict[str, Any], dtype: torch.dtype
) -> None:
    inputs = [t for v in given.values() for t in (v if isinstance(v, (tuple, list)) else [v])]
    leaves = [t for t in inputs if isinstance(t, torch.Tensor) and t.requires_grad]
    leaves += theirs.parameters()

    def together(outputs: Any) -> torch.Tensor:
        return torch.cat([y.reshape(-1) for y in outputs])

    shapes: dict[str, list[Any]] = {}

    def our_call() -> torch.Tensor:
        outputs = FORWARD.get(name, plain)(ours, theirs, given)
        shapes["ours"] = [y.shape for y in outputs]
        return together(outputs)

    def their_call() -> torch.Tensor:
        outputs = flat(theirs(**given))
        shapes["theirs"] = [y.shape for y in outputs]
        return together(outputs)

    errors = compare(our_call, their_call, leaves)
    assert shapes["ours"] == shapes["theirs"]
    state = ours.state_dict()
    for key, tensor in theirs.state_dict().items():
        errors[key] = difference(to_torch(state[key]), tensor)
    worst = max(errors.values())
    assert worst <= TOLERANCE[dtype], f"{name} {theirs} {errors}"
    TALLY.add(kind, name, worst)


def flat(y: Any) -> list[torch.Tensor]:
    if isinstance(y, (tuple, list)):
        return [a for part in y for a in flat(part)]
    return [] if y is None else [y]


def test_every_module_is_compared_or_there_is_a_reason() -> None:
    assert set(NAMES) <= set(DATABASE)
    assert set(NO_MODULE) <= set(our_names())


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_a_mask_is_a_packed_sequence(name: str) -> None:
    torch.manual_seed(0)
    lengths = torch.tensor([5, 3, 1])
    options = {"num_layers": 2, "batch_first": True, "bidirectional": True}
    theirs = getattr(torch.nn, name)(4, 3, **options).double()
    randomize(theirs)
    x = torch.randn(3, 5, 4, dtype=torch.float64, requires_grad=True)
    ours = constructed(theirs, (4, 3), options, torch.float64)
    mask = (torch.arange(5) < lengths[:, None]).numpy()
    there = torch.from_numpy(mask)[..., None]

    def our_call() -> torch.Tensor:
        y, *finals = call(ours, theirs, [x], mask=mask)
        return torch.cat([(y * there).reshape(-1), *(h.reshape(-1) for h in finals)])

    def their_call() -> torch.Tensor:
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        y, finals = theirs(packed)
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True)
        return torch.cat([y.reshape(-1), *(h.reshape(-1) for h in flat(finals))])

    errors = compare(our_call, their_call, [x, *theirs.parameters()])
    assert max(errors.values()) <= TOLERANCE[torch.float64], errors
    TALLY.add("modules, torch.float64", f"{name} of packed sequences", max(errors.values()))
