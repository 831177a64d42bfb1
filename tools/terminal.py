"""What the commands write to a terminal, and what they write where there is none."""

from __future__ import annotations

import re
import sys

ANSI_COLOR = re.compile(r"\x1b\[[0-9;]*m")


def is_live() -> bool:
    """Whether somebody watches, so that a line can be drawn over."""
    return sys.stdout.isatty()


def without_color(text: str) -> str:
    return ANSI_COLOR.sub("", text)


def status(text: str) -> None:
    """Draw `text` over the last line; nothing where nobody watches. An empty text clears it."""
    if is_live():
        print(f"\r\033[K{text}", end="", flush=True)


def say(text: str) -> None:
    """A line that stays."""
    status("")
    print(text, flush=True)


def complain(text: str) -> None:
    """An error that others raised, in its colors only where there are any."""
    print(text if sys.stderr.isatty() else without_color(text), file=sys.stderr)
