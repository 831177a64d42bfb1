"""The ``chainrule`` command.

``chainrule exercises build [--check] [SLUG ...]`` makes the exercise notebooks from their sources.
``chainrule exercises export SLUG --to TOOL --out DIR`` makes an assignment for another grader.
``chainrule progress [SLUG] [--export FILE] [--import FILE]`` shows what a learner has done.
``chainrule grade SUBMISSION ... --exercise SLUG --out DIR`` grades notebooks of others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chainrule import __version__
from chainrule.grading import assignments, authoring, record
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

    export = actions.add_parser(
        "export",
        help="make an assignment for another grader",
        description="Make an assignment of an exercise set for Gradescope, nbgrader or "
        "otter-grader, in which our checks grade. Run it in a checkout of the book.",
    )
    export.add_argument("slug", metavar="SLUG", help="a chapter")
    export.add_argument("--to", required=True, choices=sorted(assignments.EXPORTS))
    export.add_argument("--out", required=True, type=Path, metavar="DIR")
    export.add_argument(
        "--points",
        type=grade.points,
        action="append",
        default=[],
        metavar="EXERCISE=NUMBER",
        help="what an exercise is worth; 1 by default; may be repeated",
    )
    export.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="a checkout of the book"
    )
    export.set_defaults(run=_export_exercises)

    progress = commands.add_parser(
        "progress",
        help="show what you have done",
        description="Show your best result in each exercise. The record is kept on this machine; "
        "CHAINRULE_HOME names another folder for it.",
    )
    progress.add_argument("slug", nargs="?", default="", metavar="SLUG", help="a chapter")
    progress.add_argument(
        "--export", type=Path, metavar="FILE", help="write the record to FILE, as JSON"
    )
    progress.add_argument(
        "--import",
        type=Path,
        metavar="FILE",
        dest="imported",
        help="add an exported record to yours; of two results the better one stays",
    )
    progress.set_defaults(run=_progress)
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


def _export_exercises(parsed: argparse.Namespace) -> int:
    slug, out = parsed.slug, parsed.out
    try:
        written = assignments.export(
            slug, parsed.to, out, course=parsed.course, points=dict(parsed.points)
        )
    except ValueError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return MISUSED
    print(f"{written[0]}" + (f" and {len(written) - 1} more" if written[1:] else ""))
    print(assignments.NEXT[parsed.to].format(slug=slug, out=out))
    return OK


def _progress(parsed: argparse.Namespace) -> int:
    try:
        if parsed.imported is not None:
            print(record.import_from(parsed.imported))
        if parsed.export is not None:
            print(record.export_to(parsed.export))
        if parsed.imported is None and parsed.export is None:
            encoding = sys.stdout.encoding or "utf-8"
            text = repr(record.progress(parsed.slug))
            print(text.encode(encoding, "replace").decode(encoding))
    except ValueError as error:  # no such chapter, or a damaged file
        print(error, file=sys.stderr)
        return WRONG
    except OSError as error:
        print(f"chainrule progress: {error.filename}: {error.strerror}", file=sys.stderr)
        return WRONG
    return OK


if __name__ == "__main__":
    sys.exit(main())
