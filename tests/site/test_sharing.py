"""Found and shared: addresses, descriptions, dates, the card, the citation, the missing page."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tools import citation, social_card
from tools.contents import config, pages
from tools.paths import ROOT
from tools.publish import improve, publish
from tools.sitemap import entries, write_sitemap
from tools.sphinx_extension.repository_links import written_source

DAY = "2026-03-04T23:30:00-05:00"  # the fifth in UTC
EXTENSIONS = ["tools.sphinx_extension.repository_links", "tools.sphinx_extension.sharing"]


@pytest.fixture
def of_ada(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout of github.com/ada/book."""
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", "ada/book")


@pytest.fixture
def of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that belongs to no repository."""
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setattr("tools.addresses.repository", lambda: None)
    monkeypatch.setattr("tools.sphinx_extension.repository_links.repository", lambda: None)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    environment = os.environ | {"GIT_AUTHOR_DATE": DAY, "GIT_COMMITTER_DATE": DAY}
    subprocess.run(
        ["git", "-C", str(folder), *who, *arguments],
        env=environment,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A book of one page, in a repository with one commit, and one page that is not in it."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "conf.py").write_text("", "utf8")
    page = "A title\n=======\n\nWhat it is about, first of all.\n"
    (folder / "index.rst").write_text(page, "utf8")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    (folder / "new.rst").write_text(":orphan:\n\nNew\n===\n\nNot committed.\n", "utf8")
    return folder


def build(sources: Path, output: Path) -> Callable[[str], str]:
    """Build strictly; what the named page says."""
    settings = {
        "extensions": EXTENSIONS, "html_theme": "sphinx_book_theme", "html_title": "The book"
    }  # fmt: skip
    with docutils_namespace():
        app = Sphinx(
            sources, sources, output, output / "doctrees", "html", settings,
            warningiserror=True, status=None, warning=io.StringIO(),
        )  # fmt: skip
        app.build()
    return lambda page: (output / f"{page}.html").read_text("utf8")


@pytest.mark.slow
@pytest.mark.usefixtures("of_ada")
def test_a_page_says_where_it_is_what_it_is_and_when_it_changed(
    sources: Path, tmp_path: Path
) -> None:
    page = build(sources, tmp_path / "out")
    head, address = page("index"), "https://ada.github.io/book"
    assert f'<link rel="canonical" href="{address}/index.html"' in head
    for name, content in {
        'property="og:title"': "A title",
        'property="og:url"': f"{address}/index.html",
        'property="og:site_name"': "The book",
        'property="og:description"': "What it is about, first of all.",
        'name="description"': "What it is about, first of all.",
        'property="og:image"': f"{address}/_static/social-card.png",
        'property="og:image:width"': "1200",
        'property="og:image:height"': "630",
        'property="og:image:alt"': social_card.ALTERNATIVE_TEXT,
        'name="twitter:card"': "summary_large_image",
        'property="article:modified_time"': "2026-03-05T04:30:00+00:00",
    }.items():
        assert f'<meta {name} content="{content}" />' in head
    assert "Last updated on 05 March 2026" in head
    assert "Last updated" not in page("new")
    assert "Last updated" not in page("genindex")


@pytest.mark.slow
@pytest.mark.usefixtures("of_nobody")
def test_without_an_address_nothing_is_claimed(sources: Path, tmp_path: Path) -> None:
    head = build(sources, tmp_path / "out")("index")
    assert "canonical" not in head
    assert "og:" not in head
    assert "Last updated on 05 March 2026" in head


@pytest.mark.slow
@pytest.mark.usefixtures("of_nobody")
@pytest.mark.parametrize("kind", ["shallow", "no repository"])
def test_what_git_does_not_know_is_not_dated(sources: Path, tmp_path: Path, kind: str) -> None:
    if kind == "shallow":
        (sources / "other.txt").write_text("x", "utf8")
        git(sources, "add", "other.txt")
        git(sources, "commit", "-q", "-m", "two")
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "-q", "--depth=1", sources.as_uri(), str(clone))
    else:
        clone = tmp_path / "copy"
        clone.mkdir()
        for file in ("conf.py", "index.rst"):
            (clone / file).write_bytes((sources / file).read_bytes())
    assert "Last updated" not in build(clone, tmp_path / "out")("index")


# --- What search engines read ---------------------------------------------------------------------


def page(address: str, changed: str = "") -> str:
    date = f'<meta property="article:modified_time" content="{changed}" />' if changed else ""
    return f'<html><head><link rel="canonical" href="{address}" />{date}</head></html>'


def test_the_sitemap_lists_each_page_with_its_date(tmp_path: Path) -> None:
    (tmp_path / "chapters").mkdir()
    (tmp_path / "index.html").write_text(page("https://a.example/b/index.html"), "utf8")
    (tmp_path / "chapters/x.html").write_text(
        page("https://a.example/b/chapters/x.html", "2026-03-05T04:30:00+00:00"), "utf8"
    )
    for name in ("404", "search"):
        (tmp_path / f"{name}.html").write_text(page(f"https://a.example/b/{name}.html"), "utf8")
    write_sitemap(tmp_path)
    found = ElementTree.parse(tmp_path / "sitemap.xml").getroot()
    assert [[cell.text for cell in entry] for entry in found] == [
        ["https://a.example/b/chapters/x.html", "2026-03-05T04:30:00+00:00"],
        ["https://a.example/b/index.html"],
    ]


def test_a_site_without_an_address_has_no_sitemap(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<html></html>", "utf8")
    write_sitemap(tmp_path)
    assert entries(tmp_path) == []
    assert not (tmp_path / "sitemap.xml").exists()


# --- The page for missing pages -------------------------------------------------------------------

RELATIVE = (
    '<html data-content_root="./"><link href="_static/a.css"><script src="_static/a.js"></script>'
    '<a href="#main">x</a><a href="./index.html">x</a><a href="https://ada.example">x</a>'
)


@pytest.mark.usefixtures("of_ada")
def test_the_page_for_missing_pages_works_at_every_address(tmp_path: Path) -> None:
    output = tmp_path / "output"
    (output / "_static").mkdir(parents=True)
    for name in ("404", "index"):
        (output / f"{name}.html").write_text(RELATIVE, "utf8")
    publish(output, tmp_path / "html")
    assert (tmp_path / "html/404.html").read_text("utf8") == (
        '<html data-content_root="/book/"><link href="/book/_static/a.css">'
        '<script src="/book/_static/a.js"></script>'
        '<a href="#main">x</a><a href="/book/index.html">x</a><a href="https://ada.example">x</a>'
    )
    assert (tmp_path / "html/index.html").read_text("utf8") == RELATIVE


@pytest.mark.usefixtures("of_nobody")
def test_where_the_address_is_not_known_the_page_is_left_as_it_is(tmp_path: Path) -> None:
    output = tmp_path / "output"
    (output / "_static").mkdir(parents=True)
    (output / "404.html").write_text(RELATIVE, "utf8")
    publish(output, tmp_path / "html")
    assert (tmp_path / "html/404.html").read_text("utf8") == RELATIVE


def test_only_the_search_page_is_told_to_do_without_summaries_in_a_folder() -> None:
    script = '<script src="_static/documentation_options.js?v=1"></script>'
    assert improve(script) == script
    searching = improve(script, is_search=True)
    assert searching.startswith(script)
    assert "SHOW_SEARCH_SUMMARY = false" in searching


# --- Links to the repository ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "written"),
    [
        ("chapters/losses", "chapters/losses.md", "chapters/losses.md"),
        ("exercises/losses", "exercises/losses.ipynb", "solutions/losses.md"),
        ("solutions/losses", "solutions/losses.ipynb", "solutions/losses.md"),
        ("changes", "changes.md", "CHANGELOG.md"),
    ],
)
def test_what_is_edited_is_what_a_person_wrote(name: str, file: str, written: str) -> None:
    assert written_source(name, file) == written


def test_every_page_has_a_file_to_edit() -> None:
    for path in pages():
        file = path.relative_to(ROOT)
        assert (ROOT / written_source(file.with_suffix("").as_posix(), file.as_posix())).exists()


# --- The citation ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("of_ada")
def test_the_book_is_cited_with_its_address() -> None:
    about = citation.citation()
    assert citation.as_text() == (
        f"{about['authors'][0]['name']} ({citation.year(about)}). {about['title']}. "
        f"Version {about['version']}. https://ada.github.io/book/"
    )
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", citation.as_bibtex(), re.MULTILINE))
    assert fields == {
        "author": f"{{{about['authors'][0]['name']}}}",
        "title": f"{{{about['title']}}}",
        "year": citation.year(about),
        "version": about["version"],
        "url": "https://ada.github.io/book/",
    }


@pytest.mark.usefixtures("of_nobody")
def test_without_an_address_the_citation_has_none() -> None:
    assert "http" not in citation.as_text() + citation.as_bibtex()


def test_the_year_is_that_of_the_release_or_of_the_copyright() -> None:
    assert citation.year({"date-released": "2031-02-03"}) == "2031"
    assert citation.year({}) == config()["copyright"]


def test_people_and_groups_are_named() -> None:
    people = [{"given-names": "Ada", "family-names": "King"}, {"name": "The authors"}]
    assert citation.people({"authors": people}) == ["Ada King", "The authors"]


# --- The card -------------------------------------------------------------------------------------


def test_the_card_has_the_size_that_others_show() -> None:
    with Image.open(social_card.CARD) as card:
        assert card.size == (1200, 630)
    assert social_card.CARD.stat().st_size < 100_000


@pytest.mark.built
def test_the_card_shows_what_the_library_computes() -> None:
    drawn = social_card.draw()
    assert social_card.difference(drawn, social_card.CARD.read_bytes()) < 0.01, (
        "the figures have changed: run .venv/bin/python -m tools.social_card"
    )


def test_pictures_that_differ_are_told_apart() -> None:
    def picture(color: str) -> bytes:
        file = io.BytesIO()
        Image.new("RGB", (4, 4), color).save(file, "PNG")
        return file.getvalue()

    assert social_card.difference(picture("white"), picture("white")) == 0
    assert social_card.difference(picture("white"), picture("#fafafa")) > 0.01
