"""The arithmetic of the interactive figures is the library's, function by function."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.figures.vectors import all_vectors
from tools.npm import node_binary
from tools.paths import ROOT

SCRIPTS = ROOT / "assets" / "figures" / "arithmetic"
PROGRAM = Path(__file__).with_name("arithmetic.test.js")


def run_node(vectors: list[dict[str, Any]], folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "vectors.json"
    file.write_text(json.dumps(vectors), "utf8")
    environment = {**os.environ, "VECTORS": str(file), "SCRIPTS": str(SCRIPTS)}
    command = [str(node_binary()), "--test", "--test-reporter=tap", str(PROGRAM)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_every_function_agrees_with_the_library(tmp_path: Path) -> None:
    finished = run_node(all_vectors(), tmp_path)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def failed(finished: subprocess.CompletedProcess[str]) -> set[str]:
    return set(re.findall(r"^not ok \d+ - (\w+\.\w+)", finished.stdout, re.MULTILINE))


def disturbed(value: Any) -> Any:
    """`value` with its last number moved by a little."""
    if isinstance(value, (int, float)):
        return value + 1e-6
    entries = dict(value) if isinstance(value, dict) else list(value)
    key = list(entries)[-1] if isinstance(value, dict) else -1
    entries[key] = disturbed(value[key])
    return entries


def test_a_number_that_is_off_by_a_millionth_is_noticed(tmp_path: Path) -> None:
    last = {each["function"]: each for each in all_vectors()}
    wrong = [{**each, "expected": disturbed(each["expected"])} for each in last.values()]
    assert failed(run_node(wrong, tmp_path)) == set(last)


def test_a_function_without_vectors_is_noticed(tmp_path: Path) -> None:
    functions = {each["function"] for each in all_vectors()}
    assert failed(run_node([], tmp_path)) == functions
