"""Fully connected networks with ReLU, against PyTorch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import against_pytorch
from benchmarks.against_pytorch import Build, BuildTorch
from benchmarks.harness import Comparison
from chainrule import nn

WORKLOADS = [  # sizes, batch, target
    ((64, 128, 64, 10), 64, 0.45),
    ((784, 10, 10), 128, 0.50),
    ((784, 256, 128, 10), 128, 0.95),
]


def builders(sizes: tuple[int, ...]) -> tuple[Build, BuildTorch]:
    """The same network in both libraries."""

    def build(rng: np.random.Generator) -> nn.Module:
        layers: list[nn.Module] = []
        for d_in, d_out in itertools.pairwise(sizes):
            layers += [nn.Linear(d_in, d_out, rng=rng), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def build_torch(torch: Any) -> Any:
        layers = []
        for d_in, d_out in itertools.pairwise(sizes):
            layers += [torch.nn.Linear(d_in, d_out), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers[:-1])

    return build, build_torch


def comparisons() -> Iterator[Comparison]:
    for sizes, batch, target in WORKLOADS:
        build, build_torch = builders(sizes)
        rng = np.random.default_rng(0)
        X = rng.standard_normal((batch, sizes[0]), np.float32)
        t = rng.integers(0, sizes[-1], batch)
        shape = "-".join(map(str, sizes))
        name, title = f"mlp-{shape}", f"MLP {shape}, batch {batch}"
        yield against_pytorch.training(name, title, build, build_torch, (X, t), target=target)
        yield against_pytorch.inference(name, title, build, build_torch, X)
