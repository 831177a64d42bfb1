"""The cases of pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import (
    onnx_model_vector,
    onnx_tests,
    onnx_vector,
    onnx_vectors,
)

CHAPTER = "convolution"
VECTOR_SEED = 0
GAP = 0.1  # between any two pixels, so that a finite difference changes no maximum


def _instances(
    *calls: tuple[tuple[int, ...], dict[str, Any]],
) -> Callable[[np.random.Generator], list[Instance]]:
    def instances(rng: np.random.Generator) -> list[Instance]:
        made = []
        for shape, options in calls:
            order = rng.permutation(int(np.prod(shape))).reshape(shape)
            # Both signs, and no average of 0, with which nothing could be compared.
            made.append(Instance((GAP * (order - order.size / 3),), options))
        return made

    return instances


# Larger windows overlapping in both axes would keep SymPy busy for half a minute.
_OVERLAPPING = {"kernel_size": (1, 2), "stride": (2, 1)}
_SHAPES_2D: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 1, 3, 3), _OVERLAPPING),
    ((2, 3, 4, 6), {"kernel_size": 2}),
    ((5, 7), {"kernel_size": 2}),
    ((2, 5, 7), {"kernel_size": (3, 2), "stride": (2, 3), "padding": (1, 0)}),
    ((2, 5, 7), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    ((1, 4, 4), {"kernel_size": 1, "stride": 3}),
    ((0, 2, 4, 4), {"kernel_size": 2}),
]
_SHAPES_1D: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 1, 4), {"kernel_size": 2, "stride": 1}),
    ((2, 3, 7), {"kernel_size": 2}),
    ((7,), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ((2, 8), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    ((0, 2, 4), {"kernel_size": 2}),
]
_max_pool2d_instances = _instances(
    *_SHAPES_2D, ((2, 6, 7), {"kernel_size": 2, "stride": 1, "dilation": (2, 3)})
)
_avg_pool2d_instances = _instances(
    ((2, 1, 3, 3), {"kernel_size": 2, "stride": (1, 2), "padding": (0, 1)}),
    *_SHAPES_2D,
    ((2, 5, 7), {"kernel_size": 3, "padding": 1, "count_include_pad": False}),
)
_max_pool1d_instances = _instances(*_SHAPES_1D, ((2, 7), {"kernel_size": 3, "dilation": 2}))
_avg_pool1d_instances = _instances(
    *_SHAPES_1D, ((2, 7), {"kernel_size": 3, "padding": 1, "count_include_pad": False})
)
_adaptive_instances = _instances(
    ((2, 1, 3, 4), {"output_size": 2}),
    ((2, 3, 5, 7), {"output_size": (3, 2)}),
    ((5, 4), {"output_size": 1}),
    ((2, 2, 3), {"output_size": (4, 5)}),
    ((0, 2, 3, 3), {"output_size": 2}),
)


def _max_of(entries: list[Any]) -> sp.Expr:
    """The first entry that no other exceeds."""
    return sp.Piecewise(
        *((a, sp.And(*(a >= other for other in entries if other is not a))) for a in entries[:-1]),
        (entries[-1], True),
    )


def _mean_of(entries: list[Any]) -> sp.Expr:
    return sp.Add(*entries) / sp.Integer(len(entries))


def _pool2d(x: Array, summary: Callable[[list[Any]], Any], kernel_size: Any, stride: Any) -> Array:
    (N, C, H, W), (kh, kw), (sh, sw) = x.shape, kernel_size, stride
    y = np.empty((N, C, (H - kh) // sh + 1, (W - kw) // sw + 1), object)
    for n, c, u, v in np.ndindex(y.shape):
        y[n, c, u, v] = summary(list(x[n, c, sh * u : sh * u + kh, sw * v : sw * v + kw].flat))
    return y


def _max_pool2d(x: Array, kernel_size: Any, stride: Any) -> Array:
    return _pool2d(x, _max_of, kernel_size, stride)


def _avg_pool2d(x: Array, kernel_size: int, stride: Any, padding: tuple[int, int]) -> Array:
    (N, C, H, W), (ph, pw) = x.shape, padding
    padded = np.full((N, C, H + 2 * ph, W + 2 * pw), sp.Integer(0), object)
    padded[:, :, ph : ph + H, pw : pw + W] = x
    return _pool2d(padded, _mean_of, (kernel_size, kernel_size), stride)


def _pool1d(summary: Callable[[list[Any]], Any]) -> Callable[..., Array]:
    def definition(x: Array, kernel_size: int, stride: int) -> Array:
        return _pool2d(x[:, :, None], summary, (1, kernel_size), (1, stride))[:, :, 0]

    return definition


def _adaptive_avg_pool2d(x: Array, output_size: int) -> Array:
    N, C, H, W = x.shape
    y = np.empty((N, C, output_size, output_size), object)
    for n, c, u, v in np.ndindex(y.shape):
        y[n, c, u, v] = _mean_of(
            [
                x[n, c, i, j]
                for i in range(H)
                for j in range(W)
                # Pixel i covers [i, i + 1) and window u [u, u + 1) H / output_size; they overlap.
                if i * output_size < (u + 1) * H
                and u * H < (i + 1) * output_size
                and j * output_size < (v + 1) * W
                and v * W < (j + 1) * output_size
            ]
        )
    return y


def _onnx_pool(operator: str, *, axes: int) -> list[Vector]:
    vectors = []
    for name in onnx_tests(operator):
        attributes, (x,), y = onnx_vector(operator, name)
        if x.ndim != 2 + axes:
            continue
        options = _options(attributes, average=operator == "AveragePool")
        if axes == 1:
            options = {k: v[0] if isinstance(v, tuple) else v for k, v in options.items()}
        vectors.append(Vector(f"ONNX {name}", Instance((x,), options), y))
    return [*vectors, _random_batch(operator, axes=axes)]


def _onnx_global_max(_: dict[str, Any], x: Array) -> Instance:
    return Instance((x,), {"kernel_size": x.shape[2:]})


def _onnx_global_average(_: dict[str, Any], x: Array) -> Instance:
    return Instance((x,), {"output_size": 1})


def _random_batch(operator: str, *, axes: int) -> Vector:
    # ONNX's own tests have one example only.
    x = np.random.default_rng(VECTOR_SEED).standard_normal((2, 3, 9, 8)[: 2 + axes])
    attributes = {"kernel_shape": [3] * axes, "strides": [2] * axes, "pads": [1] * 2 * axes}
    options: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}
    if operator == "AveragePool":
        options["count_include_pad"] = False
    node = (operator, ["x"], ["y"], attributes)
    return onnx_model_vector(operator, [node], {"x": x}, "y", Instance((x,), options))


def _options(attributes: dict[str, Any], *, average: bool) -> dict[str, Any]:
    kernel = tuple(attributes["kernel_shape"])
    pads = attributes.get("pads", (0,) * 2 * len(kernel))
    if "auto_pad" in attributes:  # SAME for a kernel of 3 on 5 pixels by 2: one at both ends
        pads = (1,) * 2 * len(kernel)
    options = {
        "kernel_size": kernel,
        "stride": tuple(attributes.get("strides", (1,) * len(kernel))),
        "padding": tuple(pads[: len(kernel)]),
        "ceil_mode": bool(attributes.get("ceil_mode", 0)),
    }
    if average:
        return {**options, "count_include_pad": bool(attributes.get("count_include_pad", 0))}
    return {**options, "dilation": tuple(attributes.get("dilations", (1,) * len(kernel)))}


def _side_by_side() -> Vector:
    # Where the size divides, adaptive pooling is pooling with windows side by side.
    x = np.random.default_rng(VECTOR_SEED).standard_normal((2, 3, 6, 8))
    node = ("AveragePool", ["x"], ["y"], {"kernel_shape": [2, 4], "strides": [2, 4]})
    call = Instance((x,), {"output_size": (3, 2)})
    return onnx_model_vector("AveragePool side by side", [node], {"x": x}, "y", call)


def _case(name: str, formula: str, instances: Any, definition: Any, vectors: Any) -> Case:
    return Case(
        name=name,
        formula=formula,
        chapter=CHAPTER,
        arguments=("x",),
        instances=instances,
        definition=definition,
        vectors=vectors,
    )


CASES = [
    _case(
        "max_pool2d",
        r"y_{uv} = \max_{ij}\, x_{su+di-p,\,sv+dj-p}",
        _max_pool2d_instances,
        _max_pool2d,
        lambda: _onnx_pool("MaxPool", axes=2) + onnx_vectors("GlobalMaxPool", _onnx_global_max),
    ),
    _case(
        "avg_pool2d",
        r"y_{uv} = \frac{1}{k^2} \sum_{ij} x_{su+i-p,\,sv+j-p}",
        _avg_pool2d_instances,
        _avg_pool2d,
        lambda: _onnx_pool("AveragePool", axes=2),
    ),
    _case(
        "adaptive_avg_pool2d",
        r"y_{uv} = \frac{1}{|R_u| |C_v|} \sum_{i \in R_u,\, j \in C_v} x_{ij}",
        _adaptive_instances,
        _adaptive_avg_pool2d,
        lambda: [
            *onnx_vectors("GlobalAveragePool", _onnx_global_average),
            _side_by_side(),
        ],
    ),
    _case(
        "max_pool1d",
        r"y_u = \max_i\, x_{su+di-p}",
        _max_pool1d_instances,
        _pool1d(_max_of),
        lambda: _onnx_pool("MaxPool", axes=1),
    ),
    _case(
        "avg_pool1d",
        r"y_u = \frac{1}{k} \sum_i x_{su+i-p}",
        _avg_pool1d_instances,
        _pool1d(_mean_of),
        lambda: _onnx_pool("AveragePool", axes=1),
    ),
]
