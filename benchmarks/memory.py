"""The memory of a training step, against PyTorch: the peak of what the process has in RAM.

Each side runs in a process of its own. Steps with a batch of one example load what is loaded late.
Then what they freed is given back, the peak is set back, and a model, its optimizer and three steps
are counted: parameters, gradients, moments, results remembered for the backward pass, and whatever
the allocator keeps. Linux with glibc only: it reads and resets the peak in /proc.
"""

from __future__ import annotations

import ctypes
import gc
import json
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.against_pytorch import HAVE_PYTORCH
from chainrule.tables import Table, table

PROC = Path("/proc/self")
CAN_MEASURE = (PROC / "clear_refs").exists() and platform.libc_ver()[0] == "glibc"
TARGET = 2.0  # times PyTorch's
STEPS = 3
MIB = 1 << 20

WORKLOADS = {  # name: (title, batch): large enough to stand out from what an allocator keeps
    "mlp": ("MLP 784-1024-1024-10, batch 1024", 1024),
    "cnn": ("CNN 1×28×28, conv 8, pool, conv 16, pool, linear, batch 512", 512),
    "gpt": ("GPT, d 64, 4 heads, 2 layers, T 64, batch 64", 64),
}


def measure() -> dict[str, dict[str, float]]:
    """Workload → side → MiB."""
    sides = ("chainrule", "PyTorch") if HAVE_PYTORCH else ("chainrule",)
    return {name: {side: _in_a_process(name, side) for side in sides} for name in WORKLOADS}


def memory_table(measured: dict[str, dict[str, float]]) -> Table:
    """One row per workload, with the ratio and its target."""
    columns: dict[str, list[str]] = {
        "workload": [f"{title}: peak memory" for title, _ in WORKLOADS.values()],
        "ours": [f"{m['chainrule']:.0f} MiB" for m in measured.values()],
        "theirs": [
            f"{m['PyTorch']:.0f} MiB" if "PyTorch" in m else "not measured"
            for m in measured.values()
        ],
        "ours / theirs": [
            f"{m['chainrule'] / m['PyTorch']:.2f}" if "PyTorch" in m else ""
            for m in measured.values()
        ],
        "target": [f"{TARGET:.2f}"] * len(measured),
    }
    return table(columns)


def _in_a_process(name: str, side: str) -> float:
    command = [sys.executable, "-m", "benchmarks.memory", name, side]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(run.stdout))


def _run(name: str, side: str) -> float:
    import numpy as np

    from benchmarks import against_pytorch, attention, convolution, mlp

    rng = np.random.default_rng(0)

    def comparison(batch: int) -> against_pytorch.Comparison:
        t = rng.integers(0, 10, batch)
        if name == "gpt":
            ids = rng.integers(0, attention.CHARACTERS, (batch, attention.T + 1))
            examples = ids[:, :-1].copy(), ids[:, 1:].copy()
            build, build_torch = attention.build, attention.build_torch
        elif name == "cnn":
            examples = rng.standard_normal((batch, 1, 28, 28), np.float32), t
            build, build_torch = convolution.build, convolution.build_torch
        else:
            examples = rng.standard_normal((batch, 784), np.float32), t
            build, build_torch = mlp.builders((784, 1024, 1024, 10))
        return against_pytorch.training(name, name, build, build_torch, examples)

    def steps(batch: int) -> None:
        work = comparison(batch).contestants[side]()
        for _ in range(STEPS):
            work(0)()

    steps(1)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    (PROC / "clear_refs").write_text("5")
    before = _status("VmRSS")
    steps(WORKLOADS[name][1])
    return (_status("VmHWM") - before) / MIB


def _status(field: str) -> int:
    lines = (PROC / "status").read_text("utf8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


if __name__ == "__main__":
    print(json.dumps(_run(*sys.argv[1:])))
