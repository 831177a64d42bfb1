"""Every section of the review of mathematics runs something, and says where the book uses it."""

from __future__ import annotations

import ast
import re

import pytest

from tools.chapter_code import CELL
from tools.contents import pages
from tools.paths import ROOT

PAGE = ROOT / "chapters/math-review.md"
SECTION = re.compile(
    r"^\((?P<label>[\w-]+)\)=\n### [^\n]+\n(?P<body>.*?)(?=^\([\w-]+\)=\n###|^## |\Z)",
    re.MULTILINE | re.DOTALL,
)
USED = re.compile(r"^Used [^\n]+$", re.MULTILINE)


def problems(body: str) -> list[str]:
    found = []
    cells = [ast.parse(cell["code"].rstrip().removesuffix(";")) for cell in CELL.finditer(body)]
    if not any(isinstance(node, ast.Assert) for cell in cells for node in ast.walk(cell)):
        found.append("no cell asserts anything")
    links = [link for line in USED.findall(body) for link in re.findall(r"\{ref\}`([\w-]+)`", line)]
    known = {
        label
        for page in pages()
        if page.suffix == ".md" and page != PAGE
        for label in re.findall(r"^\(([\w-]+)\)=$", page.read_text("utf8"), re.MULTILINE)
    }
    if not links or not {*links} <= known:
        found.append("no line says where it is used, by labels that exist")
    return found


SECTIONS = list(SECTION.finditer(PAGE.read_text("utf8")))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section["label"])
def test_a_section_runs_and_says_where_it_is_used(section: re.Match[str]) -> None:
    assert not problems(section["body"])


def test_every_section_is_found_and_a_missing_part_is_noticed() -> None:
    text = CELL.sub("", PAGE.read_text("utf8"))
    assert len(SECTIONS) == len(re.findall(r"^### ", text, re.MULTILINE)) > 10
    body = SECTIONS[0]["body"]
    assert problems(body.replace("assert ", "print(1); ")) == ["no cell asserts anything"]
    for wrong in (body.replace("Used in", "See"), body.replace("{ref}`why-", "{ref}`whence-")):
        assert problems(wrong) == ["no line says where it is used, by labels that exist"]
