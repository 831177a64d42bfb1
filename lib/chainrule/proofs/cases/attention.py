"""The cases of the look-ups: embedding, attention, and its heads."""

from __future__ import annotations

from collections.abc import Callable
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
)

CHAPTER = "attention"
VECTOR_SEED = 0


def _embedding_instances(rng: np.random.Generator) -> list[Instance]:
    tokens = [np.array([[0, 2, 0], [1, 2, 0]]), np.array([3, 0, 2, 1]), np.array(0)]
    tokens += [np.arange(6).reshape(2, 3, 1) % 4, np.zeros((0, 2), np.int64)]
    return [Instance((ids, rng.standard_normal((ids.max(initial=0) + 1, 2)))) for ids in tokens]


def _embedding(ids: Array, W: Array) -> Any:
    return [[list(W[word]) for word in row] for row in ids]


def _onnx_gather() -> list[Vector]:
    vectors = []
    for name in onnx_tests("Gather"):
        attributes, (W, ids), y = onnx_vector("Gather", name)
        if attributes["axis"] != 0 or (ids < 0).any():  # columns, or words counted from the end
            continue
        table = W.reshape(len(W), -1)  # ONNX's table may hold a whole array per word
        vectors.append(
            Vector(f"ONNX {name}", Instance((ids, table)), y.reshape(*ids.shape, table.shape[1]))
        )
    return vectors


def _weights_instances(rng: np.random.Generator) -> list[Instance]:
    return [Instance((q, k), options) for (q, k, _), options in _attention_arguments(rng)]


def _attention_instances(rng: np.random.Generator) -> list[Instance]:
    return [Instance(arguments, options) for arguments, options in _attention_arguments(rng)]


def _attention_arguments(
    rng: np.random.Generator,
) -> list[tuple[tuple[Array, Array, Array], dict[str, Any]]]:
    def draw(q: Any, k: Any, v: Any) -> tuple[Array, Array, Array]:
        return rng.standard_normal(q), rng.standard_normal(k), rng.standard_normal(v)

    padding = np.arange(4) < np.array([2, 4])[:, np.newaxis]  # the first example has 2 keys
    nothing = np.array([[True, True, False], [False, False, False]])  # for the second query
    bias = np.where(rng.random((3, 4)) < 0.3, -np.inf, rng.standard_normal((3, 4)))
    return [
        (draw((2, 2, 4), (2, 2, 4), (2, 2, 1)), {"causal": True}),
        (draw((3, 2), (4, 2), (4, 3)), {}),
        (draw((2, 3, 2, 5), (2, 3, 4, 5), (2, 3, 4, 2)), {"mask": padding[:, None, None]}),
        (draw((2, 2, 2), (3, 2), (3, 2)), {"mask": nothing, "scale": 1.5}),
        (draw((2, 1, 3, 2), (1, 2, 4, 2), (3, 1, 1, 4, 2)), {"mask": bias, "causal": True}),
        (draw((0, 3, 2), (0, 4, 2), (0, 4, 1)), {}),
        (draw((2, 0, 2), (2, 4, 2), (2, 4, 1)), {"causal": True}),
    ]


def _weights(q: Array, k: Array, causal: bool) -> Any:
    examples, queries, d = q.shape
    P = []
    for b in range(examples):
        rows = []
        for i in range(queries):
            seen = range(i + 1)  # query i sees the keys 0, …, i
            scores = [sum(q[b, i, c] * k[b, j, c] for c in range(d)) / sp.sqrt(d) for j in seen]
            total = sum(sp.exp(s) for s in scores)
            rows.append([sp.exp(s) / total for s in scores] + [0] * (queries - 1 - i))
        P.append(rows)
    return P


def _attention(q: Array, k: Array, v: Array, causal: bool) -> Any:
    return [
        [
            [sum(p * value[j, c] for j, p in enumerate(row)) for c in range(v.shape[2])]
            for row in matrix
        ]
        for matrix, value in zip(_weights(q, k, causal), v, strict=True)
    ]


def _heads_instances(rng: np.random.Generator) -> list[Instance]:
    shapes = [(2, 2, 4), (3, 4), (2, 2, 3, 4), (0, 3, 4), (2, 0, 4)]
    return [Instance((rng.standard_normal(s),), {"heads": 2}) for s in shapes]


def _merge_instances(rng: np.random.Generator) -> list[Instance]:
    shapes = [(2, 2, 3, 2), (2, 3, 1), (0, 2, 3, 2), (2, 1, 0, 2)]
    return [Instance((rng.standard_normal(s),)) for s in shapes]


def _split_heads(x: Array, heads: int) -> Any:
    examples, T, d = x.shape
    width = d // heads
    return [
        [[[x[b, t, h * width + c] for c in range(width)] for t in range(T)] for h in range(heads)]
        for b in range(examples)
    ]


def _merge_heads(x: Array) -> Any:
    examples, heads, T, width = x.shape
    return [
        [[x[b, h, t, c] for h in range(heads) for c in range(width)] for t in range(T)]
        for b in range(examples)
    ]


def _onnx_attention() -> list[Vector]:
    vectors = []
    for operator in ("Attention", "FlexAttention"):
        for name in onnx_tests(operator):
            arguments, options, outputs = _onnx_attention_call(operator, name)
            y = outputs["Y"].reshape(*arguments[0].shape[:-1], -1)
            vectors.append(Vector(f"ONNX {name}", Instance(arguments, options), y))
    return vectors


def _onnx_weights() -> list[Vector]:
    vectors = []
    for name in onnx_tests("Attention"):
        (q, k, _), options, outputs = _onnx_attention_call("Attention", name)
        if outputs["attributes"].get("qk_matmul_output_mode") == 3:  # after softmax
            P = outputs["qk_matmul_output"]
            vectors.append(Vector(f"ONNX {name}", Instance((q, k), options), P))
    # None of these tests is causal.
    q, k = np.random.default_rng(VECTOR_SEED).standard_normal((2, 2, 3, 4, 6)).astype(np.float32)
    attributes = {"is_causal": 1, "qk_matmul_output_mode": 3}
    node = ("Attention", ["q", "k", "k"], ["y", "", "", "P"], attributes)
    call = Instance((q, k), {"causal": True})
    causal = onnx_model_vector("Attention", [node], {"q": q, "k": k}, "P", call)
    return [*vectors, causal]


def _onnx_attention_call(
    operator: str, name: str
) -> tuple[tuple[Array, ...], dict[str, Any], dict[str, Any]]:
    """Translate a call of ONNX's Attention or FlexAttention to one of ours.

    ONNX has the heads as an option, keeps a cache of past keys, and has options for lengths and
    windows; we split heads, concatenate and make masks beforehand.
    """
    attributes, inputs, outputs = onnx_call(operator, name)
    q, k, v = inputs["Q"], inputs["K"], inputs["V"]
    H_q = int(attributes.get("q_num_heads") or q.shape[1])
    H_k = int(attributes.get("kv_num_heads") or k.shape[1])
    if q.ndim == 3:
        q, k, v = _heads(q, H_q), _heads(k, H_k), _heads(v, H_k)
        outputs["Y"] = _heads(outputs["Y"], H_q)
    past = 0
    if "past_key" in inputs:
        past = inputs["past_key"].shape[2]
        k = np.concatenate([inputs["past_key"], k], 2)
        v = np.concatenate([inputs["past_value"], v], 2)
    options: dict[str, Any] = {"scale": attributes.get("scale")}
    options["causal"] = bool(attributes.get("is_causal")) and not _has_offset(inputs)
    if name == "test_flexattention_causal_mask":  # which its graph says
        options["causal"] = True
    allowed = _onnx_allowed(attributes, inputs, q.shape[2], k.shape[2], past)
    mask = inputs.get("attn_mask")
    if mask is not None and mask.shape[-1] < k.shape[2]:  # what it does not mention is forbidden
        rest = np.full((*mask.shape[:-1], k.shape[2] - mask.shape[-1]), -np.inf, mask.dtype)
        mask = np.concatenate([mask, rest], -1)
    if mask is None:
        mask = allowed
    elif allowed is not None:
        mask = mask & allowed if mask.dtype == bool else np.where(allowed, mask, -np.inf)
    if H_q != H_k:  # groups of queries share a key

        def group(a: Array) -> Array:
            return a.reshape(len(a), H_k, H_q // H_k, *a.shape[2:])

        if mask is not None:
            mask = group(np.broadcast_to(mask, (len(q), H_q, q.shape[2], k.shape[2])))
        q, k, v, outputs["Y"] = group(q), k[:, :, None], v[:, :, None], group(outputs["Y"])
    options["mask"] = mask
    return (q, k, v), options, outputs | {"attributes": attributes}


def _heads(x: Array, H: int) -> Array:
    return np.stack(np.split(x, H, axis=-1), axis=1)


def _has_offset(inputs: dict[str, Array]) -> bool:
    return "past_key" in inputs or "nonpad_kv_seqlen" in inputs


def _onnx_allowed(
    attributes: dict[str, Any], inputs: dict[str, Array], T_q: int, T_k: int, past: int
) -> Array | None:
    """Which keys ONNX lets a query see, apart from its mask; None if all, or our own causal."""
    left, right = (attributes.get(f"{side}_window_size", -1) for side in ("left", "right"))
    if not _has_offset(inputs) and left < 0 and right < 0:
        return None
    lengths = inputs.get("nonpad_kv_seqlen", np.array([past + T_q]))[:, None, None, None]
    # The last query stands at the last key that is no padding.
    query = lengths - T_q + np.arange(T_q)[:, None]
    key = np.arange(T_k)
    allowed = (key < lengths) if "nonpad_kv_seqlen" in inputs else np.ones((1, 1, T_q, T_k), bool)
    if attributes.get("is_causal"):
        allowed = allowed & (key <= query)
    if left >= 0:
        allowed = allowed & (query - key <= left)
    if right >= 0:
        allowed = allowed & (key - query <= right)
    return allowed


def _onnx_heads(merge: bool) -> Callable[[], list[Vector]]:
    # ONNX splits the heads of keys and values before it adds them to its cache.
    def vectors() -> list[Vector]:
        made = []
        for name in onnx_tests("Attention"):
            attributes, inputs, outputs = onnx_call("Attention", name)
            if "q_num_heads" not in attributes or "past_key" not in inputs:
                continue
            for kind, letter in (("key", "K"), ("value", "V")):
                x, heads = inputs[letter], attributes["kv_num_heads"]
                split = outputs[f"present_{kind}"][:, :, inputs[f"past_{kind}"].shape[2] :]
                source = f"ONNX {name}, {kind}"
                if merge:
                    made.append(Vector(source, Instance((split,)), x))
                else:
                    made.append(Vector(source, Instance((x,), {"heads": heads}), split))
        return made

    return vectors


CASES = [
    Case(
        name="embedding",
        formula=r"y_{t} = W_{\mathrm{id}_t}",
        chapter=CHAPTER,
        arguments=("ids", "W"),
        instances=_embedding_instances,
        definition=_embedding,
        vectors=_onnx_gather,
        shared=frozenset({"W"}),
    ),
    Case(
        name="attention_weights",
        formula=r"P = \operatorname{softmax}\left(\frac{1}{\sqrt d} q k^\top + M\right)",
        chapter=CHAPTER,
        arguments=("q", "k"),
        instances=_weights_instances,
        definition=_weights,
        vectors=_onnx_weights,
    ),
    Case(
        name="scaled_dot_product_attention",
        formula=r"y = \operatorname{softmax}\left(\frac{1}{\sqrt d} q k^\top + M\right) v",
        chapter=CHAPTER,
        arguments=("q", "k", "v"),
        instances=_attention_instances,
        definition=_attention,
        vectors=_onnx_attention,
    ),
    Case(
        name="split_heads",
        formula=r"y_{h t c} = x_{t,\, h d/H + c}",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_heads_instances,
        definition=_split_heads,
        vectors=_onnx_heads(merge=False),
    ),
    Case(
        name="merge_heads",
        formula=r"y_{t,\, h d + c} = x_{h t c}",
        chapter=CHAPTER,
        arguments=("x",),
        instances=_merge_instances,
        definition=_merge_heads,
        vectors=_onnx_heads(merge=True),
    ),
]
