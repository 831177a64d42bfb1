"""Mistakes that people make with whole arrays, attention and positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.functional import (
    attention_weights,
    concatenate,
    embedding,
    index,
    logsumexp,
    matmul,
    mean,
    merge_heads,
    reshape,
    rotary_embedding,
    scaled_dot_product_attention,
    split_heads,
    stack,
    sum,
    transpose,
)
from chainrule.functional.contract import Differentiable
from tests.proofs.breaking import (
    Defect,
    E,
    F,
    S,
    T,
    defect,
    gradients,
    options_changed,
    value_scaled,
    without,
)


def _both_flipped(function: Differentiable) -> Differentiable:
    """The value runs backward along the last axis, and the pullback knows it."""

    def broken(*args: Any, **options: Any) -> Any:
        value, pullback = function(*args, **options)
        if np.ndim(value) == 0:
            return value, pullback
        return np.flip(value, -1), lambda dy: pullback(np.flip(dy, -1))

    return broken


def _gradient_flipped(function: Differentiable) -> Differentiable:
    return gradients(
        function, lambda g, args, dy: (h if h.ndim == 0 else np.flip(h, -1) for h in g)
    )


# --- arrays -------------------------------------------------------------------------------------


def _db_of_last_matrix(g: Any, args: Any, dy: Any) -> Any:
    a, b = args
    if b.ndim > 2 or a.ndim < 3 or not len(a):
        return g
    return g[0], a[-1].T @ dy[-1]


def _absolute(x: Any, **options: Any) -> Any:
    value, pullback = sum(np.abs(x), **options)
    return value, lambda dy: (pullback(dy)[0] * np.sign(x),)


def _first_entry_alone(g: Any, args: Any, dy: Any) -> Any:
    kept = np.zeros_like(g[0])
    if kept.ndim:
        kept[..., :1] = g[0][..., :1]
    return (kept,)


def _reduction(function: Differentiable, other: Differentiable) -> list[Defect]:
    name = other.__name__
    return [
        defect(f"the {name}, and its gradient", other, {S, T}),
        defect(
            f"the gradient of the {name}",
            lambda x, **o: (function(x, **o)[0], other(x, **o)[1]),
            {S, F, T},
        ),
        defect(
            "the gradient reaches the first entry alone",
            gradients(function, _first_entry_alone),
            {S, F, T},
        ),
        defect("the axis is ignored", without(function, "axis"), {S, E, T}),
        # The first instance drops the axis.
        defect("keepdims is ignored", without(function, "keepdims"), {T}),
    ]


def _column_major(x: Any, *, shape: tuple[int, ...]) -> Any:
    return x.reshape(shape, order="F"), lambda dy: (np.reshape(dy, x.shape, order="F"),)


def _column_major_gradient(x: Any, *, shape: tuple[int, ...]) -> Any:
    return x.reshape(shape), lambda dy: (np.reshape(dy, x.shape, order="F"),)


def _turned_again(x: Any, *, axes: Any = None) -> Any:
    value, _ = transpose(x, axes=axes)
    return value, lambda dy: (dy.transpose(axes),)


def _reshaped(x: Any, *, axes: Any = None) -> Any:
    value, _ = transpose(x, axes=axes)
    return x.reshape(value.shape), lambda dy: (np.reshape(dy, x.shape),)


def _written_once(x: Any, *, key: Any) -> Any:
    value, _ = index(x, key=key)

    def pullback(dy: Any) -> Any:
        dx = np.zeros_like(x)
        dx[key] = dy
        return (dx,)

    return value, pullback


def _averaged_over_uses(x: Any, *, key: Any) -> Any:
    value, pullback = index(x, key=key)
    (uses,) = pullback(np.ones_like(value))
    return value, lambda dy: (pullback(dy)[0] / np.maximum(uses, 1),)


def _neighbors(x: Any, *, key: Any) -> Any:
    value, pullback = index(np.roll(x, 1, -1), key=key)
    return value, lambda dy: (np.roll(pullback(dy)[0], -1, -1),)


def _concatenated(order: Callable[[Any], Any]) -> Differentiable:
    def broken(*arrays: Any, axis: int = 0) -> Any:
        value, pullback = concatenate(*order(arrays), axis=axis)
        return value, lambda dy: order(pullback(dy))

    return broken


def _parts_from_the_end(*arrays: Any, axis: int = 0) -> Any:
    value, pullback = concatenate(*arrays, axis=axis)
    return value, lambda dy: pullback(np.flip(dy, axis))


def _parts_from_the_start(*arrays: Any, axis: int = 0) -> Any:
    value, _ = concatenate(*arrays, axis=axis)
    return value, lambda dy: tuple(dy.take(range(a.shape[axis]), axis) for a in arrays)


def _logarithm_forgotten(x: Any, **options: Any) -> Any:
    value, pullback = logsumexp(x, **options)
    return np.exp(value), lambda dy: pullback(dy * np.exp(value))


def _stacked(order: Callable[[Any], Any]) -> Differentiable:
    def broken(*arrays: Any, axis: int = 0) -> Any:
        value, pullback = stack(*order(arrays), axis=axis)
        return value, lambda dy: order(pullback(dy))

    return broken


def _chained(*arrays: Any, axis: int = 0) -> Any:
    """concatenate, cut into as many parts: other numbers, in the right shape."""
    value, _ = stack(*arrays, axis=axis)
    shape = np.shape(arrays[0])

    def back(dy: Any) -> Any:
        return tuple(np.reshape(part, shape) for part in np.split(dy.reshape(-1), len(arrays)))

    return np.concatenate([a.reshape(-1) for a in arrays]).reshape(value.shape), back


def _every_part_the_first(g: Any, args: Any, dy: Any) -> Any:
    return (g[0],) * len(g)


ARRAYS = {
    "matmul": [
        defect("a bᵀ", lambda a, b: matmul(a, b.swapaxes(-1, -2)), {S, F, E, T}),
        defect(
            "da = dy b", gradients(matmul, lambda g, args, dy: (dy @ args[1], g[1])), {S, F, E, T}
        ),
        defect(
            "db = a dy", gradients(matmul, lambda g, args, dy: (g[0], args[0] @ dy)), {S, F, E, T}
        ),
        defect(
            "db is that of the last matrix alone",
            gradients(matmul, _db_of_last_matrix),
            {S, F, E, T},
        ),
        defect(
            "a mean over k, and so are the gradients",
            value_scaled(matmul, lambda args: 1 / args[0].shape[-1], True),
            {S, T},
        ),
        defect("columns in reverse, and so in the gradients", _both_flipped(matmul), {S, T}),
    ],
    "sum": [*_reduction(sum, mean), defect("of |x|, and so is the gradient", _absolute, {S, T})],
    "mean": _reduction(mean, sum),
    "logsumexp": [
        *_reduction(logsumexp, sum),
        defect("the logarithm is forgotten, and so in the gradient", _logarithm_forgotten, {S, T}),
        defect(
            "the gradient lacks the 1/Σ, of all entries",
            gradients(logsumexp, lambda g, args, dy: (g[0] * np.exp(logsumexp(args[0])[0]),)),
            {S, F, E, T},
        ),
    ],
    "reshape": [
        defect("column by column, and so in the gradient", _column_major, {S, T}),
        defect("the gradient is column by column", _column_major_gradient, {S, F, T}),
        defect(
            "the gradient keeps the shape of dy",
            gradients(reshape, lambda g, args, dy: (dy,)),
            {S, F, E, T},
        ),
        defect("the gradient is flipped", _gradient_flipped(reshape), {S, F, T}),
        defect("flipped, and so is the gradient", _both_flipped(reshape), {S, T}),
    ],
    "transpose": [
        defect("axes are ignored", without(transpose, "axes"), {S, E, T}),
        # Exchanging two axes is its own inverse; only finite differences move three.
        defect("turned again instead of back", _turned_again, {F, T}),
        defect(
            "the gradient keeps the shape of dy",
            gradients(transpose, lambda g, args, dy: (dy,)),
            {S, F, E, T},
        ),
        defect("reshaped instead, and so is the gradient", _reshaped, {S, T}),
        defect("the gradient is flipped", _gradient_flipped(transpose), {S, F, T}),
    ],
    "index": [
        defect("an entry taken twice gets one gradient", _written_once, {S, F, T}),
        defect("an entry taken twice gets the mean", _averaged_over_uses, {S, F, T}),
        defect("the neighbors are taken, and get the gradient", _neighbors, {S, T}),
        defect("the gradient is flipped", _gradient_flipped(index), {S, F, T}),
    ],
    "concatenate": [
        defect(
            "in reverse order, and so are the gradients", _concatenated(lambda a: a[::-1]), {S, T}
        ),
        defect("dy is cut from its end", _parts_from_the_end, {S, F, T}),
        defect("every part of dy begins at the start", _parts_from_the_start, {S, F, T}),
        defect("along the first axis always", without(concatenate, "axis"), {S, F, E, T}),
    ],
    "stack": [
        defect("in reverse order, and so are the gradients", _stacked(lambda a: a[::-1]), {S, T}),
        defect(
            "the parts of dy are exchanged", gradients(stack, lambda g, a, dy: g[::-1]), {S, F, T}
        ),
        defect("every part of dy is the first", gradients(stack, _every_part_the_first), {S, F, T}),
        defect("along the first axis always", without(stack, "axis"), {S, E, T}),
        defect("end to end and then cut, and so is the gradient", _chained, {S, E, T}),
    ],
}


# --- attention ----------------------------------------------------------------------------------


def _counted_from_one(ids: Any, W: Any) -> Any:
    return embedding((ids + 1) % len(W), W)


def _row_written_once(ids: Any, W: Any) -> Any:
    def pullback(dy: Any) -> Any:
        dW = np.zeros_like(W)
        dW[ids] = dy
        return None, dW

    return W[ids], pullback


def _row_averaged(g: Any, args: Any, dy: Any) -> Any:
    uses = np.bincount(args[0].reshape(-1), minlength=len(args[1]))
    return None, g[1] / np.maximum(uses, 1)[:, None]


def _no_gradient_for_the_first_word(g: Any, args: Any, dy: Any) -> Any:
    return None, g[1] * (np.arange(len(g[1])) > 0)[:, None]


def _scaled(change: Callable[[float], float]) -> Callable[..., Any]:
    """The default scale changed."""

    def with_other_scale(function: Differentiable) -> Differentiable:
        def broken(q: Any, *others: Any, **options: Any) -> Any:
            if options.get("scale") is None:
                options["scale"] = change(q.shape[-1])
            return function(q, *others, **options)

        return broken

    return with_other_scale


def _off_by_one(function: Differentiable, shift: int) -> Differentiable:
    """Causal, but with the diagonal elsewhere, together with the mask that was given."""

    def broken(q: Any, k: Any, *others: Any, **options: Any) -> Any:
        mask = options.get("mask")
        if options.pop("causal", False):
            seen = np.tri(q.shape[-2], k.shape[-2], shift, dtype=bool)
            if mask is None or mask.dtype == bool:
                options["mask"] = seen if mask is None else mask & seen
            else:
                options["mask"] = np.where(seen, mask, mask.dtype.type(-np.inf))
        return function(q, k, *others, **options)

    return broken


def _dq_not_scaled(function: Differentiable) -> Differentiable:
    return gradients(function, lambda g, args, dy: (g[0] * np.sqrt(args[0].shape[-1]), *g[1:]))


def _attends(function: Differentiable) -> list[Defect]:
    return [
        defect(
            "the scores are not scaled, and so in the gradients",
            _scaled(lambda d: 1.0)(function),
            {S, T},
        ),
        defect(
            "scaled by 1/d, and so in the gradients", _scaled(lambda d: 1 / d)(function), {S, T}
        ),
        defect("causal is ignored", without(function, "causal"), {S, T}),
        defect("a query sees one key of the future", _off_by_one(function, 1), {S, T}),
        defect("a query does not see its own key", _off_by_one(function, -1), {S, T}),
        # The first instance has no mask.
        defect("the mask is ignored", without(function, "mask"), {T}),
        defect("dq lacks the scale", _dq_not_scaled(function), {S, F, T}),
    ]


def _dv_not_transposed(q: Any, k: Any, v: Any, **options: Any) -> Any:
    value, pullback = scaled_dot_product_attention(q, k, v, **options)
    P, _ = attention_weights(q, k, **options)
    return value, lambda dy: (*pullback(dy)[:2], P @ dy)


def _jacobians_diagonal(q: Any, k: Any, **options: Any) -> Any:
    P, _ = attention_weights(q, k, **options)
    scale = options.get("scale") or 1 / np.sqrt(q.shape[-1])

    def pullback(dP: Any) -> Any:
        dS = dP * P * (1 - P) * scale
        return dS @ k, dS.swapaxes(-1, -2) @ q

    return P, pullback


def _interleaved(x: Any, *, heads: int) -> Any:
    *batch, T_, d = x.shape
    y = np.moveaxis(x.reshape(*batch, T_, d // heads, heads), -1, -3)
    return y, lambda dy: (np.moveaxis(dy, -3, -1).reshape(x.shape),)


def _without_moving(x: Any, *, heads: int) -> Any:
    *batch, T_, d = x.shape
    return x.reshape(*batch, heads, T_, d // heads), lambda dy: (dy.reshape(x.shape),)


def _heads_reversed(function: Differentiable, axis: int) -> Differentiable:
    def broken(x: Any, **options: Any) -> Any:
        value, pullback = function(x, **options)
        return np.flip(value, axis), lambda dy: pullback(np.flip(dy, axis))

    return broken


def _merged_interleaved(x: Any) -> Any:
    *batch, heads, T_, d = x.shape
    y = np.moveaxis(x, -3, -1).reshape(*batch, T_, heads * d)
    return y, lambda dy: (np.moveaxis(dy.reshape(*batch, T_, d, heads), -1, -3),)


def _merged_without_moving(x: Any) -> Any:
    *batch, heads, T_, d = x.shape
    return x.reshape(*batch, T_, heads * d), lambda dy: (dy.reshape(x.shape),)


def _shape_alone(function: Differentiable) -> Differentiable:
    return gradients(function, lambda g, args, dy: (dy.reshape(args[0].shape),))


MIXED = "the entries are reshaped, not moved, and so in the gradient"

ATTENTION = {
    "embedding": [
        defect("words are counted from 1, and so in the gradient", _counted_from_one, {S, T}),
        defect("dW of a word is that of its last place alone", _row_written_once, {S, F, E, T}),
        defect(
            "dW is averaged over the places of a word",
            gradients(embedding, _row_averaged),
            {S, F, E, T},
        ),
        defect(
            "the first word gets no gradient",
            gradients(embedding, _no_gradient_for_the_first_word),
            {S, F, T},
        ),
        defect("features in reverse, and so in the gradient", _both_flipped(embedding), {S, T}),
    ],
    "attention_weights": [
        *_attends(attention_weights),
        defect("the Jacobian's diagonal alone", _jacobians_diagonal, {S, F, T}),
    ],
    "scaled_dot_product_attention": [
        *_attends(scaled_dot_product_attention),
        defect("dv = P dy", _dv_not_transposed, {S, F, T}),
    ],
    "split_heads": [
        defect(
            "features are dealt out to the heads in turn, and so in the gradient",
            _interleaved,
            {S, T},
        ),
        defect(MIXED, _without_moving, {S, T}),
        defect(
            "heads in reverse, and so in the gradient", _heads_reversed(split_heads, -3), {S, T}
        ),
        defect("the gradient is reshaped, not moved", _shape_alone(split_heads), {S, F, T}),
    ],
    "merge_heads": [
        defect(
            "features of the heads in turn, and so in the gradient", _merged_interleaved, {S, T}
        ),
        defect(MIXED, _merged_without_moving, {S, T}),
        defect(
            "the sequence in reverse, and so in the gradient",
            _heads_reversed(merge_heads, -2),
            {S, T},
        ),
        defect("the gradient is reshaped, not moved", _shape_alone(merge_heads), {S, F, T}),
    ],
}


# --- positions ----------------------------------------------------------------------------------


def _positions(change: Callable[[Any], Any]) -> Differentiable:
    def broken(x: Any, *, positions: Any = None, **options: Any) -> Any:
        places = np.arange(x.shape[-2]) if positions is None else positions
        return rotary_embedding(x, positions=change(places), **options)

    return broken


def _half_apart(x: Any, **options: Any) -> Any:
    """Pairs (i, i + d/2), as many implementations have them."""
    d = x.shape[-1]
    order = np.arange(d).reshape(2, d // 2).T.reshape(-1)
    back = np.argsort(order)
    value, pullback = rotary_embedding(x[..., order], **options)
    return value[..., back], lambda dy: (pullback(dy[..., order])[0][..., back],)


def _turned_forward(x: Any, **options: Any) -> Any:
    return rotary_embedding(x, **options)[0], lambda dy: (rotary_embedding(dy, **options)[0],)


POSITIONS = {
    "rotary_embedding": [
        defect("turned the other way, and so in the gradient", _positions(lambda p: -p), {S, T}),
        defect("positions are counted from 1", _positions(lambda p: p + 1), {S, T}),
        defect("features i and i + d/2 are a pair, and so in the gradient", _half_apart, {S, T}),
        defect("the gradient is turned forward", _turned_forward, {S, F, T}),
        defect("base is ignored", without(rotary_embedding, "base"), {S, T}),
        # The first instance counts from 0.
        defect("positions are ignored", without(rotary_embedding, "positions"), {T}),
        defect(
            "the angles are half as large",
            options_changed(rotary_embedding, lambda o: {**o, "base": o.get("base", 1e4) * 2}),
            {S, T},
        ),
    ],
}
