"""The finished site is lighter than Sphinx's output, accessible, and never half there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import publish as publishing
from tools.publish import improve, publish


def sphinx_output(tmp_path: Path, **pages: str) -> Path:
    """A folder like Sphinx's, with the named pages."""
    output = tmp_path / "output"
    (output / "_static/vendor").mkdir(parents=True)
    for unused in ("theme.css.map", "vendor/icons.ttf", "sbt-webpack-macros.html"):
        (output / "_static" / unused).write_text("unused", "utf8")
    for name, html in pages.items():
        (output / f"{name}.html").write_text(html, "utf8")
    return output


def test_a_page_loses_the_scripts_it_does_not_need() -> None:
    html = improve(
        '<head><script src="_static/scripts/fontawesome.js?v=1"></script>'
        '<script src="searchindex.js"></script><script src="_static/searchtools.js"></script>'
        '<script type="text/x-thebe-config">{\n}</script><script src="_static/kept.js"></script>'
    )
    assert html == '<head><script src="_static/kept.js"></script>'


def test_a_name_that_has_a_digest_is_given_no_second_one() -> None:
    """Sphinx appends one only if an earlier build left the file: two builds would differ."""
    own = f"_static/mystnb.{'0123456789abcdef' * 4}.css"
    link = '<link href="{}?v={}" />'
    theme = link.format("_static/theme.css", "89abcdef")
    assert improve(link.format(own, "89abcdef") + theme) == f'<link href="{own}" />' + theme


def test_the_search_page_keeps_its_index() -> None:
    script = '<script src="searchindex.js"></script>'
    assert improve(script, is_search=True) == script


def test_one_viewport_is_enough() -> None:
    viewport = '<meta name="viewport" content="width=device-width" />'
    assert improve(viewport + "<title>x</title>" + viewport) == viewport + "<title>x</title>"


def test_a_small_number_in_a_table_is_not_broken_after_its_hyphen() -> None:
    cell = '<td class="x">{} to {}</td><td>1e-03 <b>f</b></td><code>1e-4</code>'
    whole = '<span class="unbroken">{}</span>'
    numbers = "4.3e-07", "1e-1"
    expected = cell.format(*map(whole.format, numbers))
    assert improve(cell.format(*numbers)) == expected


def test_unused_files_are_not_published(tmp_path: Path) -> None:
    target = tmp_path / "html"
    publish(sphinx_output(tmp_path, index="<p>x</p>"), target)
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["index.html"]


def test_the_old_site_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "html"
    target.mkdir()
    (target / "renamed.html").write_text("old", "utf8")
    publish(sphinx_output(tmp_path, index="new"), target)
    assert not (target / "renamed.html").exists()
    assert (target / "index.html").read_text("utf8") == "new"


def test_an_interruption_leaves_the_old_site_and_the_next_run_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "html"
    target.mkdir()
    (target / "index.html").write_text("old", "utf8")
    output = sphinx_output(tmp_path, index="new")

    def interrupt(site: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "subset_fonts", interrupt)
        with pytest.raises(KeyboardInterrupt):
            publish(output, target)
    assert (target / "index.html").read_text("utf8") == "old"
    publish(output, target)
    assert (target / "index.html").read_text("utf8") == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "output"]
