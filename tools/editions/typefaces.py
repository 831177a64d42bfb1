"""The typefaces of the PDF, the same on every machine, whatever is installed there.

Source Serif 4 comes from npm, of exactly one version, checked against its published digest and
kept in `.cache/`. Signs that it lacks, and code, are set in DejaVu, which Matplotlib brings.
"""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path, PurePosixPath

import matplotlib as mpl

from tools.npm import download
from tools.paths import CACHE

VERSION = "5.3.1"
SHA512 = "cWcTCXjYYrgF9A67fThVir1VSc0lPEYmwQ6jA4pPt01s2MSCi/maINUcZoCzaqnU8fyUReDO97eGcBUkHgOeug=="
SERIF = CACHE / f"source-serif-{VERSION}"
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
)


def fetch() -> None:
    """Make the folder of Source Serif if it is not there yet."""
    if SERIF.exists():
        return
    print("Fetching the typeface Source Serif")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        package = download("@fontsource/source-serif-4", VERSION, SHA512, Path(scratch))
        extracted = Path(scratch) / "extracted"
        extracted.mkdir()
        wanted = {file_name(subset, *cut) for subset in SUBSETS for cut in CUTS} | {"LICENSE"}
        with tarfile.open(package) as archive:
            for member in archive.getmembers():
                name = PurePosixPath(member.name).name
                source = archive.extractfile(member)
                if source is not None and name in wanted:
                    (extracted / name).write_bytes(source.read())
        extracted.rename(SERIF)


def file_name(subset: str, weight: str, style: str) -> str:
    return f"source-serif-4-{subset}-{weight}-{style}.woff2"


def style_sheet() -> str:
    """`@font-face` rules that name the files on this machine."""
    rules = [
        face("Book", SERIF / file_name(subset, weight, style), weight, style, characters)
        for subset, characters in SUBSETS.items()
        for weight, style in CUTS
    ]
    rules += [face(family, DEJAVU / file, weight, style) for file, family, weight, style in CODE]
    return "\n".join(rules)


def face(family: str, file: Path, weight: str, style: str, characters: str = "") -> str:
    only = f" unicode-range: {characters};" if characters else ""
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f"src: url({file.as_uri()});{only} }}"
    )
