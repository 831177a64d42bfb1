"""Normalization: numbers are brought to mean 0 and variance 1, then scaled by γ and shifted by β.

The four functions differ in what is normalized together: all of an example (layer and RMS
normalization), a group of its channels (group normalization), or one channel of all examples
(batch normalization). Each arranges what belongs together in rows; the rest is the same.

Derived in the chapter ``normalization``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.arguments import is_integer, require_function, require_numbers
from chainrule.functional.contract import Array, Pullback, differentiable, require_floating
from chainrule.functional.sums import dots_of_rows, sum_along, sum_of_rows


def center_rows(x: Array) -> tuple[Array, Array, Array]:
    """Subtract from every row its mean.

    Parameters
    ----------
    x : array (m, n)

    Returns
    -------
    centered : array (m, n)
        x − μ.
    mean, variance : array (m, 1)
        μ, and σ², the mean of (x − μ)².

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.normalization import center_rows
    >>> center_rows(np.array([[1.0, 3.0]]))
    (array([[-1.,  1.]]), array([[2.]]), array([[1.]]))
    """
    n = x.shape[1]
    mean = x @ np.full((n, 1), 1 / n, x.dtype)  # as a matrix product, which BLAS sums fastest
    centered = x - mean
    return centered, mean, dots_of_rows(centered, centered)[:, None] / n


def normalize_rows(x: Array, eps: float) -> tuple[Array, Callable[[Array], Array]]:
    """Bring every row to mean 0 and variance 1: x̂ = (x − μ) / √(σ² + ε).

    Parameters
    ----------
    x : array (m, n)
    eps : float
        ε, inside the root, keeps a row of equal numbers from division by zero.

    Returns
    -------
    normalized : array (m, n)
        x̂.
    pullback : callable
        dx̂ → dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂)) / √(σ² + ε), with means over a row: what is left
        of dx̂ when its parts along 1 and along x̂ are removed, for x̂ does not move along them.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.normalization import normalize_rows
    >>> x_hat, pullback = normalize_rows(np.array([[1.0, 3.0, 8.0]]), eps=0.0)
    >>> x_hat.round(4)
    array([[-1.019 , -0.3397,  1.3587]])
    >>> pullback(np.array([[1.0, 1.0, 1.0]])).round(4)  # what moves all numbers changes no x̂
    array([[0., 0., 0.]])
    """
    centered, _, variance = center_rows(x)
    scale = 1 / np.sqrt(variance + eps)
    normalized = centered
    normalized *= scale

    def pullback(dnormalized: Array) -> Array:
        n = x.shape[1]
        dx = normalized * (-dots_of_rows(dnormalized, normalized)[:, None] / n)
        dx -= sum_along(dnormalized, 1) / n
        dx += dnormalized
        dx *= scale
        return dx

    return normalized, pullback


@differentiable
def layer_norm(x: Array, gamma: Array, beta: Array, *, eps: float = 1e-5) -> tuple[Array, Pullback]:
    """Layer normalization: y = γ (x − μ) / √(σ² + ε) + β, with μ and σ² of each example.

    Parameters
    ----------
    x : array (..., *features)
        Any number of leading axes, none included.
    gamma : array (*features)
        γ. Its shape says which axes of ``x`` are normalized together: the last ones.
    beta : array (*features)
        β.
    eps : float, keyword only
        ε, in the squared unit of ``x``.

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂)) / √(σ² + ε) with dx̂ = γ dy, means over the
        features and x̂ = (x − μ) / √(σ² + ε); dγ = Σ dy x̂ and dβ = Σ dy, over all examples.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no features, or ``eps`` is negative.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    σ² is the mean of (x − μ)², over n and not n − 1. An empty batch is fine.
    Derived in the chapter ``normalization``; Ba, Kiros & Hinton (2016), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import layer_norm
    >>> x = np.array([[1.0, 2.0, 4.0], [2.0, 2.0, 2.0]])
    >>> y, pullback = layer_norm(x, np.ones(3), np.zeros(3))
    >>> y.round(4)
    array([[-1.069 , -0.2673,  1.3363],
           [ 0.    ,  0.    ,  0.    ]])
    """
    _require_features("layer_norm", x, eps, gamma=gamma, beta=beta)
    weights, n = gamma.reshape(-1), gamma.size
    rows = x.reshape(-1, n)
    centered, _, variance = center_rows(rows)
    scale = 1 / np.sqrt(variance + eps)  # s, (m, 1)
    slope = np.dot(scale, weights[None])  # s γ: as a matrix product, in half the time
    y = centered * slope
    y += beta.reshape(-1)

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        dy_rows = dy.reshape(rows.shape)
        product = dy_rows * centered
        dgamma = scale[:, 0] @ product
        dbeta = sum_of_rows(dy_rows)
        # dx = s γ dy − (x − μ) s³ mean(γ dy (x − μ)) − s mean(γ dy), and every mean is a product
        # with γ. Written so that few of the passes over all numbers have to broadcast.
        dx = dy_rows * slope
        removed = centered * ((product @ weights)[:, None] * scale * scale * scale / n)
        removed += (dy_rows @ weights)[:, None] * scale / n
        dx -= removed
        return dx.reshape(x.shape), dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)

    return y.reshape(x.shape), pullback


@differentiable
def rms_norm(x: Array, gamma: Array, *, eps: float = 1e-5) -> tuple[Array, Pullback]:
    """RMS normalization: y = γ x / √(mean(x²) + ε), with the mean over each example.

    Parameters
    ----------
    x : array (..., *features)
        Any number of leading axes, none included.
    gamma : array (*features)
        γ. Its shape says which axes of ``x`` are normalized together: the last ones.
    eps : float, keyword only
        ε, in the squared unit of ``x``. (PyTorch's default depends on the dtype; this one is that
        of the other normalizations.)

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = (dx̂ − x̂ mean(dx̂ x̂)) / √(mean(x²) + ε) with dx̂ = γ dy, means over the features
        and x̂ = x / √(mean(x²) + ε); dγ = Σ dy x̂ over all examples.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no features, or ``eps`` is negative.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    An empty batch is fine.
    Derived in the chapter ``normalization``; Zhang & Sennrich (2019), equation 4.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import rms_norm
    >>> y, _ = rms_norm(np.array([[3.0, 4.0]]), np.ones(2))
    >>> y.round(4)
    array([[0.8485, 1.1314]])
    """
    _require_features("rms_norm", x, eps, gamma=gamma)
    n = gamma.size
    rows = x.reshape(-1, n)
    scale = 1 / np.sqrt(np.vecdot(rows, rows)[:, None] / n + eps)
    normalized = rows * scale
    y = normalized * gamma.reshape(-1)

    def pullback(dy: Array) -> tuple[Array, Array]:
        dy_rows = dy.reshape(rows.shape)
        dgamma = sum_of_rows(dy_rows * normalized)
        dnormalized = dy_rows * gamma.reshape(-1)
        removed = normalized * (dots_of_rows(dnormalized, normalized)[:, None] / n)
        dx = dnormalized - removed
        dx *= scale
        return dx.reshape(x.shape), dgamma.reshape(gamma.shape)

    return y.reshape(x.shape), pullback


@differentiable
def group_norm(
    x: Array, gamma: Array, beta: Array, *, num_groups: int, eps: float = 1e-5
) -> tuple[Array, Pullback]:
    """Group normalization: y = γ (x − μ) / √(σ² + ε) + β, with μ and σ² of each group of channels.

    Parameters
    ----------
    x : array (N, C, ...)
        Channels in axis 1.
    gamma : array (C,)
        γ, one per channel.
    beta : array (C,)
        β, one per channel.
    num_groups : int, keyword only
        The C channels of an example fall in so many groups of equal size, in order. With 1, all of
        the example is normalized together; with C, each channel alone: instance normalization.
    eps : float, keyword only
        ε, in the squared unit of ``x``.

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂)) / √(σ² + ε) with dx̂ = γ dy, means over the group
        and x̂ = (x − μ) / √(σ² + ε); dγ = Σ dy x̂ and dβ = Σ dy, over all but the channels.

    Raises
    ------
    ValueError
        If the shapes do not fit, the groups are not of equal size, or ``eps`` is negative.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    An empty batch is fine.
    Derived in the chapter ``normalization``; Wu & He (2018), section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import group_norm
    >>> x = np.arange(8.0).reshape(1, 4, 2)
    >>> y, _ = group_norm(x, np.ones(4), np.zeros(4), num_groups=2)
    >>> y.round(4)
    array([[[-1.3416, -0.4472],
            [ 0.4472,  1.3416],
            [-1.3416, -0.4472],
            [ 0.4472,  1.3416]]])
    """
    _require_channels("group_norm", x, eps, gamma=gamma, beta=beta)
    N, C = x.shape[:2]
    _require_groups(C, num_groups)
    places = int(np.prod(x.shape[2:]))
    rows = x.reshape(N * num_groups, C // num_groups * places)
    normalized, normalization_pullback = normalize_rows(rows, eps)
    channels = normalized.reshape(N, C, places)
    y = channels * gamma[:, None]
    y += beta[:, None]

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        dy_channels = dy.reshape(channels.shape)
        dx = normalization_pullback((dy_channels * gamma[:, None]).reshape(rows.shape))
        dgamma = np.vecdot(dy_channels, channels).sum(0)
        dbeta = dy_channels.sum(2).sum(0)
        return dx.reshape(x.shape), dgamma, dbeta

    return y.reshape(x.shape), pullback


@differentiable
def batch_norm(
    x: Array,
    gamma: Array,
    beta: Array,
    *,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    eps: float = 1e-5,
    observe: Callable[[Array, Array], Any] | None = None,
) -> tuple[Array, Pullback]:
    """Batch normalization: y = γ (x − μ) / √(σ² + ε) + β, with μ and σ² of each channel.

    For training, μ and σ² are those of the batch, and the gradient flows through them. For
    evaluation, pass the running statistics: constants that stand for them, so that an example does
    not depend on its company.

    Parameters
    ----------
    x : array (N, C, ...)
        Channels in axis 1.
    gamma : array (C,)
        γ, one per channel.
    beta : array (C,)
        β, one per channel.
    running_mean : array (C,), keyword only
        μ for evaluation. It is no argument of the pullback, and converted to the dtype of ``x``.
    running_var : array (C,), keyword only
        σ² for evaluation; both or neither.
    eps : float, keyword only
        ε, in the squared unit of ``x``.
    observe : callable, keyword only
        In training, called once with the μ and σ² of the batch, each (C,). The function remembers
        nothing from call to call; whoever keeps running statistics updates them here.

    Returns
    -------
    y : array, the shape of ``x``
    pullback : callable
        dy → dx; dγ = Σ dy x̂ and dβ = Σ dy, over all but the channels, x̂ = (x − μ) / √(σ² + ε). In
        training dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂)) / √(σ² + ε) with dx̂ = γ dy and means over
        all but the channels; in evaluation dx = dx̂ / √(σ² + ε).

    Raises
    ------
    ValueError
        If the shapes do not fit, a running variance or ``eps`` is negative, only one running
        statistic is given, or if there is but one number per channel in training.
    TypeError
        If an argument is not a floating-point array, or the dtypes differ.

    Notes
    -----
    σ² is the mean of (x − μ)² over the n numbers of a channel. PyTorch's modules multiply it with
    n / (n − 1) before they average it into the running variance, and only there.
    In memory, channels of ``y`` come first and examples last, as in ``conv2d``.
    Derived in the chapter ``normalization``; Ioffe & Szegedy (2015), algorithms 1 and 2.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import batch_norm
    >>> x = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> y, pullback = batch_norm(x, np.array([2.0]), np.array([0.5]))
    >>> y.ravel().round(4)
    array([-2.1833, -0.3944,  1.3944,  3.1833])
    """
    _require_channels("batch_norm", x, eps, gamma=gamma, beta=beta)
    statistics = _require_statistics(x, running_mean, running_var)
    if observe is not None:
        require_function("batch_norm", "pass a function of mean and variance", observe=observe)
    rows = _channel_rows(x)
    if statistics is None:
        centered, mean, variance = center_rows(rows)
        if observe is not None:
            observe(mean[:, 0], variance[:, 0])
    else:
        mean, variance = statistics
        centered = rows - mean
    scale = 1 / np.sqrt(variance + eps)  # x̂ is scale · centered, and the slope of y is γ · scale
    slope = gamma[:, None] * scale
    y = centered * slope
    y += beta[:, None]

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        dy_rows = _channel_rows(dy)
        dgamma = dots_of_rows(dy_rows, centered)[:, None] * scale
        dbeta = sum_along(dy_rows, 1)
        if statistics is None:  # as in normalize_rows, whose sums are γ dβ and γ dγ here
            n = rows.shape[1]
            dx = centered * (-dgamma * scale / n)
            dx -= dbeta / n
            dx += dy_rows
            dx *= slope
        else:
            dx = dy_rows * slope
        return _from_channel_rows(dx, x.shape), dgamma[:, 0], dbeta[:, 0]

    return _from_channel_rows(y, x.shape), pullback


def _channel_rows(x: Array) -> Array:
    # (N, C, ...) → (C, ... N): no copy if x is a matrix, or comes from a convolution.
    return x.T if x.ndim == 2 else np.moveaxis(x, 0, -1).reshape(x.shape[1], x.size // x.shape[1])


def _from_channel_rows(rows: Array, shape: tuple[int, ...]) -> Array:
    return rows.T if len(shape) == 2 else np.moveaxis(rows.reshape(*shape[1:], shape[0]), -1, 0)


def _require_features(function: str, x: Array, eps: float, **parameters: Array) -> None:
    require_floating(function, x=x, **parameters)
    require_numbers(function, "[0, inf)", eps=eps)
    gamma = parameters["gamma"]
    for name, a in parameters.items():
        if a.shape != gamma.shape:
            raise ValueError(
                f"{function}: gamma and {name} must have one shape, got {gamma.shape} and {a.shape}"
            )
    if gamma.ndim == 0 or gamma.size == 0:
        raise ValueError(
            f"{function}: gamma must have at least one axis and one entry, got shape {gamma.shape}"
        )
    if x.shape[max(x.ndim - gamma.ndim, 0) :] != gamma.shape:
        raise ValueError(
            f"{function}: the last axes of x must be those of gamma, {gamma.shape}, "
            f"but x has shape {x.shape}"
        )


def _require_channels(function: str, x: Array, eps: float, **parameters: Array) -> None:
    require_floating(function, x=x, **parameters)
    require_numbers(function, "[0, inf)", eps=eps)
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise ValueError(
            f"{function}: x must have shape (N, C, ...) with at least one channel and place, "
            f"got {x.shape}"
        )
    _require_one_per_channel(function, x, **parameters)


def _require_one_per_channel(function: str, x: Array, **parameters: Array) -> None:
    C = x.shape[1]
    for name, a in parameters.items():
        if a.shape != (C,):
            hint = "; the channels of x seem to be last, move them to axis 1"
            raise ValueError(
                f"{function}: {name} must have shape ({C},), one entry per channel of x {x.shape}, "
                f"got {a.shape}" + (hint if a.shape == x.shape[-1:] else "")
            )


def _require_groups(C: int, num_groups: Any) -> None:
    if not is_integer(num_groups) or num_groups < 1 or C % num_groups:
        raise ValueError(
            f"group_norm: num_groups must be a positive integer that divides the {C} channels, "
            f"got {num_groups!r}"
        )


def _require_statistics(
    x: Array, mean: Array | None, var: Array | None
) -> tuple[Array, Array] | None:
    """The running statistics as columns, or None for training."""
    if (mean is None) != (var is None):
        raise ValueError(
            "batch_norm: pass running_mean and running_var both, for evaluation, or neither, for "
            f"training, got {type(mean).__name__} and {type(var).__name__}"
        )
    if mean is not None and var is not None:
        require_floating("batch_norm", running_mean=mean, running_var=var)
        _require_one_per_channel("batch_norm", x, running_mean=mean, running_var=var)
        if (var < 0).any():
            raise ValueError(f"batch_norm: running_var must not be negative, got {var.min()}")
        return mean.astype(x.dtype)[:, None], var.astype(x.dtype)[:, None]
    n = x.size // x.shape[1]
    if n < 2:
        raise ValueError(
            f"batch_norm: in training, each channel needs at least two numbers, but x of shape "
            f"{x.shape} has {n}: "
            + ("one number minus its own mean is 0" if n else "an empty batch has no mean")
            + "; take a larger batch, or pass the running statistics to evaluate"
        )
    return None
