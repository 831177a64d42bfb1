"""What must not stand anywhere in the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tools.paths import ROOT

# Written in pieces, so that this file does not contain what it looks for.
REGISTRY = re.compile(
    "|".join(
        [
            r"(index-url|find-links|extra-index)[ =]+\S*(http|file)",
            r"registry *= *\S*http",
            r'"resolved": *"http',
            r"(pypi\.org|pythonhosted\.org|registry\." + r"npmjs\.org)/",
        ]
    )
)
MACHINE_PATH = re.compile(
    r"(?<![\w.~$}/-])/(" + "|".join(["ro" + "ot", "wo" + "rk", "ho" + "me", "Us" + "ers"]) + r")/\w"
)
GLOBAL_RANDOMNESS = re.compile(
    r"\b(np|numpy)\.random\.(?!(default_rng|Generator|SeedSequence|PCG64|[gs]et_state)\b|RandomState\(\w)\w+"
    r"|\brandom\.(seed|random|randint|choice|shuffle|gauss|uniform)\("
)
SEEDED = ("lib", "chapters", "exercises", "solutions", "index.md")
BINARY = {".npz", ".png", ".woff2", ".ico"}


def tracked_files() -> list[Path]:
    """The text files under version control."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.suffix not in BINARY and path.is_file()]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text("utf8").splitlines(), start=1)
        if pattern.search(line)
    ]


def seeded_files() -> list[Path]:
    return [path for path in tracked_files() if path.relative_to(ROOT).parts[0] in SEEDED]


def test_no_package_registry_is_named() -> None:
    assert lines_with(REGISTRY, tracked_files()) == []


def test_no_path_of_a_machine_is_written_down() -> None:
    assert lines_with(MACHINE_PATH, tracked_files()) == []


def test_randomness_comes_from_an_explicit_generator() -> None:
    files = seeded_files()
    assert files
    assert lines_with(GLOBAL_RANDOMNESS, files) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRY, "pip install --index-" + "url https://example.org/simple x"),
        (REGISTRY, '"resolved": ' + '"https://example.org/x.tgz"'),
        (MACHINE_PATH, 'open("/ho' + 'me/ada/data.csv")'),
        (MACHINE_PATH, "cd /ro" + "ot/book"),
        (GLOBAL_RANDOMNESS, "np.random." + "seed(0)"),
        (GLOBAL_RANDOMNESS, "x = np.random." + "randn(3)"),
        (GLOBAL_RANDOMNESS, "random." + "shuffle(examples)"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (GLOBAL_RANDOMNESS, "rng = np.random.default_rng(0)"),
        (GLOBAL_RANDOMNESS, "rng: np.random.Generator"),
        (GLOBAL_RANDOMNESS, "self.rng.random(3)"),
        (MACHINE_PATH, "https://example.org/home/ada"),
        (MACHINE_PATH, "make book PYTHON=/path/to/python3.12"),
    ],
)
def test_the_patterns_leave_what_is_right(pattern: re.Pattern[str], line: str) -> None:
    assert not pattern.search(line)
