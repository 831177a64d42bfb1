"""A browser tab that looks at pages and notes what goes wrong."""

from __future__ import annotations

from typing import Any

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]

FACTS = """() => ({
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    unrendered: [...document.querySelectorAll('.math')]
        .filter(math => !math.querySelector('.katex')).length,
    errors: document.querySelectorAll('.katex-error').length,
    theme: document.documentElement.dataset.theme,
    font: !document.querySelector('.katex') || document.fonts.check('16px KaTeX_Main'),
})"""


class Visitor:
    """A browser tab that notes everything that goes wrong."""

    def __init__(
        self, browser: Any, address: str, *, width: str, theme: str, **options: Any
    ) -> None:
        across, down = WIDTHS[width]
        self.address = address
        self.problems: list[str] = []
        self.context = browser.new_context(
            viewport={"width": across, "height": down},
            color_scheme=theme,
            is_mobile=width == "phone",
            **options,
        )
        self.tab = self.context.new_page()
        self.tab.on("console", self._console)
        self.tab.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.tab.on("requestfailed", self._failed)
        self.tab.on("request", self._request)
        self.tab.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # given up because the next page was opened
            self.problems.append(f"failed: {request.url} ({request.failure})")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"asks another host: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def visit(self, page: str) -> dict[str, Any]:
        self.tab.goto(self.address + page, wait_until="load")
        self.tab.evaluate("document.fonts.ready")
        return self.tab.evaluate(FACTS)

    def close(self) -> None:
        self.context.close()
