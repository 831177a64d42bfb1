"""Attention: rows of a table looked up by number, then by likeness.

Derived in the chapters ``attention`` and ``transformers``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.arguments import require_integers, require_numbers
from chainrule.functional.contract import Array, Pullback, differentiable, require_floating
from chainrule.functional.elementwise import unbroadcast
from chainrule.functional.sums import sum_along


@differentiable
def embedding(ids: Array, W: Array) -> tuple[Array, Pullback]:
    """Rows of a table, looked up by number: y = W[ids].

    Parameters
    ----------
    ids : integer array, any shape
        Which row for each token, 0 ≤ id < V.
    W : array (V, d)
        The table, one row per word of the vocabulary.

    Returns
    -------
    y : array (*shape of ids, d)
    pullback : callable
        dy → None, dW (V, d): each row gets the sum of dy over the tokens that looked it up, and
        zero if none did.

    Raises
    ------
    ValueError
        If ``W`` is not a matrix, or an id lies outside 0, …, V − 1.
    TypeError
        If ``ids`` is not an integer array, or ``W`` not a floating-point array.

    Notes
    -----
    The product of a one-hot matrix with W, without the matrix. The rows of dy are summed in runs
    of equal ids, after sorting: the work grows with the tokens and not with the vocabulary.
    Derived in the chapter ``attention``; Bengio, Ducharme, Vincent & Jauvin (2003), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import embedding
    >>> weight = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    >>> y, pullback = embedding(np.array([2, 0, 2]), weight)
    >>> y
    array([[4., 5.],
           [0., 1.],
           [4., 5.]])
    >>> pullback(np.ones((3, 2)))[1]
    array([[1., 1.],
           [0., 0.],
           [2., 2.]])
    """
    _require_ids(ids, W)
    y = W.take(ids, axis=0)

    def pullback(dy: Array) -> tuple[None, Array]:
        tokens = ids.reshape(-1).astype(np.min_scalar_type(len(W)))  # short integers sort fastest
        order = tokens.argsort(kind="stable")
        counts = np.bincount(tokens, minlength=len(W))
        words = np.flatnonzero(counts)
        starts = (counts.cumsum() - counts)[words]
        dW = np.zeros_like(W)
        dW[words] = np.add.reduceat(dy.reshape(-1, W.shape[1]).take(order, axis=0), starts)
        return None, dW

    return y, pullback


@differentiable
def attention_weights(
    q: Array,
    k: Array,
    *,
    mask: Array | None = None,
    causal: bool = False,
    scale: float | None = None,
) -> tuple[Array, Pullback]:
    """How much each query attends to each key: P = softmax(scale · q kᵀ + mask).

    Parameters
    ----------
    q : array (..., T_q, d)
        Queries.
    k : array (..., T_k, d)
        Keys. The leading axes (batch, heads) of both broadcast.
    mask : array that broadcasts to (..., T_q, T_k), keyword only
        Boolean: True where the query may attend to the key. Floating-point: a bias that is added
        to the scores, −inf to forbid. It gets no gradient.
    causal : bool, keyword only
        Whether query i sees the keys 0, …, i only; holds in addition to ``mask``.
    scale : float, keyword only
        1/√d if not given.

    Returns
    -------
    P : array (..., T_q, T_k)
        In [0, 1]. Every row has the sum 1, except that a query that may attend to no key at all
        has a row of zeros.
    pullback : callable
        dP → dq = scale · dS k, dk = scale · dSᵀ q, with the gradient of softmax,
        dSᵢⱼ = Pᵢⱼ (dPᵢⱼ − Σₗ Pᵢₗ dPᵢₗ), each summed over the leading axes along which its
        argument was copied.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there are no keys.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or ``mask`` holds
        integers.

    Notes
    -----
    Without the zeros by convention, softmax of a row of −inf would be 0/0: NaN, which the
    backward pass spreads over all weights.
    Derived in the chapter ``attention``; Vaswani et al. (2017), equation 1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import attention_weights
    >>> q = k = np.eye(2)
    >>> p, _ = attention_weights(q, k)
    >>> p.round(4)
    array([[0.6698, 0.3302],
           [0.3302, 0.6698]])
    >>> attention_weights(q, k, causal=True)[0].round(4)
    array([[1.    , 0.    ],
           [0.3302, 0.6698]])
    """
    _require_queries_and_keys("attention_weights", q, k, mask)
    scale = _scale("attention_weights", q, scale)
    E, total = _exponentials(q, k, mask, causal, scale)
    P = np.divide(E, total, out=E)

    def pullback(dP: Array) -> tuple[Array, Array]:
        dS = dP - np.vecdot(P, dP)[..., np.newaxis]
        dS *= P
        return _pull_back_scores(dS, q, k, scale)

    return P, pullback


@differentiable
def scaled_dot_product_attention(
    q: Array,
    k: Array,
    v: Array,
    *,
    mask: Array | None = None,
    causal: bool = False,
    scale: float | None = None,
) -> tuple[Array, Pullback]:
    """Soft look-up: y = softmax(q kᵀ/√d + mask) v.

    Parameters
    ----------
    q : array (..., T_q, d)
        Queries.
    k : array (..., T_k, d)
        Keys.
    v : array (..., T_k, d_v)
        Values, one per key. The leading axes (batch, heads) of all three broadcast.
    mask : array that broadcasts to (..., T_q, T_k), keyword only
        Boolean: True where the query may attend to the key. Floating-point: a bias that is added
        to the scores, −inf to forbid. It gets no gradient.
    causal : bool, keyword only
        Whether query i sees the keys 0, …, i only; holds in addition to ``mask``.
    scale : float, keyword only
        1/√d if not given.

    Returns
    -------
    y : array (..., T_q, d_v)
        For each query the mean of the values, weighted with :func:`attention_weights`; zero for a
        query that may attend to no key at all.
    pullback : callable
        dy → dv = Pᵀ dy, and dq, dk from dP = dy vᵀ through the pullback of the weights, each
        summed over the leading axes along which its argument was copied.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there are no keys.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or ``mask`` holds
        integers.

    Notes
    -----
    Grouped queries need no option: q (B, H, G, T, d) against k (B, H, 1, T, d) shares each key
    among G queries.
    Derived in the chapter ``attention``; Vaswani et al. (2017), section 3.2.1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import scaled_dot_product_attention
    >>> q = k = np.eye(2)
    >>> v = np.array([[10.0, 20.0], [30.0, 40.0]])
    >>> y, pullback = scaled_dot_product_attention(q, k, v)
    >>> y.round(2)
    array([[16.6, 26.6],
           [23.4, 33.4]])
    >>> dq, dk, dv = pullback(np.ones((2, 2)))
    >>> dv.round(4)  # each row of v counts with its weights
    array([[1., 1.],
           [1., 1.]])
    """
    _require_queries_and_keys("scaled_dot_product_attention", q, k, mask)
    _require_values("scaled_dot_product_attention", q, k, v)
    scale = _scale("scaled_dot_product_attention", q, scale)
    E, total = _exponentials(q, k, mask, causal, scale)  # P = E / total, without the division:
    y = E @ v
    y /= total  # y has fewer numbers than P

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        g = dy / total
        dv = E.swapaxes(-1, -2) @ g
        dS = g @ v.swapaxes(-1, -2)
        dS -= np.vecdot(dy, y)[..., np.newaxis] / total  # Σⱼ Pᵢⱼ dPᵢⱼ = dyᵢ · yᵢ
        dS = unbroadcast(dS, E.shape)
        dS *= E
        return *_pull_back_scores(dS, q, k, scale), unbroadcast(dv, v.shape)

    return y, pullback


@differentiable
def split_heads(x: Array, *, heads: int) -> tuple[Array, Pullback]:
    """Features cut into heads: y = x in pieces, (..., T, d) → (..., h, T, d/h).

    Parameters
    ----------
    x : array (..., T, d)
    heads : int, keyword only
        h, a divisor of d.

    Returns
    -------
    y : array (..., h, T, d/h)
        Head i has the features i d/h, …, (i + 1) d/h − 1.
    pullback : callable
        dy → dx = dy with the heads merged.

    Raises
    ------
    ValueError
        If ``x`` has fewer than two axes, or ``heads`` does not divide d.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Derived in the chapter ``attention``; Vaswani et al. (2017), section 3.2.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import split_heads
    >>> y, pullback = split_heads(np.arange(12.0).reshape(1, 3, 4), heads=2)
    >>> y.shape
    (1, 2, 3, 2)
    >>> pullback(y)[0].shape
    (1, 3, 4)
    """
    require_floating("split_heads", x=x)
    require_integers("split_heads", heads=heads)
    if x.ndim < 2 or x.shape[-1] % heads:
        raise ValueError(
            f"split_heads: takes x (..., T, d) and a number of heads that divides d, "
            f"got x of shape {x.shape} and heads={heads}"
        )
    return _split(x, heads), lambda dy: (_merge(dy),)


@differentiable
def merge_heads(x: Array) -> tuple[Array, Pullback]:
    """Heads side by side: y = x rejoined, (..., h, T, d) → (..., T, h d).

    Parameters
    ----------
    x : array (..., h, T, d)

    Returns
    -------
    y : array (..., T, h d)
    pullback : callable
        dy → dx = dy, split into heads.

    Raises
    ------
    ValueError
        If ``x`` has fewer than three axes, or no heads.
    TypeError
        If ``x`` is not a floating-point array.

    Notes
    -----
    Undoes :func:`split_heads`.
    Derived in the chapter ``attention``; Vaswani et al. (2017), section 3.2.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import merge_heads
    >>> y, pullback = merge_heads(np.arange(12.0).reshape(1, 2, 3, 2))
    >>> y.shape
    (1, 3, 4)
    >>> pullback(y)[0].shape
    (1, 2, 3, 2)
    """
    require_floating("merge_heads", x=x)
    if x.ndim < 3 or x.shape[-3] == 0:
        raise ValueError(
            f"merge_heads: takes x (..., h, T, d) with at least one head, got shape {x.shape}"
        )
    return _merge(x), lambda dy: (_split(dy, x.shape[-3]),)


def _split(x: Array, heads: int) -> Array:
    *batch, T, d = x.shape
    return x.reshape(*batch, T, heads, d // heads).swapaxes(-2, -3)


def _merge(x: Array) -> Array:
    *batch, heads, T, d = x.shape
    return x.swapaxes(-2, -3).reshape(*batch, T, heads * d)


def _scale(function: str, q: Array, scale: float | None) -> float:
    if scale is None:
        return 1 / math.sqrt(q.shape[-1])
    require_numbers(function, None, scale=scale)
    return float(scale)


def _exponentials(
    q: Array, k: Array, mask: Array | None, causal: bool, scale: float
) -> tuple[Array, Array]:
    """The weights (..., T_q, T_k) before the division by their sum, and the sum (..., T_q, 1)."""
    scores = (q * scale) @ k.swapaxes(-1, -2)
    bias = _bias(mask, causal, scores)
    if bias is not None:
        scores += bias
    largest = scores.max(-1, keepdims=True)
    largest[largest == -np.inf] = 0  # no key is allowed: exp(−inf − 0) = 0
    scores -= largest
    E = np.exp(scores, out=scores)
    total = sum_along(E, -1)
    total[total == 0] = 1
    return E, total


def _pull_back_scores(dS: Array, q: Array, k: Array, scale: float) -> tuple[Array, Array]:
    """dS → dq = scale · dS k, dk = scale · dSᵀ q."""
    dq = dS @ k
    dq *= scale
    dk = dS.swapaxes(-1, -2) @ (q * scale)
    return unbroadcast(dq, q.shape), unbroadcast(dk, k.shape)


def _bias(mask: Array | None, causal: bool, scores: Array) -> Array | None:
    """What is added to the scores: 0 where a key may be seen, −inf where it may not."""
    # The scores of a symbolic proof have dtype object; its masks are ordinary numbers.
    dtype = scores.dtype if scores.dtype.kind == "f" else np.dtype(np.float64)
    allowed, forbidden = dtype.type(0), dtype.type(-np.inf)
    bias = None
    if mask is not None:
        is_boolean = mask.dtype.kind == "b"
        bias = np.where(mask, allowed, forbidden) if is_boolean else mask.astype(dtype, copy=False)
    if causal:
        T_q, T_k = scores.shape[-2:]
        future = np.where(np.tri(T_q, T_k, dtype=bool), allowed, forbidden)
        bias = future if bias is None else bias + future
    return bias


def _require_ids(ids: Any, W: Array) -> None:
    require_floating("embedding", W=W)
    if W.ndim != 2:
        raise ValueError(
            f"embedding: W must be a matrix (V, d), one row per word, got shape {W.shape}"
        )
    if not isinstance(ids, (np.ndarray, np.integer)) or ids.dtype.kind not in "iu":
        kind = ids.dtype if isinstance(ids, (np.ndarray, np.generic)) else type(ids).__name__
        raise TypeError(
            f"embedding: ids must be an array of integers, got {kind}; "
            "convert with np.asarray(ids, dtype=np.int64)"
        )
    V = W.shape[0]
    outside = np.extract((ids < 0) | (ids >= V), ids)
    if outside.size:
        raise ValueError(
            f"embedding: ids must lie in 0, …, {V - 1} (W has {V} rows), but ids holds "
            f"{outside[0]}; count words from 0"
        )


def _require_queries_and_keys(function: str, q: Array, k: Array, mask: Any) -> None:
    require_floating(function, q=q, k=k)
    if q.ndim < 2 or k.ndim < 2 or q.shape[-1] != k.shape[-1] or q.shape[-1] == 0:
        raise ValueError(
            f"{function}: takes q (..., T_q, d) and k (..., T_k, d) with the same d, at least 1, "
            f"got {q.shape} and {k.shape}"
        )
    if k.shape[-2] == 0:
        raise ValueError(
            f"{function}: there are no keys to attend to (k has shape {k.shape}); pass at least one"
        )
    _require_leading(function, q=q, k=k)
    if mask is not None:
        leading = np.broadcast_shapes(q.shape[:-2], k.shape[:-2])
        _require_mask(function, mask, (*leading, q.shape[-2], k.shape[-2]))


def _require_values(function: str, q: Array, k: Array, v: Array) -> None:
    require_floating(function, q=q, k=k, v=v)
    if v.ndim < 2 or v.shape[-2] != k.shape[-2]:
        raise ValueError(
            f"{function}: takes v (..., T_k, d_v) with one value for each of the {k.shape[-2]} "
            f"keys of k {k.shape}, got {v.shape}"
        )
    _require_leading(function, q=q, k=k, v=v)


def _require_leading(function: str, **arrays: Array) -> None:
    try:
        np.broadcast_shapes(*(a.shape[:-2] for a in arrays.values()))
    except ValueError:
        listed = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise ValueError(
            f"{function}: the axes before the last two (batch, heads) must broadcast, got {listed}"
        ) from None


def _require_mask(function: str, mask: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(mask, np.ndarray) or mask.dtype.kind not in "bf":
        kind = mask.dtype if isinstance(mask, (np.ndarray, np.generic)) else type(mask).__name__
        raise TypeError(
            f"{function}: mask must be a boolean array, True where a query may attend, or a "
            f"floating-point array that is added to the scores, got {kind}; "
            "convert zeros and ones with mask.astype(bool)"
        )
    try:
        fits = np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{function}: mask must broadcast to the scores (..., T_q, T_k) = {shape}, "
            f"got {mask.shape}; one mask per example needs an axis for the heads, "
            "for instance mask[:, None]"
        )
