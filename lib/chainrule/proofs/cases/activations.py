"""The activations' cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_vector

SHAPES = [(2, 3), (4,), (2, 1, 3), (), (0, 3)]
KINK = 0.01


def _away_from_zero(x: Array) -> Array:
    # A finite difference across the kink at 0 would measure neither of the two slopes.
    return x + np.copysign(KINK, x)


def _elementwise_instances(rng: np.random.Generator) -> list[Instance]:
    return [Instance((_away_from_zero(np.asarray(rng.standard_normal(s))),)) for s in SHAPES]


def _softmax_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)),)),
        Instance((draw((3, 2)),), {"axis": 0}),
        Instance((draw((2, 3, 4)),), {"axis": 1}),
        Instance((draw(4),)),
        Instance((draw((2, 1)),)),
        Instance((draw((0, 3)),)),
    ]


def _each(formula: Callable[[Any], Any]) -> Callable[[Array], Array]:
    return lambda x: np.frompyfunc(formula, 1, 1)(np.asarray(x))


def _softmax(x: Array) -> Any:
    return [[sp.exp(z) / sum(sp.exp(other) for other in row) for z in row] for row in x]


def _log_softmax(x: Array) -> Any:
    return [[sp.log(p) for p in row] for row in _softmax(x)]


def _onnx(module: str, names: list[str]) -> Callable[[], list[Vector]]:
    def vectors() -> list[Vector]:
        made = []
        for name in names:
            attributes, (x,), y = onnx_vector(module, name)
            made.append(Vector(f"ONNX {name}", Instance((x,), attributes), y))
        return made

    return vectors


def _softmax_tests(name: str) -> list[str]:
    variants = ("default_axis", "negative_axis", "axis_0", "axis_1", "axis_2", "large_number")
    return [f"test_{name}_{variant}" for variant in variants]


CASES = [
    Case(
        name="relu",
        formula=r"y = \max(x, 0)",
        chapter="backpropagation",
        arguments=("x",),
        instances=_elementwise_instances,
        definition=_each(lambda x: sp.Piecewise((x, x > 0), (0, True))),
        vectors=_onnx("relu", ["test_relu"]),
    ),
    Case(
        name="sigmoid",
        formula=r"y = \frac{1}{1 + e^{-x}}",
        chapter="activations",
        arguments=("x",),
        instances=_elementwise_instances,
        definition=_each(lambda x: 1 / (1 + sp.exp(-x))),
        vectors=_onnx("sigmoid", ["test_sigmoid", "test_sigmoid_example"]),
    ),
    Case(
        name="tanh",
        formula=r"y = \frac{e^x - e^{-x}}{e^x + e^{-x}}",
        chapter="activations",
        arguments=("x",),
        instances=_elementwise_instances,
        definition=_each(lambda x: (sp.exp(x) - sp.exp(-x)) / (sp.exp(x) + sp.exp(-x))),
        vectors=_onnx("tanh", ["test_tanh", "test_tanh_example"]),
    ),
    Case(
        name="softmax",
        formula=r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
        chapter="activations",
        arguments=("x",),
        instances=_softmax_instances,
        definition=_softmax,
        vectors=_onnx("softmax", _softmax_tests("softmax")),
    ),
    Case(
        name="log_softmax",
        formula=r"y_i = x_i - \log \sum_j e^{x_j}",
        chapter="losses",
        arguments=("x",),
        instances=_softmax_instances,
        definition=_log_softmax,
        vectors=_onnx("logsoftmax", _softmax_tests("logsoftmax")),
    ),
]
