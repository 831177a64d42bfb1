"""What the library computes for the interactive figures: the truth their arithmetic is held to.

Each vector is one call of a function in `assets/figures/arithmetic/`: its name, its arguments and
the library's result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import functional as F
from chainrule import nn
from chainrule.autograd import Tensor, lift
from chainrule.data import moons
from chainrule.functional.contract import Array, Pullback
from chainrule.models import MLP
from chainrule.optim import SGD, Adam, Optimizer, RMSprop

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


ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid}


def layers(model: MLP, attribute: str) -> list[dict[str, Any]]:
    """The weights and biases of the layers of `model`, or their gradients."""
    linear = [module for module in model if isinstance(module, nn.Linear)]
    return [
        {
            "W": plain(getattr(layer.weight, attribute)).copy(),
            "b": plain(getattr(layer.bias, attribute)).copy(),
        }
        for layer in linear
    ]


def playground(rng: np.random.Generator) -> list[Vector]:
    vectors = []
    X, t = moons(12, rng=rng)
    X, t = X.astype(np.float64), t.astype(np.float64)
    for name, activation in ACTIVATIONS.items():
        for hidden in ([3], [4, 2]):
            model = MLP([2, *hidden, 1], activation=activation, rng=rng, dtype=np.float64)
            optimizer = Adam(model.parameters(), lr=0.05)
            start = layers(model, "data")
            outputs, a = [], Tensor(X[:1])
            for module in model:
                a = module(a)
                if isinstance(module, nn.Linear):
                    outputs.append(a.data[0])
                else:
                    outputs[-1] = a.data[0]
            vectors.append(vector("playground.forward", [start, name, X[0].tolist()], outputs))
            history = []
            for _ in range(25):
                model.zero_grad()
                z = model(Tensor(X)).reshape(-1)
                loss = lift(F.binary_cross_entropy_with_logits)(z, t)
                loss.backward()
                found = layers(model, "grad")
                flat = [np.concatenate([np.ravel(g["W"]), g["b"]]) for g in found]
                norms = [np.linalg.norm(each) for each in flat]
                if not history:
                    given = [start, name, X.tolist(), t.tolist()]
                    expected = {"loss": loss.data, "gradients": found}
                    vectors.append(vector("playground.gradients", given, expected))
                    vectors.append(vector("playground.norms", [found], norms))
                history.append({"loss": loss.item(), "norms": norms})
                optimizer.step()
            given = [{"network": start}, name, X.tolist(), t.tolist(), 0.05, 25]
            expected = {"network": layers(model, "data"), "history": history}
            vectors.append(vector("playground.train", given, expected))
    return vectors


def valley(u: Tensor, v: Tensor) -> Tensor:
    return 0.5 * u * u + 10.0 * v * v


def rosenbrock(u: Tensor, v: Tensor) -> Tensor:
    return (1.0 - u) * (1.0 - u) + 10.0 * (v - u * u) * (v - u * u)


def saddle(u: Tensor, v: Tensor) -> Tensor:
    return 0.5 * u * u + 0.25 * (v * v - 1.0) * (v * v - 1.0)


SURFACES = {"valley": valley, "rosenbrock": rosenbrock, "saddle": saddle}
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": lambda parameters, lr: SGD(parameters, lr, momentum=0.9),
    "rmsprop": RMSprop,
    "adam": Adam,
}


def optimizers(rng: np.random.Generator) -> list[Vector]:
    vectors = []
    for name, surface in SURFACES.items():
        start = rng.uniform(-1.5, 1.5, 2).tolist()
        for optimizer, make in OPTIMIZERS.items():
            point = [Tensor(np.array(each), requires_grad=True) for each in start]
            method, visited = make(point, 0.02), [start]
            for step in range(30):
                method.zero_grad()
                height = surface(*point)
                height.backward()
                if step == 0 and optimizer == "sgd":
                    slopes = [each.grad for each in point]
                    vectors.append(vector("optimizers.height", [name, start], height.data))
                    vectors.append(vector("optimizers.gradient", [name, start], slopes))
                method.step()
                visited.append([each.item() for each in point])
            given = [optimizer, name, start, 0.02, 30]
            vectors.append(vector("optimizers.race", given, visited))
    return vectors


def convolution(rng: np.random.Generator) -> list[Vector]:
    vectors = []
    for stride, padding, k in [(1, 0, 3), (1, 1, 3), (2, 1, 3), (2, 0, 2)]:
        image, kernel = rng.standard_normal((8, 7)), rng.standard_normal((k, k))
        output, _ = F.conv2d(
            image[None, None], kernel[None, None], np.zeros(1), stride=stride, padding=padding
        )
        given = [image.tolist(), kernel.tolist(), stride, padding]
        vectors.append(vector("convolution.conv2d", given, output[0, 0]))
        # A kernel with a single 1 copies one pixel of each window: all of them are the windows.
        shifts = np.eye(k * k).reshape(k * k, 1, k, k)
        windows, _ = F.conv2d(
            image[None, None], shifts, np.zeros(k * k), stride=stride, padding=padding
        )
        found = windows[0, :, 2, 1].reshape(k, k) * kernel
        vectors.append(vector("convolution.products", [*given, 2, 1], found))
        one = np.ones((1, 1, 1, 1))
        bordered, _ = F.conv2d(image[None, None], one, np.zeros(1), padding=padding)
        vectors.append(vector("convolution.padded", [image.tolist(), padding], bordered[0, 0]))
    return vectors


FIGURES: dict[str, Callable[[np.random.Generator], list[Vector]]] = {
    "convolution": convolution,
    "graph": graph,
    "neuron": neuron,
    "optimizers": optimizers,
    "playground": playground,
}


def all_vectors() -> list[Vector]:
    return [each for make in FIGURES.values() for each in make(np.random.default_rng(SEED))]
