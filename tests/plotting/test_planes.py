"""Points of classes and what a classifier makes of the plane."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import ORANGE, PURPLE, draw_decision, draw_points
from tests.plotting.measure import assert_readable


def test_a_decision_is_asked_for_in_single_precision_around_the_points() -> None:
    _, ax = plt.subplots()
    X, asked = np.array([[-1.0, 0.0], [3.0, 2.0], [0.0, 1.0]]), []

    def score(points: np.ndarray) -> np.ndarray:
        asked.append(points)
        return np.clip(points[:, 0], 0, 1)

    draw_decision(ax, score, X, np.array([0, 1, 0]), margin=1.0, resolution=7)
    (points,) = asked
    assert points.shape == (49, 2)
    assert points.dtype == np.float32
    np.testing.assert_allclose((points.min(0), points.max(0)), ([-2, -1], [4, 3]))
    class_0, class_1 = ax.collections[-2:]
    assert (len(class_0.get_offsets()), len(class_1.get_offsets())) == (2, 1)
    assert [c.get_label() for c in (class_0, class_1)] == ["class 0", "class 1"]
    assert len(ax.collections) == 4, "the shades, the line at one half, two classes of points"


@pytest.mark.parametrize("constant", [0.0, 0.2, 0.5, 1.0])
def test_a_decision_without_a_boundary_is_drawn_without_a_warning(constant: float) -> None:
    figure, ax = plt.subplots()
    X, t = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    draw_decision(ax, lambda points: np.full(len(points), constant), X, t, resolution=5)
    assert len(ax.collections) == 3, "no line"
    figure.canvas.draw()


def test_each_side_of_a_decision_has_the_hue_of_its_points() -> None:
    _, ax = plt.subplots()
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    draw_decision(ax, lambda points: (points[:, 0] > 0.5).astype(float), X, np.array([0, 1]))
    low, high = ax.collections[0].get_facecolors()[[0, -1]]
    assert low[0] > low[2], "class 0 is orange: more red than blue"
    assert high[2] > high[1], "class 1 is purple: more blue than green"
    assert [mpl.colors.to_hex(c.get_facecolors()[0]).upper() for c in ax.collections[-2:]] == [
        ORANGE,
        PURPLE,
    ]


def test_of_several_classes_each_place_has_the_color_of_the_best(ax: plt.Axes) -> None:
    centers = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    draw_decision(ax, lambda x: -((x[:, None] - centers) ** 2).sum(-1), centers, np.arange(3))
    shades, points = ax.collections[:-3:2], ax.collections[-3:]
    for center, shade, drawn in zip(centers, shades, points, strict=True):
        inside = [path.contains_point(center) for s in shades for path in s.get_paths()]
        assert sum(inside) == 1
        assert shade.get_paths()[0].contains_point(center)
        np.testing.assert_array_equal(shade.get_facecolor()[0, :3], drawn.get_facecolor()[0, :3])
    assert_readable(ax.figure)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.zeros((25, 2)), r"got \(25, 2\)"),
        (np.zeros(3), r"got \(3,\)"),
        (np.full(25, np.nan), "NaN at some points"),
        (np.full(25, 7.0), "between 0 and 1, got 7 to 7; apply the sigmoid"),
    ],
)
def test_scores_that_are_none_are_refused(ax: plt.Axes, answer: Any, message: str) -> None:
    X, t = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    with pytest.raises(ValueError, match=f"draw_decision: .*{message}"):
        draw_decision(ax, lambda points: answer, X, t, resolution=5)


def test_ten_classes_differ_in_marker_or_color(ax: plt.Axes) -> None:
    draw_points(ax, np.arange(20.0).reshape(10, 2), np.arange(10), names=list("abcdefghij"))
    looks = {
        (mpl.colors.to_hex(c.get_facecolor()[0]), c.get_paths()[0].vertices.tobytes())
        for c in ax.collections
    }
    assert len(looks) == 10
    assert [c.get_label() for c in ax.collections] == list("abcdefghij")


@pytest.mark.parametrize(
    ("X", "t", "message"),
    [
        (np.zeros((3, 3)), np.zeros(3, int), r"got \(3, 3\)"),
        (np.zeros((3, 2)), np.zeros(2, int), r"and \(2,\)"),
        (np.zeros((0, 2)), np.zeros(0, int), "no points"),
        (np.full((1, 2), np.nan), np.zeros(1, int), "1 of 1 points are NaN"),
        (np.zeros((1, 2)), np.array([10]), r"between 0 and 9, got \[10\]"),
        (np.zeros((1, 2)), np.array([-1]), r"got \[-1\]"),
    ],
)
def test_points_that_cannot_be_drawn_are_refused(
    ax: plt.Axes, X: Any, t: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_points: .*{message}"):
        draw_points(ax, X, t)
