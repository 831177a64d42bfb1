"""Bring in KaTeX's style sheet and fonts: the math on the pages is drawn with them.

The formulas are rendered while the book is built, by the KaTeX that sphinxcontrib-katex carries.
A page then needs only the matching style sheet and fonts, which come from the npm package of
exactly that version, fetched once with the npm of the virtual environment, checked against its
published digest and kept in `.cache/katex-VERSION/`.
"""

from __future__ import annotations

import re
import shutil
import sys
import tarfile
from pathlib import Path, PurePosixPath

from sphinxcontrib.katex import katex_version

from tools.made_once import made_once
from tools.npm import download
from tools.paths import CACHE, shown

SHA512 = {
    "0.16.22": (
        "XCHRdUw4lf3SKBaJe4EvgqIuWwkPSo9XoeO8GjQW94Bp7TWv9hNhzZjZ+OH9yf1UmLygb7DIT5GSFQiyt16zYg=="
    ),
}
"""The digest that npm publishes for each version of the package that the book may use."""

WOFF_AND_TTF = re.compile(r',url\([^)]+\.(?:woff|ttf)\) format\("[a-z]+"\)')
"""The fallback fonts in the style sheet's `src` lists; every current browser takes woff2."""


def assets_directory() -> Path:
    """The folder to put on Sphinx's static path; it holds `katex/katex.min.css` and the fonts."""
    return CACHE / f"katex-{katex_version}"


def fetch() -> None:
    """Make `assets_directory()` if it is not there yet."""
    target = assets_directory()
    if target.exists():
        return
    if katex_version not in SHA512:
        sys.exit(
            f"sphinxcontrib-katex renders with KaTeX {katex_version}, whose digest is not here.\n"
            f"Look it up with `npm view katex@{katex_version} dist.integrity` and add it to "
            f"{shown(Path(__file__))}."
        )
    print(f"Fetching the style sheet and fonts of KaTeX {katex_version}")

    def make(folder: Path) -> None:
        package = download("katex", katex_version, SHA512[katex_version], folder.parent)
        extract(package, folder / "katex")

    made_once(target, make, "katex-*")


def extract(package: Path, target: Path) -> None:
    """Unpack the style sheet, the woff2 fonts and the license of `package` into `target`."""
    (target / "fonts").mkdir(parents=True)
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            path = PurePosixPath(member.name)
            source = archive.extractfile(member)
            if source is None:
                continue
            if path.match("package/dist/fonts/*.woff2"):
                (target / "fonts" / path.name).write_bytes(source.read())
            elif path.match("package/dist/katex.min.css"):
                style = source.read().decode()
                (target / path.name).write_text(WOFF_AND_TTF.sub("", style), "utf8")
            elif path.match("package/LICENSE"):
                with (target / path.name).open("wb") as license_file:
                    shutil.copyfileobj(source, license_file)


if __name__ == "__main__":
    fetch()
