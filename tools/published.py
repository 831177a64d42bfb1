"""See that a site is the one that was built: as files before it is published, and on the web after.

`keep SITE` fetches into a built site the wheels of earlier versions that the published one has: a
notebook that somebody opened before a new version came out still asks for the wheel of its own.
`record SITE` writes `version.json` into a built site: the commit, and the digest of every file.
`check SITE` compares a site's files with it. `await ADDRESS --commit COMMIT` fetches
`version.json` and then every file from the web until all are those of the commit, and fails when
they are not in time: a host may serve the old site, or parts of it, for minutes.

Uses the standard library only, so that it runs wherever Python does.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import re
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from tools.addresses import site_address

RECORD = "version.json"
WHEEL = re.compile(r"lib/chainrule-[0-9][0-9a-z.]*-py3-none-any\.whl")
PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 10.0
TIMEOUT_SECONDS = 30.0
AT_A_TIME = 8
SHOWN = 10
"""How many of the files that differ are named."""


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digests(site: Path) -> dict[str, str]:
    """The digest of every file of `site` but the record itself, by path."""
    files = sorted(path for path in site.rglob("*") if path.is_file())
    named = {path.relative_to(site).as_posix(): path for path in files}
    return {name: digest(path.read_bytes()) for name, path in named.items() if name != RECORD}


def record(site: Path, commit: str) -> None:
    """Write which commit `site` was built from, and what is in it."""
    if not (site / "index.html").exists():
        sys.exit(f"{site} is no built site: it has no index.html")
    content = {"commit": commit, "files": digests(site)}
    (site / RECORD).write_text(json.dumps(content, indent=1) + "\n", "utf8")


def keep_wheels(site: Path, address: str) -> list[str]:
    """Add to `site` the wheels that only the one at `address` has; returns their names."""

    def published(name: str) -> bytes:
        try:
            return fetch(address + quote(name))
        except OSError as error:
            if name == RECORD and isinstance(error, urllib.error.HTTPError) and error.code == 404:
                return b'{"files": {}}'  # nothing was published before
            sys.exit(f"{address}{name} could not be fetched: {error}; run this again")

    files = json.loads(published(RECORD))["files"]
    earlier = sorted(n for n in files if WHEEL.fullmatch(n) and not (site / n).exists())
    for name in earlier:
        content = published(name)
        if digest(content) != files[name]:
            sys.exit(f"{address}{name} is not the file that was published; run this again")
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_bytes(content)
    return earlier


def check(site: Path, commit: str) -> list[str]:
    """What is wrong with the files of `site`: none missing, changed or added."""
    if not (site / RECORD).is_file():
        return [f"{RECORD} is missing"]
    expected = json.loads((site / RECORD).read_text("utf8"))
    if expected["commit"] != commit:
        return [f"it was built from {expected['commit']}, not from {commit}"]
    found, files = digests(site), expected["files"]
    return [
        *(f"{name} is missing" for name in sorted(files.keys() - found.keys())),
        *(f"{name} was added" for name in sorted(found.keys() - files.keys())),
        *(f"{n} is another file" for n in sorted(files) if found.get(n, files[n]) != files[n]),
    ]


def fetch(address: str) -> bytes:
    """The content at `address`, asked for in a way that keeps caches from answering.

    Whatever goes wrong is an `OSError`, also that the answer breaks off or is none of HTTP.
    """
    headers = {"Cache-Control": "no-cache", "User-Agent": "published"}
    request = urllib.request.Request(f"{address}?t={time.time_ns()}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            content: bytes = answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(repr(error)) from error
    return content


def look(address: str, commit: str) -> list[str]:
    """What is wrong with the site at `address` now: nothing, if it is the one of `commit`."""
    try:
        published = json.loads(fetch(address + RECORD))
        found, files = published["commit"], dict(published["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{address}{RECORD}: {error!r}"]
    if found != commit:
        return [f"the site is the one of {found}, not of {commit}"]
    if "index.html" not in files:
        return [f"{RECORD} names no index.html"]

    def problem(name: str) -> str | None:
        try:
            same = digest(fetch(address + quote(name))) == files[name]
        except OSError as error:
            return f"{name}: {error!r}"
        return None if same else f"{name} is another file"

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return [found for found in pool.map(problem, sorted(files)) if found]


def wait_for(
    address: str, commit: str, patience: float = PATIENCE_SECONDS, pause: float = PAUSE_SECONDS
) -> list[str]:
    """What is still wrong after `patience` seconds with the site at `address`."""
    address = address.rstrip("/") + "/"
    deadline = time.monotonic() + patience
    while True:
        problems = look(address, commit)
        if not problems or time.monotonic() >= deadline:
            return problems
        print(f"Not yet: {problems[0]}", flush=True)
        time.sleep(pause)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.published", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("keep").add_argument("site")
    for name in ("record", "check", "await"):
        command = commands.add_parser(name)
        command.add_argument("site" if name != "await" else "address")
        command.add_argument("--commit", required=True)
        if name == "await":
            command.add_argument("--seconds", type=float, default=PATIENCE_SECONDS)
    given = parser.parse_args()
    if given.command == "keep":
        kept = keep_wheels(Path(given.site), site_address()) if site_address() else []
        print(f"Wheels of earlier versions: {', '.join(kept) or 'none'}")
        return
    if given.command == "record":
        record(Path(given.site), given.commit)
        return
    if given.command == "check":
        problems = check(Path(given.site), given.commit)
    else:
        problems = wait_for(given.address, given.commit, given.seconds)
    if problems:
        more = f"\n… and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        sys.exit("This is not the site that was built:\n" + "\n".join(problems[:SHOWN]) + more)
    print(f"The site is the one of {given.commit}, in every file.")


if __name__ == "__main__":
    main()
