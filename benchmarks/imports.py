"""The time that ``import`` takes, each in a fresh process."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.harness import shown
from chainrule.tables import Table, table

TARGET = 0.25  # seconds
RUNS = 5
LIBRARY = "chainrule.nn, chainrule.optim, chainrule.training, chainrule.models, chainrule.data"
CODE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def measure() -> dict[str, float]:
    """What is imported → seconds, the fastest of several runs."""
    return {
        name: _seconds(modules)
        for name, modules in {"chainrule": LIBRARY, "of which numpy": "numpy"}.items()
    }


def import_table(measured: dict[str, float]) -> Table:
    """One row for the library, one for the part of it that is NumPy's."""
    return table(
        {
            "import": list(measured),
            "time": [shown(seconds) for seconds in measured.values()],
            "target": [shown(TARGET), ""],
        }
    )


def _seconds(modules: str) -> float:
    command = [sys.executable, "-c", CODE.format(modules)]
    return min(
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(RUNS)
    )
