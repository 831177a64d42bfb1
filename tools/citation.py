"""How the book is cited: as text and in BibTeX, from CITATION.cff and the site's address."""

from __future__ import annotations

from typing import Any

import yaml

from tools.addresses import site_address
from tools.contents import config
from tools.paths import ROOT

SOURCE = ROOT / "CITATION.cff"


def citation() -> dict[str, Any]:
    """What `CITATION.cff` says."""
    return yaml.safe_load(SOURCE.read_text("utf8"))


def year(about: dict[str, Any]) -> str:
    """The year of the release; before there is one, that of the copyright."""
    return str(about.get("date-released") or config()["copyright"])[:4]


def people(about: dict[str, Any]) -> list[str]:
    """The authors, as they call themselves."""
    return [
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in about["authors"]
    ]


def as_text() -> str:
    about, address = citation(), site_address()
    text = f"{', '.join(people(about))} ({year(about)}). {about['title']}. "
    return text + f"Version {about['version']}." + (f" {address}" if address else "")


def as_bibtex() -> str:
    about, address = citation(), site_address()
    fields = {
        # A second pair of braces keeps the name of a group and the capitals of a title.
        "author": " and ".join(f"{{{name}}}" for name in people(about)),
        "title": f"{{{about['title']}}}",
        "year": year(about),
        "version": about["version"],
        "url": address,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    key = about["title"].lower().replace(" ", "-")
    return "\n".join([f"@misc{{{key},", *lines, "}"])
