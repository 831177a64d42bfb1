"""What scrolls sideways on a page is named and reached by keyboard, what fits is not; charts can be
read on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.site.visitor import Visitor
from tools.check_pages import pages
from tools.paths import HTML, ROOT
from tools.pictures import READABLE_PX

pytestmark = pytest.mark.browser

CHAPTERS = [page.relative_to(HTML).as_posix() for page in pages(HTML / "chapters")]

UNNAMED = """() => [...document.querySelectorAll('article *')].filter(element =>
    element.clientWidth && element.scrollWidth > element.clientWidth + 1
    && ['auto', 'scroll'].includes(getComputedStyle(element).overflowX)
    && element.checkVisibility()
    && !(element.tabIndex === 0 && element.ariaLabel && element.role === 'group'
        && !element.closest('[aria-hidden]'))
).map(element => element.outerHTML.slice(0, 90))"""

NEEDLESS = """() => [...document.querySelectorAll('article [tabindex="0"]')].filter(element =>
    element.scrollWidth <= element.clientWidth + 1 && element.scrollHeight <= element.clientHeight
    && element.checkVisibility() && !element.matches('a, button, input, select, summary')
).map(element => element.outerHTML.slice(0, 90))"""

SMALLEST = """async () => {
    // Texts of a chart are as large as its drawing is beside its own size.
    const charts = [...document.querySelectorAll('.picture > img')]
        .filter(image => image.checkVisibility());
    return Promise.all(charts.map(async image => {
        const drawing = new DOMParser().parseFromString(
            await (await fetch(image.src)).text(), 'image/svg+xml').documentElement;
        const across = drawing.viewBox.baseVal.width;
        const sizes = [...drawing.querySelectorAll('text')].map(t => parseFloat(t.style.fontSize));
        return Math.min(...sizes) * image.clientWidth / across;
    }));
}"""


@pytest.fixture(scope="module")
def phone(browser: Any, address: str) -> Iterator[Visitor]:
    tab = Visitor(browser, address, width="phone", theme="light")
    yield tab
    tab.close()


@pytest.mark.parametrize("page", CHAPTERS)
def test_what_scrolls_on_a_phone_has_a_name_and_a_place_in_the_tab_order(
    phone: Visitor, page: str
) -> None:
    phone.visit(page)
    assert phone.tab.evaluate(UNNAMED) == []
    assert phone.tab.evaluate(NEEDLESS) == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_text_in_charts_can_be_read_on_a_phone(phone: Visitor, page: str) -> None:
    phone.visit(page)
    assert min(phone.tab.evaluate(SMALLEST), default=READABLE_PX) > READABLE_PX - 0.1


def test_whoever_walks_by_keyboard_sees_where_they_are(phone: Visitor) -> None:
    phone.visit("chapters/how-to-use.html")
    unseen = []
    for _ in range(30):
        phone.tab.keyboard.press("Tab")
        ring, element = phone.tab.evaluate(
            """() => {
                const element = document.activeElement;
                return [getComputedStyle(element).outlineStyle, element.outerHTML.slice(0, 90)];
            }"""
        )
        if ring == "none" and not element.startswith("<body"):  # there the walk begins again
            unseen.append(element)
    assert unseen == []


def test_names_come_and_go_with_the_width(browser: Any) -> None:
    tab = browser.new_page(viewport={"width": 300, "height": 500})
    wide = '<div style="width: 500px">wide</div>'
    tab.set_content(
        '<article><div class="math"><span class="eqno">(5.1)<a>#</a></span>'
        f'<span class="katex-display" style="display: block; overflow: auto">{wide}</span></div>'
        f'<div class="cr-proof" style="overflow: auto" role="group" aria-label="Proof">{wide}</div>'
        '<pre style="overflow: auto">x = 1</pre></article>'
    )
    tab.add_script_tag(content=(ROOT / "assets/scrolling.js").read_text("utf8"))
    look = """() => ['.katex-display', '.cr-proof', 'pre'].map(kind => {
        const element = document.querySelector(kind);
        return [element.tabIndex, element.role, element.ariaLabel];
    })"""
    settled = "() => new Promise(done => setTimeout(done, 100))"
    tab.evaluate(settled)
    assert tab.evaluate(look) == [
        [0, "group", "Equation (5.1), scrolls sideways"],
        [0, "group", "Proof"],
        [-1, None, None],
    ]
    tab.set_viewport_size({"width": 800, "height": 500})
    tab.evaluate(settled)
    assert tab.evaluate(look) == [[-1, None, None], [-1, "group", "Proof"], [-1, None, None]]
    tab.close()
