"""Every notebook runs where readers launch it: away from the repository, with the site's library.

The built site is served on this machine, and the notebooks are told that this is its address. Each
runs in an empty environment that sees what Colab has. `make launch` makes it and runs these tests.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tests.launch.elsewhere import packages_of, run, text_of
from tools.environment import venv_of
from tools.launched import COMMITTED, WHEELS, committed_address
from tools.paths import HTML, ROOT
from tools.serve import serving
from tools.wheel import wheel_name

pytestmark = pytest.mark.launch

NOTEBOOKS = sorted(COMMITTED.rglob("*.ipynb"), key=lambda path: -path.stat().st_size)
"""The long ones first, so that two processes end at about the same time."""

PORTS = range(8200, 8300)


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    if not (HTML / WHEELS / wheel_name()).exists() or not venv_of("launch").exists():
        pytest.fail("The site or the environment is missing: run make launch.")
    assert not (packages_of(venv_of("launch")) / "chainrule").exists()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the built site is served from while the tests run."""
    with serving(HTML, PORTS) as address:
        yield address


def opened(path: Path, address: str) -> nbformat.NotebookNode:
    """The committed notebook, with `address` for that of the site."""
    text = path.read_text("utf8")
    wheel = f"{committed_address()}{WHEELS}/{wheel_name()}"
    assert wheel in text, f"{path.name} does not install the library from the site"
    return nbformat.reads(text.replace(committed_address(), address), as_version=4)


def errors(notebook: nbformat.NotebookNode) -> list[str]:
    """What went wrong in a notebook that ran to its end: errors, and warnings of the library."""
    return [
        f"{cell.source}\n{output.get('evalue') or output.get('text')}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_runs_to_the_end_with_the_library_of_the_site(
    path: Path, address: str, tmp_path: Path
) -> None:
    notebook = opened(path, address)
    library = run(notebook, tmp_path)
    assert errors(notebook) == []
    assert Path(library["file"]).is_relative_to(tmp_path / "environment")
    wheel = HTML / WHEELS / wheel_name()
    assert library["url"] == f"{address}{WHEELS}/{wheel.name}"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert library["archive_info"]["hashes"]["sha256"] == digest
    checks = [cell for cell in notebook.cells if cell.source.startswith("check(")]
    assert bool(checks) == (path.parent.name == "exercises") or path.stem == "how-to-use"
    if path.parent.name == "exercises":
        attempted = [text_of(cell) for cell in checks if "not attempted" not in text_of(cell)]
        assert attempted == []


def test_a_wheel_without_its_data_is_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "site" / WHEELS
    wrong.mkdir(parents=True)
    with (
        zipfile.ZipFile(HTML / WHEELS / wheel_name()) as whole,
        zipfile.ZipFile(wrong / wheel_name(), "w") as lacking,
    ):
        for file in whole.infolist():
            if not file.filename.endswith("mnist10k.npz"):
                lacking.writestr(file, whole.read(file))
    with serving(wrong.parent, PORTS) as address:
        notebook = opened(COMMITTED / "exercises" / "affine-layers.ipynb", address)
        load = nbformat.v4.new_code_cell("from chainrule import data\n\ndata.mnist()")
        notebook.cells[2:] = [load]
        with pytest.raises(CellExecutionError, match="mnist10k"):
            run(notebook, tmp_path)


def test_a_site_without_the_wheel_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    with serving(tmp_path / "site", PORTS) as address:
        notebook = opened(COMMITTED / "exercises" / "affine-layers.ipynb", address)
        with pytest.raises(CellExecutionError, match="No module named 'chainrule'"):
            run(notebook, tmp_path)
    assert "404" in text_of(notebook.cells[1])


def test_binder_understands_its_settings() -> None:
    program = venv_of("launch") / "bin" / "jupyter-repo2docker"
    command = [str(program), "--no-build", "--no-run", "--debug", str(ROOT)]
    environment = os.environ | {"DOCKER_HOST": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in said
    assert "RUN ./binder/postBuild" in said
    assert "python=3.12" in said or "environment.py-3.12" in said
