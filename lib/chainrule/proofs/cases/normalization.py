"""The cases of the normalizations."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F
from chainrule.proofs.case import Case, Instance
from chainrule.proofs.vectors import onnx_vectors

CHAPTER = "normalization"
LARGE_EPS: dict[str, Any] = {"eps": 0.5}  # then every digit tells where ε stands in the formula


def _layer_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    shapes = [((2,), (3,)), ((4,), (2, 3)), ((2, 4), (5,)), ((), (4,)), ((0,), (3,))]
    return [
        Instance((draw(batch + features), draw(features), draw(features)), options)
        for (batch, features), options in zip(shapes, [LARGE_EPS, {}, {}, {}, {}], strict=True)
    ]


def _rms_instances(rng: np.random.Generator) -> list[Instance]:
    return [Instance(i.args[:2], i.options) for i in _layer_instances(rng)]


def _group_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    calls = [
        ((2, 4, 1), {"num_groups": 2, **LARGE_EPS}),
        ((2, 4, 3), {"num_groups": 2}),
        ((2, 6, 3, 2), {"num_groups": 3}),
        ((2, 3, 4), {"num_groups": 1}),
        ((2, 3, 4), {"num_groups": 3}),
        ((3, 6), {"num_groups": 2}),
        ((0, 4, 3), {"num_groups": 2}),
    ]
    return [Instance((draw(x), draw(x[1]), draw(x[1])), options) for x, options in calls]


def _batch_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    made = [
        Instance((draw(shape), draw(shape[1]), draw(shape[1])), options)
        for shape, options in [
            ((3, 2), LARGE_EPS),
            ((5, 3), {}),
            ((4, 2, 3), {}),
            ((3, 2, 2, 4), {}),
            ((1, 2, 2, 2), {}),
        ]
    ]
    for shape in [(4, 3), (2, 3, 2, 2), (1, 3), (0, 3)]:
        options = {"running_mean": draw(3), "running_var": rng.uniform(0.5, 2, 3)}
        made.append(Instance((draw(shape), draw(3), draw(3)), options))
    return made


def _standardized(numbers: list[Any], eps: float) -> list[Any]:
    n = sp.Integer(len(numbers))
    mean = sp.Add(*numbers) / n
    variance = sp.Add(*((a - mean) ** 2 for a in numbers)) / n
    return [(a - mean) / sp.sqrt(variance + sp.Rational(str(eps))) for a in numbers]


def _layer_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Any:
    return [
        [g * a + b for g, a, b in zip(gamma, _standardized(list(row), eps), beta, strict=True)]
        for row in x
    ]


def _rms_norm(x: Array, gamma: Array, eps: float) -> Any:
    rows = []
    for row in x:
        mean_square = sp.Add(*(a**2 for a in row)) / sp.Integer(len(row))
        root = sp.sqrt(mean_square + sp.Rational(str(eps)))
        rows.append([g * a / root for g, a in zip(gamma, row, strict=True)])
    return rows


def _group_norm(x: Array, gamma: Array, beta: Array, num_groups: int, eps: float) -> Array:
    N, C, places = x.shape
    y, size = np.empty(x.shape, object), C // num_groups
    for n in range(N):
        for group in range(num_groups):
            members = [
                (c, k) for c in range(group * size, (group + 1) * size) for k in range(places)
            ]
            standardized = _standardized([x[n, c, k] for c, k in members], eps)
            for (c, k), a in zip(members, standardized, strict=True):
                y[n, c, k] = gamma[c] * a + beta[c]
    return y


def _batch_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    y = np.empty(x.shape, object)
    for c in range(x.shape[1]):
        for n, a in enumerate(_standardized(list(x[:, c]), eps)):
            y[n, c] = gamma[c] * a + beta[c]
    return y


def _composed_batch_norm(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    *,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    eps: float = 1e-5,
) -> Tensor:
    axes, per_channel = (0, *range(2, x.ndim)), (1, -1, *(1,) * (x.ndim - 2))
    if running_mean is None or running_var is None:
        centered = x - x.mean(axes, keepdims=True)
        variance = (centered * centered).mean(axes, keepdims=True)
    else:
        centered = x - running_mean.reshape(per_channel)
        variance = Tensor(running_var.reshape(per_channel))
    normalized = centered / F.sqrt(variance + eps)
    return gamma.reshape(*per_channel) * normalized + beta.reshape(*per_channel)


def _eps(attributes: dict[str, Any]) -> dict[str, Any]:
    return {"eps": attributes.get("epsilon", 1e-5)}


def _onnx_instance(attributes: dict[str, Any], x: Array, gamma: Array, beta: Array) -> Instance:
    # Instance normalization is group normalization with every channel its own group.
    return Instance((x, gamma, beta), {"num_groups": x.shape[1], **_eps(attributes)})


def _onnx_group(attributes: dict[str, Any], *arrays: Array) -> Instance:
    return Instance(arrays, {"num_groups": attributes["num_groups"], **_eps(attributes)})


def _onnx_rows(attributes: dict[str, Any], *arrays: Array) -> Instance:
    return Instance(arrays, _eps(attributes))


def _onnx_batch(
    attributes: dict[str, Any], x: Array, gamma: Array, beta: Array, mean: Array, var: Array
) -> Instance:
    running = {"running_mean": mean, "running_var": var}
    options = {} if attributes.get("training_mode") else running
    return Instance((x, gamma, beta), {**options, **_eps(attributes)})


def _onnx_mean_variance(attributes: dict[str, Any], x: Array) -> Instance:
    # ONNX adds 1e-9 to the standard deviation, we 1e-18 to the variance; 1 stays as it is by both.
    ones = np.ones(x.shape[1], x.dtype)
    return Instance((x, ones, 0 * ones), {"eps": 1e-18})


CASES = [
    Case(
        name="layer_norm",
        formula=r"y_j = \gamma_j \frac{x_j - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta_j",
        chapter=CHAPTER,
        arguments=("x", "gamma", "beta"),
        instances=_layer_instances,
        definition=_layer_norm,
        vectors=lambda: onnx_vectors("LayerNormalization", _onnx_rows),
        shared=frozenset({"gamma", "beta"}),
    ),
    Case(
        name="rms_norm",
        formula=r"y_j = \gamma_j \frac{x_j}{\sqrt{\frac{1}{n} \sum_i x_i^2 + \varepsilon}}",
        chapter=CHAPTER,
        arguments=("x", "gamma"),
        instances=_rms_instances,
        definition=_rms_norm,
        vectors=lambda: onnx_vectors("RMSNormalization", _onnx_rows),
        shared=frozenset({"gamma"}),
    ),
    Case(
        name="group_norm",
        formula=r"y_c = \gamma_c \frac{x_c - \mu_g}{\sqrt{\sigma_g^2 + \varepsilon}} + \beta_c",
        chapter=CHAPTER,
        arguments=("x", "gamma", "beta"),
        instances=_group_instances,
        definition=_group_norm,
        vectors=lambda: (
            onnx_vectors("GroupNormalization", _onnx_group)
            + onnx_vectors("InstanceNormalization", _onnx_instance)
        ),
        shared=frozenset({"gamma", "beta"}),
    ),
    Case(
        name="batch_norm",
        formula=(
            r"y_{nc} = \gamma_c \frac{x_{nc} - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}} + \beta_c"
        ),
        chapter=CHAPTER,
        arguments=("x", "gamma", "beta"),
        instances=_batch_instances,
        definition=_batch_norm,
        vectors=lambda: (
            onnx_vectors("BatchNormalization", _onnx_batch)
            + onnx_vectors("MeanVarianceNormalization", _onnx_mean_variance)
        ),
        shared=frozenset({"gamma", "beta"}),
        composed=_composed_batch_norm,
    ),
]
