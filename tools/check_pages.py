"""Check the built pages without a browser: links, resources, alternative texts, math, paths.

Each check takes the folder of a site and returns its problems, one line each.
`python -m tools.check_pages [FOLDER]` runs them all.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from tools.addresses import base_path
from tools.launched import LITE
from tools.paths import HTML, ROOT, shown

LINKING = ("a", "audio", "iframe", "img", "link", "object", "script", "source", "video")
ADDRESSES = ("href", "src", "data")
CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp)", re.IGNORECASE)
LEFT_OVER_TEX = re.compile(r"\\(?:frac|sum|mathrm|mathbf|begin|partial|text|left)\b|\$\$")


@cache
def parsed(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text("utf8"), "html.parser")


def pages(site: Path) -> list[Path]:
    """Every page of the book in `site`; those of JupyterLite are a program of others."""
    return sorted(page for page in site.rglob("*.html") if not page.is_relative_to(site / LITE))


def content(page: Path) -> Tag:
    """The part of a page that was written for it."""
    soup = parsed(page)
    return soup.find("article") or soup.find("main") or soup


def addresses(page: Path) -> Iterator[tuple[Tag, str]]:
    """Every address that a page names, with its element."""
    for element in parsed(page).find_all(LINKING):
        for attribute in ADDRESSES:
            if element.get(attribute):
                yield element, str(element[attribute])


def is_foreign(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme in {"http", "https"}


@cache
def anchors(page: Path) -> set[str]:
    """What a link into `page` may point at; asked for once for every link that does."""
    soup = parsed(page)
    named = {str(element["name"]) for element in soup.find_all("a", attrs={"name": True})}
    return {"", *named} | {str(element["id"]) for element in soup.find_all(id=True)}


def target_of(path: str, page: Path, site: Path) -> Path:
    """The file that the path of an address on `page` leads to."""
    if path.startswith(base_path()):
        return (site / path.removeprefix(base_path())).resolve()
    return (page.parent / path).resolve() if path else page


def broken_links(site: Path) -> list[str]:
    """Links and resources inside the site that lead nowhere, anchors included."""
    problems = []
    for page in pages(site):
        for _, address in addresses(page):
            parts = urlsplit(address)
            if parts.scheme or address.startswith("//"):
                continue
            target = target_of(unquote(parts.path), page, site)
            if target.is_dir():
                target /= "index.html"
            where = page.relative_to(site)
            if not target.exists():
                problems.append(f"{where}: {address} does not exist")
            elif target.suffix == ".html" and unquote(parts.fragment) not in anchors(target):
                problems.append(f"{where}: {address} names no anchor of that page")
    return problems


def foreign_resources(site: Path) -> list[str]:
    """Scripts, styles, images and fonts that a page would fetch from another host."""
    problems = []
    for page in pages(site):
        for element, address in addresses(page):
            is_link = element.name == "a" or element.get("rel") == ["canonical"]
            if is_foreign(address) and not is_link:
                problems.append(f"{page.relative_to(site)}: <{element.name}> from {address}")
    for sheet in sorted(site.rglob("*.css")):
        for match in CSS_ADDRESS.finditer(sheet.read_text("utf8", "replace")):
            address = match[1] or match[2]
            if is_foreign(address):
                problems.append(f"{sheet.relative_to(site)}: a style from {address}")
    return problems


def images_without_text(site: Path) -> list[str]:
    """Images that a reader who cannot see them is told nothing about."""
    problems = []
    for page in pages(site):
        for image in content(page).find_all("img"):
            text = str(image.get("alt") or "").strip()
            if not text or FILE_NAME.fullmatch(text):
                where = page.relative_to(site)
                problems.append(f"{where}: {image.get('src')} has the alternative text {text!r}")
    return problems


def figures_without_caption(site: Path) -> list[str]:
    """Figures of the book that are shown without saying what they are.

    A caption is for those who see the figure, an alternative text for those who do not; the same
    words do not serve both.
    """
    problems = []
    for page in pages(site):
        where = page.relative_to(site)
        for picture in content(page).select("img[src*='_images/'], .interactive-figure > [alt]"):
            figure = picture.find_parent("figure")
            words = figure.find("figcaption") if figure else None
            caption = " ".join(words.get_text().split()) if words else ""
            name = picture.get("src") or picture.name
            if not caption.removeprefix("Fig.").strip(" .0123456789#"):
                problems.append(f"{where}: {name} has no caption")
            elif str(picture.get("alt")).strip() in caption:
                problems.append(f"{where}: {name} has its caption for an alternative text")
        for figure in content(page).select(".interactive-figure"):
            if not figure.select_one(":scope > [alt]:not([alt=''])"):
                problems.append(f"{where}: {figure.get('id')} has no alternative text")
    return problems


def unrendered_math(site: Path) -> list[str]:
    """Formulas that KaTeX refused or never saw."""
    problems = []
    for page in pages(site):
        where, body = page.relative_to(site), content(page)
        for error in body.select(".katex-error"):
            problems.append(f"{where}: KaTeX could not parse {error.get_text()!r}")
        for math in body.select("span.math, div.math"):
            if not math.select_one(".katex, .katex-error"):
                problems.append(f"{where}: not rendered: {math.get_text()[:60]!r}")
        for text in body.find_all(string=LEFT_OVER_TEX):
            if not text.find_parent(["pre", "code", "annotation", "script", "style"]):
                problems.append(f"{where}: TeX in the text: {str(text).strip()[:60]!r}")
    return problems


def machine_paths(site: Path) -> list[str]:
    """Pages that show where on this machine the book was built."""
    return [
        f"{page.relative_to(site)}: names the folder {ROOT}"
        for page in pages(site)
        if str(ROOT) in page.read_text("utf8")
    ]


CHECKS = {
    "links": broken_links,
    "resources from other hosts": foreign_resources,
    "alternative texts": images_without_text,
    "captions": figures_without_caption,
    "math": unrendered_math,
    "paths of this machine": machine_paths,
}


def main() -> None:
    site = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HTML
    if not pages(site):
        sys.exit(f"There are no pages in {shown(site)}: run make book first.")
    problems = []
    for name, check in CHECKS.items():
        found = check(site)
        print(f"{name}: {len(found) or 'no'} problem{'s' * (len(found) != 1)}")
        problems += found
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(pages(site))} pages are in order.")


if __name__ == "__main__":
    main()
