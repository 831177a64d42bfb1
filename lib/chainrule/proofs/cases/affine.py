"""The affine layer's case."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance
from chainrule.proofs.vectors import onnx_vectors


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


def _onnx_gemm(attributes: dict[str, Any], A: Array, B: Array, *C: Array) -> Instance:
    # Gemm is α A B + β C, with A or B transposed if asked.
    x = np.float32(attributes.get("alpha", 1)) * (A.T if attributes.get("transA") else A)
    W = B if attributes.get("transB") else B.T
    b = np.zeros(len(W), np.float32)
    if C:
        b = np.float32(attributes.get("beta", 1)) * np.broadcast_to(C[0], (1, len(W)))[0]
    return Instance((x, W, b))


CASES = [
    Case(
        name="affine",
        formula=r"Y = X W^\top + b",
        chapter="affine-layers",
        arguments=("x", "W", "b"),
        instances=_instances,
        definition=_definition,
        vectors=lambda: onnx_vectors("Gemm", _onnx_gemm),
        shared=frozenset({"W", "b"}),
    )
]
