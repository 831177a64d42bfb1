"""The case of the rotary position embedding."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_model_vector

VECTOR_SEED = 0


def _instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 2, 4)),), {"base": 9.0}),
        Instance((draw((3, 4)),)),
        Instance((draw((2, 2, 3, 6)),), {"positions": np.array([[7, 8, 9], [0, 1, 2]])[:, None]}),
        Instance((draw((2, 1, 2)),), {"positions": np.array([5])}),
        Instance((draw((0, 3, 2)),)),
        Instance((draw((2, 0, 4)),)),
    ]


def _rotary_embedding(x: Array, base: float) -> Any:
    examples, T, d = x.shape
    y = np.empty(x.shape, dtype=object)
    for b, p, i in np.ndindex(examples, T, d // 2):
        # SymPy keeps cos(1/3) as it is; the code knows it to 16 digits, and so shall the proof.
        angle = p * float(base) ** (-2 * i / d)
        turn = sp.Matrix([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        y[b, p, 2 * i], y[b, p, 2 * i + 1] = turn * sp.Matrix(list(x[b, p, 2 * i : 2 * i + 2]))
    return y


# The tests that ONNX has of this operator cannot be used: their tables of cosines and sines hold
# random numbers, which are those of no angle. Its reference evaluator takes true ones.


def _onnx_rotary_embedding() -> list[Vector]:
    rng = np.random.default_rng(VECTOR_SEED)
    vectors = []
    for d, base in ((8, 10_000.0), (2, 10_000.0), (6, 500.0)):
        x = rng.standard_normal((2, 3, 7, d))
        positions = rng.integers(0, 50, (2, 7))
        angles = np.arange(50)[:, None] / base ** (np.arange(d // 2) / (d / 2))
        inputs = {"x": x, "cos": np.cos(angles), "sin": np.sin(angles), "positions": positions}
        node = ("RotaryEmbedding", list(inputs), ["y"], {"interleaved": 1})
        options = {"positions": positions[:, None], "base": base}
        vectors.append(
            onnx_model_vector("RotaryEmbedding", [node], inputs, "y", Instance((x,), options))
        )
    return vectors


CASES = [
    Case(
        name="rotary_embedding",
        formula=r"\begin{pmatrix} y_{2i} \\ y_{2i+1} \end{pmatrix} = "
        r"\begin{pmatrix} \cos p\theta_i & -\sin p\theta_i \\ \sin p\theta_i & \cos p\theta_i "
        r"\end{pmatrix} \begin{pmatrix} x_{2i} \\ x_{2i+1} \end{pmatrix}",
        chapter="transformers",
        arguments=("x",),
        instances=_instances,
        definition=_rotary_embedding,
        vectors=_onnx_rotary_embedding,
    )
]
