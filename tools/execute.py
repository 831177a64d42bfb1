"""Execute the chapters that are not in the cache, one on each core, and say how far it is.

The build itself then only reads the cache. A chapter enters the cache when it has run to its
end, so an interruption loses no more than the chapters that were running. The chapter that took
longest the last time begins first, so that no core waits long for the last one.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from jupyter_cache import get_cache
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from chainrule.grading.kernels import local_sockets
from tools import cached_notebooks, execution_cache, kernel_reads
from tools.code_stamp import leave_stamp
from tools.contents import config, executed_pages, notebook_in
from tools.paths import ROOT, shown
from tools.terminal import complain, say, status

Result = TypeVar("Result")

EDITED = "The library or the lock was edited while it ran, so nobody knows which of them it saw."


def cores() -> int:
    """How many chapters run at a time: each kernel keeps one of the cores busy that we may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Progress:
    """One line per finished chapter, and on a terminal a last line with what is running."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.running: list[str] = []

    def start(self, name: str) -> None:
        self.running.append(name)
        self._show_running()

    def finish(self, name: str, seconds: float, verdict: str) -> None:
        self.running.remove(name)
        self.done += 1
        say(f"  [{self.done}/{self.total}] {name} {verdict} {seconds:.1f} s")
        self._show_running()

    def _show_running(self) -> None:
        status(f"  running: {', '.join(self.running)}" if self.running else "")


async def execute(
    notebook: nbformat.NotebookNode, page: Path, timeout: int, reads: Path
) -> str | None:
    """Run `notebook` in place, in the folder of `page`; the file `reads` gets what it opens.

    Returns the traceback if it fails.
    """
    resources = {"metadata": {"path": str(page.parent)}}
    client = NotebookClient(
        notebook,
        config=local_sockets(),
        timeout=timeout,
        record_timing=False,
        # A kernel sends what is printed in pieces, in as many as there happened to be time for.
        coalesce_streams=True,
        resources=resources,
        shutdown_kernel="immediate",
        # Its log (a warning that local sockets are not encrypted) would tear the progress line.
        extra_arguments=["--log-level=ERROR", *kernel_reads.arguments(ROOT, reads)],
    )
    try:
        await client.async_execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # nbclient takes Ctrl-C for a dead kernel
            raise asyncio.CancelledError from error
        return str(error)
    return error_on_display(notebook)


def error_on_display(notebook: nbformat.NotebookNode) -> str | None:
    """The traceback of a result that could not be shown: the cell itself counts as run."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            allowed = "raises-exception" in cell.metadata.get("tags", [])
            if output.output_type == "error" and not allowed:
                return f"{cell.source}\n\n" + "\n".join(output.traceback)
    return None


async def execute_missing(pages: list[Path], timeout: int, parallel: int) -> list[tuple[Path, str]]:
    """Execute those of `pages` that the cache lacks, `parallel` at a time, the longest first.

    Returns the failures with their tracebacks.
    """
    directory = execution_cache.cache_directory()
    cache = get_cache(str(directory))
    notebooks = {page: notebook_in(page) for page in pages}
    lacking = [p for p, found in notebooks.items() if not cached_notebooks.is_cached(cache, found)]
    missing = [p for p in lacking if not cached_notebooks.take_over(cache, notebooks[p], str(p))]
    if len(missing) < len(lacking):
        print(f"{len(lacking) - len(missing)} pages read nothing that has changed in the library")
    if not missing:
        print(f"All {len(pages)} pages with code are executed already")
        return []
    print(f"Executing {len(missing)} of {len(pages)} pages with code, {parallel} at a time")
    progress = Progress(len(missing))
    slots = asyncio.Semaphore(parallel)
    failures = []

    async def run(page: Path) -> None:
        async with slots:
            name, notebook = shown(page), notebooks[page]
            progress.start(name)
            start = time.perf_counter()
            with tempfile.TemporaryDirectory() as scratch:
                log = Path(scratch, "reads.txt")
                failure = await execute(notebook, page, timeout, log)
                seconds = time.perf_counter() - start
                if failure is None and execution_cache.cache_directory() != directory:
                    failure = EDITED
                if failure is None:
                    kept = execution_cache.record(seconds, log)
                    cached_notebooks.store(cache, notebook, str(page), kept)
                else:
                    failures.append((page, failure))
            progress.finish(name, seconds, "executed in" if failure is None else "FAILED after")

    await asyncio.gather(*(run(page) for page in longest_first(missing, notebooks)))
    return failures


def longest_first(pages: list[Path], notebooks: dict[Path, nbformat.NotebookNode]) -> list[Path]:
    """The `pages` by how long they took the last time; those that never ran come first.

    Of these, first the pages that call `ledger`: one short line of theirs has SymPy prove many
    functions. Then those with the most code.
    """
    seconds = cached_notebooks.last_seconds()

    def rank(page: Path) -> tuple[float, bool, int]:
        code = "".join(cell.source for cell in notebooks[page].cells if cell.cell_type == "code")
        return (-seconds.get(str(page), float("inf")), "ledger(" not in code, -len(code))

    return sorted(pages, key=rank)


def run_in_thread(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` to its end, or until Ctrl-C, which cancels it and waits while it cleans up.

    In the main thread nbclient would install signal handlers of its own, one kernel's over the
    other's, and an interruption would leave kernels running.
    """
    running: list[asyncio.Task[Result]] = []

    async def noted() -> Result:
        running.append(asyncio.current_task())  # type: ignore[arg-type]
        return await work

    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(asyncio.run, noted())
        try:
            return future.result()
        except KeyboardInterrupt:
            for task in running:
                task.get_loop().call_soon_threadsafe(task.cancel)
            wait([future])
            raise


def execute_book() -> None:
    """Bring the cache up to date; stop with the tracebacks if a chapter fails."""
    execution_cache.enter_environment()
    work = execute_missing(executed_pages(), config()["execute"]["timeout"], cores())
    failures = run_in_thread(work)
    execution_cache.prune()
    for page, failure in failures:
        complain(f"\n{shown(page)} failed:\n{failure}")
    if failures:
        names = ", ".join(shown(page) for page, _ in failures)
        sys.exit(f"Nothing was built: {names} did not run to the end (see above).")
    leave_stamp(cached_notebooks.reads_outside_the_library())


if __name__ == "__main__":
    execute_book()
