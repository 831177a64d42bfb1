"""What the first pages say of the book: title, version, date of the sources, licenses.

The date is that of the last commit, or `SOURCE_DATE_EPOCH`, never today's: the same sources make
the same book.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from tools.addresses import site_address
from tools.citation import citation, people
from tools.paths import ROOT

LICENSES = (
    (
        "Text and figures",
        "Creative Commons Attribution 4.0 International",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    ("Code", "BSD 3-Clause License", "https://opensource.org/license/bsd-3-clause"),
)
LANGUAGE = "en"


@dataclass(frozen=True)
class Imprint:
    """The book's own data."""

    title: str
    authors: list[str]
    version: str
    date: datetime
    abstract: str
    address: str

    @property
    def day(self) -> str:
        return f"{self.date.day} {self.date:%B %Y}"


def source_date() -> datetime:
    """When the sources of the book were last changed."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        try:
            given = subprocess.run(command, capture_output=True, text=True).stdout.strip()
        except FileNotFoundError:
            given = ""
    if not given:
        sys.exit(
            "The date of the sources is not known, since this is no git checkout. "
            "Set SOURCE_DATE_EPOCH to it, in seconds since 1970."
        )
    return datetime.fromtimestamp(int(given), UTC)


def imprint() -> Imprint:
    about = citation()
    return Imprint(
        title=about["title"],
        authors=people(about),
        version=about["version"],
        date=source_date(),
        abstract=" ".join(about["abstract"].split()),
        address=site_address(),
    )


def facts(about: Imprint) -> str:
    """The rows of the title page's list."""
    rows = [("Version", escape(about.version)), ("Sources of", about.day)]
    if about.address:
        rows.append(("On the web", link(about.address, about.address)))
    rows += [(what, link(address, name)) for what, name, address in LICENSES]
    return "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)


def link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'
