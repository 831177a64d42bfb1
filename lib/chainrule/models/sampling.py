"""From logits to the next token: temperature, top-k, top-p.

Derived in the chapters ``recurrence`` and ``language-models``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.arguments import require_generator, require_integers, require_numbers
from chainrule.autograd import Tensor
from chainrule.functional.contract import Array


def next_token_probabilities(
    logits: Array,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Array:
    """The distribution to draw from: p = softmax(z / τ), cut to the likeliest tokens.

    Parameters
    ----------
    logits : array or Tensor (..., V)
        z; −inf forbids a token.
    temperature : float, keyword only
        τ. Below 1 the likely become likelier; 0 is the limit, all on the first of the largest.
    top_k : int, keyword only
        Only the k likeliest may come.
    top_p : float, keyword only
        Only the likeliest may come, as few as have the sum p or more together (nucleus sampling).

    Returns
    -------
    array (..., V), float64
        Every row has the sum 1.

    Raises
    ------
    ValueError
        If an option is out of range, or a row of logits has no distribution.

    Notes
    -----
    Derived in the chapter ``language-models``; top-p: Holtzman et al. (2020), section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import next_token_probabilities
    >>> logits = np.log([0.5, 0.3, 0.2])
    >>> next_token_probabilities(logits, top_k=2)
    array([0.625, 0.375, 0.   ])
    >>> next_token_probabilities(logits, top_p=0.6)
    array([0.625, 0.375, 0.   ])
    >>> next_token_probabilities(logits, temperature=0)
    array([1., 0., 0.])
    """
    return _probabilities("next_token_probabilities", logits, temperature, top_k, top_p)


def _probabilities(
    function: str, logits: Array, temperature: float, top_k: int | None, top_p: float | None
) -> Array:
    z = _require_logits(function, logits)
    _require_options(function, temperature, top_k, top_p)
    if temperature == 0:
        p = np.zeros(z.shape)
        np.put_along_axis(p, z.argmax(-1, keepdims=True), 1.0, axis=-1)
        return p
    p = np.exp((z - z.max(-1, keepdims=True)) / temperature)
    p /= p.sum(-1, keepdims=True)
    if top_k is None and top_p is None:
        return p
    order = np.argsort(-p, axis=-1, kind="stable")  # the likeliest first
    ordered = np.take_along_axis(p, order, axis=-1)
    allowed = np.ones(p.shape, bool)
    if top_p is not None:
        allowed = np.cumsum(ordered, axis=-1) - ordered < top_p  # what comes before has not enough
        allowed[..., 0] = True
    if top_k is not None:
        allowed[..., top_k:] = False
    np.put_along_axis(p, order, ordered * allowed, axis=-1)
    return p / p.sum(-1, keepdims=True)


def sample_tokens(
    logits: Array,
    *,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Array:
    """Draw a token for each row of logits, from :func:`next_token_probabilities`.

    Parameters
    ----------
    logits : array or Tensor (..., V)
    rng : numpy.random.Generator, keyword only
        One number is drawn for each row.
    temperature, top_k, top_p : keyword only
        As there.

    Returns
    -------
    integer array (...)

    Raises
    ------
    ValueError
        As there.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.models import sample_tokens
    >>> rows = np.log([[0.5, 0.5, 1e-9], [1e-9, 1e-9, 1.0]])
    >>> sample_tokens(rows, rng=np.random.default_rng(0))
    array([1, 2])
    """
    require_generator("sample_tokens", rng)
    p = _probabilities("sample_tokens", logits, temperature, top_k, top_p)
    threshold = rng.random((*p.shape[:-1], 1))
    cumulated = np.cumsum(p, axis=-1)
    # Relative to the last sum, which rounding may leave a hair below 1.
    return (cumulated > threshold * cumulated[..., -1:]).argmax(-1)


def _require_logits(function: str, logits: Any) -> Array:
    """The logits in double precision: their exponentials are compared with small thresholds."""
    z = np.asarray(logits.data if isinstance(logits, Tensor) else logits)
    if z.dtype.kind not in "fiu":
        raise TypeError(
            f"{function}: logits must be real numbers, got {type(logits).__name__} of dtype "
            f"{z.dtype}; pass what the model returns for the last token"
        )
    if z.ndim == 0 or z.shape[-1] == 0:
        raise ValueError(
            f"{function}: takes logits (..., V) with V at least 1, got shape {z.shape}"
        )
    if not np.isfinite(z.max(-1)).all():
        raise ValueError(
            f"{function}: a row of logits holds NaN or inf, or nothing but −inf, and is no "
            "distribution; look for what diverged"
        )
    return z.astype(np.float64)


def _require_options(
    function: str, temperature: float, top_k: int | None, top_p: float | None
) -> None:
    require_numbers(function, "[0, inf)", temperature=temperature)
    if top_k is not None:
        require_integers(function, top_k=top_k)
    if top_p is not None:
        require_numbers(function, "(0, 1]", top_p=top_p)
