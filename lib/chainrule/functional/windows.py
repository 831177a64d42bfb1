"""Windows that slide over an image: how many fit, and which entries they meet.

Convolution and pooling both look at an image through a small window that moves over it. Instead of
visiting the windows one by one, we visit the entries of the window: entry (i, j) of all windows
together meets one strided view of the image, and NumPy works on whole views.

Derived in the chapter ``convolution``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.arguments import is_integer

Pair = int | tuple[int, int]


def output_size(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Count the windows that fit in one axis: ⌊(n + 2p − d (k − 1) − 1) / s⌋ + 1.

    Parameters
    ----------
    size : int
        n, the entries of the axis.
    kernel, stride, padding, dilation : int
        k, s, p and d: the entries of a window, the steps from one window to the next, the entries
        added at both ends, the steps from one entry of a window to the next.

    Returns
    -------
    int
        0 or less if not even one window fits.

    Notes
    -----
    Derived in the chapter ``convolution``; Dumoulin & Visin (2016), section 5.1.

    Examples
    --------
    >>> from chainrule.functional.windows import output_size
    >>> output_size(28, kernel=5, stride=1, padding=2, dilation=1)
    28
    >>> output_size(7, kernel=3, stride=2, padding=0, dilation=1)
    3
    """
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def entries_of_windows(
    kernel: Sequence[int], out: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> Iterator[tuple[int, int, slice, slice]]:
    """Yield each entry (i, j) of the window, row by row, with the pixels that it meets.

    Parameters
    ----------
    kernel : (kh, kw)
    out : (oh, ow)
        How many windows there are.
    stride, dilation : (int, int)

    Yields
    ------
    i, j, rows, columns
        Pixel (u, v) of ``x[rows, columns]``, of shape (oh, ow), is x[s u + d i, s v + d j]: what
        entry (i, j) of window (u, v) meets.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functional.windows import entries_of_windows
    >>> image = np.arange(9).reshape(3, 3)
    >>> for i, j, rows, columns in entries_of_windows((1, 2), (3, 2), (1, 1), (1, 1)):
    ...     print((i, j), image[rows, columns].tolist())
    (0, 0) [[0, 1], [3, 4], [6, 7]]
    (0, 1) [[1, 2], [4, 5], [7, 8]]
    """
    reach = [s * (n - 1) + 1 for s, n in zip(stride, out, strict=True)]
    for i, j in np.ndindex(*kernel):
        top, left = dilation[0] * i, dilation[1] * j
        rows = slice(top, top + reach[0], stride[0])
        columns = slice(left, left + reach[1], stride[1])
        yield i, j, rows, columns


def require_lengths(
    function: str, name: str, value: Any, *, axes: int, least: int
) -> tuple[int, ...]:
    """Return an option as one integer per axis of the window; one integer stands for all."""
    lengths = tuple(value) if isinstance(value, (tuple, list)) and axes > 1 else (value,) * axes
    if len(lengths) != axes or not all(map(is_integer, lengths)):
        wanted = "an integer, or a pair of them for height and width" if axes > 1 else "an integer"
        raise TypeError(f"{function}: {name} must be {wanted}, got {value!r}")
    if min(lengths) < least:
        raise ValueError(f"{function}: {name} must be at least {least}, got {value!r}")
    return tuple(int(n) for n in lengths)
