"""Each check of the built pages finds the fault it is for, on a page that has just that fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools import check_pages
from tools.paths import ROOT

SmallSite = Callable[..., Path]

FAULTY = {
    "a missing page": (check_pages.broken_links, '<a href="gone.html">x</a>'),
    "a missing image": (check_pages.broken_links, '<img src="gone.png" alt="A curve">'),
    "a missing anchor": (check_pages.broken_links, '<a href="#gone">x</a>'),
    "a missing anchor of another page": (
        check_pages.broken_links,
        '<a href="other.html#gone">x</a>',
    ),
    "a script from a CDN": (
        check_pages.foreign_resources,
        '<script src="https://cdn.example/x.js"></script>',
    ),
    "a style without a scheme": (
        check_pages.foreign_resources,
        '<link rel="stylesheet" href="//cdn.example/x.css">',
    ),
    "a hot-linked image": (
        check_pages.foreign_resources,
        '<img src="https://example.org/x.png" alt="A curve">',
    ),
    "no alternative text": (check_pages.images_without_text, '<img src="x.svg">'),
    "an empty alternative text": (check_pages.images_without_text, '<img src="x.svg" alt=" ">'),
    "a file name for a text": (
        check_pages.images_without_text,
        '<img src="x.svg" alt="_images/0f3b.svg">',
    ),
    "an image without a caption": (
        check_pages.figures_without_caption,
        '<img src="data:_images/" alt="A curve that falls">',
    ),
    "an empty caption": (
        check_pages.figures_without_caption,
        '<figure><img src="data:_images/" alt="Curve"><figcaption>Fig. 1.2 #</figcaption></figure>',
    ),
    "a caption for an alternative text": (
        check_pages.figures_without_caption,
        '<figure><img src="data:_images/" alt="A curve"><figcaption>A curve</figcaption></figure>',
    ),
    "an interactive figure without an alternative text": (
        check_pages.figures_without_caption,
        '<figure class="interactive-figure" id="fig-x"><figure-x></figure-x></figure>',
    ),
    "a formula KaTeX refused": (
        check_pages.unrendered_math,
        '<span class="math"><code class="katex-error">\\frac{1</code></span>',
    ),
    "a formula KaTeX never saw": (
        check_pages.unrendered_math,
        '<div class="math">\\(x^2\\)</div>',
    ),
    "TeX in the text": (check_pages.unrendered_math, "<p>$\\frac{1}{2}$ of it</p>"),
    "a path of this machine": (check_pages.machine_paths, f"<pre>File {ROOT}/lib/x.py</pre>"),
}

SOUND = """
<a href="other.html#there">x</a> <a id="here" href="#here">y</a> <a href="https://example.org">z</a>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="A curve that falls">
<figure><img src="data:_images/" alt="A curve that falls"><figcaption>Loss</figcaption></figure>
<span class="math"><span class="katex">x</span></span> <pre>\\frac{1}{2}</pre>
"""


@pytest.mark.parametrize("fault", FAULTY)
def test_the_fault_is_found_and_placed(small_site: SmallSite, fault: str) -> None:
    check, body = FAULTY[fault]
    problems = check(small_site(index=body, other='<p id="there">x</p>'))
    assert len(problems) == 1
    assert problems[0].startswith("index.html")


@pytest.mark.parametrize("check", check_pages.CHECKS.values(), ids=list(check_pages.CHECKS))
def test_a_sound_page_has_no_problem(
    small_site: SmallSite, check: Callable[[Path], list[str]]
) -> None:
    assert check(small_site(index=SOUND, other='<p id="there">x</p>')) == []


def test_a_font_from_another_host_in_a_style_sheet_is_found(small_site: SmallSite) -> None:
    site = small_site(index="<p>x</p>")
    (site / "x.css").write_text("@font-face { src: url('https://fonts.example/x.woff2') }", "utf8")
    assert len(check_pages.foreign_resources(site)) == 1


def test_an_address_from_the_root_is_one_below_the_path_of_the_site(
    small_site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", "ada/book")
    links = '<a href="/book/other.html">x</a><a href="/book/gone.html">x</a><a href="/other.html">x'
    problems = check_pages.broken_links(small_site(index=links, other="<p>x</p>"))
    assert [problem.split()[1] for problem in problems] == ["/book/gone.html", "/other.html"]


def test_every_kind_of_fault_is_tried() -> None:
    assert {check for check, _ in FAULTY.values()} == set(check_pages.CHECKS.values())
