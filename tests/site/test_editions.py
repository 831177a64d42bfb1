"""The PDF and the ePub of the whole book: what is in them, and that nothing is cut off."""

from __future__ import annotations

import base64
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from tools import check_pages
from tools.paths import HTML, ROOT

pytestmark = pytest.mark.editions

pikepdf = pytest.importorskip("pikepdf", reason="make editions installs it")
etree = pytest.importorskip("lxml.etree", reason="make editions installs it")

from tools.editions import __main__ as command  # noqa: E402
from tools.editions import manuscript as source  # noqa: E402
from tools.editions import typefaces  # noqa: E402
from tools.editions.epub import write_epub  # noqa: E402
from tools.editions.imprint import Imprint, source_date  # noqa: E402
from tools.editions.paper import CannotPrintError, structure, write_pdf  # noqa: E402
from tools.editions.typefaces import fonts as fonts_of  # noqa: E402
from tools.editions.typefaces import foreign_fonts, with_typeface  # noqa: E402

XHTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"


# --- The files of the whole book --------------------------------------------------------------


@pytest.fixture(scope="module")
def book() -> list[Any]:
    return source.manuscript(HTML)


@pytest.fixture(scope="module")
def pdf() -> Iterator[Any]:
    file = HTML / "book.pdf"
    if not file.exists():
        pytest.fail("There is no PDF to look at: run make editions first.")
    with pikepdf.open(file) as opened:
        yield opened


@pytest.fixture(scope="module")
def tags(pdf: Any) -> list[Any]:
    return list(structure(pdf))


@pytest.fixture(scope="module")
def epub() -> Iterator[zipfile.ZipFile]:
    file = HTML / "book.epub"
    if not file.exists():
        pytest.fail("There is no ePub to look at: run make editions first.")
    with zipfile.ZipFile(file) as opened:
        yield opened


def outline(items: Any) -> Iterator[Any]:
    for item in items:
        yield item
        yield from outline(item.children)


def leads_to(pdf: Any, item: Any) -> Any:
    """What identifies the page that an entry of the outline opens."""
    target = item.destination if item.destination is not None else item.action.D
    if not isinstance(target, (list, pikepdf.Array)):
        target = pdf.Root.Dests[str(target)]
    return target[0].objgen


def test_every_heading_is_in_the_outline_as_it_is_read(pdf: Any, book: list[Any]) -> None:
    with pdf.open_outline() as opened:
        titles = [item.title for item in outline(opened.root)]
    headings = [
        " ".join(heading.text_content().split())
        for page in book
        for heading in page.body.cssselect("h1, h2, h3, h4, h5")
        if not heading.cssselect(source.FORMULA)
    ]
    assert sorted(Counter([page.title for page in book]) - Counter(titles)) == []
    assert sorted(Counter(headings) - Counter(titles)) == []
    assert [title for title in titles if title[: len(title) // 2] * 2 == title] == []


def test_the_outline_leads_to_every_chapter(pdf: Any, book: list[Any]) -> None:
    with pdf.open_outline() as opened:
        leads = {(item.title, leads_to(pdf, item)) for item in outline(opened.root)}
    starts = [(page.title, pdf.Root.Dests[f"/page--{page.anchor}"][0].objgen) for page in book]
    assert [title for title, start in starts if (title, start) not in leads] == []


def test_the_contents_give_the_page_of_every_chapter(pdf: Any, book: list[Any]) -> None:
    number = {page.objgen: index for index, page in enumerate(pdf.pages, start=1)}
    starts = [number[pdf.Root.Dests[f"/page--{page.anchor}"][0].objgen] for page in book]
    assert starts == sorted(set(starts)), "every chapter begins a page, in reading order"


def test_the_pdf_is_tagged(pdf: Any, tags: list[Any], book: list[Any]) -> None:
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang) == "en"
    kinds = {str(tag.S) for tag in tags}
    assert {"/H1", "/H2", "/P", "/L", "/Table", "/Figure", "/Formula", "/Link"} <= kinds


def test_every_figure_and_formula_says_what_it_is(tags: list[Any], book: list[Any]) -> None:
    silent = [tag for tag in tags if str(tag.S) in {"/Figure", "/Formula"} and "/Alt" not in tag]
    assert silent == []
    alternatives = [str(tag.Alt) for tag in tags if str(tag.S) == "/Figure"]
    pictures = [image.get("alt") for page in book for image in page.body.iter("img")]
    assert sorted(set(pictures)) == sorted(set(alternatives))
    formulas = sum(len(page.body.cssselect(source.FORMULA)) for page in book)
    assert sum(str(tag.S) == "/Formula" for tag in tags) >= formulas


def fonts(pdf: Any) -> Iterator[Any]:
    seen = set()
    for page in pdf.pages:
        for font in fonts_of(page.resources):
            if font.objgen not in seen:
                seen.add(font.objgen)
                yield font


def test_every_font_is_the_books_own(pdf: Any) -> None:
    assert foreign_fonts(pdf) == {}


def is_embedded(font: Any) -> bool:
    if font.Subtype == "/Type3":
        return "/CharProcs" in font
    if font.Subtype == "/Type0":
        font = font.DescendantFonts[0]
    descriptor = font.get("/FontDescriptor", {})
    return any(f"/FontFile{kind}" in descriptor for kind in ("", 2, 3))


def test_every_font_is_embedded(pdf: Any) -> None:
    found = list(fonts(pdf))
    assert found
    assert [str(font.get("/BaseFont")) for font in found if not is_embedded(font)] == []


def test_links_lead_into_the_pdf_or_to_the_web(pdf: Any) -> None:
    targets = set(pdf.Root.Dests.keys())
    lost, inside = [], 0
    for page in pdf.pages:
        for note in page.get("/Annots", []):
            if note.get("/Subtype") != "/Link":
                continue
            address = str(note.get("/A", {}).get("/URI", ""))
            if address:
                lost += [] if address.startswith(("https://", "http://")) else [address]
            else:
                inside += 1
                lost += [] if str(note.Dest) in targets else [str(note.Dest)]
    assert lost == []
    assert inside > 500


def test_the_pdf_says_which_book_it_is(pdf: Any) -> None:
    about = pdf.docinfo
    assert str(about.Title) == "Neural Networks from First Principles"
    assert str(about.Author) == "The authors of Neural Networks from First Principles"
    assert "from one affine layer" in str(about.Subject)
    assert "/Creator" not in about
    day = source_date().strftime("D:%Y%m%d%H%M%S")
    assert [str(about[key])[:16] for key in ("/CreationDate", "/ModDate")] == [day, day]
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as data:
        assert data["dc:title"] == str(about.Title)
        assert data["dc:creator"] == [str(about.Author)]
        assert data["dc:description"] == str(about.Subject)
        assert list(data["dc:language"]) == ["en"]
        assert "Creative Commons" in data["dc:rights"]


def test_every_page_is_in_the_epub(epub: zipfile.ZipFile, book: list[Any]) -> None:
    listed = epub.read("book/contents.xhtml").decode()
    missing = [page.name for page in book if f'href="{page.anchor}.xhtml"' not in listed]
    assert missing == []
    assert epub.namelist()[0] == "mimetype"


def documents(epub: zipfile.ZipFile) -> Iterator[tuple[str, Any]]:
    for name in epub.namelist():
        if name.endswith(".xhtml"):
            yield name, etree.fromstring(epub.read(name))


def test_the_epub_lists_its_files_and_their_order(epub: zipfile.ZipFile, book: list[Any]) -> None:
    package = etree.fromstring(epub.read("book/content.opf"))
    listed = {item.get("id"): f"book/{item.get('href')}" for item in package.iter("{*}item")}
    assert package.findtext(".//{*}title") == "Neural Networks from First Principles"
    assert package.findtext(".//{*}language") == "en"
    unlisted = {"mimetype", "META-INF/container.xml", "book/content.opf"}
    assert sorted([*listed.values(), *unlisted]) == sorted(epub.namelist())
    order = [listed[item.get("idref")] for item in package.iter("{*}itemref")]
    assert order[2:] == [f"book/{page.anchor}.xhtml" for page in book]


def test_links_and_images_of_the_epub_are_there(epub: zipfile.ZipFile) -> None:
    ids = {name: set(page.xpath("//@id")) for name, page in documents(epub)}
    lost = []
    for name, page in documents(epub):
        for address in page.xpath("//@href | //@src"):
            if address.startswith(("https://", "http://")):
                continue
            path, _, place = address.partition("#")
            target = f"book/{path}" if path else name
            if target not in epub.namelist() or (place and place not in ids[target]):
                lost.append(f"{name}: {address}")
    assert lost == []


def test_the_epub_fetches_nothing_and_runs_nothing(epub: zipfile.ZipFile) -> None:
    for name, page in documents(epub):
        assert not page.findall(f".//{XHTML}script"), name
        assert not page.xpath("//@onclick | //@onload"), name
        for address in page.xpath("//@src"):
            assert "://" not in address, f"{name}: {address}"
    assert "book/math.woff2" in epub.namelist()
    assert "url(math.woff2)" in epub.read("book/style.css").decode()
    with TTFont(BytesIO(epub.read("book/math.woff2"))) as font:
        assert "MATH" in font, "which tells how its parentheses and roots grow"
    assert "://" not in re.sub(r"/\*.*?\*/", "", epub.read("book/style.css").decode(), flags=re.S)


def test_the_epub_says_its_pictures_and_formulas(epub: zipfile.ZipFile) -> None:
    pictures = formulas = 0
    for name, page in documents(epub):
        for image in page.iter(f"{XHTML}img"):
            pictures += 1
            assert image.get("alt", "").strip(), f"{name}: {image.get('src')}"
        for formula in page.iter(f"{MATHML}math"):
            formulas += 1
            assert formula.get("alttext"), name
        assert not page.xpath("//*[contains(@class, 'katex-html')]"), name
    assert pictures > 40
    assert formulas > 1000


def test_the_front_page_links_to_both() -> None:
    addresses = [address for _, address in check_pages.addresses(HTML / "index.html")]
    for name in ("book.pdf", "book.epub"):
        assert addresses.count(name) == 1
        assert (HTML / name).exists()
    assert command.links() in (HTML / "index.html").read_text("utf8"), "the pages and sizes told"


def test_a_site_without_editions_links_to_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = tmp_path / "index.html"
    monkeypatch.setattr(command, "HTML", tmp_path)
    monkeypatch.setattr(command, "links", lambda: '<p class="editions">Here</p>')
    front.write_text(f"<p>Before</p>{command.PLACE}\n<p>After</p>", "utf8")
    command.announce()
    linked = front.read_text("utf8")
    command.announce()
    assert front.read_text("utf8") == linked
    assert linked.count("Here") == 1
    assert linked.endswith("<p>After</p>")
    assert command.PLACE in (ROOT / "index.md").read_text("utf8")
    assert "book.pdf" not in (ROOT / "index.md").read_text("utf8")
    front.write_text("<p>Before</p>", "utf8")
    with pytest.raises(ValueError, match="no place for the editions"):
        command.announce()


# --- What a small site becomes ------------------------------------------------------------------

ABOUT = Imprint(
    title="A small book",
    authors=["Nobody"],
    version="1",
    date=datetime(2026, 1, 2, tzinfo=UTC),
    abstract="Nothing.",
    address="",
)
FORMULA = (
    '<span class="math"><span class="katex"><span class="katex-mathml">'
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>x</mi></mrow>'
    '<annotation encoding="application/x-tex">x</annotation></semantics></math></span>'
    '<span class="katex-html" aria-hidden="true"><span class="base">x</span></span></span></span>'
)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a site of a front page and a chapter: `small(front="<p>…</p>", chapter="…")`."""
    monkeypatch.setattr(source, "names", lambda: iter([("index", "", 0), ("chapters/a", "P", 0)]))
    monkeypatch.setattr(source, "site_address", lambda: "")
    static = tmp_path / "_static/katex"
    static.mkdir(parents=True)
    (static / "katex.min.css").touch()
    (tmp_path / "_static/pygments.css").touch()
    (tmp_path / "chapters").mkdir()

    def write(front: str = "", chapter: str = "") -> Path:
        for name, body in {"index": front, "chapters/a": chapter}.items():
            page = f'<article class="bd-article"><section><h1>On {name}</h1>{body}</section>'
            (tmp_path / f"{name}.html").write_text(
                f'<html><head><meta charset="utf-8"></head><body>{page}</article>', "utf8"
            )
        return tmp_path

    return write


def body_of(site: Path, name: str) -> str:
    page = next(page for page in source.manuscript(site) if page.name == name)
    return etree.tostring(page.body, encoding="unicode", method="html")


def test_what_is_folded_stands_open(small: Callable[..., Path]) -> None:
    text = body_of(small("<details><summary>Why?</summary><p>So.</p></details>"), "index")
    assert "<details" not in text
    assert '<p class="folded-title">Why?</p><p>So.</p>' in text


def test_the_buttons_of_a_page_are_gone(small: Callable[..., Path]) -> None:
    text = body_of(
        small('<h2>A<a class="headerlink" href="#a">#</a></h2><script>1</script>'), "index"
    )
    assert "headerlink" not in text
    assert "script" not in text


def test_links_lead_inside_to_the_web_or_are_words(small: Callable[..., Path]) -> None:
    links = ("a.html#x", "../index.html", "../solutions/a.html", "https://example.org/", "#y")
    site = small(chapter="".join(f'<a href="{link}">words</a>' for link in links))
    text = body_of(site, "chapters/a")
    assert re.findall('href="([^"]*)"', text) == [
        *("book:chapters/a#x", "book:index#", "https://example.org/", "book:chapters/a#y")
    ]
    assert text.count("words") == len(links)


def test_the_way_to_a_solution_that_has_no_address_is_gone(small: Callable[..., Path]) -> None:
    folded = '<details class="solution-link"><summary>Done?</summary><p>{}</p></details>'
    lost = folded.format('<a href="../solutions/a.html">Compare</a>')
    known = folded.format('<a href="https://example.org/a.html">Compare</a>')
    assert "Done?" not in body_of(small(chapter=lost), "chapters/a")
    assert "Done?" in body_of(small(chapter=known), "chapters/a")


def test_a_figure_that_moves_says_where(
    small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = (
        '<figure class="interactive-figure" id="f"><figure-neuron>Text</figure-neuron></figure>'
    )
    site = small(chapter=figure)
    assert "It moves at" not in body_of(site, "chapters/a")
    monkeypatch.setattr(source, "site_address", lambda: "https://example.org/book/")
    text = body_of(site, "chapters/a")
    address = "https://example.org/book/chapters/a.html#f"
    assert f'<p>It moves at <a href="{address}">{address}</a>.</p>' in text
    assert "figure-neuron" not in text


def test_a_number_stays_on_one_line(small: Callable[..., Path]) -> None:
    site = small("<h2>From 1e-5 to <em>x</em>, 2.5e-12, e-12</h2><pre>1e-5</pre>")
    text = body_of(site, "index")
    assert re.findall('class="number-whole">([^<]*)<', text) == ["1e-5", "2.5e-12"]
    assert re.sub("</?span[^>]*>", "", text).count("From 1e-5 to <em>x</em>, 2.5e-12, e-12") == 1


def test_a_page_that_the_site_lacks_is_named(small: Callable[..., Path]) -> None:
    site = small()
    (site / "chapters/a.html").unlink()
    with pytest.raises(FileNotFoundError, match="make book"):
        source.manuscript(site)


def printed(site: Path, name: str = "book.pdf") -> Path:
    write_pdf(source.manuscript(site), ABOUT, site, site / name)
    return site / name


def test_both_files_are_the_same_each_time(small: Callable[..., Path]) -> None:
    site = small(f"<p>A formula, {FORMULA}.</p>", '<p><a href="../index.html">Back</a></p>')
    assert printed(site, "1.pdf").read_bytes() == printed(site, "2.pdf").read_bytes()
    for name in ("1.epub", "2.epub"):
        write_epub(source.manuscript(site), ABOUT, site, site / name)
    assert (site / "1.epub").read_bytes() == (site / "2.epub").read_bytes()


@pytest.mark.parametrize(
    ("written", "set_apart"),
    [
        ("<mi>log</mi><mo>\u2061</mo><mn>2</mn>", "log\u2061_2"),
        ("<mi>log</mi><mo>\u2061</mo><mo>(</mo><mn>2</mn><mo>)</mo>", "log\u2061(2)"),
        ("<mi>t</mi><mi>log</mi><mo>\u2061</mo><mi>p</mi>", "t_log\u2061_p"),
        ("<mo>−</mo><mi>log</mi><mo>\u2061</mo><mrow><mo>(</mo></mrow>", "−log\u2061("),
    ],
)
def test_a_function_stands_apart_from_its_argument(
    small: Callable[..., Path], written: str, set_apart: str
) -> None:
    site = small(FORMULA.replace("<mi>x</mi>", written))
    write_epub(source.manuscript(site), ABOUT, site, site / "book.epub")
    with zipfile.ZipFile(site / "book.epub") as archive:
        page = etree.fromstring(archive.read("book/index.xhtml"))
    for space in page.iter("{*}mspace"):
        space.text = "_"
    assert "".join(page.find(".//{*}semantics")[0].itertext()) == set_apart


def test_a_formula_is_tagged_with_its_tex(small: Callable[..., Path]) -> None:
    with pikepdf.open(printed(small(f"<p>A formula, {FORMULA}.</p>"))) as pdf:
        assert [str(tag.Alt) for tag in structure(pdf) if tag.S == "/Formula"] == ["x"]


DEFECTS = {
    "is cut off": '<p style="white-space: nowrap">' + "one long line " * 20 + "</p>",
    "asks another host": '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "is in no typeface: 一": "<p>A character: &#x4e00;.</p>",
    "is missing": '<img src="gone.png" alt="A picture">',
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_stops_the_printing(small: Callable[..., Path], defect: str) -> None:
    with pytest.raises(CannotPrintError, match=defect):
        printed(small(DEFECTS[defect]))


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><text x="0" y="20" '
    "style=\"font-family: 'DejaVu Sans', sans-serif\">Loss ℓ</text></svg>"
)


def test_a_drawing_brings_its_typeface(small: Callable[..., Path]) -> None:
    site = small('<img src="drawing.svg" alt="A word">')
    (site / "drawing.svg").write_text(DRAWING, "utf8")
    with pikepdf.open(printed(site)) as pdf:
        assert any(str(font.get("/BaseFont")).endswith("+DejaVuSans") for font in fonts(pdf))
    style = etree.fromstring(with_typeface(DRAWING.encode())).findtext("{*}style")
    content = base64.b64decode(re.search(r"base64,([^)]*)\)", style)[1])
    assert set(TTFont(BytesIO(content)).getBestCmap()) == {ord(letter) for letter in "Loss ℓ"}
    assert with_typeface(b"<svg><path/></svg>") == b"<svg><path/></svg>"


def test_a_font_of_the_machine_is_noticed(
    small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typefaces, "OWN", ("SourceSerif4",))
    with pytest.raises(CannotPrintError, match=r"font of this machine, DejaVuSansMono: page 5"):
        printed(small("<p>Words.</p>", "<pre>code</pre>"))


def test_wide_tables_and_formulas_shrink(small: Callable[..., Path]) -> None:
    row = "".join(f"<td>number_{column}</td>" for column in range(16))
    assert printed(small(f"<div><table><tr>{row}</tr></table></div>")).exists()
