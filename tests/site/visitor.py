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
    // Not innerWidth, which on a phone grows with what is too wide.
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    unrendered: [...document.querySelectorAll('.math')]
        .filter(math => !math.querySelector('.katex')).length,
    errors: document.querySelectorAll('.katex-error').length,
    theme: document.documentElement.dataset.theme,
    font: !document.querySelector('.katex') || document.fonts.check('16px KaTeX_Main'),
})"""

TORN = """() => {
    // What touches a formula in its text and stands on another line, as a comma that begins one.
    const beside = (formula, next) => {
        const [step, end] = next ? ['nextSibling', 'firstChild'] : ['previousSibling', 'lastChild'];
        let node = formula;
        while (!node[step]) {
            node = node.parentElement;
            if (getComputedStyle(node).display !== 'inline') return null;
        }
        for (node = node[step]; node[end];) node = node[end];
        if (node.nodeType !== Node.TEXT_NODE || !node.length) return null;
        const at = next ? 0 : node.length - 1, character = document.createRange();
        character.setStart(node, at);
        character.setEnd(node, at + 1);
        return /\\s/.test(node.data[at]) ? null : character.getBoundingClientRect();
    };
    return [...document.querySelectorAll('article span.math')].filter(formula => {
        const pieces = [...formula.querySelectorAll('.katex-html > .base')];
        if (!pieces.length || !formula.checkVisibility()) return false;
        const before = beside(formula, false), after = beside(formula, true);
        return (before && before.left > pieces[0].getBoundingClientRect().right)
            || (after && after.right < pieces.at(-1).getBoundingClientRect().left);
    }).map(formula => formula.querySelector('annotation').textContent);
}"""

CUT = """() => [...document.querySelectorAll('article caption')].filter(caption => {
    // Captions that are wider than what is seen of their table.
    const place = caption.closest('.cr-proof, .text_html, .pst-scrollable-table-container');
    return place && caption.checkVisibility() && caption.clientWidth > place.clientWidth;
}).map(caption => caption.textContent)"""

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

VIOLATIONS = """async ({standards, colorsOnly}) => {
    // Contrast depends on a text's color, size and weight and on the backgrounds below it, so one
    // text of each such look stands for all: a chapter has ten thousand colored words of code.
    const below = new Map([[null, '']]);
    const backgrounds = element => {
        if (!below.has(element)) {
            const look = getComputedStyle(element);
            const place = element.matches('.katex *') ? 'static' : look.position; // in its line
            const own = [look.backgroundColor, look.backgroundImage, look.opacity, look.filter,
                place].join(' ');
            const none = own === 'rgba(0, 0, 0, 0) none 1 none static';
            below.set(element, backgrounds(element.parentElement) + (none ? '' : '|' + own));
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
        if (!looks.has(look)) element.setAttribute('data-colors', '');
        looks.add(look);
    }
    for (const link of document.body.querySelectorAll('a[href]')) { // in a text of another color
        const {color, fontWeight, textDecoration, borderBottom} = getComputedStyle(link);
        const around = getComputedStyle(link.parentElement);
        const look = ['link', color, fontWeight, textDecoration, borderBottom, around.color,
            around.fontWeight, around.display, backgrounds(link)].join(' ');
        if (!looks.has(look) && link.textContent.trim()) {
            link.setAttribute('data-colors', '');
            looks.add(look);
        }
    }

    // Nine elements of ten are words of code and pieces of formulas. Those that carry nothing but
    // their looks, and no look that is still to be checked, give way to a box of the same size.
    const telling = '[id], [href], [src], [role], [tabindex], [title], [alt], [lang], [data-colors]'
        + ', [aria-label], [aria-labelledby], [contenteditable], a, button, input, select, img';
    const plain = [...document.querySelectorAll('pre, pre > code, .katex-html, math')].filter(
        element => element.firstElementChild && !element.querySelector(telling));
    const boxes = plain.map(element => element.getBoundingClientRect());
    plain.forEach((element, number) => {
        if (element.matches('pre, code, math')) {
            element.textContent = element.textContent;
        } else {
            element.replaceChildren();
            element.style.cssText += `; display: inline-block; white-space: nowrap;`
                + ` width: ${boxes[number].width}px; height: ${boxes[number].height}px`;
        }
    });
    const options = {resultTypes: ['violations'], preload: false};
    const ofColors = ['color-contrast', 'link-in-text-block'];
    const others = Object.fromEntries(ofColors.map(rule => [rule, {enabled: false}]));
    const found = colorsOnly ? {violations: []} : await axe.run(document, {...options,
        runOnly: {type: 'tag', values: standards}, rules: others});
    const colors = looks.size ? await axe.run('[data-colors]', {...options,
        runOnly: {type: 'rule', values: ofColors}}) : {violations: []};
    return [...found.violations, ...colors.violations].flatMap(rule => rule.nodes.map(node => {
        const [check] = [...node.any, ...node.all, ...node.none];
        return `${rule.id}: ${node.target.join(' ')}: ${check ? check.message : rule.help}`;
    }));
}"""

WIDE = """() => {
    // The first of each kind of thing in the text that is wider than its place: code, tables, ...
    const kinds = new Map();
    for (const element of document.querySelectorAll('article *')) {
        if (element.scrollWidth <= element.clientWidth + 1 || !element.clientWidth) continue;
        if (!element.checkVisibility()) continue; // in what is folded
        if (!['auto', 'scroll'].includes(getComputedStyle(element).overflowX)) continue;
        const kind = `${element.localName}.${element.className}`;
        if (!kinds.has(kind)) kinds.set(kind, element);
    }
    window.wide = [...kinds.values()];
    return [...kinds.keys()];
}"""

MOVED = """number => new Promise(done => {
    const end = performance.now() + 300;
    const look = () => {
        if (window.wide[number].scrollLeft > 0) done(true);
        else if (performance.now() > end) done(false);
        else requestAnimationFrame(look);
    };
    look();
})"""

PRESSES = 10  # while the page still moves to what is in focus, a key does nothing else

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

    def torn(self) -> list[str]:
        """Formulas on the open page from which a line break parts what touches them, as a comma."""
        return [f"torn from its text: {formula}" for formula in self.tab.evaluate(TORN)]

    def cut(self) -> list[str]:
        """Captions of tables on the open page that are not to be read without scrolling."""
        return [f"wider than the page: {caption}" for caption in self.tab.evaluate(CUT)]

    def stuck(self) -> list[str]:
        """What is wider than its place on the open page and is not moved by an arrow key."""
        found = []
        for number, kind in enumerate(self.tab.evaluate(WIDE)):
            self.tab.evaluate("number => window.wide[number].focus()", number)
            for _ in range(PRESSES):
                self.tab.keyboard.press("ArrowRight")
                if self.tab.evaluate(MOVED, number):
                    break
            else:
                found.append(f"no key moves {kind}")
        return found

    def violations(self, *, colors_only: bool = False) -> list[str]:
        """What axe-core finds on the page that is open: WCAG 2.2 A and AA, and best practices.

        All but two rules ask for no color: a page in its second theme needs only these two. The
        page is worn out by this: what is asked of it comes before.
        """
        self.tab.evaluate(axe.script().read_text("utf8"))
        asked = {"standards": STANDARDS, "colorsOnly": colors_only}
        return self.tab.evaluate(VIOLATIONS, asked)

    def close(self) -> None:
        self.context.close()
