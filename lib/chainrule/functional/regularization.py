"""Dropout: noise on the activations that keeps a network from relying on any single one.

Derived in the chapter ``regularization``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.arguments import require_numbers
from chainrule.functional.contract import Array, Pullback, differentiable, require_floating


@differentiable
def dropout(
    x: Array, *, p: float = 0.5, rng: np.random.Generator | None = None, training: bool = True
) -> tuple[Array, Pullback]:
    """Inverted dropout: y = m x / (1 − p), every mᵢ 0 with probability p, else 1.

    Parameters
    ----------
    x : array, any shape
    p : float, keyword only
        The probability that an entry is dropped, 0 ≤ p ≤ 1.
    rng : numpy.random.Generator, keyword only
        Draws m, one number per entry of ``x``. Needed in training unless p is 0.
    training : bool, keyword only
        If false, y = x.

    Returns
    -------
    y : array, the shape of ``x``
        Because of the division, its mean over all m is x, and nothing is to be done in evaluation.
    pullback : callable
        dy → dx = m dy / (1 − p), with the same m.

    Raises
    ------
    ValueError
        If p lies outside [0, 1].
    TypeError
        If ``x`` is not a floating-point array, or ``rng`` is missing or not a generator.

    Notes
    -----
    With p = 1 all is dropped, and y = 0. A NaN stays NaN even if it is dropped.
    Derived in the chapter ``regularization``; Srivastava et al. (2014), sections 4 and 10.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import dropout
    >>> rng = np.random.default_rng(0)
    >>> y, pullback = dropout(np.ones(6), p=0.5, rng=rng)
    >>> y  # what stays is divided by 1 − p
    array([2., 2., 2., 0., 0., 0.])
    >>> bool((pullback(np.ones(6))[0] == y).all())
    True
    """
    _require_dropout(x, p, rng, training)
    if not training or p == 0:
        return x, lambda dy: (dy,)
    mask = np.empty_like(x)  # in the memory order of x, which need not be that of the draw
    mask[...] = rng.random(x.shape, dtype=np.float32) >= p  # type: ignore[union-attr]
    mask *= 1 / (1 - p) if p < 1 else 0
    return x * mask, lambda dy: (dy * mask,)


def _require_dropout(x: Array, p: float, rng: Any, training: bool) -> None:
    require_floating("dropout", x=x)
    require_numbers("dropout", "[0, 1]", p=p)
    if training and p > 0 and not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"dropout: in training, rng must be a numpy.random.Generator, got "
            f"{type(rng).__name__}; pass rng=np.random.default_rng(seed), or training=False to "
            "evaluate"
        )
