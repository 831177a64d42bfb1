"""Write `notebooks/`: every page with code and every exercise set, as Colab and Binder open it.

`python -m tools.notebooks` builds the book where that is due and writes the notebooks that differ.
`--check` writes nothing and fails if one would be written.
`--here` makes them belong to the site of this repository, as the environment or the git remote
names it (tools/addresses.py): from there they take the library, and there their links lead.
Without it they keep the site that they have, so that a fork made to contribute changes nothing;
notebooks that have none yet take that of this repository as soon as it is known.
"""

from __future__ import annotations

import argparse
import os
import sys
from itertools import zip_longest
from pathlib import Path

from tools.addresses import site_address
from tools.build_book import build
from tools.launched import ADDRESS, COMMITTED, UNPUBLISHED, committed_address, notebooks
from tools.paths import shown

REMEDY = "Run `make notebooks` and commit notebooks/."


def address(*, here: bool) -> str:
    """The site that the notebooks shall belong to."""
    known, committed = site_address(), committed_address()
    if here and not known:
        sys.exit(
            "tools.notebooks --here: where this repository is published is not known. Add its "
            "address on GitHub as the git remote `origin`, or set BOOK_URL to that of the site."
        )
    return known if known and (here or committed == UNPUBLISHED) else committed


def stale(wanted: dict[str, str]) -> dict[Path, str]:
    """What differs from the `wanted` files, each with what is wrong with it."""
    problems = {}
    for name, text in wanted.items():
        path = COMMITTED / name
        if not path.exists():
            problems[path] = "is missing"
        elif (found := path.read_text("utf8")) != text:
            lines = zip_longest(found.splitlines(), text.splitlines())
            first = next((n for n, (old, new) in enumerate(lines, start=1) if old != new), 1)
            problems[path] = f"is stale from line {first} on"
    for path in sorted(COMMITTED.rglob("*.ipynb")):
        if path.relative_to(COMMITTED).as_posix() not in wanted:
            problems[path] = "belongs to no page"
    return problems


def replace(path: Path, text: str) -> None:
    """Write `text` to `path`, as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(text, "utf8", newline="\n")
    os.replace(scratch, path)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one is stale")
    parser.add_argument("--here", action="store_true", help="take the address of this repository")
    options = parser.parse_args()
    site = committed_address() if options.check else address(here=options.here)
    build()
    wanted = notebooks(site)
    problems = stale(wanted)
    if options.check:
        for path, problem in problems.items():
            print(f"{shown(path)} {problem}", file=sys.stderr)
        if problems:
            sys.exit(REMEDY)
        print(f"All {len(wanted)} notebooks are what their pages say")
    else:
        for count, path in enumerate(problems, start=1):
            name = path.relative_to(COMMITTED).as_posix()
            if name in wanted:
                replace(path, wanted[name])
            else:
                path.unlink()
            print(f"  [{count}/{len(problems)}] {shown(path)} {problems[path]}: mended")
        if site != committed_address():
            replace(ADDRESS, f"{site}\n")
            build()  # the pages have buttons now
        print(f"All {len(wanted)} notebooks are what their pages say, for {site}")
    if site == UNPUBLISHED:
        print("They have no site to take the library from; in a clone with a remote they get one.")
    elif site_address() not in ("", site):
        print(f"They belong to {site}, and this repository's site is {site_address()}: its")
        print("pages get no buttons to Colab and Binder until `python -m tools.notebooks --here`.")


if __name__ == "__main__":
    main()
