"""What a page says is what its notebook says, in Markdown that Jupyter and Colab show."""

from __future__ import annotations

import pytest
from docutils import nodes

from tools.notebook_markdown import Markdown, Page, UnknownNodeError

SITE = "https://book.example/"


def label(node: nodes.Element) -> str:
    return {"math_block": "2.1", "figure": "Fig. 2.1"}.get(node.tagname, "")


@pytest.fixture
def markdown() -> Markdown:
    return Markdown(Page(f"{SITE}chapters/losses.html", lambda uri: f"{SITE}_images/{uri}", label))


def paragraph(*parts: nodes.Node) -> nodes.paragraph:
    return nodes.paragraph("", "", *parts)


def text(words: str) -> nodes.paragraph:
    return paragraph(nodes.Text(words))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("two\nlines", "two lines"),
        ("a * b costs $5", r"a \* b costs \$5"),
        ("snake_case and _this_", r"snake_case and \_this\_"),
        ("a < b, but <b>", r"a < b, but \<b>"),
        ("[1] and [2](3)", r"\[1] and \[2\](3)"),
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("1.5 is a number", "1.5 is a number"),
    ],
)
def test_words_stay_words(markdown: Markdown, written: str, expected: str) -> None:
    assert markdown.block(text(written)) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (nodes.strong("", "very"), "**very**"),
        (nodes.emphasis("", "quite"), "*quite*"),
        (nodes.literal("", "a | b"), "`a | b`"),
        (nodes.literal("", "`x`"), "`` `x` ``"),
        (nodes.math("", r"a<b, \ |x|"), r"$a\lt b, \ |x|$"),
        (
            nodes.reference("", "there", refuri="proofs.html#top"),
            f"[there]({SITE}chapters/proofs.html#top)",
        ),
        (nodes.reference("", "up", refuri="../api/nn.html"), f"[up]({SITE}api/nn.html)"),
        (nodes.reference("", "here", refid="x"), f"[here]({SITE}chapters/losses.html#x)"),
        (nodes.reference("", "else", refuri="https://a.example/b"), "[else](https://a.example/b)"),
        (nodes.image(uri="neuron.svg", alt="A neuron"), f"![A neuron]({SITE}_images/neuron.svg)"),
        (nodes.raw("", "<svg></svg>", format="html"), ""),
    ],
)
def test_words_in_a_paragraph(markdown: Markdown, node: nodes.Node, expected: str) -> None:
    assert markdown.block(paragraph(node)) == expected


def test_an_equation_keeps_its_number(markdown: Markdown) -> None:
    equation = nodes.math_block("", "z = wx\n\n+ b", ids=["equation-z"])
    assert markdown.block(equation) == "$$\nz = wx\n+ b\n\\tag{2.1}\n$$"


def test_a_figure_keeps_its_number_and_caption(markdown: Markdown) -> None:
    figure = nodes.figure("", nodes.image(uri="a.svg", alt="A"), nodes.caption("", "It falls."))
    assert markdown.block(figure).endswith("_images/a.svg)\n\n**Fig. 2.1.** It falls.")


def test_lists_in_lists(markdown: Markdown) -> None:
    inner = nodes.bullet_list("", nodes.list_item("", text("inner")))
    items = [nodes.list_item("", text("first"), inner), nodes.list_item("", text("second"))]
    assert markdown.block(nodes.enumerated_list("", *items)) == "1. first\n\n   - inner\n2. second"


def test_definitions(markdown: Markdown) -> None:
    item = nodes.definition_list_item(
        "", nodes.term("", "loss"), nodes.definition("", text("How wrong it is."))
    )
    written = markdown.block(nodes.definition_list("", item))
    assert written == "- **loss**\n\n  How wrong it is."


def test_a_table_with_bars_in_its_cells(markdown: Markdown) -> None:
    def row(*cells: nodes.Node) -> nodes.row:
        return nodes.row("", *(nodes.entry("", paragraph(cell)) for cell in cells))

    group = nodes.tgroup(
        "",
        nodes.thead("", row(nodes.Text("a|b"), nodes.literal("", "x | y"))),
        nodes.tbody("", row(nodes.math("", r"|x| + \|y\|"), nodes.Text("c"))),
    )
    assert markdown.block(nodes.table("", group)).splitlines() == [
        r"| a\|b | `x \| y` |",
        "| --- | --- |",
        r"| $\vert x\vert  + \Vert y\Vert $ | c |",
    ]


def test_an_answer_is_folded(markdown: Markdown) -> None:
    dropdown = nodes.container("", nodes.rubric("", "1. Why?"), text("Because."))
    dropdown["design_component"] = "dropdown"
    folded = "<details>\n<summary>1. Why?</summary>\n\nBecause.\n\n</details>"
    assert markdown.block(dropdown) == folded


def test_code_that_contains_a_fence(markdown: Markdown) -> None:
    code = nodes.literal_block("", "```\ninner\n```\n", language="ipython3")
    assert markdown.block(code) == "````python\n```\ninner\n```\n````"


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<script>kernel()</script>", ""),
        ("<!-- a word to authors -->", ""),
        ("<details><summary>Stuck?</summary>", "<details><summary>Stuck?</summary>"),
        ("<neuron-response></neuron-response>", "something moves here"),
    ],
)
def test_what_is_made_for_browsers(markdown: Markdown, html: str, shown: str) -> None:
    written = markdown.block(nodes.raw("", html, format="html"))
    assert shown in written
    assert bool(written) == bool(shown)


def test_what_is_not_known_is_not_left_out(markdown: Markdown) -> None:
    with pytest.raises(UnknownNodeError, match="`field_list`"):
        markdown.block(nodes.field_list())
