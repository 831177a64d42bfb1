"""Interactive figures: a custom element on the site, what stands for it everywhere else.

    ```{interactive} neuron
    ---
    name: fig-neuron
    alt: What a reader who cannot see the figure needs to know.
    settings: w=2 b=-1
    ---
    The caption: what to try, and what to see.

    What stands here on paper, in a notebook, and where no script runs.
    ```

puts `<figure-neuron>` on the page, and only on pages with such a figure the scripts and styles
that belong to it. The role ``{setting}`text <fig-neuron: w=6 b=0>` `` links to a setting of a
figure on the same page; elsewhere it is its text.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from tools.paths import ROOT

FIGURES = ROOT / "assets" / "figures"
SHARED = "shared"
"""The script and the style sheet that every interactive figure uses."""

SETTING = re.compile(r"(?P<text>.*?)\s*<(?P<figure>[a-z0-9-]+):\s*(?P<settings>[^>]+)>", re.DOTALL)
STATIC_BUILDERS = ("epub",)
"""Builders of HTML whose readers run no scripts."""


class interactive(nodes.Element):  # type: ignore[misc]
    """An interactive figure; its children are what stands for it where it cannot move."""


class setting(nodes.Element, nodes.Inline):  # type: ignore[misc]
    """Words that link to a setting of a figure."""


def parse_settings(text: str) -> dict[str, str]:
    """`w=2 b=-1` as a dictionary."""
    pairs = [word.partition("=") for word in text.split()]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise ValueError(f"Settings look like `w=2 b=-1`, not {text!r}")
    return {name: value for name, _, value in pairs}


def scripts(kind: str) -> list[str]:
    """The scripts of one kind of figure in the order in which they run, below `assets`."""
    names = [SHARED, f"arithmetic/{kind}", f"data/{kind}", kind]
    return [f"figures/{name}.js" for name in names if (FIGURES / f"{name}.js").exists()]


class Interactive(SphinxDirective):
    """The directive; its only argument is the kind of figure."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "name": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "settings": parse_settings,
    }

    def run(self) -> list[nodes.Node]:
        kind = self.arguments[0]
        if not (FIGURES / f"{kind}.js").exists():
            raise self.error(f"There is no interactive figure {kind!r} in assets/figures")
        for option in ("name", "alt"):
            if option not in self.options:
                raise self.error(f"An interactive figure needs the option {option!r}")
        parsed = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        if len(parsed.children) < 2 or not isinstance(parsed[0], nodes.paragraph):
            raise self.error(
                "An interactive figure needs a caption (one paragraph), and after a blank line "
                "what stands for it on paper and in notebooks"
            )
        caption, *fallback = parsed.children
        element = interactive(
            "",
            *fallback,
            kind=kind,
            alt=" ".join(self.options["alt"].split()),
            settings=self.options.get("settings", {}),
        )
        figure = nodes.figure("", element, nodes.caption("", "", *caption.children))
        figure["classes"].append("interactive-figure")
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]


class Setting(SphinxRole):
    """The role: words, and in angle brackets a figure with its settings."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        match = SETTING.fullmatch(self.text)
        try:
            if match is None:
                raise ValueError(f"expected `words <fig-name: w=2>`, not {self.text!r}")
            settings = parse_settings(match["settings"])
        except ValueError as error:
            message = self.inliner.reporter.error(f"setting: {error}", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        words = nodes.Text(match["text"])
        return [setting("", words, figure=match["figure"], settings=settings)], []


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave the figures to the site's pages; elsewhere put in what stands for them."""
    moves = app.builder.format == "html" and app.builder.name not in STATIC_BUILDERS
    for node in list(doctree.findall(setting)):
        if moves:
            address = "&".join(f"{node['figure']}.{k}={v}" for k, v in node["settings"].items())
            link = nodes.reference("", "", *node.children, classes=["figure-setting"])
            link["refuri"] = f"?{address}#{node['figure']}"
            node.replace_self(link)
        else:
            node.replace_self(node.children)
    if not moves:
        for node in list(doctree.findall(interactive)):
            node.replace_self(node.children)


def visit(writer: Any, node: interactive) -> None:
    attributes = {"alt": node["alt"], **node["settings"]}
    writer.body.append(writer.starttag(node, f"figure-{node['kind']}", **attributes))


def depart(writer: Any, node: interactive) -> None:
    writer.body.append(f"</figure-{node['kind']}>\n")


def add_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """The scripts and styles that the figures of this page need."""
    kinds = dict.fromkeys(node["kind"] for node in doctree.findall(interactive)) if doctree else {}
    if kinds:
        app.add_css_file(f"figures/{SHARED}.css")
    for script in dict.fromkeys(script for kind in kinds for script in scripts(kind)):
        app.add_js_file(script, loading_method="defer")


def setup(app: Sphinx) -> None:
    app.add_node(interactive, html=(visit, depart))
    app.add_node(setting)
    app.add_directive("interactive", Interactive)
    app.add_role("setting", Setting())
    app.connect("doctree-resolved", resolve)
    app.connect("html-page-context", add_scripts)
