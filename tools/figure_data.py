"""Write the data of the interactive figures: `python -m tools.figure_data`.

A figure has its data from a script of its own, `assets/figures/data/<kind>.js`, since a page that
was opened from a folder may not fetch a file. Each is made here by the library, seeded; a test
makes them anew and compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.data import circles, moons, spirals, standardizer, xor
from tools.paths import ROOT, shown

DATA = ROOT / "assets" / "figures" / "data"
SEED = 7
POINTS = 100


def rounded(values: Any, digits: int = 2) -> Any:
    """Numbers as short as the figure needs them."""
    return np.round(np.asarray(values, np.float64), digits).tolist()


def playground() -> dict[str, Any]:
    """The points of each problem, standardized."""
    rng = np.random.default_rng(SEED)
    corners, classes = xor()
    which = np.arange(POINTS) % 4
    problems: dict[str, tuple[Any, Any]] = {
        "xor": (corners[which] + 0.12 * rng.standard_normal((POINTS, 2)), classes[which]),
        "moons": moons(POINTS, rng=rng),
        "circles": circles(POINTS, noise=0.05, rng=rng),
        "spirals": spirals(POINTS, rng=rng),
    }
    return {
        name: {"X": rounded(standardizer(X)(X)), "t": t.tolist()}
        for name, (X, t) in problems.items()
    }


MADE: dict[str, Callable[[], Any]] = {"playground": playground}


def script(kind: str) -> str:
    """The text of the script that holds the data of one kind of figure."""
    text = json.dumps(MADE[kind](), separators=(",", ":"))
    return (
        "// Written by tools/figure_data.py. Do not edit.\n"
        f"(globalThis.figureData ??= {{}}).{kind} = {text};\n"
    )


def main() -> None:
    for kind in MADE:
        target = DATA / f"{kind}.js"
        target.write_text(script(kind), "utf8")
        print(f"{shown(target)}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
