"""Build the book: fetch KaTeX's files, execute what is new, run Jupyter Book strictly, publish.

What need not be done is not even loaded: the modules that execute and that publish take longer to
import than a look at whether there is anything for them to do.

Sphinx's output in `_build/sphinx` is kept for incremental builds as long as it is sound: it is
thrown away after a build that failed or was interrupted (Sphinx would take a half-written page
for a finished one and not repeat a warning), and when anything changed that Sphinx does not
watch, such as the library. The finished site in `_build/html` is only ever replaced as a whole.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from tools.addresses import site_address
from tools.code_stamp import all_code_is_executed, forget_stamp
from tools.fingerprint import digest, files_below
from tools.paths import BUILD, CACHE, CONSTRAINTS, HTML, ROOT, SPHINX_OUTPUT, shown
from tools.terminal import status, without_color
from tools.wheel import METADATA

UNWATCHED = (
    *("_config.yml", "_toc.yml", "references.bib", "api", "assets", "lib", "tools"),
    "notebooks/address.txt",  # decides which buttons there are
)
"""Inputs whose change makes every page out of date."""

PAGES = (
    *("index.md", "bibliography.md", "instructors.md", "chapters", "exercises", "solutions"),
    *("404.md", "changes.md", "CHANGELOG.md", "cite.md", "CITATION.cff"),
    "benchmarks/grading.md",  # which instructors.md includes
    "benchmarks/results.md",  # which api/speed.md includes
)
"""Inputs that Sphinx watches page by page."""

SOUND = SPHINX_OUTPUT / "finished-with"
"""Holds the digest of the unwatched inputs; there only while Sphinx's output is sound."""

PUBLISHED = BUILD / "html-made-from"
"""Holds the digest of all inputs of the site in `_build/html`."""

LOOK_SECONDS = 0.1
"""How often the log of a running build is looked at."""

STEP = re.compile(r"(?:reading sources|writing output)\.\.\. \[ *\d+%\]")
"""How Sphinx says how far it is."""


def inputs(names: tuple[str, ...]) -> str:
    """A digest of the named inputs, the lock and the site's address."""
    files = files_below(*(ROOT / name for name in names), CONSTRAINTS)
    return f"{digest(files)} {site_address()}\n"


def brought_in() -> str:
    """Which packages for notebooks in the browser `tools.pyodide` has fetched, if any."""
    return "".join(f"{path.name}\n" for path in sorted(CACHE.glob("pyodide-*-compiled")))


def has(stamp: Path, content: str) -> bool:
    return stamp.exists() and stamp.read_text("utf8") == content


def build() -> None:
    """Bring `_build/html` up to date, or say why it could not be."""
    everything = inputs(UNWATCHED + PAGES + METADATA) + brought_in()
    if HTML.exists() and has(PUBLISHED, everything):
        print("Nothing has changed since the book was built")
        return
    start = time.perf_counter()
    if all_code_is_executed():
        print("All code on the pages is executed already")
    else:
        from tools.execute import execute_book

        execute_book()
    run_jupyter_book()
    print("Writing the site")
    from tools import launched, lite
    from tools.publish import publish

    launched.add_to_site(SPHINX_OUTPUT / "_build" / "html")
    publish(SPHINX_OUTPUT / "_build" / "html", HTML, lite.add_to_site)
    PUBLISHED.write_text(everything, "utf8")
    print(f"Built in {time.perf_counter() - start:.0f} s")


def run_jupyter_book() -> None:
    """Run Jupyter Book; every warning is an error, and all of them are shown."""
    unwatched = inputs(UNWATCHED)
    if not has(SOUND, unwatched):
        from tools.katex_assets import fetch

        fetch()
        shutil.rmtree(SPHINX_OUTPUT, ignore_errors=True)
    SOUND.unlink(missing_ok=True)
    print("Building the pages", flush=True)
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    command = [str(program), "build", str(ROOT), "-W", "--keep-going", "-n"]
    command += ["--path-output", str(SPHINX_OUTPUT)]
    SPHINX_OUTPUT.mkdir(parents=True, exist_ok=True)
    log = SPHINX_OUTPUT / "log.txt"
    status = run_logged(command, log)
    if status != 0:
        forget_stamp()
        text = without_color(log.read_text("utf8", errors="replace"))
        problems = [line for line in text.splitlines() if "WARNING" in line or "ERROR" in line]
        print("\n".join(problems) if problems else text[-6000:], file=sys.stderr)
        sys.exit(
            "The book was not built, because of what is above. "
            f"Everything that Sphinx said is in {shown(log)}."
        )
    SOUND.write_text(unwatched, "utf8")


def run_logged(command: list[str], log: Path) -> int:
    """Run `command` with its output in `log`, and on a terminal one line that shows it moves.

    The log is a file that is read along, not a pipe: a program that died may leave a child behind
    that holds a pipe open for ever. What is left behind is stopped.
    """
    with (
        log.open("w", encoding="utf8") as output,
        log.open(encoding="utf8", errors="replace") as lines,
        subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        ) as process,
    ):
        try:
            while process.poll() is None:
                for line in lines:
                    step = STEP.search(without_color(line))
                    if step:
                        status(f"  {step[0]}")
                time.sleep(LOOK_SECONDS)
        finally:
            stop_session(process)
    status("")
    return process.returncode


def stop_session(process: subprocess.Popen[bytes]) -> None:
    """Stop `process`, if it runs, and all that it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    else:
        process.terminate()


def main() -> None:
    try:
        build()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the site of the last complete build is untouched.")
    print(f"The book: {shown(HTML / 'index.html')}   (make serve shows it in a browser)")


if __name__ == "__main__":
    main()
