"""What an edit of one page's text need not do again is not done, and nothing else is left out."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from docutils.core import publish_doctree
from pybtex.database import Entry
from sphinx import addnodes
from sphinx.search import IndexBuilder, js_index

from tools.sphinx_extension.figure_numbers import count_on_each_page
from tools.sphinx_extension.incremental import (
    OUTLINE,
    format_if_changed,
    load_with_names,
    number_if_outlines_changed,
    outline,
)

PAGE = """
Title
=====

Some text with a number, 1.

.. _loss:

.. figure:: loss.svg
   :name: fig-loss

   How the loss falls.
"""


def outline_of(text: str) -> list[str]:
    return list(outline(publish_doctree(text)))


@pytest.mark.parametrize(
    ("words", "others", "same"),
    [
        ("Some text with a number, 1.", "Other text.\n\nAnd a paragraph more.", True),
        ("How the loss falls.", "How the loss rises.", True),
        ("fig-loss", "fig-cost", False),
        ("   How the loss falls.", "", False),  # without a caption a figure has no number
        ("Some text", "Part\n----\n\nSome text", False),
        (".. figure:: loss.svg\n   :name: fig-loss\n\n   How the loss falls.", "", False),
    ],
)
def test_an_outline_is_another_if_a_number_may_be(words: str, others: str, same: bool) -> None:
    assert words in PAGE
    assert (outline_of(PAGE.replace(words, others)) == outline_of(PAGE)) is same


def environment(**outlines: str) -> Any:
    metadata = {page: {OUTLINE: digest} for page, digest in outlines.items()}
    return SimpleNamespace(metadata=metadata, toc_secnumbers={"one": {"": (1,)}}, toc_fignumbers={})


def test_numbers_are_assigned_if_an_outline_or_a_section_number_changed() -> None:
    called = []

    def assign(collector: Any, env: Any) -> list[str]:
        called.append(1)
        env.toc_fignumbers = {"one": {"figure": {"fig-loss": (1, len(called))}}}
        return ["one"]

    assign_if_needed = number_if_outlines_changed(assign)
    env = environment(one="a", two="b")
    assert assign_if_needed(None, env) == ["one"]  # type: ignore[arg-type]
    numbers = env.toc_fignumbers
    env.toc_fignumbers = {}  # as Sphinx leaves it for the page that was edited
    assert assign_if_needed(None, env) == []  # type: ignore[arg-type]
    assert env.toc_fignumbers == numbers
    assert len(called) == 1
    env.metadata["two"][OUTLINE] = "c"
    assign_if_needed(None, env)  # type: ignore[arg-type]
    assert len(called) == 2
    env.toc_secnumbers = {"one": {"": (2,)}}
    assign_if_needed(None, env)  # type: ignore[arg-type]
    assert len(called) == 3
    del env.metadata["two"][OUTLINE]  # nobody knows what it was
    assign_if_needed(None, env)  # type: ignore[arg-type]
    assign_if_needed(None, env)  # type: ignore[arg-type]
    assert len(called) == 5


def test_figures_outside_the_chapters_are_counted_on_each_page() -> None:
    def assign(collector: Any, env: Any) -> list[str]:
        env.toc_fignumbers = {
            "chapter": {"figure": {"a": (2, 1), "b": (2, 2)}},
            "review": {"figure": {"c": (1,), "d": (2,)}, "table": {"t": (1,)}},
            "reference": {"figure": {"e": (3,), "f": (4,)}},
        }
        return []

    env = environment()
    env.toc_fignumbers = {"chapter": {"figure": {"a": (2, 1), "b": (2, 2)}}}
    assert count_on_each_page(assign)(None, env) == ["review", "reference"]  # type: ignore[arg-type]
    assert env.toc_fignumbers == {
        "chapter": {"figure": {"a": (2, 1), "b": (2, 2)}},
        "review": {"figure": {"c": (1,), "d": (2,)}, "table": {"t": (1,)}},
        "reference": {"figure": {"e": (1,), "f": (2,)}},
    }
    assert count_on_each_page(assign)(None, env) == []  # type: ignore[arg-type]


def test_an_entry_is_typeset_again_only_if_it_or_its_label_changed() -> None:
    typeset = []

    def format_entry(style: Any, label: str, entry: Entry, bib_data: Any = None) -> str:
        typeset.append(label)
        return f"{label}: {entry.fields['title']}"

    env = SimpleNamespace()
    for title, label in [("A", "1"), ("A", "1"), ("B", "1"), ("B", "2"), ("A", "1")]:
        entry = Entry("book", {"title": title})
        found = format_if_changed(env, format_entry)(object(), label, entry)  # type: ignore[arg-type]
        assert found == f"{label}: {title}"
    assert typeset == ["1", "1", "2", "1"]  # what a build did not need is forgotten


def search_index() -> IndexBuilder:
    kept = "titles filenames mapping title_mapping all_titles index_entries objtypes objnames"
    env = SimpleNamespace(version=1, domains={}, all_docs={"a": 0, "b": 0})
    for name in kept.split():
        setattr(env, f"_search_index_{name}", {})
    return IndexBuilder(env, "en", {}, "")  # type: ignore[arg-type]


def test_the_index_of_the_search_keeps_the_names_of_functions() -> None:
    first, written = search_index(), StringIO()
    for page in ("a", "b"):
        tree = publish_doctree(PAGE)
        tree += addnodes.index(entries=[("single", f"Loss {page}", f"loss-{page}", "", None)])
        first.feed(page, f"{page}.md", "Title", tree)
    first.dump(written, js_index)

    def read_and_write(load: Any) -> str:
        index, again = search_index(), StringIO()
        load(index, StringIO(written.getvalue()), js_index)
        index.dump(again, js_index)
        return again.getvalue()

    assert "loss b" in written.getvalue()
    assert read_and_write(load_with_names(IndexBuilder.load)) == written.getvalue()
    assert "loss b" not in read_and_write(IndexBuilder.load)  # or Sphinx does it: ours may go
