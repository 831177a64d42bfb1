"""Curves with their spread, and histories."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import draw_curves, draw_history, label_powers
from chainrule.training import History
from tests.plotting.measure import assert_readable

RUNS = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 11.0], [2.0, 9.0, 4.0]])
STD = RUNS.std(0, ddof=1)


def band(ax: plt.Axes) -> tuple[np.ndarray, np.ndarray]:
    """The lower and the upper edge of the band at x = 0, 1, 2."""
    (vertices,) = (path.vertices for path in ax.collections[0].get_paths())
    at = [vertices[vertices[:, 0] == x, 1] for x in range(3)]
    return np.array([y.min() for y in at]), np.array([y.max() for y in at])


@pytest.mark.parametrize(
    ("spread", "line", "low", "high", "said"),
    [
        ("range", RUNS.mean(0), RUNS.min(0), RUNS.max(0), "mean, lowest and highest"),
        ("quartiles", [2, 4, 4], [1.5, 3, 3.5], [2.5, 6.5, 7.5], "median and quartiles"),
        ("std", RUNS.mean(0), RUNS.mean(0) - STD, RUNS.mean(0) + STD, "mean ± standard deviation"),
    ],
)
def test_the_band_is_what_the_legend_says(
    ax: plt.Axes, spread: Any, line: Any, low: Any, high: Any, said: str
) -> None:
    draw_curves(ax, {"a": RUNS}, spread=spread)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), line)
    np.testing.assert_allclose(band(ax), (low, high))
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [f"{said} of 3 runs"]
    assert [t.get_text() for t in ax.texts] == ["a"]
    assert_readable(ax.figure)


def test_single_runs_have_no_band_and_no_legend(ax: plt.Axes) -> None:
    draw_curves(ax, {"a": [1, 2, 3], "b": [3, 2, 1]}, x=[10, 20, 30])
    assert not ax.collections
    assert ax.get_legend() is None
    assert ax.get_lines()[0].get_xdata().tolist() == [10, 20, 30]


def test_curves_differ_in_style_as_well_as_in_color(ax: plt.Axes) -> None:
    draw_curves(ax, {name: [1, 2] for name in "abcdef"})
    styles = {(line.get_linestyle(), str(line._dash_pattern)) for line in ax.get_lines()}
    assert len(styles) == 6
    assert len({line.get_color() for line in ax.get_lines()}) == 6


@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_a_line_stops_where_a_run_diverges(ax: plt.Axes, lost: float) -> None:
    draw_curves(ax, {"a": [[1, 2, 3], [1, 2, lost]]})
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [1, 2, np.nan])
    ax.figure.canvas.draw()


def test_logarithmic_axes_may_be_set_afterwards(ax: plt.Axes) -> None:
    draw_curves(ax, {"a": [[1e-3, 1e-2], [1e-1, 1]], "b": [[1, 2], [3, 4]]}, x=[1, 10])
    ax.set(xscale="log", yscale="log", xlabel="step", ylabel="loss", title="Finding")
    label_powers(ax)
    assert_readable(ax.figure)


def test_numbers_of_runs_that_differ_are_said(ax: plt.Axes) -> None:
    draw_curves(ax, {"a": np.ones((2, 3)), "b": np.ones((5, 3)), "c": np.ones(3)})
    assert ax.get_legend().get_texts()[0].get_text().endswith("of 2–5 runs")


@pytest.mark.parametrize(
    ("curves", "options", "message"),
    [
        ({}, {}, "1 to 6 curves, got 0"),
        ({str(i): [1] for i in range(7)}, {}, "1 to 6 curves, got 7"),
        ({"a": []}, {}, r"'a' must have shape \(runs, T\) or \(T,\), got \(0,\)"),
        ({"a": np.ones((2, 2, 2))}, {}, r"got \(2, 2, 2\)"),
        ({"a": [[1, 2], [1]]}, {}, "the runs of 'a' differ in length"),
        ({"a": [np.nan, np.nan]}, {}, "'a' is at no point finite in all runs"),
        ({"a": [1, 2]}, {"x": [1, 2, 3]}, r"'a' has 2 values in each run, but x has shape \(3,\)"),
        ({"a": [1, 2]}, {"spread": "sem"}, "spread must be one of 'range'"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(
    ax: plt.Axes, curves: Any, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_curves: .*{message}"):
        draw_curves(ax, curves, **options)


HISTORY = History(
    loss=[3.0, 2.0, 1.0],
    validation_loss=[3.0, 1.5, 2.0],
    metric=[0.1, 0.5, 0.9],
    validation_metric=[0.1, 0.7, 0.6],
)


@pytest.mark.parametrize(("measure", "value"), [("loss", 1.5), ("metric", 0.7)])
def test_a_dot_marks_the_best_on_validation(ax: plt.Axes, measure: Any, value: float) -> None:
    assert draw_history(ax, HISTORY, measure) == 1
    *_, dot = ax.get_lines()
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (1, value)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", measure)
    assert_readable(ax.figure)


def test_the_dot_marks_what_early_stopping_put_back(ax: plt.Axes) -> None:
    history = History(loss=[2.0, 1.0], validation_loss=[1.0, 2.0], best_epoch=1)
    assert draw_history(ax, history) == 1


def test_without_validation_nothing_is_best(ax: plt.Axes) -> None:
    assert draw_history(ax, History(loss=[2.0, 1.0])) is None
    assert [t.get_text() for t in ax.texts] == ["training"]


@pytest.mark.parametrize(
    ("history", "measure", "message"),
    [
        (History(), "loss", "no loss was measured, .*run at least one epoch"),
        (History(loss=[1.0]), "metric", "no metric was measured, .*call fit with metric"),
        (History(loss=[1.0]), "accuracy", "'loss' or 'metric', got 'accuracy'"),
    ],
)
def test_histories_without_what_is_asked_are_refused(
    ax: plt.Axes, history: History, measure: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_history: .*{message}"):
        draw_history(ax, history, measure)
