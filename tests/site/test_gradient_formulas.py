"""Every displayed formula that states a derivative is proven on its page."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.gradient_formulas import Formula, chapters, formulas, idle_excuses, problems, proofs
from tools.sphinx_extension import gradient_formulas as directive

PAGE = r"""# A page

```{math}
:label: square
L = w^2
```

```{math}
:label: square-slope
\frac{\partial L}{\partial w} = 2w .
```

```{code-cell} python
:tags: [hide-input]
:proves: [square-slope]
import sympy as sp

w = sp.Symbol("w")
assert (w**2).diff(w) == 2 * w
```

```{code-cell} python
---
proves: [square-slope]
mystnb:
  image: {alt: A line}
---
prove(functional.square);
```
"""
OPTION = ":proves: [square-slope]\n"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf8")
    return path


def replace(page: Path, old: str, new: str) -> list[str]:
    """The problems of `page` with `old` replaced."""
    assert old in page.read_text("utf8")
    page.write_text(page.read_text("utf8").replace(old, new), "utf8")
    return problems(page)


@pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.stem)
def test_every_displayed_derivative_is_proven_on_its_page(chapter: Path) -> None:
    assert not problems(chapter)


def test_the_chapters_have_derivatives_and_no_excuse_is_idle() -> None:
    stated = [f for page in chapters() for f in formulas(page) if f.states_derivative]
    assert len(stated) > 40
    assert not idle_excuses(chapters())


def test_proofs_are_found_and_named_by_what_they_call(page: Path) -> None:
    assert not problems(page)
    assert [proof.kinds for proof in proofs(page)] == [["SymPy"], ["witnesses of square"]]
    assert [proof.line for proof in proofs(page)] == [16, 28]


def test_a_derivative_without_a_proof_fails(page: Path) -> None:
    assert not replace(page, OPTION, "")  # the other cell proves it too
    (problem,) = replace(page, OPTION[1:], "")
    assert "page.md:8: no cell of the page proves square-slope" in problem


def test_a_new_derivative_fails_at_once_labeled_or_not(page: Path) -> None:
    text = page.read_text("utf8")
    page.write_text(f"{text}\n$$\n\\mathrm{{d}}w = 2w\\,\\mathrm{{d}}L\n$$\n", "utf8")
    assert "has no :label:" in problems(page)[0]
    page.write_text(f"{text}\n$$\\nabla L = 2w$$ (in-dollars)\n", "utf8")
    assert "no cell of the page proves in-dollars" in problems(page)[0]
    page.write_text(f"{text}\n\\begin{{align}}\n\\bar w &= 2w\n\\end{{align}}\n", "utf8")
    assert "has no :label:" in problems(page)[0]


def test_a_proof_of_an_equation_that_is_not_on_the_page_fails(page: Path) -> None:
    (problem,) = replace(page, "---\nproves: [", "---\nproves: [elsewhere, ")
    assert "proves elsewhere, but the page has no such equation" in problem


def test_a_proof_that_asserts_nothing_fails(page: Path) -> None:
    (problem,) = replace(page, "assert (w**2).diff(w) == 2 * w", "(w**2).diff(w)")
    assert "page.md:16: the cell proves nothing" in problem


def test_a_proof_that_readers_do_not_see_fails(page: Path) -> None:
    (problem,) = replace(page, "hide-input", "remove-cell")
    assert "readers cannot see" in problem


def test_the_table_is_made_anew_when_the_chapters_say_something_else(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directive, "pages", lambda: [page])
    monkeypatch.setattr(directive, "chapters", lambda: [page])
    kept = {"proofs": {directive.DIGEST: directive.table()[1]}, "index": {}}
    env = SimpleNamespace(metadata=kept)

    def outdated_by(old: str, new: str) -> list[str]:
        text = page.read_text("utf8")
        assert old in text
        page.write_text(text.replace(old, new), "utf8")
        found = directive.outdated(None, env, set(), {"page"}, set())  # type: ignore[arg-type]
        page.write_text(text, "utf8")
        return found

    assert outdated_by("# A page", "# The page\n\nAn edit of the text.") == []
    assert outdated_by("```{math}\n:label: square-slope", "```{math}\n:label: slope") == ["proofs"]
    assert outdated_by("prove(functional.square)", "prove(functional.sqrt)") == ["proofs"]
    renumbered = "# A page\n\n```{math}\n:label: first\na = 1\n```"
    assert outdated_by("# A page", renumbered) == ["proofs"]


@pytest.mark.parametrize(
    "body",
    [
        r"\frac{\partial L}{\partial w} = 2w",
        r"\nabla L = 2w",
        r"\mathrm{d}W = \mathrm{d}Z^\top X",
        r"\left.\frac{\mathrm{d}a}{\mathrm{d}x}\right|_0 = \frac14",
        r"\sigma'(z) = \sigma(z)(1 - \sigma(z))",
        r"\operatorname{relu}'(z) = [z > 0]",
        r"u'(z) = k",
        r"\mathrm dW = \mathrm dZ^\top X",
        r"f' = \frac{f(h) - f(0)}{h}",
        r"\dot y = J \dot x",
        r"\bar x = \bar y J",
        r"\frac{\mathrm{d}}{\mathrm{d}w} \int_0^1 L \,\mathrm{d}x = 0",
    ],
)
def test_a_derivative_is_known_by_its_signs(body: str) -> None:
    assert Formula(Path("page.md"), 1, "label", body).states_derivative


@pytest.mark.parametrize(
    "body",
    [
        r"Z = X W^\top + b",
        r"\int_0^1\!\!\int_0^1 (x - x')^2\, \mathrm{d}x\, \mathrm{d}x' = \frac16",
        r"v \cdot v' \ge \lVert v \rVert^2",
        r"\theta_j = \theta_{j'}",
        r"\operatorname{std}(z) = s \lVert x \rVert",
    ],
)
def test_other_formulas_have_none_of_the_signs(body: str) -> None:
    assert not Formula(Path("page.md"), 1, "label", body).states_derivative
