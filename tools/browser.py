"""Find a Chromium on this machine, for the tests that look at the pages."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
HELP = """There is no Chromium or Chrome on this machine, and the pages are looked at in one.
  Debian, Ubuntu:  sudo apt install chromium
  Fedora:          sudo dnf install chromium
  macOS, Windows:  install Google Chrome
If it lies in an unusual place: make test-site CHROMIUM=/path/to/chromium"""


def find_browser() -> Path | None:
    """The browser that CHROMIUM names, or the first that is installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return next((Path(path) for path in ELSEWHERE if Path(path).exists()), None)


if __name__ == "__main__":
    browser = find_browser()
    if browser is None:
        sys.exit(HELP)
    print(f"Browser: {browser}")
