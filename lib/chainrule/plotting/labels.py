"""Labels that stand beside what they name: at the ends of lines, and powers of ten as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from numpy.typing import ArrayLike

from chainrule.functional.contract import Array
from chainrule.plotting.style import text_color

LINE_HEIGHT = 1.25  # of a line of text, as a multiple of the font's size


def label_lines(ax: Axes, *, gap: float | None = None) -> None:
    """Write each line's label at its right end, in its color, instead of a legend.

    Labels that would stand on each other move apart as little as they can, and stay between the
    bottom and the top of the axes as long as there is room. They find their places anew whenever
    the figure is drawn: limits and scales may still change. A line that ends in NaN or infinity,
    or beyond the axes, has its label where it was last seen. Light colors are darkened for text.

    Parameters
    ----------
    ax : matplotlib Axes
        With lines that have labels. Later lines need another call.
    gap : float, optional
        The least distance between two labels, as a fraction of the axes' height; by default the
        height of a line of text.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import label_lines
    >>> figure, ax = plt.subplots()
    >>> line = ax.plot([0, 1], [0, 1], label="loss")
    >>> label_lines(ax)
    >>> [text.get_text() for text in ax.texts]
    ['loss']
    >>> plt.close(figure)
    """
    named = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    lines = [line for line in named if np.isfinite(_points(line)).all(1).any()]
    ends: list[_EndLabel] = []
    for line in lines:
        ends.append(_EndLabel(ax, line, ends, gap))
        ax.add_artist(ends[-1])
    ax.autoscale_view()  # limits are found lazily, and transData does not ask for them
    _place(ax, ends, gap)


class _EndLabel(Annotation):
    """The label of one line, which moves to the line's end whenever it is drawn or measured."""

    def __init__(
        self, ax: Axes, line: Line2D, all_ends: list[_EndLabel], gap: float | None
    ) -> None:
        super().__init__(
            str(line.get_label()),
            (1, 0),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            color=text_color(line.get_color()),
            va="center",
            annotation_clip=False,
            clip_on=False,
        )
        self.line, self._in, self._all_ends, self._gap = line, ax, all_ends, gap

    def update_positions(self, renderer: Any) -> None:
        _place(self._in, self._all_ends, self._gap)
        super().update_positions(renderer)


def _place(ax: Axes, labels: Sequence[_EndLabel], gap: float | None) -> None:
    """Move all labels of an axes to the ends of their lines, apart from each other."""
    ends = []
    for label in labels:
        to_fraction = (ax.transData + ax.transAxes.inverted()).transform
        points = np.asarray(to_fraction(_points(label.line)))
        drawn = points[np.isfinite(points).all(1)]
        if len(drawn):
            x, y = np.clip(drawn[-1], 0, 1)
            ends.append((float(y), float(x), label))
    ends.sort(key=lambda end: end[0])
    if gap is None and ends:
        inches = ax.bbox.height / ax.figure.dpi
        gap = LINE_HEIGHT * float(labels[0].get_fontsize()) / 72 / inches
    gaps = np.full(max(len(ends) - 1, 0), gap or 0.0)
    heights = move_apart([y for y, _, _ in ends], gaps, bounds=(0.0, 1.0))
    for height, (_, x, label) in zip(heights, ends, strict=True):
        label.xy = (x, height)


def _points(line: Line2D) -> Array:
    return np.asarray(line.get_xydata(), float)


def move_apart(
    positions: Sequence[float],
    gaps: ArrayLike,
    *,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Array:
    """Move n positions, in their order, until each is at least a gap from the one before.

    The sum of squared moves is the least possible. With the sum of the gaps so far taken off each
    position, "at least a gap apart" becomes "not falling": isotonic regression, which pools
    neighbors into blocks of one value until no block is below the one before it.

    Parameters
    ----------
    positions : sequence of n float
    gaps : array (n − 1,)
    bounds : pair of float, optional
        Where the first and the last must lie. Without room for all gaps, the last yields.

    Examples
    --------
    >>> from chainrule.plotting.labels import move_apart
    >>> move_apart([0.0, 0.0, 5.0], [1.0, 1.0])
    array([-0.5,  0.5,  5. ])
    """
    if not len(positions):
        return np.zeros(0)
    steps = np.concatenate([[0.0], np.cumsum(gaps)])
    means: list[float] = []
    counts: list[int] = []
    for position in np.asarray(positions, float) - steps:
        mean, count = float(position), 1
        while means and means[-1] > mean:
            mean = (mean * count + means[-1] * counts[-1]) / (count + counts[-1])
            count += counts.pop()
            means.pop()
        means.append(mean)
        counts.append(count)
    low, high = bounds
    return np.clip(np.repeat(means, counts), low, max(low, high - steps[-1])) + steps


def label_powers(ax: Axes) -> None:
    """Write the powers of ten of logarithmic axes as text, 10⁻³: it stays sharp and searchable.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import label_powers
    >>> figure, ax = plt.subplots()
    >>> line = ax.semilogy([1, 2, 3], [1e-1, 1e-2, 1e-3])
    >>> label_powers(ax)
    >>> ax.yaxis.get_major_formatter()(0.01, None)
    '10⁻²'
    >>> plt.close(figure)
    """
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter(lambda value, _: power_of_ten(value))
            axis.set_minor_formatter(lambda *_: "")


def power_of_ten(value: float) -> str:
    """Write a power of ten in Unicode.

    Examples
    --------
    >>> from chainrule.plotting.labels import power_of_ten
    >>> power_of_ten(0.001)
    '10⁻³'
    """
    exponent = str(round(np.log10(value)))
    return "10" + exponent.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def number(value: float, digits: int = 3) -> str:
    """Write a number with a true minus sign and at most ``digits`` significant digits.

    Examples
    --------
    >>> from chainrule.plotting.labels import number
    >>> number(-0.12345), number(2.0)
    ('−0.123', '2')
    """
    return f"{value:.{digits}g}".replace("-", "−")
