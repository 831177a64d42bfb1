"""The losses' cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_vector, scikit_learn_metric

VECTOR_SEED = 0


def _mse_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [Instance((draw(shape), draw(shape))) for shape in [(2, 2), (5,), (2, 1, 3), (1,)]]


def _mse(y: Array, t: Array) -> Any:
    return sum((a - b) ** 2 for a, b in zip(y.flat, t.flat, strict=True)) / sp.Integer(y.size)


def _binary_instances(rng: np.random.Generator) -> list[Instance]:
    shapes = [(2, 2), (5,), (2, 1, 3), (1,)]
    return [Instance((3 * rng.standard_normal(s), rng.uniform(0.1, 0.9, s))) for s in shapes]


def _binary_cross_entropy(z: Array, t: Array) -> Any:
    losses = []
    for a, target in zip(z.flat, t.flat, strict=True):
        p = 1 / (1 + sp.exp(-a))
        losses.append(-target * sp.log(p) - (1 - target) * sp.log(1 - p))
    return sum(losses) / sp.Integer(z.size)


def _cross_entropy_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)), np.array([2, 0]))),
        Instance((draw((5, 4)), rng.integers(0, 4, 5))),
        Instance((draw((2, 3, 4)), rng.integers(0, 4, (2, 3)))),
        Instance((draw(3), np.array(1))),
        Instance((draw((2, 1)), np.array([0, 0]))),
    ]


def _cross_entropy(z: Array, t: Array) -> Any:
    losses = [
        -sp.log(sp.exp(row[k]) / sum(sp.exp(a) for a in row)) for row, k in zip(z, t, strict=True)
    ]
    return sum(losses) / sp.Integer(len(losses))


def _onnx_cross_entropy() -> list[Vector]:
    vectors = []
    for name in ("test_sce_mean", "test_sce_mean_3d"):
        _, (z, t), loss = onnx_vector("softmax_cross_entropy_loss", name)
        z = np.moveaxis(z, 1, -1)  # ONNX keeps the classes in axis 1
        vectors.append(Vector(f"ONNX {name}", Instance((z, t)), loss))
    return vectors


def _scikit_learn_mse() -> list[Vector]:
    mean_squared_error = scikit_learn_metric("mean_squared_error")
    rng = np.random.default_rng(VECTOR_SEED)
    y, t = rng.standard_normal((20, 3)), rng.standard_normal((20, 3))
    name = "scikit-learn mean_squared_error"
    return [Vector(name, Instance((y, t)), np.asarray(mean_squared_error(t, y)))]


def _scikit_learn_binary_cross_entropy() -> list[Vector]:
    log_loss = scikit_learn_metric("log_loss")
    rng = np.random.default_rng(VECTOR_SEED)
    z, t = 3 * rng.standard_normal(20), np.arange(20.0) % 2
    p = 1 / (1 + np.exp(-z))
    return [Vector("scikit-learn log_loss", Instance((z, t)), np.asarray(log_loss(t, p)))]


CASES = [
    Case(
        name="mse_loss",
        formula=r"L = \frac{1}{N} \sum_i (y_i - t_i)^2",
        chapter="losses",
        arguments=("y", "t"),
        instances=_mse_instances,
        definition=_mse,
        vectors=_scikit_learn_mse,
        is_mean=True,
    ),
    Case(
        name="binary_cross_entropy_with_logits",
        formula=r"L = \frac{1}{N} \sum_i -t_i \log \sigma(z_i) - (1 - t_i) \log(1 - \sigma(z_i))",
        chapter="losses",
        arguments=("z", "t"),
        instances=_binary_instances,
        definition=_binary_cross_entropy,
        vectors=_scikit_learn_binary_cross_entropy,
        is_mean=True,
    ),
    Case(
        name="cross_entropy",
        formula=r"L = -\frac{1}{N} \sum_i \log \operatorname{softmax}(z_i)_{t_i}",
        chapter="backpropagation",
        arguments=("z", "t"),
        instances=_cross_entropy_instances,
        definition=_cross_entropy,
        vectors=_onnx_cross_entropy,
        is_mean=True,
    ),
]
