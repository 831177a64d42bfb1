"""The command: run the comparisons and print their tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks import (
    attention,
    convolution,
    functions,
    generation,
    imports,
    memory,
    mlp,
    mlp_digits,
    recurrence,
)
from benchmarks.against_pytorch import HAVE_PYTORCH
from benchmarks.harness import compete, machine, record, table, write, write_json
from chainrule.tables import Table

TOPICS = (mlp, convolution, recurrence, attention, generation, functions, mlp_digits)
ROUNDS, QUICK_ROUNDS = 25, 2
RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    comparisons = {c.name: c for topic in TOPICS for c in topic.comparisons()}
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(comparisons)}; without: everything"
    )
    parser.add_argument("--quick", action="store_true", help="see that it runs; measure nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to FILE")
    parser.add_argument(
        "--record", action="store_true", help=f"write the tables to benchmarks/{RESULTS.name}"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(comparisons)
    if unknown:
        parser.error(f"no comparison is called {', '.join(sorted(unknown))}")
    if arguments.json and not arguments.json.resolve().parent.is_dir():
        parser.error(f"the folder of {arguments.json} does not exist")
    if arguments.record and (arguments.names or arguments.quick or not HAVE_PYTORCH):
        parser.error(
            "--record needs everything, measured in full, and PyTorch: make bench installs "
            "it, then run .venv-parity/bin/python -m benchmarks --record"
        )
    if not HAVE_PYTORCH:
        print(
            "PyTorch is not installed here (make bench installs it): only scikit-learn is "
            "compared with, and elsewhere our own time is measured alone.\n"
        )

    chosen = [comparisons[name] for name in arguments.names or comparisons]
    rounds = QUICK_ROUNDS if arguments.quick else ROUNDS
    results = [compete(comparison, rounds=rounds) for comparison in chosen]
    tables = [table(chosen, results)]
    if not arguments.names and not arguments.quick:
        if memory.CAN_MEASURE:
            tables.append(memory.memory_table(memory.measure()))
        tables.append(imports.import_table(imports.measure()))
    print("\n\n".join(map(str, tables)))
    if arguments.record:
        write(RESULTS, page(machine(), tables))
        print(f"The tables are in {RESULTS}.")
    if arguments.json:
        records = {c.name: record(c, r) for c, r in zip(chosen, results, strict=True)}
        write_json(arguments.json, {"machine": machine(), "comparisons": records})
        print(f"Every round is in {arguments.json}.")


def page(on: dict[str, Any], tables: list[Table]) -> str:
    """The tables in Markdown, and what they were measured on."""
    versions = ", ".join(f"{package} {version}" for package, version in on["versions"].items())
    where = f"{on['system']} on {on['processor'] or on['machine']}, {on['cores']} cores"
    lines = [f"Measured on {on['date']} with {on['threads']} thread: {where}; {versions}."]
    for t in tables:
        rule = ["---:" if name != t.columns[0] else "---" for name in t.columns]
        rows = [list(t.columns), rule, *map(list, t.rows)]
        lines += ["", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; nothing was written.")
