"""Hold the code cells of the pages to the style of the library, at a width that a page can show.

`python -m tools.chapter_code` reports cells that ruff would format or that fail its lint;
`python -m tools.chapter_code --fix` formats them in place.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.contents import executed_pages
from tools.paths import ROOT, shown

LINE_LENGTH = 88
"""Characters of code that fit beside both sidebars in a window of 1280 pixels."""

CELL = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{code-cell\}[^\n]*\n"
    r"(?P<options>---\n.*?\n---\n|(?::[^\n]*\n)*)"
    r"(?P<code>.*?)"
    r"^(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)

YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads ten times as fast where it is written in C."""

RULES = "E,F,NPY,W"
NOT_FOR_CELLS = "E402"
"""Imports stand where a page first needs them."""


@dataclass(frozen=True)
class Cell:
    """The code of one cell, and where it stands in its page."""

    page: Path
    start: int
    end: int
    line: int
    code: str
    options: dict[str, Any]


def cells(page: Path) -> Iterator[Cell]:
    text = page.read_text("utf8")
    for match in CELL.finditer(text):
        start, end = match.span("code")
        line = text.count("\n", 0, start) + 1
        yield Cell(page, start, end, line, match["code"], options(match["options"]))


def options(written: str) -> dict[str, Any]:
    """The options of a cell, written between dashes or as lines that begin with a colon."""
    lines = [line.removeprefix(":") for line in written.splitlines() if line != "---"]
    return yaml.load("\n".join(lines), Loader=YAML) or {}


def ruff(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = ["--config", str(ROOT / "pyproject.toml"), "--line-length", str(LINE_LENGTH)]
    return subprocess.run(
        [sys.executable, "-m", "ruff", command, "--no-cache", "--quiet", *settings, *arguments],
        capture_output=True,
        text=True,
    )


def formatted(found: list[Cell]) -> list[str]:
    """The code of each cell as ruff formats it; a closing semicolon (no output) stays."""
    with tempfile.TemporaryDirectory() as scratch:
        files = [Path(scratch) / f"cell{number}.py" for number in range(len(found))]
        for file, cell in zip(files, found, strict=True):
            file.write_text(cell.code, "utf8")
        answer = ruff("format", scratch)
        if answer.returncode != 0:
            sys.exit(f"ruff cannot format the cells:\n{answer.stderr}")
        results = []
        for file, cell in zip(files, found, strict=True):
            code = file.read_text("utf8")
            if cell.code.rstrip().endswith(";"):
                code = code.rstrip() + ";\n"
            results.append(code)
        return results


def lint(page: Path) -> list[str]:
    """What ruff finds in the code of a page, taken as one program at the lines where it stands."""
    lines = [""] * (page.read_text("utf8").count("\n") + 2)
    for cell in cells(page):
        for offset, line in enumerate(cell.code.splitlines()):
            lines[cell.line - 1 + offset] = line.removesuffix(";")
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch) / f"{page.stem.replace('-', '_')}.py"
        program.write_text("\n".join(lines).rstrip() + "\n", "utf8")
        options = ["--output-format", "concise", "--select", RULES, "--ignore", NOT_FOR_CELLS]
        answer = ruff("check", *options, str(program))
        return [
            line.replace(str(program), shown(page))
            for line in answer.stdout.splitlines()
            if str(program) in line
        ]


def main() -> None:
    fix = "--fix" in sys.argv[1:]
    problems = []
    for page in executed_pages():
        found = list(cells(page))
        wanted = formatted(found)
        different = [
            (cell, code) for cell, code in zip(found, wanted, strict=True) if cell.code != code
        ]
        if fix and different:
            text = page.read_text("utf8")
            for cell, code in reversed(different):
                text = text[: cell.start] + code + text[cell.end :]
            page.write_text(text, "utf8")
            print(f"{shown(page)}: formatted {len(different)} cells")
        elif different:
            problems += [f"{shown(page)}:{cell.line}: would be formatted" for cell, _ in different]
        problems += lint(page)
    if problems:
        remedy = "" if fix else "\npython -m tools.chapter_code --fix formats the cells."
        sys.exit("\n".join(problems) + remedy)


if __name__ == "__main__":
    main()
