"""What happens in each layer: the distribution of its numbers, and one number of it over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.image import AxesImage
from matplotlib.ticker import LogLocator
from numpy.typing import ArrayLike

from chainrule.plotting.arguments import as_numbers, require_listed, require_named
from chainrule.plotting.labels import number, power_of_ten
from chainrule.plotting.style import BLUE


def draw_distribution(
    ax: Axes,
    values: Mapping[str, ArrayLike],
    *,
    bins: int = 60,
    limits: tuple[float, float] | None = None,
) -> None:
    """Draw a histogram of each layer's numbers, one above the other, with its standard deviation.

    All share one axis and one set of bins. Each is scaled to its own highest bin, for layers
    differ in size: compare shapes and widths, not heights.

    Parameters
    ----------
    ax : matplotlib Axes
    values : mapping of name to array of any shape
        The first stands at the top.
    bins : int
    limits : pair of float, optional
        What to show of the axis; by default all. What lies beyond still counts for the standard
        deviation, and its share is written beside it.

    Raises
    ------
    ValueError
        If there is nothing to draw, or a number is NaN or infinite.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.plotting import draw_distribution
    >>> figure, ax = plt.subplots()
    >>> draw_distribution(ax, {"layer 1": np.array([-1.0, 1.0]), "layer 2": np.array([-2.0, 2.0])})
    >>> [text.get_text() for text in ax.texts]
    ['std 1', 'std 2']
    >>> plt.close(figure)
    """
    require_named("draw_distribution", values=values)
    arrays = {name: as_numbers("draw_distribution", name, a).ravel() for name, a in values.items()}
    if not arrays:
        raise ValueError("draw_distribution: there are no layers to draw")
    for name, a in arrays.items():
        if not a.size:
            raise ValueError(f"draw_distribution: {name!r} has no numbers")
        if not np.isfinite(a).all():
            raise ValueError(
                f"draw_distribution: {name!r} has {np.sum(~np.isfinite(a))} numbers that are NaN "
                "or infinite; find out where they come from before you draw the rest"
            )
    if bins < 1:
        raise ValueError(f"draw_distribution: bins must be at least 1, got {bins}")
    low, high = limits or (
        min(a.min() for a in arrays.values()),
        max(a.max() for a in arrays.values()),
    )
    if not low <= high:
        raise ValueError(f"draw_distribution: limits must rise, got {limits}")
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    for i, a in enumerate(arrays.values()):
        counts, _ = np.histogram(a, edges)
        heights = 0.8 * counts / max(counts.max(), 1)
        ax.stairs(heights - i, edges, baseline=-i, fill=True, color=BLUE, alpha=0.45)
        ax.stairs(heights - i, edges, baseline=None, color=BLUE, linewidth=1)
        beyond = np.mean((a < low) | (a > high))
        note = f"std {number(a.std(), 2)}" + (f"\n{beyond:.0%} beyond" if beyond else "")
        ax.annotate(
            note,
            (1, 0.2 - i),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            fontsize="small",
            va="center",
            annotation_clip=False,
        )
    ax.set(xlim=(low, high), ylim=(-len(arrays) + 0.9, 0.95))
    ax.set_yticks([0.2 - i for i in range(len(arrays))], list(arrays))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(False, axis="y")


def draw_heatmap(
    ax: Axes,
    values: ArrayLike,
    rows: Sequence[str],
    *,
    label: str,
    x: tuple[float, float] | None = None,
    log: bool = False,
) -> AxesImage:
    """Draw one number per layer and step as color, with a color bar.

    Parameters
    ----------
    ax : matplotlib Axes
    values : array (rows, T)
        Such as the norm of the gradient in each layer at each step. NaN leaves a gap; with
        ``log``, so does what is not positive.
    rows : sequence of str
        The name of each row; the first stands at the top.
    label : str
        What the color bar shows, with its unit.
    x : pair of float, optional
        The first and the last step; by default 1 and T.
    log : bool
        Whether equal steps of color are equal factors.

    Returns
    -------
    matplotlib AxesImage
        Its ``colorbar`` can still be changed.

    Raises
    ------
    ValueError
        If the shape does not fit the names, or no value can be drawn.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import draw_heatmap
    >>> figure, ax = plt.subplots()
    >>> norms = [[1e-3, 1e-2], [1e-1, 1.0]]
    >>> image = draw_heatmap(ax, norms, ["layer 1", "layer 2"], label="norm of dW", log=True)
    >>> image.get_clim()
    (0.001, 1.0)
    >>> plt.close(figure)
    """
    numbers = as_numbers("draw_heatmap", "values", values)
    require_listed("draw_heatmap", rows=rows)
    if numbers.ndim != 2 or len(numbers) != len(rows) or not numbers.size:
        raise ValueError(
            f"draw_heatmap: {len(rows)} names of rows need values of shape ({len(rows)}, T), "
            f"got {numbers.shape}"
        )
    drawable = np.isfinite(numbers) & (numbers > 0 if log else True)
    if not drawable.any():
        raise ValueError(
            "draw_heatmap: no value can be drawn; all are NaN, infinite"
            + (", or not positive, and have no logarithm" if log else "")
        )
    numbers = np.where(drawable, numbers, np.nan)
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    first, last = x or (1, numbers.shape[1])
    half = (last - first) / max(numbers.shape[1] - 1, 1) / 2 or 0.5
    image = ax.imshow(
        numbers,
        norm=(LogNorm if log else Normalize)(low, high),
        aspect="auto",
        interpolation="nearest",
        extent=(first - half, last + half, len(rows) - 0.5, -0.5),
    )
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(axis="y", length=0)
    ax.grid(False)
    bar = ax.figure.colorbar(image, ax=ax, label=label)
    if log:
        _label_powers(bar, low, high)
    return image


def _label_powers(bar: Any, low: float, high: float) -> None:
    """Ticks of a logarithmic color bar as text: powers of ten, between few also 2 and 5."""

    def inside(*rungs: float) -> list[float]:
        ladder = LogLocator(subs=rungs, numticks=10).tick_values(low, high)
        return [float(value) for value in ladder if low <= value <= high]

    powers = inside(1)
    few = len(powers) < 3
    ticks = inside(1, 2, 5) if few else powers
    bar.set_ticks(ticks if len(ticks) > 1 else [low, high])
    bar.ax.yaxis.set_major_formatter(
        lambda value, _: number(value, 2) if few else power_of_ten(value)
    )
    bar.minorticks_off()
