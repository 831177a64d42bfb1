"""Positions: how a sequence tells attention, which is blind to order, what stands where.

Derived in the chapter ``transformers``. :func:`sinusoidal_encoding` and :func:`alibi_bias` are
constants, so they have no gradient and return an array alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.arguments import require_integers, require_numbers
from chainrule.functional.contract import Array, Pullback, differentiable, require_floating

BASE = 10_000.0  # the longest wavelength is 2π times this many positions (Vaswani et al., 2017)


@differentiable
def rotary_embedding(
    x: Array, *, positions: Array | None = None, base: float = BASE
) -> tuple[Array, Pullback]:
    """Rotary position embedding: y = R(p θ) x, a rotation of each pair of features.

    Parameters
    ----------
    x : array (..., T, d)
        Queries or keys, with d even. Features 2i and 2i + 1 are a pair, a point in a plane.
    positions : integer array that broadcasts to (..., T), keyword only
        p, the place of each row in the sequence; 0, …, T − 1 if not given.
    base : float, keyword only
        θᵢ = base^(−2i/d) is the angle, in radians, by which pair i turns from one position to the
        next.

    Returns
    -------
    y : array (..., T, d)
        y₂ᵢ = x₂ᵢ cos pθᵢ − x₂ᵢ₊₁ sin pθᵢ and y₂ᵢ₊₁ = x₂ᵢ sin pθᵢ + x₂ᵢ₊₁ cos pθᵢ.
    pullback : callable
        dy → dx = dy, turned back by the same angles: the transpose of a rotation is its inverse.

    Raises
    ------
    ValueError
        If d is odd, ``positions`` does not fit, or ``base`` is not positive.
    TypeError
        If ``x`` is not a floating-point array, or ``positions`` not an integer array.

    Notes
    -----
    The product of a query and a key depends on the distance of their positions only. Pairs are
    neighbors, as in the paper; other implementations pair feature i with i + d/2.
    Derived in the chapter ``transformers``; Su et al. (2021), section 3.4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import rotary_embedding
    >>> x = np.array([[[1.0, 0.0], [1.0, 0.0]]])  # (B, T, d): one pair, at positions 0 and 1
    >>> y, _ = rotary_embedding(x)
    >>> y.round(4)  # cos and sin of 0 and of 1
    array([[[1.    , 0.    ],
            [0.5403, 0.8415]]])
    """
    require_floating("rotary_embedding", x=x)
    if x.ndim < 2 or x.shape[-1] % 2:
        raise ValueError(
            f"rotary_embedding: takes x (..., T, d) with an even d, got shape {x.shape}; "
            "an odd feature has none to turn with"
        )
    if positions is None:
        positions = np.arange(x.shape[-2])
    _require_positions("rotary_embedding", positions, x.shape[:-1])
    angles = _angles("rotary_embedding", positions, x.shape[-1], base)  # (..., T, d/2)
    # A symbolic proof has x of dtype object; its angles are ordinary numbers.
    dtype = x.dtype if x.dtype.kind == "f" else angles.dtype
    cos, sin = np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)
    return _turn(x, cos, sin), lambda dy: (_turn(dy, cos, -sin),)


def sinusoidal_encoding(
    positions: Array, d: int, *, base: float = BASE, dtype: DTypeLike = np.float32
) -> Array:
    """Sinusoidal position encoding: e = (sin pθ₀, cos pθ₀, sin pθ₁, cos pθ₁, …).

    Parameters
    ----------
    positions : integer array, any shape
        p: ``np.arange(T)`` for a sequence; steps of a diffusion are positions too.
    d : int
        How many features, an even number.
    base : float, keyword only
        θᵢ = base^(−2i/d), in radians per position.
    dtype : dtype, keyword only

    Returns
    -------
    array (*shape of positions, d)
        In [−1, 1].

    Raises
    ------
    ValueError
        If ``d`` is not a positive even number, or ``base`` is not positive.
    TypeError
        If ``positions`` is not an integer array.

    Notes
    -----
    A constant: it has no gradient and no pullback. The encoding of p + s is the encoding of p,
    each pair turned by the angle s θᵢ, whatever p is.
    Derived in the chapter ``transformers``; Vaswani et al. (2017), section 3.5.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.positions import sinusoidal_encoding
    >>> sinusoidal_encoding(np.arange(2), 4, dtype=np.float64).round(4)
    array([[0.    , 1.    , 0.    , 1.    ],
           [0.8415, 0.5403, 0.01  , 1.    ]])
    """
    require_integers("sinusoidal_encoding", d=d)
    if d % 2:
        raise ValueError(
            f"sinusoidal_encoding: d must be a positive even number, got {d}; "
            "every sine needs its cosine"
        )
    _require_positions("sinusoidal_encoding", positions, np.shape(positions))
    angles = _angles("sinusoidal_encoding", positions, d, base)
    encoding = np.empty((*np.shape(positions), d), dtype)
    encoding[..., 0::2], encoding[..., 1::2] = np.sin(angles), np.cos(angles)
    return encoding


def alibi_bias(heads: int, T_q: int, T_k: int, *, dtype: DTypeLike = np.float32) -> Array:
    """Attention with linear biases (ALiBi): b = −m abs(i − j), with a slope m for each head.

    Parameters
    ----------
    heads : int
        ``H``. Head h = 1, …, H has the slope m = 2^(−8h/H).
    T_q, T_k : int
        How many queries and keys. The last query stands at the place of the last key, so that
        fewer queries than keys are the newest of a sequence whose keys are kept.
    dtype : dtype, keyword only

    Returns
    -------
    array (heads, T_q, T_k)
        At most 0. The ``mask`` of :func:`chainrule.functional.scaled_dot_product_attention`, on
        its own or with ``causal=True``.

    Raises
    ------
    ValueError
        If ``heads`` is not positive, or a length is negative.

    Notes
    -----
    A constant: it has no gradient and no pullback.
    Derived in the chapter ``transformers``; Press, Smith & Lewis (2022), section 3.

    Examples
    --------
    >>> from chainrule.functional.positions import alibi_bias
    >>> alibi_bias(1, 3, 3)
    array([[[-0.        , -0.00390625, -0.0078125 ],
            [-0.00390625, -0.        , -0.00390625],
            [-0.0078125 , -0.00390625, -0.        ]]], dtype=float32)
    """
    require_integers("alibi_bias", heads=heads)
    require_integers("alibi_bias", least=0, T_q=T_q, T_k=T_k)
    slopes = 2.0 ** (-8 * np.arange(1, heads + 1) / heads)
    i, j = np.arange(T_q)[:, np.newaxis] + (T_k - T_q), np.arange(T_k)
    return (-slopes[:, np.newaxis, np.newaxis] * np.abs(i - j)).astype(dtype)


def _angles(function: str, positions: Array, d: int, base: float) -> Array:
    """p θᵢ for each position and pair, in double precision: late positions have large angles."""
    require_numbers(function, "(0, inf)", base=base)
    theta = float(base) ** (-np.arange(0, d, 2) / d)
    return np.asarray(positions)[..., np.newaxis] * theta


def _turn(x: Array, cos: Array, sin: Array) -> Array:
    even, odd = x[..., 0::2], x[..., 1::2]
    y = np.empty_like(x)
    y[..., 0::2] = even * cos - odd * sin
    y[..., 1::2] = even * sin + odd * cos
    return y


def _require_positions(function: str, positions: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(positions, (np.ndarray, np.integer)) or positions.dtype.kind not in "iu":
        kind = getattr(positions, "dtype", type(positions).__name__)
        raise TypeError(
            f"{function}: positions must be an array of integers, got {kind}; "
            "take np.arange(T) for a sequence of length T"
        )
    try:
        fits = np.broadcast_shapes(positions.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{function}: positions must broadcast to the rows of x, {shape}, "
            f"got {positions.shape}; positions of each example need an axis for the heads, "
            "for instance positions[:, None]"
        )
