"""The case of dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.proofs.case import Case, Instance
from chainrule.proofs.vectors import onnx_vectors


class _Repeated(np.random.Generator):
    """Gives the same draw each time: all witnesses must look at one function, one mask."""

    def __init__(self, draw: Callable[[Any], Array]) -> None:
        super().__init__(np.random.PCG64(0))
        self._draw = draw

    def random(self, size: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return self._draw(size)


def _seeded(seed: int) -> _Repeated:
    return _Repeated(lambda size: np.random.default_rng(seed).random(size))


def _instances(rng: np.random.Generator) -> list[Instance]:
    draw = rng.standard_normal
    return [
        Instance((draw((2, 3)),), {"p": 0.5, "rng": _seeded(1)}),
        Instance((draw((2, 3, 4)),), {"p": 0.2, "rng": _seeded(2)}),
        Instance((draw(5),), {"p": 0.7, "rng": _seeded(3)}),
        Instance((draw(5),), {"p": 0.0}),
        Instance((draw(5),), {"p": 1.0, "rng": _seeded(4)}),
        Instance((draw((2, 3)),), {"p": 0.5, "training": False}),
        Instance((draw((0, 3)),), {"p": 0.5, "rng": _seeded(5)}),
    ]


def _dropout(x: Array, p: float, rng: _Repeated) -> Array:
    y = np.empty(x.shape, object)
    u = rng.random(x.shape)
    for i in np.ndindex(x.shape):
        y[i] = x[i] / (1 - sp.Rational(str(p))) if u[i] >= p else sp.Integer(0)
    return y


def _composed_dropout(
    x: Tensor, *, p: float, rng: _Repeated | None = None, training: bool = True
) -> Tensor:
    if not training or rng is None:
        return x * 1.0
    if p == 1:
        return x * 0.0
    return x * np.asarray(rng.random(x.shape) >= p, x.dtype) / (1 - p)


def _onnx_dropout(attributes: dict[str, Any], x: Array, *given: Array) -> Instance:
    # Inputs after x: the ratio, then whether it trains. Before, the ratio was an attribute.
    p = float(given[0]) if given else attributes.get("ratio", 0.5)
    options: dict[str, Any] = {"p": p, "training": len(given) > 1 and bool(given[1])}
    if options["training"]:
        options["rng"] = _onnx_draw(attributes["seed"])
    return Instance((x,), options)


def _onnx_draw(seed: int) -> _Repeated:
    # ONNX draws from NumPy's older generator; an entry is kept where the number is at least p.
    return _Repeated(lambda size: np.random.RandomState(seed).uniform(0, 1, size))


CASES = [
    Case(
        name="dropout",
        formula=r"y_i = \frac{m_i x_i}{1 - p}, \quad m_i \sim \text{Bernoulli}(1 - p)",
        chapter="regularization",
        arguments=("x",),
        instances=_instances,
        definition=_dropout,
        vectors=lambda: onnx_vectors("Dropout", _onnx_dropout),
        composed=_composed_dropout,
    )
]
