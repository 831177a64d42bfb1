"""A page as Sphinx has resolved it, written in the Markdown that Jupyter and Colab show.

Sphinx has numbered the equations and figures and resolved every reference, so nothing of MyST is
left: this module only has to write headings, paragraphs, tables, formulas and links down again.
Links become addresses of the published site. A kind of node that is not known here is an error:
silently leaving out a part of a page would be worse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

from docutils import nodes

SPECIAL = re.compile(r"[\\`*$]|\[|\](?=[(\[])|<(?=[A-Za-z/!])|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown, or Jupyter's math, would take for its own."""

LINE_START = re.compile(r"(?:[#>+-]|\d+[.)])(?=\s)|[-=~]{3,}")
"""What would begin a heading, a list, a quotation or a rule at the start of a paragraph."""

SCRIPT = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->", re.DOTALL)
"""HTML that shows nothing by itself."""

FOLDING = re.compile(r"</?(?:details|summary)\b[^>]*>|[^<>]+")
"""HTML that Jupyter shows as the page does."""

ADMONITIONS = {
    *("admonition", "attention", "caution", "danger", "error", "hint", "important", "note"),
    *("seealso", "tip", "topic", "warning"),
}

INVISIBLE = {
    *("colspec", "comment", "index", "meta", "pending", "substitution_definition", "target"),
    *("sd_tab_input", "toctree"),
}

GROUPS = {
    *("compound", "container", "document", "figure", "glossary", "legend", "section"),
}
"""Nodes that are no more than what is in them."""


class UnknownNodeError(Exception):
    """A page has something that no notebook shows yet."""

    def __init__(self, node: nodes.Node) -> None:
        self.node = node
        name = type(node).__name__
        super().__init__(
            f"tools/notebook_markdown.py cannot write a `{name}` as Markdown; the notebook that "
            "readers launch would lack it. Teach it, or write the page without."
        )


@dataclass(frozen=True)
class Page:
    """What the text of one page needs to know beyond its nodes."""

    address: str
    """Of the page on the site."""

    image: Callable[[str], str]
    """The address of an image on the site, by its address in the nodes."""

    label: Callable[[nodes.Element], str]
    """The number of a figure, table or equation as the page shows it ("Fig. 2.1"), or nothing."""


class Markdown:
    """Writes the nodes of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.in_table = False

    # Blocks

    def blocks(self, found: Iterable[nodes.Node]) -> str:
        """Paragraphs and everything else that stands between empty lines."""
        return "\n\n".join(filter(None, (self.block(node).strip("\n") for node in found)))

    def block(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text | nodes.Inline) and not isinstance(node, nodes.raw):
            return self.inline([node])
        assert isinstance(node, nodes.Element)
        kind = node.tagname
        if kind in INVISIBLE:
            return ""
        if kind in ADMONITIONS:
            return self.admonition(node)
        if kind in ("rubric", "sd_tab_label"):
            return f"**{self.inline(node.children)}**"
        if kind in GROUPS:
            if node.get("design_component") == "dropdown":
                return self.folded(node)
            return self.blocks(node.children)
        write = getattr(self, f"block_{kind}", None)
        if write is None:
            raise UnknownNodeError(node)
        return str(write(node))

    def block_paragraph(self, node: nodes.Element) -> str:
        text = self.inline(node.children).strip()
        start = LINE_START.match(text)
        return f"\\{text}" if start and not text[0].isdigit() else escaped_number(text, start)

    block_compact_paragraph = block_attribution = block_paragraph

    def block_caption(self, node: nodes.Element) -> str:
        label = self.page.label(node.parent)
        opening = f"**{label}.** " if label else ""
        return opening + self.inline(node.children)

    def block_math_block(self, node: nodes.Element) -> str:
        formula = without_tags(node.astext().strip())
        if node.get("nowrap"):
            return formula
        label = self.page.label(node)
        tag = f"\n\\tag{{{label}}}" if label else ""
        return f"$$\n{formula}{tag}\n$$"

    def block_literal_block(self, node: nodes.Element) -> str:
        language = str(node.get("language", "")).replace("ipython3", "python")
        text = node.astext().rstrip("\n")
        runs = re.findall(r"`{3,}", text)
        fence = "`" * max([3, *(len(run) + 1 for run in runs)])
        return f"{fence}{'' if language in ('none', 'text') else language}\n{text}\n{fence}"

    block_doctest_block = block_literal_block

    def block_bullet_list(self, node: nodes.Element) -> str:
        return "\n".join(item("- ", self.blocks(entry.children)) for entry in node.children)

    def block_enumerated_list(self, node: nodes.Element) -> str:
        numbered = enumerate(node.children, start=int(node.get("start", 1)))
        return "\n".join(item(f"{n}. ", self.blocks(entry.children)) for n, entry in numbered)

    def block_definition_list(self, node: nodes.Element) -> str:
        return self.blocks(node.children)

    def block_definition_list_item(self, node: nodes.Element) -> str:
        terms = [child for child in node.children if isinstance(child, nodes.term)]
        meanings = [child for child in node.children if isinstance(child, nodes.definition)]
        named = ", ".join(self.inline(term.children) for term in terms)
        told = self.blocks(part for meaning in meanings for part in meaning.children)
        return item("- ", f"**{named}**\n\n{told}")

    def block_block_quote(self, node: nodes.Element) -> str:
        return quoted(self.blocks(node.children))

    def admonition(self, node: nodes.Element) -> str:
        titles = [child for child in node.children if isinstance(child, nodes.title)]
        rest = [child for child in node.children if not isinstance(child, nodes.title)]
        said = " ".join(self.inline(title.children) for title in titles)
        return quoted(f"**{said or node.tagname.capitalize()}**\n\n{self.blocks(rest)}")

    def block_transition(self, _: nodes.Element) -> str:
        return "---"

    def block_image(self, node: nodes.Element) -> str:
        return self.inline([node])

    def block_raw(self, node: nodes.Element) -> str:
        """HTML that folds an answer stays; what else is to be seen is on the page."""
        if "html" not in node.get("format", "").split():
            return ""
        text = SCRIPT.sub("", node.astext()).strip()
        return text if FOLDING.sub("", text) == "" else self.interactive()

    def interactive(self) -> str:
        return f"*On [the page of the book]({self.page.address}) something moves here.*"

    def block_interactive(self, node: nodes.Element) -> str:
        """An interactive figure: a link to where it moves, and what stands for it elsewhere."""
        return f"{self.interactive()}\n\n{self.blocks(node.children)}"

    def folded(self, node: nodes.Element) -> str:
        """An answer that opens when it is clicked; the page has it in a box."""
        title, *rest = node.children
        summary = self.inline(title.children)
        return f"<details>\n<summary>{summary}</summary>\n\n{self.blocks(rest)}\n\n</details>"

    def block_dropdown_main(self, node: nodes.Element) -> str:
        return self.folded(node)

    # Tables

    def block_table(self, node: nodes.Element) -> str:
        titles = [child for child in node.children if isinstance(child, nodes.title)]
        label = self.page.label(node)
        caption = " ".join(self.inline(title.children) for title in titles)
        heading = f"**{label}.** {caption}" if label else f"**{caption}**" if caption else ""
        rows = list(node.findall(nodes.row))
        heads = [row for row in rows if isinstance(row.parent, nodes.thead)]
        bodies = [row for row in rows if not isinstance(row.parent, nodes.thead)]
        columns = max(len(row.children) for row in rows)
        first = self.row(heads[0]) if heads else ["" for _ in range(columns)]
        lines = [first, ["---"] * columns, *(self.row(row) for row in [*heads[1:], *bodies])]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{heading}\n\n{table}" if heading else table

    def row(self, node: nodes.Element) -> list[str]:
        """The cells of a row; a line break stands between the paragraphs of a cell."""
        self.in_table = True
        cells = [
            re.sub(r"\s*\n\s*", "<br>", self.blocks(entry.children)) for entry in node.children
        ]
        self.in_table = False
        return cells

    # Inside a paragraph

    def inline(self, found: Iterable[nodes.Node]) -> str:
        return "".join(self.word(node) for node in found)

    def word(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text):
            text = SPECIAL.sub(r"\\\g<0>", str(node).replace("\n", " "))
            return text.replace("|", "\\|") if self.in_table else text
        assert isinstance(node, nodes.Element)
        if node.tagname in INVISIBLE:
            return ""
        write = getattr(self, f"inline_{node.tagname}", None)
        if write is None:
            raise UnknownNodeError(node)
        return str(write(node))

    def inline_inline(self, node: nodes.Element) -> str:
        return self.inline(node.children)

    inline_generated = inline_abbreviation = inline_setting = inline_pending_xref = inline_inline
    inline_paragraph = inline_inline

    def inline_strong(self, node: nodes.Element) -> str:
        return f"**{self.inline(node.children)}**"

    def inline_emphasis(self, node: nodes.Element) -> str:
        return f"*{self.inline(node.children)}*"

    inline_title_reference = inline_emphasis

    def inline_literal(self, node: nodes.Element) -> str:
        text = node.astext().replace("\n", " ")
        if self.in_table:
            text = text.replace("|", "\\|")
        ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
        space = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{ticks}{space}{text}{space}{ticks}"

    def inline_math(self, node: nodes.Element) -> str:
        formula = without_tags(" ".join(node.astext().split()))
        if self.in_table:
            formula = formula.replace("\\|", "\\Vert ").replace("|", "\\vert ")
        return f"${formula}$"

    def inline_reference(self, node: nodes.Element) -> str:
        target = node["refuri"] if node.get("refuri") else f"#{node.get('refid', '')}"
        return f"[{self.inline(node.children)}]({urljoin(self.page.address, target)})"

    inline_number_reference = inline_footnote_reference = inline_reference

    def inline_image(self, node: nodes.Element) -> str:
        return f"![{node.get('alt', '')}]({self.page.image(node['uri'])})"

    def inline_subscript(self, node: nodes.Element) -> str:
        return f"<sub>{self.inline(node.children)}</sub>"

    def inline_superscript(self, node: nodes.Element) -> str:
        return f"<sup>{self.inline(node.children)}</sup>"

    def inline_raw(self, node: nodes.Element) -> str:
        """Only what the page adds for the eye: an arrow on a button, an icon."""
        return ""


def item(mark: str, text: str) -> str:
    """An entry of a list: its further lines stand below the first one's text."""
    lines = text.split("\n")
    indent = " " * len(mark)
    return "\n".join([mark + lines[0], *(f"{indent}{line}".rstrip() for line in lines[1:])])


def escaped_number(text: str, start: re.Match[str] | None) -> str:
    """A paragraph that begins like an entry of a numbered list, so that it begins none."""
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text) if start else text


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def without_tags(formula: str) -> str:
    """A formula in which no browser takes a `<` for the beginning of an element."""
    return re.sub(r"\s*\n\s*\n\s*", "\n", re.sub(r"<(?=[A-Za-z/!])", r"\\lt ", formula))
