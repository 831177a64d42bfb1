"""What a build after an edit of one page need not do again, although Sphinx would.

Whatever is kept lies in Sphinx's environment, or beside it, and is thrown away with it. The site is
the same as after a build of all pages.

- *Numbers of figures and equations.* Sphinx loads the trees of all pages to count them. They follow
  from the outlines of the pages; as long as none of these has changed, they are as they were.
- *Entries of the bibliography.* They are typeset anew for every build; here, each as it changes.
- *Templates.* Jinja compiles those of the theme for every build; it can keep the result.
- *The index of the search.* Sphinx takes it over from the build before, but forgets the names of
  functions in it.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import IO, Any

from docutils import nodes
from jinja2 import FileSystemBytecodeCache
from pybtex.style.formatting import BaseStyle
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.search import IndexBuilder, js_index

from tools.sphinx_extension.figure_numbers import Assign, count_on_each_page

AFTER_EVERY_OTHER_HANDLER = 999
OUTLINE = "outline"
"""Where a page keeps, in its metadata, the digest of all that can decide a number."""


# --- numbers of figures and equations -------------------------------------------------------------


def outline(node: nodes.Element, depth: int = 0) -> Iterator[str]:
    """A line for every element that can have a number, or that other pages hang on.

    Whatever has an identifier counts, with all its attributes and, as a caption is one, the kinds
    of its children: more than decides a number. An edit of the text leaves the outline as it is.
    """
    for child in node.children:
        if isinstance(child, nodes.Element):
            is_section = isinstance(child, nodes.section)
            if child["ids"] or isinstance(child, addnodes.toctree):
                inside = [] if is_section else [one.tagname for one in child.children]
                yield f"{depth} {child.starttag()} {inside}"
            yield from outline(child, depth + is_section)


def keep_outline(app: Sphinx, doctree: nodes.document) -> None:
    digest = hashlib.sha256("\n".join(outline(doctree)).encode()).hexdigest()
    app.env.metadata[app.env.docname][OUTLINE] = digest


def number_if_outlines_changed(assign: Assign) -> Assign:
    """Sphinx's method that assigns all numbers, called only if they may be others than before."""

    def assign_figure_numbers(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
        outlines = {page: kept.get(OUTLINE) for page, kept in env.metadata.items()}
        decisive = (outlines, env.toc_secnumbers)
        before, numbers = getattr(env, "numbers_kept", (None, {}))
        if decisive == before and None not in outlines.values():
            env.toc_fignumbers = copy.deepcopy(numbers)  # Sphinx forgot those of the edited page
            return []
        changed = assign(collector, env)
        env.numbers_kept = copy.deepcopy((decisive, env.toc_fignumbers))  # type: ignore[attr-defined]
        return changed

    return assign_figure_numbers


# --- entries of the bibliography ------------------------------------------------------------------


def format_if_changed(
    env: BuildEnvironment, format_entry: Callable[..., Any]
) -> Callable[..., Any]:
    """pybtex's method that typesets an entry, called only if this one is not in `env`."""
    kept: dict[tuple[str, str, str], Any] = getattr(env, "entries_kept", {})
    env.entries_kept = used = {}  # type: ignore[attr-defined]

    def format_or_find(style: BaseStyle, label: str, entry: Any, bib_data: Any = None) -> Any:
        key = (type(style).__qualname__, label, repr(entry))
        if key not in used:
            used[key] = kept[key] if key in kept else format_entry(style, label, entry, bib_data)
        return used[key]

    return format_or_find


# --- index of the search --------------------------------------------------------------------------


def load_with_names(load: Callable[..., None]) -> Callable[..., None]:
    """Sphinx's method that reads the index of the build before, with the entries it leaves out."""

    def load_index(index: IndexBuilder, stream: IO[str], format: Any) -> None:
        text = stream.read()
        load(index, StringIO(text), format)
        frozen = js_index.loads(text)
        # In the order in which a build of all pages comes to them, which also the new ones have.
        entries: dict[str, list[tuple[str, str, str]]] = {
            page: [] for page in sorted(index.env.all_docs)
        }
        for name, places in frozen["indexentries"].items():
            for page, target, is_main in places:
                place = (name, target, "main" if is_main else "")
                entries.setdefault(frozen["docnames"][page], []).append(place)
        index._index_entries = entries

    return load_index


# --- all of them ----------------------------------------------------------------------------------


def begin(app: Sphinx) -> None:
    BaseStyle.format_entry = format_if_changed(app.env, FORMAT_ENTRY)
    templates = getattr(app.builder, "templates", None)  # of builders that write HTML
    if templates is not None:
        folder = Path(app.doctreedir, "templates")
        folder.mkdir(parents=True, exist_ok=True)
        templates.environment.bytecode_cache = FileSystemBytecodeCache(str(folder))


FORMAT_ENTRY = BaseStyle.format_entry
ASSIGN_FIGURE_NUMBERS = TocTreeCollector.assign_figure_numbers
LOAD_INDEX = IndexBuilder.load


def setup(app: Sphinx) -> None:
    counted = number_if_outlines_changed(count_on_each_page(ASSIGN_FIGURE_NUMBERS))
    TocTreeCollector.assign_figure_numbers = counted  # type: ignore[assignment,method-assign]
    IndexBuilder.load = load_with_names(LOAD_INDEX)  # type: ignore[method-assign]
    app.connect("doctree-read", keep_outline, priority=AFTER_EVERY_OTHER_HANDLER)
    app.connect("builder-inited", begin)
