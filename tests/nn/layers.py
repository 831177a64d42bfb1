"""One instance of every layer, with what it takes, what it returns and what it owns.

The names and shapes of the state are written down from PyTorch's documentation, not from the code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F


@dataclass(frozen=True)
class Layer:
    """``make`` takes options, and of those that all have, ``rng`` and ``dtype``, what it uses."""

    make: partial[nn.Module]
    takes: tuple[tuple[int, ...], ...]
    returns: tuple[tuple[int, ...], ...]
    state: dict[str, tuple[int, ...]]
    draws: bool = True  # has an rng
    typed: bool = True  # has a dtype
    integers: dict[int, int] = field(default_factory=dict)  # input → how many values it may have

    def build(self, seed: int = 0, dtype: Any = np.float64) -> nn.Module:
        options = {"rng": np.random.default_rng(seed)} if self.draws else {}
        return self.make(**options, **({"dtype": dtype} if self.typed else {}))

    def inputs(self, seed: int = 1, dtype: Any = np.float64) -> list[Array]:
        rng = np.random.default_rng(seed)
        return [
            rng.integers(0, self.integers[i], shape)
            if i in self.integers
            else rng.standard_normal(shape).astype(dtype)
            for i, shape in enumerate(self.takes)
        ]


def network(*sizes: int, **options: Any) -> nn.Sequential:
    first, second = (nn.Linear(*pair, **options) for pair in pairwise(sizes))
    return nn.Sequential(first, nn.Tanh(), second)


def owns_nothing(kind: Callable[..., nn.Module], *args: Any, takes: Any, returns: Any) -> Layer:
    make = partial(kind, *args)
    return Layer(make, (takes,), (returns,), {}, draws=False, typed=False)


def recurrent(gates: int, prefix: str = "", suffix: str = "", d: int = 3) -> dict[str, Any]:
    rows = gates * 4
    shapes = {"weight_ih": (rows, d), "weight_hh": (rows, 4), "bias_ih": (rows,)}
    shapes["bias_hh"] = (rows,)
    return {f"{prefix}{kind}_l{suffix}": shape for kind, shape in shapes.items()}


def attention(prefix: str) -> dict[str, tuple[int, ...]]:
    return {
        f"{prefix}in_proj_weight": (24, 8),
        f"{prefix}in_proj_bias": (24,),
        f"{prefix}out_proj.weight": (8, 8),
        f"{prefix}out_proj.bias": (8,),
    }


NETWORK = {
    "linear1.weight": (16, 8),
    "linear1.bias": (16,),
    "linear2.weight": (8, 16),
    "linear2.bias": (8,),
}


def norms(*numbers: int) -> dict[str, tuple[int, ...]]:
    return {f"norm{i}.{name}": (8,) for i in numbers for name in ("weight", "bias")}


BATCH_STATISTICS = {"running_mean": (6,), "running_var": (6,), "num_batches_tracked": ()}
AFFINE = {"weight": (6,), "bias": (6,)}
IMAGES, SEQUENCES, VECTORS = (5, 6, 7, 8), (5, 6, 9), (5, 6)

LAYERS: dict[str, Layer] = {
    "Linear": Layer(
        partial(nn.Linear, 6, 4),
        ((2, 5, 6),),
        ((2, 5, 4),),
        {"weight": (4, 6), "bias": (4,)},
    ),
    "Conv1d": Layer(
        partial(nn.Conv1d, 6, 4, 3, stride=2, padding=1, groups=2),
        (SEQUENCES,),
        ((5, 4, 5),),
        {"weight": (4, 3, 3), "bias": (4,)},
    ),
    "Conv2d": Layer(
        partial(nn.Conv2d, 6, 4, (3, 2), padding=1, dilation=2, groups=2),
        (IMAGES,),
        ((5, 4, 5, 8),),
        {"weight": (4, 3, 3, 2), "bias": (4,)},
    ),
    "ConvTranspose2d": Layer(
        partial(nn.ConvTranspose2d, 6, 4, 3, stride=2, padding=1, output_padding=1, groups=2),
        (IMAGES,),
        ((5, 4, 14, 16),),
        {"weight": (6, 2, 3, 3), "bias": (4,)},
    ),
    "BatchNorm1d": Layer(
        partial(nn.BatchNorm1d, 6), (VECTORS,), (VECTORS,), AFFINE | BATCH_STATISTICS, False
    ),
    "BatchNorm2d": Layer(
        partial(nn.BatchNorm2d, 6), (IMAGES,), (IMAGES,), AFFINE | BATCH_STATISTICS, False
    ),
    "GroupNorm": Layer(partial(nn.GroupNorm, 3, 6), (IMAGES,), (IMAGES,), AFFINE, False),
    "LayerNorm": Layer(
        partial(nn.LayerNorm, (7, 8)),
        (IMAGES,),
        (IMAGES,),
        {"weight": (7, 8), "bias": (7, 8)},
        draws=False,
    ),
    "RMSNorm": Layer(partial(nn.RMSNorm, 6), (VECTORS,), (VECTORS,), {"weight": (6,)}, draws=False),
    "Embedding": Layer(
        partial(nn.Embedding, 7, 3),
        ((2, 5),),
        ((2, 5, 3),),
        {"weight": (7, 3)},
        integers={0: 7},
    ),
    "Dropout": Layer(partial(nn.Dropout, 0.4), (VECTORS,), (VECTORS,), {}, draws=True, typed=False),
    "MultiheadAttention": Layer(
        partial(nn.MultiheadAttention, 8, 2, 0.2),
        ((2, 3, 8), (2, 5, 8), (2, 5, 8)),
        ((2, 3, 8), (2, 3, 5)),
        attention(""),
    ),
    "TransformerEncoderLayer": Layer(
        partial(nn.TransformerEncoderLayer, 8, 2, 16),
        ((2, 3, 8),),
        ((2, 3, 8),),
        attention("self_attn.") | NETWORK | norms(1, 2),
    ),
    "TransformerDecoderLayer": Layer(
        partial(nn.TransformerDecoderLayer, 8, 2, 16, activation=F.gelu, norm_first=True),
        ((2, 3, 8), (2, 5, 8)),
        ((2, 3, 8),),
        attention("self_attn.") | attention("multihead_attn.") | NETWORK | norms(1, 2, 3),
    ),
    "RNN": Layer(
        partial(nn.RNN, 3, 4),
        ((2, 5, 3),),
        ((2, 5, 4), (1, 2, 4)),
        recurrent(1, suffix="0"),
    ),
    "GRU": Layer(
        partial(nn.GRU, 3, 4, 2, dropout=0.2),
        ((2, 5, 3),),
        ((2, 5, 4), (2, 2, 4)),
        recurrent(3, suffix="0") | recurrent(3, suffix="1", d=4),
    ),
    "LSTM": Layer(
        partial(nn.LSTM, 3, 4, 2, bidirectional=True),
        ((2, 5, 3),),
        ((2, 5, 8), (4, 2, 4), (4, 2, 4)),
        recurrent(4, suffix="0")
        | recurrent(4, suffix="0_reverse")
        | recurrent(4, suffix="1", d=8)
        | recurrent(4, suffix="1_reverse", d=8),
    ),
    "Sequential": Layer(
        partial(network, 6, 4, 2),
        (VECTORS,),
        ((5, 2),),
        {"0.weight": (4, 6), "0.bias": (4,), "2.weight": (2, 4), "2.bias": (2,)},
    ),
    "Identity": owns_nothing(nn.Identity, takes=VECTORS, returns=VECTORS),
    "Unflatten": owns_nothing(nn.Unflatten, 1, (2, 3), takes=IMAGES, returns=(5, 2, 3, 7, 8)),
    "Flatten": owns_nothing(nn.Flatten, takes=IMAGES, returns=(5, 336)),
    "MaxPool1d": owns_nothing(nn.MaxPool1d, 2, takes=SEQUENCES, returns=(5, 6, 4)),
    "MaxPool2d": owns_nothing(nn.MaxPool2d, 3, 2, 1, takes=IMAGES, returns=(5, 6, 4, 4)),
    "AvgPool1d": owns_nothing(nn.AvgPool1d, 2, takes=SEQUENCES, returns=(5, 6, 4)),
    "AvgPool2d": owns_nothing(nn.AvgPool2d, 3, 2, 1, takes=IMAGES, returns=(5, 6, 4, 4)),
    "AdaptiveAvgPool1d": owns_nothing(nn.AdaptiveAvgPool1d, 4, takes=SEQUENCES, returns=(5, 6, 4)),
    "AdaptiveAvgPool2d": owns_nothing(
        nn.AdaptiveAvgPool2d, (2, 3), takes=IMAGES, returns=(5, 6, 2, 3)
    ),
    **{
        kind.__name__: owns_nothing(kind, takes=VECTORS, returns=VECTORS)
        for kind in (
            nn.ELU,
            nn.GELU,
            nn.LeakyReLU,
            nn.LogSoftmax,
            nn.ReLU,
            nn.SiLU,
            nn.Sigmoid,
            nn.Softmax,
            nn.Softplus,
            nn.Tanh,
        )
    },
}


def outputs(module: nn.Module, *inputs: Any) -> list[Tensor]:
    """All tensors that ``module`` returns."""

    def flat(y: Any) -> list[Tensor]:
        return [a for item in y for a in flat(item)] if isinstance(y, tuple) else [y]

    return flat(module(*inputs))


def as_function(module: nn.Module, inputs: list[Array]) -> tuple[Any, tuple[Array, ...]]:
    """The module as a function of the contract, of its inputs and of its parameters.

    Returns the function, whose value has all that the module returns, and its arguments.
    """
    parameters = list(module.parameters())

    def function(*arrays: Array) -> tuple[Array, Any]:
        for _, part in module.named_modules():
            if hasattr(part, "rng"):
                part.rng = np.random.default_rng(3)  # the same entries are dropped in every call
        given = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays[: len(inputs)]]
        for p, a in zip(parameters, arrays[len(inputs) :], strict=True):
            p.data, p.grad = a, None
        y = F.concatenate(*(F.reshape(a, shape=(-1,)) for a in outputs(module, *given)))

        def pullback(dy: Array) -> tuple[Array | None, ...]:
            y.backward(dy)
            return tuple(tensor.grad for tensor in (*given, *parameters))

        return y.data, pullback

    return function, (*inputs, *(p.data for p in parameters))
