"""The ``chainrule`` command.

``chainrule exercises build [--check] [SLUG ...]`` makes the exercise notebooks from their sources.
``chainrule grade SUBMISSION ... --exercise SLUG --out DIR`` grades notebooks of others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chainrule import __version__
from chainrule.grading import authoring
from chainrule.grading.grader import command as grade

OK, WRONG, MISUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 fine, 1 something is wrong, 2 misused."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (FileNotFoundError, ModuleNotFoundError) as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print("chainrule: interrupted; no file was left half-written", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chainrule", description="Neural Networks from First Principles: the book's command."
    )
    parser.add_argument("--version", action="version", version=f"chainrule {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    exercises = commands.add_parser("exercises", help="make the exercise notebooks")
    actions = exercises.add_subparsers(title="actions", required=True, metavar="ACTION")
    build = actions.add_parser(
        "build",
        help="generate them from their sources",
        description="Generate exercises/SLUG.ipynb and the executed solutions/SLUG.ipynb from "
        "solutions/SLUG.md. Run it in a checkout of the book.",
    )
    build.add_argument("slugs", nargs="*", metavar="SLUG", help="a chapter; all by default")
    build.add_argument(
        "--check", action="store_true", help="write nothing; fail if a notebook is out of date"
    )
    build.set_defaults(run=_build_exercises)
    grade.add_to(commands)
    return parser


def _build_exercises(parsed: argparse.Namespace) -> int:
    root = Path.cwd()
    try:
        if not parsed.check:
            for line in authoring.build(root, parsed.slugs):
                print(line, flush=True)
            return OK
        found = list(authoring.drift(root, parsed.slugs))
    except authoring.SourceError as error:
        print(error, file=sys.stderr)
        return WRONG
    for line in found:
        print(line, file=sys.stderr)
    if found:
        again = " ".join(["chainrule exercises build", *parsed.slugs])
        print(f"\nThe notebooks are not what their sources say. Run: {again}", file=sys.stderr)
        return WRONG
    count = len(authoring.sources(root, parsed.slugs))
    sets = "1 exercise set" if count == 1 else f"{count} exercise sets"
    print(f"The notebooks of {sets} are what their sources say.")
    return OK


if __name__ == "__main__":
    sys.exit(main())
