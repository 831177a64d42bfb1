"""The affine layer, derived in the chapter ``affine-layers``."""

from __future__ import annotations

from chainrule.functional.contract import Array, Pullback, differentiable, require_floating
from chainrule.functional.sums import sum_of_rows


@differentiable
def affine(x: Array, W: Array, b: Array, *, needs_dx: bool = True) -> tuple[Array, Pullback]:
    """Affine layer: y = x Wᵀ + b.

    Parameters
    ----------
    x : array (..., d_in)
        Inputs, one per row; any number of leading batch axes, none included.
    W : array (d_out, d_in)
        Weights, one row per output.
    b : array (d_out,)
        Biases.
    needs_dx : bool, keyword only
        Whether the pullback computes dx. The first layer's x is data, whose gradient nobody asks
        for; then dx is None.

    Returns
    -------
    y : array (..., d_out)
        One row of outputs per row of ``x``.
    pullback : callable
        dy (..., d_out) → dx = dy W (..., d_in), dW = dyᵀ x (d_out, d_in), db = Σ dy (d_out,),
        the last two summed over all rows: the rows share W and b.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    An empty batch is fine: its dW and db are zero.
    Derived in the chapter ``affine-layers``; Goodfellow, Bengio & Courville (2016), section 6.5.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import affine
    >>> X = np.array([[1.0, -2.0], [0.5, 1.0]])
    >>> W = np.array([[0.2, -0.4], [1.0, 0.5], [-0.3, 0.8]])
    >>> Z, pullback = affine(X, W, np.array([0.1, -0.2, 0.3]))
    >>> Z.round(4)
    array([[ 1.1 , -0.2 , -1.6 ],
           [-0.2 ,  0.8 ,  0.95]])
    >>> dX, dW, db = pullback(np.ones((2, 3)))
    >>> db
    array([2., 2., 2.])
    """
    _require_affine_shapes(x, W, b)
    d_out, d_in = W.shape
    x_rows = x.reshape(-1, d_in)  # one product of two matrices is faster than one per example
    y_rows = x_rows @ W.T
    y_rows += b

    def pullback(dy: Array) -> tuple[Array | None, Array, Array]:
        dy_rows = dy.reshape(-1, d_out)
        dx = (dy_rows @ W).reshape(x.shape) if needs_dx else None
        dW = dy_rows.T @ x_rows
        db = sum_of_rows(dy_rows)
        return dx, dW, db

    return y_rows.reshape(*x.shape[:-1], d_out), pullback


def _require_affine_shapes(x: Array, W: Array, b: Array) -> None:
    require_floating("affine", x=x, W=W, b=b)
    if W.ndim != 2 or 0 in W.shape:
        raise ValueError(
            f"affine: W must be a matrix (d_out, d_in) with at least one entry, got shape {W.shape}"
        )
    d_out, d_in = W.shape
    if x.ndim == 0 or x.shape[-1] != d_in:
        hint = "; x looks transposed: pass x.T" if x.ndim == 2 and x.shape[0] == d_in else ""
        raise ValueError(
            f"affine: the last axis of x must be d_in = {d_in}, the columns of W {W.shape}, "
            f"but x has shape {x.shape}{hint}"
        )
    if b.shape != (d_out,):
        raise ValueError(
            f"affine: b must have shape ({d_out},), one bias per row of W {W.shape}, "
            f"got {b.shape}; a column of biases becomes one with b.ravel()"
        )
