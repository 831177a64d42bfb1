"""Mapping a function over a class: here, in processes of this machine.

A scheduler is any function that takes :func:`chainrule.grading.grader.submission.grade`, the
submissions and the settings, and yields one record for each submission in any order.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from typing import Any

from chainrule.grading.grader.settings import Settings
from chainrule.grading.grader.submission import Record, blank, grade

Task = tuple[str, bytes]
"""Name and content of a submission."""

Scheduler = Callable[[Iterable[Task], Settings], Iterator[Record]]

MOST_ATTEMPTS = 2
LOST = "the process that graded it ended, twice"


def one_by_one(tasks: Iterable[Task], settings: Settings) -> Iterator[Record]:
    """Grade in this process."""
    for name, content in tasks:
        yield grade(name, content, settings)


def in_processes(jobs: int) -> Scheduler:
    """Grade in ``jobs`` processes at a time, each with a sandbox of its own.

    Only as many submissions as there are processes are under way, so a class of any size takes no
    more memory than that. A process that is killed, for example for want of memory, is replaced,
    and what it was grading is tried once more.
    """
    if jobs == 1:
        return one_by_one

    def run(tasks: Iterable[Task], settings: Settings) -> Iterator[Record]:
        waiting = iter(tasks)
        again: list[tuple[Task, int]] = []
        while True:
            with _Pool(jobs) as pool:
                broken = yield from _until_broken(pool, jobs, waiting, again, settings)
            if not broken:
                return
            for task, attempts in broken:
                if attempts < MOST_ATTEMPTS:
                    again.append((task, attempts))
                else:
                    lost = {"status": "infrastructure-error", "reason": LOST}
                    yield blank(task[0], task[1], settings) | lost

    return run


def _until_broken(
    pool: _Pool,
    jobs: int,
    waiting: Iterator[Task],
    again: list[tuple[Task, int]],
    settings: Settings,
) -> Any:
    """Yield records; return what was under way when a process died, or nothing at the end."""
    under_way: dict[Future[Record], tuple[Task, int]] = {}
    while True:
        while len(under_way) < jobs:
            # What was lost is tried again alone, so that it takes nobody else with it.
            if again and under_way:
                break
            task, attempts = again.pop() if again else (next(waiting, None), 0)
            if task is None:
                break
            try:
                future = pool.submit(grade, *task, settings)
            except BrokenProcessPool:
                return [(task, attempts), *under_way.values()]
            under_way[future] = (task, attempts + 1)
            if attempts:
                break
        if not under_way:
            return []
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                record = future.result()
            except BrokenProcessPool:
                return list(under_way.values())
            del under_way[future]
            yield record


class _Pool:
    """Processes that end when they are left, also in the middle of their work."""

    def __init__(self, jobs: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        processes = list((getattr(self._executor, "_processes", None) or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        if kind is not None:
            for process in processes:
                process.terminate()
        for process in processes:
            process.join()

    def submit(self, *call: Any) -> Future[Record]:
        return self._executor.submit(*call)


def _prepare() -> None:
    """An interrupt is the business of the process that started this one; a request to end is met
    with an exception, so that a sandbox under way is closed. No process outlives its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    parent = multiprocessing.parent_process()
    assert parent is not None
    ended = parent.sentinel
    threading.Thread(target=lambda: (wait_for([ended]), os._exit(1)), daemon=True).start()
