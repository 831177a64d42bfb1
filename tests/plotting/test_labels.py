"""Labels at the ends of lines, and powers of ten."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.plotting import BLUE, ORANGE, label_lines, label_powers
from chainrule.plotting.labels import move_apart, number
from chainrule.plotting.style import text_color
from tests.plotting.measure import assert_readable


def labels(ax: plt.Axes) -> dict[str, tuple[float, float]]:
    """The labels of lines and their places, as fractions of the axes."""
    return {text.get_text(): text.xy for text in ax.texts}


def test_labels_stand_at_the_ends_of_their_lines_in_their_colors() -> None:
    _, ax = plt.subplots()
    ax.plot([0, 10], [0, 1], color=BLUE, label="up")
    ax.plot([0, 5], [1, 0], color=ORANGE, label="down")
    ax.plot([0, 10], [0.5, 0.5])  # without a label
    label_lines(ax)
    places = labels(ax)
    assert set(places) == {"up", "down"}
    margin = 0.05 / 1.1  # Matplotlib's own, on each side
    np.testing.assert_allclose(places["up"], (1 - margin, 1 - margin))
    np.testing.assert_allclose(places["down"], (0.5, margin))
    assert {t.get_text(): t.get_color() for t in ax.texts} == {
        "up": text_color(BLUE),
        "down": text_color(ORANGE),
    }
    assert ax.get_legend() is None


def test_labels_do_not_stand_on_each_other() -> None:
    _, ax = plt.subplots()
    for i in range(5):
        ax.plot([0, 1], [0, 1e-9 * i], label=str(i))
    ax.set_ylim(0, 1)
    label_lines(ax, gap=0.1)
    heights = [labels(ax)[str(i)][1] for i in range(5)]
    np.testing.assert_allclose(np.diff(heights), 0.1)


@pytest.mark.parametrize("end", [np.nan, np.inf, 1e300])
def test_the_label_of_a_diverging_line_stands_where_it_was_last_seen(end: float) -> None:
    figure, ax = plt.subplots()
    ax.plot([0, 1, 2], [0, 0.5, end], label="diverges")
    ax.plot([0, 2], [np.nan, np.nan], label="never seen")
    ax.plot([0, 2], [0, 0.25], label="converges")
    ax.set(xlim=(0, 2), ylim=(0, 1))
    label_lines(ax)
    places = labels(ax)
    assert set(places) == {"diverges", "converges"}
    np.testing.assert_allclose(places["diverges"], (1, 1) if end == 1e300 else (0.5, 0.5))
    figure.canvas.draw()


def test_a_line_that_falls_out_of_logarithmic_axes_has_its_label_at_the_bottom() -> None:
    figure, ax = plt.subplots()
    ax.semilogy([0, 1, 2], [1e-4, 1e-2, 0], label="reaches zero")
    ax.set(xlim=(0, 2), ylim=(1e-4, 1))
    label_lines(ax)
    np.testing.assert_allclose(labels(ax)["reaches zero"], (1, 0))
    figure.canvas.draw()


def test_powers_of_ten_are_text_without_markup() -> None:
    figure, ax = plt.subplots()
    ax.loglog([1e-12, 1e3], [1e-2, 1e2])
    ax.set_xticks([1e-12, 1])  # which ones Matplotlib takes is another matter
    ax.set_yticks([1e2])
    label_powers(ax)
    figure.canvas.draw()
    written = {label.get_text() for label in ax.get_xticklabels() + ax.get_yticklabels()}
    assert {"10⁻¹²", "10⁰", "10²"} <= written
    assert not any("$" in text for text in written)


def test_labels_follow_limits_and_scales_that_are_set_later(ax: plt.Axes) -> None:
    ax.plot([0, 10], [1, 10], label="line")
    label_lines(ax)
    ax.set(xlim=(0, 20), ylim=(0, 100))
    ax.figure.canvas.draw()
    np.testing.assert_allclose(labels(ax)["line"], (0.5, 0.1))
    ax.set(yscale="log", ylim=(1, 100))
    ax.figure.canvas.draw()
    np.testing.assert_allclose(labels(ax)["line"], (0.5, 0.5))


@pytest.mark.parametrize("height", [1.6, 3.6])
def test_labels_of_lines_that_meet_are_readable_in_axes_of_any_height(height: float) -> None:
    figure, ax = plt.subplots(figsize=(5, height))
    for i in range(5):
        ax.plot([0, 1], [i, 5], label=f"line {i}")
    label_lines(ax)
    assert_readable(figure)
    assert all(0 <= y <= 1 for _, y in labels(ax).values())


def test_the_measure_finds_labels_on_each_other(ax: plt.Axes) -> None:
    for i in range(3):
        ax.plot([0, 1], [i, 5], label=f"line {i}")
    label_lines(ax, gap=0.01)
    with pytest.raises(AssertionError, match=r"on each other: .*line 0"):
        assert_readable(ax.figure)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6), st.floats(0, 2))
def test_what_is_moved_apart_keeps_its_order_and_its_mean(places: list[float], gap: float) -> None:
    moved = move_apart(sorted(places), [gap] * (len(places) - 1))
    assert (np.diff(moved) >= gap - 1e-9).all()
    assert moved.mean() == pytest.approx(np.mean(places), abs=1e-9)


def test_what_stands_apart_is_not_moved() -> None:
    np.testing.assert_allclose(move_apart([0, 2, 3], [1, 1]), [0, 2, 3])
    np.testing.assert_allclose(move_apart([1, 1], [0.5], bounds=(0, 1)), [0.5, 1])
    assert not len(move_apart([], []))


def test_a_negative_number_has_a_true_minus() -> None:
    assert number(-1e-5) == "−1e−05"
