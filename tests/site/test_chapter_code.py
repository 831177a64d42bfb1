"""The code cells of a page are found where they stand, formatted, and linted as one program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import chapter_code
from tools.chapter_code import cells, formatted, lint

PAGE = """# A page

```{code-cell} python
x = 1
```

```{code-cell} python
:tags: [hide-input]
y=x
```

```python
not = a cell
```

```{code-cell} python
---
mystnb:
  image: {alt: A line}
---
plot( x,y );
```
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf8")
    monkeypatch.setattr(chapter_code, "executed_pages", lambda: [path])
    monkeypatch.setattr("sys.argv", ["chapter_code"])
    return path


def test_cells_are_found_without_their_options(page: Path) -> None:
    assert [(cell.line, cell.code) for cell in cells(page)] == [
        (4, "x = 1\n"),
        (9, "y=x\n"),
        (21, "plot( x,y );\n"),
    ]


def test_a_closing_semicolon_stays(page: Path) -> None:
    assert formatted(list(cells(page))) == ["x = 1\n", "y = x\n", "plot(x, y);\n"]


def test_lint_knows_names_from_earlier_cells_and_reports_the_line_of_the_page(page: Path) -> None:
    problems = lint(page)
    assert len(problems) == 1
    assert f"{page}:21" in problems[0]
    assert "Undefined name `plot`" in problems[0]


def test_unformatted_cells_fail_and_fix_formats_them(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"page\.md:9: would be formatted"):
        chapter_code.main()
    page.write_text(page.read_text("utf8").replace("plot(", "print("), "utf8")
    monkeypatch.setattr("sys.argv", ["chapter_code", "--fix"])
    chapter_code.main()
    monkeypatch.setattr("sys.argv", ["chapter_code"])
    chapter_code.main()
    assert "y = x\n" in page.read_text("utf8")
    assert "not = a cell" in page.read_text("utf8")
