"""The published notebooks, executed: solutions say "pass", exercises "not attempted"."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from chainrule.grading.authoring import ENVIRONMENT, states
from chainrule.grading.kernels import local_sockets
from tests.grading import sets
from tools.paths import ROOT

SECONDS = 60  # for a cell, and for a kernel to start

pytestmark = pytest.mark.slow
each_slug = pytest.mark.parametrize("slug", sets.SLUGS)


def executed(path: Path, folder: Path) -> Any:
    """``path`` run from top to bottom in a fresh kernel; any error fails the test."""
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        config=local_sockets(),
        timeout=SECONDS,
        startup_timeout=SECONDS,
        kernel_name="python3",
        allow_errors=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
    )
    client.execute(env={**os.environ, **ENVIRONMENT})
    return notebook


def errors(notebook: Any) -> list[Any]:
    """Error outputs, and what was written to standard error, such as warnings."""
    return [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def checks(notebook: Any) -> dict[str, list[str]]:
    return {cell.id: states(cell) for cell in notebook.cells if cell.id.endswith("-check")}


def names(slug: str) -> list[str]:
    return [f"{e.name.partition('.')[2]}-check" for e in sets.checks.exercises(slug)]


@each_slug
def test_the_stored_solution_says_pass_and_so_does_a_fresh_run(slug: str, tmp_path: Path) -> None:
    path = ROOT / "solutions" / f"{slug}.ipynb"
    stored, fresh = nbformat.read(path, as_version=4), executed(path, tmp_path)
    for notebook in (stored, fresh):
        assert errors(notebook) == []
        assert checks(notebook) == {name: ["pass"] for name in names(slug)}
    for old, new in zip(stored.cells, fresh.cells, strict=True):
        assert old.get("outputs") == new.get("outputs")
        assert old.get("execution_count") == new.get("execution_count")


@each_slug
def test_the_untouched_exercises_run_and_say_not_attempted(slug: str, tmp_path: Path) -> None:
    notebook = executed(ROOT / "exercises" / f"{slug}.ipynb", tmp_path)
    assert errors(notebook) == []
    assert checks(notebook) == {name: ["not-attempted"] for name in names(slug)}


def nbval(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q"),
            *(f"--nbval-cell-timeout={SECONDS}", f"--nbval-kernel-startup-timeout={SECONDS}"),
            *("-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(path.parent)),
            path.name,
        ],
        cwd=path.parent,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
    )


@each_slug
def test_nbval_reproduces_the_solution(slug: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "solutions" / f"{slug}.ipynb", tmp_path))
    run = nbval(path)
    assert run.returncode == 0, run.stdout + run.stderr
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert f"{len(cells)} passed" in run.stdout


def test_nbval_notices_a_changed_output(tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "solutions" / "affine-layers.ipynb", tmp_path))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] == "neuron-check":
            text = cell["outputs"][0]["data"]["text/plain"]
            cell["outputs"][0]["data"]["text/plain"] = ["neuron: perfect.\n", *text[1:]]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    run = nbval(path)
    assert run.returncode == 1, run.stdout
    assert "neuron: perfect." in run.stdout
