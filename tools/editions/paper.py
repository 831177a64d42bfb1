"""The PDF: the manuscript as one document, printed by Chromium, finished with pikepdf.

Chromium sets the pages, draws the outline and tags what it prints. The page numbers in the table
of contents are those of a first printing. Afterward the formulas get their TeX as alternative text,
the outline its words as they are read, the file the book's data and the date of the sources, and
everything is packed.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import pikepdf
from lxml import etree, html
from playwright.sync_api import Error, sync_playwright

from tools.browser import HELP, find_browser
from tools.editions.imprint import LANGUAGE, LICENSES, Imprint, facts
from tools.editions.manuscript import (
    DRAWN_FORMULA,
    FORMULA,
    FORMULA_FOR_MACHINES,
    Element,
    Page,
    code_colors,
    formula_source,
    inner_links,
)
from tools.editions.typefaces import (
    font_settings,
    foreign_fonts,
    signs_without_font,
    style_sheet,
    with_typeface,
)
from tools.paths import ROOT

HERE = Path(__file__).parent
STYLES = ("common.css", "paper.css")

PAPER_WIDTH = 620
"""The width of the text in CSS pixels: that of A4 without the margins in paper.css, 164 mm."""

LONG_CODE = 8
"""From how many lines on a page may end inside of a listing."""

SHORT_TABLE = 14
"""Up to how many rows a table stands on one page."""

TEX = "TeX: "
"""Begins the alternative text of a formula, so that it can be told from a picture's."""

ARGUMENTS = ["--disable-gpu", "--font-render-hinting=none", "--no-sandbox"]

LOADED = """async () => {
    // Every typeface and picture, also those that a browser fetches only when it comes to need
    // them: pages that are measured before all are there would differ from one time to the next.
    await Promise.all([...document.fonts].map(face => face.load()));
    await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
    await document.fonts.ready;
}"""

HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(
    heading => heading.innerText.trim().split(/\\s+/).join(' '))"""

FIT = """() => {
    // What is wider than the text is made smaller; code is wrapped by the style sheet.
    const shrink = (element, available, needed) => {
        const size = parseFloat(getComputedStyle(element).fontSize);
        element.style.fontSize = `${size * Math.max(available / needed * 0.99, 0.5)}px`;
    };
    for (const image of document.querySelectorAll('.figure img'))
        image.classList.toggle('wide', image.naturalWidth > 1.2 * image.naturalHeight);
    for (const math of document.querySelectorAll('.katex-display')) {
        const formula = math.querySelector('.katex');
        const pieces = [...formula.querySelectorAll('.base')];
        const left = math.getBoundingClientRect().left;
        const right = Math.max(...pieces.map(piece => piece.getBoundingClientRect().right));
        if (right - left > math.clientWidth) shrink(formula, math.clientWidth, right - left);
    }
    for (const table of document.querySelectorAll('table')) {
        for (let times = 0; times < 4; times++) {
            const room = table.parentElement.clientWidth;
            if (table.getBoundingClientRect().width <= room + 0.5) break;
            shrink(table, room, table.getBoundingClientRect().width);
        }
    }
}"""

TOO_WIDE = """() => {
    // What would stand outside of the text at the right or the left: pictures, and every text,
    // since a line that cannot be broken leaves its paragraph. KaTeX ends a subscript with an
    // empty strut, 2 pixels wide, and cuts its long strokes itself.
    const width = document.documentElement.clientWidth;
    const found = [];
    const measure = (box, element, what) => {
        if (!box.width || (box.right <= width + 2 && box.left >= -2)) return;
        const page = element.closest('.page');
        found.push(`${page ? page.id : 'the first page'}: ${element.tagName.toLowerCase()} from ` +
            `${box.left.toFixed()} to ${box.right.toFixed()} of ${width}: ${what.slice(0, 60)}`);
    };
    for (const image of document.images) measure(image.getBoundingClientRect(), image, image.alt);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (!text.data.trim()) continue;
        range.selectNode(text);
        measure(range.getBoundingClientRect(), text.parentElement, text.data.trim());
    }
    return found;
}"""

SIGNS = """() => {
    const signs = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode())
        if (!texts.currentNode.parentElement.closest('.katex'))
            for (const sign of texts.currentNode.data) signs.add(sign);
    return [...signs].join('');
}"""

NUMBERS = """numbers => {
    for (const link of document.querySelectorAll('.contents li a'))
        link.querySelector('.number').textContent = numbers[link.getAttribute('href').slice(1)];
}"""


class CannotPrintError(Exception):
    """The book cannot be printed as it should be."""


def write_pdf(book: list[Page], about: Imprint, site: Path, target: Path) -> None:
    """Print the book to `target`."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        source = Path(scratch) / "book.html"
        source.write_text(document(book, about, site), "utf8")
        printed = Path(scratch) / "printed.pdf"
        headings = set_pages(source, printed)
        finish(printed, target, about, headings)


def document(book: list[Page], about: Imprint, site: Path) -> str:
    """The whole book as one page of HTML."""
    styles = [style_sheet(), code_colors(site)]
    styles += [(HERE / name).read_text("utf8") for name in STYLES]
    styles += [running_head(page) for page in book]
    katex = (site / "_static/katex/katex.min.css").as_uri()
    parts = [title_page(about), contents(book)]
    for part, pages in groupby(book, key=lambda page: page.part):
        in_part = list(pages)
        if part:
            parts.append(part_page(part, in_part))
        parts += [on_paper(page, site) for page in in_part]
    return (
        f'<!DOCTYPE html><html lang="{LANGUAGE}"><head><meta charset="utf-8">'
        f"<title>{escape(about.title)}</title>"
        f'<link rel="stylesheet" href="{katex}"><style>{"".join(styles)}</style></head>'
        f"<body>{''.join(parts)}</body></html>"
    )


def running_head(page: Page) -> str:
    """A page style that has the title of the chapter at the top."""
    title = page.title.replace("\\", "").replace('"', "'")
    return (
        f'@page {css_name(page)} {{ @top-right {{ content: "{title}"; }} }}\n'
        f"#{css_name(page)} {{ page: {css_name(page)}; }}\n"
    )


def css_name(page: Page) -> str:
    return f"page--{page.anchor}"


def title_page(about: Imprint) -> str:
    mark = (ROOT / "assets/logo.svg").as_uri()
    return (
        f'<section class="title-page"><img class="mark" src="{mark}" role="presentation" alt="">'
        f'<h1>{escape(about.title)}</h1><p class="abstract">{escape(about.abstract)}</p>'
        f'<p class="authors">{escape(", ".join(about.authors))}</p>'
        f"<dl>{facts(about)}</dl></section>"
    )


def contents(book: list[Page]) -> str:
    entries = []
    for part, pages in groupby(book, key=lambda page: page.part):
        if part:
            entries.append(f'<p class="part">{escape(part)}</p>')
        rows = (
            f'<li{" class=deeper" if page.depth else ""}><a href="#{css_name(page)}">'
            f'<span>{escape(page.title)}</span><span class="number">000</span></a></li>'
            for page in pages
        )
        entries.append(f"<ol>{''.join(rows)}</ol>")
    return f'<nav class="contents page"><h1>Contents</h1>{"".join(entries)}</nav>'


def part_page(part: str, pages: list[Page]) -> str:
    rows = "".join(
        f'<li><a href="#{css_name(page)}">{escape(page.title)}</a></li>'
        for page in pages
        if not page.depth
    )
    return f'<section class="part-page page"><h1>{escape(part)}</h1><ol>{rows}</ol></section>'


def on_paper(page: Page, site: Path) -> str:
    """One page of the site as a part of the document."""
    body = html.fragment_fromstring(etree.tostring(page.body, encoding="unicode", method="html"))
    body.attrib.clear()
    body.set("class", "page")
    for element in body.xpath(".//*[@id]"):
        element.set("id", f"{page.anchor}--{element.get('id')}")
    for anchor, _, _ in list(inner_links(body)):
        name, _, place = anchor.get("href").partition(":")[2].partition("#")
        start = name.replace("/", "--")
        anchor.set("href", f"#{start}--{place}" if place else f"#page--{start}")
    body.set("id", css_name(page))
    for image in body.xpath(".//img"):
        image.set("src", picture((site / page.name).parent / image.get("src")))
    lower_headings(body)
    for formula in body.cssselect(FORMULA):
        describe(formula)
    for figure in body.cssselect("figure"):  # its picture is what is tagged as a figure
        figure.tag = "div"
        figure.set("class", "figure")
    for caption in body.cssselect("figcaption"):
        caption.tag = "div"
        caption.set("class", "caption")
    for code in body.cssselect("pre"):
        if code.text_content().count("\n") > LONG_CODE:
            code.set("class", "long")
    for table in body.cssselect("table"):
        if len(table.cssselect("tr")) <= SHORT_TABLE:
            table.set("class", f"{table.get('class', '')} short".strip())
    return html.tostring(body, encoding="unicode")


def picture(file: Path) -> str:
    """The address of an image; a drawing is its own address, with its typeface."""
    if file.suffix != ".svg" or not file.exists():
        return file.resolve().as_uri()
    content = base64.b64encode(with_typeface(file.read_bytes()))
    return f"data:image/svg+xml;base64,{content.decode()}"


def lower_headings(body: Element) -> None:
    """Make room for the parts of the book above its chapters."""
    for level in range(5, 0, -1):
        for heading in body.cssselect(f"h{level}"):
            heading.tag = f"h{level + 1}"
            if level == 1:
                heading.set("class", "chapter")


def describe(formula: Element) -> None:
    """Leave what is drawn of a formula, and say it as TeX to who cannot see it."""
    formula.set("role", "figure")
    formula.set("aria-label", TEX + formula_source(formula))
    for hidden in formula.cssselect(FORMULA_FOR_MACHINES):
        hidden.drop_tree()
    for drawn in formula.cssselect(DRAWN_FORMULA):
        del drawn.attrib["aria-hidden"]


def set_pages(source: Path, target: Path) -> list[str]:
    """Print the document twice: the first printing tells the page of each chapter.

    Returns the words of its headings in their order.
    """
    executable = find_browser()
    if executable is None:
        raise CannotPrintError(HELP)
    settings = source.with_name("fonts.conf")
    settings.write_text(font_settings(source.with_name("fonts")), "utf8")
    environment: dict[str, Any] = {**os.environ, "FONTCONFIG_FILE": str(settings)}
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=str(executable), args=ARGUMENTS, env=environment
            )
        except Error as error:
            raise CannotPrintError(f"{executable} does not start: {error}") from error
        tab = browser.new_page(viewport={"width": PAPER_WIDTH, "height": 900})
        tab.set_default_timeout(0)
        foreign: list[str] = []
        tab.on("request", lambda request: note_foreign(request.url, foreign))
        failed: list[str] = []
        tab.on("requestfailed", lambda request: failed.append(request.url))
        tab.emulate_media(media="print")
        tab.goto(source.as_uri())
        tab.evaluate(LOADED)
        tab.evaluate(FIT)
        problems = [
            *(f"asks another host: {address}" for address in foreign),
            *(f"is missing: {address}" for address in failed),
            *(f"is cut off: {place}" for place in tab.evaluate(TOO_WIDE)),
            *(f"is in no typeface: {sign}" for sign in signs_without_font(tab.evaluate(SIGNS))),
        ]
        if problems:
            raise CannotPrintError("\n".join(problems))
        options: dict[str, Any] = {"path": str(target), "prefer_css_page_size": True}
        tab.pdf(**options)
        tab.evaluate(NUMBERS, first_pages(target))
        tab.pdf(**options, tagged=True, outline=True)
        headings: list[str] = tab.evaluate(HEADINGS)
        browser.close()
    return headings


def note_foreign(address: str, foreign: list[str]) -> None:
    if not address.startswith(("file:", "data:")):
        foreign.append(address)


def first_pages(file: Path) -> dict[str, int]:
    """The number of the page on which each place of the document stands."""
    with pikepdf.open(file) as pdf:
        numbered = enumerate(pdf.pages, start=1)
        number: dict[Any, int] = {page.objgen: index for index, page in numbered}
        return {
            name.removeprefix("/"): number[destination[0].objgen]
            for name, destination in pdf.Root.Dests.items()
        }


def finish(printed: Path, target: Path, about: Imprint, headings: list[str]) -> None:
    """Write the file that is published: with the book's data, and the same for the same sources."""
    day = about.date.strftime("D:%Y%m%d%H%M%SZ")
    with pikepdf.open(printed) as pdf:
        if foreign := foreign_fonts(pdf):
            places = (
                f"is set in a font of this machine, {font}: page {number}"
                for font, number in foreign.items()
            )
            raise CannotPrintError("\n".join(places))
        name_outline(pdf, headings)
        for element in structure(pdf):
            name_formula(element)
        pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = day
        with pdf.open_metadata(set_pikepdf_as_editor=False) as data:
            data["dc:title"] = about.title
            data["dc:creator"] = about.authors
            data["dc:description"] = about.abstract
            data["dc:language"] = [LANGUAGE]
            data["dc:rights"] = "; ".join(f"{what}: {name}" for what, name, _ in LICENSES)
            data["xmp:CreateDate"] = data["xmp:ModifyDate"] = about.date.isoformat()
        if "/Creator" in pdf.docinfo:  # which is the browser, with its version
            del pdf.docinfo["/Creator"]
        pdf.docinfo["/Title"], pdf.docinfo["/Author"] = about.title, ", ".join(about.authors)
        pdf.docinfo["/Subject"] = about.abstract
        pdf.Root.Lang = LANGUAGE
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
        pdf.save(
            target,
            compress_streams=True,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )


def name_outline(pdf: pikepdf.Pdf, headings: list[str]) -> None:
    """Write each heading into the outline as it is read.

    Chromium loses the spaces at which a heading was broken, and repeats the words of some.
    """
    with pdf.open_outline() as opened:
        pending = list(reversed(opened.root))
        items = []
        while pending:
            items.append(pending.pop())
            pending += reversed(items[-1].children)
        if len(items) != len(headings):
            raise CannotPrintError(
                f"its outline has {len(items)} entries for {len(headings)} headings"
            )
        for item, heading in zip(items, headings, strict=True):
            item.title = heading


def structure(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every element of the tree that a screen reader walks."""
    pending = [pdf.Root.StructTreeRoot]
    while pending:
        element = pending.pop()
        children = element.get("/K")
        if children is None:
            continue
        for child in children if isinstance(children, pikepdf.Array) else [children]:
            if isinstance(child, pikepdf.Dictionary) and "/S" in child:
                yield child
                pending.append(child)


def name_formula(element: pikepdf.Object) -> None:
    """Tag a formula as one; Chromium can only be made to say figure."""
    text = str(element.get("/Alt", ""))
    if text.startswith(TEX):
        element.S = pikepdf.Name.Formula
        element.Alt = text.removeprefix(TEX)
