"""Every figure of the book in Chromium: how bright it is on the dark page, and what can be read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from chainrule.functional.contract import Array
from tests.plotting.measure import contrast, linear, on_dark, page
from tests.site.visitor import Visitor
from tools.check_pages import pages
from tools.paths import HTML

pytestmark = pytest.mark.browser

MARKS = ("_images/", "interactive-figure")
ILLUSTRATED = [
    path.relative_to(HTML).as_posix()
    for path in pages(HTML)
    if any(mark in path.read_text("utf8") for mark in MARKS)
]
DRAWINGS = sorted((HTML / "_images").glob("*.svg"))

GLARE = 0.35
"""The most light that a figure may give on average on the dark page; a white sheet gives 1."""

WHITE_SHARE = 0.25
"""The most of a figure on the dark page that may be as good as white."""

READABLE = 4.5
"""The least contrast of a text with what is behind it (WCAG 2.2, 1.4.3)."""

TEXTS = """svg => [...svg.querySelectorAll('text')].filter(t => t.textContent.trim()).map(t => {
    const {left, top, right, bottom} = t.getBoundingClientRect();
    const {fill, fillOpacity, opacity} = getComputedStyle(t);
    const faded = [...(function* () {
        for (let e = t.parentElement; e && e !== svg; e = e.parentElement) yield e;
    })()].reduce((shown, e) => shown * getComputedStyle(e).opacity, fillOpacity * opacity);
    const box = [left, top, right, bottom];
    return {words: t.textContent, box, rgb: fill.match(/[\\d.]+/g).map(Number), faded};
})"""


def pixels(picture: bytes) -> Array:
    """A screenshot as an array (height, width, 3) of numbers from 0 to 1."""
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), float) / 255


def glaring(picture: Array) -> str:
    """What is too bright about a picture for a dark page; nothing if all is well."""
    light = linear(picture) @ np.array([0.2126, 0.7152, 0.0722])
    white = float(np.mean(light > 0.8))
    if light.mean() > GLARE or white > WHITE_SHARE:
        return f"gives {light.mean():.2f} of the light of white paper; {white:.0%} is white"
    return ""


@pytest.fixture(scope="module")
def dark_tab(browser: Any, address: str) -> Iterator[Visitor]:
    tab = Visitor(browser, address, width="desktop", theme="dark")
    yield tab
    tab.close()


@pytest.mark.parametrize("name", ILLUSTRATED)
def test_no_figure_glares_on_the_dark_page(dark_tab: Visitor, name: str) -> None:
    dark_tab.visit(name)
    figures = dark_tab.tab.locator("article img:visible, article .figure-live")
    assert figures.count() > 0
    found = {}
    for number in range(figures.count()):
        figure = figures.nth(number)
        what = figure.get_attribute("alt") or figure.evaluate("f => f.parentElement.localName")
        found[what] = glaring(pixels(figure.screenshot()))
    assert {what: problem for what, problem in found.items() if problem} == {}


def test_a_white_sheet_glares() -> None:
    assert glaring(np.ones((9, 9, 3)))
    assert glaring(np.full((9, 9, 3), 0.8))
    assert not glaring(np.full((9, 9, 3), 0.1))


@pytest.fixture(scope="module")
def easel(browser: Any) -> Iterator[Any]:
    """An empty page that shows one drawing at a time."""
    tab = browser.new_page(viewport={"width": 1100, "height": 1400})
    yield tab
    tab.close()


def hex_of(color: Array) -> str:
    return "#" + "".join(f"{round(255 * c):02x}" for c in color)


def faint_texts(easel: Any, drawing: str, theme: str) -> list[str]:
    """The texts of a drawing that can hardly be read on the page of a theme."""
    paper = page(theme)
    easel.set_content(
        f'<body style="margin: 0; background: {hex_of(paper)}">'
        f'<div style="filter: {"none" if theme == "light" else FILTER}">'
        f"{drawing[drawing.index('<svg') :]}</div>"
    )
    svg = easel.locator("svg").first
    texts = svg.evaluate(TEXTS)
    assert texts
    easel.add_style_tag(content="text { visibility: hidden !important; }")
    behind = pixels(easel.screenshot(full_page=True))
    found = []
    for text in texts:
        left, top, right, bottom = (round(edge) for edge in text["box"])
        area = behind[max(top, 0) : bottom, max(left, 0) : right].reshape(-1, 3)
        if not len(area):
            found.append(f"{text['words']}: lies outside of the drawing")
            continue
        ground = np.median(area, axis=0)
        ink = np.array(text["rgb"][:3]) / 255
        ink = ink if theme == "light" else on_dark(ink)
        ink = text["faded"] * ink + (1 - text["faded"]) * ground
        if contrast(ink, ground) < READABLE:
            found.append(f"{text['words']}: {contrast(ink, ground):.2f} : 1")
    return found


FILTER = "invert(1) hue-rotate(180deg) brightness(1.35)"  # as `on_dark` reads it from the style


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("drawing", DRAWINGS, ids=[path.stem[:8] for path in DRAWINGS])
def test_text_in_drawings_can_be_read(easel: Any, drawing: Path, theme: str) -> None:
    assert faint_texts(easel, drawing.read_text("utf8"), theme) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_faint_text_is_found(easel: Any, theme: str) -> None:
    drawing = (
        '<svg width="300" height="100"><rect width="150" height="100" fill="#004797"/>'
        '<text x="20" y="50" fill="#fff">fair on blue</text>'
        '<text x="20" y="80" fill="#333">lost on blue</text>'
        '<text x="170" y="50">fair on paper</text>'
        '<text x="170" y="80" fill="#aaa">lost on paper</text></svg>'
    )
    found = [problem.partition(":")[0] for problem in faint_texts(easel, drawing, theme)]
    assert found == ["lost on blue", "lost on paper"]


def test_the_filter_is_that_of_the_dark_page(dark_tab: Visitor) -> None:
    dark_tab.visit("chapters/losses.html")
    shown = dark_tab.tab.locator("article .cell_output img").first
    assert shown.evaluate("image => getComputedStyle(image).filter") == FILTER
    assert np.allclose(on_dark(to_rgb("black")), 1)
