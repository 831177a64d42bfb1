"""Files that are handed in: damaged, odd, or no notebooks at all.

Each makes its file in a folder. The notebooks among them hold the untouched exercise and one right
answer, worth a point, unless it says otherwise.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.code import ANSWER
from tools.paths import ROOT

SLUG = "affine-layers"
NEXT_CELL = "# --- next cell ---\n"


def exercise() -> dict[str, Any]:
    """The exercise notebook as it is published."""
    return json.loads((ROOT / "exercises" / f"{SLUG}.ipynb").read_text(encoding="utf-8"))


def solution() -> dict[str, Any]:
    return json.loads((ROOT / "solutions" / f"{SLUG}.ipynb").read_text(encoding="utf-8"))


def with_cells(*sources: str) -> dict[str, Any]:
    """The exercise notebook with these cells at its end."""
    notebook = exercise()
    for i, source in enumerate(sources):
        notebook["cells"].append(
            {"cell_type": "code", "id": f"added-{i}", "metadata": {}, "source": source}
        )
    return notebook


def notebook(code: str = "") -> dict[str, Any]:
    """The exercise notebook with one right answer, and then ``code``."""
    return with_cells(ANSWER, *code.split(NEXT_CELL))


def as_bytes(content: Any) -> bytes:
    return json.dumps(content).encode()


@dataclass(frozen=True)
class File:
    """A file called ``name``; ``content`` is what is in it, or makes it."""

    name: str
    status: str
    content: bytes | Callable[[Path], object]
    points: float = 0.0
    says: str = ""

    def make(self, folder: Path) -> None:
        """Put it into ``folder``."""
        path = folder / self.name
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    content = notebook()
    change(content)
    return as_bytes(content)


def in_format_3() -> bytes:
    cells = [
        {"cell_type": cell["cell_type"], "input": cell["source"], "collapsed": False}
        for cell in notebook()["cells"]
    ]
    return as_bytes({"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]})


def with_odd_cells(content: dict[str, Any]) -> None:
    content["cells"][3:3] = [
        None,
        5,
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5},
        {"cell_type": "code", "source": [1, None, "x = 1"]},
        {"cell_type": "unknown", "source": "raise SystemExit"},
        {"cell_type": "raw", "source": "raise SystemExit"},
    ]


def without_answers(content: dict[str, Any]) -> None:
    kept = [cell for cell in content["cells"] if not cell.get("id", "").endswith("-answer")]
    content["cells"] = kept


def with_faked_outputs(content: dict[str, Any]) -> None:
    card = '<div class="cr-card" data-state="pass"><strong>correct.</strong></div>'
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": {"text/html": card}}]
            cell["metadata"] = {"nbgrader": {"grade": True, "points": 100, "score": 100}}


def in_language(language: str, kernel: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.update(
        metadata={
            "kernelspec": {"name": kernel, "display_name": kernel, "language": language},
            "language_info": {"name": language},
        }
    )


FILES = [
    # --- damaged
    File("empty.ipynb", "rejected", b"", says="the file is empty"),
    File("cut.ipynb", "rejected", as_bytes(exercise())[:-100], says="not JSON"),
    File("text.ipynb", "rejected", b"import numpy as np\n", says="not JSON: line 1"),
    File("latin-1.ipynb", "rejected", '{"é": 1}'.encode("latin-1"), says="not UTF-8: byte 2"),
    File("utf-16.ipynb", "rejected", json.dumps(exercise()).encode("utf-16"), says="not UTF-8"),
    File("zeros.ipynb", "rejected", bytes(1000), says="not JSON"),
    File("deep.ipynb", "rejected", b"[" * 10**6, says="not JSON that a notebook would hold"),
    File("long number.ipynb", "rejected", b'{"cells": ' + b"9" * 10**5 + b"}", says="not JSON"),
    File("list.ipynb", "rejected", b"[1, 2]", says="no JSON object"),
    File("no cells.ipynb", "rejected", b"{}", says="no list of cells"),
    File("cells.ipynb", "rejected", b'{"cells": {"a": 1}}', says="no list of cells"),
    File("format 2.ipynb", "rejected", b'{"nbformat": 2, "cells": []}', says="format 2"),
    File("format odd.ipynb", "rejected", b'{"nbformat": [4], "cells": []}', says="format [4]"),
    File("large.ipynb", "rejected", lambda path: path.write_bytes(b" " * (60 * 2**20)), says="MiB"),
    File(
        "link.ipynb",
        "rejected",
        lambda path: path.symlink_to("../good/solution.ipynb"),
        says="a symbolic link",
    ),
    File("loop.ipynb", "rejected", lambda path: path.symlink_to("loop.ipynb"), says="link"),
    File("pipe.ipynb", "rejected", lambda path: os.mkfifo(path), says="not a regular file"),
    # --- in another language
    File("r.ipynb", "rejected", changed(in_language("R", "ir")), says="in R, not in Python"),
    File("kernel.ipynb", "graded", changed(in_language("python", "conda-env-xyz")), 1.0),
    # --- odd, but notebooks
    File("format 3.ipynb", "graded", in_format_3(), 1.0),
    File("mark.ipynb", "graded", b"\xef\xbb\xbf" + as_bytes(notebook()), 1.0),
    File(
        "same ids.ipynb",
        "graded",
        changed(lambda content: [cell.update(id="same") for cell in content["cells"]]),
        1.0,
    ),
    File("odd cells.ipynb", "graded", changed(with_odd_cells), 1.0),
    File("no metadata.ipynb", "graded", changed(lambda content: content.pop("metadata")), 1.0),
    File("odd metadata.ipynb", "graded", changed(lambda c: c.update(metadata=[1])), 1.0),
    File(
        "deleted cells.ipynb",
        "graded",
        changed(without_answers),
        1.0,
        says="The notebook defines no affine.",
    ),
    File("no code.ipynb", "graded", b'{"cells": []}', says="The notebook defines no neuron."),
    File(
        "renamed.ipynb",
        "graded",
        as_bytes(with_cells(ANSWER.replace("neuron", "my_neuron"))),
    ),
    File("faked outputs.ipynb", "graded", changed(with_faked_outputs), 1.0),
    # --- odd names
    *(
        File(f"{name}.ipynb", "graded", as_bytes(notebook()), 1.0)
        for name in (
            "=1+1",
            "-rf",
            "two\nlines",
            "\x1b[31mred",
            "ünïcødé ☃",
            "'; rm -rf ~; '",
            "..",
            "x" * 200,
            "not utf-8 \udcff",
        )
    ),
]
