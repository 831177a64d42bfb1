"""Every notebook that the built site offers: clean Markdown, all code, links to somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from tools import check_pages
from tools.addresses import site_address
from tools.contents import launched_pages, notebook_in
from tools.launched import COMMITTED, WHEELS, committed_address
from tools.paths import HTML, ROOT
from tools.wheel import wheel_name

pytestmark = pytest.mark.built

PAGES = launched_pages()
FENCED = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
MATH = re.compile(r"\$\$.*?\$\$|(?<!\\)\$[^$]*\$", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]*)\)")
MYST = {
    "a role": re.compile(r"\{[a-z:+-]+\}`"),
    "a directive": re.compile(r"^\s*(`{3,}|:{3,})\{", re.MULTILINE),
    "a closing colon fence": re.compile(r"^\s*:{3,}\s*$", re.MULTILINE),
    "a label": re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE),
    "a block break": re.compile(r"^\+\+\+", re.MULTILINE),
    "an option": re.compile(r"^:[a-z-]+: ", re.MULTILINE),
    "the label of an equation": re.compile(r"\$\$ \([\w-]+\)"),
    "front matter": re.compile(r"^---\n[a-z]+:", re.MULTILINE),
    "an error of Sphinx": re.compile(r"system-message|problematic"),
}


def problems(text: str) -> list[str]:
    """What in the text of a Markdown cell is MyST's, and not Markdown's."""
    directives = ["a directive"] if MYST["a directive"].search(text) else []
    plain = CODE.sub("`code`", FENCED.sub("", text))
    return directives + [name for name, pattern in MYST.items() if pattern.search(plain)]


def name(page: Path) -> str:
    return page.relative_to(ROOT).with_suffix(".ipynb").as_posix()


def opened(site: Path, page: Path) -> Any:
    return nbformat.read(site / COMMITTED.name / name(page), as_version=nbformat.NO_CONVERT)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_it_is_a_notebook(site: Path, page: Path) -> None:
    notebook = opened(site, page)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.metadata.kernelspec.name) == (4, "python3")
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    title, set_up = notebook.cells[:2]
    assert title.source.startswith("# ")
    assert notebook.metadata.title in title.source.replace("`", "")
    assert f"{WHEELS}/{wheel_name()}" in set_up.source


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_it_has_all_code_of_its_page_and_no_results(site: Path, page: Path) -> None:
    code = [cell for cell in opened(site, page).cells if cell.cell_type == "code"]
    source = [cell for cell in notebook_in(page).cells if cell.cell_type == "code"]
    assert [cell.source for cell in code[1:]] == [cell.source for cell in source]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    if page.parent.name == "exercises":
        assert [cell.id for cell in code[1:]] == [cell.id for cell in source]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_its_text_is_plain_markdown(site: Path, page: Path) -> None:
    texts = [cell.source for cell in opened(site, page).cells if cell.cell_type == "markdown"]
    assert {problem for text in texts for problem in problems(text)} == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_its_links_lead_somewhere(site: Path, page: Path) -> None:
    address = site_address() or committed_address()
    broken = []
    for cell in opened(site, page).cells:
        if cell.cell_type != "markdown":
            continue
        for link in LINK.findall(MATH.sub("", CODE.sub("", FENCED.sub("", cell.source)))):
            parts = urlsplit(link)
            if link.startswith(address):
                path = unquote(parts.path).removeprefix(urlsplit(address).path)
                target = site / path
                anchors = check_pages.anchors(target) if target.suffix == ".html" else {""}
                if not target.exists() or unquote(parts.fragment) not in anchors:
                    broken.append(link)
            elif parts.scheme not in {"http", "https", "mailto"}:
                broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_its_page_offers_it(site: Path, page: Path) -> None:
    html = (site / page.relative_to(ROOT)).with_suffix(".html")
    (menu,) = check_pages.parsed(html).select(".dropdown-launch-buttons")
    links = [str(link["href"]) for link in menu.select("a")]
    assert f"../{COMMITTED.name}/{name(page)}" in links
    assert all(link.endswith(name(page)) for link in links)


def test_no_other_page_offers_one(site: Path) -> None:
    menus = {
        page.relative_to(site).with_suffix(".ipynb").as_posix()
        for page in check_pages.pages(site)
        if check_pages.parsed(page).select(".dropdown-launch-buttons")
    }
    assert menus == set(map(name, PAGES))
    assert {
        p.relative_to(HTML / COMMITTED.name).as_posix()
        for p in (HTML / COMMITTED.name).rglob("*.ipynb")
    } == menus


@pytest.mark.parametrize(
    "text",
    [
        "as {eq}`affine-score` says",
        "see {doc}`../api/proofs`",
        "```{math}\nx\n```",
        ":::{dropdown} Why?\nBecause.\n:::",
        "(affine-batch)=\n## Batches",
        "+++ {}",
        "$$ x $$ (label)",
    ],
)
def test_raw_myst_is_noticed(text: str) -> None:
    assert problems(f"Some words.\n\n{text}\n")


@pytest.mark.parametrize(
    "text", ["the dictionary `{'a': 1}`", "```python\n(x)=\n```", "$\\mathrm{d}$ `code`", "{1, 2}"]
)
def test_markdown_is_not_taken_for_myst(text: str) -> None:
    assert problems(text) == []
