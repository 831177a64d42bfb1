"""Figure helpers: what they draw, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import (
    ORANGE,
    PURPLE,
    draw_chain,
    draw_confusion,
    draw_decision,
    draw_images,
    label_powers,
)


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    mpl.use("agg")
    yield
    plt.close("all")


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
