"""`{book-citation} text` and `{book-citation} bibtex`: how to cite the book, ready to be copied."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools.citation import SOURCE, as_bibtex, as_text

FORMS = {"text": as_text, "bibtex": as_bibtex}


class BookCitation(SphinxDirective):
    """A block of code, to which the theme adds a button that copies it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        form = self.arguments[0]
        if form not in FORMS:
            raise self.error(f"book-citation: {form!r} is none of {', '.join(FORMS)}")
        self.env.note_dependency(str(SOURCE))
        text = FORMS[form]()
        classes = ["book-citation"] if form == "text" else []
        return [nodes.literal_block(text, text, language=form, classes=classes)]


def setup(app: Sphinx) -> None:
    app.add_directive("book-citation", BookCitation)
