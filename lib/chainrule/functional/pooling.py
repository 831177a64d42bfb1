"""Pooling: an image is made smaller by summing up each window in one number.

Derived in the chapter ``convolution``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.functional.contract import Array, Pullback, differentiable, require_floating
from chainrule.functional.windows import Pair, entries_of_windows, output_size, require_lengths


@differentiable
def max_pool2d(
    x: Array,
    *,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Pullback]:
    """Max pooling: y = max of x over each window.

    In full, y[u, v] = max of x[s u + d i − p, s v + d j − p] over the window's entries i, j.

    Parameters
    ----------
    x : array (..., H, W)
        Images; any number of leading axes, none included.
    kernel_size : int or (int, int), keyword only
        k, height and width of the window.
    stride : int or (int, int), keyword only
        s, the pixels from one window to the next; by default ``kernel_size``: windows side by side.
    padding : int or (int, int), keyword only
        p, the pixels that are added around the image, which count as −∞.
    dilation : int or (int, int), keyword only
        d, the pixels from one entry of a window to the next.
    ceil_mode : bool, keyword only
        Whether a last window that reaches over the end of the image counts. By default it does
        not: pooling an odd size by twos ignores the last row and column.

    Returns
    -------
    y : array (..., oh, ow)
        With oh = ⌊(H + 2p − d (k − 1) − 1) / s⌋ + 1, or ⌈…⌉ + 1 in ``ceil_mode`` unless the last
        window would begin beyond the image.
    pullback : callable
        dy → dx, each dy handed to the pixel that was the maximum of its window, and added up where
        a pixel was the maximum of several. Among equal pixels the first takes it, row by row, as
        in PyTorch.

    Raises
    ------
    ValueError
        If no window fits, a window would hold nothing but padding, or an option is out of range.
    TypeError
        If ``x`` is not a floating-point array, or an option is not an integer or a pair of them.

    Notes
    -----
    A window with a NaN in it has the value NaN and hands its gradient to no pixel.
    Derived in the chapter ``convolution``; Goodfellow, Bengio & Courville (2016), section 9.3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import max_pool2d
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> y, pullback = max_pool2d(x, kernel_size=2)
    >>> y[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    >>> pullback(np.ones((1, 1, 2, 2)))[0][0, 0]
    array([[0., 0., 0., 0.],
           [0., 1., 0., 1.],
           [0., 0., 0., 0.],
           [0., 1., 0., 1.]])
    """
    w = _require_windows("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode)
    image = _pad(x, w.margins, -np.inf)
    pixels = [(..., rows, columns) for *_, rows, columns in entries_of_windows(*w.steps)]
    y = image[pixels[0]].copy(order="K")
    for met in pixels[1:]:
        np.maximum(y, image[met], out=y)

    def pullback(dy: Array) -> tuple[Array]:
        dimage = np.zeros_like(image)
        left = dy  # what no pixel has taken yet
        for met in pixels:
            taken = left * (image[met] >= y)
            dimage[met] += taken
            left = left - taken
        return (_crop(dimage, w.margins),)

    return y, pullback


@differentiable
def avg_pool2d(
    x: Array,
    *,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> tuple[Array, Pullback]:
    """Average pooling: y = mean of x over each window.

    In full, y[u, v] = mean of x[s u + i − p, s v + j − p] over the window's entries i, j.

    Parameters
    ----------
    x : array (..., H, W)
        Images; any number of leading axes, none included.
    kernel_size : int or (int, int), keyword only
        k, height and width of the window.
    stride : int or (int, int), keyword only
        s, the pixels from one window to the next; by default ``kernel_size``: windows side by side.
    padding : int or (int, int), keyword only
        p, the zeros around the image.
    ceil_mode : bool, keyword only
        Whether a last window that reaches over the end of the padded image counts; what lies beyond
        is not averaged.
    count_include_pad : bool, keyword only
        Whether the zeros around the image are averaged too, or only pixels.

    Returns
    -------
    y : array (..., oh, ow)
        With oh = ⌊(H + 2p − k) / s⌋ + 1, or ⌈…⌉ + 1 in ``ceil_mode`` unless the last window would
        begin beyond the image.
    pullback : callable
        dy → dx, each dy divided by the entries that its window averages and added to its pixels.

    Raises
    ------
    ValueError
        If no window fits, a window would hold nothing but padding, or an option is out of range.
    TypeError
        If ``x`` is not a floating-point array, or an option is not an integer or a pair of them.

    Notes
    -----
    Derived in the chapter ``convolution``; LeCun, Bottou, Bengio & Haffner (1998), section II.A.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import avg_pool2d
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> y, pullback = avg_pool2d(x, kernel_size=2)
    >>> y[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    w = _require_windows("avg_pool2d", x, kernel_size, stride, padding, 1, ceil_mode)
    image = _pad(x, w.margins, 0)
    pixels = [(..., rows, columns) for *_, rows, columns in entries_of_windows(*w.steps)]
    averaged = np.outer(*(w.padded_counts if count_include_pad else w.counts)).astype(x.dtype)
    y = image[pixels[0]].copy(order="K")
    for met in pixels[1:]:
        y += image[met]
    y /= averaged

    def pullback(dy: Array) -> tuple[Array]:
        share = dy / averaged
        dimage = np.zeros_like(image)
        for met in pixels:
            dimage[met] += share
        return (_crop(dimage, w.margins),)

    return y, pullback


@differentiable
def adaptive_avg_pool2d(x: Array, *, output_size: Pair) -> tuple[Array, Pullback]:
    """Average pooling to a given size: y = mean of x over each of oh by ow windows.

    Of H rows, window u covers those from ⌊u H / oh⌋ to ⌈(u + 1) H / oh⌉ − 1; columns
    likewise.

    Parameters
    ----------
    x : array (..., H, W)
        Images; any number of leading axes, none included.
    output_size : int or (int, int), keyword only
        oh and ow. With 1, all of the image is averaged: global average pooling.

    Returns
    -------
    y : array (..., oh, ow)
    pullback : callable
        dy → dx, each dy divided by the number of pixels in its window and added to them.

    Raises
    ------
    ValueError
        If the image has no pixels, or ``output_size`` is not positive.
    TypeError
        If ``x`` is not a floating-point array, or ``output_size`` is not an integer or a pair.

    Notes
    -----
    Where oh does not divide H, neighboring windows share a row.
    Derived in the chapter ``convolution``; Lin, Chen & Yan (2014), section 3.2, average all of it.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import adaptive_avg_pool2d
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> y, pullback = adaptive_avg_pool2d(x, output_size=2)
    >>> y[0, 0]
    array([[2., 3.],
           [5., 6.]])
    """
    _require_image("adaptive_avg_pool2d", x)
    oh, ow = require_lengths("adaptive_avg_pool2d", "output_size", output_size, axes=2, least=1)
    rows, columns = _bands(x.shape[-2], oh), _bands(x.shape[-1], ow)
    windows = [(u, v, (..., rows[u], columns[v])) for u, v in np.ndindex(oh, ow)]
    y = np.empty_like(x, shape=(*x.shape[:-2], oh, ow))
    for u, v, pixels in windows:
        y[..., u, v] = x[pixels].mean((-2, -1))

    def pullback(dy: Array) -> tuple[Array]:
        dx = np.zeros_like(x)
        for u, v, pixels in windows:
            height, width = x[pixels].shape[-2:]
            dx[pixels] += dy[..., u, v, None, None] / (height * width)
        return (dx,)

    return y, pullback


@differentiable
def max_pool1d(
    x: Array,
    *,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Pullback]:
    """Max pooling of sequences: y = max of x over each window.

    In full, y[u] = max of x[s u + d i − p] over the window's entries i: it is
    :func:`max_pool2d` on images of height 1.

    Parameters
    ----------
    x : array (..., L)
        Sequences; any number of leading axes, none included.
    kernel_size : int, keyword only
        k, the length of the window.
    stride : int, keyword only
        s, the steps from one window to the next; by default ``kernel_size``: windows side by side.
    padding : int, keyword only
        p, the entries that are added at both ends, which count as −∞.
    dilation : int, keyword only
        d, the steps from one entry of a window to the next.
    ceil_mode : bool, keyword only
        As in :func:`max_pool2d`.

    Returns
    -------
    y : array (..., o)
    pullback : callable
        dy → dx, each dy handed to the first maximum of its window.

    Raises
    ------
    ValueError
        If no window fits, a window would hold nothing but padding, or an option is out of range.
    TypeError
        If ``x`` is not a floating-point array, or an option is not an integer.

    Notes
    -----
    Derived in the chapter ``convolution``; Goodfellow, Bengio & Courville (2016), section 9.3.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import max_pool1d
    >>> y, pullback = max_pool1d(np.array([[[1.0, 5.0, 2.0, 3.0]]]), kernel_size=2)
    >>> y
    array([[[5., 3.]]])
    >>> pullback(np.ones((1, 1, 2)))[0]
    array([[[0., 1., 0., 1.]]])
    """
    _require_windows("max_pool1d", x, kernel_size, stride, padding, dilation, ceil_mode, axes=1)
    y, pullback2d = max_pool2d(
        x[..., None, :],
        kernel_size=(1, kernel_size),
        stride=None if stride is None else (1, stride),
        padding=(0, padding),
        dilation=(1, dilation),
        ceil_mode=ceil_mode,
    )
    return y[..., 0, :], lambda dy: (pullback2d(dy[..., None, :])[0][..., 0, :],)


@differentiable
def avg_pool1d(
    x: Array,
    *,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> tuple[Array, Pullback]:
    """Average pooling of sequences: y = mean of x over each window.

    In full, y[u] = mean of x[s u + i − p] over the window's entries i: it is
    :func:`avg_pool2d` on images of height 1.

    Parameters
    ----------
    x : array (..., L)
        Sequences; any number of leading axes, none included.
    kernel_size : int, keyword only
        k, the length of the window.
    stride : int, keyword only
        s, the steps from one window to the next; by default ``kernel_size``: windows side by side.
    padding : int, keyword only
        p, the entries that are added at both ends, zeros.
    ceil_mode : bool, keyword only
        As in :func:`avg_pool2d`.
    count_include_pad : bool, keyword only
        As in :func:`avg_pool2d`.

    Returns
    -------
    y : array (..., o)
    pullback : callable
        dy → dx, each dy divided by the entries that its window averages and added to them.

    Raises
    ------
    ValueError
        If no window fits, a window would hold nothing but padding, or an option is out of range.
    TypeError
        If ``x`` is not a floating-point array, or an option is not an integer.

    Notes
    -----
    Derived in the chapter ``convolution``; LeCun, Bottou, Bengio & Haffner (1998), section II.A.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import avg_pool1d
    >>> y, pullback = avg_pool1d(np.array([[[1.0, 5.0, 2.0, 3.0]]]), kernel_size=2)
    >>> y
    array([[[3. , 2.5]]])
    """
    _require_windows("avg_pool1d", x, kernel_size, stride, padding, 1, ceil_mode, axes=1)
    y, pullback2d = avg_pool2d(
        x[..., None, :],
        kernel_size=(1, kernel_size),
        stride=None if stride is None else (1, stride),
        padding=(0, padding),
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    return y[..., 0, :], lambda dy: (pullback2d(dy[..., None, :])[0][..., 0, :],)


class _Windows(NamedTuple):
    """Where the windows lie.

    ``steps``: what :func:`entries_of_windows` takes. For each axis, ``margins``: the padding before
    and after; ``counts`` and ``padded_counts``: how many entries of each window lie in the image,
    and in the image with its padding.
    """

    steps: tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int]]
    margins: list[tuple[int, int]]
    counts: list[Array]
    padded_counts: list[Array]


def _require_windows(
    function: str,
    x: Array,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    *,
    axes: int = 2,
) -> _Windows:
    _require_image(function, x, axes)
    kernel = require_lengths(function, "kernel_size", kernel_size, axes=axes, least=1)
    steps = kernel
    if stride is not None:
        steps = require_lengths(function, "stride", stride, axes=axes, least=1)
    around = require_lengths(function, "padding", padding, axes=axes, least=0)
    spread = require_lengths(function, "dilation", dilation, axes=axes, least=1)
    out, margins, counts, padded_counts = [], [], [], []
    for n, k, s, p, d in zip(x.shape[x.ndim - axes :], kernel, steps, around, spread, strict=True):
        windows = output_size(n, k, s, p, d)
        if ceil_mode:
            windows = output_size(n + s - 1, k, s, p, d)
            windows -= (windows - 1) * s >= n + p  # a window must not begin beyond the image
        entries = s * np.arange(windows)[:, None] + d * np.arange(k) - p
        inside = ((entries >= 0) & (entries < n)).sum(1)
        if windows < 1 or not inside.all():
            what = "no window fits" if windows < 1 else "a window would hold nothing but padding"
            raise ValueError(
                f"{function}: {what}: it reaches over {d * (k - 1) + 1} entries, and x of shape "
                f"{x.shape} has {n}, {n + 2 * p} with padding; take a smaller kernel_size, "
                "dilation or padding"
            )
        out.append(windows)
        margins.append((p, max(p, int(entries[-1, -1]) + 1 - n)))
        counts.append(inside)
        padded_counts.append((entries < n + p).sum(1))
    return _Windows((kernel, out, steps, spread), margins, counts, padded_counts)


def _bands(n: int, windows: int) -> list[slice]:
    return [slice(u * n // windows, -(-(u + 1) * n // windows)) for u in range(windows)]


def _require_image(function: str, x: Array, axes: int = 2) -> None:
    require_floating(function, x=x)
    if x.ndim < axes or 0 in x.shape[x.ndim - axes :]:
        shape = "(..., H, W)" if axes == 2 else "(..., L)"
        raise ValueError(
            f"{function}: x must have shape {shape} with at least one entry each, got {x.shape}"
        )


def _pad(x: Array, margins: list[tuple[int, int]], value: float) -> Array:
    if margins == [(0, 0), (0, 0)]:
        return x
    (top, bottom), (before, after) = margins
    H, W = x.shape[-2:]
    image = np.full_like(x, value, shape=(*x.shape[:-2], top + H + bottom, before + W + after))
    image[..., top : top + H, before : before + W] = x
    return image


def _crop(image: Array, margins: list[tuple[int, int]]) -> Array:
    (top, bottom), (before, after) = margins
    H, W = image.shape[-2:]
    return image[..., top : H - bottom, before : W - after]
