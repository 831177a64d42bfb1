"""Cut the fonts down to what the pages show: icons from 156 KB to about 4, math to about half."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path

from tools.memory import remembered

ICON = re.compile(r'"(?:\\([0-9a-fA-F]{4,5})|([\ue000-\uf8ff]))')


def used_icons(site: Path) -> set[int]:
    """The icons that a rule of a style sheet draws; the sheets have the needed rules only."""
    return {
        int(escaped, 16) if escaped else ord(literal)
        for sheet in (site / "_static").rglob("*.css")
        for escaped, literal in ICON.findall(sheet.read_text("utf8"))
    }


def used_characters(site: Path) -> set[int]:
    """Every character of every page: which of them a formula shows need not be known."""
    pages = (remembered(characters, page.read_bytes()) for page in site.rglob("*.html"))
    return {ord(character) for page in pages for character in page.decode()}


def characters(page: bytes) -> bytes:
    """The characters of a page, each once."""
    return "".join(sorted(set(unescape(page.decode())))).encode()


def subset_fonts(site: Path) -> None:
    """Rewrite the fonts below `site` with what is used only."""
    icons, shown = used_icons(site), used_characters(site)
    for font in sorted((site / "_static/vendor/fontawesome/webfonts").glob("*.woff2")):
        cut(font, icons)
    for font in sorted((site / "_static/katex/fonts").glob("*.woff2")):
        cut(font, shown)


def cut(font: Path, points: set[int]) -> None:
    """Rewrite a font with the code points `points` only."""
    wanted = "".join(map(chr, sorted(points)))
    font.write_bytes(remembered(part, font.read_bytes(), wanted.encode()))


def part(font: bytes, characters: bytes) -> bytes:
    """A font with some characters only."""
    from fontTools import subset  # takes longer to load than all else if every part is known

    options = subset.Options(flavor="woff2", layout_features=[], notdef_outline=True)
    target = BytesIO()
    with subset.load_font(BytesIO(font), options) as loaded:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=characters.decode())
        subsetter.subset(loaded)
        subset.save_font(loaded, target, options)
    return target.getvalue()
