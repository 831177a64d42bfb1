"""The activations' cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_model_vector, onnx_vector

SHAPES = [(2, 3), (4,), (2, 1, 3), (), (0, 3)]
KINK = 0.01
VECTOR_SEED = 0


def _away_from_zero(x: Array) -> Array:
    # A finite difference across the kink at 0 would measure neither of the two slopes.
    return x + np.copysign(KINK, x)


def _glu_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 4)),)),
        Instance((draw((4, 3)),), {"axis": 0}),
        Instance((draw(2),)),
        Instance((draw((0, 2)),)),
    ]


def _swiglu_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [Instance((np.asarray(draw(s)), np.asarray(draw(s)))) for s in SHAPES]


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


def _relu(x: Any) -> Any:
    return sp.Piecewise((x, x > 0), (0, True))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + sp.exp(-x))


def _tanh(x: Any) -> Any:
    return (sp.exp(x) - sp.exp(-x)) / (sp.exp(x) + sp.exp(-x))


def _softplus(x: Any) -> Any:
    return sp.log(1 + sp.exp(x))


def _softmax(x: Array) -> Any:
    return [[sp.exp(z) / sum(sp.exp(other) for other in row) for z in row] for row in x]


def _log_softmax(x: Array) -> Any:
    return [[sp.log(p) for p in row] for row in _softmax(x)]


def _onnx(
    module: str, names: list[str], renamed: dict[str, str | None] | None = None
) -> Callable[[], list[Vector]]:
    def vectors() -> list[Vector]:
        made = []
        for name in names:
            attributes, (x,), y = onnx_vector(module, name)
            options = {
                ours: value.decode() if isinstance(value, bytes) else value
                for key, value in attributes.items()
                if (ours := (renamed or {}).get(key, key)) is not None
            }
            made.append(Vector(f"ONNX {name}", Instance((x,), options), y))
        return made

    return vectors


def _onnx_model_glu() -> list[Vector]:
    x = np.random.default_rng(VECTOR_SEED).standard_normal((3, 8)).astype(np.float32)
    nodes: list[Any] = [
        ("Split", ["x"], ["a", "b"], {"axis": -1, "num_outputs": 2}),
        ("Sigmoid", ["b"], ["gate"], {}),
        ("Mul", ["a", "gate"], ["y"], {}),
    ]
    return [onnx_model_vector("Split, Sigmoid, Mul", nodes, {"x": x}, "y", Instance((x,)))]


def _onnx_model_swiglu() -> list[Vector]:
    gate, x = np.random.default_rng(VECTOR_SEED).standard_normal((2, 3, 4)).astype(np.float32)
    nodes: list[Any] = [
        ("Sigmoid", ["gate"], ["opened"], {}),
        ("Mul", ["gate", "opened"], ["silu"], {}),
        ("Mul", ["silu", "x"], ["y"], {}),
    ]
    inputs = {"gate": gate, "x": x}
    return [onnx_model_vector("Sigmoid, Mul, Mul", nodes, inputs, "y", Instance((gate, x)))]


def _onnx_pair(operator: str) -> Callable[[], list[Vector]]:
    return _onnx(operator, [f"test_{operator}", f"test_{operator}_example"])


def _smooth(
    name: str,
    formula: str,
    definition: Callable[..., Any],
    vectors: Callable[[], list[Vector]],
    chapter: str = "activations",
    **options: float,
) -> Case:
    """The case of a function that acts on one number at a time."""

    def instances(rng: np.random.Generator) -> list[Instance]:
        drawn = [np.asarray(rng.standard_normal(shape)) for shape in SHAPES]
        return [Instance((_away_from_zero(x),), options) for x in drawn]

    return Case(
        name=name,
        formula=formula,
        chapter=chapter,
        arguments=("x",),
        instances=instances,
        definition=lambda x, **given: [[definition(z, **given) for z in row] for row in x],
        vectors=vectors,
    )


def _softmax_tests(name: str) -> list[str]:
    variants = ("default_axis", "negative_axis", "axis_0", "axis_1", "axis_2", "large_number")
    return [f"test_{name}_{variant}" for variant in variants]


CASES = [
    _smooth("relu", r"y = \max(x, 0)", _relu, _onnx("relu", ["test_relu"]), "backpropagation"),
    _smooth("sigmoid", r"y = \frac{1}{1 + e^{-x}}", _sigmoid, _onnx_pair("sigmoid")),
    _smooth("tanh", r"y = \frac{e^x - e^{-x}}{e^x + e^{-x}}", _tanh, _onnx_pair("tanh")),
    _smooth(
        "leaky_relu",
        r"y = \max(x, 0) + a \min(x, 0)",
        lambda x, negative_slope: sp.Piecewise((x, x > 0), (negative_slope * x, True)),
        _onnx(
            "leakyrelu",
            ["test_leakyrelu", "test_leakyrelu_default", "test_leakyrelu_example"],
            {"alpha": "negative_slope"},
        ),
        negative_slope=0.25,
    ),
    _smooth(
        "elu",
        r"y = x \text{ if } x > 0, \text{ else } \alpha (e^x - 1)",
        lambda x, alpha: sp.Piecewise((x, x > 0), (alpha * (sp.exp(x) - 1), True)),
        _onnx("elu", ["test_elu", "test_elu_default", "test_elu_example"]),
        alpha=0.5,
    ),
    _smooth("softplus", r"y = \log(1 + e^x)", _softplus, _onnx_pair("softplus")),
    _smooth(
        "silu",
        r"y = x \sigma(x)",
        lambda x: x * _sigmoid(x),
        _onnx("swish", ["test_swish"], {"alpha": None}),
    ),
    _smooth(
        "gelu",
        r"y = x \Phi(x)",
        lambda x: x * (1 + sp.erf(x / sp.sqrt(2))) / 2,
        _onnx(
            "gelu",
            [f"test_gelu_{form}_{i}" for form in ("default", "tanh") for i in (1, 2)],
        ),
    ),
    Case(
        name="glu",
        formula=r"y = a \, \sigma(b), \quad x = (a, b)",
        chapter="activations",
        arguments=("x",),
        instances=_glu_instances,
        definition=lambda x: [
            [row[i] * _sigmoid(row[i + len(row) // 2]) for i in range(len(row) // 2)] for row in x
        ],
        vectors=_onnx_model_glu,
    ),
    Case(
        name="swiglu",
        formula=r"y = g \, \sigma(g) \, x",
        chapter="activations",
        arguments=("gate", "x"),
        instances=_swiglu_instances,
        definition=lambda gate, x: [
            [g * _sigmoid(g) * v for g, v in zip(*rows, strict=True)]
            for rows in zip(gate, x, strict=True)
        ],
        vectors=_onnx_model_swiglu,
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
