"""The page on notation has every symbol of the chapters, as it promises, and no other.

Looked up are the letters of the chapters' shape maps, and, wherever they stand in a formula, Greek
letters, named functions such as `\\operatorname{softplus}`, and the other signs of `SIGN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tools.chapter_code import CELL
from tools.contents import pages
from tools.gradient_formulas import DISPLAY
from tools.paths import ROOT

NOTATION = ROOT / "chapters/notation.md"
NAMED = re.compile(r"\\operatorname\*?\{(?P<name>[^}]*)\}")
SIGN = re.compile(
    r"""\\(?P<name>
      [a-z]?eta | iota | mu | nu | xi | rho | tau | upsilon | chi | omega | lambda | kappa | ell
    | alpha | gamma | delta | (?:var)?(?:epsilon | theta | pi | sigma | phi) | psi
    | Gamma | Delta | Theta | Lambda | Xi | Pi | Sigma | Upsilon | Phi | Psi | Omega
    | bar | dot | hat | langle | leftarrow | lVert | mathbb | mathbf | mid | nabla | odot | tilde
    | top
    )(?![A-Za-z])""",
    re.VERBOSE,
)
NO_SYMBOL = re.compile(r"\\(?:text|label|operatorname\*?|begin|end)\{[^}]*\}|\\[A-Za-z]+")
INDEX = re.compile(r"_(?:\{[^}]*\}|\\text\{[^}]*\}|.)")
TABLE = re.compile(r"^\| symbol \|[^\n]*\n\|[-| ]+\|\n(?P<rows>(?:\|[^\n]*\n)+)", re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
INLINE = re.compile(r"(?<![\\$])\$(?P<formula>[^$\n]+)\$")


def formulas(text: str) -> Iterator[str]:
    """The formulas of a page, displayed or in a line."""
    text = CELL.sub("", text)
    for match in DISPLAY.finditer(text):
        yield match["directive"] or match["dollars"] or match["amsmath"] or ""
    for match in INLINE.finditer(CODE.sub("", DISPLAY.sub("", text))):
        yield match["formula"]


def in_first_column(text: str) -> Iterator[str]:
    """The formulas in the first column of a page's tables of symbols."""
    for table in TABLE.finditer(text):
        for row in table["rows"].splitlines():
            yield from INLINE.findall(row.split("|")[1])


def commands(found: Iterable[str]) -> set[str]:
    return {name for formula in found for name in NAMED.findall(formula) + SIGN.findall(formula)}


def letters(found: Iterable[str]) -> set[str]:
    """The letters of symbols, without their indices."""
    return {
        letter
        for formula in found
        for letter in re.findall("[A-Za-z]", NO_SYMBOL.sub(" ", INDEX.sub(" ", formula)))
    }


def symbols(text: str) -> set[str]:
    return commands(formulas(text)) | letters(in_first_column(text))


def chapters() -> list[Path]:
    found = [page for page in pages() if page.parent.name == "chapters" and page != NOTATION]
    return [page for page in found if symbols(page.read_text("utf8"))]


def missing(page: str, notation: str) -> set[str]:
    known = letters(in_first_column(notation)) | commands(formulas(notation))
    return symbols(page) - known


@pytest.mark.parametrize("page", chapters(), ids=lambda path: path.stem)
def test_every_symbol_of_a_chapter_stands_on_the_page_on_notation(page: Path) -> None:
    assert not missing(page.read_text("utf8"), NOTATION.read_text("utf8"))


def test_the_page_on_notation_has_no_symbol_that_no_chapter_uses() -> None:
    found = [*formulas("".join(page.read_text("utf8") for page in chapters()))]
    listed = [*in_first_column(NOTATION.read_text("utf8"))]
    assert commands(listed) <= commands(found)
    assert letters(listed) <= letters(found)


PAGE = r"""
| symbol | what it is | shape | in code |
|---|---|---|---|
| $W$, $w_{jk}$ | weights, $v$ no symbol of this column | $(d_\text{out},)$ | `W` |
| $d_\text{in}$ | inputs | a number | `k` |

A slope $\eta$, `$\psi$` as code, and $q$ that no map has.

```{math}
:label: with-omega-in-it
\begin{aligned} \operatorname{relu}(z) &= \bar{t} \text{ if } \tau > 0 \end{aligned}
```

```{code-cell} python
r"$\chi$"
```
"""


def test_symbols_are_found_where_they_count_and_a_missing_one_is_noticed() -> None:
    assert symbols(PAGE) == {"W", "w", "d", "eta", "relu", "bar", "tau"}
    assert len(chapters()) > 7
    assert not missing(PAGE, PAGE)
    for removed, symbol in (("$W$, ", "W"), (r"\eta", "eta"), ("relu", "relu"), (r"\bar", "bar")):
        assert missing(PAGE, PAGE.replace(removed, "")) == {symbol}, removed
