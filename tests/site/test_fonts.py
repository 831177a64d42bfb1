"""Fonts keep what the pages show, and nothing else."""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from tools.fonts import cut, used_characters, used_icons


def test_the_characters_of_all_pages_are_used(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "index.html").write_text("<p>&part;x</p>", "utf8")
    (tmp_path / "api/nn.html").write_text("<p>ℝ</p>", "utf8")
    assert used_characters(tmp_path) == set(map(ord, "<p>∂x</p>ℝ"))


def test_an_icon_is_used_if_a_page_names_it_or_the_theme_draws_it(tmp_path: Path) -> None:
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/theme.css").write_text(
        r'.fa-book:before{content:"\f02d"} .fa-car:before{content:"\f1b9"} .x{content:"\f002"}',
        "utf8",
    )
    (tmp_path / "index.html").write_text('<i class="fas fa-book"></i>', "utf8")
    assert used_icons(tmp_path) == {0xF02D, 0xF002}


def test_a_cut_font_has_the_wanted_glyphs(tmp_path: Path) -> None:
    path = tmp_path / "A.woff2"
    names = [".notdef", "x", "y"]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord("x"): "x", ord("y"): "y"})
    builder.setupGlyf({name: TTGlyphPen(None).glyph() for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 0)))
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "A", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.font.flavor = "woff2"
    builder.save(path)
    cut(path, {ord("x"), ord("∂")})
    with TTFont(path) as font:
        assert set(font.getBestCmap()) == {ord("x")}
