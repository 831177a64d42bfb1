"""Make the finished site from Sphinx's output: the same pages, lighter, accessible, easy to find.

The site is written beside the old one and put in its place at the end, so that an interrupted
run leaves the old site whole.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tools.addresses import base_path, site_address
from tools.fonts import subset_fonts
from tools.memory import forget_oldest
from tools.pictures import add_sizes
from tools.sitemap import write_sitemap
from tools.styles import cut_styles

UNUSED_FILES = (
    "**/*.map",
    "**/*.ttf",
    "**/*webpack-macros.html",
    "locales",
    "scripts/fontawesome.js*",
    "screenshot.png",
    "sphinx-thebe.*",
)
"""What the theme and Jupyter Book copy below `_static` and no page asks for."""

SINGLE_PAGE_REMOVALS = (
    # 527 KB that draw icons which the theme's own icon font draws already.
    re.compile(r"<!-- So that users can add custom icons -->\s*"),
    re.compile(r'<script[^>]*src="[^"]*fontawesome\.js[^"]*"></script>\s*'),
    re.compile(r'<script type="text/x-thebe-config">.*?</script>\s*', re.DOTALL),
    re.compile(r"<script>kernelName = [^<]*</script>\s*"),
    # A digest after a name that has one, appended only if an earlier build left the file.
    re.compile(r"\?v=[0-9a-f]{8}(?<=/mystnb\.[0-9a-f]{64}\.css\?v=[0-9a-f]{8})"),
)
# Every pattern begins with what it looks for: one that begins with white space is tried at each of
# it, and took longer than all else that is done to a page.

SEARCH_SCRIPTS = re.compile(
    r'<script[^>]*src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"[^>]*></script>\s*'
)
"""The search index and its engine: only the search page uses them (Ctrl+K leads there)."""

NUMBERS_IN_A_CELL = re.compile(r"(?<=>)[^<>]*\de-\d[^<>]*(?=</t[dh]>)")
POWER_OF_TEN = re.compile(r"\b\d[\d.]*e-\d+\b")
"""A number like 1e-12. Browsers end a line after its hyphen, and columns are narrow."""

VIEWPORT = re.compile(r'<meta name="viewport"[^>]*/?>\s*')

RELATIVE = re.compile(
    r'\b(?:href|src|action|data-content_root|data-search-url)="(?![a-z]+:|/|#)', re.IGNORECASE
)
"""The beginning of an attribute with a relative address."""

SUMMARIES_FROM_A_FOLDER = (
    "<script>if (location.protocol === 'file:') "
    "DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;</script>"
)
"""For its summaries the search fetches the pages it found, which browsers refuse to a file."""

DOCUMENTATION_OPTIONS = re.compile(
    r'<script[^>]*src="[^"]*documentation_options\.js[^"]*"></script>'
)

ACCESSIBLE_MARKUP = (
    # The theme's markup breaks rules of WCAG and ARIA in these places (as axe-core finds).
    (' role="doc-biblioentry"', ""),
    ('<div role="list" class="citation-list">', '<div class="citation-list">'),
    (
        '<summary><span class="toctree-toggle"',
        '<summary aria-label="Toggle subsection"><span class="toctree-toggle"',
    ),
    (' title="Search" aria-label="Search" data-bs-placement', ' title="Search" data-bs-placement'),
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    ('<div class="cr-proof"', '<div class="cr-proof" role="group" aria-label="Proof"'),
    (
        'class="sidebar-primary-items__start sidebar-primary__section"',
        'class="sidebar-primary-items__start sidebar-primary__section" '
        'role="complementary" aria-label="Book"',
    ),
)


def publish(source: Path, target: Path, add: Callable[[Path], None] | None = None) -> None:
    """Write the site made from Sphinx's output in `source` to `target`, as a whole.

    `add` puts into the site what is no page of the book and is left as it is.
    """
    scratch = target.with_name(target.name + ".new")
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(source, scratch, ignore=shutil.ignore_patterns(".buildinfo*"))
    remove_unused_files(scratch / "_static")
    for page in scratch.rglob("*.html"):
        html = page.read_text("utf8")
        page.write_text(improve(html, is_search=page.name == "search.html"), "utf8")
        add_sizes(page)
    cut_styles(scratch)
    subset_fonts(scratch)
    stand_alone(scratch / "404.html")
    write_sitemap(scratch)
    if add is not None:
        add(scratch)
    put_in_place(scratch, target)
    forget_oldest()


def remove_unused_files(static: Path) -> None:
    for pattern in UNUSED_FILES:
        for path in sorted(static.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def improve(html: str, *, is_search: bool = False) -> str:
    """One page, without what it does not need and with the theme's markup corrected."""
    for pattern in SINGLE_PAGE_REMOVALS:
        html = pattern.sub("", html)
    if is_search:
        html = DOCUMENTATION_OPTIONS.sub(rf"\g<0>{SUMMARIES_FROM_A_FOLDER}", html)
    else:
        html = SEARCH_SCRIPTS.sub("", html)
    html = keep_first(VIEWPORT, html)
    for found, wanted in ACCESSIBLE_MARKUP:
        html = html.replace(found, wanted)
    return NUMBERS_IN_A_CELL.sub(keep_whole, html)


def keep_whole(cell: re.Match[str]) -> str:
    return POWER_OF_TEN.sub(r'<span class="unbroken">\g<0></span>', cell[0])


def stand_alone(page: Path) -> None:
    """Make the addresses of the page for missing pages absolute.

    The server sends it for any address, also of folders that do not exist, and from there a
    relative address leads nowhere. Where the site's own address is not known, nothing is changed.
    """
    if page.exists() and site_address():
        html = page.read_text("utf8")
        html = RELATIVE.sub(rf"\g<0>{base_path()}", html).replace(f"{base_path()}./", base_path())
        page.write_text(html, "utf8")


def keep_first(pattern: re.Pattern[str], html: str) -> str:
    """`html` with every match of `pattern` removed but the first."""
    first = pattern.search(html)
    if first is None:
        return html
    return html[: first.end()] + pattern.sub("", html[first.end() :])


def put_in_place(scratch: Path, target: Path) -> None:
    """Swap `scratch` in for `target`; at no time is there half a site."""
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    scratch.rename(target)
    shutil.rmtree(old, ignore_errors=True)
