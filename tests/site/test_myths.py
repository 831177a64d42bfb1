"""Every entry of the page of folklore has its claim, its test, its verdict and its chapter."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest

from tools.chapter_code import CELL
from tools.contents import pages
from tools.paths import ROOT

PAGE = ROOT / "chapters/myths.md"
ENTRY = re.compile(
    r"^\((?P<label>[\w-]+)\)=\n## (?P<claim>[^\n]+)\n(?P<body>.*?)(?=^\([\w-]+\)=\n## |\Z)",
    re.MULTILINE | re.DOTALL,
)
VERDICT = re.compile(r"^\*\*Verdict: [^*.]+\.\*\* (?P<reason>[^\n]+)$", re.MULTILINE)
REF = re.compile(r"\{ref\}`([\w-]+)`")


def entries(text: str) -> list[re.Match[str]]:
    assert len(re.findall(r"^## ", CELL.sub("", text), re.MULTILINE)) == len(ENTRY.findall(text))
    return list(ENTRY.finditer(text))


def labels() -> set[str]:
    """The labels of all other pages."""
    others = [page for page in pages() if page != PAGE and page.suffix == ".md"]
    return {
        label
        for page in others
        for label in re.findall(r"^\(([\w-]+)\)=$", page.read_text("utf8"), re.MULTILINE)
    }


def problems(entry: re.Match[str]) -> list[str]:
    found = []
    if not re.fullmatch("“[^“”]+”", entry["claim"]):
        found.append("the heading is not a claim in quotation marks")
    cells = [
        ast.parse(match["code"].rstrip().removesuffix(";"))
        for match in CELL.finditer(entry["body"])
    ]
    if not any(isinstance(node, ast.Assert) for cell in cells for node in ast.walk(cell)):
        found.append("no cell asserts what was measured")
    shown = cells and cells[-1].body and cells[-1].body[-1]
    if not (isinstance(shown, ast.Expr) and isinstance(shown.value, ast.Call)):
        found.append("the last cell does not show what was measured")
    rest = entry["body"]
    for match in CELL.finditer(entry["body"]):
        rest = entry["body"][match.end() :]
    verdicts = VERDICT.findall(rest)
    if len(verdicts) != 1 or not re.fullmatch(r"[^.?!]*(?:\d\.\d[^.?!]*)*\.", verdicts[0]):
        found.append("the cells are not followed by one verdict of one sentence")
    links = REF.findall(rest)
    if not links or not {*links} <= labels():
        found.append("the verdict is not followed by a link to the chapter that derives it")
    return found


@pytest.mark.parametrize("entry", entries(PAGE.read_text("utf8")), ids=lambda entry: entry["label"])
def test_an_entry_has_all_its_parts(entry: re.Match[str]) -> None:
    assert not problems(entry)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda text: re.sub("[“”]", "", text), "quotation marks"),
        (lambda text: text.replace("assert ", "bool("), "asserts"),
        (lambda text: text.replace("\nprint(", "\nshown = ("), "show what was measured"),
        (lambda text: text.replace("**Verdict: wrong.**", "It is wrong."), "one verdict"),
        (
            lambda text: text.replace("**Verdict: wrong.**", "**Verdict: wrong.** No."),
            "one verdict",
        ),
        (lambda text: text.replace("{ref}`losses-stability`", "a chapter"), "a link"),
        (lambda text: text.replace("losses-stability", "no-such-label"), "a link"),
    ],
)
def test_a_missing_part_is_noticed(spoil: Callable[[str], str], problem: str) -> None:
    text = next(e[0] for e in entries(PAGE.read_text("utf8")) if e["label"] == "myth-clip")
    spoiled = spoil(text)
    assert spoiled != text
    if problem == "asserts":
        spoiled = re.sub(r"bool\((.*)$", r"bool(\1)", spoiled, flags=re.MULTILINE)
    (entry,) = ENTRY.finditer(spoiled)
    assert any(problem in found for found in problems(entry))
