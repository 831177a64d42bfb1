"""Write the PDF and the ePub of the book beside the built site, and link them from its front page.

    python -m tools.editions

Brings the site up to date first, which executes only what is due. The site's front page names no
edition until it is there: a build of the site alone has no broken link.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from pathlib import Path

import pikepdf

from tools.browser import HELP, find_browser
from tools.build_book import PUBLISHED, build
from tools.editions.epub import write_epub
from tools.editions.imprint import imprint
from tools.editions.manuscript import manuscript
from tools.editions.paper import CannotPrintError, write_pdf
from tools.editions.typefaces import fetch
from tools.paths import BUILD, HTML, shown

HERE = Path(__file__).parent

PDF = HTML / "book.pdf"
EPUB = HTML / "book.epub"

MADE_FROM = BUILD / "editions-made-from"
"""Holds what the editions were made from; there only once they are linked."""

PLACE = "<!-- editions -->"
"""Where the front page links to them."""


def write_editions() -> None:
    """Make both files, unless they are those of the present site already."""
    build()
    about = imprint()
    sources = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.*")))
    digest = hashlib.sha256(sources).hexdigest()
    inputs = f"{PUBLISHED.read_text('utf8')}{about.date.isoformat()} {digest}\n"
    made = MADE_FROM.read_text("utf8") if MADE_FROM.exists() else ""
    if PDF.exists() and EPUB.exists() and made == inputs:
        print("Nothing has changed since the PDF and the ePub were written")
        return
    if find_browser() is None:  # before the work, not after it
        sys.exit(HELP)
    start = time.perf_counter()
    MADE_FROM.unlink(missing_ok=True)
    fetch()
    print("Writing the ePub", flush=True)
    book = manuscript(HTML)
    write_epub(book, about, HTML, EPUB)
    print("Printing the PDF", flush=True)
    write_pdf(book, about, HTML, PDF)
    announce()
    MADE_FROM.write_text(inputs, "utf8")
    print(f"Written in {time.perf_counter() - start:.0f} s")


def announce() -> None:
    """Link both files from the front page."""
    front = HTML / "index.html"
    page = front.read_text("utf8")
    before, place, after = page.partition(PLACE)
    if not place:
        raise ValueError(f"{shown(front)} has no place for the editions: no {PLACE}")
    # A former link stands on the line after the place.
    rest = after.partition("\n")[2] if after.startswith('<p class="editions">') else after
    scratch = front.with_name("index.html.new")
    scratch.write_text(f"{before}{place}{links()}\n{rest}", "utf8")
    os.replace(scratch, front)


def links() -> str:
    """The sentence that the front page has once the editions are there."""
    with pikepdf.open(PDF) as pdf:
        pages = len(pdf.pages)
    return (
        '<p class="editions">The whole book in one file, to print or to keep: '
        f'<a href="{PDF.name}">PDF</a> ({pages} pages, {megabytes(PDF.stat().st_size)}) and '
        f'<a href="{EPUB.name}">ePub</a> ({megabytes(EPUB.stat().st_size)}).</p>'
    )


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def main() -> None:
    try:
        write_editions()
    except CannotPrintError as error:
        sys.exit(f"The book was not printed:\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the front page links to nothing that is not there.")
    print(f"The editions: {shown(PDF)}, {shown(EPUB)}")


if __name__ == "__main__":
    main()
