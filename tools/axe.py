"""Bring in axe-core, the checker of accessibility that the tests run in every page.

It comes from its npm package, fetched once, checked against its published digest and kept in
`.cache/axe-core-VERSION/`. `python -m tools.axe` fetches it ahead of the tests.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from tools.made_once import made_once
from tools.npm import download
from tools.paths import CACHE

VERSION = "4.14.1"
SCRIPT = "axe.min.js"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="


def script() -> Path:
    """The file to load into a page; fetched if it is not there yet."""
    return made_once(CACHE / f"axe-core-{VERSION}", fetch, "axe-core-*") / SCRIPT


def fetch(folder: Path) -> None:
    """Put the script and its license into `folder`."""
    print(f"Fetching axe-core {VERSION}")
    package = download("axe-core", VERSION, SHA512, folder.parent)
    with tarfile.open(package) as archive:
        for name in (SCRIPT, "LICENSE"):
            member = archive.extractfile(f"package/{name}")
            assert member is not None
            (folder / name).write_bytes(member.read())


if __name__ == "__main__":
    script()
