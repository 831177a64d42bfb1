"""Grids of small pictures: digits, filters, maps of attention, photographs.

What lays out several pictures makes the figure itself and returns it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from chainrule.functional.contract import Array
from chainrule.plotting.arguments import as_numbers, require_listed
from chainrule.plotting.style import GRAY, INK, SIGNED, Photographs, ink


def draw_images(
    images: Array,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 10,
    size: float = 0.8,
    signed: bool = False,
) -> Figure:
    """Draw gray images in a grid: ink on whatever the page's color is.

    Parameters
    ----------
    images : array (N, H, W) or (N, 1, H, W)
        0 and less is paper, the largest value of each image is full ink.
    titles : sequence of N str, optional
    columns : int
    size : float
        Width of one image in inches.
    signed : bool
        Whether to tell negative values, purple, from positive ones, orange, as for weights. 0 is
        paper, the largest absolute value of each image is full ink.

    Raises
    ------
    ValueError
        If ``images`` is not of that shape, there are not as many titles, or no columns.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.data import digits
    >>> from chainrule.plotting import draw_images
    >>> X, t = digits()[:2]
    >>> figure = draw_images(X[:20].reshape(-1, 8, 8), [str(label) for label in t[:20]])
    >>> len(figure.axes)
    20
    >>> plt.close(figure)
    """
    images = as_numbers("draw_images", "images", images, None)
    if images.ndim == 4 and images.shape[1] == 1:
        images = images[:, 0]
    if images.ndim != 3 or not images.size:
        raise ValueError(f"draw_images: images must have shape (N, H, W), got {images.shape}")
    _require_grid("draw_images", len(images), titles, columns)
    figure, axes = _grid(len(images), columns, size, titles)
    for ax, image in zip(axes, images, strict=True):
        if signed:
            full = float(np.abs(image).max()) or 1.0
            ax.imshow(image, cmap=SIGNED, vmin=-full, vmax=full)
        else:
            ax.imshow(ink(image))
    return figure


def draw_filters(
    weight: ArrayLike,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 8,
    size: float = 0.8,
) -> Figure:
    """Draw the kernels of a convolution: orange is positive, purple is negative, paper is 0.

    One scale for all, symmetric about 0 and shown by a color bar: a pale filter is a weak one.

    Parameters
    ----------
    weight : array (F, C, kH, kW)
        As in ``Conv2d.weight``. With one input channel the F filters fill a grid; with more, each
        filter is a row and each of its channels a column.
    titles : sequence of F str, optional
    columns : int
        Of the grid, for one input channel.
    size : float
        Width of one kernel in inches.

    Raises
    ------
    ValueError
        If ``weight`` is not of that shape or not finite, there are not as many titles, or no
        columns.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.plotting import draw_filters
    >>> sobel = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
    >>> figure = draw_filters(sobel, ["Sobel"])
    >>> figure.axes[0].images[0].get_clim()
    (-2.0, 2.0)
    >>> plt.close(figure)
    """
    filters = as_numbers("draw_filters", "weight", weight)
    if filters.ndim != 4 or not filters.size:
        raise ValueError(
            f"draw_filters: weight must have shape (F, C, kH, kW), got {filters.shape}"
        )
    if not np.isfinite(filters).all():
        raise ValueError("draw_filters: weight has entries that are NaN or infinite")
    channels = filters.shape[1]
    _require_grid("draw_filters", len(filters), titles, columns)
    if channels > 1:
        columns = channels
        titles = titles and [name for title in titles for name in (title, *[""] * (channels - 1))]
    kernels = filters.reshape(-1, *filters.shape[2:])
    full = float(np.abs(kernels).max()) or 1.0
    figure, axes = _grid(len(kernels), columns, size, titles, margin=0.9)
    for ax, kernel in zip(axes, kernels, strict=True):
        ax.set_axis_on()
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GRAY, linewidth=0.6)
        image = ax.imshow(kernel, cmap=SIGNED, vmin=-full, vmax=full, interpolation="nearest")
    figure.colorbar(image, ax=figure.axes, label="weight", shrink=0.9, aspect=12, pad=0.03)
    return figure


def draw_attention(
    weights: ArrayLike,
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    titles: Sequence[str] | None = None,
    columns: int = 2,
    size: float = 2.5,
) -> Figure:
    """Draw what each query attends to, one map per head: queries are rows, keys are columns.

    Parameters
    ----------
    weights : array (heads, T_q, T_k) or (T_q, T_k)
        Between 0 and 1. No ink is 0, full ink is the largest weight of all heads; a color bar
        tells how much that is. NaN, as of a query all of whose keys are masked, is crossed out.
    queries : sequence of T_q str
        The tokens that ask.
    keys : sequence of T_k str, optional
        The tokens that are asked; by default the queries.
    titles : sequence of str, optional
        One per head; by default "head 1", "head 2", …
    columns : int
    size : float
        Width of one map in inches.

    Raises
    ------
    ValueError
        If the shapes do not fit the tokens, or the weights are not between 0 and 1.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.plotting import draw_attention
    >>> figure = draw_attention(np.array([[[1.0, 0.0], [0.5, 0.5]]]), ["a", "b"])
    >>> [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    ['a', 'b']
    >>> plt.close(figure)
    """
    keys = queries if keys is None else keys
    require_listed("draw_attention", queries=queries, keys=keys)
    maps = as_numbers("draw_attention", "weights", weights)
    maps = maps[None] if maps.ndim == 2 else maps
    if maps.ndim != 3 or not maps.size or maps.shape[1:] != (len(queries), len(keys)):
        raise ValueError(
            f"draw_attention: {len(queries)} queries and {len(keys)} keys need weights of shape "
            f"(heads, {len(queries)}, {len(keys)}), got {np.shape(weights)}"
        )
    known = maps[~np.isnan(maps)]
    if not known.size or known.min() < 0 or known.max() > 1 + 1e-3:
        span = f"from {known.min():.3g} to {known.max():.3g}" if known.size else "NaN"
        raise ValueError(
            f"draw_attention: weights must lie between 0 and 1, got {span}; "
            "take what softmax returns, not the scores"
        )
    if titles is None and np.ndim(weights) == 3:
        titles = [f"head {i + 1}" for i in range(len(maps))]
    _require_grid("draw_attention", len(maps), titles, columns)
    tall = size * max(0.45, min(len(queries) / len(keys), 2.5)) + 0.5
    figure, axes = _grid(len(maps), columns, size, titles, height=tall, margin=0.9)
    for i, (ax, of_head) in enumerate(zip(axes, maps, strict=True)):
        ax.set_axis_on()
        image = ax.imshow(
            of_head, cmap=INK, vmin=0, vmax=known.max() or 1.0, interpolation="nearest"
        )
        rows, row_columns = np.nonzero(np.isnan(of_head))
        ax.plot(row_columns, rows, "x", color="black", markersize=4, linewidth=0)
        upright = sum(map(len, keys)) > 12 * size  # letters that fit side by side
        ax.set_xticks(range(len(keys)), keys, rotation=90 if upright else 0)
        ax.set_yticks(range(len(queries)), queries)
        ax.tick_params(length=0, labelsize="small")
        ax.spines[:].set_visible(True)
        ax.grid(False)
        if i % min(columns, len(maps)) == 0:
            ax.set_ylabel("query")
        if i + columns >= len(maps):
            ax.set_xlabel("key")
    figure.colorbar(image, ax=figure.axes, label="weight", shrink=0.8, aspect=18)
    return figure


def draw_photographs(
    images: ArrayLike,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 3,
    size: float = 2.2,
) -> Figure:
    """Draw photographs as they are, on white paper, which the dark page leaves alone.

    Parameters
    ----------
    images : array (N, 3, H, W), (N, 1, H, W) or (N, H, W)
        RGB or gray; bytes from 0 to 255, or floating-point numbers from 0, black, to 1, white.
    titles : sequence of N str, optional
    columns : int
    size : float
        Width of one photograph in inches.

    Raises
    ------
    ValueError
        If the images are not of that shape or range, there are not as many titles, or no columns.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.plotting import draw_photographs
    >>> figure = draw_photographs(np.zeros((2, 3, 4, 6)), ["before", "after"])
    >>> [ax.get_title() for ax in figure.axes]
    ['before', 'after']
    >>> plt.close(figure)
    """
    photographs = as_numbers("draw_photographs", "images", images, None)
    if photographs.ndim == 3:
        photographs = photographs[:, None]
    if photographs.ndim != 4 or photographs.shape[1] not in (1, 3) or not photographs.size:
        raise ValueError(
            "draw_photographs: images must have shape (N, 3, H, W), (N, 1, H, W) or (N, H, W), "
            f"got {np.shape(images)}"
        )
    if photographs.dtype == np.uint8:
        photographs = photographs / 255
    low, high = photographs.min(), photographs.max()
    if not (low >= 0 and high <= 1):
        raise ValueError(
            f"draw_photographs: floating-point images must lie between 0 and 1, got {low:.3g} to "
            f"{high:.3g}; rescale them, or clip them with np.clip(images, 0, 1)"
        )
    _require_grid("draw_photographs", len(photographs), titles, columns)
    tall = size * photographs.shape[2] / photographs.shape[3] * 1.05 + 0.3 * (titles is not None)
    figure, axes = _grid(
        len(photographs), columns, size, titles, height=tall, FigureClass=Photographs
    )
    figure.set_facecolor("white")
    for ax, photograph in zip(axes, photographs, strict=True):
        # Matplotlib has channels last, and gray without a channel.
        ax.imshow(
            photograph.transpose(1, 2, 0).squeeze(2 if len(photograph) == 1 else ()),
            "gray",
            vmin=0,
            vmax=1,
        )
    return figure


def _require_grid(function: str, n: int, titles: Sequence[str] | None, columns: int) -> None:
    what = {"draw_filters": "filters", "draw_attention": "heads"}.get(function, "images")
    if columns < 1:
        raise ValueError(f"{function}: columns must be at least 1, got {columns}")
    if titles is not None and len(titles) != n:
        raise ValueError(f"{function}: {n} {what} but {len(titles)} titles")


def _grid(
    n: int,
    columns: int,
    size: float,
    titles: Sequence[str] | None,
    *,
    height: float | None = None,
    margin: float = 0.0,
    **options: Any,
) -> tuple[Figure, list[Axes]]:
    """A figure with n titled axes without frames; ``margin`` is room for a color bar, in inches."""
    rows, columns = -(-n // columns), min(columns, n)
    height = height or size * (1.35 if titles is not None else 1.05)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size + margin, rows * height), squeeze=False, **options
    )
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, title in zip(axes.flat, titles or [], strict=False):
        ax.set_title(title, fontsize="small", fontweight="normal", loc="center")
    return figure, list(axes.flat)[:n]
