"""The command: run the comparisons and print their table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import attention, convolution, functions, generation, mlp, mlp_digits, recurrence
from benchmarks.against_pytorch import HAVE_PYTORCH
from benchmarks.harness import compete, machine, record, table, write_json

TOPICS = (mlp, convolution, recurrence, attention, generation, functions, mlp_digits)
ROUNDS, QUICK_ROUNDS = 25, 2


def main() -> None:
    comparisons = {c.name: c for topic in TOPICS for c in topic.comparisons()}
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(comparisons)}")
    parser.add_argument("--quick", action="store_true", help="see that it runs; measure nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to FILE")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(comparisons)
    if unknown:
        parser.error(f"no comparison is called {', '.join(sorted(unknown))}")
    if arguments.json and not arguments.json.resolve().parent.is_dir():
        parser.error(f"the folder of {arguments.json} does not exist")
    if not HAVE_PYTORCH:
        print(
            "PyTorch is not installed here: only scikit-learn is compared with, and elsewhere our "
            "own time is measured alone.\n"
        )

    chosen = [comparisons[name] for name in arguments.names or comparisons]
    rounds = QUICK_ROUNDS if arguments.quick else ROUNDS
    results = [compete(comparison, rounds=rounds) for comparison in chosen]
    print(table(chosen, results))
    if arguments.json:
        records = {c.name: record(c, r) for c, r in zip(chosen, results, strict=True)}
        write_json(arguments.json, {"machine": machine(), "comparisons": records})
        print(f"Every round is in {arguments.json}.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; nothing was written.")
