"""The cases of the convolutions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from operator import itemgetter
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

CHAPTER = "convolution"
VECTOR_SEED = 0


def _instances(
    *calls: tuple[tuple[int, ...], tuple[int, ...], int, dict[str, Any]],
) -> Callable[[np.random.Generator], list[Instance]]:
    """Arguments of shape x, W and (F,) for each (x, W, F, options)."""

    def instances(rng: np.random.Generator) -> list[Instance]:
        draw = rng.standard_normal
        return [Instance((draw(x), draw(W), draw(F)), options) for x, W, F, options in calls]

    return instances


_conv2d_instances = _instances(
    ((2, 2, 3, 2), (2, 2, 2, 2), 2, {"stride": (2, 1), "padding": (1, 0)}),
    ((2, 3, 5, 4), (2, 3, 3, 2), 2, {}),
    ((2, 3, 6, 7), (2, 3, 3, 2), 2, {"stride": 2, "padding": (1, 0), "dilation": (1, 3)}),
    ((2, 4, 5, 4), (6, 2, 3, 2), 6, {"groups": 2, "padding": 1}),
    ((2, 3, 5, 4), (6, 1, 2, 2), 6, {"groups": 3, "stride": (1, 3)}),
    ((1, 1, 1, 1), (1, 1, 1, 1), 1, {}),
    ((0, 2, 4, 3), (2, 2, 2, 2), 2, {}),
)
_conv_transpose2d_instances = _instances(
    ((2, 2, 2, 2), (2, 2, 2, 2), 2, {"stride": (2, 1), "padding": (0, 1)}),
    ((2, 3, 3, 2), (3, 2, 3, 2), 2, {}),
    ((2, 3, 3, 2), (3, 2, 3, 2), 2, {"stride": (3, 2), "padding": 1, "output_padding": (2, 1)}),
    ((2, 4, 3, 2), (4, 3, 3, 2), 6, {"groups": 2, "stride": 2}),
    ((2, 3, 3, 2), (3, 2, 2, 2), 2, {"dilation": (2, 3), "output_padding": (1, 0)}),
    ((1, 1, 1, 1), (1, 1, 1, 1), 1, {}),
    ((0, 2, 2, 2), (2, 2, 2, 2), 2, {}),
)
_conv1d_instances = _instances(
    ((2, 2, 5), (2, 2, 2), 2, {"stride": 2, "padding": 1}),
    ((2, 3, 6), (2, 3, 3), 2, {}),
    ((2, 3, 8), (2, 3, 3), 2, {"stride": 2, "padding": 1, "dilation": 2}),
    ((2, 4, 5), (6, 2, 3), 6, {"groups": 2}),
    ((1, 1, 1), (1, 1, 1), 1, {}),
    ((0, 2, 5), (2, 2, 2), 2, {}),
)


def _conv2d(
    x: Array, W: Array, b: Array, stride: tuple[int, int], padding: tuple[int, int]
) -> Array:
    (N, C, H, width), (F, _, kh, kw) = x.shape, W.shape
    (sh, sw), (ph, pw) = stride, padding
    y = np.empty((N, F, (H + 2 * ph - kh) // sh + 1, (width + 2 * pw - kw) // sw + 1), object)
    for n, f, u, v in np.ndindex(y.shape):
        y[n, f, u, v] = b[f] + sp.Add(
            *(
                W[f, c, i, j] * x[n, c, sh * u + i - ph, sw * v + j - pw]
                for c, i, j in product(range(C), range(kh), range(kw))
                if 0 <= sh * u + i - ph < H and 0 <= sw * v + j - pw < width
            )
        )
    return y


def _conv_transpose2d(
    x: Array, W: Array, b: Array, stride: tuple[int, int], padding: tuple[int, int]
) -> Array:
    (N, C, H, width), (_, F, kh, kw) = x.shape, W.shape
    (sh, sw), (ph, pw) = stride, padding
    y = np.empty((N, F, sh * (H - 1) + kh - 2 * ph, sw * (width - 1) + kw - 2 * pw), object)
    for n, f, r, q in np.ndindex(y.shape):
        y[n, f, r, q] = b[f] + sp.Add(
            *(
                W[c, f, i, j] * x[n, c, u, v]
                for c, i, j in product(range(C), range(kh), range(kw))
                for u, v in product(range(H), range(width))
                if (sh * u + i - ph, sw * v + j - pw) == (r, q)
            )
        )
    return y


def _conv1d(x: Array, W: Array, b: Array, stride: int, padding: int) -> Array:
    (N, C, L), (F, _, k) = x.shape, W.shape
    y = np.empty((N, F, (L + 2 * padding - k) // stride + 1), object)
    for n, f, u in np.ndindex(y.shape):
        y[n, f, u] = b[f] + sp.Add(
            *(
                W[f, c, i] * x[n, c, stride * u + i - padding]
                for c, i in product(range(C), range(k))
                if 0 <= stride * u + i - padding < L
            )
        )
    return y


# All weights of ONNX's own tests are equal or in order, so that they would not notice a flipped
# kernel: random ones are added, through its reference evaluator.


def _onnx_conv(attributes: dict[str, Any], x: Array, W: Array) -> Instance:
    # SAME with an odd kernel and a size that the stride divides with rest 1 pads both ends.
    padding = attributes["pads"][:2] if "pads" in attributes else [1, 1]
    options = {"stride": tuple(attributes.get("strides", (1, 1))), "padding": tuple(padding)}
    return Instance((x, W, np.zeros(1, "f4")), options)


def _onnx_conv_transpose() -> list[Vector]:
    vectors = []
    for name in onnx_tests("ConvTranspose"):
        attributes, (x, W), y = onnx_vector("ConvTranspose", name)
        if x.ndim == 3:  # a sequence is an image of one row
            x, W, y = x[:, :, None], W[:, :, None], y[:, :, None]
        groups = attributes.get("group", 1)
        options = {
            "stride": tuple(attributes.get("strides", (1, 1))),
            "padding": tuple(attributes.get("pads", (0, 0))[:2]),
            "dilation": tuple(attributes.get("dilations", (1, 1))),
            "groups": groups,
            # ONNX may also state the size that the output shall have; here it is one larger.
            "output_padding": (1, 1) if y.shape[-2:] == (10, 8) else (0, 0),
        }
        b = np.zeros(W.shape[1] * groups, x.dtype)
        vector = Vector(f"ONNX {name}", Instance((x, W, b), options), y)
        if attributes.get("auto_pad") == b"SAME_UPPER":  # cuts off the far end only
            vector = replace(vector, part=itemgetter(tuple(map(slice, y.shape))))
        vectors.append(vector)
    rng = np.random.default_rng(VECTOR_SEED)
    inputs = {"x": rng.standard_normal((2, 3, 4, 3)), "W": rng.standard_normal((3, 2, 3, 2))}
    inputs["b"] = rng.standard_normal(2)
    onnx_options = {"strides": [3, 2], "pads": [1, 0, 1, 0], "output_padding": [1, 0]}
    node = ("ConvTranspose", ["x", "W", "b"], ["y"], onnx_options)
    call = Instance(
        tuple(inputs.values()), {"stride": (3, 2), "padding": (1, 0), "output_padding": (1, 0)}
    )
    name = "ConvTranspose, random weights"
    return [*vectors, onnx_model_vector(name, [node], inputs, "y", call)]


def _onnx_causal_conv() -> list[Vector]:
    # ONNX pads by what came before, every channel a group.
    vectors = []
    for name in onnx_tests("CausalConvWithState"):
        _, inputs, outputs = onnx_call("CausalConvWithState", name)
        x, W = inputs["input"], inputs["weight"]
        N, C, _ = x.shape
        past = inputs.get("past_state", np.zeros((N, C, W.shape[2] - 1), x.dtype))
        b = inputs.get("bias", np.zeros(C, x.dtype))
        call = Instance((np.concatenate([past, x], 2), W, b), {"groups": C})
        vectors.append(Vector(f"ONNX {name}", call, outputs["output"]))
    return vectors


def _random_conv(
    name: str, shapes: tuple[tuple[int, ...], tuple[int, ...]], padding: tuple[int, ...]
) -> list[Vector]:
    rng = np.random.default_rng(VECTOR_SEED)
    (x_shape, W_shape), stride, dilation = shapes, (2, 1)[: len(padding)], (2, 3)[: len(padding)]
    inputs = {"x": rng.standard_normal(x_shape), "W": rng.standard_normal(W_shape)}
    inputs["b"] = rng.standard_normal(W_shape[0])
    made = []
    for spread in ((1,) * len(padding), dilation):
        attributes: dict[str, Any] = {
            "strides": stride,
            "pads": (*padding, *padding),
            "dilations": spread,
            "group": x_shape[1] // W_shape[1],
        }
        lengths = {"stride": stride, "padding": padding, "dilation": spread}
        single = {key: value[0] for key, value in lengths.items()}
        options = {**(lengths if len(padding) > 1 else single), "groups": attributes["group"]}
        call = Instance(tuple(inputs.values()), options)
        node = ("Conv", ["x", "W", "b"], ["y"], attributes)
        source = f"{name}, random weights"
        made.append(onnx_model_vector(source, [node], inputs, "y", call))
    return made


CASES = [
    Case(
        name="conv2d",
        formula=r"y_{nfuv} = b_f + \sum_{cij} W_{fcij}\, x_{n,\,c,\,su+di-p,\,sv+dj-p}",
        chapter=CHAPTER,
        arguments=("x", "W", "b"),
        instances=_conv2d_instances,
        definition=_conv2d,
        vectors=lambda: (
            onnx_vectors("Conv", _onnx_conv)
            + _random_conv("conv2d", ((2, 4, 7, 6), (6, 2, 3, 2)), (1, 2))
        ),
        shared=frozenset({"W", "b"}),
    ),
    Case(
        name="conv_transpose2d",
        formula=r"y_{nfrq} = b_f + \sum_{c} \sum_{su+di-p=r} \sum_{sv+dj-p=q} W_{cfij}\, x_{ncuv}",
        chapter=CHAPTER,
        arguments=("x", "W", "b"),
        instances=_conv_transpose2d_instances,
        definition=_conv_transpose2d,
        vectors=_onnx_conv_transpose,
        shared=frozenset({"W", "b"}),
    ),
    Case(
        name="conv1d",
        formula=r"y_{nfu} = b_f + \sum_{ci} W_{fci}\, x_{n,\,c,\,su+di-p}",
        chapter=CHAPTER,
        arguments=("x", "W", "b"),
        instances=_conv1d_instances,
        definition=_conv1d,
        vectors=lambda: _onnx_causal_conv() + _random_conv("conv1d", ((2, 4, 9), (6, 2, 3)), (1,)),
        shared=frozenset({"W", "b"}),
    ),
]
