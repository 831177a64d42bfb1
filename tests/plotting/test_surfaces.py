"""Contours of a loss and paths on them."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import draw_contours
from tests.plotting.measure import texts


def bowl(w: np.ndarray) -> np.ndarray:
    return (w**2).sum(1)


def test_contours_are_labeled_with_their_losses(ax: plt.Axes) -> None:
    draw_contours(ax, bowl, (-3, 3), (-2, 2), levels=5)
    contours = ax.collections[0]
    assert contours.levels.tolist() == [3, 6, 9, 12]
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        np.testing.assert_allclose(np.hypot(*path.vertices.T) ** 2, level, rtol=0.01)
    assert {name.split()[0] for name in texts(ax.figure)} >= {"3", "6"}


def test_equal_factors_between_logarithmic_contours(ax: plt.Axes) -> None:
    draw_contours(ax, lambda w: 10 ** w[:, 0], (-3.5, 2.5), (0, 1), log=True, levels=4)
    np.testing.assert_allclose(ax.collections[0].levels, 10.0 ** np.arange(-3, 3))


def test_a_path_has_a_ring_at_its_start_and_a_dot_at_its_end(ax: plt.Axes) -> None:
    path = [[1.0, 1.0], [0.5, 0.2], [9.0, 9.0], [np.nan, np.nan]]
    draw_contours(ax, bowl, (-2, 2), (-1, 1), paths={"SGD": path})
    line, ring, dot = ax.get_lines()
    assert line.get_label() == "SGD"
    assert ring.get_xydata().tolist() == [[1, 1]]
    assert ring.get_markerfacecolor() == "none"
    assert dot.get_xydata().tolist() == [[9, 9]]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2, 2), (-1, 1)), "what leaves is cut off"
    ax.figure.canvas.draw()


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_flat_loss_has_no_contours(ax: plt.Axes, value: float) -> None:
    draw_contours(ax, lambda w: np.full(len(w), value), (0, 1), (0, 1))
    assert not ax.collections
    ax.figure.canvas.draw()


def test_where_the_loss_is_not_finite_nothing_is_drawn(ax: plt.Axes) -> None:
    draw_contours(ax, lambda w: np.where(w[:, 0] > 0, bowl(w), np.nan), (-2, 2), (-2, 2))
    drawn = np.concatenate([path.vertices for path in ax.collections[0].get_paths()])
    assert drawn[:, 0].min() > 0


@pytest.mark.parametrize(
    ("loss", "x", "options", "message"),
    [
        (bowl, (1, 1), {}, r"x must be a range that rises, \(low, high\), got \(1, 1\)"),
        (lambda w: w, (0, 1), {}, r"loss must return shape \(14400,\), one number each, got"),
        (lambda w: bowl(w) * np.nan, (0, 1), {}, "nowhere finite"),
        (lambda w: -bowl(w), (0, 1), {"log": True}, "nowhere positive and finite"),
        (bowl, (0, 1), {"paths": {"a": [1, 2]}}, r"path 'a' must have shape \(steps, 2\)"),
        (bowl, (0, 1), {"paths": {"a": [[np.nan, 1]]}}, "and a finite point"),
        (bowl, (0, 1), {"paths": {str(i): [[0, 0]] for i in range(7)}}, "at most 6 paths, got 7"),
    ],
)
def test_landscapes_that_cannot_be_drawn_are_refused(
    ax: plt.Axes, loss: Any, x: Any, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_contours: .*{message}"):
        draw_contours(ax, loss, x, (0, 1), **options)
