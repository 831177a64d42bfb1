"""Distributions by layer, and numbers by layer and step."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import draw_distribution, draw_heatmap
from tests.plotting.measure import assert_readable


def test_histograms_count_what_lies_in_each_bin(ax: plt.Axes) -> None:
    draw_distribution(ax, {"a": np.array([0.0, 0.1, 0.9, 1.0]), "b": [0.5, 0.6, 0.4]}, bins=2)
    first, second = (patch.get_data() for patch in ax.patches[::2])
    np.testing.assert_allclose(first.edges, [0, 0.5, 1])
    np.testing.assert_allclose(first.values, [0.8, 0.8])
    np.testing.assert_allclose(second.values, [0.4 - 1, 0.8 - 1])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert_readable(ax.figure)


def test_what_lies_beyond_the_limits_is_said(ax: plt.Axes) -> None:
    draw_distribution(ax, {"a": np.array([-1.0, 1, 0, 5])}, limits=(-2, 2))
    (text,) = ax.texts
    assert text.get_text() == "std 2.3\n25% beyond"


def test_a_constant_layer_is_drawn(ax: plt.Axes) -> None:
    draw_distribution(ax, {"a": np.zeros(5), "b": np.zeros(3)})
    assert_readable(ax.figure)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ({}, {}, "no layers"),
        ({"a": []}, {}, "'a' has no numbers"),
        ({"a": [1, np.nan, np.inf]}, {}, "'a' has 2 numbers that are NaN or infinite"),
        ({"a": [1]}, {"bins": 0}, "bins must be at least 1, got 0"),
        ({"a": [1]}, {"limits": (1, -1)}, "limits must rise"),
    ],
)
def test_distributions_that_cannot_be_drawn_are_refused(
    ax: plt.Axes, values: Any, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_distribution: .*{message}"):
        draw_distribution(ax, values, **options)


def test_a_heatmap_has_a_row_per_name_and_a_column_per_step(ax: plt.Axes) -> None:
    image = draw_heatmap(ax, [[1, 2, 3], [4, 5, 6]], ["a", "b"], label="norm", x=(0, 20))
    assert list(image.get_extent()) == [-5, 25, 1.5, -0.5]
    assert image.get_clim() == (1, 6)
    assert image.colorbar.ax.get_ylabel() == "norm"
    assert_readable(ax.figure)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1e-6, 1e0, ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]),
        (0.01, 0.55, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5"]),
        (3.0, 4.0, ["3", "3.2", "3.4", "3.6", "3.8", "4"]),
    ],
)
def test_logarithmic_colors_have_ticks_as_text(
    ax: plt.Axes, low: float, high: float, ticks: list[str]
) -> None:
    image = draw_heatmap(ax, [[low, high]], ["a"], label="norm", log=True)
    ax.figure.canvas.draw()
    assert [tick.get_text() for tick in image.colorbar.ax.get_yticklabels()] == ticks
    assert_readable(ax.figure)


def test_what_has_no_color_is_a_gap(ax: plt.Axes) -> None:
    image = draw_heatmap(ax, [[1, 0, np.nan, -1, 10]], ["a"], label="norm", log=True)
    drawn = np.ma.masked_invalid(image.get_array())
    assert drawn.mask.tolist() == [[False, True, True, True, False]]
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("values", "log", "message"),
    [
        (np.ones((3, 2)), False, r"2 names of rows need values of shape \(2, T\), got \(3, 2\)"),
        (np.ones((2, 0)), False, r"got \(2, 0\)"),
        (np.full((2, 2), np.nan), False, "no value can be drawn"),
        (-np.ones((2, 2)), True, "have no logarithm"),
    ],
)
def test_heatmaps_that_cannot_be_drawn_are_refused(
    ax: plt.Axes, values: Any, log: bool, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_heatmap: .*{message}"):
        draw_heatmap(ax, values, ["a", "b"], label="x", log=log)
