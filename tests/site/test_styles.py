"""Style sheets keep every rule that can apply to a page, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.styles import cut_styles

SHEET = {
    "a class of a page": (".shown{a:b}", ".shown{a:b}"),
    "a class that no page has": (".gone{a:b}", ""),
    "an id that no page has": ("#gone p{a:b}", ""),
    "one selector of two": (".gone p,p.shown{a:b}", "p.shown{a:b}"),
    "an element": ("table>td:hover{a:b}", "table>td:hover{a:b}"),
    "a class that a script sets": (".opened{a:b}", ".opened{a:b}"),
    "a class that a script puts together": (".tip-side-top{a:b}", ".tip-side-top{a:b}"),
    "a part of a class of a page": (".show{a:b}", ""),
    "a condition": ("@media print{.gone{a:b}.shown{c:d}}", "@media print{.shown{c:d}}"),
    "a condition for nothing": ("@media print{.gone{a:b}}", ""),
    "what is not there": ("p:not(.gone){a:b}", "p:not(.gone){a:b}"),
    "alternatives": (":is(.gone,p) a{a:b}", ":is(.gone,p) a{a:b}"),
    "a font": ("@font-face{src:url(x.woff2)}", "@font-face{src:url(x.woff2)}"),
    "an import": ('@import "other.css";', '@import "other.css";'),
    "a selector with an attribute": ('[data-x=".gone"]{a:b}', '[data-x=".gone"]{a:b}'),
    "a comment with a brace": ("/* } */.shown{a:b}", ".shown{a:b}"),
    "an icon": ('.shown::before{content:"\\f02d"}', '.shown::before{content:"\\f02d"}'),
}


@pytest.mark.parametrize("rule", SHEET)
def test_what_can_apply_stays(tmp_path: Path, rule: str) -> None:
    before, after = SHEET[rule]
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/x.css").write_text(before, "utf8")
    (tmp_path / "_static/x.js").write_text('open("opened"); tip("tip-side" + "-" + side)', "utf8")
    (tmp_path / "index.html").write_text('<p class="shown-here shown" id="top">x</p>', "utf8")
    cut_styles(tmp_path)
    found = (tmp_path / "_static/x.css").read_text("utf8")
    assert found.replace("\uf02d", "\\f02d").replace("\\f02d ", "\\f02d") == after
