"""Tell search engines which pages there are, and when each was changed last.

The pages of the finished site are asked, since an incremental build writes only some of them. A
page that has no canonical address, as in a site whose address is not known, is left out, and so
are those that nobody should find by searching.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape

CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"')
CHANGED = re.compile(r'<meta property="article:modified_time" content="([^"]+)"')
UNLISTED = ("404.html", "search.html")


def entries(site: Path) -> list[tuple[str, str]]:
    """The address of every page, and when it was changed or nothing where that is not known."""
    found = []
    for page in sorted(site.rglob("*.html")):
        html = page.read_text("utf8")
        address, changed = CANONICAL.search(html), CHANGED.search(html)
        if address and page.relative_to(site).as_posix() not in UNLISTED:
            found.append((address[1], changed[1] if changed else ""))
    return found


def write_sitemap(site: Path) -> None:
    """Write `sitemap.xml`, unless there is nothing to say in it."""
    lines = [
        f"<url><loc>{escape(address)}</loc>"
        + (f"<lastmod>{changed}</lastmod>" if changed else "")
        + "</url>"
        for address, changed in entries(site)
    ]
    if lines:
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        schema = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        text = "\n".join([head, schema, *lines, "</urlset>", ""])
        (site / "sitemap.xml").write_text(text, "utf8")
