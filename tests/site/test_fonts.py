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


def test_the_icons_are_those_that_a_rule_draws(tmp_path: Path) -> None:
    (tmp_path / "_static").mkdir()
    sheet = r'.a{--icon:"\f02d"} .b{content:"\f002"} .c{content:""} .d{content:"x"}'
    (tmp_path / "_static/theme.css").write_text(sheet, "utf8")
    assert used_icons(tmp_path) == {0xF02D, 0xF002, 0xF1B9}


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
