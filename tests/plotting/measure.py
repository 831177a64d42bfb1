"""Measures of a drawn figure, and of its colors on the two pages and to four kinds of eyes."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from chainrule.functional.contract import Array
from tools.paths import ROOT

CSS = (ROOT / "assets/book.css").read_text("utf8")

# Machado, Oliveira and Fernandes (2009), table 1, severity 1.0; for linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

SRGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def page(theme: str) -> Array:
    """The background color of the site's pages, from its style sheet."""
    block = CSS[CSS.index(f'html[data-theme="{theme}"] {{') :]
    found = re.search(r"--pst-color-background: (#\w+);", block)
    assert found
    return np.array(to_rgb(found[1]))


def on_dark(color: Any) -> Array:
    """What the style sheet of the dark page makes of a color (Filter Effects, in sRGB)."""
    found = re.search(r"filter: invert\(1\) hue-rotate\(180deg\) brightness\(([\d.]+)\);", CSS)
    assert found, "the filter of the dark page has changed: compute it here"
    hue = np.array([[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]])
    rotated = np.clip(hue @ (1 - np.array(to_rgb(color))), 0, 1)
    return np.clip(rotated * float(found[1]), 0, 1)


def linear(color: Any) -> Array:
    c = np.asarray(color, float)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: Array, b: Array) -> float:
    """WCAG 2.2."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (high + 0.05) / (low + 0.05)


def contrasts(color: Any) -> list[float]:
    """With the light page, and on the dark page with that."""
    shown = np.array(to_rgb(color))
    return [contrast(shown, page("light")), contrast(on_dark(color), page("dark"))]


def distance(a: Array, b: Array, vision: str) -> float:
    """The distance of two colors in CIELAB (1976), as these eyes see them."""

    def lab(color: Array) -> Array:
        xyz = SRGB_TO_XYZ @ np.clip(VISION[vision] @ linear(color), 0, 1) / WHITE
        f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    return float(np.linalg.norm(lab(a) - lab(b)))


def texts(figure: Figure) -> dict[str, Bbox]:
    """Where every visible piece of text stands once the figure is drawn, by content and place."""
    figure.canvas.draw()
    beyond = {
        label
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not ax.axison or not _within(tick.get_loc(), axis.get_view_interval())
    }
    return {
        f"{text.get_text()} #{i}": text.get_window_extent()
        for i, text in enumerate(figure.findobj(Text))
        if text.get_visible() and text.get_text().strip() and text not in beyond
    }


def _within(place: float, interval: Array) -> bool:
    return bool(min(interval) - 1e-9 <= place <= max(interval) + 1e-9)


def assert_readable(figure: Figure) -> None:
    """All text stands inside the figure, and none on another."""
    boxes = texts(figure)
    assert boxes
    whole = figure.bbox.padded(1)
    outside = [name for name, box in boxes.items() if not _inside(box, whole)]
    assert outside == [], f"outside the figure: {outside}"
    clashes = [
        (a, b)
        for (a, first), (b, second) in combinations(boxes.items(), 2)
        if _overlap(first, second)
    ]
    assert clashes == [], f"on each other: {clashes}"


def _inside(box: Bbox, whole: Bbox) -> bool:
    return whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1


def _overlap(a: Bbox, b: Bbox) -> bool:
    common = Bbox.intersection(a, b)
    # Line heights of neighbors may touch; letters do not.
    return common is not None and common.width > 1 and common.height > 2
