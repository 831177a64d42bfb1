"""Modules of both libraries with the same weights, and how inputs are given to ours.

PyTorch's ModuleInfo database has constructor and forward arguments for each module. Arguments have
PyTorch's names in both libraries; one that ours does not know is ``Skipped`` unless it has its
default. Ours take batches, with the batch first, and masks that say what *may* be seen.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as TF

from chainrule import autograd, nn
from chainrule.nn import functional as F
from tests.parity.bridge import Skipped, to_numpy, to_torch

NO_MODULE = {
    "Dropout": "PyTorch draws its own mask",
    "Flatten": "moves entries, and computes nothing",
    "Identity": "computes nothing",
    "Module": "has nothing to compute with",
    "Sequential": "calls its parts, and computes nothing",
    "Unflatten": "moves entries, and computes nothing",
}
ACTIVATIONS = {TF.relu: F.relu, TF.gelu: F.gelu, "relu": F.relu, "gelu": F.gelu}
# What PyTorch has for placement and speed.
WITHOUT_EFFECT = {"device", "dtype", "inplace"}


def our_names() -> list[str]:
    public = {name: getattr(nn, name) for name in nn.__all__}
    return [n for n, v in public.items() if isinstance(v, type) and issubclass(v, nn.Module)]


def constructed(module: torch.nn.Module, args: Any, kwargs: Any, dtype: torch.dtype) -> nn.Module:
    """Our module of the same class and options, with a copy of the state of ``module``."""
    name = type(module).__name__
    bound = inspect.signature(type(module).__init__).bind(module, *args, **kwargs)
    given = bound.arguments | bound.arguments.pop("kwargs", {})
    theirs = inspect.signature(type(module).__init__).parameters
    ours = inspect.signature(getattr(nn, name).__init__).parameters
    options: dict[str, Any] = {}
    for i, value in enumerate(bound.arguments.get("args", ())):  # recurrent networks take *args
        options[("input_size", "hidden_size", "num_layers")[i]] = value
    for key, value in given.items():
        if key in {"self", "args", "batch_first"} | WITHOUT_EFFECT:
            continue
        if key in ours:
            options[key] = ACTIVATIONS[value] if key == "activation" else _plain(value)
        elif value != getattr(theirs.get(key), "default", _RECURRENT_DEFAULTS.get(key)):
            raise Skipped(f"{name} has no {key}")
    if options.get("padding") == "same":
        options["padding"] = (options["kernel_size"] - 1) // 2
    if isinstance(options.get("output_size"), tuple) and None in options["output_size"]:
        raise Skipped("a size of the output that is that of the input")
    if module.training and options.get("dropout"):
        raise Skipped("PyTorch draws its own mask")
    if "rng" in ours:
        options["rng"] = np.random.default_rng(0)
    if "dtype" in ours:
        options["dtype"] = str(dtype).removeprefix("torch.")
    made: nn.Module = getattr(nn, name)(**options)
    made.load_state_dict({key: to_numpy(a) for key, a in module.state_dict().items()})
    return made.train(module.training)


_RECURRENT_DEFAULTS = {"nonlinearity": "tanh", "proj_size": 0, "batch_first": False}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return value[0] if len(value) == 1 else tuple(value)
    return value


class _OurModule(torch.autograd.Function):
    """``run`` takes our tensors and returns a list of them, which become one in a row."""

    @staticmethod
    def forward(
        ctx: Any, run: Callable[..., Any], shapes: list[Any], parameters: Any, *args: Any
    ) -> Any:
        count = len(args) - len(parameters)
        ctx.leaves = [
            autograd.Tensor(to_numpy(a).copy(), requires_grad=True)
            if a.is_floating_point()
            else to_numpy(a)
            for a in args[:count]
        ]
        outputs = run(*ctx.leaves)
        shapes[:] = [y.shape for y in outputs]
        ctx.flat = F.concatenate(*(F.reshape(y, shape=(-1,)) for y in outputs))
        ctx.parameters = parameters
        return to_torch(ctx.flat.data)

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        ctx.flat.backward(to_numpy(dy).copy())
        found = (getattr(a, "grad", None) for a in (*ctx.leaves, *ctx.parameters))
        return None, None, None, *(None if g is None else to_torch(g) for g in found)


def call(
    module: nn.Module,
    theirs: torch.nn.Module,
    inputs: list[torch.Tensor],
    **options: Any,
) -> list[torch.Tensor]:
    """Our module of PyTorch's tensors, with the parameters of ``theirs`` in its graph."""
    for p in module.parameters():
        p.grad = None
    names = [name for name, _ in module.named_parameters()]
    assert set(names) == {name for name, _ in theirs.named_parameters()}
    parameters = dict(theirs.named_parameters())

    def run(*tensors: Any) -> list[Any]:
        return _flat(_forward(module, tensors, options))

    shapes: list[Any] = []
    given = [*inputs, *(parameters[name] for name in names)]
    flat = _OurModule.apply(run, shapes, list(module.parameters()), *given)
    sizes = [int(np.prod(shape)) for shape in shapes]
    return [y.reshape(s) for y, s in zip(flat.split(sizes), shapes, strict=True)]


def _forward(module: nn.Module, tensors: Any, options: Any) -> Any:
    if isinstance(module, nn.LSTM) and len(tensors) > 1:
        return module(tensors[0], tuple(tensors[1:]), **options)
    return module(*tensors, **options)


def _flat(y: Any) -> list[Any]:
    if isinstance(y, tuple):
        return [a for part in y for a in _flat(part)]
    return [] if y is None else [y]


# Translations of forward arguments: (our module, theirs, arguments by name) → outputs in
# PyTorch's layout.


def plain(ours: nn.Module, theirs: torch.nn.Module, given: dict[str, Any]) -> list[torch.Tensor]:
    """One input, one output."""
    (x,) = given.values()
    if x.ndim == 0 and "Softmax" in type(ours).__name__:
        raise Skipped("normalizes a number")
    axes = {"Conv1d": 3, "Conv2d": 4, "ConvTranspose2d": 4}.get(type(ours).__name__)
    if x.ndim == axes or axes is None:
        return call(ours, theirs, [x])
    return [y[0] for y in call(ours, theirs, [x[None]])]


def recurrent(
    ours: nn.Module, theirs: torch.nn.Module, given: dict[str, Any]
) -> list[torch.Tensor]:
    """Sequences with the time first, or one sequence; initial states have the layers first."""
    x, hx = given["input"], given.get("hx")
    if theirs.mode == "RNN_RELU":
        raise Skipped("recurrent networks with ReLU")
    states = [] if hx is None else [*hx] if isinstance(hx, (tuple, list)) else [hx]
    single = x.ndim == 2
    if single:
        x, states = x[None], [s[:, None] for s in states]
    elif not theirs.batch_first:
        x = x.transpose(0, 1)
    y, *finals = call(ours, theirs, [x, *states])
    if single:
        return [y[0], *(h[:, 0] for h in finals)]
    return [y if theirs.batch_first else y.transpose(0, 1), *finals]


def may_see(mask: torch.Tensor | None, padding: torch.Tensor | None) -> Any:
    """Our mask, (B or 1, 1, T_q or 1, T_k), from PyTorch's: boolean ones say what is hidden."""
    seen = None
    for hidden, shape in ((mask, (None, None)), (padding, (slice(None), None, None))):
        if hidden is None:
            continue
        if hidden.ndim == 3:
            raise Skipped("a mask for each example and head, in one axis")
        allowed = ~hidden if hidden.dtype == torch.bool else hidden
        allowed = to_numpy(allowed)[shape]
        seen = allowed if seen is None else _both(seen, allowed)
    return seen


def _both(a: Any, b: Any) -> Any:
    if a.dtype == b.dtype == bool:
        return a & b
    a, b = (np.where(m, 0.0, -np.inf) if m.dtype == bool else m for m in (a, b))
    return a + b


def attention(
    ours: nn.Module, theirs: torch.nn.Module, given: dict[str, Any]
) -> list[torch.Tensor]:
    """Query, key and value, with the time first, the batch first, or without a batch."""
    inputs = [given[name] for name in ("query", "key", "value")]
    inputs, back = _batch_first(inputs, theirs.batch_first)
    padding = given.get("key_padding_mask")
    if padding is not None and padding.ndim == 1:
        padding = padding[None]
    options = {
        "mask": may_see(given.get("attn_mask"), padding),
        "need_weights": given.get("need_weights", True),
        "average_attn_weights": given.get("average_attn_weights", True),
    }
    y, *weights = call(ours, theirs, inputs, **options)
    single = given["query"].ndim == 2
    return [back(y), *(w[0] if single else w for w in weights)]


def _batch_first(
    inputs: list[torch.Tensor], batch_first: bool
) -> tuple[list[torch.Tensor], Callable[[torch.Tensor], torch.Tensor]]:
    if inputs[0].ndim == 2:
        return [x[None] for x in inputs], lambda y: y[0]
    if batch_first:
        return inputs, lambda y: y
    return [x.transpose(0, 1) for x in inputs], lambda y: y.transpose(0, 1)


def transformer(
    ours: nn.Module, theirs: torch.nn.Module, given: dict[str, Any]
) -> list[torch.Tensor]:
    """A layer of the encoder or of the decoder."""
    encoder = "src" in given
    first = "src" if encoder else "tgt"
    inputs = [given[name] for name in ([first] if encoder else [first, "memory"])]
    inputs, back = _batch_first(inputs, theirs.self_attn.batch_first)

    def mask(name: str) -> Any:
        padding = given.get(f"{name}_key_padding_mask")
        if padding is not None and padding.ndim == 1:
            padding = padding[None]
        return may_see(given.get(f"{name}_mask"), padding)

    options = {"mask": mask(first)} | ({} if encoder else {"cross_mask": mask("memory")})
    (y,) = call(ours, theirs, inputs, **options)
    return [back(y)]


FORWARD: dict[str, Callable[..., list[torch.Tensor]]] = {
    "RNN": recurrent,
    "GRU": recurrent,
    "LSTM": recurrent,
    "MultiheadAttention": attention,
    "TransformerEncoderLayer": transformer,
    "TransformerDecoderLayer": transformer,
}
