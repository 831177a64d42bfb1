"""Take the picture of the README: the built chapter on affine layers, where its proof is shown.

Needs what `make test-site` installs. Run it after `make book` when the look of the book changed.
"""

from __future__ import annotations

import sys
from io import BytesIO

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.browser import HELP, find_browser
from tools.paths import HTML, ROOT, shown

PICTURE = ROOT / "assets" / "screenshot.png"
PAGE = "chapters/affine-layers.html"
WIDTH, HEIGHT = 1280, 860
COLORS = 256
"""As many as the page's few flat colors and their smoothed edges need."""


def take() -> None:
    browser_path = find_browser()
    if browser_path is None:
        sys.exit(HELP)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(browser_path), args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.goto((HTML / PAGE).as_uri())
        tab.locator(".cr-proof").first.evaluate(
            "proof => window.scrollTo({top: proof.getBoundingClientRect().bottom"
            f" + window.scrollY - {HEIGHT - 30}, behavior: 'instant'}})"
        )
        tab.wait_for_timeout(500)
        pixels = tab.screenshot()
        browser.close()
    Image.open(BytesIO(pixels)).convert("RGB").quantize(COLORS).save(PICTURE, optimize=True)
    print(f"{shown(PICTURE)}: {PICTURE.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    take()
