"""Kernels are reached through files of their own, and leave none behind."""

import os
import tempfile
from pathlib import Path

import nbclient
import nbformat
import pytest

from chainrule.grading.kernels import local_sockets


def test_no_two_kernels_share_a_name() -> None:
    assert os.name == "nt" or local_sockets() != local_sockets()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no sockets that are files")
def test_a_kernel_listens_on_no_port_and_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    # A socket's path may have about 100 characters; pytest's own folders can be longer.
    folder = Path(tempfile.mkdtemp(prefix="k"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    cell = nbformat.v4.new_code_cell(
        "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbclient.NotebookClient(notebook, config=local_sockets()).execute()
    assert notebook.cells[0].outputs[0].text == "ipc\n"
    folder.rmdir()  # refuses unless it is empty
