"""Figure helpers of the chapters: one look for all, for light and dark pages and all eyes.

The background is transparent; the site turns figures around on its dark theme, so that black ink
becomes white and hues stay. Colors are those of Okabe and Ito (2008), which people with any kind
of color vision tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.functional.contract import Array

try:
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from cycler import cycler
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "chainrule.plotting: the figures need matplotlib, which is not installed; "
        'pip install "chainrule[chapters]"'
    ) from None

BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
)
GRAY = "#767676"

_STYLE: Any = {
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "figure.figsize": (6.4, 3.6),
    "font.family": ["sans-serif"],
    "font.size": 10,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "image.cmap": "cividis",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",  # text stays text: small, sharp, found by search
    "svg.hashsalt": "chainrule",  # the same figure gives the same bytes
}


def use_style() -> None:
    """Give all figures of this session the book's look; in a notebook, draw them as SVG."""
    mpl.rcParams.update(_STYLE)
    try:
        from IPython.core.getipython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ModuleNotFoundError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None})  # type: ignore[no-untyped-call]


def label_lines(ax: Axes, *, gap: float = 0.06) -> None:
    """Write each line's label at its right end, in its color, instead of a legend.

    A line that ends in NaN or infinity, or beyond the axes, has its label where it was last seen.

    Parameters
    ----------
    ax : matplotlib Axes
        With lines that have labels.
    gap : float
        The least distance between two labels, as a fraction of the axes' height.
    """
    ax.autoscale_view()  # limits are found lazily, and transData does not ask for them
    lines = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    to_fraction = (ax.transData + ax.transAxes.inverted()).transform
    ends = []
    for line in lines:
        points = to_fraction(np.asarray(line.get_xydata(), float))
        drawn = points[np.isfinite(points).all(1)]
        if len(drawn):
            x, y = np.clip(drawn[-1], 0, 1)
            ends.append((float(y), float(x), line))
    height = -np.inf
    for y, x, line in sorted(ends, key=lambda end: end[0]):
        height = max(y, height + gap)
        ax.annotate(
            str(line.get_label()),
            (x, height),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            annotation_clip=False,
        )


def label_powers(ax: Axes) -> None:
    """Write the powers of ten of logarithmic axes as text, 10⁻³: it stays sharp and searchable."""
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter(lambda value, _: f"10{_superscript(round(np.log10(value)))}")
            axis.set_minor_formatter(lambda *_: "")


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


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
    images : array (N, H, W)
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
    """
    images = np.asarray(images)
    if images.ndim != 3 or not images.size:
        raise ValueError(f"draw_images: images must have shape (N, H, W), got {images.shape}")
    if columns < 1:
        raise ValueError(f"draw_images: columns must be at least 1, got {columns}")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"draw_images: {len(images)} images but {len(titles)} titles")
    rows = -(-len(images) // columns)
    columns = min(columns, len(images))
    height = size * (1.35 if titles is not None else 1.05)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size, rows * height), squeeze=False
    )
    for ax in axes.flat:
        ax.set_axis_off()
    for i, (ax, image) in enumerate(zip(axes.flat, images, strict=False)):
        if signed:
            full = float(np.abs(image).max()) or 1.0
            ax.imshow(image, cmap="PuOr_r", vmin=-full, vmax=full)
        else:
            ax.imshow(_ink(image))
        if titles is not None:
            ax.set_title(titles[i], fontsize="small", fontweight="normal", loc="center")
    return figure


def _ink(image: Array, full: float = 1.0) -> Array:
    """Black of an opacity that grows with the image, up to ``full`` where it is largest."""
    opacity = full * np.clip(image / (image.max(initial=0) or 1), 0, 1)
    return np.dstack([np.zeros((*image.shape, 3)), opacity])


def draw_decision(
    ax: Axes,
    score: Callable[[Array], Array],
    X: Array,
    t: Array,
    *,
    margin: float = 0.5,
    resolution: int = 80,
) -> None:
    """Shade the plane by a score between 0 and 1 and draw the points of two classes on it.

    Parameters
    ----------
    ax : matplotlib Axes
    score : callable
        Takes points (N, 2) in float32, returns (N,) numbers in [0, 1]: the probability of class 1.
    X : array (N, 2)
    t : array (N,)
        Classes 0 and 1.
    margin : float
        How far the shaded region reaches beyond the points.
    resolution : int
        Points per axis at which the score is computed.
    """
    (left, bottom), (right, top) = X.min(0) - margin, X.max(0) + margin
    x, y = np.linspace(left, right, resolution), np.linspace(bottom, top, resolution)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float32)
    p = score(grid).reshape(resolution, resolution)
    ax.contourf(x, y, p, levels=np.linspace(0, 1, 11), cmap="PuOr", alpha=0.55)
    if p.min() < 0.5 < p.max():
        ax.contour(x, y, p, levels=[0.5], colors="black", linewidths=1)
    for k, (color, marker) in enumerate(((ORANGE, "o"), (PURPLE, "s"))):
        points = X[t == k]
        ax.scatter(
            points[:, 0],
            points[:, 1],
            c=color,
            marker=marker,
            edgecolors="black",
            label=f"class {k}",
        )
    ax.set(xlabel="x₁", ylabel="x₂")
    ax.grid(False)


def draw_confusion(ax: Axes, t: Array, predicted: Array) -> None:
    """Draw how often each class was taken for each other one; right answers are left out.

    Parameters
    ----------
    ax : matplotlib Axes
    t : integer array (N,)
        True classes, one row each.
    predicted : integer array (N,)
        Predicted classes, one column each.

    Raises
    ------
    ValueError
        If there are no examples, or not as many predictions.
    """
    if t.ndim != 1 or t.shape != predicted.shape or not len(t):
        raise ValueError(
            f"draw_confusion: takes classes (N,) and predictions (N,) with N at least 1, "
            f"got {t.shape} and {predicted.shape}"
        )
    classes = int(max(t.max(), predicted.max())) + 1
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (t, predicted), 1)
    np.fill_diagonal(counts, 0)
    ax.imshow(_ink(counts, full=0.4))  # black numbers stay readable on the darkest cell
    for true, guess in zip(*counts.nonzero(), strict=True):
        ax.text(guess, true, str(counts[true, guess]), ha="center", va="center", fontsize="small")
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.set_xticks(range(classes))
    ax.set_yticks(range(classes))
    ax.grid(False)


def draw_chain(
    values: Sequence[str],
    operations: Sequence[str],
    gradients: Sequence[str],
    parameter_gradients: Sequence[str],
) -> Figure:
    """Draw a chain of functions: read down for the forward pass, up for the backward pass.

    Parameters
    ----------
    values : sequence of n + 1 str
        What each operation takes and, at the end, the result.
    operations : sequence of n str
    gradients : sequence of n + 1 str
        The gradient of each value; an empty one is not drawn.
    parameter_gradients : sequence of n str
        What each pullback returns besides; may be empty.

    Raises
    ------
    ValueError
        If the numbers of names do not fit.
    """
    n = len(operations)
    if not (len(values) == len(gradients) == n + 1 and len(parameter_gradients) == n):
        raise ValueError(
            f"draw_chain: {n} operations need {n + 1} values, {n + 1} gradients and {n} "
            f"parameter_gradients, got {len(values)}, {len(gradients)} and "
            f"{len(parameter_gradients)}"
        )
    figure, ax = plt.subplots(figsize=(5.6, 0.95 * n + 0.9))
    ax.set(xlim=(0, 1), ylim=(-n - 0.25, 0.55))
    ax.set_axis_off()
    forward, backward, aside = 0.15, 0.57, 0.76
    arrow = {"arrowstyle": "-|>", "linewidth": 1.4, "shrinkA": 10, "shrinkB": 10}
    ax.text(forward, 0.45, "forward ↓", ha="center", color=BLUE, fontweight="bold")
    ax.text(backward, 0.45, "backward ↑", ha="center", color=VERMILION, fontweight="bold")
    for i, (value, gradient) in enumerate(zip(values, gradients, strict=True)):
        ax.text(forward, -i, value, ha="center", va="center", fontweight="bold")
        ax.text(backward, -i, gradient, ha="center", va="center", fontweight="bold")
    for i, (operation, extra) in enumerate(zip(operations, parameter_gradients, strict=True)):
        ax.annotate("", (forward, -i - 1), (forward, -i), arrowprops=arrow | {"color": BLUE})
        ax.text(forward + 0.02, -i - 0.5, operation, va="center")
        if gradients[i]:
            up = arrow | {"color": VERMILION}
            ax.annotate("", (backward, -i), (backward, -i - 1), arrowprops=up)
        if extra:
            start = (backward, -i - (0.5 if gradients[i] else 0.8))
            out = arrow | {"color": VERMILION, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", (aside, -i - 0.5), start, arrowprops=out)
            ax.text(aside + 0.02, -i - 0.5, extra, va="center", fontweight="bold")
    return figure
