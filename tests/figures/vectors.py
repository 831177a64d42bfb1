"""What the library computes for the interactive figures: the truth their arithmetic is held to.

Each vector is one call of a function in `assets/figures/arithmetic/`: its name, its arguments and
the library's result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import functional as F
from chainrule.autograd import Tensor, lift
from chainrule.functional.contract import Array, Pullback

Vector = dict[str, Any]
SEED = 20240


def vector(function: str, arguments: list[Any], expected: Any) -> Vector:
    return {"function": function, "arguments": arguments, "expected": plain(expected)}


def plain(value: Any) -> Any:
    """`value` with lists and numbers for arrays, as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def neuron(rng: np.random.Generator) -> list[Vector]:
    vectors = []
    for name in ("sigmoid", "tanh", "relu", "silu"):
        for w, b, x in [(2.0, -1.0, 0.5), (0.0, 3.0, 1.0), *rng.uniform(-4, 4, (6, 3)).tolist()]:
            z, affine_pullback = F.affine(np.array([[x]]), np.array([[w]]), np.array([b]))
            a, pullback = getattr(F, name)(z)
            slope = affine_pullback(pullback(np.ones_like(a))[0])[0]
            vectors.append(vector("neuron.response", [name, w, b, x], a.item()))
            vectors.append(vector("neuron.responseSlope", [name, w, b, x], slope.item()))
    for w, b in rng.uniform(-4, 4, (4, 2)).tolist():
        z, pullback = F.affine(np.zeros((1, 1)), np.array([[w]]), np.array([b]))
        # One Newton step from 0 finds the zero of an affine function.
        x = -z / pullback(np.ones_like(z))[0]
        vectors.append(vector("neuron.threshold", [w, b], x.item()))
    return vectors


def square(x: Array) -> tuple[Array, Pullback]:
    return F.pow(x, exponent=2)


def neuron_graph(*middle: Any) -> list[Any]:
    return [("p", F.mul, "wx"), ("z", F.add, "pb"), middle, ("e", F.sub, "at"), ("L", square, "e")]


GRAPHS: dict[str, list[Any]] = {
    "worked": [("b", F.mul, "aa"), ("c", F.add, "ba"), ("d", F.mul, "bc")],
    "sigmoid": neuron_graph("a", F.sigmoid, "z"),
    "relu": neuron_graph("a", F.relu, "z"),
    "shared": neuron_graph("a", F.mul, "wz"),
}
"""Name, function and inputs of each node, in the order of computation."""


def engine_gradient(name: str, values: dict[str, Any], node: str) -> Any:
    """The result's gradient by the engine: what comes after `node` is computed anew from it."""
    leaf = Tensor(values[node], requires_grad=True)
    tensors = {key: Tensor(value) for key, value in values.items()} | {node: leaf}
    for made, function, inputs in GRAPHS[name]:
        if made != node:
            tensors[made] = lift(function)(*(tensors[each] for each in inputs))
    tensors[GRAPHS[name][-1][0]].backward()
    return leaf.grad


def graph(rng: np.random.Generator) -> list[Vector]:
    vectors = []
    for name, nodes in GRAPHS.items():
        for point in [(-1.0, 2.0, 0.5, 0.0), *rng.uniform(-2, 2, (4, 4)).tolist()]:
            leaves = dict(zip("a" if name == "worked" else "wxbt", point, strict=False))
            values = {key: np.array(value) for key, value in leaves.items()}
            pullbacks = {}
            for node, function, inputs in nodes:
                values[node], pullbacks[node] = function(*(values[each] for each in inputs))
            gradients = {node: engine_gradient(name, values, node) for node in values}
            messages = [
                {"from": node, "to": to, "slope": slope, "amount": amount}
                for node, _, inputs in reversed(nodes)
                for to, slope, amount in zip(
                    inputs,
                    pullbacks[node](np.array(1.0)),
                    pullbacks[node](gradients[node]),
                    strict=True,
                )
            ]
            vectors.append(vector("graph.values", [name, leaves], values))
            vectors.append(vector("graph.messages", [name, leaves], messages))
            vectors.append(vector("graph.gradients", [name, leaves], gradients))
            first = messages[0]
            early = {nodes[-1][0]: 1.0, first["to"]: first["amount"]}
            vectors.append(vector("graph.gradients", [name, leaves, 1], early))
    return vectors


FIGURES: dict[str, Callable[[np.random.Generator], list[Vector]]] = {
    "graph": graph,
    "neuron": neuron,
}


def all_vectors() -> list[Vector]:
    return [each for make in FIGURES.values() for each in make(np.random.default_rng(SEED))]
