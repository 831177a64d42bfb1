"""Cut the icon fonts down to the icons that the pages show (156 KB to about 3 KB)."""

from __future__ import annotations

import re
from pathlib import Path

from fontTools import subset

RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
ICON_NAME = re.compile(r"\bfa-([a-z0-9-]+)")
ICON_RULE = re.compile(r"\s*(?:\.fa-[a-z0-9-]+(?:::?before)?\s*,?\s*)+")
CODE_POINT = re.compile(r'"(?:\\([0-9a-fA-F]{4,5})|([\ue000-\uf8ff]))')


def used_code_points(site: Path) -> set[int]:
    """The icons that a page or script names, and those that the theme's own rules use."""
    sources = [*site.rglob("*.html"), *(site / "_static").rglob("*.js")]
    named = {
        name for path in sources for name in ICON_NAME.findall(path.read_text("utf8", "replace"))
    }
    points = set()
    for sheet in (site / "_static").rglob("*.css"):
        for selector, body in RULE.findall(sheet.read_text("utf8", "replace")):
            is_catalogue_entry = ICON_RULE.fullmatch(selector) is not None
            if is_catalogue_entry and named.isdisjoint(ICON_NAME.findall(selector)):
                continue
            for escaped, literal in CODE_POINT.findall(body):
                points.add(int(escaped, 16) if escaped else ord(literal))
    return points


def subset_icon_fonts(site: Path) -> None:
    """Rewrite the Font Awesome files below `site` with the used icons only."""
    points = used_code_points(site)
    for font in (site / "_static/vendor/fontawesome/webfonts").glob("*.woff2"):
        options = subset.Options(flavor="woff2", layout_features=[], notdef_outline=True)
        loaded = subset.load_font(str(font), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=points)
        subsetter.subset(loaded)
        subset.save_font(loaded, str(font), options)
