"""Build the wheel, install it alone in an empty environment, and use it there.

This is what a learner in a hosted notebook gets: no checkout, no extras, NumPy only. The data
must be in the wheel and the missing optional packages must be named when they are asked for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools.paths import CONSTRAINTS
from tools.wheel import PIP, build

USE = """
import pathlib, sys
import numpy as np
import chainrule
from chainrule import data, functional, grading, nn, optim, training
from chainrule.nn import functional as F

assert pathlib.Path(chainrule.__file__).is_relative_to(sys.prefix), chainrule.__file__
digits = data.mnist()
assert len(digits.X_train) + len(digits.X_test) == 10_000
names, series = data.first_names(), data.co2()
assert (len(names.name), len(series.date)) == (5494, 2284)
rng = np.random.default_rng(0)
model = nn.Sequential(nn.Linear(784, 10, rng=rng))
optimizer = optim.SGD(model.parameters(), lr=0.1)
history = training.fit(model, F.cross_entropy, digits.X_train[:500], digits.t_train[:500],
                       optimizer=optimizer, epochs=2, batch_size=50, rng=rng)
assert history.loss[1] < history.loss[0]
try:
    import chainrule.proofs
except ModuleNotFoundError as error:
    assert "pip install" in str(error), error
else:
    raise AssertionError("chainrule.proofs was imported without SymPy")
print("The wheel works alone: data, a training run, and a clear word about what is missing.")
"""


def run(*command: str | Path, cwd: str) -> None:
    # Nothing of the checkout may be importable, and pip must not take it for installed.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["CHAINRULE_PROGRESS"] = "0"
    result = subprocess.run([str(part) for part in command], cwd=cwd, env=environment)
    if result.returncode != 0:
        sys.exit(f"The wheel does not work alone: {command[0]} failed (above).")


def check() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        print("Building the wheel")
        wheel = build(scratch)
        print(
            f"Installing {wheel.name} ({wheel.stat().st_size / 1e6:.1f} MB) in an empty environment"
        )
        empty = Path(scratch) / "empty"
        venv.create(empty, with_pip=True)
        python = empty / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        run(python, *PIP, "install", "-c", CONSTRAINTS, wheel, cwd=scratch)
        run(python, "-c", USE, cwd=scratch)


if __name__ == "__main__":
    check()
