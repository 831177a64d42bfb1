"""Recurrence: one step, applied to its own result all along a sequence.

:func:`_unroll` runs any step through time and back (backpropagation through time); the three kinds
of network differ in their step alone. Derived in the chapter ``recurrence``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.functional.activations import sigmoid
from chainrule.functional.contract import Array, Pullback, differentiable, require_floating

# A step takes what the input says to each of G gates, a (G, B, H), what the state says to them,
# u (G, B, H), and the state s (S, B, H), whose first part is h; it returns the next state and a
# pullback. That takes ds and writes da and du where it is told to; it returns the gradient of the
# state before, but for what reaches it by way of u.
PullbackOfStep = Callable[[Array, Array, Array], Array]
Step = Callable[[Array, Array, Array], tuple[Array, PullbackOfStep]]


@differentiable
def rnn(
    x: Array,
    h0: Array,
    W_ih: Array,
    W_hh: Array,
    b_ih: Array,
    b_hh: Array,
    *,
    mask: Array | None = None,
) -> tuple[Array, Pullback]:
    """Recurrent network: h = tanh(W_ih x_t + b_ih + W_hh h_(t−1) + b_hh) at each time t.

    Parameters
    ----------
    x : array (B, T, d)
        Sequences, padded to one length.
    h0 : array (B, H)
        Initial states.
    W_ih : array (H, d)
    W_hh : array (H, H)
    b_ih, b_hh : array (H,)
    mask : boolean array (B, T), keyword only
        True where there is an input. Where there is none, the state stays what it was. From
        lengths: ``np.arange(T) < lengths[:, np.newaxis]``.

    Returns
    -------
    y : array (B, T, H)
        The states h₁, …, h_T; the final one is ``y[:, -1]``, with a mask too.
    pullback : callable
        dy → dx, dh0, dW_ih, dW_hh, db_ih, db_hh. Backward in time, the gradient of a state is
        dh_t = dy_t + W_hhᵀ da_(t+1), and that of its sum da_t = dh_t (1 − h_t²); the weights,
        which all times share, get dW_ih = Σ_t da_tᵀ x_t and dW_hh = Σ_t da_tᵀ h_(t−1).

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or ``mask`` is not
        boolean.

    Notes
    -----
    For the other direction, flip x and mask along the time, and y back.
    Derived in the chapter ``recurrence``; Elman (1990); Goodfellow, Bengio & Courville (2016),
    section 10.2.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import rnn
    >>> x, h0 = np.array([[[1.0], [0.0]]]), np.zeros((1, 1))  # one sequence of two steps
    >>> one, b = np.array([[1.0]]), np.zeros(1)
    >>> y, pullback = rnn(x, h0, one, one, b, b)
    >>> y.round(4)  # tanh(1), tanh(tanh(1))
    array([[[0.7616],
            [0.642 ]]])
    >>> pullback(np.ones_like(y))[0].round(4)
    array([[[0.6668],
            [0.5878]]])
    """
    _require_sequences("rnn", 1, x, {"h0": h0}, W_ih, W_hh, b_ih, b_hh, mask)
    return _unroll(_rnn_step, x, [h0], W_ih, W_hh, b_ih, b_hh, mask)


@differentiable
def lstm(
    x: Array,
    h0: Array,
    c0: Array,
    W_ih: Array,
    W_hh: Array,
    b_ih: Array,
    b_hh: Array,
    *,
    mask: Array | None = None,
) -> tuple[Array, Pullback]:
    """Long short-term memory: y = (h, c) with c = f c_(t−1) + i g and h = o tanh(c) at each time t.

    Parameters
    ----------
    x : array (B, T, d)
        Sequences, padded to one length.
    h0, c0 : array (B, H)
        Initial states and cells.
    W_ih : array (4H, d)
        The weights of the gates i, f, g, o (input, forget, candidate, output), one below the
        other.
    W_hh : array (4H, H)
    b_ih, b_hh : array (4H,)
    mask : boolean array (B, T), keyword only
        True where there is an input. Where there is none, state and cell stay what they were.
        From lengths: ``np.arange(T) < lengths[:, np.newaxis]``.

    Returns
    -------
    y : array (B, T, 2H)
        The states and cells of all times, side by side: h is ``y[..., :H]``, c ``y[..., H:]``.
    pullback : callable
        dy → dx, dh0, dc0, dW_ih, dW_hh, db_ih, db_hh. The cell's gradient goes back in time
        through f alone, dc_(t−1) = dc_t f_t, with no weights in between.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or ``mask`` is not
        boolean.

    Notes
    -----
    i, f, o = σ(W_ih x_t + b_ih + W_hh h_(t−1) + b_hh) and g = tanh(…) of their own rows, in the
    order of PyTorch. For the other direction, flip x and mask along the time, and y back.
    Derived in the chapter ``recurrence``; Hochreiter & Schmidhuber (1997), with the forget gate of
    Gers, Schmidhuber & Cummins (2000).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import lstm
    >>> B, T, d, H = 2, 5, 3, 4
    >>> rng = np.random.default_rng(0)
    >>> W_ih, W_hh = rng.normal(size=(4 * H, d)), rng.normal(size=(4 * H, H))
    >>> x, b = rng.normal(size=(B, T, d)), np.zeros(4 * H)
    >>> h0 = c0 = np.zeros((B, H))
    >>> y, pullback = lstm(x, h0, c0, W_ih, W_hh, b, b)
    >>> y.shape
    (2, 5, 8)
    >>> [gradient.shape for gradient in pullback(np.ones_like(y))]
    [(2, 5, 3), (2, 4), (2, 4), (16, 3), (16, 4), (16,), (16,)]
    """
    _require_sequences("lstm", 4, x, {"h0": h0, "c0": c0}, W_ih, W_hh, b_ih, b_hh, mask)
    return _unroll(_lstm_step, x, [h0, c0], W_ih, W_hh, b_ih + b_hh, None, mask)


@differentiable
def gru(
    x: Array,
    h0: Array,
    W_ih: Array,
    W_hh: Array,
    b_ih: Array,
    b_hh: Array,
    *,
    mask: Array | None = None,
) -> tuple[Array, Pullback]:
    """Gated recurrent unit: h = (1 − z) n + z h_(t−1) at each time t.

    Parameters
    ----------
    x : array (B, T, d)
        Sequences, padded to one length.
    h0 : array (B, H)
        Initial states.
    W_ih : array (3H, d)
        The weights of r, z, n (reset, update, candidate), one below the other.
    W_hh : array (3H, H)
    b_ih, b_hh : array (3H,)
    mask : boolean array (B, T), keyword only
        True where there is an input. Where there is none, the state stays what it was. From
        lengths: ``np.arange(T) < lengths[:, np.newaxis]``.

    Returns
    -------
    y : array (B, T, H)
        The states h₁, …, h_T; the final one is ``y[:, -1]``, with a mask too.
    pullback : callable
        dy → dx, dh0, dW_ih, dW_hh, db_ih, db_hh. A state's gradient goes back in time through z
        directly, and through r, z and n by way of W_hh.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or ``mask`` is not
        boolean.

    Notes
    -----
    With a = W_ih x_t + b_ih and u = W_hh h_(t−1) + b_hh: r = σ(a_r + u_r), z = σ(a_z + u_z),
    n = tanh(a_n + r u_n). The reset gate acts after the product with W_hh, as in PyTorch; in the
    paper, before. For the other direction, flip x and mask along the time, and y back.
    Derived in the chapter ``recurrence``; Cho et al. (2014), section 2.3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import gru
    >>> B, T, d, H = 2, 5, 3, 4
    >>> rng = np.random.default_rng(0)
    >>> W_ih, W_hh = rng.normal(size=(3 * H, d)), rng.normal(size=(3 * H, H))
    >>> x, h0, b = rng.normal(size=(B, T, d)), np.zeros((B, H)), np.zeros(3 * H)
    >>> y, pullback = gru(x, h0, W_ih, W_hh, b, b)
    >>> y.shape
    (2, 5, 4)
    >>> [gradient.shape for gradient in pullback(np.ones_like(y))]
    [(2, 5, 3), (2, 4), (12, 3), (12, 4), (12,), (12,)]
    """
    _require_sequences("gru", 3, x, {"h0": h0}, W_ih, W_hh, b_ih, b_hh, mask)
    return _unroll(_gru_step, x, [h0], W_ih, W_hh, b_ih, b_hh, mask)


def _unroll(
    step: Step,
    x: Array,
    states: list[Array],
    W_ih: Array,
    W_hh: Array,
    b_a: Array,
    b_u: Array | None,
    mask: Array | None,
) -> tuple[Array, Pullback]:
    """Run ``step`` along the sequences, from ``states`` (each (B, H)); the pullback runs it back.

    W_hh sees the first of the states, h. All products that do not depend on the step before are
    done for all times at once. A step that needs a and u only as a + u has one bias, ``b_a``: its
    du is da, and so are the gradients of two biases in one.
    """
    (B, T, d), H = x.shape, W_hh.shape[1]
    G, S = len(W_hh) // H, len(states)
    x = x.swapaxes(0, 1).reshape(T * B, d)  # what belongs to one time is one block of memory
    all_a = x @ W_ih.T
    all_a += b_a
    a = _gate_by_gate(all_a, T, G)
    all_s = np.empty_like(all_a, shape=(T + 1, B, S, H))
    all_s[0] = np.stack(states, axis=1)
    s = all_s[0].swapaxes(0, 1)
    pullbacks = []
    absent = None if mask is None else ~mask.T[..., np.newaxis]  # (T, B, 1)
    for t in range(T):
        u = s[0] @ W_hh.T
        if b_u is not None:
            u += b_u
        before = s
        s, pullback_of_step = step(a[t], _gate_by_gate(u, 1, G)[0], before)
        if absent is not None:
            s = np.where(absent[t], before, s)
        all_s[t + 1] = s.swapaxes(0, 1)
        pullbacks.append(pullback_of_step)

    def pullback(dy: Array) -> tuple[Array, ...]:
        dy = dy.reshape(B, T, S, H).transpose(1, 2, 0, 3)
        all_da = np.empty_like(x, shape=(T * B, G * H))
        all_du = all_da if b_u is None else np.empty_like(all_da)
        da, du = _gate_by_gate(all_da, T, G), _gate_by_gate(all_du, T, G)
        ds = np.zeros_like(x, shape=(S, B, H))
        for t in reversed(range(T)):
            ds += dy[t]
            if absent is None:
                ds = pullbacks[t](ds, da[t], du[t])
            else:
                kept = ds * absent[t]  # goes back to the state before as it is
                ds = pullbacks[t](ds - kept, da[t], du[t]) + kept
            ds[0] += all_du[t * B : (t + 1) * B] @ W_hh
        dx = (all_da @ W_ih).reshape(T, B, d).swapaxes(0, 1)
        h = all_s[:-1, :, 0].reshape(T * B, H)
        db_a = all_da.sum(0)
        db_u = db_a if b_u is None else all_du.sum(0)
        return dx, *ds, all_da.T @ x, all_du.T @ h, db_a, db_u

    return all_s[1:].reshape(T, B, S * H).swapaxes(0, 1), pullback


def _gate_by_gate(rows: Array, T: int, G: int) -> Array:
    """View rows (T B, G H), as products with the weights make them, as (T, G, B, H)."""
    TB, GH = rows.shape
    return rows.reshape(T, TB // T if T else 0, G, GH // G).swapaxes(1, 2)


def _rnn_step(a: Array, u: Array, s: Array) -> tuple[Array, PullbackOfStep]:
    h = np.tanh(a + u)

    def pullback(dh: Array, da: Array, du: Array) -> Array:
        da[:] = du[:] = dh * (1 - h * h)
        return np.zeros_like(s)

    return h, pullback


def _lstm_step(a: Array, u: Array, s: Array) -> tuple[Array, PullbackOfStep]:
    _, c = s
    z = np.add(a, u, order="C")  # each gate in one block of memory, (B, H)
    gates, _ = sigmoid(z)
    i, f, g, o = gates
    np.tanh(z[2], out=g)
    new = np.empty_like(s)
    new[1] = f * c + i * g
    tanh_c = np.tanh(new[1])
    new[0] = o * tanh_c

    def pullback(ds: Array, da: Array, du: Array) -> Array:
        dh, dc = ds
        dc = dc + dh * o * (1 - tanh_c * tanh_c)
        dgates = np.empty_like(gates)
        dgates[0], dgates[1], dgates[2], dgates[3] = dc * g, dc * c, dc * i, dh * tanh_c
        slope = gates * (1 - gates)
        slope[2] = 1 - g * g
        np.multiply(dgates, slope, out=da)
        before = np.zeros_like(s)
        before[1] = dc * f
        return before

    return new, pullback


def _gru_step(a: Array, u: Array, s: Array) -> tuple[Array, PullbackOfStep]:
    (h,) = s
    gates, _ = sigmoid(np.add(a[:2], u[:2], order="C"))
    r, z = gates
    u_n = u[2].copy()
    n = np.tanh(a[2] + r * u_n)
    new = (1 - z) * n + z * h

    def pullback(ds: Array, da: Array, du: Array) -> Array:
        (dh,) = ds
        da_n = dh * (1 - z) * (1 - n * n)
        da[0] = du[0] = da_n * u_n * r * (1 - r)
        da[1] = du[1] = dh * (h - n) * z * (1 - z)
        da[2] = da_n
        du[2] = da_n * r
        return ds * z

    return new[np.newaxis], pullback


def _require_sequences(
    function: str,
    gates: int,
    x: Array,
    states: dict[str, Array],
    W_ih: Array,
    W_hh: Array,
    b_ih: Array,
    b_hh: Array,
    mask: Any,
) -> None:
    require_floating(function, x=x, **states, W_ih=W_ih, W_hh=W_hh, b_ih=b_ih, b_hh=b_hh)
    times = "" if gates == 1 else str(gates)
    if W_hh.ndim != 2 or 0 in W_hh.shape or W_hh.shape[0] != gates * W_hh.shape[1]:
        raise ValueError(
            f"{function}: W_hh must have shape ({times}H, H) with H at least 1, got {W_hh.shape}"
        )
    H = W_hh.shape[1]
    if W_ih.ndim != 2 or W_ih.shape[0] != gates * H:
        raise ValueError(
            f"{function}: W_ih must have shape ({times}H, d) = ({gates * H}, d), since W_hh "
            f"{W_hh.shape} has H = {H}, got {W_ih.shape}"
        )
    for name, b in (("b_ih", b_ih), ("b_hh", b_hh)):
        if b.shape != (gates * H,):
            raise ValueError(
                f"{function}: {name} must have shape ({times}H,) = ({gates * H},), got {b.shape}"
            )
    if x.ndim != 3 or x.shape[2] != W_ih.shape[1]:
        raise ValueError(
            f"{function}: x must have shape (B, T, d) with d = {W_ih.shape[1]}, the columns of "
            f"W_ih {W_ih.shape}, got {x.shape}; one sequence becomes a batch with x[np.newaxis]"
        )
    for name, s in states.items():
        if s.shape != (len(x), H):
            raise ValueError(
                f"{function}: {name} must have shape (B, H) = {(len(x), H)}, got {s.shape}; "
                f"to start from zero, pass np.zeros({(len(x), H)}, x.dtype)"
            )
    if mask is None:
        return
    if not isinstance(mask, np.ndarray) or mask.dtype.kind != "b":
        kind = mask.dtype if isinstance(mask, (np.ndarray, np.generic)) else type(mask).__name__
        raise TypeError(
            f"{function}: mask must be a boolean array, True where there is an input, got {kind}; "
            "from lengths take np.arange(T) < lengths[:, np.newaxis]"
        )
    if mask.shape != x.shape[:2]:
        raise ValueError(
            f"{function}: mask must have shape (B, T) = {x.shape[:2]}, got {mask.shape}"
        )
