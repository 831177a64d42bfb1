"""Every interactive figure in Chromium: keyboard, address, themes, paper, and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from tests.site.visitor import Visitor
from tools.check_pages import pages, parsed
from tools.paths import HTML
from tools.sphinx_extension.interactive import FIGURES, SHARED

pytestmark = pytest.mark.browser

KINDS = sorted(path.stem for path in FIGURES.glob("*.js") if path.stem != SHARED)

# What a reader sees of a figure: drawing, numbers and words.
LOOK = """figure => [
    figure.querySelector('.figure-stage').innerHTML,
    ...[...figure.querySelectorAll('canvas')].map(canvas => canvas.toDataURL()),
    figure.querySelector('.figure-readout').textContent,
].join('|')"""


@cache
def places() -> dict[str, list[tuple[str, str]]]:
    """The page and the name of every interactive figure, by kind."""
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    for page in pages(HTML):
        if "interactive-figure" not in page.read_text("utf8"):  # to parse a chapter takes a second
            continue
        for figure in parsed(page).select("figure.interactive-figure[id]"):
            element = next(child for child in figure.children if getattr(child, "name", None))
            kind = element.name.removeprefix("figure-")
            found[kind].append((page.relative_to(HTML).as_posix(), str(figure["id"])))
    return found


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The page and the name of one figure of each kind."""
    found = places()[request.param]
    assert found, f"no page has the interactive figure {request.param}"
    return found[0]


Open = Callable[..., tuple[Visitor, Any]]


@pytest.fixture
def look_at(browser: Any, address: str) -> Iterator[Open]:
    """Open a figure: `look_at(place, "w=2")` gives the tab and the figure."""
    tabs = []

    def look(
        place: tuple[str, str],
        settings: str = "",
        *,
        base: str = address,
        width: str = "desktop",
        theme: str = "light",
        **options: Any,
    ) -> tuple[Visitor, Any]:
        tab = Visitor(browser, base, width=width, theme=theme, **options)
        tabs.append(tab)
        page, name = place
        query = "&".join(f"{name}.{pair}" for pair in settings.split())
        target = f"{page}?{query}#{name}"
        if options.get("java_script_enabled", True):
            tab.visit(target)
        else:  # nothing can be asked of the page about its fonts
            tab.tab.goto(tab.address + target)
        return tab, tab.tab.locator(f"figure#{name}")

    yield look
    for tab in tabs:
        tab.close()


def asked(tab: Visitor) -> str:
    return tab.tab.evaluate("location.search")


def test_the_keyboard_moves_everything_and_the_address_remembers(
    place: tuple[str, str], look_at: Open
) -> None:
    """Each control in turn, then a new tab at the same address: it must look the same."""
    tab, figure = look_at(place)
    for number in range(figure.locator("input[type=range], select").count()):
        control = figure.locator("input[type=range], select").nth(number)
        if not control.is_visible():
            continue
        before = control.input_value()
        control.focus()
        tab.tab.keyboard.press(
            "ArrowDown" if control.evaluate("e => e.matches('select')") else "ArrowRight"
        )
        if control.input_value() == before:  # it was at its end
            tab.tab.keyboard.press(
                "ArrowUp" if control.evaluate("e => e.matches('select')") else "ArrowLeft"
            )
        assert control.input_value() != before
        assert f"{place[1]}.{control.get_attribute('name')}=" in asked(tab)
    for number in range(figure.locator("button").count()):
        button = figure.locator("button").nth(number)
        if button.get_attribute("data-runs") is None:  # runs go on in their own time
            button.focus()
            tab.tab.keyboard.press("Enter")
    moved = figure.evaluate(LOOK)
    query = asked(tab).removeprefix("?").replace(f"{place[1]}.", "").replace("&", " ")
    assert tab.problems == []

    again, same = look_at(place, query)
    assert same.evaluate(LOOK) == moved
    assert again.problems == []


def test_what_changed_is_said_once_it_rests(place: tuple[str, str], look_at: Open) -> None:
    tab, figure = look_at(place)
    before, at_once = figure.evaluate(
        """figure => {
            const status = figure.querySelector("[role=status]");
            const before = status.textContent;
            const control = [...figure.querySelectorAll("input[type=range]")]
                .find(control => control.checkVisibility());
            for (let i = 0; i < 3; i++) {
                control.stepUp();
                control.dispatchEvent(new Event("input", { bubbles: true }));
            }
            return [before, status.textContent];
        }"""
    )
    assert at_once == before
    tab.tab.wait_for_function(
        """([figure, before]) => {
            const said = figure.querySelector("[role=status]").textContent;
            return said !== before && said === figure.querySelector(".figure-readout").textContent;
        }""",
        arg=[figure.element_handle(), before],
    )


def test_nonsense_in_the_address_is_not_taken(place: tuple[str, str], look_at: Open) -> None:
    tab, figure = look_at(place)
    before = figure.evaluate(LOOK)
    for nonsense in ("1e9", "x", "", "NaN"):
        figure.evaluate(
            """(figure, nonsense) => {
                const element = figure.firstElementChild;
                const wrong = Object.entries(element.defaults)
                    .map(([name]) => `${figure.id}.${name}=${nonsense}`);
                history.replaceState(null, "", "?" + wrong.join("&"));
                element.restore();
            }""",
            nonsense,
        )
        assert figure.evaluate(LOOK) == before
    assert tab.problems == []


def test_it_fits_a_phone_in_both_themes(place: tuple[str, str], look_at: Open) -> None:
    inks = set()
    for theme in ("light", "dark"):
        tab, figure = look_at(place, width="phone", theme=theme)
        box = figure.locator(".figure-live").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        wide = figure.evaluate(
            "f => [...f.querySelectorAll('.figure-live *')].filter("
            "e => e.scrollWidth > e.clientWidth + 1 && !e.closest('svg')"
            " && !e.closest('.figure-status') && e.clientWidth).map(e => e.className)"
        )
        assert wide == []
        inks.add(figure.locator("text").first.evaluate("e => getComputedStyle(e).fill"))
        assert tab.problems == []
    assert len(inks) == 2


def test_text_in_drawings_can_be_read_on_a_phone(place: tuple[str, str], look_at: Open) -> None:
    _, figure = look_at(place, width="phone")
    heights = figure.evaluate(
        """f => [...f.querySelectorAll('text')].map(text => {
            const {a, b} = text.getScreenCTM(); // turned text has its scale in both
            return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
        })"""
    )
    assert min(heights) >= 9.5


def test_what_stands_for_it_on_paper_and_without_scripts(
    place: tuple[str, str], look_at: Open
) -> None:
    tab, figure = look_at(place)
    assert figure.locator(".figure-live").is_visible()
    assert not figure.locator(".figure-fallback").is_visible()
    tab.tab.emulate_media(media="print")
    assert not figure.locator(".figure-live").is_visible()
    assert figure.locator(".figure-fallback").is_visible()

    _, still = look_at(place, java_script_enabled=False)
    assert still.locator("> *").first.inner_text().strip()
    assert still.locator(".figure-live").count() == 0


def test_it_works_from_a_folder(place: tuple[str, str], look_at: Open) -> None:
    tab, figure = look_at(place, base=HTML.as_uri() + "/")
    before = figure.evaluate(LOOK)
    figure.locator("input[type=range]:visible").first.focus()
    tab.tab.keyboard.press("ArrowRight")
    assert figure.evaluate(LOOK) != before
    assert tab.problems == []


def test_with_reduced_motion_nothing_moves_by_itself(place: tuple[str, str], look_at: Open) -> None:
    tab, figure = look_at(place, reduced_motion="reduce")
    for number in range(figure.locator("button").count()):
        figure.locator("button").nth(number).press("Enter")
        at_once = figure.evaluate(LOOK)
        tab.tab.wait_for_timeout(150)
        assert figure.evaluate(LOOK) == at_once
    assert tab.problems == []


def test_a_link_sets_a_figure_without_loading_the_page(visitor: Visitor) -> None:
    visitor.visit("chapters/affine-layers.html")
    visitor.tab.evaluate("window.same = true")
    figure = visitor.tab.locator("figure#fig-affine-move")
    visitor.tab.locator("a.figure-setting").last.click()
    assert figure.locator("input[name=w]").input_value() == "0"
    assert "No threshold" in figure.locator(".figure-readout").text_content()
    assert visitor.tab.evaluate("window.same")
    visitor.tab.go_back()
    assert figure.locator("input[name=w]").input_value() == "2"
    assert visitor.problems == []


def test_a_link_to_a_long_training_leaves_the_page_to_the_reader(look_at: Open) -> None:
    place = places()["playground"][0]
    settings = "data=xor layers=1 units=2 epochs=300"
    tab, figure = look_at(place, settings)
    trained = "f => f.textContent.includes('after 300 epochs')"
    tab.tab.wait_for_function(trained, arg=figure.element_handle())
    reached = figure.evaluate(LOOK)

    _, by_hand = look_at(place, settings.replace("epochs=300", "epochs=0"))
    for _ in range(30):
        by_hand.get_by_role("button", name="10 epochs").press("Enter")
    assert by_hand.evaluate(LOOK) == reached

    # Three layers of eight units for 3000 epochs take seconds; nobody waits for them.
    at_once, after = figure.evaluate(
        """figure => {
            const element = figure.firstElementChild;
            const readout = figure.querySelector('.figure-readout');
            const asked = {layers: 3, units: 8, epochs: 3000};
            const query = Object.entries(asked).map(([name, v]) => `${figure.id}.${name}=${v}`);
            history.replaceState(null, "", "?" + query.join("&"));
            element.restore();
            const at_once = readout.textContent;
            const button = [...figure.querySelectorAll('button')].find(
                button => button.textContent === 'Start over');
            button.click();
            return [at_once, readout.textContent];
        }"""
    )
    assert "of 3000 epochs" in at_once
    assert "after 0 epochs" in after
    assert tab.problems == []
