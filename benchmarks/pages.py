"""What the pages weigh: bytes and requests of each, as a browser with an empty cache gets it.

``python -m benchmarks.pages`` opens every page of the built site in Chromium and prints the table;
``--record`` writes it to ``pages.md``. What is text counts as a server such as GitHub Pages sends
it, compressed with gzip. Figures, the pictures in the content of a page, are counted apart: they
are as many as the subject needs. The overhead of the site is what is neither a page nor a figure,
nor JupyterLite, of which no page loads a byte before its reader runs a notebook in the browser.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from benchmarks.harness import write
from chainrule.tables import Table
from chainrule.tables import table as tabulate
from tools.addresses import base_path
from tools.browser import HELP, find_browser
from tools.check_pages import pages
from tools.launched import LITE
from tools.paths import HTML
from tools.serve import server

RECORD = Path(__file__).with_name("pages.md")
COMPRESSED = {".css", ".html", ".js", ".json", ".svg", ".txt", ".xml"}
PICTURES = {".gif", ".jpg", ".png", ".svg", ".webp"}
GZIP_LEVEL = 6  # what servers use
KB = 1000
PAGE_TARGET, REQUESTS_TARGET, OVERHEAD_TARGET = 300 * KB, 40, 4000 * KB
FORMULAS = 100
"""From so many on, a page is heavy with math."""


@dataclass(frozen=True)
class Weight:
    """What a browser fetches for a page: bytes as they are sent, and requests."""

    page: str
    formulas: int
    html: int
    shared: int
    requests: int
    figures: int
    figure_bytes: int

    @property
    def total(self) -> int:
        """Bytes of the page without its figures."""
        return self.html + self.shared

    @property
    def is_math_heavy(self) -> bool:
        return self.formulas >= FORMULAS


def sent(file: Path) -> int:
    """The bytes of ``file`` on their way to a browser."""
    content = file.read_bytes()
    if file.suffix in COMPRESSED:
        content = gzip.compress(content, GZIP_LEVEL, mtime=0)
    return len(content)


def is_figure(file: Path, site: Path) -> bool:
    """Whether a file of the site is a picture in the content of a page."""
    return file.relative_to(site).parts[0] == "_images"


def is_apart(file: Path, site: Path) -> bool:
    """Whether a file is a figure, or belongs to JupyterLite, which pages do not load."""
    return is_figure(file, site) or file.is_relative_to(site / LITE)


def measure(site: Path) -> list[Weight]:
    """Open every page of `site` in a browser that has nothing in its cache."""
    from playwright.sync_api import sync_playwright

    executable = find_browser()
    if executable is None:
        sys.exit(HELP)
    running = server(site, range(8400, 8500), base=base_path())
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    root = f"http://127.0.0.1:{running.server_port}{base_path()}"
    weights = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(executable), args=["--no-sandbox", "--disable-gpu"]
            )
            for page in pages(site):
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                tab = context.new_page()
                asked: list[str] = []
                tab.on("request", lambda request, asked=asked: asked.append(request.url))
                tab.goto(root + page.relative_to(site).as_posix(), wait_until="load")
                tab.evaluate("document.fonts.ready.then(() => true)")
                tab.wait_for_load_state("networkidle")
                formulas = tab.locator(".katex").count()
                context.close()
                weights.append(weigh(page, asked, formulas, site, root))
            browser.close()
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
    return weights


def weigh(page: Path, asked: list[str], formulas: int, site: Path, root: str) -> Weight:
    """The weight of `page`, for which a browser asked for the addresses `asked`."""
    names = {unquote(urlsplit(url).path) for url in asked if url.startswith(root)}
    start = urlsplit(root).path
    files = [site / name.removeprefix(start) for name in names]
    figures = [file for file in files if is_figure(file, site)]
    shared = [file for file in files if file not in figures and file != page]
    return Weight(
        page.relative_to(site).as_posix(),
        formulas,
        sent(page),
        sum(map(sent, shared)),
        len(shared) + 1,
        len(figures),
        sum(map(sent, figures)),
    )


def overhead(site: Path) -> int:
    """Bytes of what is no page, no figure, not the book in one file and not JupyterLite."""
    return sum(
        file.stat().st_size
        for file in site.rglob("*")
        if file.is_file()
        and file.suffix not in {".html", ".pdf", ".epub"}
        and not is_apart(file, site)
    )


def weight_table(weights: list[Weight]) -> Table:
    """One row for each page, the heaviest first."""
    rows = sorted(weights, key=lambda weight: weight.total, reverse=True)
    return tabulate(
        {
            "page": [row.page for row in rows],
            "formulas": [row.formulas for row in rows],
            "its HTML, KB": [round(row.html / KB) for row in rows],
            "all, KB": [round(row.total / KB) for row in rows],
            "requests": [row.requests for row in rows],
            "figures": [row.figures for row in rows],
            "figures, KB": [round(row.figure_bytes / KB) for row in rows],
        }
    )


def verdict(weights: list[Weight], extra: int) -> str:
    """What the numbers say about the targets."""
    heavy = [weight for weight in weights if weight.is_math_heavy]
    largest = max(weight.total for weight in heavy)
    most = max(weight.requests for weight in heavy)
    pages_met = largest <= PAGE_TARGET and most <= REQUESTS_TARGET
    return (
        f"The {len(heavy)} pages with {FORMULAS} formulas or more weigh at most "
        f"{largest / KB:.0f} KB in at most {most} requests, which "
        f"{'meets' if pages_met else 'misses'} the target of {PAGE_TARGET // KB} KB in "
        f"{REQUESTS_TARGET}. All that is neither a page nor a figure takes "
        f"{extra / KB / KB:.1f} MB on the disk; the target is {OVERHEAD_TARGET / KB / KB:.0f} MB."
    )


def page(weights: list[Weight], extra: int) -> str:
    """The record in Markdown."""
    table = weight_table(weights)
    rule = ["---" if name == table.columns[0] else "---:" for name in table.columns]
    rows = [table.columns, rule, *table.rows]
    lines = [
        f"Measured on {datetime.now(UTC).date().isoformat()} in Chromium with an empty cache, a "
        "window of 1280 × 900 pixels; text compressed with gzip; 1 KB is 1000 bytes.",
        "",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        verdict(weights, extra),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument(
        "--record", action="store_true", help=f"write the table to benchmarks/{RECORD.name}"
    )
    arguments = parser.parse_args()
    if not (HTML / "index.html").exists():
        sys.exit("There is no built book to weigh: run make book first.")
    weights, extra = measure(HTML), overhead(HTML)
    print(f"{weight_table(weights)}\n\n{verdict(weights, extra)}")
    if arguments.record:
        write(RECORD, page(weights, extra))
        print(f"The table is in {RECORD}.")


if __name__ == "__main__":
    main()
