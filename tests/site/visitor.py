"""A browser tab that visits pages, notes what goes wrong and looks at them as a reader must."""

from __future__ import annotations

from typing import Any

from tools import axe

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

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

VIOLATIONS = """async standards => {
    // Contrast depends on a text's color, size and weight and on the backgrounds below it, so one
    // text of each such look stands for all: a chapter has ten thousand colored words of code.
    const below = new Map([[null, '']]);
    const backgrounds = element => {
        if (!below.has(element)) {
            const look = getComputedStyle(element);
            below.set(element, backgrounds(element.parentElement) + '|' + [look.backgroundColor,
                look.backgroundImage, look.opacity, look.filter, look.position].join(' '));
        }
        return below.get(element);
    };
    const looks = new Set();
    for (const element of document.body.querySelectorAll('*')) {
        const texts = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
        const hasText = texts.some(text => text.data.trim()) || element.matches('input, select');
        if (!hasText || !element.checkVisibility({visibilityProperty: true})) continue;
        const {color, fontSize, fontWeight} = getComputedStyle(element);
        const look = [color, fontSize, fontWeight, backgrounds(element)].join(' ');
        if (!looks.has(look)) element.setAttribute('data-contrast', '');
        looks.add(look);
    }
    const options = {resultTypes: ['violations'], preload: false};
    const found = await axe.run(document, {...options,
        runOnly: {type: 'tag', values: standards}, rules: {'color-contrast': {enabled: false}}});
    const contrast = looks.size ? await axe.run('[data-contrast]', {...options,
        runOnly: {type: 'rule', values: ['color-contrast']}}) : {violations: []};
    return [...found.violations, ...contrast.violations].flatMap(rule => rule.nodes.map(node => {
        const [check] = [...node.any, ...node.all, ...node.none];
        return `${rule.id}: ${node.target.join(' ')}: ${check ? check.message : rule.help}`;
    }));
}"""

SETTLED = """() => new Promise(done => {
    // The theme makes what scrolls reachable from the keyboard, once the page stands still.
    document.fonts.ready.then(() => requestAnimationFrame(() => setTimeout(done, 50)));
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
        self.tab.evaluate(SETTLED)
        return self.tab.evaluate(FACTS)

    def violations(self) -> list[str]:
        """What axe-core finds on the page that is open: WCAG 2.2 A and AA, and best practices."""
        self.tab.evaluate(axe.script().read_text("utf8"))
        return self.tab.evaluate(VIOLATIONS, STANDARDS)

    def close(self) -> None:
        self.context.close()
