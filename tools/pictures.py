"""Give every picture of a page its size, so that nothing jumps when it arrives.

A chart is also told how narrow it may become: on a phone it shrinks as long as its smallest text
can be read, and scrolls inside itself from there on.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from pathlib import Path

READABLE_PX = 9.4
"""The least size of a text in a chart on a phone. A chart of usual width just fits one then."""

PIXELS_PER_POINT = 4 / 3

IMAGE = re.compile(r'<img (?P<before>[^>]*?)src="(?P<src>[^"]*_images/[^"]+)"(?P<after>[^>]*?)/?>')
SVG_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)pt" height="([\d.]+)pt"')
TEXT_SIZE = re.compile(r'<text [^>]*?style="[^"]*?\bfont(?:-size)?:[^;"]*?([\d.]+)px')


def add_sizes(page: Path) -> None:
    """Write width and height into every picture of a page that Sphinx copied to `_images`."""
    html = page.read_text("utf8")
    sized = IMAGE.sub(lambda image: _sized(image, page), html)
    if sized != html:
        page.write_text(sized, "utf8")


def _sized(image: re.Match[str], page: Path) -> str:
    picture = (page.parent / image["src"]).resolve()
    width, height = size(picture)
    tag = (
        f'<img {image["before"]}src="{image["src"]}"{image["after"].rstrip()} '
        f'width="{width:.0f}" height="{height:.0f}">'
    )
    if picture.suffix != ".svg":
        return tag
    least = least_width(picture)
    return f'<span class="picture" style="--least: {least:.0f}px">{tag}</span>'


@cache
def size(picture: Path) -> tuple[float, float]:
    """Width and height of an SVG that Matplotlib wrote, or of a PNG, in pixels of the page."""
    if picture.suffix == ".png":
        width, height = struct.unpack(">II", picture.read_bytes()[16:24])
        return width, height
    found = SVG_SIZE.search(picture.read_text("utf8"))
    if found is None:
        raise ValueError(f"{picture.name}: expected an SVG with its width and height in pt")
    return float(found[1]) * PIXELS_PER_POINT, float(found[2]) * PIXELS_PER_POINT


@cache
def least_width(picture: Path) -> float:
    """How narrow a chart may become with every text still readable, in pixels."""
    texts = [float(pt) for pt in TEXT_SIZE.findall(picture.read_text("utf8"))]
    width, _ = size(picture)
    if not texts:
        return 0.0
    return width * min(READABLE_PX / (min(texts) * PIXELS_PER_POINT), 1.0)
