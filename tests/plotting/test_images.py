"""Images, filters, maps of attention, photographs."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import draw_attention, draw_filters, draw_images, draw_photographs
from chainrule.plotting.style import Photographs
from tests.plotting.measure import assert_readable


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


def test_images_with_one_channel_are_taken_as_they_come() -> None:
    assert len(draw_images(np.ones((2, 1, 4, 4))).axes) == 2


def test_filters_share_one_scale_about_zero() -> None:
    weight = np.array([[[[1.0, -0.5]]], [[[0.1, 0.0]]]])
    figure = draw_filters(weight, ["strong", "weak"])
    first, second, bar = figure.axes
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-1, 1)
    assert bar.get_ylabel() == "weight"
    assert_readable(figure)


def test_each_filter_of_several_channels_is_a_row() -> None:
    figure = draw_filters(np.ones((2, 3, 4, 4)), ["a", "b"])
    assert [ax.get_title() for ax in figure.axes[:6]] == ["a", "", "", "b", "", ""]
    assert figure.axes[0].get_gridspec().get_geometry() == (2, 3)


def test_attention_has_queries_down_and_keys_across() -> None:
    weights = np.array([[[1.0, 0, 0], [0.5, 0.5, 0]], [[0.2, 0.3, 0.5], [np.nan] * 3]])
    figure = draw_attention(weights, ["q1", "q2"], ["k1", "k2", "k3"])
    first, second, _ = figure.axes
    assert [tick.get_text() for tick in first.get_yticklabels()] == ["q1", "q2"]
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["k1", "k2", "k3"]
    assert [first.get_title(), second.get_title()] == ["head 1", "head 2"]
    np.testing.assert_array_equal(first.images[0].get_array(), weights[0])
    assert second.images[0].get_clim() == (0, 1), "one scale for all heads"
    assert second.get_lines()[0].get_xydata().tolist() == [[0, 1], [1, 1], [2, 1]]
    assert_readable(figure)


@pytest.mark.parametrize("length", [3, 14])
def test_long_tokens_of_attention_are_readable(length: int) -> None:
    tokens = [f"word{i}" for i in range(length)]
    assert_readable(draw_attention(np.eye(length), tokens))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros((2, 3)), r"need weights of shape \(heads, 2, 2\), got \(2, 3\)"),
        (np.full((2, 2), 3.0), "between 0 and 1, got from 3 to 3; take what softmax returns"),
        (np.full((2, 2), np.nan), "got NaN"),
    ],
)
def test_attention_that_is_none_is_refused(weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"draw_attention: .*{message}"):
        draw_attention(weights, ["a", "b"])
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones((3, 3)), r"shape \(F, C, kH, kW\), got \(3, 3\)"),
        (np.full((1, 1, 2, 2), np.nan), "NaN or infinite"),
    ],
)
def test_filters_that_cannot_be_drawn_are_refused(weight: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"draw_filters: .*{message}"):
        draw_filters(weight)
    assert not plt.get_fignums()


@pytest.mark.parametrize("shape", [(2, 3, 4, 6), (2, 1, 4, 6), (2, 4, 6)])
def test_photographs_are_drawn_as_they_are_on_white(shape: tuple[int, ...]) -> None:
    photographs = np.linspace(0, 1, int(np.prod(shape))).reshape(shape)
    figure = draw_photographs(photographs, ["a", "b"])
    assert isinstance(figure, Photographs)
    assert figure.get_facecolor() == (1, 1, 1, 1)
    drawn = np.asarray(figure.axes[1].images[0].get_array())
    channels_first = drawn.transpose(2, 0, 1) if drawn.ndim == 3 else drawn
    np.testing.assert_allclose(channels_first, photographs[1].squeeze())
    assert_readable(figure)


def test_bytes_and_floats_are_the_same_photograph() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 2, 2)).astype(np.uint8)
    (a,), (b,) = (draw_photographs(x).axes for x in (pixels, pixels / 255))
    np.testing.assert_array_equal(a.images[0].get_array(), b.images[0].get_array())


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 4, 6, 3)), r"got \(2, 4, 6, 3\)"),
        (np.full((1, 3, 2, 2), 255.0), "between 0 and 1, got 255 to 255; rescale"),
        (np.full((1, 3, 2, 2), np.nan), "got nan"),
    ],
)
def test_photographs_that_cannot_be_drawn_are_refused(images: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"draw_photographs: .*{message}"):
        draw_photographs(images)
    assert not plt.get_fignums()


@pytest.mark.slow
def test_a_notebook_shows_photographs_as_png_and_all_else_as_svg() -> None:
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
import numpy as np
from chainrule.plotting import draw_images, draw_photographs, use_style
use_style()
for figure in (draw_images(np.ones((1, 2, 2))), draw_photographs(np.ones((1, 2, 2)))):
    print(*sorted(m for m in shell.display_formatter.format(figure)[0] if m.startswith("image")))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == ["image/svg+xml", "image/png"], run.stderr
