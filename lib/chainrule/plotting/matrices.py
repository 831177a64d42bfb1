"""Matrices with their numbers written into the cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike

from chainrule.functional.contract import Array
from chainrule.plotting.arguments import as_numbers
from chainrule.plotting.labels import number
from chainrule.plotting.style import COLOR_TINT, INK_TINT, ORANGE, PURPLE, ink

MOST_CELLS = 400


def draw_matrix(
    ax: Axes,
    values: ArrayLike,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    write: Callable[[float], str] = number,
) -> None:
    """Draw a small matrix: numbers in cells, tinted by their size.

    The tint is gray; if there are negative numbers, those are purple and the positive ones orange.
    It is never so dark that the black numbers on it, white on the dark page, become unreadable.

    Parameters
    ----------
    ax : matplotlib Axes
    values : array (m, n)
        At most 400 entries.
    rows, columns : sequence of str, optional
        Names of rows and columns.
    write : callable
        Turns a number into what is written; by default three significant digits.

    Raises
    ------
    ValueError
        If ``values`` is not a matrix of that size, or the names do not fit.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import draw_matrix
    >>> figure, ax = plt.subplots()
    >>> draw_matrix(ax, [[1, -2], [0.5, 1]], rows=["x₁", "x₂"])
    >>> [text.get_text() for text in ax.texts]
    ['1', '−2', '0.5', '1']
    >>> plt.close(figure)
    """
    matrix = as_numbers("draw_matrix", "values", values)
    if matrix.ndim != 2 or not 1 <= matrix.size <= MOST_CELLS:
        raise ValueError(
            f"draw_matrix: values must have shape (m, n) with 1 to {MOST_CELLS} entries, "
            f"got {matrix.shape}; draw_heatmap shows larger ones"
        )
    for axis, names, size in (("rows", rows, len(matrix)), ("columns", columns, matrix.shape[1])):
        if names is not None and len(names) != size:
            raise ValueError(f"draw_matrix: {size} {axis} but {len(names)} names of {axis}")
    ax.imshow(tinted(matrix), interpolation="nearest")
    small = "small" if matrix.shape[1] > 6 else "medium"
    for i, j in np.ndindex(matrix.shape):
        ax.text(j, i, write(float(matrix[i, j])), ha="center", va="center", fontsize=small)
    ax.set_xticks(range(matrix.shape[1]), columns or [""] * matrix.shape[1])
    ax.set_yticks(range(len(matrix)), rows or [""] * len(matrix))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(False)


def tinted(matrix: Array) -> Array:
    """Return RGBA: a tint that grows with the size of the number and leaves black text readable.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.plotting.matrices import tinted
    >>> tinted(np.array([[0.0, 5.0]]))[..., 3]
    array([[0. , 0.4]])
    """
    sizes = np.where(np.isfinite(matrix), np.abs(matrix), 0.0)
    colors = ink(sizes, full=INK_TINT)
    if (matrix < 0).any():
        colors[..., :3] = np.where((matrix < 0)[..., None], to_rgb(PURPLE), to_rgb(ORANGE))
        colors[..., 3] *= COLOR_TINT / INK_TINT
    return colors
