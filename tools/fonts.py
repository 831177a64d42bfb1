"""Cut the fonts down to what the pages show: icons from 156 KB to about 4, math to about half."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from fontTools import subset

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
    return {ord(c) for page in site.rglob("*.html") for c in set(unescape(page.read_text("utf8")))}


def subset_fonts(site: Path) -> None:
    """Rewrite the fonts below `site` with what is used only."""
    icons, characters = used_icons(site), used_characters(site)
    for font in sorted((site / "_static/vendor/fontawesome/webfonts").glob("*.woff2")):
        cut(font, icons)
    for font in sorted((site / "_static/katex/fonts").glob("*.woff2")):
        cut(font, characters)


def cut(font: Path, points: set[int]) -> None:
    """Rewrite a font with the code points `points` only."""
    options = subset.Options(flavor="woff2", layout_features=[], notdef_outline=True)
    with subset.load_font(str(font), options) as loaded:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=points)
        subsetter.subset(loaded)
        subset.save_font(loaded, str(font), options)
