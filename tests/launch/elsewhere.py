"""A place like the ones where readers launch notebooks: another folder, without the library."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

from chainrule.grading.kernels import local_sockets
from tools.environment import python_of, venv_of
from tools.paths import ROOT

WITHHELD = ("CHAINRULE_", "CONDA_", "JUPYTER", "PIP_", "PYTHON", "VIRTUAL_ENV")
"""Variables that would tell a kernel where the checkout is, or pip what to do."""

CELL_SECONDS = 600

LIBRARY = """
import importlib.metadata, json, pathlib, chainrule
told = importlib.metadata.distribution("chainrule").read_text("direct_url.json")
print(json.dumps({"file": chainrule.__file__, **json.loads(told)}))
"""
"""Run after a notebook: which library it imported, and where pip says that it came from."""


def packages_of(environment: Path) -> Path:
    """The folder with the packages of a virtual environment."""
    command = [
        python_of(environment),
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]
    return Path(subprocess.check_output(list(map(str, command)), text=True).strip())


def fresh_environment(folder: Path) -> Path:
    """A virtual environment that sees the packages of .venv-launch and has none of its own."""
    shared = venv_of("launch")
    create = [str(python_of(shared)), "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(create, check=True)
    (packages_of(folder) / "shared.pth").write_text(f"{packages_of(shared)}\n", "utf8")
    return folder


def variables(home: Path) -> dict[str, str]:
    """What a kernel gets to know of this machine: nothing of the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(WITHHELD)}
    kept["PATH"] = os.pathsep.join(p for p in kept["PATH"].split(os.pathsep) if str(ROOT) not in p)
    return kept | {
        "HOME": str(home),
        "CHAINRULE_HOME": str(home / "progress"),
        "CHAINRULE_PROGRESS": "0",
        "NO_PROXY": "127.0.0.1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INDEX": "1",  # whatever is not there or on the site is missed
    }


def run(notebook: nbformat.NotebookNode, folder: Path) -> dict[str, Any]:
    """Run `notebook` in place, in `folder`. Returns what `LIBRARY` says, in the same kernel."""
    environment, home = fresh_environment(folder / "environment"), folder / "home"
    home.mkdir()
    spec = folder / "kernels" / "python3"
    spec.mkdir(parents=True)
    program = [str(python_of(environment)), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": program, "display_name": "Python 3", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(about), "utf8")
    notebook.cells.append(nbformat.v4.new_code_cell(LIBRARY))
    settings = local_sockets()
    manager = AsyncKernelManager(
        config=settings,
        kernel_name="python3",
        kernel_spec_manager=KernelSpecManager(
            kernel_dirs=[str(spec.parent)], ensure_native_kernel=False
        ),
    )
    client = NotebookClient(
        notebook,
        km=manager,
        config=settings,
        timeout=CELL_SECONDS,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(home)}},
    )
    with client.setup_kernel(cleanup_kc=True, env=variables(home)):
        for position, cell in enumerate(notebook.cells):
            client.execute_cell(cell, position)
    return json.loads(text_of(notebook.cells.pop()))


def text_of(cell: nbformat.NotebookNode) -> str:
    """What a cell has printed or returned, as plain text."""
    parts = []
    for output in cell.get("outputs", []):
        parts.append(output.get("text", ""))
        parts.append(output.get("data", {}).get("text/plain", ""))
    return "\n".join(filter(None, parts))
