"""Convolution: one small kernel that is shared by all places of an image or a sequence.

Each function gathers what the kernel meets into the columns of a matrix, so that the sums over
channels and kernel entries become one matrix product. Convolution and transposed convolution are
each other's pullback, and so are the two ways between images and columns.

Images have shape (N, C, H, W), but what is computed here lies in memory as (C, H, W, N), seen
through a transpose: a step along the examples is then the shortest, so that whatever the window
does, pixels are copied and added in runs of at least N numbers. NumPy's elementwise functions keep
the order, hence a network shuffles its pixels only where images enter and leave.

Derived in the chapter ``convolution``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.arguments import is_integer
from chainrule.functional.contract import Array, Pullback, differentiable, require_floating
from chainrule.functional.windows import Pair, entries_of_windows, output_size, require_lengths

Geometry = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Stride, padding and dilation, each for every axis of the window."""


@differentiable
def conv2d(
    x: Array,
    W: Array,
    b: Array,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
    needs_dx: bool = True,
) -> tuple[Array, Pullback]:
    """2-D convolution: y = W ⋆ x + b, every kernel slid over every image.

    In full, y[n,f,u,v] = b[f] + Σ W[f,c,i,j] x[n, c, s u + d i − p, s v + d j − p], summed over c,
    i and j.

    Parameters
    ----------
    x : array (N, C, H, W)
        Images, C channels each.
    W : array (F, C / groups, kh, kw)
        One kernel per output channel. It is not flipped: this is cross-correlation, which all
        frameworks call convolution.
    b : array (F,)
        Biases.
    stride : int or (int, int), keyword only
        s, the pixels from one window to the next, for height and width.
    padding : int or (int, int), keyword only
        p, the zeros around the image.
    dilation : int or (int, int), keyword only
        d, the pixels from one entry of the kernel to the next.
    groups : int, keyword only
        Channels fall in so many groups of equal size, in order; an output channel sees only the
        input channels of its group. With ``groups=C`` the convolution is depthwise.
    needs_dx : bool, keyword only
        Whether the pullback computes dx. The first layer's x is data, whose gradient nobody asks
        for; then dx is None.

    Returns
    -------
    y : array (N, F, oh, ow)
        With oh = ⌊(H + 2p − d (kh − 1) − 1) / s⌋ + 1, and ow likewise. In memory, channels come
        first and examples last.
    pullback : callable
        dy → dx, each pixel the sum of W dy over all windows that meet it: the transposed
        convolution of dy; dW[f, c, i, j] = Σ dy[n, f, u, v] x[n, c, s u + d i − p, s v + d j − p];
        db = Σ dy over all but the channels.

    Raises
    ------
    ValueError
        If the shapes do not fit, no window fits in the padded image, or an option is out of range.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or an option is not an
        integer or a pair of them.

    Notes
    -----
    An empty batch is fine: its dW and db are zero.
    Derived in the chapter ``convolution``; Goodfellow, Bengio & Courville (2016), section 9.5.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import conv2d
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> w = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> y, pullback = conv2d(x, w, np.zeros(1))
    >>> y[0, 0]
    array([[-4., -4.],
           [-4., -4.]])
    >>> dx, dw, db = pullback(np.ones((1, 1, 2, 2)))
    >>> dw[0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    geometry = _require_convolution("conv2d", x, W, b, stride, padding, dilation, groups, axes=2)
    (N, _, *size), (F, _, *kernel) = x.shape, W.shape
    out = [output_size(*axis) for axis in zip(size, kernel, *geometry, strict=True)]
    cols = im2col(x, kernel, out, *geometry)  # (C, kh, kw, oh, ow, N)

    positions, weights = out[0] * out[1] * N, W[0].size
    x_columns = cols.reshape(groups, weights, positions)
    kernels = W.reshape(groups, F // groups, weights)
    y = (kernels @ x_columns).reshape(F, *out, N).transpose(3, 0, 1, 2)
    y += b[:, None, None]

    def pullback(dy: Array) -> tuple[Array | None, Array, Array]:
        dy_rows = dy.transpose(1, 2, 3, 0).reshape(groups, F // groups, positions)
        dx = None
        if needs_dx:
            dcols = _spread(kernels, dy_rows).reshape(cols.shape)
            dx = col2im(dcols, size, *geometry)
        dW = (dy_rows @ x_columns.swapaxes(1, 2)).reshape(W.shape)
        db = dy.sum((0, 2, 3))
        return dx, dW, db

    return y, pullback


@differentiable
def conv_transpose2d(
    x: Array,
    W: Array,
    b: Array,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    groups: int = 1,
    dilation: Pair = 1,
) -> tuple[Array, Pullback]:
    """Transposed 2-D convolution: y = Wᵀ ⋆ x + b, every pixel painting a kernel.

    In full, y[n, f, s u + d i − p, s v + d j − p] += W[c,f,i,j] x[n,c,u,v]: each pixel of ``x``
    paints the kernel into the output, scaled by its value, s pixels further than its neighbor.
    Where the paintings overlap they add up, and every pixel of the output gets b[f]. This is the
    pullback of :func:`conv2d` with respect to its images.

    Parameters
    ----------
    x : array (N, C, H, W)
        Images, C channels each.
    W : array (C, F / groups, kh, kw)
        One kernel per pair of input and output channel of a group.
    b : array (F,)
        Biases.
    stride : int or (int, int), keyword only
        s, the output pixels from one painting to the next, for height and width.
    padding : int or (int, int), keyword only
        p, the pixels that are cut off on all sides.
    output_padding : int or (int, int), keyword only
        q, rows and columns that the output gets in addition, at the bottom and on the right. It
        selects one of the input sizes that :func:`conv2d` with the same stride maps to one output
        size.
    groups : int, keyword only
        As in :func:`conv2d`.
    dilation : int or (int, int), keyword only
        d, the output pixels from one entry of the kernel to the next.

    Returns
    -------
    y : array (N, F, oh, ow)
        With oh = s (H − 1) + d (kh − 1) + 1 − 2p + q, and ow likewise. In memory, channels come
        first and examples last.
    pullback : callable
        dy → dx, the convolution of dy with the same kernels;
        dW[c, f, i, j] = Σ x[n, c, u, v] dy[n, f, s u + d i − p, s v + d j − p];
        db = Σ dy over all but the channels.

    Raises
    ------
    ValueError
        If the shapes do not fit, nothing is left of the output, or an option is out of range.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or an option is not an
        integer or a pair of them.

    Notes
    -----
    An empty batch is fine: its dW and db are zero.
    Derived in the chapter ``convolution``; Dumoulin & Visin (2016), chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import conv_transpose2d
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> y, pullback = conv_transpose2d(x, np.ones((1, 1, 2, 2)), np.zeros(1), stride=2)
    >>> y[0, 0]
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.],
           [3., 3., 4., 4.],
           [3., 3., 4., 4.]])
    """
    geometry, extra = _require_transposed_convolution(
        x, W, b, stride, padding, dilation, output_padding, groups
    )
    (N, C, *size), (_, channels, *kernel) = x.shape, W.shape
    F = groups * channels
    out = [
        s * (n - 1) + d * (k - 1) + 1 - 2 * p + q
        for n, k, q, s, p, d in zip(size, kernel, extra, *geometry, strict=True)
    ]
    if min(out) < 1:
        raise ValueError(
            f"conv_transpose2d: padding {padding} cuts away all of the output: x has shape "
            f"{x.shape}, W {W.shape}; take less padding"
        )
    positions, weights = size[0] * size[1] * N, W[0].size
    x_rows = x.transpose(1, 2, 3, 0).reshape(groups, C // groups, positions)
    kernels = W.reshape(groups, C // groups, weights)
    cols = _spread(kernels, x_rows).reshape(F, *kernel, *size, N)
    y = col2im(cols, out, *geometry)
    y += b[:, None, None]

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        dcols = im2col(dy, kernel, size, *geometry)
        dy_columns = dcols.reshape(groups, weights, positions)
        dx = (kernels @ dy_columns).reshape(C, *size, N).transpose(3, 0, 1, 2)
        dW = (x_rows @ dy_columns.swapaxes(1, 2)).reshape(W.shape)
        db = dy.sum((0, 2, 3))
        return dx, dW, db

    return y, pullback


@differentiable
def conv1d(
    x: Array,
    W: Array,
    b: Array,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
    needs_dx: bool = True,
) -> tuple[Array, Pullback]:
    """1-D convolution: y = W ⋆ x + b, every kernel slid over every sequence.

    In full, y[n,f,u] = b[f] + Σ W[f,c,i] x[n, c, s u + d i − p], summed over c and i: it is
    :func:`conv2d` on images of height 1.

    Parameters
    ----------
    x : array (N, C, L)
        Sequences, C channels each.
    W : array (F, C / groups, k)
        One kernel per output channel, not flipped.
    b : array (F,)
        Biases.
    stride : int, keyword only
        s, the steps from one window to the next.
    padding : int, keyword only
        p, the zeros at both ends.
    dilation : int, keyword only
        d, the steps from one entry of the kernel to the next.
    groups : int, keyword only
        As in :func:`conv2d`.
    needs_dx : bool, keyword only
        As in :func:`conv2d`.

    Returns
    -------
    y : array (N, F, o)
        With o = ⌊(L + 2p − d (k − 1) − 1) / s⌋ + 1.
    pullback : callable
        dy → dx[n, c, s u + d i − p] += W[f, c, i] dy[n, f, u],
        dW[f, c, i] = Σ dy[n, f, u] x[n, c, s u + d i − p], db[f] = Σ dy[n, f, u].

    Raises
    ------
    ValueError
        If the shapes do not fit, no window fits in the padded sequence, or an option is out of
        range.
    TypeError
        If an argument is not a floating-point array, the dtypes differ, or an option is not an
        integer.

    Notes
    -----
    An empty batch is fine: its dW and db are zero.
    Derived in the chapter ``convolution``; Goodfellow, Bengio & Courville (2016), section 9.1.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional import conv1d
    >>> x = np.array([[[1.0, 2.0, 4.0, 8.0]]])
    >>> y, pullback = conv1d(x, np.array([[[-1.0, 1.0]]]), np.zeros(1))
    >>> y
    array([[[1., 2., 4.]]])
    >>> dx, dw, db = pullback(np.ones((1, 1, 3)))
    >>> dw
    array([[[ 7., 14.]]])
    """
    _require_convolution("conv1d", x, W, b, stride, padding, dilation, groups, axes=1)
    y, pullback2d = conv2d(
        x[:, :, None],
        W[:, :, None],
        b,
        stride=(1, stride),
        padding=(0, padding),
        dilation=(1, dilation),
        groups=groups,
        needs_dx=needs_dx,
    )

    def pullback(dy: Array) -> tuple[Array | None, Array, Array]:
        dx, dW, db = pullback2d(dy[:, :, None])
        return dx[:, :, 0] if needs_dx else None, dW[:, :, 0], db

    return y[:, :, 0], pullback


def im2col(
    x: Array,
    kernel: Sequence[int],
    out: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> Array:
    """Gather what a kernel meets: cols[c, i, j, u, v, n] = x[n, c, s u + d i − p, s v + d j − p].

    x (N, C, H, W) → cols (C, kh, kw, oh, ow, N). Outside of the image there are zeros.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.convolution import im2col
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> cols = im2col(x, (2, 2), (2, 2), stride=(1, 1), padding=(0, 0), dilation=(1, 1))
    >>> cols.reshape(4, 4)[:, 0]  # the window at the top left
    array([0., 1., 3., 4.])
    """
    (N, C, H, W), (ph, pw) = x.shape, padding
    image = x.transpose(1, 2, 3, 0)
    if ph or pw:
        image = np.zeros((C, H + 2 * ph, W + 2 * pw, N), x.dtype)
        image[:, ph : ph + H, pw : pw + W] = x.transpose(1, 2, 3, 0)
    cols = np.empty((C, *kernel, *out, N), x.dtype)
    for i, j, rows, columns in entries_of_windows(kernel, out, stride, dilation):
        cols[:, i, j] = image[:, rows, columns]
    return cols


def col2im(
    cols: Array,
    size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> Array:
    """Add up what a kernel met: x[n, c, s u + d i − p, s v + d j − p] += cols[c, i, j, u, v, n].

    cols (C, kh, kw, oh, ow, N) → x (N, C, H, W). What falls outside of the image is dropped. This
    is the pullback of :func:`im2col`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.convolution import col2im
    >>> cols = np.ones((1, 2, 2, 2, 2, 1))
    >>> x = col2im(cols, (3, 3), stride=(1, 1), padding=(0, 0), dilation=(1, 1))
    >>> x[0, 0]  # in how many windows each pixel lies
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    (C, kh, kw, oh, ow, N), (H, W), (ph, pw) = cols.shape, size, padding
    image = np.zeros((C, H + 2 * ph, W + 2 * pw, N), cols.dtype)
    for i, j, rows, columns in entries_of_windows((kh, kw), (oh, ow), stride, dilation):
        image[:, rows, columns] += cols[:, i, j]
    return image[:, ph : ph + H, pw : pw + W].transpose(3, 0, 1, 2)


def _spread(kernels: Array, rows: Array) -> Array:
    """Kernelsᵀ rows of each group: what every kernel paints around every position."""
    if kernels.shape[1] == 1:  # one channel per group: an outer product, slow as a matrix product
        return kernels.swapaxes(1, 2) * rows
    return kernels.swapaxes(1, 2) @ rows


def _require_convolution(
    function: str,
    x: Array,
    W: Array,
    b: Array,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    *,
    axes: int,
) -> Geometry:
    _require_arrays(function, x, W, b, groups, axes)
    F, channels = W.shape[:2]
    if F % groups:
        raise ValueError(
            f"{function}: W has {F} output channels (shape {W.shape}), which do not fall in "
            f"{groups} groups of equal size"
        )
    if x.shape[1] != channels * groups:
        raise ValueError(
            f"{function}: x must have {channels * groups} channels in axis 1, as W {W.shape} with "
            f"groups={groups} has, but x has shape {x.shape}{_channels_last_hint(x, channels)}"
        )
    _require_bias(function, b, F)
    geometry = _require_geometry(function, stride, padding, dilation, axes)
    for n, k, s, p, d in zip(x.shape[2:], W.shape[2:], *geometry, strict=True):
        if output_size(n, k, s, p, d) < 1:
            raise ValueError(
                f"{function}: the kernel reaches over {d * (k - 1) + 1} entries, but x has {n}, "
                f"{n + 2 * p} with padding (x has shape {x.shape}, W {W.shape}); pad more, or take "
                "a smaller kernel or dilation"
            )
    return geometry


def _require_transposed_convolution(
    x: Array,
    W: Array,
    b: Array,
    stride: Any,
    padding: Any,
    dilation: Any,
    output_padding: Any,
    groups: Any,
) -> tuple[Geometry, tuple[int, ...]]:
    function = "conv_transpose2d"
    _require_arrays(function, x, W, b, groups, axes=2)
    C, channels = W.shape[:2]
    if x.shape[1] != C:
        raise ValueError(
            f"{function}: x must have {C} channels in axis 1, as W {W.shape} has in axis 0, but x "
            f"has shape {x.shape}{_channels_last_hint(x, C)}"
        )
    if C % groups:
        raise ValueError(
            f"{function}: x has {C} channels (shape {x.shape}), which do not fall in {groups} "
            "groups of equal size"
        )
    _require_bias(function, b, channels * groups)
    geometry = _require_geometry(function, stride, padding, dilation, axes=2)
    extra = require_lengths(function, "output_padding", output_padding, axes=2, least=0)
    if any(q >= max(s, d) for q, s, d in zip(extra, geometry[0], geometry[2], strict=True)):
        raise ValueError(
            f"{function}: output_padding must be less than stride or dilation, got "
            f"{output_padding!r} with stride {stride!r} and dilation {dilation!r}"
        )
    return geometry, extra


def _require_arrays(function: str, x: Array, W: Array, b: Array, groups: Any, axes: int) -> None:
    require_floating(function, x=x, W=W, b=b)
    shape = "(N, C, H, W)" if axes == 2 else "(N, C, L)"
    if x.ndim != axes + 2 or 0 in x.shape[1:]:
        hint = (
            "; a single one becomes a batch with x[None]" if x.ndim == axes + 1 and x.size else ""
        )
        raise ValueError(
            f"{function}: x must have shape {shape} with at least one entry each, got {x.shape}"
            + hint
        )
    if W.ndim != axes + 2 or 0 in W.shape:
        raise ValueError(
            f"{function}: W must have {axes + 2} axes, two for the channels and {axes} for the "
            f"kernel, with at least one entry, got shape {W.shape}"
        )
    if not is_integer(groups) or groups < 1:
        raise ValueError(f"{function}: groups must be a positive integer, got {groups!r}")


def _require_geometry(
    function: str, stride: Any, padding: Any, dilation: Any, axes: int
) -> Geometry:
    return (
        require_lengths(function, "stride", stride, axes=axes, least=1),
        require_lengths(function, "padding", padding, axes=axes, least=0),
        require_lengths(function, "dilation", dilation, axes=axes, least=1),
    )


def _require_bias(function: str, b: Array, F: int) -> None:
    if b.shape != (F,):
        raise ValueError(
            f"{function}: b must have shape ({F},), one bias per output channel, got {b.shape}; "
            f"for none pass np.zeros({F}, x.dtype)"
        )


def _channels_last_hint(x: Array, channels: int) -> str:
    if x.shape[-1] != channels:
        return ""
    return "; the channels seem to be last: move them with np.moveaxis(x, -1, 1)"
