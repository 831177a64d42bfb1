"""Figure helpers: what they draw, and what they refuse."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import (
    BLUE,
    ORANGE,
    PALETTE,
    PURPLE,
    draw_chain,
    draw_confusion,
    draw_decision,
    draw_images,
    label_lines,
    label_powers,
    use_style,
)
from chainrule.plotting.style import text_color


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    mpl.use("agg")
    yield
    plt.close("all")


def labels(ax: plt.Axes) -> dict[str, tuple[float, float]]:
    """The labels of lines and their places, as fractions of the axes."""
    return {text.get_text(): text.xy for text in ax.texts}


def test_the_style_is_for_both_themes_and_reproducible() -> None:
    with mpl.rc_context():
        use_style()
        assert mpl.rcParams["figure.facecolor"] == "none"
        assert mpl.rcParams["savefig.facecolor"] == "none"
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"] == list(PALETTE)
        files = []
        for _ in range(2):
            figure, ax = plt.subplots()
            ax.plot([0, 1], [0, 1], label="line")
            label_lines(ax)
            file = io.BytesIO()
            figure.savefig(file, format="svg", metadata={"Date": None})
            files.append(file.getvalue())
        assert files[0] == files[1], "the same figure gives the same bytes"
        assert b">line</text>" in files[0], "text stays text"


def test_the_colors_differ_in_lightness_too() -> None:
    assert len(set(PALETTE)) == 6
    lightness = [sum(mpl.colors.to_rgb(color)) for color in (BLUE, ORANGE)]
    assert abs(lightness[0] - lightness[1]) > 0.3


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


def test_chain_writes_every_name_once() -> None:
    figure = draw_chain(["X", "Z", "L"], ["affine", "loss"], ["", "dZ", "dL"], ["dW", ""])
    written = sorted(text.get_text() for text in figure.axes[0].texts if text.get_text())
    assert written == sorted(
        ["forward ↓", "backward ↑", "X", "Z", "L", "affine", "loss", "dZ", "dL", "dW"]
    )


def test_chain_refuses_numbers_of_names_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="1 operations need 2 values"):
        draw_chain(["X"], ["affine"], ["", "dL"], [""])


def test_signed_images_have_zero_in_the_middle_of_their_colors() -> None:
    figure = draw_images(np.array([[[-1.0, 3.0]], [[0.0, 0.0]]]), signed=True)
    first, second = (ax.images[0] for ax in figure.axes)
    assert first.get_clim() == (-3.0, 3.0)
    assert second.get_clim() == (-1.0, 1.0)


def test_images_are_ink_of_growing_opacity() -> None:
    (ax,) = draw_images(np.array([[[0.0, 1.0], [2.0, -1.0]]])).axes
    drawn = np.asarray(ax.images[0].get_array())
    np.testing.assert_allclose(drawn[..., 3], [[0, 0.5], [1, 0]])
    assert (drawn[..., :3] == 0).all()


def test_images_that_are_blank_or_negative_are_paper() -> None:
    images = np.stack([np.zeros((2, 2)), np.full((2, 2), -3.0)])
    for ax in draw_images(images).axes:
        assert (np.asarray(ax.images[0].get_array())[..., 3] == 0).all()


def test_images_stand_in_rows_with_their_titles() -> None:
    figure = draw_images(np.ones((5, 2, 3)), titles=list("abcde"), columns=2)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "c", "d", "e", ""]
    assert [len(ax.images) for ax in figure.axes] == [1, 1, 1, 1, 1, 0]
    assert {ax.get_subplotspec().get_gridspec().get_geometry() for ax in figure.axes} == {(3, 2)}
    assert not any(ax.axison for ax in figure.axes)


def test_few_images_take_no_room_for_more() -> None:
    assert len(draw_images(np.ones((3, 2, 2)), columns=10).axes) == 3
    assert len(draw_images([[[0, 1], [1, 0]]]).axes) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (np.ones((28, 28)), {}, r"must have shape \(N, H, W\), got \(28, 28\)"),
        (np.ones((2, 28, 28, 1)), {}, r"must have shape \(N, H, W\), got \(2, 28, 28, 1\)"),
        (np.ones((0, 28, 28)), {}, r"must have shape \(N, H, W\), got \(0, 28, 28\)"),
        (np.ones((3, 0, 28)), {}, r"must have shape \(N, H, W\), got \(3, 0, 28\)"),
        (np.ones((3, 2, 2)), {"titles": ["a"]}, "3 images but 1 titles"),
        (np.ones((3, 2, 2)), {"columns": 0}, "columns must be at least 1, got 0"),
    ],
)
def test_images_that_cannot_be_drawn_are_refused(
    images: np.ndarray, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_images: .*{message}"):
        draw_images(images, **options)
    assert not plt.get_fignums(), "no empty figure is left behind"


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


def test_powers_of_ten_are_text_without_markup() -> None:
    figure, ax = plt.subplots()
    ax.loglog([1e-12, 1e3], [1e-2, 1e2])
    label_powers(ax)
    figure.canvas.draw()
    written = {label.get_text() for label in ax.get_xticklabels() + ax.get_yticklabels()}
    assert {"10⁻¹²", "10⁰", "10²"} <= written
    assert not any("$" in text for text in written)
