"""The command: run the comparisons and print their tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import mlp_digits
from benchmarks.harness import compete, machine, record, table, write

COMPARISONS = {"mlp-digits": mlp_digits.comparison}
ROUNDS, QUICK_ROUNDS = 15, 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(COMPARISONS)}")
    parser.add_argument("--quick", action="store_true", help="see that it runs; measure nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to FILE")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(COMPARISONS)
    if unknown:
        parser.error(f"no comparison is called {', '.join(sorted(unknown))}")
    if arguments.json and not arguments.json.resolve().parent.is_dir():
        parser.error(f"the folder of {arguments.json} does not exist")

    records = {}
    for name in arguments.names or COMPARISONS:
        comparison = COMPARISONS[name](quick=arguments.quick)
        results = compete(comparison, rounds=QUICK_ROUNDS if arguments.quick else ROUNDS)
        records[name] = record(comparison, results)
        print(table(comparison, results))
        print(", ".join(f"{package} {v}" for package, v in comparison.versions.items()), end="\n\n")
    if arguments.json:
        write(arguments.json, {"machine": machine(), "comparisons": records})
        print(f"Every round is in {arguments.json}.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; nothing was written.")
