"""The affine layer's case."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_vector


def _instances(rng: np.random.Generator) -> list[Instance]:
    shapes = [(2,), (2, 4), (), (1,), (0,)]  # a batch, a batch of sequences, one example, one, none
    draw = rng.standard_normal
    return [Instance((draw((*batch, 3)), draw((2, 3)), draw(2))) for batch in shapes] + [
        Instance((draw((2, 1)), draw((1, 1)), draw(1)))
    ]


def _definition(x: Array, W: Array, b: Array) -> Any:
    (B, d_in), (d_out, _) = x.shape, W.shape
    return [
        [sum(x[i, k] * W[j, k] for k in range(d_in)) + b[j] for j in range(d_out)] for i in range(B)
    ]


def _vectors() -> list[Vector]:
    vectors = []
    for name in ("default_vector_bias", "transposeB"):
        attributes, (A, B, C), Y = onnx_vector("gemm", f"test_gemm_{name}")
        W = B if attributes.get("transB") else B.T
        b = np.broadcast_to(C, (1, len(W)))[0]
        vectors.append(Vector(f"ONNX test_gemm_{name}", Instance((A, W, b)), Y))
    return vectors


CASES = [
    Case(
        name="affine",
        formula=r"Y = X W^\top + b",
        chapter="affine-layers",
        arguments=("x", "W", "b"),
        instances=_instances,
        definition=_definition,
        vectors=_vectors,
        shared=frozenset({"W", "b"}),
    )
]
