"""The cases of the recurrent networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from chainrule.autograd import Tensor
from chainrule.functional.contract import Array
from chainrule.nn import functional as F
from chainrule.proofs.case import Case, Instance, Vector
from chainrule.proofs.vectors import onnx_call, onnx_model_vector, onnx_tests

CHAPTER = "recurrence"
VECTOR_SEED = 0
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def _draw(kind: str, rng: np.random.Generator, B: int, T: int, d: int, H: int) -> tuple[Array, ...]:
    G = GATES[kind] * H
    states = [(B, H)] * (2 if kind == "lstm" else 1)
    shapes = [(B, T, d), *states, (G, d), (G, H), (G,), (G,)]
    return tuple(rng.standard_normal(shape) for shape in shapes)


def _instances(kind: str) -> Callable[[np.random.Generator], list[Instance]]:
    def instances(rng: np.random.Generator) -> list[Instance]:
        lengths = np.array([[4], [2], [0]])
        return [
            Instance(_draw(kind, rng, 2, 2, 1, 1)),
            Instance(_draw(kind, rng, 3, 4, 2, 3)),
            Instance(_draw(kind, rng, 3, 4, 2, 2), {"mask": np.arange(4) < lengths}),
            Instance(_draw(kind, rng, 2, 4, 2, 2), {"mask": rng.random((2, 4)) < 0.5}),
            Instance(_draw(kind, rng, 1, 1, 1, 2)),
            Instance(_draw(kind, rng, 0, 3, 2, 2)),
        ]

    return instances


# What SymPy derives from: one unit, hence every weight a number, and one sequence at a time.


def _sigma(a: Any) -> Any:
    return 1 / (1 + sp.exp(-a))


def _rnn(x: Array, h0: Array, W: Array, U: Array, b: Array, c: Array) -> Any:
    y = []
    for sequence, (h,) in zip(x, h0, strict=True):
        states = []
        for (entry,) in sequence:
            h = sp.tanh(W[0, 0] * entry + b[0] + U[0, 0] * h + c[0])
            states.append([h])
        y.append(states)
    return y


def _lstm(x: Array, h0: Array, c0: Array, W: Array, U: Array, b: Array, c: Array) -> Any:
    y = []
    for sequence, (h,), (cell,) in zip(x, h0, c0, strict=True):
        states = []
        for (entry,) in sequence:
            i, f, g, o = (W[k, 0] * entry + b[k] + U[k, 0] * h + c[k] for k in range(4))
            cell = _sigma(f) * cell + _sigma(i) * sp.tanh(g)
            h = _sigma(o) * sp.tanh(cell)
            states.append([h, cell])
        y.append(states)
    return y


def _gru(x: Array, h0: Array, W: Array, U: Array, b: Array, c: Array) -> Any:
    y = []
    for sequence, (h,) in zip(x, h0, strict=True):
        states = []
        for (entry,) in sequence:
            a = [W[k, 0] * entry + b[k] for k in range(3)]
            u = [U[k, 0] * h + c[k] for k in range(3)]
            r, z = _sigma(a[0] + u[0]), _sigma(a[1] + u[1])
            h = (1 - z) * sp.tanh(a[2] + r * u[2]) + z * h
            states.append([h])
        y.append(states)
    return y


# What the engine pulls back: every time and every gate an operation of its own.


def _gate(
    k: int, x: Tensor, h: Tensor, W: Tensor, U: Tensor, b: Tensor, c: Tensor
) -> tuple[Tensor, Tensor]:
    rows = slice(k * h.shape[1], (k + 1) * h.shape[1])
    return x @ W[rows].T + b[rows], h @ U[rows].T + c[rows]


def _over_time(
    step: Callable[..., tuple[Tensor, ...]], x: Tensor, states: tuple[Tensor, ...], mask: Any
) -> Tensor:
    y = []
    for t in range(x.shape[1]):
        new = step(x[:, t], *states)
        if mask is not None:
            there = mask[:, t : t + 1].astype(float)
            new = tuple(there * n + (1 - there) * old for n, old in zip(new, states, strict=True))
        states = new
        together = F.concatenate(*states, axis=1)
        y.append(together.reshape(len(x), 1, together.shape[1]))
    return F.concatenate(*y, axis=1)


def _rnn_graph(x: Tensor, h0: Tensor, *weights: Tensor, mask: Any = None) -> Tensor:
    def step(x: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        a, u = _gate(0, x, h, *weights)
        return (F.tanh(a + u),)

    return _over_time(step, x, (h0,), mask)


def _lstm_graph(x: Tensor, h0: Tensor, c0: Tensor, *weights: Tensor, mask: Any = None) -> Tensor:
    def step(x: Tensor, h: Tensor, cell: Tensor) -> tuple[Tensor, ...]:
        i, f, g, o = (F.add(*_gate(k, x, h, *weights)) for k in range(4))
        cell = F.sigmoid(f) * cell + F.sigmoid(i) * F.tanh(g)
        return F.sigmoid(o) * F.tanh(cell), cell

    return _over_time(step, x, (h0, c0), mask)


def _gru_graph(x: Tensor, h0: Tensor, *weights: Tensor, mask: Any = None) -> Tensor:
    def step(x: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        (a_r, u_r), (a_z, u_z), (a_n, u_n) = (_gate(k, x, h, *weights) for k in range(3))
        z = F.sigmoid(a_z + u_z)
        return ((1 - z) * F.tanh(a_n + F.sigmoid(a_r + u_r) * u_n) + z * h,)

    return _over_time(step, x, (h0,), mask)


# ONNX stores time first, one axis for the directions, and other orders of the gates: i, o, f, c
# and z, r, h.
FROM_ONNX = {"rnn": (0,), "lstm": (0, 2, 3, 1), "gru": (1, 0, 2)}
ONNX_OPERATOR = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}

# The weights of ONNX's own tests are constants (all but one test's), which no order of the gates
# changes, so its reference evaluator runs on random ones as well.


def _reorder(rows: Array, order: tuple[int, ...]) -> Array:
    return np.concatenate([np.split(rows, len(order))[k] for k in order])


def _final(H: int, example: Any = slice(None)) -> Callable[[Array], Array]:
    return lambda y: y[example, -1, :H]


def _onnx_tests(kind: str) -> list[Vector]:
    """Every direction of ONNX's own tests is one vector; of most they give the last state alone."""
    vectors = []
    for name in onnx_tests(ONNX_OPERATOR[kind]):
        attributes, inputs, outputs = onnx_call(ONNX_OPERATOR[kind], name)
        direction = attributes.get("direction", b"forward").decode()
        directions = ("forward", "reverse") if direction == "bidirectional" else (direction,)
        x = inputs["X"] if attributes.get("layout") else inputs["X"].swapaxes(0, 1)
        final = outputs["Y_h"] if attributes.get("layout") else outputs["Y_h"].swapaxes(0, 1)
        for k, direction in enumerate(directions):
            W, R = inputs["W"][k], inputs["R"][k]
            b = inputs["B"][k] if "B" in inputs else np.zeros(2 * len(W), np.float32)
            one_way = x if direction == "forward" else np.flip(x, 1)
            states = [np.zeros((len(x), R.shape[1]), np.float32)] * (2 if kind == "lstm" else 1)
            weights = [_reorder(w, FROM_ONNX[kind]) for w in (W, R, *np.split(b, 2))]
            vectors.append(
                Vector(
                    f"ONNX {name}, {direction}",
                    Instance((one_way, *states, *weights)),
                    final[:, k],
                    part=_final(R.shape[1]),
                )
            )
    return vectors


def _onnx_random(kind: str) -> list[Vector]:
    """Random weights and initial states, through ONNX's reference evaluator."""
    rng = np.random.default_rng(VECTOR_SEED)
    B, T, d, H = 3, 5, 4, 2
    x, *states, W, U, b, c = _draw(kind, rng, B, T, d, H)
    to_onnx = tuple(np.argsort(FROM_ONNX[kind]))
    inputs = {"X": x.swapaxes(0, 1), "W": _reorder(W, to_onnx)[np.newaxis]}
    inputs |= {"R": _reorder(U, to_onnx)[np.newaxis]}
    inputs |= {"B": np.concatenate([_reorder(b, to_onnx), _reorder(c, to_onnx)])[np.newaxis]}
    inputs |= {f"initial_{n}": s[np.newaxis] for n, s in zip("hc", states, strict=False)}
    names = ["X", "W", "R", "B", "", *(f"initial_{n}" for n in "hc"[: len(states)])]
    outputs = ["Y", "Y_h", "Y_c"][: 1 + len(states)]
    attributes = {"hidden_size": H} | ({"linear_before_reset": 1} if kind == "gru" else {})
    nodes = [(ONNX_OPERATOR[kind], names, outputs, attributes)]
    instance = Instance((x, *states, W, U, b, c))
    parts: dict[str, Callable[[Array], Array]] = {
        "Y": lambda y: y[..., :H].swapaxes(0, 1)[:, np.newaxis],
        "Y_c": lambda y: y[np.newaxis, :, -1, H:],
    }
    vectors = []
    for output in ("Y", "Y_c") if kind == "lstm" else ("Y",):
        name = f"{ONNX_OPERATOR[kind]} with random weights, {output}"
        made = onnx_model_vector(name, nodes, inputs, output, instance)
        vectors.append(Vector(made.source, made.instance, made.value, part=parts[output]))
    # A mask must do what shorter sequences do, each run on its own.
    mask = np.arange(T) < np.array([[5], [3], [1]])
    for example, length in enumerate(mask.sum(1)):
        alone = {n: a[:, example : example + 1] if n[0] in "Xi" else a for n, a in inputs.items()}
        alone["X"] = alone["X"][:length]
        name = f"{ONNX_OPERATOR[kind]} with random weights, length {length}"
        made = onnx_model_vector(name, nodes, alone, "Y_h", instance)
        vectors.append(
            Vector(
                made.source,
                Instance(instance.args, {"mask": mask}),
                made.value[0, 0],
                part=_final(H, example),
            )
        )
    return vectors


def _case(kind: str, formula: str, definition: Any, composed: Any) -> Case:
    return Case(
        name=kind,
        formula=formula,
        chapter=CHAPTER,
        arguments=("x", "h0", *(["c0"] if kind == "lstm" else []), "W_ih", "W_hh", "b_ih", "b_hh"),
        instances=_instances(kind),
        definition=definition,
        vectors=lambda: _onnx_tests(kind) + _onnx_random(kind),
        shared=frozenset({"W_ih", "W_hh", "b_ih", "b_hh"}),
        composed=composed,
    )


CASES = [
    _case(
        "rnn",
        r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
        _rnn,
        _rnn_graph,
    ),
    _case(
        "lstm",
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad h_t = o_t \odot \tanh c_t",
        _lstm,
        _lstm_graph,
    ),
    _case(
        "gru",
        r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
        _gru,
        _gru_graph,
    ),
]
