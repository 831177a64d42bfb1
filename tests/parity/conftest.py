"""Parity runs where PyTorch is installed (``make parity``), and is collected nowhere else."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
INSTALLED = importlib.util.find_spec("torch") is not None
collect_ignore_glob = [] if INSTALLED else ["test_*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.parity)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not INSTALLED:
        return
    from tests.parity.bridge import TALLY

    if not TALLY.compared:
        return
    import torch

    line = terminalreporter.line
    terminalreporter.section(f"parity with PyTorch {torch.__version__}")
    for kind, compared in TALLY.compared.items():
        name, error = max(TALLY.largest[kind].items(), key=lambda item: item[1])
        line(
            f"{kind}: {compared.total()} comparisons of {len(compared)} names, largest error "
            f"{error:.0e} ({name})"
        )
        for reason, count in TALLY.skipped[kind].most_common():
            line(f"  {count:4d} skipped: {reason}")
