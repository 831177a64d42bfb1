"""The cases of the arithmetic entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_tests, onnx_vector, onnx_vectors

CHAPTER = "automatic-differentiation"
PAIRS = [((2, 3), (3,)), ((4,), (4,)), ((2, 1), (1, 3)), ((), (2, 2)), ((0, 3), (3,)), ((), ())]
SHAPES = [(2, 3), (4,), (2, 1, 3), (), (0, 3)]
LEAST = 0.2  # numerators and denominators keep this distance from 0, where 1/b has no derivative


def _pairs(rng: np.random.Generator) -> list[Instance]:
    return [Instance((_away_from_zero(rng, a), _away_from_zero(rng, b))) for a, b in PAIRS]


def _signed(rng: np.random.Generator) -> list[Instance]:
    return [Instance((_away_from_zero(rng, shape),)) for shape in SHAPES]


def _positive(rng: np.random.Generator) -> list[Instance]:
    return [Instance((np.abs(_away_from_zero(rng, shape)),)) for shape in SHAPES]


def _away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    x = np.asarray(rng.standard_normal(shape))
    return x + np.copysign(LEAST, x)


def _powers(rng: np.random.Generator) -> list[Instance]:
    exponents = [3, 2.5, -1, 0, 1]
    drawn = [instance.args for instance in _positive(rng)]
    negative = [Instance((-x,), {"exponent": 2}) for (x,) in drawn[1:]]
    powers = [Instance(x, {"exponent": p}) for x, p in zip(drawn, exponents, strict=True)]
    return [*powers, *negative]


def _binary(formula: Callable[[Any, Any], Any]) -> Callable[[Array, Array], Any]:
    # b, of one axis, is added to (or …) every row of a.
    return lambda a, b: [[formula(x, y) for x, y in zip(row, b, strict=True)] for row in a]


def _unary(formula: Callable[[Any], Any]) -> Callable[[Array], Any]:
    return lambda x: [[formula(entry) for entry in row] for row in x]


def _onnx_arrays(_: dict[str, Any], *arrays: Array) -> Instance:
    return Instance(arrays)


def _onnx_reciprocal(_: dict[str, Any], x: Array) -> Instance:
    return Instance((np.ones((), x.dtype), x))


def _onnx_pow() -> list[Vector]:
    """ONNX has an array of exponents, each of which is a call of ours."""
    vectors = []
    for name in onnx_tests("Pow"):
        _, (x, exponents), y = onnx_vector("Pow", name)
        columns = [-1, exponents.size]  # the entries that share an exponent
        for x_k, exponent, y_k in zip(
            x.reshape(columns).T, exponents.flat, y.reshape(columns).T, strict=True
        ):
            vectors.append(Vector(f"ONNX {name}", _power(x_k, exponent), y_k))
    return vectors


def _power(x: Array, exponent: Any) -> Instance:
    return Instance((x,), {"exponent": exponent.item()})


def _binary_case(
    name: str,
    sign: str,
    formula: Callable[[Any, Any], Any],
    vectors: Callable[[], list[Vector]] = list,
) -> Case:
    return Case(
        name=name,
        formula=sign,
        chapter=CHAPTER,
        arguments=("a", "b"),
        instances=_pairs,
        definition=_binary(formula),
        vectors=lambda: onnx_vectors(name.capitalize(), _onnx_arrays) + vectors(),
        shared=frozenset({"b"}),
    )


def _unary_case(
    name: str,
    formula: str,
    definition: Callable[[Any], Any],
    instances: Callable[[np.random.Generator], list[Instance]] = _signed,
) -> Case:
    return Case(
        name=name,
        formula=formula,
        chapter=CHAPTER,
        arguments=("x",),
        instances=instances,
        definition=_unary(definition),
        vectors=lambda: onnx_vectors(name.capitalize(), _onnx_arrays),
    )


CASES = [
    _binary_case("add", "y = a + b", lambda a, b: a + b),
    _binary_case("sub", "y = a - b", lambda a, b: a - b),
    _binary_case("mul", "y = a b", lambda a, b: a * b),
    _binary_case(
        "div",
        r"y = \frac{a}{b}",
        lambda a, b: a / b,
        vectors=lambda: onnx_vectors("Reciprocal", _onnx_reciprocal),
    ),
    _unary_case("neg", "y = -x", lambda x: -x),
    _unary_case("exp", "y = e^x", sp.exp),
    _unary_case("log", r"y = \log x", sp.log, _positive),
    _unary_case("sqrt", r"y = \sqrt{x}", sp.sqrt, _positive),
    Case(
        name="abs",
        formula="y = |x|",
        chapter="regularization",
        arguments=("x",),
        instances=_signed,
        definition=_unary(sp.Abs),
        vectors=lambda: onnx_vectors("Abs", _onnx_arrays),
    ),
    Case(
        name="pow",
        formula="y = x^p",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_powers,
        definition=lambda x, exponent: [[sp.Mul(*[a] * exponent) for a in row] for row in x],
        vectors=_onnx_pow,
    ),
]
