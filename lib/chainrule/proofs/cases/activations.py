"""The activations' cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_call, onnx_model_vector, onnx_tests, onnx_vectors

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
    operator: str, renamed: dict[str, str | None] | None = None
) -> Callable[[], list[Vector]]:
    def call(attributes: dict[str, Any], x: Array) -> Instance:
        options = {
            ours: value.decode() if isinstance(value, bytes) else value
            for key, value in attributes.items()
            if (ours := (renamed or {}).get(key, key)) is not None
        }
        return Instance((x,), options)

    return lambda: onnx_vectors(operator, call)


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
    random = onnx_model_vector("Sigmoid, Mul, Mul", nodes, inputs, "y", Instance((gate, x)))
    return [*onnx_vectors("SwiGLU", lambda _, *arrays: Instance(arrays)), random]


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


def _onnx_log_probabilities() -> list[Vector]:
    """What some tests of cross-entropy return as well."""
    vectors = []
    for name in onnx_tests("SoftmaxCrossEntropyLoss"):
        _, inputs, outputs = onnx_call("SoftmaxCrossEntropyLoss", name)
        if len(outputs) > 1:
            log_p = list(outputs.values())[1]
            call = Instance((next(iter(inputs.values())),), {"axis": 1})
            vectors.append(Vector(f"ONNX {name}", call, log_p))
    return vectors


CASES = [
    _smooth("relu", r"y = \max(x, 0)", _relu, _onnx("Relu"), "backpropagation"),
    _smooth("sigmoid", r"y = \frac{1}{1 + e^{-x}}", _sigmoid, _onnx("Sigmoid")),
    _smooth("tanh", r"y = \frac{e^x - e^{-x}}{e^x + e^{-x}}", _tanh, _onnx("Tanh")),
    _smooth(
        "leaky_relu",
        r"y = \max(x, 0) + a \min(x, 0)",
        lambda x, negative_slope: sp.Piecewise((x, x > 0), (negative_slope * x, True)),
        _onnx("LeakyRelu", {"alpha": "negative_slope"}),
        negative_slope=0.25,
    ),
    _smooth(
        "elu",
        r"y = x \text{ if } x > 0, \text{ else } \alpha (e^x - 1)",
        lambda x, alpha: sp.Piecewise((x, x > 0), (alpha * (sp.exp(x) - 1), True)),
        _onnx("Elu"),
        alpha=0.5,
    ),
    _smooth("softplus", r"y = \log(1 + e^x)", _softplus, _onnx("Softplus")),
    _smooth(
        "silu",
        r"y = x \sigma(x)",
        lambda x: x * _sigmoid(x),
        _onnx("Swish", {"alpha": None}),
    ),
    _smooth(
        "gelu",
        r"y = x \Phi(x)",
        lambda x: x * (1 + sp.erf(x / sp.sqrt(2))) / 2,
        _onnx("Gelu"),
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
        vectors=_onnx("Softmax"),
    ),
    Case(
        name="log_softmax",
        formula=r"y_i = x_i - \log \sum_j e^{x_j}",
        chapter="losses",
        arguments=("x",),
        instances=_softmax_instances,
        definition=_log_softmax,
        vectors=lambda: _onnx("LogSoftmax")() + _onnx_log_probabilities(),
    ),
]
