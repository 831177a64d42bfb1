"""The two colors that carry meaning in interactive figures, on both pages and to all eyes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from chainrule.functional.contract import Array
from tests.plotting.measure import VISION, contrast, distance, page
from tools.paths import ROOT


def color(theme: str, name: str) -> Array:
    """A color of the interactive figures, from their style sheet."""
    sheet = (ROOT / "assets/figures/shared.css").read_text("utf8")
    block = sheet[sheet.index(f'html[data-theme="{theme}"] {{') :]
    found = re.search(rf"--figure-{name}: (#\w{{6}});", block)
    assert found
    return np.array(to_rgb(found[1]))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sides_of_zero_are_told_apart(theme: str, vision: str) -> None:
    assert distance(color(theme, "positive"), color(theme, "negative"), vision) > 30


@pytest.mark.parametrize("name", ["positive", "negative"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_they_stand_out_from_the_page(theme: str, name: str) -> None:
    assert contrast(color(theme, name), page(theme)) > 4.5
