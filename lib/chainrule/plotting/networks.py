"""Neurons and the weights between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import ArrayLike

from chainrule.functional.contract import Array
from chainrule.plotting.arguments import as_numbers, require_listed
from chainrule.plotting.labels import number
from chainrule.plotting.style import ORANGE, PURPLE, text_color

WRITTEN_EDGES = 16  # of one layer; more numbers stand on each other


def draw_network(
    ax: Axes,
    weights: Sequence[ArrayLike],
    *,
    names: Sequence[Sequence[str]] | None = None,
    layers: Sequence[str] | None = None,
    write: bool = False,
    most: int = 8,
) -> None:
    """Draw a network of affine layers: inputs on the left, an edge for each weight.

    Orange edges are positive weights, purple and dashed ones negative; wider is larger. Of a layer
    with more neurons than ``most``, the first and the last are drawn.

    Parameters
    ----------
    ax : matplotlib Axes
    weights : sequence of array (d_out, d_in)
        One matrix per layer, as in ``Linear.weight``; each takes what the one before returns.
    names : sequence of sequences of str, optional
        What is written into each neuron, from the inputs on, such as its value. With
        neurons left out, the names of all are still given.
    layers : sequence of str, optional
        What stands above each column; by default how many neurons it has.
    write : bool
        Whether to write the weights on their edges; for layers of at most 16 weights.
    most : int
        How many neurons of a layer to draw, at least 2.

    Raises
    ------
    ValueError
        If the matrices do not fit together, are not finite, or the names do not fit them.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.plotting import draw_network
    >>> figure, ax = plt.subplots()
    >>> draw_network(ax, [np.ones((3, 784)), np.ones((1, 3))])
    >>> [text.get_text() for text in ax.texts]
    ['784', '⋮', '3', '1']
    >>> plt.close(figure)
    """
    require_listed("draw_network", weights=weights)
    matrices = [as_numbers("draw_network", f"weights[{i}]", W) for i, W in enumerate(weights)]
    sizes = _sizes(matrices)
    if most < 2:
        raise ValueError(f"draw_network: most must be at least 2, got {most}")
    if names is not None and [len(of_layer) for of_layer in names] != sizes:
        raise ValueError(
            f"draw_network: names must have {sizes} entries, one per neuron, "
            f"got {[len(of_layer) for of_layer in names]}"
        )
    if layers is not None and len(layers) != len(sizes):
        raise ValueError(f"draw_network: {len(sizes)} columns of neurons but {len(layers)} layers")
    if write and max(W.size for W in matrices) > WRITTEN_EDGES:
        raise ValueError(
            f"draw_network: write=True is for layers of at most {WRITTEN_EDGES} weights, got "
            f"{max(W.size for W in matrices)}; draw_matrix shows larger ones"
        )
    drawn = [_drawn(size, most) for size in sizes]
    places = [_places(len(shown), size > most) for shown, size in zip(drawn, sizes, strict=True)]
    full = max(float(np.abs(W).max()) for W in matrices) or 1.0
    for column, W in enumerate(matrices):
        ends = [
            ((column, y0), (column + 1, y1), W[j, k])
            for j, y1 in zip(drawn[column + 1], places[column + 1], strict=True)
            for k, y0 in zip(drawn[column], places[column], strict=True)
        ]
        _draw_edges(ax, [end for end in ends if end[2]], full, write)
    top = max(float(ys[0]) for ys in places) + 0.35
    for column, (size, shown, ys) in enumerate(zip(sizes, drawn, places, strict=True)):
        heading = str(size) if layers is None else layers[column]
        ax.text(column, top, heading, ha="center", va="bottom", fontweight="bold")
        ax.scatter(
            np.full(len(ys), column),
            ys,
            420,
            color="0.9",
            edgecolors="black",
            linewidths=1,
            zorder=2,
        )
        if size > most:
            ax.text(column, 0, "⋮", ha="center", va="center", fontsize="x-large")
        for i, y in zip(shown, ys, strict=True) if names is not None else ():
            text = names[column][i] if names is not None else ""
            ax.text(column, y, text, ha="center", va="center", fontsize="small", zorder=3)
    ax.set(xlim=(-0.35, len(matrices) + 0.35), ylim=(-top, top + 0.3))
    ax.set_axis_off()


def _sizes(matrices: Sequence[Array]) -> list[int]:
    if not matrices:
        raise ValueError("draw_network: there are no layers to draw")
    for i, W in enumerate(matrices):
        if W.ndim != 2 or not W.size:
            raise ValueError(
                f"draw_network: weights[{i}] must have shape (d_out, d_in), got {W.shape}"
            )
        if not np.isfinite(W).all():
            raise ValueError(f"draw_network: weights[{i}] has entries that are NaN or infinite")
        if i and W.shape[1] != len(matrices[i - 1]):
            raise ValueError(
                f"draw_network: weights[{i}] takes {W.shape[1]} numbers, but weights[{i - 1}] "
                f"returns {len(matrices[i - 1])}; transpose it if its rows are inputs"
            )
    return [matrices[0].shape[1], *(len(W) for W in matrices)]


def _drawn(size: int, most: int) -> list[int]:
    """The indices of the neurons that are drawn."""
    if size <= most:
        return list(range(size))
    return [*range(most - most // 2), *range(size - most // 2, size)]


def _places(count: int, gap: bool) -> Array:
    """Heights of a column, from the top down and about 0, with a place left for the dots."""
    if not gap:
        return (count - 1) / 2 - np.arange(count)
    upper = count - count // 2
    return np.concatenate([np.arange(upper, 0, -1.0), -np.arange(1, count // 2 + 1.0)])


def _draw_edges(
    ax: Axes,
    edges: Sequence[tuple[tuple[float, float], tuple[float, float], float]],
    full: float,
    write: bool,
) -> None:
    ax.add_collection(
        LineCollection(
            [(start, end) for start, end, _ in edges],
            colors=[ORANGE if w > 0 else PURPLE for *_, w in edges],
            linestyles=["-" if w > 0 else "--" for *_, w in edges],
            linewidths=[0.4 + 2.6 * abs(w) / full for *_, w in edges],
            zorder=1,
        )
    )
    if not write:
        return
    for (x0, y0), (x1, y1), w in edges:
        share = 0.72  # nearer to the neuron that sums them up: there the edges fan out
        ax.annotate(
            number(w),
            (x0 + share * (x1 - x0), y0 + share * (y1 - y0)),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize="small",
            color=text_color(ORANGE if w > 0 else PURPLE),
            rotation=float(np.degrees(np.arctan2(y1 - y0, x1 - x0))),
            rotation_mode="anchor",
            transform_rotates_text=True,
        )
