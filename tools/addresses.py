"""Where the repository and the published site are: the one place that knows.

Nothing is written down, so a fork's pages point at the fork: in a workflow GitHub says which
repository it is, elsewhere the git remote `origin` does. Without either, pages carry no
repository buttons. `BOOK_URL` overrides the address of the site, for one with its own domain.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from urllib.parse import urlsplit

from tools.paths import ROOT

REMOTE = re.compile(
    r"(?:https://(?:[^/@]+@)?|ssh://git@|git@)github\.com[/:]"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub."""

    owner: str
    name: str
    branch: str = "main"

    @property
    def url(self) -> str:
        return f"https://github.com/{self.owner}/{self.name}"

    @property
    def site(self) -> str:
        """Where GitHub Pages publishes it, with a slash at the end."""
        host = f"{self.owner.lower()}.github.io"
        return f"https://{host}/" if self.name.lower() == host else f"https://{host}/{self.name}/"


def from_remote(url: str) -> Repository | None:
    """The repository that a git remote's `url` names; None unless it is on GitHub."""
    match = REMOTE.fullmatch(url.strip())
    return Repository(match["owner"], match["name"]) if match else None


def repository() -> Repository | None:
    """The repository that this checkout belongs to, if that can be known."""
    slug = os.environ.get("GITHUB_REPOSITORY")
    if slug:
        owner, _, name = slug.partition("/")
        return Repository(owner, name)
    command = ["git", "-C", str(ROOT), "remote", "get-url", "origin"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return from_remote(answer.stdout)


def site_address() -> str:
    """Where the site is published, with a slash at the end; empty if that is not known."""
    own = os.environ.get("BOOK_URL", "")
    if own:
        return own.rstrip("/") + "/"
    known = repository()
    return known.site if known else ""


def base_path() -> str:
    """The path of the site's address: `/` or, for a project on GitHub Pages, `/name/`."""
    return urlsplit(site_address()).path or "/"
