"""Build twice and compare: the same commit has to give the same bytes.

`pages` builds the site twice, in two folders of different names, from the same executed chapters,
and compares every byte of both. `outputs` executes every chapter a second time and compares what
the cells returned with what lies in the cache. What may differ is listed in `MEASURED`; anything
else fails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.paths import CACHE, HTML, ROOT
from tools.published import digests


@dataclass(frozen=True)
class Measurement:
    """A cell whose outputs differ between two executions, and why they may."""

    page: str
    cell: str
    reason: str


MEASURED = (
    Measurement(
        "chapters/affine-layers.md",
        'ax.loglog(n, np.array(loops) / n**3 * 1e9, "o-", label="Python loops")',
        "a figure of measured times",
    ),
    Measurement(
        "chapters/automatic-differentiation.md",
        "for name, curve in ratios.items():",
        "a figure of measured times",
    ),
    Measurement(
        "chapters/automatic-differentiation.md",
        'for f, label in ((plain, "all kept"), (check',
        "a figure of measured memory and times",
    ),
)
"""All that two executions of one commit may differ in."""

Difference = tuple[str, str]
"""A page and the source of a cell."""


def copy(target: Path, *, executed: bool) -> None:
    """Copy the checkout as it is, without what was built; with the execution cache or without."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    command.append("--exclude-standard")
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    git = ROOT / ".git"  # for the dates of the pages
    if git.is_dir():
        shutil.copytree(git, target / ".git", dirs_exist_ok=True)
    else:
        shutil.copy2(git, target / ".git")
    left_out = None if executed else shutil.ignore_patterns("execution")
    if CACHE.exists():
        shutil.copytree(CACHE, target / CACHE.name, ignore=left_out, dirs_exist_ok=True)


def run(module: str, checkout: Path) -> None:
    """Run one of our commands in a copy of the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "lib")}
    if subprocess.run([sys.executable, "-m", module], cwd=checkout, env=environment).returncode:
        sys.exit(f"{module} failed in a copy of the checkout (see above).")


def different_files(one: Path, other: Path) -> list[str]:
    """The files that are not the same in two folders, or in one only."""
    first, second = digests(one), digests(other)
    return sorted(n for n in first.keys() | second.keys() if first.get(n) != second.get(n))


def compare_pages(scratch: Path) -> list[str]:
    """Build the site in two clean copies; returns the files that differ."""
    sites = []
    for name in ("one", "the-other-one"):
        checkout = scratch / name
        copy(checkout, executed=True)
        run("tools.build_book", checkout)
        sites.append(checkout / HTML.relative_to(ROOT))
    return different_files(*sites)


def outputs(notebook: Any) -> list[tuple[str, Any]]:
    """The source and the outputs of every code cell."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [(cell.source, cell.outputs) for cell in cells]


def different_cells(one: Any, other: Any) -> Iterator[str]:
    """The sources of the cells of two executions that returned different things."""
    for (source, first), (_, second) in zip(outputs(one), outputs(other), strict=True):
        if first != second:
            yield source


def compare_outputs(scratch: Path) -> list[Difference]:
    """Execute all chapters in a clean copy; returns the cells that returned something else."""
    from jupyter_cache import get_cache

    from tools.cached_notebooks import find
    from tools.contents import executed_pages, notebook_in
    from tools.execute import execute_book
    from tools.execution_cache import cache_directory

    execute_book()
    checkout = scratch / "again"
    copy(checkout, executed=False)
    run("tools.execute", checkout)
    present = cache_directory()
    again = get_cache(str(checkout / present.relative_to(ROOT)))
    before, differences = get_cache(str(present)), list[Difference]()
    for page in executed_pages():
        notebook = notebook_in(page)
        one, other = find(before, notebook), find(again, notebook)
        if one is None or other is None:
            sys.exit(f"{page.name} was not executed twice")
        name = page.relative_to(ROOT).as_posix()
        differences += [(name, source) for source in different_cells(one.nb, other.nb)]
    return differences


def unexplained(differences: list[Difference]) -> list[Difference]:
    """The differences that are not in the list of those that may be."""
    return [
        (page, source)
        for page, source in differences
        if not any(page == allowed.page and allowed.cell in source for allowed in MEASURED)
    ]


def report_pages(scratch: Path) -> str | None:
    files = compare_pages(scratch)
    return "Two builds differ in\n  " + "\n  ".join(files) if files else None


def report_outputs(scratch: Path) -> str | None:
    differences = compare_outputs(scratch)
    wrong = unexplained(differences)
    print(f"{len(differences)} cells differ; {len(differences) - len(wrong)} are measurements")
    lines = [
        f"{page}:\n    {source.strip().replace(chr(10), chr(10) + '    ')}"
        for page, source in wrong
    ]
    return "Two executions differ in\n  " + "\n  ".join(lines) if wrong else None


COMPARISONS: dict[str, Callable[[Path], str | None]] = {
    "pages": report_pages,
    "outputs": report_outputs,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.reproduce", description=__doc__)
    parser.add_argument("what", choices=COMPARISONS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        problem = COMPARISONS[given.what](Path(scratch).resolve())
    if problem:
        sys.exit(problem)
    print("The same, twice.")


if __name__ == "__main__":
    main()
