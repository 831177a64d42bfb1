"""Pictures have their sizes, and charts know how narrow they may become."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from tools.paths import ROOT
from tools.pictures import READABLE_PX, add_sizes, least_width

CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="412.5pt" height="300pt" viewBox="0 0 412 300">'
    '<text style="font-size: 12px; font-family: sans-serif" x="1">large</text>'
    '<text style="font-size: 8.33px; text-anchor: middle" x="2">small</text></svg>'
)


def page_with(folder: Path, picture: str, content: bytes) -> Path:
    (folder / "_images").mkdir()
    (folder / "_images" / picture).write_bytes(content)
    page = folder / "index.html"
    page.write_text(f'<p><img alt="A picture" src="_images/{picture}" /></p>', "utf8")
    return page


def test_a_chart_scrolls_from_where_its_smallest_text_is_too_small(tmp_path: Path) -> None:
    page = page_with(tmp_path, "chart.svg", CHART.encode())
    add_sizes(page)
    assert page.read_text("utf8") == (
        '<p><span class="picture" style="--least: 465px"><img alt="A picture" '
        'src="_images/chart.svg" width="550" height="400"></span></p>'
    )
    least = least_width(tmp_path / "_images/chart.svg")
    assert 8.33 * least / 412.5 == pytest.approx(READABLE_PX)


def test_a_photograph_has_its_size_and_shrinks_freely(tmp_path: Path) -> None:
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
    page = page_with(tmp_path, "photograph.png", header)
    add_sizes(page)
    assert page.read_text("utf8") == (
        '<p><img alt="A picture" src="_images/photograph.png" width="640" height="480"></p>'
    )


def test_a_drawing_of_unknown_size_is_refused(tmp_path: Path) -> None:
    page = page_with(tmp_path, "drawing.svg", b'<svg viewBox="0 0 9 9"></svg>')
    with pytest.raises(ValueError, match=r"drawing\.svg: expected an SVG with its width"):
        add_sizes(page)


CAPTION = re.compile(r"^ *caption: (.+)$", re.MULTILINE)
INK = re.compile(r"\b(?:black|white)\b", re.IGNORECASE)


@pytest.mark.parametrize(
    "page",
    [*sorted((ROOT / "chapters").glob("*.md")), ROOT / "api/plotting.md"],
    ids=lambda p: p.stem,
)
def test_captions_hold_on_the_dark_page_too(page: Path) -> None:
    """What is black on the light page is white on the dark one."""
    captions = CAPTION.findall(page.read_text("utf8"))
    assert [caption for caption in captions if INK.search(caption)] == []
