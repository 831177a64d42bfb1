"""What was tested is recorded by the run itself, and the page says what the records say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import tested_versions
from tools.tested_versions import (
    KINDS,
    RECORDS,
    SUITES,
    SYSTEMS,
    TABLE,
    counts,
    never_run,
    records,
    tables,
)

REPORT = """<testsuites><testsuite errors="1" failures="2" skipped="3" tests="10"/></testsuites>"""
RECORD = {
    "versions": "lowest",
    "date": "2026-01-02",
    "commit": "0123456789",
    "system": "Linux",
    "machine": "x86_64",
    "python": "3.11.0",
    "suite": "fast",
    "tests": {"passed": 1234, "failed": 5, "skipped": 6},
    "packages": {"numpy": "2.0.0"},
}


def test_the_page_is_made_from_the_records() -> None:
    assert TABLE.read_text("utf8") == tables(records()), "run python -m tools.tested_versions table"


@pytest.mark.parametrize("path", sorted(RECORDS.glob("*.json")), ids=lambda path: path.stem)
def test_a_record_says_everything(path: Path) -> None:
    record = json.loads(path.read_text("utf8"))
    assert record.keys() == RECORD.keys()
    assert record["suite"] in SUITES
    assert record["tests"]["passed"] > 0
    assert "dirty" not in record["commit"], "what was tested can be checked out"
    python = "".join(record["python"].split(".")[:2])
    assert path.stem == f"{record['versions']}-{record['system'].lower()}-{python}"


def test_failures_and_errors_both_count_as_failed() -> None:
    assert counts(REPORT) == {"passed": 4, "failed": 3, "skipped": 3}


def test_failures_are_shown() -> None:
    assert "| 1,234 | 5 | 6 | 2026-01-02 | `0123456789` |" in tables([RECORD])
    assert "| numpy | 2.0.0 |" in tables([RECORD])


@pytest.mark.parametrize(
    ("systems", "kinds", "said"),
    [
        ({"Linux"}, set(KINDS), "on macOS and Windows no test has been run"),
        ({"Linux", "Darwin"}, set(KINDS), "on Windows no test has been run"),
        (set(SYSTEMS), {"lowest"}, "no run with the locked and the newest versions"),
        (set(SYSTEMS), set(KINDS), "Every system"),
    ],
)
def test_what_was_never_tried_is_named(systems: set[str], kinds: set[str], said: str) -> None:
    assert said in never_run(systems, kinds)


def test_a_record_replaces_the_one_before_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tested_versions, "RECORDS", tmp_path / "tested")
    path = tested_versions.write(RECORD)
    assert path.name == "lowest-linux-311.json"
    assert tested_versions.write({**RECORD, "commit": "newer"}) == path
    assert [one["commit"] for one in records()] == ["newer"]
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_requirements_are_those_of_the_extra_and_of_what_it_includes() -> None:
    found = tested_versions.requirements("test")
    assert {"numpy", "matplotlib", "jupyter-book", "pytest"} <= set(found)
    assert "chainrule" not in found
    assert "playwright" not in found
