"""The cases of the operations on whole arrays."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import (
    onnx_call,
    onnx_model_vector,
    onnx_tests,
    onnx_vector,
    onnx_vectors,
)

CHAPTER = "automatic-differentiation"


def _matmul_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    shapes = [
        ((2, 2, 3), (3, 2)),
        ((2, 3), (3, 4)),
        ((2, 2, 3), (2, 3, 2)),
        ((2, 1, 2, 3), (3, 3, 1)),
        ((0, 2, 3), (3, 2)),
    ]
    return [Instance((draw(a), draw(b))) for a, b in shapes]


def _matmul(a: Array, b: Array) -> Any:
    inner, columns = b.shape
    return [
        [[_add(row[k] * b[k, j] for k in range(inner)) for j in range(columns)] for row in matrix]
        for matrix in a
    ]


def _reduction_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)),), {"axis": 1}),
        Instance((draw((2, 3)),)),
        Instance((draw((2, 3, 2)),), {"axis": (0, -1)}),
        Instance((draw((2, 3)),), {"axis": 0, "keepdims": True}),
        Instance((np.asarray(draw()),)),
    ]


def _sum(x: Array, axis: int) -> Any:
    return [_add(row) for row in x]


def _mean(x: Array, axis: int) -> Any:
    return [_add(row) / sp.Integer(len(row)) for row in x]


def _logsumexp(x: Array, axis: int) -> Any:
    return [sp.log(_add(sp.exp(a) for a in row)) for row in x]


def _reshape_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 6)),), {"shape": (-1, 2, 3)}),
        Instance((draw((2, 3)),), {"shape": (6,)}),
        Instance((draw((1,)),), {"shape": ()}),
        Instance((draw((2, 3, 4)),), {"shape": (4, -1)}),
        Instance((draw((0, 6)),), {"shape": (0, 2, 3)}),
    ]


def _reshape(x: Array, shape: tuple[int, ...]) -> Any:
    return [[[row[0], row[1], row[2]], [row[3], row[4], row[5]]] for row in x]


def _transpose_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 2, 3)),), {"axes": (0, 2, 1)}),
        Instance((draw((2, 3)),)),
        Instance((draw((2, 3, 4)),), {"axes": (1, -1, 0)}),
        Instance((draw((0, 3)),)),
        Instance((np.asarray(draw()),)),
    ]


def _transpose(x: Array, axes: tuple[int, ...]) -> Any:
    return [
        [[matrix[i, j] for i in range(matrix.shape[0])] for j in range(matrix.shape[1])]
        for matrix in x
    ]


def _index_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)),), {"key": (slice(None), np.array([2, 0, 2]))}),
        Instance((draw((4, 3)),), {"key": (np.array([1, 1, 3]), np.array([0, 0, 2]))}),
        Instance((draw((4, 3)),), {"key": -1}),
        Instance((draw((5,)),), {"key": slice(None, None, -2)}),
        Instance((draw((2, 3)),), {"key": (1, 2)}),
        Instance((draw((2, 3, 4)),), {"key": (..., np.array([True, False, True, True]))}),
    ]


def _index(x: Array, key: Any) -> Any:
    return [[row[2], row[0], row[2]] for row in x]


def _concatenate_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)), draw((2, 1))), {"axis": 1}),
        Instance((draw((2, 3)), draw((1, 3)))),
        Instance((draw((2, 2, 1)), draw((2, 2, 3))), {"axis": -1}),
        Instance((draw((0, 3)), draw((2, 3)))),
    ]


def _concatenate(a: Array, b: Array, axis: int) -> Any:
    return [[*first, *second] for first, second in zip(a, b, strict=True)]


def _stack_instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)), draw((2, 3))), {"axis": 1}),
        Instance((draw((2, 3)), draw((2, 3)))),
        Instance((draw((2, 1, 3)), draw((2, 1, 3))), {"axis": -1}),
        Instance((draw(()), draw(()))),
        Instance((draw((0, 3)), draw((0, 3))), {"axis": 2}),
    ]


def _stack(a: Array, b: Array, axis: int) -> Any:
    return [[list(first), list(second)] for first, second in zip(a, b, strict=True)]


def _add(terms: Any) -> Any:
    return sp.Add(*terms)


def _onnx_matmul() -> list[Vector]:
    vectors = []
    for name in onnx_tests("MatMul"):
        _, (a, b), y = onnx_vector("MatMul", name)
        # Ours takes matrices: a vector is one with a single row or column.
        a, b = (a[np.newaxis] if a.ndim == 1 else a), (b[:, np.newaxis] if b.ndim == 1 else b)
        part = functools.partial(np.reshape, shape=y.shape)
        vectors.append(Vector(f"ONNX {name}", Instance((a, b)), y, part=part))
    return vectors


def _onnx_reduction(attributes: dict[str, Any], x: Array, *axes: Array) -> Instance:
    axis = tuple(int(i) for i in axes[0]) if axes else ()
    stated = axis or attributes.get("noop_with_empty_axes")
    keepdims = bool(attributes.get("keepdims", 1))
    return Instance((x,), {"axis": axis if stated else None, "keepdims": keepdims})


def _onnx_of_several(_: dict[str, Any], *arrays: Array) -> Instance:
    """Call the sum or mean of several arrays that of one, in which they are stacked."""
    return Instance((np.stack(arrays),), {"axis": 0})


def _onnx_reshape() -> list[Vector]:
    vectors = []
    for name in onnx_tests("Reshape"):
        attributes, (x, shape), y = onnx_vector("Reshape", name)
        sizes = [int(n) for n in shape]
        if not attributes.get("allowzero"):  # then 0 stands for the size that there was
            sizes = [n or x.shape[i] for i, n in enumerate(sizes)]
        vectors.append(Vector(f"ONNX {name}", Instance((x,), {"shape": tuple(sizes)}), y))
    for operator in ("Flatten", "Squeeze", "Unsqueeze"):
        for name in onnx_tests(operator):
            _, (x, *_), y = onnx_vector(operator, name)
            vectors.append(Vector(f"ONNX {name}", Instance((x,), {"shape": y.shape}), y))
    return vectors


def _onnx_transpose(attributes: dict[str, Any], x: Array) -> Instance:
    return Instance((x,), {"axes": tuple(attributes["perm"])} if "perm" in attributes else {})


def _onnx_index() -> list[Vector]:
    """The operators that take entries out of an array."""
    vectors = []
    for operator, keys in {
        "Gather": _keys_of_gather,
        "GatherElements": _keys_of_gather_elements,
        "GatherND": _keys_of_gather_nd,
        "Compress": _keys_of_compress,
        "Slice": _keys_of_slice,
        "Split": _keys_of_split,
    }.items():
        for name in onnx_tests(operator):
            attributes, inputs, outputs = onnx_call(operator, name)
            x, *others = inputs.values()
            if operator == "Compress" and "axis" not in attributes:
                x = x.reshape(-1)
            made = keys(x, others, attributes.get("axis", 0), list(outputs.values()))
            for key, y in zip(made, outputs.values(), strict=True):
                vectors.append(Vector(f"ONNX {name}", Instance((x,), {"key": key}), y))
    return vectors


def _along(axis: int, key: Any, x: Array) -> tuple[Any, ...]:
    return (slice(None),) * (axis % x.ndim) + (key,)


def _keys_of_gather(x: Array, others: list[Array], axis: int, outputs: list[Array]) -> list[Any]:
    return [_along(axis, others[0], x)]


def _keys_of_gather_elements(
    x: Array, others: list[Array], axis: int, outputs: list[Array]
) -> list[Any]:
    places = tuple(np.indices(others[0].shape))
    return [(*places[:axis], others[0], *places[axis + 1 :])]


def _keys_of_gather_nd(x: Array, others: list[Array], axis: int, outputs: list[Array]) -> list[Any]:
    return [tuple(np.moveaxis(others[0], -1, 0))]


def _keys_of_compress(x: Array, others: list[Array], axis: int, outputs: list[Array]) -> list[Any]:
    return [_along(axis, np.flatnonzero(others[0]), x)]


def _keys_of_slice(x: Array, others: list[Array], axis: int, outputs: list[Array]) -> list[Any]:
    starts, ends, *rest = others
    axes = rest[0] if rest else np.arange(len(starts))
    steps = rest[1] if len(rest) > 1 else np.ones_like(starts)
    key = [slice(None)] * x.ndim
    for k, start, end, step in zip(axes, starts, ends, steps, strict=True):
        key[k] = slice(int(start), int(end), int(step))
    return [tuple(key)]


def _keys_of_split(x: Array, others: list[Array], axis: int, outputs: list[Array]) -> list[Any]:
    ends = np.cumsum([y.shape[axis] for y in outputs])
    return [
        _along(axis, slice(int(end) - y.shape[axis], int(end)), x)
        for end, y in zip(ends, outputs, strict=True)
    ]


def _onnx_concatenate(attributes: dict[str, Any], *arrays: Array) -> Instance:
    return Instance(arrays, {"axis": attributes["axis"]})


def _onnx_stack() -> list[Vector]:
    """ONNX stacks the entries of a sequence, which it has no test of."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 2, 3)).astype(np.float32)
    vectors = []
    for axis in (0, 1, -1):
        options = {"axis": axis, "new_axis": 1}
        nodes = [
            ("SequenceConstruct", ["a", "b"], ["s"], {}),
            ("ConcatFromSequence", ["s"], ["y"], options),
        ]
        instance = Instance((a, b), {"axis": axis})
        named = {"a": a, "b": b}
        vectors.append(onnx_model_vector(f"stack along {axis}", nodes, named, "y", instance))
    return vectors


CASES = [
    Case(
        name="matmul",
        formula=r"y_{ij} = \sum_k a_{ik} b_{kj}",
        chapter=CHAPTER,
        arguments=("a", "b"),
        instances=_matmul_instances,
        definition=_matmul,
        vectors=_onnx_matmul,
        shared=frozenset({"b"}),
    ),
    Case(
        name="sum",
        formula=r"y = \sum_i x_i",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_reduction_instances,
        definition=_sum,
        vectors=lambda: (
            onnx_vectors("ReduceSum", _onnx_reduction) + onnx_vectors("Sum", _onnx_of_several)
        ),
    ),
    Case(
        name="mean",
        formula=r"y = \frac{1}{n} \sum_i x_i",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_reduction_instances,
        definition=_mean,
        vectors=lambda: (
            onnx_vectors("ReduceMean", _onnx_reduction) + onnx_vectors("Mean", _onnx_of_several)
        ),
    ),
    Case(
        name="logsumexp",
        formula=r"y = \log \sum_i e^{x_i}",
        chapter="losses",
        arguments=("x",),
        instances=_reduction_instances,
        definition=_logsumexp,
        vectors=lambda: onnx_vectors("ReduceLogSumExp", _onnx_reduction),
    ),
    Case(
        name="reshape",
        formula=r"y = x \text{ in another shape}",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_reshape_instances,
        definition=_reshape,
        vectors=_onnx_reshape,
    ),
    Case(
        name="transpose",
        formula=r"y_{ji} = x_{ij}",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_transpose_instances,
        definition=_transpose,
        vectors=lambda: onnx_vectors("Transpose", _onnx_transpose),
    ),
    Case(
        name="index",
        formula=r"y_k = x_{i_k}",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_index_instances,
        definition=_index,
        vectors=_onnx_index,
    ),
    Case(
        name="concatenate",
        formula=r"y = (a, b)",
        chapter=CHAPTER,
        arguments=("arrays[0]", "arrays[1]"),
        instances=_concatenate_instances,
        definition=_concatenate,
        vectors=lambda: onnx_vectors("Concat", _onnx_concatenate),
    ),
    Case(
        name="stack",
        formula="y_{k i} = (a_k)_i",
        chapter=CHAPTER,
        arguments=("arrays[0]", "arrays[1]"),
        instances=_stack_instances,
        definition=_stack,
        vectors=_onnx_stack,
    ),
]
