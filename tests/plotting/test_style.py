"""The look: reproducible, readable on both pages, and told apart by all eyes."""

from __future__ import annotations

import io
from itertools import combinations
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import GRAY, PALETTE, label_lines, use_style
from chainrule.plotting.matrices import tinted
from chainrule.plotting.style import COLOR_TINT, INK_TINT, LINE_STYLES, SIGNED, text_color
from tests.plotting.measure import VISION, contrast, contrasts, distance, linear, on_dark, page


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


@pytest.mark.parametrize("color", [*PALETTE, GRAY])
def test_lines_stand_out_from_both_pages(color: str) -> None:
    assert min(contrasts(color)) >= 3


@pytest.mark.parametrize("color", [*PALETTE, GRAY, "black"])
def test_text_reads_on_both_pages(color: str) -> None:
    assert min(contrasts(text_color(color))) >= 4.5


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colors_differ_on_both_pages(vision: str) -> None:
    for a, b in combinations(PALETTE, 2):
        light = distance(np.array(mpl.colors.to_rgb(a)), np.array(mpl.colors.to_rgb(b)), vision)
        assert light >= 20, (a, b)
        assert distance(on_dark(a), on_dark(b), vision) >= 20, (a, b)


def test_the_measure_finds_what_these_eyes_confuse() -> None:
    red, green = np.array([0.8, 0.2, 0.2]), np.array([0.45, 0.45, 0.1])
    assert distance(red, green, "usual") > 60
    assert distance(red, green, "deuteranopia") < 20


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(np.zeros(3), np.ones(3)) == pytest.approx(21)
    assert contrast(np.full(3, 0x76 / 255), np.ones(3)) == pytest.approx(4.54, abs=0.01)
    assert linear(0.5) == pytest.approx(0.2140, abs=1e-4)


def test_there_is_a_line_style_for_each_color() -> None:
    assert len({str(style) for style in LINE_STYLES}) == len(PALETTE)


@pytest.mark.parametrize("values", [[[0.0, 1.0]], [[-1.0, 1.0]]], ids=["ink", "signed"])
def test_black_text_reads_on_the_darkest_tint_of_both_pages(values: Any) -> None:
    cells = tinted(np.array(values)).reshape(-1, 4)
    assert cells[:, 3].max() == pytest.approx(COLOR_TINT if values[0][0] else INK_TINT)
    for *color, opacity in cells:
        light = opacity * np.array(color) + (1 - opacity) * page("light")
        dark = opacity * on_dark(color) + (1 - opacity) * page("dark")
        assert contrast(np.zeros(3), light) >= 4.5
        assert contrast(on_dark("black"), dark) >= 4.5


def test_the_two_signs_differ_on_both_pages_and_zero_is_paper() -> None:
    assert SIGNED(0.5)[3] == 0
    negative, positive = SIGNED(0.0)[:3], SIGNED(1.0)[:3]
    for vision in VISION:
        assert distance(np.array(negative), np.array(positive), vision) > 20
        assert distance(on_dark(negative), on_dark(positive), vision) > 20
    assert min(*contrasts(negative), *contrasts(positive)) >= 4.5
