"""Mistakes, calibration, ROC."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import draw_confusion, draw_reliability, draw_roc
from tests.plotting.measure import assert_readable


def test_confusion_counts_mistakes_by_true_row_and_predicted_column() -> None:
    _, ax = plt.subplots()
    draw_confusion(ax, np.array([0, 1, 1, 2, 2]), np.array([0, 2, 2, 2, 0]))
    written = {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text()
        for text in ax.texts
    }
    assert written == {(1, 2): "2", (2, 0): "1"}


def test_confusion_of_a_perfect_classifier_is_empty() -> None:
    _, ax = plt.subplots()
    draw_confusion(ax, np.array([0, 1]), np.array([0, 1]))
    assert not ax.texts


@pytest.mark.parametrize(("n", "m"), [(0, 0), (3, 2)])
def test_confusion_refuses_unpaired_or_no_predictions(n: int, m: int) -> None:
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="draw_confusion"):
        draw_confusion(ax, np.zeros(n, int), np.zeros(m, int))


def test_confusion_refuses_negative_classes(ax: plt.Axes) -> None:
    with pytest.raises(ValueError, match="draw_confusion: classes are counted from 0, got -1"):
        draw_confusion(ax, np.array([0, -1]), np.array([0, 1]))


def test_reliability_is_the_mean_gap_of_the_bins(ax: plt.Axes) -> None:
    confidence = np.array([0.6, 0.7, 0.9, 1.0])
    correct = np.array([True, False, True, True])
    error = draw_reliability(ax, confidence, correct, bins=2)
    assert error == pytest.approx(abs(0.8 - 0.75))
    error = draw_reliability(ax, confidence, correct, bins=10)
    assert error == pytest.approx((0.4 + 0.7 + 0.05 * 2) / 4)
    assert_readable(ax.figure)


def test_a_calibrated_classifier_has_no_gap(ax: plt.Axes) -> None:
    assert draw_reliability(ax, np.array([0.5, 0.5, 0.0]), np.array([1, 0, 0])) == 0


@pytest.mark.parametrize(
    ("confidence", "correct", "message"),
    [
        ([], [], r"shape \(N,\) with N at least 1, got \(0,\)"),
        ([0.5], [1, 0], r"got \(1,\) and \(2,\)"),
        ([1.5], [1], "between 0 and 1, got 1.5"),
        ([np.nan], [1], "between 0 and 1, got nan"),
    ],
)
def test_reliability_refuses(
    ax: plt.Axes, confidence: list[float], correct: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_reliability: .*{message}"):
        draw_reliability(ax, confidence, correct)


def test_the_area_counts_pairs_in_the_right_order_and_ties_half(ax: plt.Axes) -> None:
    rng = np.random.default_rng(0)
    score, t = rng.integers(0, 6, 40).astype(float), rng.integers(0, 2, 40)
    areas = draw_roc(ax, {"a": score, "the opposite": -score}, t)
    pairs = score[t == 1][:, None] - score[t == 0]
    assert areas["a"] == pytest.approx((pairs > 0).mean() + (pairs == 0).mean() / 2)
    assert areas["a"] + areas["the opposite"] == pytest.approx(1)
    for line in ax.get_lines()[1:]:
        assert line.get_xydata()[[0, -1]].tolist() == [[0, 0], [1, 1]]
    assert_readable(ax.figure)


def test_infinite_scores_have_their_place(ax: plt.Axes) -> None:
    assert draw_roc(ax, {"a": [-np.inf, -np.inf, np.inf, np.inf]}, [0, 0, 1, 1]) == {"a": 1.0}


@pytest.mark.parametrize(
    ("scores", "t", "message"),
    [
        ({}, [0, 1], "1 to 6 detectors, got 0"),
        ({"a": [1, 2]}, [1, 1], r"classes 0 and 1, both, got \[1\]"),
        ({"a": [1, 2]}, [0, 2], r"got \[0, 2\]"),
        ({"a": [1, 2, 3]}, [0, 1], r"'a' and t must have one shape .* got \(3,\) and \(2,\)"),
        ({"a": [1, np.nan]}, [0, 1], "1 scores of 'a' are NaN"),
    ],
)
def test_roc_refuses(ax: plt.Axes, scores: dict, t: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=f"draw_roc: .*{message}"):
        draw_roc(ax, scores, t)
    assert not ax.get_lines(), "nothing half drawn"
