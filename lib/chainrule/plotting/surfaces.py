"""The loss as a landscape over two parameters, and the paths that optimizers take through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from chainrule.arguments import require_function
from chainrule.functional.contract import Array
from chainrule.plotting.arguments import as_numbers, require_named
from chainrule.plotting.labels import number
from chainrule.plotting.style import GRAY, LINE_STYLES, PALETTE, text_color

DECADES = 6  # how far below the highest contour the lowest may lie


def draw_contours(
    ax: Axes,
    loss: Callable[[Array], Array],
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    paths: Mapping[str, ArrayLike] | None = None,
    log: bool = False,
    levels: int = 8,
    resolution: int = 120,
) -> None:
    """Draw the contours of a loss over two parameters, labeled, and paths on them.

    A path starts at a ring and ends at a filled circle; ``ax.legend()`` names it. Where the loss
    is not finite, no contour is drawn; what leaves the axes is cut off.

    Parameters
    ----------
    ax : matplotlib Axes
    loss : callable
        Takes parameters (N, 2), returns (N,) losses.
    x, y : pair of float
        The range of each parameter.
    paths : mapping of label to array (steps, 2), optional
        At most six, such as the parameters after each step of an optimizer.
    log : bool
        Whether equal steps between contours are equal factors; for losses that are positive.
    levels : int
        About how many contours.
    resolution : int
        Points per axis at which the loss is computed.

    Raises
    ------
    ValueError
        If ``loss`` returns another shape or is nowhere finite (with ``log``: positive), a range is
        empty, or a path has another shape or no finite point.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.plotting import draw_contours
    >>> figure, ax = plt.subplots()
    >>> bowl = lambda w: (w**2).sum(1)
    >>> draw_contours(ax, bowl, (-2, 2), (-1, 1), paths={"SGD": [[2.0, 1.0], [1.0, 0.5]]})
    >>> len(ax.get_lines()), "a path, its start and its end"
    (3, 'a path, its start and its end')
    >>> plt.close(figure)
    """
    require_function("draw_contours", "pass what takes parameters (N, 2)", loss=loss)
    for name, given in (("x", x), ("y", y)):
        ends = as_numbers("draw_contours", name, given)
        if ends.shape != (2,) or not ends[0] < ends[1]:
            raise ValueError(
                f"draw_contours: {name} must be a range that rises, (low, high), got {given}"
            )
    paths = {} if paths is None else paths
    require_named("draw_contours", paths=paths)
    if len(paths) > len(PALETTE):
        raise ValueError(f"draw_contours: at most {len(PALETTE)} paths, got {len(paths)}")
    steps = {label: _path(label, path) for label, path in paths.items()}
    across, up = np.linspace(*x, resolution), np.linspace(*y, resolution)
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    values = as_numbers("draw_contours", "what loss returns", loss(grid))
    if values.shape != (len(grid),):
        raise ValueError(
            f"draw_contours: for parameters {grid.shape} loss must return shape ({len(grid)},), "
            f"one number each, got {values.shape}"
        )
    drawable = np.isfinite(values) & (values > 0 if log else True)
    if not drawable.any():
        raise ValueError(
            f"draw_contours: the loss is nowhere {'positive and ' if log else ''}finite in this "
            "range"
        )
    heights = np.ma.masked_array(values, ~np.isfinite(values)).reshape(resolution, resolution)
    chosen = _levels(values[drawable], levels, log)
    if chosen:
        lines = ax.contour(across, up, heights, levels=chosen, colors=GRAY, linewidths=0.9)
        ax.clabel(lines, fmt=number, fontsize="small", colors=text_color(GRAY))
    for i, (label, path) in enumerate(steps.items()):
        color, dots = PALETTE[i], "." if len(path) <= 60 else ""
        ax.plot(*path.T, color=color, linestyle=LINE_STYLES[i], marker=dots, label=label)
        finite = path[np.isfinite(path).all(1)]
        ax.plot(*finite[0], "o", color=color, markerfacecolor="none", markersize=9)
        ax.plot(*finite[-1], "o", color=color, markersize=7)
    ax.set(xlim=x, ylim=y)
    ax.grid(False)


def _path(label: str, path: ArrayLike) -> Array:
    points = as_numbers("draw_contours", f"the path {label!r}", path)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all(1).any():
        raise ValueError(
            f"draw_contours: the path {label!r} must have shape (steps, 2) and a finite point, "
            f"got shape {points.shape}"
        )
    return points


def _levels(values: Array, count: int, log: bool) -> list[float]:
    """Round numbers strictly between the lowest and the highest value, about ``count`` of them."""
    low, high = float(values.min()), float(values.max())
    if log:
        low = max(low, high * 10.0**-DECADES)
        powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        per_decade: tuple[tuple[float, ...], ...] = ((1, 2, 5), (1, 3), (1,))
        ladders = [np.outer(powers, rungs).ravel() for rungs in per_decade]
    else:
        ladders = [np.asarray(MaxNLocator(count).tick_values(low, high))]
    inside = [[float(v) for v in ladder if low < v < high] for ladder in ladders]
    # The finest that is not too fine; equality of all values leaves none.
    return next((rungs for rungs in inside if len(rungs) <= 1.5 * count), inside[-1])
