"""What a chapter sets in bold, it defines; and what it defines, the glossary has, and no more.

Bold type in a chapter that teaches is for two things: the words that say what a paragraph does
(`RUN_IN`, or a phrase with a full stop), and a term where it is defined. A bold term belongs to
an entry of the glossary that contains its words and links to the place where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from tools.chapter_code import CELL
from tools.gradient_formulas import DISPLAY
from tools.paths import ROOT

GLOSSARY = ROOT / "chapters/glossary.md"
RUN_IN = re.compile(r"(Pencil|SymPy|Code|Run|Proof|What goes wrong)\b|.*\.$")
BOLD = re.compile(r"\*\*(?P<term>[^*\n]+)\*\*")
HEADING = re.compile(r"^(?:\((?P<label>[\w-]+)\)=\n)?(?P<level>#+) ", re.MULTILINE)
ROLE = re.compile(r"\{term\}`(?:[^`<]*<)?(?P<term>[^`>]+)>?`")


@dataclass(frozen=True)
class Definition:
    """A bold term in a chapter, with the label of the section in which it stands."""

    term: str
    place: str


@dataclass(frozen=True)
class Entry:
    """A term of the glossary with the labels that its entry links to."""

    term: str
    text: str
    places: tuple[str, ...]


def teaching() -> list[Path]:
    """The chapters of the numbered parts."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))["parts"]
    files = [
        chapter["file"] for part in parts if part.get("numbered") for chapter in part["chapters"]
    ]
    return [ROOT / f"{file}.md" for file in files]


def prose(page: Path) -> str:
    return DISPLAY.sub("", CELL.sub("", page.read_text("utf8")))


def definitions_in(text: str) -> Iterator[Definition]:
    place = ""
    marks = [(m.start(), m) for pattern in (HEADING, BOLD) for m in pattern.finditer(text)]
    for _, mark in sorted(marks, key=lambda pair: pair[0]):
        found = mark.groupdict()
        if "level" in found:
            place = found["label"] or place
        elif not RUN_IN.match(found["term"]) and not found["term"].isdigit():
            yield Definition(found["term"], place)


@cache
def definitions() -> list[Definition]:
    return [found for page in teaching() for found in definitions_in(prose(page))]


@cache
def entries() -> list[Entry]:
    (body,) = re.findall(r"^```\{glossary\}\n(.*?)^```$", GLOSSARY.read_text("utf8"), re.M | re.S)
    found = []
    for block in body.strip().split("\n\n"):
        term, text = block.split("\n", 1)
        places = re.findall(r"\{ref\}`([\w-]+)`", text)
        found.append(Entry(term, " ".join(text.split()), tuple(places)))
    return found


def words(term: str) -> set[str]:
    """The words of a term, in the singular and in lower case."""
    return {re.sub(r"(?<=ss)es$|(?<![us])s$", "", word) for word in term.casefold().split()}


def belongs(found: Definition, entry: Entry) -> bool:
    return found.place in entry.places and words(found.term) <= words(entry.term)


def missing(found: list[Definition], stands: list[Entry]) -> list[str]:
    return [
        f"{d.term} ({d.place})" for d in found if not any(belongs(d, entry) for entry in stands)
    ]


def idle(found: list[Definition], stands: list[Entry]) -> list[str]:
    return [
        f"{entry.term} ({place})"
        for entry in stands
        for place in entry.places or ("nowhere",)
        if not any(d.place == place and belongs(d, entry) for d in found)
    ]


def test_every_term_that_a_chapter_defines_is_in_the_glossary() -> None:
    assert len(definitions()) > 100
    assert not missing(definitions(), entries()), (
        "bold terms without an entry that has their words and links to their section"
    )


def test_every_entry_links_to_nothing_but_definitions_of_its_term() -> None:
    assert not idle(definitions(), entries())


def test_entries_are_sorted_and_short_and_each_stands_once() -> None:
    terms = [entry.term.casefold() for entry in entries()]
    assert terms == sorted(terms)
    assert len(set(terms)) == len(terms)
    for entry in entries():
        text, _, _ = entry.text.partition(" → ")
        assert text.endswith("."), entry.term
        sentences = re.split(r"(?<=[.:;]) (?=[A-Z$])", text)
        assert len(sentences) <= 3, entry.term


@pytest.mark.parametrize(
    "page", sorted((ROOT / "chapters").glob("*.md")), ids=lambda path: path.stem
)
def test_every_term_role_names_an_entry(page: Path) -> None:
    known = {entry.term.casefold() for entry in entries()}
    used = {match["term"].strip().casefold() for match in ROLE.finditer(page.read_text("utf8"))}
    assert used <= known


SECTION = """(chapter)=
# A chapter

**Pencil.** A **neuron** has **weights**.

**No term of this page.** Nor is **SymPy**.

(second)=
## A section

**Softmax** turns **2** logits into probabilities. Its **losses** are many.
"""


def test_bold_words_are_found_with_their_section() -> None:
    assert list(definitions_in(SECTION)) == [
        Definition("neuron", "chapter"),
        Definition("weights", "chapter"),
        Definition("Softmax", "second"),
        Definition("losses", "second"),
    ]


def test_a_missing_an_idle_and_a_misplaced_entry_are_noticed() -> None:
    found = [Definition("weights", "chapter"), Definition("Losses", "second")]
    right = [Entry("weight", "", ("chapter",)), Entry("loss", "", ("second",))]
    assert not missing(found, right)
    assert not idle(found, right)
    assert missing(found, right[:1]) == ["Losses (second)"]
    assert idle(found[:1], right) == ["loss (second)"]
    misplaced = [right[0], Entry("loss", "", ("chapter",))]
    assert missing(found, misplaced) == ["Losses (second)"]
    assert idle(found, misplaced) == ["loss (chapter)"]
    assert idle(found, [*right, Entry("bias", "", ())]) == ["bias (nowhere)"]
