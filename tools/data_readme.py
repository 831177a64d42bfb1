"""Write ``lib/chainrule/data/README.md`` from the catalog of data sets.

``python -m tools.data_readme`` writes it; a test compares what is there with what it would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from chainrule.data.catalog import CATALOG, GENERATED, DataSet
from chainrule.data.sources import SHA256
from tools.paths import ROOT

README = ROOT / "lib" / "chainrule" / "data" / "README.md"

HEAD = """\
# Data sets

<!-- Generated from catalog.py by `python -m tools.data_readme`. -->

Nothing is downloaded. Each table names the function of `chainrule.data`, what it loads or makes,
and where that comes from.
"""

SHIPPED = """
## Shipped with the library

The library verifies the SHA-256 checksum whenever it reads a file.
"""

BORROWED = """
## Brought by scikit-learn

These are asked for when you call the function; `pip install scikit-learn` brings them.
"""

MADE = """
## Generated

Made by formulas of this library, under its license (BSD-3-Clause). Those that are drawn take a
`numpy.random.Generator` and depend on nothing else.
"""


def readme() -> str:
    """The text that the catalog makes."""
    files = [(name, entry) for name, entry in CATALOG.items() if entry.file]
    borrowed = [(name, entry) for name, entry in CATALOG.items() if entry.from_sklearn]
    made = [(name, entry) for name, entry in CATALOG.items() if entry.source == GENERATED]
    return "".join(
        [
            HEAD,
            SHIPPED,
            table(
                ["function", "what", "source", "license"],
                ([f"`{n}()`", e.what, e.source, e.license] for n, e in files),
            ),
            table(["file", "SHA-256"], ([f"`{e.file}`", f"`{SHA256[e.file]}`"] for _, e in files)),
            BORROWED,
            table(
                ["function", "what", "source", "license"],
                ([f"`{n}()`", e.what, e.source, e.license] for n, e in borrowed),
            ),
            MADE,
            table(
                ["function", "what", "arrays"], ([f"`{n}()`", e.what, arrays(e)] for n, e in made)
            ),
        ]
    )


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A table in Markdown, after an empty line."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join("| " + " | ".join(line) + " |\n" for line in lines)


def arrays(entry: DataSet) -> str:
    """Every array with its shape and dtype: `X` (n, 2) float32."""
    return ", ".join(
        f"`{field}` ({', '.join(map(str, shape))}{',' * (len(shape) == 1)}) {dtype}"
        for field, (shape, dtype) in entry.arrays.items()
    )


if __name__ == "__main__":
    README.write_text(readme(), encoding="utf-8")
    sys.stdout.write(f"Wrote {README.relative_to(ROOT)}\n")
