"""``chainrule grade``: the options, and what is printed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

OK, WRONG, MISUSED, INTERRUPTED = 0, 1, 2, 130

TOOLS = ("gradescope", "nbgrader", "otter")  # chainrule.grading.grader.exports has one for each

DESCRIPTION = """Grade notebooks of others. Each runs in a sandbox of its own, without a network and
without sight of anything but Python; the checks run outside. DIR gets a JSON file and a text for
its author for each submission, grades.csv and statistics.json."""


def add_to(commands: Any) -> None:
    """Add the command to the parser of ``chainrule``."""
    parser = commands.add_parser("grade", help="grade notebooks", description=DESCRIPTION)
    parser.add_argument(
        "submissions",
        nargs="+",
        type=Path,
        metavar="SUBMISSION",
        help="a notebook, or a folder with notebooks at any depth",
    )
    parser.add_argument("--exercise", required=True, metavar="SLUG", help="the exercise set")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="for the results")
    parser.add_argument(
        "--jobs",
        type=_count,
        default=os.cpu_count() or 1,
        metavar="N",
        help="submissions at a time; by default one for each processor (%(default)s)",
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="the scheduler of a Dask cluster, which grades instead of this machine",
    )
    parser.add_argument(
        "--export",
        choices=TOOLS,
        action="append",
        default=[],
        help="also write the results as this tool would, into DIR/<tool>; may be repeated",
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep the results in DIR that are still valid"
    )
    parser.add_argument(
        "--trust", action="store_true", help="without any isolation, with your own rights"
    )
    for option, seconds, of in (
        ("--timeout", 60.0, "a submission in all"),
        ("--cell-timeout", 20.0, "one cell of the notebook"),
        ("--call-timeout", 5.0, "one call of an answer"),
    ):
        parser.add_argument(
            option,
            type=_positive,
            default=seconds,
            metavar="SECONDS",
            help=f"the longest for {of} (%(default)g)",
        )
    parser.add_argument(
        "--memory",
        type=_count,
        default=1024,
        metavar="MIB",
        help="for the learner's process (%(default)s)",
    )
    parser.add_argument(
        "--points",
        type=points,
        action="append",
        default=[],
        metavar="EXERCISE=NUMBER",
        help="what an exercise is worth; 1 by default; may be repeated",
    )
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="a checkout of the book; the one at hand"
    )
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Do what was asked for; the exit code."""
    from chainrule.grading.grader.canary import CanaryError
    from chainrule.grading.grader.cluster import ClusterError, on_cluster
    from chainrule.grading.grader.run import run as grade_class
    from chainrule.grading.grader.sandbox import SandboxError
    from chainrule.grading.grader.schedule import in_processes
    from chainrule.grading.grader.settings import MIB, Settings
    from chainrule.grading.grader.statistics import summary

    # The processes that grade inherit it. On small arrays, threads only get in each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    settings = Settings(
        slug=parsed.exercise,
        trust=parsed.trust,
        total_seconds=parsed.timeout,
        cell_seconds=parsed.cell_timeout,
        call_seconds=parsed.call_timeout,
        memory=parsed.memory * MIB,
        points=dict(parsed.points),
    )
    try:
        found = grade_class(
            parsed.submissions,
            settings,
            parsed.out,
            resume=parsed.resume,
            course=parsed.course,
            scheduler=on_cluster(parsed.dask) if parsed.dask else in_processes(parsed.jobs),
            exports=parsed.export,
        )
    except (ValueError, FileExistsError) as error:
        return _say(error, MISUSED)
    except (SandboxError, CanaryError, ClusterError) as error:
        return _say(error, WRONG)
    except KeyboardInterrupt:
        done = f"grade: interrupted; what is done is in {parsed.out}, continue with --resume"
        return _say(done, INTERRUPTED)
    print(summary(found))
    print(f"results: {parsed.out}")
    return OK if not found["statuses"]["infrastructure-error"] else WRONG


def _say(what: object, code: int) -> int:
    print(f"chainrule: {what}", file=sys.stderr)
    return code


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1, 2, 3, ...")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def points(text: str) -> tuple[str, float]:
    """The two parts of ``EXERCISE=NUMBER``."""
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not of the form EXERCISE=NUMBER")
