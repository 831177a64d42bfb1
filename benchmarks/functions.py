"""Single functions, forward and backward, against PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import against_pytorch
from benchmarks.harness import Comparison
from chainrule.autograd import Tensor
from chainrule.nn import functional as F


def layer_norm(torch: Any, x: Any, weight: Any, bias: Any) -> Any:
    return torch.nn.functional.layer_norm(x, weight.shape, weight, bias)


def batch_norm(torch: Any, x: Any, weight: Any, bias: Any) -> Any:
    return torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True)


def cross_entropy(torch: Any, z: Any, t: Any) -> Any:
    return torch.nn.functional.cross_entropy(z, t)


def gelu(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")


def gelu_torch(torch: Any, x: Any) -> Any:
    return torch.nn.functional.gelu(x, approximate="tanh")


def comparisons() -> Iterator[Comparison]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, np.float32)

    for name, title, ours, theirs, arrays, target in [
        (
            "layer-norm",
            "layer normalization 1024×64",
            F.layer_norm,
            layer_norm,
            [normal(1024, 64), normal(64), normal(64)],
            1.5,
        ),
        (
            "batch-norm",
            "batch normalization 1024×64",
            F.batch_norm,
            batch_norm,
            [normal(1024, 64), normal(64), normal(64)],
            1.0,
        ),
        (
            "batch-norm-images",
            "batch normalization of images 64×8×14×14",
            F.batch_norm,
            batch_norm,
            [normal(64, 8, 14, 14), normal(8), normal(8)],
            1.0,
        ),
        (
            "cross-entropy",
            "softmax cross-entropy 128×10",
            F.cross_entropy,
            cross_entropy,
            [normal(128, 10), rng.integers(0, 10, 128)],
            0.55,
        ),
        ("gelu-tanh", "GELU (tanh) 1024×256", gelu, gelu_torch, [normal(1024, 256)], 0.5),
    ]:
        yield against_pytorch.function(name, title, ours, theirs, arrays, target=target)
