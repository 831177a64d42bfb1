"""The ePub: each page of the manuscript as one document of XHTML, formulas as MathML.

The file follows EPUB 3.3. It has no script and fetches nothing.
"""

from __future__ import annotations

import uuid
import zipfile
from html import escape
from itertools import groupby
from pathlib import Path

from lxml import etree, html

from tools.editions.imprint import LANGUAGE, LICENSES, Imprint, facts, link
from tools.editions.manuscript import (
    DRAWN_FORMULA,
    FORMULA,
    FORMULA_FOR_MACHINES,
    Element,
    Page,
    code_colors,
    inner_links,
)
from tools.editions.typefaces import MATH, MATH_FILE

HERE = Path(__file__).parent
STYLES = ("common.css", "epub.css")
MATH_FONT = "math.woff2"
"""How epub.css names the typeface of the formulas. A device's own may lack the signs that grow with
what they enclose, and most have none."""

XHTML = "http://www.w3.org/1999/xhtml"
MATHML = "http://www.w3.org/1998/Math/MathML"
EPUB = "http://www.idpf.org/2007/ops"

MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""

ACCESSIBILITY = {
    "accessMode": ("textual", "visual"),
    "accessModeSufficient": ("textual",),
    "accessibilityFeature": (
        *("alternativeText", "MathML", "structuralNavigation", "tableOfContents"),
        *("readingOrder", "displayTransformability"),
    ),
    "accessibilityHazard": ("none",),
    "accessibilitySummary": (
        "Every figure has an alternative text, every formula is MathML, and headings, lists and "
        "tables are marked as such.",
    ),
}

FUNCTION_APPLICATION = "\u2061"
THIN_SPACE = "0.1667em"

NO_XHTML_ATTRIBUTES = {
    "table": ("border", "align", "width", "rules", "frame"),
    "col": ("width",),
    "math": ("overflow",),
}
"""What HTML of old allows and XHTML does not."""


def write_epub(book: list[Page], about: Imprint, site: Path, target: Path) -> None:
    """Write the book to `target`."""
    images: dict[Path, str] = {}
    files: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "book/style.css": style_sheet(site),
        f"book/{MATH_FONT}": (MATH / MATH_FILE).read_bytes(),
        "book/title.xhtml": xhtml(about.title, title_page(about)),
        "book/contents.xhtml": xhtml("Contents", contents(book), navigation=True),
    }
    for page in book:
        files[f"book/{file_name(page)}"] = xhtml(page.title, on_screen(page, site, images))
    for path, name in images.items():
        content = path.read_bytes()
        files[f"book/{name}"] = each_name_once(content) if path.suffix == ".svg" else content
    files["book/content.opf"] = package(book, about, sorted(images.values()), files)
    pack(files, about, target)


def pack(files: dict[str, str | bytes], about: Imprint, target: Path) -> None:
    """Write the archive: its type first and not compressed, all with the date of the sources."""
    scratch = target.with_name(target.name + ".new")
    with zipfile.ZipFile(scratch, "w") as archive:
        entries = [("mimetype", "application/epub+zip"), *files.items()]
        for name, content in entries:
            entry = zipfile.ZipInfo(name, about.date.timetuple()[:6])
            is_type = name == "mimetype"
            entry.compress_type = zipfile.ZIP_STORED if is_type else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    scratch.replace(target)


def style_sheet(site: Path) -> str:
    return "\n".join([code_colors(site), *((HERE / name).read_text("utf8") for name in STYLES)])


def file_name(page: Page) -> str:
    return f"{page.anchor}.xhtml"


def xhtml(title: str, body: str, *, navigation: bool = False) -> str:
    namespace = f' xmlns:epub="{EPUB}"' if navigation else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        f'<html xmlns="{XHTML}"{namespace} lang="{LANGUAGE}" xml:lang="{LANGUAGE}">\n'
        f'<head><meta charset="utf-8"/><title>{escape(title)}</title>'
        '<link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f"<body>{body}</body>\n</html>\n"
    )


def title_page(about: Imprint) -> str:
    return (
        f'<section class="title-page"><h1>{escape(about.title)}</h1>'
        f'<p class="abstract">{escape(about.abstract)}</p>'
        f"<p>{escape(', '.join(about.authors))}</p><dl>{facts(about)}</dl></section>"
    )


def contents(book: list[Page]) -> str:
    """The table of contents, from which devices make their own."""
    entries = []
    for part, pages in groupby(book, key=lambda page: page.part):
        rows = nested([(page.depth, link(file_name(page), page.title)) for page in pages])
        entries.append(f"<li><span>{escape(part)}</span><ol>{rows}</ol></li>" if part else rows)
    return f'<nav epub:type="toc" role="doc-toc"><h1>Contents</h1><ol>{"".join(entries)}</ol></nav>'


def nested(rows: list[tuple[int, str]]) -> str:
    """Items of a list, the deeper ones in lists of their own."""
    text, depth = "", rows[0][0]
    for index, (level, row) in enumerate(rows):
        following = rows[index + 1][0] if index + 1 < len(rows) else depth
        text += f"<li>{row}"
        text += "<ol>" if following > level else "</li>" + "</ol></li>" * (level - following)
    return text


def on_screen(page: Page, site: Path, images: dict[Path, str]) -> str:
    """The body of one page; notes in `images` which images it shows, and their names."""
    body = html.fragment_fromstring(etree.tostring(page.body, encoding="unicode", method="html"))
    for image in body.xpath(".//img"):
        path = (site / page.name).parent.joinpath(image.get("src")).resolve()
        images.setdefault(path, f"images/{path.stem[:16]}{path.suffix}")
        image.set("src", images[path])
    for anchor, name, place in list(inner_links(body)):
        file = f"{name.replace('/', '--')}.xhtml"
        anchor.set("href", f"{file}#{place}" if place else file)
    for formula in body.cssselect(FORMULA):
        leave_mathml(formula)
    for display in body.cssselect("div.math"):
        display.set("class", "display")
    for tag, attributes in NO_XHTML_ATTRIBUTES.items():
        for element in body.iter(tag):
            for attribute in attributes:
                element.attrib.pop(attribute, None)
    body.tag = "section"
    body.attrib.clear()
    body.tail = None
    return etree.tostring(body, encoding="unicode", method="xml")


def leave_mathml(formula: Element) -> None:
    """Keep the MathML of a formula; the device draws it."""
    for drawn in formula.cssselect(DRAWN_FORMULA):
        drawn.drop_tree()
    for math in formula.cssselect(f"{FORMULA_FOR_MACHINES} > math"):
        source = math.find(".//annotation")
        if source is not None and source.text:
            math.set("alttext", " ".join(source.text.split()))
        for token in math.xpath(".//mi[*] | .//mo[*] | .//mn[*] | .//mtext[*]"):
            token.tag = "mrow"  # KaTeX puts more into operators than MathML allows
        for application in math.xpath(f".//mo[text()='{FUNCTION_APPLICATION}']"):
            set_apart(application)


def set_apart(application: Element) -> None:
    """Put TeX's thin spaces around the name of a function: without them log 2 is read as log2."""
    argument, name = application.getnext(), application.getprevious()
    if argument is not None and not "".join(argument.itertext()).startswith(("(", "[", "{")):
        application.addnext(application.makeelement("mspace", width=THIN_SPACE))
    before = None if name is None else name.getprevious()
    if before is not None and before.tag not in {"mo", "mspace"}:
        name.addprevious(application.makeelement("mspace", width=THIN_SPACE))


def each_name_once(drawing: bytes) -> bytes:
    """An SVG without ids that it has given before; Matplotlib names equal images equally."""
    root = etree.fromstring(drawing)
    seen: set[str] = set()
    for element in root.xpath("//*[@id]"):
        if element.get("id") in seen:
            del element.attrib["id"]
        else:
            seen.add(element.get("id"))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def package(
    book: list[Page], about: Imprint, images: list[str], files: dict[str, str | bytes]
) -> str:
    """What is in the file, and in which order it is read."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, about.address or about.title)
    documents = ["title.xhtml", "contents.xhtml", *map(file_name, book)]
    data = [
        f'<dc:identifier id="id">urn:uuid:{identity}</dc:identifier>',
        f"<dc:title>{escape(about.title)}</dc:title>",
        f"<dc:language>{LANGUAGE}</dc:language>",
        *(f"<dc:creator>{escape(author)}</dc:creator>" for author in about.authors),
        f"<dc:description>{escape(about.abstract)}</dc:description>",
        f"<dc:date>{about.date:%Y-%m-%d}</dc:date>",
        *(f"<dc:rights>{escape(f'{what}: {name}')}</dc:rights>" for what, name, _ in LICENSES),
        f'<meta property="dcterms:modified">{about.date:%Y-%m-%dT%H:%M:%SZ}</meta>',
        *(
            f'<meta property="schema:{name}">{escape(value)}</meta>'
            for name, values in ACCESSIBILITY.items()
            for value in values
        ),
    ]
    manifest = ['<item id="style" href="style.css" media-type="text/css"/>']
    manifest.append(f'<item id="math" href="{MATH_FONT}" media-type="font/woff2"/>')
    for index, name in enumerate(documents):
        properties = ["nav"] if name == "contents.xhtml" else []
        properties += ["mathml"] if "<math" in str(files[f"book/{name}"]) else []
        extra = f' properties="{" ".join(properties)}"' if properties else ""
        manifest.append(
            f'<item id="page{index}" href="{name}" media-type="application/xhtml+xml"{extra}/>'
        )
    for index, name in enumerate(images):
        kind = MEDIA_TYPES[Path(name).suffix]
        manifest.append(f'<item id="image{index}" href="{name}" media-type="{kind}"/>')
    spine = [f'<itemref idref="page{index}"/>' for index in range(len(documents))]
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" '
        f'xml:lang="{LANGUAGE}">\n'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{lines(data)}</metadata>\n'
        f"<manifest>{lines(manifest)}</manifest>\n<spine>{lines(spine)}</spine>\n</package>\n"
    )


def lines(items: list[str]) -> str:
    return "\n  " + "\n  ".join(items) + "\n"
