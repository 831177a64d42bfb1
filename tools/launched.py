"""The notebooks that readers launch, and what the site serves for them.

A build writes the notebook of every page with code to `_build`, with `UNPUBLISHED` for the address
of the site (`tools.sphinx_extension.notebooks`). Here they get an address: the site's own for the
copies that it offers for download, and the one in `notebooks/address.txt` for those that are
committed, which Colab and Binder open.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.addresses import site_address
from tools.paths import ROOT, SPHINX_OUTPUT
from tools.wheel import cached_wheel, wheel_name

UNPUBLISHED = "https://unpublished.invalid/"
"""Stands for the address of a site that has none; names in `.invalid` never exist."""

RAW = SPHINX_OUTPUT / "notebooks"
"""The notebooks as a build writes them, without an address."""

COMMITTED = ROOT / "notebooks"
ADDRESS = COMMITTED / "address.txt"
"""The one place that says from which site the committed notebooks take the library."""

WHEELS = "lib"
"""The folder of the site that has the wheel."""

LITE = "lite"
"""The folder of the site that has JupyterLite (`tools.lite`)."""


def committed_address() -> str:
    """From where the committed notebooks take the library; with a slash at the end."""
    return ADDRESS.read_text("utf8").strip() if ADDRESS.exists() else UNPUBLISHED


def launchable() -> bool:
    """Whether Colab and Binder would find, in the repository, notebooks that fit this site."""
    return committed_address() == site_address()


def notebooks(address: str) -> dict[str, str]:
    """The text of every notebook, for the site at `address`, by its path below `notebooks/`."""
    return {
        path.relative_to(RAW).as_posix(): path.read_text("utf8").replace(UNPUBLISHED, address)
        for path in sorted(RAW.rglob("*.ipynb"))
    }


def add_to_site(site: Path) -> None:
    """Put the wheel, and the notebooks for download, into the folder of a site."""
    address = site_address() or committed_address()
    for folder in (WHEELS, COMMITTED.name):
        shutil.rmtree(site / folder, ignore_errors=True)
    for name, text in notebooks(address).items():
        target = site / COMMITTED.name / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf8")
    (site / WHEELS).mkdir()
    shutil.copyfile(cached_wheel(), site / WHEELS / wheel_name())
