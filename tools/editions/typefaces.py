"""The typefaces of the editions, the same on every machine, whatever is installed there.

Source Serif 4, of the PDF, and STIX Two Math, for the formulas of the ePub, come from npm, each of
exactly one version, checked against its published digest and kept in `.cache/`. Signs that Source
Serif lacks, code and the words in drawings are set in DejaVu, which Matplotlib brings. On Linux the
browser sees no other fonts, nor how this machine wants them drawn (`font_settings`);
`foreign_fonts` tells if a PDF has others all the same.
"""

from __future__ import annotations

import base64
import tarfile
import unicodedata
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import escape

import matplotlib as mpl
import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from lxml import etree

from tools.made_once import made_once
from tools.npm import download
from tools.paths import CACHE

VERSION = "5.3.1"
SHA512 = "cWcTCXjYYrgF9A67fThVir1VSc0lPEYmwQ6jA4pPt01s2MSCi/maINUcZoCzaqnU8fyUReDO97eGcBUkHgOeug=="
SERIF = CACHE / f"source-serif-{VERSION}"
MATH_VERSION = "5.3.0"
MATH_SHA512 = (
    "negoeozw6VSXjZMozwKRSm/dhCQT62csZcuea9I8KYqPaZq/8KbbBBrA02ZHF7AyuR5mVML/p+q0bwFuSIf2GQ=="
)
MATH = CACHE / f"stix-two-math-{MATH_VERSION}"
MATH_FILE = "stix-two-math-latin-400-normal.woff2"
"""All of the typeface, whatever its name says."""

DEJAVU = Path(mpl.get_data_path()) / "fonts" / "ttf"

SUBSETS = {
    "latin": "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, "
    "U+0308, U+0329, U+2000-206F, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD",
    "latin-ext": "U+0100-0130, U+0132-0151, U+0154-02BA, U+1E00-1E9F, U+1EF2-1EFF",
    "greek": "U+0370-0377, U+037A-037F, U+0384-038A, U+038C, U+038E-03A1, U+03A3-03FF",
}
"""The parts that the package cuts the typeface into, each with the characters that it has."""

CUTS = (("400", "normal"), ("400", "italic"), ("600", "normal"), ("600", "italic"))

CODE = (
    ("DejaVuSansMono.ttf", "Code", "400", "normal"),
    ("DejaVuSansMono-Oblique.ttf", "Code", "400", "italic"),
    ("DejaVuSansMono-Bold.ttf", "Code", "700", "normal"),
    ("DejaVuSerif.ttf", "Signs", "400", "normal"),
    ("DejaVuSerif-Bold.ttf", "Signs", "600", "normal"),
    ("DejaVuSans.ttf", "More signs", "400", "normal"),
    ("DejaVuSans-Bold.ttf", "More signs", "600", "normal"),
)

NOT_DRAWN = {"Cc", "Cf", "Zs"}
"""The categories of characters that leave no ink."""

DRAWN = "'DejaVu Sans'"
"""How Matplotlib's drawings name their typeface; it is not theirs to bring."""

DRAWING_CUTS = {
    "": ("DejaVuSans.ttf", "400", "normal"),
    "font-weight: 700": ("DejaVuSans-Bold.ttf", "700", "normal"),
    "font-style: italic": ("DejaVuSans-Oblique.ttf", "400", "italic"),
}
"""The cuts that a drawing needs if this stands in it."""

FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
  </match>
</fontconfig>
"""

OWN = ("SourceSerif4", "DejaVu", "KaTeX_")
"""How the names of the fonts begin that a PDF may have."""


def fetch() -> None:
    """Make the folders of the fetched typefaces if they are not there yet."""
    made_once(SERIF, make_serif, "source-serif-*")
    made_once(MATH, make_math, "stix-two-math-*")


def make_serif(folder: Path) -> None:
    """Put the cuts of Source Serif that the book needs into `folder`."""
    print("Fetching the typeface Source Serif")
    wanted = {file_name(subset, *cut) for subset in SUBSETS for cut in CUTS}
    unpack(download("@fontsource/source-serif-4", VERSION, SHA512, folder.parent), wanted, folder)


def make_math(folder: Path) -> None:
    """Put STIX Two Math into `folder`."""
    print("Fetching the typeface STIX Two Math")
    package = download("@fontsource/stix-two-math", MATH_VERSION, MATH_SHA512, folder.parent)
    unpack(package, {MATH_FILE}, folder)


def unpack(package: Path, wanted: set[str], folder: Path) -> None:
    """Take the `wanted` files and their license out of a package of npm's."""
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            name = PurePosixPath(member.name).name
            source = archive.extractfile(member)
            if source is not None and name in {*wanted, "LICENSE"}:
                (folder / name).write_bytes(source.read())


def font_settings(cache: Path) -> str:
    """Settings of fontconfig, for the browser: its only fonts, and letters that stand where they do
    at any size, not on pixels. What it notes about the fonts goes into `cache`."""
    return FONTCONFIG.format(fonts=escape(str(DEJAVU)), cache=escape(str(cache)))


def file_name(subset: str, weight: str, style: str) -> str:
    return f"source-serif-4-{subset}-{weight}-{style}.woff2"


def style_sheet() -> str:
    """`@font-face` rules that name the files on this machine."""
    rules = [
        face("Book", (SERIF / file_name(part, *cut)).as_uri(), *cut, characters)
        for part, characters in SUBSETS.items()
        for cut in CUTS
    ]
    rules += [face(family, (DEJAVU / file).as_uri(), *cut) for file, family, *cut in CODE]
    return "\n".join(rules)


def face(family: str, address: str, weight: str, style: str, characters: str = "") -> str:
    only = f" unicode-range: {characters};" if characters else ""
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f"src: url({address});{only} }}"
    )


def with_typeface(drawing: bytes) -> bytes:
    """An SVG that brings what it uses of its typeface; inside of an image no page's fonts count."""
    root = etree.fromstring(drawing)
    letters = "".join(sorted(set("".join(root.itertext("{*}text", "{*}tspan")))))
    if not letters.strip():
        return drawing
    text = drawing.decode()
    rules = [
        face("Drawing", data_address(file, letters), weight, style)
        for sign, (file, weight, style) in DRAWING_CUTS.items()
        if sign in text
    ]
    end = text.index(">", text.index("<svg")) + 1
    return f"{text[:end]}<style>{''.join(rules)}</style>{text[end:]}".replace(
        f"font-family: {DRAWN}", f"font-family: Drawing, {DRAWN}"
    ).encode()


@cache
def data_address(file: str, letters: str) -> str:
    """A `data:` address of a font of Matplotlib's with the `letters` only."""
    font = TTFont(DEJAVU / file, recalcTimestamp=False)
    chosen = subset.Subsetter(subset.Options(drop_tables=["FFTM"]))
    chosen.populate(text=letters)
    chosen.subset(font)
    content = BytesIO()
    font.save(content)
    return f"data:font/ttf;base64,{base64.b64encode(content.getvalue()).decode()}"


def signs_without_font(text: str) -> list[str]:
    """The signs of `text` that no typeface of the book has: they would be printed as boxes."""
    known = {sign for file, *_ in CODE for sign in TTFont(DEJAVU / file).getBestCmap()}
    unknown = {sign for sign in text if ord(sign) not in known}
    return sorted(sign for sign in unknown if unicodedata.category(sign) not in NOT_DRAWN)


def foreign_fonts(pdf: pikepdf.Pdf) -> dict[str, int]:
    """The fonts of this machine that crept in, each with the first page that has it."""
    found: dict[str, int] = {}
    for number, page in enumerate(pdf.pages, start=1):
        for font in fonts(page.resources):
            name = str(font.get("/BaseFont", "a font without a name")).partition("+")[2]
            if not name.startswith(OWN):
                found.setdefault(name or "a font without a name", number)
    return found


def fonts(resources: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The fonts of a page, those of its drawings included."""
    yield from resources.get("/Font", {}).values()
    for part in resources.get("/XObject", {}).values():
        if "/Resources" in part:
            yield from fonts(part.Resources)
