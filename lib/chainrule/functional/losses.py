"""Losses: how wrong a prediction is, as one number. Every loss is a mean over the batch.

Derived in the chapters ``backpropagation`` (cross-entropy) and ``losses``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.arguments import is_integer, require_numbers
from chainrule.functional.activations import sigmoid
from chainrule.functional.contract import (
    Array,
    Pullback,
    differentiable,
    require_entries,
    require_floating,
    require_same_shape,
)
from chainrule.functional.sums import max_along, sum_along

TOTAL_TOLERANCE = 0.01  # by how much the sum of probabilities may miss 1, as in half precision


@differentiable
def mse_loss(y: Array, t: Array) -> tuple[Any, Pullback]:
    """Mean squared error: L = mean((y − t)²), over all N entries.

    Parameters
    ----------
    y : array, any shape
        Predictions.
    t : array, the shape of ``y``
        Targets. Nothing is broadcast.

    Returns
    -------
    L : number
        In the squared unit of ``y``.
    pullback : callable
        dL → dy = dL · 2 (y − t) / N, dt = −dy.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Bishop (2006), section 3.1.1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import mse_loss
    >>> L, pullback = mse_loss(np.array([1.0, 3.0]), np.array([0.0, 0.0]))
    >>> float(L)
    5.0
    >>> dy, dt = pullback(1.0)
    >>> dy
    array([1., 3.])
    """
    _require_pairs("mse_loss", y=y, t=t)
    error = y - t
    L = (error * error).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        dy = error * (2 * dL / error.size)
        return dy, -dy

    return L, pullback


@differentiable
def l1_loss(y: Array, t: Array) -> tuple[Any, Pullback]:
    """Mean absolute error: L = mean(abs(y − t)), over all N entries.

    Parameters
    ----------
    y : array, any shape
        Predictions.
    t : array, the shape of ``y``
        Targets. Nothing is broadcast.

    Returns
    -------
    L : number
        In the unit of ``y``.
    pullback : callable
        dL → dy = dL · sign(y − t) / N, dt = −dy. Where y = t the slope is 0, by convention.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Bishop (2006), section 1.5.5.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import l1_loss
    >>> L, pullback = l1_loss(np.array([1.0, -3.0]), np.array([0.0, 0.0]))
    >>> float(L)
    2.0
    >>> dy, dt = pullback(1.0)
    >>> dy
    array([ 0.5, -0.5])
    """
    _require_pairs("l1_loss", y=y, t=t)
    error = y - t
    L = np.abs(error).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        dy = np.sign(error) * (dL / error.size)
        return dy, -dy

    return L, pullback


@differentiable
def huber_loss(y: Array, t: Array, *, delta: float = 1.0) -> tuple[Any, Pullback]:
    """Huber loss: L = mean(½ e² where −δ ≤ e ≤ δ, δ (abs(e) − ½ δ) elsewhere), e = y − t.

    Parameters
    ----------
    y : array, any shape
        Predictions.
    t : array, the shape of ``y``
        Targets. Nothing is broadcast.
    delta : float, keyword only
        δ > 0, in the unit of ``y``: larger errors count linearly.

    Returns
    -------
    L : number
        In the squared unit of ``y``.
    pullback : callable
        dL → dy = dL · clip(y − t, −δ, δ) / N, dt = −dy.

    Raises
    ------
    ValueError
        If the shapes differ, there are no entries, or δ is not positive.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Huber (1964).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import huber_loss
    >>> L, pullback = huber_loss(np.array([0.5, 3.0]), np.array([0.0, 0.0]))
    >>> float(L)
    1.3125
    >>> dy, dt = pullback(1.0)
    >>> dy
    array([0.25, 0.5 ])
    """
    _require_pairs("huber_loss", y=y, t=t)
    require_numbers("huber_loss", "(0, inf]", delta=delta)
    error = y - t
    clipped = np.minimum(np.maximum(error, -delta), delta)
    L = (clipped * (error - 0.5 * clipped)).mean()  # both cases: clipped is e, or ±δ

    def pullback(dL: Any) -> tuple[Array, Array]:
        dy = clipped * (dL / error.size)
        return dy, -dy

    return L, pullback


@differentiable
def gaussian_nll_loss(mean: Array, t: Array, log_var: Array) -> tuple[Any, Pullback]:
    """Gaussian negative log likelihood: L = mean(½ (log 2π + s + (t − μ)² exp(−s))).

    Parameters
    ----------
    mean : array, any shape, N entries
        Predicted means μ.
    t : array, the shape of ``mean``
        Targets. Nothing is broadcast.
    log_var : array, the shape of ``mean``
        Predicted logarithms s of the variances, so that every output of a network is allowed.

    Returns
    -------
    L : number
        In nats.
    pullback : callable
        dL → dμ = dL · (μ − t) exp(−s) / N, dt = −dμ, ds = dL · ½ (1 − (t − μ)² exp(−s)) / N.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    PyTorch's function of this name takes variances and leaves out ½ log 2π unless asked.
    Derived in the chapter ``probabilistic-models``; Nix & Weigend (1994).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import gaussian_nll_loss
    >>> mean, t, log_var = np.array([0.0]), np.array([2.0]), np.array([0.0])
    >>> L, pullback = gaussian_nll_loss(mean, t, log_var)
    >>> round(float(L), 4)
    2.9189
    >>> dmean, dt, dlog_var = pullback(1.0)
    >>> dmean, dlog_var  # raise the mean, and the variance
    (array([-2.]), array([-1.5]))
    """
    _require_pairs("gaussian_nll_loss", mean=mean, t=t, log_var=log_var)
    error, precision = mean - t, np.exp(-log_var)
    scaled = error * error * precision
    L = 0.5 * (math.log(2 * math.pi) + (log_var + scaled).mean())

    def pullback(dL: Any) -> tuple[Array, Array, Array]:
        dmean = error * precision * (dL / mean.size)
        return dmean, -dmean, (1 - scaled) * (0.5 * dL / mean.size)

    return L, pullback


@differentiable
def kl_standard_normal(mean: Array, log_var: Array) -> tuple[Any, Pullback]:
    """KL(N(μ, exp s) ‖ N(0, 1)): L = mean(Σ ½ (μ² + exp(s) − s − 1)), with Σ over the last axis.

    Parameters
    ----------
    mean : array (..., d)
        μ: one Gaussian of d independent dimensions per row, N rows.
    log_var : array (..., d)
        s, the logarithms of the variances.

    Returns
    -------
    L : number
        In nats per row.
    pullback : callable
        dL → dμ = dL · μ / N, ds = dL · ½ (exp(s) − 1) / N.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no entries.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``variational-autoencoders``; Kingma & Welling (2014), appendix B.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import kl_standard_normal
    >>> L, pullback = kl_standard_normal(np.array([[0.5, -0.3]]), np.log(np.array([[1.44, 0.64]])))
    >>> round(float(L), 4)
    0.2508
    >>> dmean, dlog_var = pullback(1.0)
    >>> dmean
    array([[ 0.5, -0.3]])
    """
    _require_pairs("kl_standard_normal", mean=mean, log_var=log_var)
    variance = np.exp(log_var)
    rows = mean.size // mean.shape[-1] if mean.ndim else 1
    L = (mean * mean + variance - log_var - 1).sum() / (2 * rows)

    def pullback(dL: Any) -> tuple[Array, Array]:
        return mean * (dL / rows), (variance - 1) * (0.5 * dL / rows)

    return L, pullback


@differentiable
def hinge_loss(z: Array, t: Array) -> tuple[Any, Pullback]:
    """Hinge loss: L = mean(max(0, 1 − t z)), over all N entries.

    Parameters
    ----------
    z : array, any shape
        Scores; the sign is the predicted class.
    t : array, the shape of ``z``
        True classes, −1 or +1. Nothing is broadcast.

    Returns
    -------
    L : number
    pullback : callable
        dL → dz = −dL · t [t z < 1] / N, dt = −dL · z [t z < 1] / N. Where t z = 1 the slope is 0,
        by convention.

    Raises
    ------
    ValueError
        If the shapes differ, there are no entries, or a target is 0, which is neither class.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Derived in the chapter ``losses``; Cortes & Vapnik (1995).

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import hinge_loss
    >>> L, pullback = hinge_loss(np.array([0.5, 3.0]), np.array([1.0, 1.0]))
    >>> float(L)
    0.25
    >>> pullback(1.0)[0]
    array([-0.5, -0. ])
    """
    _require_pairs("hinge_loss", z=z, t=t)
    _require_signs("hinge_loss", t)
    slack = np.maximum(1 - t * z, 0)
    L = slack.mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        violated = (slack > 0) * (dL / z.size)
        return -t * violated, -z * violated

    return L, pullback


@differentiable
def binary_cross_entropy_with_logits(z: Array, t: Array) -> tuple[Any, Pullback]:
    """Binary cross-entropy of logits: L = mean(−t log σ(z) − (1 − t) log(1 − σ(z))).

    Parameters
    ----------
    z : array, any shape, N entries
        Logits: the log odds of class 1.
    t : array, the shape of ``z``
        Targets in [0, 1]: the probability of class 1. Nothing is broadcast.

    Returns
    -------
    L : number
        In nats.
    pullback : callable
        dL → dz = dL · (σ(z) − t) / N, dt = −dL · z / N.

    Raises
    ------
    ValueError
        If the shapes differ, there are no entries, or a target lies outside [0, 1].
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    Computed as max(z, 0) − z t + log(1 + exp(−|z|)), which is the same number and overflows for
    no z.
    Derived in the chapter ``losses``; Bishop (2006), section 4.3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import binary_cross_entropy_with_logits
    >>> L, pullback = binary_cross_entropy_with_logits(np.array([0.0, 4.0]), np.array([1.0, 1.0]))
    >>> round(float(L), 4)
    0.3556
    >>> dz, dt = pullback(1.0)
    >>> dz.round(4)
    array([-0.25 , -0.009])
    """
    _require_pairs("binary_cross_entropy_with_logits", z=z, t=t)
    _require_probabilities("binary_cross_entropy_with_logits", t)
    L = (np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean()

    def pullback(dL: Any) -> tuple[Array, Array]:
        scale = dL / z.size
        return (sigmoid(z)[0] - t) * scale, -z * scale

    return L, pullback


@differentiable
def nll_loss(log_p: Array, t: Array) -> tuple[Any, Pullback]:
    """Negative log likelihood of classes: L = mean(−log_p[t]), over all N examples.

    Parameters
    ----------
    log_p : array (..., K)
        Log probabilities, for instance from ``log_softmax``.
    t : integer array (...)
        The true class of each example, 0 ≤ t < K.

    Returns
    -------
    L : number
        In nats.
    pullback : callable
        dL → dlog_p = −dL · onehot(t) / N, None.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no examples, or a class lies outside 0, …, K − 1.
    TypeError
        If ``log_p`` is not a floating-point array, or ``t`` not an integer array.

    Notes
    -----
    Derived in the chapter ``losses``; Goodfellow, Bengio & Courville (2016), section 5.5.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import nll_loss
    >>> log_p = np.log(np.array([[0.25, 0.75], [0.5, 0.5]]))
    >>> L, pullback = nll_loss(log_p, np.array([1, 0]))
    >>> round(float(L), 4)
    0.4904
    >>> pullback(1.0)[0]
    array([[ 0. , -0.5],
           [-0.5,  0. ]])
    """
    require_floating("nll_loss", log_p=log_p)
    _require_classes("nll_loss", "log_p", log_p, t)
    rows, examples = log_p.reshape(t.size, -1), (np.arange(t.size), t.reshape(-1))
    L = -rows[examples].mean()

    def pullback(dL: Any) -> tuple[Array, None]:
        dlog_p = np.zeros_like(rows)
        dlog_p[examples] = -dL / t.size
        return dlog_p.reshape(log_p.shape), None

    return L, pullback


@differentiable
def cross_entropy(
    z: Array, t: Array, *, label_smoothing: float = 0.0, ignore_index: int | None = None
) -> tuple[Any, Pullback]:
    """Softmax cross-entropy: L = mean(−Σₖ qₖ log softmax(z)ₖ), over all N examples.

    Parameters
    ----------
    z : array (..., K)
        Logits, one row of K classes per example.
    t : integer array (...), or array (..., K)
        The true class of each example, 0 ≤ t < K, so that q = onehot(t); or q itself, the
        probability of each class.
    label_smoothing : float, keyword only
        ε in [0, 1]: q becomes (1 − ε) q + ε/K.
    ignore_index : int, keyword only
        Examples of this class, for instance padding, do not count, neither in the sum nor in N.
        For class ids only.

    Returns
    -------
    L : number
        In nats; log K for logits that are all equal.
    pullback : callable
        dL → dz = dL · (softmax(z) Σₖ qₖ − q) / N, with Σₖ qₖ = 1, or 0 where the example is
        ignored; None for class ids, dt = −dL · (1 − ε) log softmax(z) / N for probabilities.

    Raises
    ------
    ValueError
        If the shapes do not fit, no example counts, a class lies outside 0, …, K − 1,
        probabilities lie outside [0, 1] or do not sum to 1, or an option is out of range.
    TypeError
        If ``z`` is not a floating-point array, or ``t`` neither an integer array nor an array of
        probabilities in the dtype of ``z``.

    Notes
    -----
    A class that is impossible, p = 0, costs nothing if q = 0, for 0 log 0 counts as 0. Unlike in
    PyTorch no class is ignored unless asked, where it is −100.
    Derived in the chapters ``backpropagation`` and ``losses``; Bishop (2006), section 4.3.4;
    label smoothing by Szegedy et al. (2016), section 7.

    Examples
    --------
    >>> z = np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]])  # probabilities (1, 2, 5)/8, (1, 1, 2)/4
    >>> L, pullback = cross_entropy(z, np.array([2, 0]))
    >>> round(float(L), 4)  # the mean of −log 5/8 and −log 1/4
    0.9281
    >>> dz, _ = pullback(1.0)
    >>> dz.round(4)
    array([[ 0.0625,  0.125 , -0.1875],
           [-0.375 ,  0.125 ,  0.25  ]])
    """
    q, total, N = _target_distribution(z, t, label_smoothing, ignore_index)
    log_p = z - max_along(z, -1)  # log softmax(z), as in the function log_softmax
    log_p -= np.log(sum_along(np.exp(log_p), -1))
    L = -_expected(log_p, q) / N

    def pullback(dL: Any) -> tuple[Array, Array | None]:
        dz = np.exp(log_p)
        if total is not None:  # where Σ q may be other than 1, as in a row that is ignored
            dz *= total
        dz -= q
        dz *= dL / N
        dt = log_p * ((label_smoothing - 1) * (dL / N)) if t.shape == z.shape else None
        return dz, dt

    return L, pullback


def _expected(log_p: Array, q: Array) -> Any:
    """Σ q log p, where 0 log 0 counts as 0."""
    total = np.vdot(q, log_p)
    if total == total:
        return total
    return q[q != 0] @ log_p[q != 0]  # 0 · (−∞) was NaN; any other NaN stays


def _require_pairs(function: str, **arrays: Array) -> None:
    """Raise unless all ``arrays`` pair up entry by entry, and there is something to average."""
    require_floating(function, **arrays)
    require_same_shape(function, **arrays)
    name, first = next(iter(arrays.items()))
    require_entries(function, name, first)


def _require_probabilities(function: str, t: Array) -> None:
    if t.dtype.kind == "O":  # symbols have no order
        return
    outside = np.extract((t < 0) | (t > 1), t)
    if outside.size:
        raise ValueError(
            f"{function}: targets must lie in [0, 1], but t holds {outside[0]}; "
            "labels such as −1/+1 become 0/1 with (t + 1) / 2"
        )


def _require_signs(function: str, t: Array) -> None:
    if t.dtype.kind == "f" and not t.all():
        raise ValueError(
            f"{function}: targets must be −1 or +1, but t holds 0, which no score gets right; "
            "labels 0/1 become −1/+1 with 2 * t - 1"
        )


def _target_distribution(
    z: Array, t: Array, label_smoothing: float, ignore_index: int | None
) -> tuple[Array, Array | None, int]:
    """The target probabilities q (..., K), Σ q (..., 1) unless it is 1, and how many rows count."""
    name = "cross_entropy"
    require_floating(name, z=z)
    require_numbers(name, "[0, 1]", label_smoothing=label_smoothing)
    if _looks_like_probabilities(z, t):
        _require_distributions(name, z, t)
        if ignore_index is not None:
            raise ValueError(
                f"{name}: ignore_index={ignore_index} names a class id, but t holds probabilities; "
                "leave out the rows instead, z[kept] and t[kept]"
            )
        K = t.shape[-1]
        q = (1 - label_smoothing) * t + label_smoothing / K
        return q, sum_along(q, -1), t.size // K
    _require_classes(name, "z", z, t, ignore_index, or_probabilities=True)
    K = z.shape[-1]
    q = np.zeros(z.shape, z.dtype if z.dtype.kind == "f" else float)  # logits may be symbols
    rows, ids = q.reshape(-1, K), t.reshape(-1)
    kept, total = np.arange(t.size), None
    if ignore_index is not None:
        counts = t != ignore_index
        kept, total = np.flatnonzero(counts), counts[..., None].astype(q.dtype)
        ids = ids[kept]
    if label_smoothing:
        rows[kept] = label_smoothing / K
    rows[kept, ids] = 1 - label_smoothing + label_smoothing / K
    return q, total, len(kept)


def _looks_like_probabilities(z: Any, t: Any) -> bool:
    is_array = isinstance(t, (np.ndarray, np.generic))
    return is_array and t.dtype.kind in "fO" and t.shape != z.shape[:-1]


def _require_distributions(function: str, z: Array, t: Array) -> None:
    require_floating(function, z=z, t=t)
    if t.shape != z.shape or z.ndim == 0 or z.shape[-1] == 0:
        raise ValueError(
            f"{function}: probabilities t must have the shape of z, one row of at least one class "
            f"per example, got {t.shape} and {z.shape}"
        )
    require_entries(function, "z", z)
    _require_probabilities(function, t)
    if t.dtype.kind == "O":
        return
    totals = t.sum(-1)
    wrong = np.extract(np.abs(totals - 1) > TOTAL_TOLERANCE, totals)
    if wrong.size:
        raise ValueError(
            f"{function}: the probabilities of each example must sum to 1, but a row of t sums to "
            f"{wrong[0]:g}; divide by t.sum(-1, keepdims=True), and for several true classes at "
            "once take binary_cross_entropy_with_logits"
        )


def _require_classes(
    function: str,
    name: str,
    z: Array,
    t: Any,
    ignore_index: int | None = None,
    *,
    or_probabilities: bool = False,
) -> None:
    if z.ndim == 0 or z.shape[-1] == 0:
        raise ValueError(
            f"{function}: {name} needs a last axis with one entry per class, got shape {z.shape}"
        )
    is_array = isinstance(t, (np.ndarray, np.generic))
    if not is_array or t.dtype.kind not in "iu" or (or_probabilities and t.shape == z.shape):
        kind = f"{t.dtype} of shape {t.shape}" if is_array else type(t).__name__
        wanted = f"an array of integer class ids, of shape {z.shape[:-1]}"
        if or_probabilities:
            wanted += f", or of probabilities, {z.dtype} of shape {z.shape}"
        if not is_array:
            hint = "convert it with np.asarray(t)"
        elif t.shape == z.shape:
            hint = "from one-hot rows take t.argmax(-1)"
            hint += ", or t.astype(z.dtype)" if or_probabilities else ""
        elif t.dtype.kind in "fb":
            hint = "convert class ids with t.astype(np.int64)"
        else:
            hint = "take the class ids of np.unique(t, return_inverse=True)[1]"
        raise TypeError(f"{function}: t must be {wanted}, got {kind}; {hint}")
    if t.shape != z.shape[:-1]:
        hint = (
            f"; reshape it with t.reshape{z.shape[:-1]}" if t.size * z.shape[-1] == z.size else ""
        )
        raise ValueError(
            f"{function}: t must have the shape of {name} without its last axis, {z.shape[:-1]}, "
            f"got {t.shape} ({name} has shape {z.shape}){hint}"
        )
    require_entries(function, name, z)
    if ignore_index is not None:
        if not is_integer(ignore_index):
            raise TypeError(
                f"{function}: ignore_index must be an integer, got {ignore_index!r}; take one of "
                "the class ids in t, or −100 by convention"
            )
        t = np.extract(t != ignore_index, t)
        if not t.size:
            raise ValueError(
                f"{function}: all examples have the class {ignore_index}, which is ignored, and "
                "the mean of no losses is undefined; skip such batches"
            )
    K = z.shape[-1]
    if np.minimum.reduce(t, None) < 0 or np.maximum.reduce(t, None) >= K:
        outside = np.extract((t < 0) | (t >= K), t)
        raise ValueError(
            f"{function}: classes must lie in 0, …, {K - 1} ({name} has {K} columns), "
            f"but t holds {outside[0]}; count classes from 0"
            + (", and name what is padding with ignore_index" if or_probabilities else "")
        )
