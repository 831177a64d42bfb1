"""The time that ``import`` takes, each in a fresh process.

What is measured is every import but the first, which compiles: Python's bytecode is in a folder of
our own, whatever the environment says about it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.harness import shown
from chainrule.tables import Table, table

TARGET = 0.25  # seconds
RUNS = 6  # the first of which compiles
LIBRARY = "chainrule.nn, chainrule.optim, chainrule.training, chainrule.models, chainrule.data"
CODE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def measure() -> dict[str, float]:
    """What is imported → seconds, the fastest of several runs."""
    modules = {"chainrule": LIBRARY, "of which numpy": "numpy"}
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    fastest = dict.fromkeys(modules, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        environment["PYTHONPYCACHEPREFIX"] = folder
        for _ in range(RUNS):  # in turns: the speed of a machine drifts
            for name in modules:
                fastest[name] = min(fastest[name], _seconds(modules[name], environment))
    return fastest


def import_table(measured: dict[str, float]) -> Table:
    """One row for the library, one for the part of it that is NumPy's."""
    return table(
        {
            "import": list(measured),
            "time": [shown(seconds) for seconds in measured.values()],
            "target": [shown(TARGET), ""],
        }
    )


def _seconds(modules: str, environment: dict[str, str]) -> float:
    command = [sys.executable, "-c", CODE.format(modules)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(run.stdout)
