"""The book in reading order, taken from the built site and freed of what only a screen can do.

Folded answers stand open, buttons and links to headings are gone, an interactive figure is the
text that stands for it with its address, and every link leads somewhere: into the book, or to the
site where that has an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from posixpath import dirname, normpath
from typing import TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html
from sphinx_external_toc.api import TocTree
from sphinx_external_toc.parsing import parse_toc_yaml

from tools.addresses import site_address
from tools.paths import ROOT, shown

Element: TypeAlias = html.HtmlElement

SCREEN_ONLY = (
    ".editions",  # where the front page links to what is made here
    "a.headerlink",
    "a > .viewcode-link",
    "input",
    "script",
    "style",
    ".sd-summary-state-marker",
    ".toctree-wrapper",
    "details.hide > summary",  # "Show code cell source"; the code is there
)
"""What a reader of paper cannot use."""

SCREEN_ONLY_ATTRIBUTES = ("tabindex", "data-bs-toggle", "open", "title")

LIGHT_RULE = re.compile(r'html\[data-theme="light"\] \.highlight( \.\w+ *\{[^{}]*\})')
"""A rule of the site's style sheet that colors one kind of word of code."""

POWER_OF_TEN = re.compile(r"(\b\d[\d.]*e-\d+\b)")
"""A number like 1e-12. Browsers end a line after its hyphen."""

FORMULA = "span.katex"
DRAWN_FORMULA = "span.katex-html"
FORMULA_FOR_MACHINES = "span.katex-mathml"


@dataclass
class Page:
    """One page of the site."""

    name: str
    part: str
    depth: int
    body: Element = field(repr=False)

    @property
    def anchor(self) -> str:
        """What names this page inside one document."""
        return self.name.replace("/", "--")

    @cached_property
    def heading(self) -> Element:
        """Its title, formulas and code included."""
        found = self.body.find(".//h1")
        if found is None:
            raise ValueError(f"The page {self.name} has no title")
        return found

    @cached_property
    def title(self) -> str:
        return " ".join(text_of(self.heading).split())


def code_colors(site: Path) -> str:
    """The rules that color code on a light page, without what the page's theme is for."""
    sheet = (site / "_static/pygments.css").read_text("utf8")
    return "\n".join(f".highlight{rule}" for rule in LIGHT_RULE.findall(sheet))


def text_of(element: Element) -> str:
    """The text of `element`, each formula as the letters that are drawn."""
    formulas = element.cssselect(FORMULA_FOR_MACHINES)
    hidden = {piece for formula in formulas for piece in formula.itertext()}
    return "".join(piece for piece in element.itertext() if piece not in hidden)


def manuscript(site: Path) -> list[Page]:
    """Every page of the table of contents, ready for paper."""
    contents = list(names())
    known = {name for name, _, _ in contents}
    return [Page(name, part, depth, read(site, name, known)) for name, part, depth in contents]


def names() -> Iterator[tuple[str, str, int]]:
    """Each page in reading order, with the part that it belongs to and how deep it stands."""
    toc = parse_toc_yaml(ROOT / "_toc.yml")

    def below(trees: list[TocTree], part: str, depth: int) -> Iterator[tuple[str, str, int]]:
        for tree in trees:
            caption = tree.caption or part
            for item in tree.items:
                name = str(item)
                yield name, caption, depth
                yield from below(toc[name].subtrees, caption, depth + 1)

    yield toc.root.docname, "", 0
    yield from below(toc.root.subtrees, "", 0)


def read(site: Path, name: str, known: set[str]) -> Element:
    """What was written for the page `name`."""
    path = site / f"{name}.html"
    if not path.exists():
        raise FileNotFoundError(f"{shown(path)} is not there: run make book first")
    article = html.document_fromstring(path.read_bytes()).cssselect("article.bd-article")
    if not article:
        raise ValueError(f"{shown(path)} has no article: the theme's markup has changed")
    body = article[0]
    body.tag = "div"
    for element in body.cssselect(", ".join(SCREEN_ONLY)):
        element.drop_tree()
    for comment in body.xpath(".//comment()"):
        comment.drop_tree()
    for attribute in SCREEN_ONLY_ATTRIBUTES:
        for element in body.xpath(f".//*[@{attribute}]"):
            del element.attrib[attribute]
    open_what_is_folded(body)
    stop_what_moves(body, name)
    keep_numbers_whole(body)
    redirect(body, inside_the_book(name, known))
    return body


def open_what_is_folded(body: Element) -> None:
    for details in body.cssselect("details"):
        summary = details.find("summary")
        if summary is None:
            details.drop_tag()
            continue
        details.tag = "div"
        details.set("class", f"folded {details.get('class', '')}".strip())
        summary.tag = "p" if not summary.cssselect("p, div") else "div"
        summary.set("class", "folded-title")
    for label in body.cssselect("label"):  # of a tab
        label.tag = "p"
        label.attrib.pop("for", None)


def stop_what_moves(body: Element, name: str) -> None:
    """Give what stands for an interactive figure the address where it moves."""
    for figure in body.cssselect("figure.interactive-figure"):
        for element in [found for found in figure if str(found.tag).startswith("figure-")]:
            element.tag = "div"
            element.attrib.clear()
            element.set("class", "stand-in")
            if site_address():
                link = html.Element("a", href=f"{site_address()}{name}.html#{figure.get('id')}")
                link.text = link.get("href")
                paragraph = html.Element("p")
                paragraph.text = "It moves at "
                paragraph.append(link)
                link.tail = "."
                element.append(paragraph)


def keep_numbers_whole(body: Element) -> None:
    """Keep a number like 1e-12 on one line, wherever lines end by themselves."""
    for text in body.xpath(".//text()[contains(., 'e-')][not(ancestor::pre or ancestor::math)]"):
        before, *pieces = POWER_OF_TEN.split(text)
        if not pieces:
            continue
        parent = text.getparent()
        numbers = []
        for number, after in zip(pieces[::2], pieces[1::2], strict=True):
            numbers.append(html.Element("span"))
            numbers[-1].set("class", "number-whole")
            numbers[-1].text, numbers[-1].tail = number, after
        if text.is_tail:
            parent.tail = before
            place = parent.getparent().index(parent) + 1
            parent.getparent()[place:place] = numbers
        else:
            parent.text = before
            parent[:0] = numbers


Place = Callable[[str], str | None]
"""Where a link leads: `page#anchor` inside the book, an address, or None for nowhere."""

INSIDE = "book:"
"""Marks an address as one of a page of the book, until an edition puts its own in."""


def inside_the_book(name: str, known: set[str]) -> Place:
    """Where the links of the page `name` lead, given the pages that the book has."""

    def place(address: str) -> str | None:
        parts = urlsplit(address)
        if parts.scheme:
            return address
        path = normpath(f"{dirname(name)}/{unquote(parts.path)}").lstrip("/") if parts.path else ""
        target = path.removesuffix(".html") if path else name
        if target in known and not parts.query:
            return f"{INSIDE}{target}#{unquote(parts.fragment)}"
        if site_address():
            return urljoin(f"{site_address()}{name}.html", address)
        return None

    return place


def redirect(body: Element, place: Place) -> None:
    """Lead every link of `body` where `place` says; one that leads nowhere is its words."""
    for link in body.xpath(".//a[@href]"):
        target = place(link.get("href"))
        if target is None and (folded := link.xpath("ancestor::*[@class='folded solution-link']")):
            folded[0].drop_tree()  # it says nothing else
        elif target is None:
            link.tag = "span"
            del link.attrib["href"]
        else:
            link.set("href", target)


def inner_links(body: Element) -> Iterator[tuple[Element, str, str]]:
    """Every link to a page of the book, with the page and the anchor."""
    for link in body.xpath(f".//a[starts-with(@href, '{INSIDE}')]"):
        name, _, anchor = link.get("href").removeprefix(INSIDE).partition("#")
        yield link, name, anchor


def formula_source(formula: Element) -> str:
    """The TeX of a formula that KaTeX has drawn."""
    source = formula.find(".//annotation")
    return re.sub(r"\s+", " ", source.text or "").strip() if source is not None else ""
