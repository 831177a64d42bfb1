"""The plane of two features: points of classes, and what a classifier makes of every place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from chainrule.arguments import require_function
from chainrule.functional.contract import Array
from chainrule.plotting.arguments import as_numbers
from chainrule.plotting.style import BLUE, GREEN, MARKERS, ORANGE, PURPLE, SHADE, SKY, VERMILION

CLASS_COLORS = (ORANGE, PURPLE, BLUE, GREEN, SKY, VERMILION)


def draw_points(
    ax: Axes, X: ArrayLike, t: ArrayLike, *, names: Sequence[str] | None = None
) -> None:
    """Draw points in the plane; color and marker tell their class. ``ax.legend()`` names them.

    Parameters
    ----------
    ax : matplotlib Axes
    X : array (N, 2)
    t : integer array (N,)
        Classes from 0 to 9.
    names : sequence of str, optional
        Of the classes; by default "class 0", "class 1", …

    Raises
    ------
    ValueError
        If the shapes do not fit, a point is not finite, or a class has no marker or no name.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.data import xor
    >>> from chainrule.plotting import draw_points
    >>> figure, ax = plt.subplots()
    >>> draw_points(ax, *xor())
    >>> [points.get_label() for points in ax.collections]
    ['class 0', 'class 1']
    >>> plt.close(figure)
    """
    points, classes = as_numbers("draw_points", "X", X), np.asarray(t)
    if points.ndim != 2 or points.shape[1] != 2 or classes.shape != points.shape[:1]:
        raise ValueError(
            f"draw_points: takes X (N, 2) and classes (N,), got {points.shape} and {classes.shape}"
        )
    if not len(points):
        raise ValueError("draw_points: there are no points")
    if not np.isfinite(points).all():
        lost = int(np.sum(~np.isfinite(points).all(1)))
        raise ValueError(f"draw_points: {lost} of {len(points)} points are NaN or infinite")
    present = [int(k) for k in np.unique(classes)]
    last = len(MARKERS if names is None else names) - 1
    if present[0] < 0 or present[-1] > min(last, len(MARKERS) - 1):
        raise ValueError(f"draw_points: classes must lie between 0 and {last}, got {present}")
    size = float(np.clip(6000 / len(points), 8, 36))  # area in points²
    for k in present:
        of_class = points[classes == k]
        ax.scatter(
            of_class[:, 0],
            of_class[:, 1],
            size,
            color=CLASS_COLORS[k % len(CLASS_COLORS)],
            marker=MARKERS[k],
            edgecolors="black",
            linewidths=1 if size > 20 else 0.3,
            label=f"class {k}" if names is None else names[k],
        )
    ax.set(xlabel="x₁", ylabel="x₂")


def draw_decision(
    ax: Axes,
    score: Callable[[Array], Array],
    X: ArrayLike,
    t: ArrayLike,
    *,
    margin: float = 0.5,
    resolution: int = 80,
) -> None:
    """Shade the plane by what a classifier says there, and draw the points on it.

    For two classes, the shade is the probability of class 1, and a line is drawn where it is ½.
    For more, each place has the color of the class with the highest score there.

    Parameters
    ----------
    ax : matplotlib Axes
    score : callable
        Takes points (N, 2) in float32. Returns (N,) numbers in [0, 1], the probability of class 1;
        or (N, K) scores, probabilities or logits, for K of three to six classes.
    X : array (N, 2)
    t : array (N,)
        Classes from 0.
    margin : float
        How far the shaded region reaches beyond the points.
    resolution : int
        Points per axis at which the score is computed.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a score is NaN or no probability.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.data import xor
    >>> from chainrule.plotting import draw_decision
    >>> figure, ax = plt.subplots()
    >>> draw_decision(ax, lambda points: points.mean(1).clip(0, 1), *xor())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x₁', 'x₂')
    >>> plt.close(figure)
    """
    points = as_numbers("draw_decision", "X", X)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"draw_decision: X must have shape (N, 2), got {points.shape}")
    require_function("draw_decision", "pass what takes points (N, 2)", score=score)
    (left, bottom), (right, top) = points.min(0) - margin, points.max(0) + margin
    x, y = np.linspace(left, right, resolution), np.linspace(bottom, top, resolution)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float32)
    p = as_numbers("draw_decision", "what score returns", score(grid))
    if p.shape[:1] != (len(grid),) or not (p.ndim == 1 or 3 <= p.shape[1] <= len(CLASS_COLORS)):
        raise ValueError(
            f"draw_decision: for {len(grid)} points, score must return shape ({len(grid)},), the "
            f"probability of class 1, or ({len(grid)}, K) with K from 3 to {len(CLASS_COLORS)}, "
            f"got {p.shape}" + ("; of two classes, return p[:, 1]" if p.shape[1:] == (2,) else "")
        )
    if np.isnan(p).any():
        raise ValueError("draw_decision: the score is NaN at some points of the plane")
    if p.ndim == 1:
        # float32 softmax may exceed 1 by a rounding
        if p.min() < 0 or p.max() > 1 + 1e-6:
            raise ValueError(
                "draw_decision: the probability of class 1 must lie between 0 and 1, got "
                f"{p.min():.3g} to {p.max():.3g}; apply the sigmoid to a logit first"
            )
        _shade_two(ax, x, y, p.clip(0, 1).reshape(resolution, resolution))
    else:
        _shade_several(ax, x, y, p.reshape(resolution, resolution, -1))
    draw_points(ax, points, t)
    ax.grid(False)


def _shade_two(ax: Axes, x: Array, y: Array, p: Array) -> None:
    ax.contourf(x, y, p, levels=np.linspace(0, 1, 11), cmap=SHADE)
    if p.min() < 0.5 < p.max():
        ax.contour(x, y, p, levels=[0.5], colors="black", linewidths=1)


def _shade_several(ax: Axes, x: Array, y: Array, scores: Array) -> None:
    for k in range(scores.shape[-1]):
        lead = scores[..., k] - np.delete(scores, k, axis=-1).max(-1)
        if lead.max() > 0:
            levels = [0.0, float(lead.max()) * 1.001]
            ax.contourf(x, y, lead, levels=levels, colors=[CLASS_COLORS[k]], alpha=0.3)
            if lead.min() < 0:
                ax.contour(x, y, lead, levels=[0.0], colors="black", linewidths=1)
