"""A progress bar on standard error, for work that lasts."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Generic, TypeVar

Item = TypeVar("Item")

REDRAW_SECONDS = 0.1
WIDTH = 24


def shown_by_default() -> bool:
    """Whether somebody is looking: a terminal or a notebook, unless CHAINRULE_PROGRESS=0.

    Examples
    --------
    >>> import os
    >>> from chainrule.progress import shown_by_default
    >>> os.environ["CHAINRULE_PROGRESS"] = "0"
    >>> shown_by_default()
    False
    """
    setting = os.environ.get("CHAINRULE_PROGRESS")
    if setting is not None:
        return setting != "0"
    return sys.stderr.isatty() or "ipykernel" in sys.modules


class Progress(Generic[Item]):
    """Iterate over ``items`` and show how far it is: ``fit ━━━━──── 12/40  3 s left  loss 0.31``.

    Parameters
    ----------
    items : iterable
    label : str
    total : int, optional
        How many items there are, if ``len`` does not tell.
    show : bool, optional
        By default as :func:`shown_by_default` says.

    Attributes
    ----------
    note : str
        Shown at the end of the line; set it while iterating.

    Examples
    --------
    >>> from chainrule.progress import Progress
    >>> for step in Progress(range(3), "count", show=False):
    ...     print(step)
    0
    1
    2
    """

    def __init__(
        self,
        items: Iterable[Item],
        label: str,
        *,
        total: int | None = None,
        show: bool | None = None,
    ) -> None:
        self._items = items
        self._label = label
        if total is None and isinstance(items, Sized):
            total = len(items)
        self._total = total or 0
        self._show = shown_by_default() if show is None else show
        self.note = ""

    def __iter__(self) -> Iterator[Item]:
        start = drawn = time.monotonic()
        done = 0
        try:
            for item in self._items:
                yield item
                done += 1
                now = time.monotonic()
                if self._show and now - drawn >= REDRAW_SECONDS:
                    drawn = now
                    self._draw(done, now - start)
        finally:
            if self._show:
                self._draw(done, time.monotonic() - start)
                print(file=sys.stderr, flush=True)

    def _draw(self, done: int, seconds: float) -> None:
        if self._total:
            filled = WIDTH * done // self._total
            left = seconds / done * (self._total - done) if done else 0.0
            state = f"{'━' * filled}{'─' * (WIDTH - filled)} {done}/{self._total}  " + (
                f"{left:.0f} s left" if done < self._total else f"{seconds:.1f} s"
            )
        else:
            state = f"{done}  {seconds:.0f} s"
        line = f"{self._label} {state}  {self.note}"
        if sys.stderr.isatty():  # a line that wraps could not be drawn over
            line = line[: shutil.get_terminal_size().columns - 1]
        # \x1b[K clears what a longer line left behind; stderr may lack the characters of the bar.
        encoding = sys.stderr.encoding or "ascii"
        line = line.encode(encoding, "replace").decode(encoding)
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
