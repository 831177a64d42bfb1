"""A small convolutional network, and a depthwise convolution, against PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import against_pytorch
from benchmarks.harness import Comparison
from chainrule import nn
from chainrule.autograd import Tensor
from chainrule.nn import functional as F


def build(rng: np.random.Generator) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 7 * 7, 10, rng=rng),
    )


def build_torch(torch: Any) -> Any:
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 16, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(16 * 7 * 7, 10),
    )


def depthwise(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return F.conv2d(x, W, b, padding=1, groups=32)


def depthwise_torch(torch: Any, x: Any, W: Any, b: Any) -> Any:
    return torch.nn.functional.conv2d(x, W, b, padding=1, groups=32)


def comparisons() -> Iterator[Comparison]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((64, 1, 28, 28), np.float32)
    t = rng.integers(0, 10, 64)
    title = "CNN 1×28×28, conv 8, pool, conv 16, pool, linear, batch 64"
    yield against_pytorch.training("cnn", title, build, build_torch, (X, t), target=0.90)
    yield against_pytorch.inference("cnn", title, build, build_torch, X)

    arrays = [rng.standard_normal(s, np.float32) for s in [(32, 32, 14, 14), (32, 1, 3, 3), (32,)]]
    title = "depthwise convolution 3×3 of 32×32×14×14"
    yield against_pytorch.function("depthwise", title, depthwise, depthwise_torch, arrays)
