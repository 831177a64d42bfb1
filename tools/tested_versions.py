"""Test with the lowest, the locked or the newest versions of the dependencies, and record what ran.

`lowest` are the lowest versions that pyproject.toml claims to work, and the newest of whatever
they need; `locked` those of constraints.txt; `newest` all that pip finds. Each is installed in an
environment of its own, with the Python that runs this command. The record, a file in `api/tested/`,
says what the run itself found; `table` writes the tables of the page *Status* from all records.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.environment import (
    BIN,
    VENV,
    has_pip,
    make_virtual_environment,
    pip_install,
    python_of,
)
from tools.paths import CACHE, CONSTRAINTS, ROOT, shown

RECORDS = ROOT / "api/tested"
TABLE = RECORDS / "tables.md"
KINDS = {"lowest": "lowest claimed", "locked": "locked", "newest": "newest"}
SYSTEMS = {"Linux": "Linux", "Darwin": "macOS", "Windows": "Windows"}
"""The systems that readers have, as Python calls them and as people do."""

ELSEWHERE = "not built and not browser and not interop and not launch and not parity"
FAST = f"not slow and {ELSEWHERE}"
LIBRARY = [
    *("tests/data", "tests/functional", "tests/models", "tests/nn", "tests/plotting"),
    *("tests/proofs", "tests/training", "tests/test_autograd.py", "tests/test_optim.py"),
]
SUITES = {
    "library": ("the library's fast ones", [*LIBRARY, "-m", FAST]),
    "fast": ("the fast ones", ["-m", FAST]),
    "all": ("all", ["-m", ELSEWHERE]),
}
"""Which tests there are, in words and as arguments of pytest: those of the library that take less
than a second each, all that do, or all that need no built pages and no environment of their own."""

NAME = re.compile(r"[A-Za-z0-9._-]+")


def environment_of(kind: str) -> Path:
    """The virtual environment for these versions, apart from the one that everything else uses."""
    return VENV.with_name(f".venv-{kind}")


def requirements(extra: str = "test") -> list[str]:
    """The packages that pyproject.toml names for `extra`, and for the extras that it includes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    own = re.compile(re.escape(project["name"]) + r"\[(.+)\]")
    names = {NAME.match(line)[0] for line in project["dependencies"]}  # type: ignore[index]
    for line in project["optional-dependencies"][extra]:
        included = own.fullmatch(line)
        match = NAME.match(line)
        assert match is not None
        names |= set(requirements(included[1])) if included else {match[0]}
    return sorted(names)


def lowest_versions(environment: Path) -> Path:
    """Write the lowest versions that pyproject.toml claims into a file of constraints."""
    pip_install("uv", environment=environment)
    target = CACHE / "lowest-versions.txt"
    CACHE.mkdir(exist_ok=True)
    uv = environment / BIN.name / "uv"
    command = [str(uv), "pip", "compile", "pyproject.toml", "--quiet", "--extra", "test"]
    command += ["--resolution", "lowest-direct", "--python-version", python_version()]
    command += ["--no-annotate", "--no-header", "--output-file", str(target)]
    target.unlink(missing_ok=True)  # uv prefers what an old file says
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        sys.exit("The lowest versions that pyproject.toml claims do not fit together (see above).")
    return target


def python_version() -> str:
    return ".".join(map(str, sys.version_info[:2]))


def install(kind: str) -> Path:
    """Make the environment of `kind` and install the project in it; returns its Python."""
    environment = environment_of(kind)
    if not has_pip(environment):
        make_virtual_environment(environment)
    print(f"Installing the {KINDS[kind]} versions in {shown(environment)}")
    constraints = {
        "lowest": lambda: ["-c", str(lowest_versions(environment))],
        "locked": lambda: ["-c", str(CONSTRAINTS)],
        "newest": lambda: ["--upgrade", "--upgrade-strategy", "eager"],
    }[kind]()
    pip_install(*constraints, "-e", ".[test]", environment=environment)
    return python_of(environment)


def run_tests(python: Path, suite: str) -> dict[str, int]:
    """Run the tests and count what happened to them."""
    environment = {**os.environ, "CHAINRULE_PROGRESS": "0", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [str(python), "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
        command += ["-p", "no:cacheprovider", *SUITES[suite][1], f"--junitxml={report}"]
        subprocess.run(command, cwd=ROOT, env=environment)
        if not report.exists():
            sys.exit("pytest did not run (see above); nothing is recorded.")
        return counts(report.read_text("utf8"))


def counts(report: str) -> dict[str, int]:
    """How many tests passed, failed and were skipped, by pytest's report in JUnit's format."""
    (found,) = ET.fromstring(report).iter("testsuite")
    total, skipped = int(found.attrib["tests"]), int(found.attrib["skipped"])
    failed = int(found.attrib["failures"]) + int(found.attrib["errors"])
    return {"passed": total - skipped - failed, "failed": failed, "skipped": skipped}


def versions_in(python: Path, packages: list[str]) -> dict[str, str]:
    """The versions of `packages` that are installed for `python`."""
    code = (
        "import json, sys\nfrom importlib.metadata import version\n"
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    command = [str(python), "-c", code, *packages]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    versions: dict[str, str] = json.loads(found.stdout)
    return versions


def commit() -> str:
    """The commit that is checked out, and whether anything but the records was edited since."""

    def git(*command: str) -> str:
        return subprocess.run(
            ["git", "-C", str(ROOT), *command], capture_output=True, text=True
        ).stdout.strip()

    records = f":!{RECORDS.relative_to(ROOT).as_posix()}"
    edited = git("status", "--porcelain", "--untracked-files=no", "--", ".", records)
    return git("describe", "--always", "--abbrev=10") + ("-dirty" if edited else "")


def record(kind: str, suite: str, python: Path) -> dict[str, Any]:
    """Run the tests and say what ran, where and how it ended."""
    return {
        "versions": kind,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "suite": suite,
        "tests": run_tests(python, suite),
        "packages": versions_in(python, requirements()),
    }


def write(content: dict[str, Any]) -> Path:
    """Keep a record, in place of an older one of the same kind, system and Python."""
    python = "".join(content["python"].split(".")[:2])
    path = RECORDS / f"{content['versions']}-{content['system'].lower()}-{python}.json"
    write_whole(path, json.dumps(content, indent=1) + "\n")
    return path


def write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(text, "utf8", newline="\n")
    scratch.replace(path)


# --- the page -------------------------------------------------------------------------------------


def records() -> list[dict[str, Any]]:
    """All records: lowest, locked, newest; within these by system and Python."""
    found = [json.loads(path.read_text("utf8")) for path in sorted(RECORDS.glob("*.json"))]
    return sorted(found, key=lambda one: list(KINDS).index(one["versions"]))


def tables(found: list[dict[str, Any]]) -> str:
    """What the page *Status* includes."""
    head = [
        "versions",
        "system",
        "Python",
        "tests",
        "passed",
        "failed",
        "skipped",
        "date",
        "commit",
    ]
    runs = [
        [
            KINDS[one["versions"]],
            f"{SYSTEMS.get(one['system'], one['system'])} ({one['machine']})",
            one["python"],
            SUITES[one["suite"]][0],
            *(f"{one['tests'][outcome]:,}" for outcome in ("passed", "failed", "skipped")),
            one["date"],
            f"`{one['commit']}`",
        ]
        for one in found
    ]
    packages = sorted({name for one in found for name in one["packages"]})
    titles = [f"{KINDS[one['versions']]}, Python {one['python']}" for one in found]
    rows = [[name, *(one["packages"].get(name, "") for one in found)] for name in packages]
    return "\n".join(
        [
            *markdown(head, runs),
            "",
            never_run({one["system"] for one in found}, {one["versions"] for one in found}),
            "",
            *markdown(["package", *titles], rows),
            "",
        ]
    )


def never_run(systems: set[str], kinds: set[str]) -> str:
    """Which systems, and which kinds of versions, no record is of."""
    lines = []
    if missing := [name for kind, name in KINDS.items() if kind not in kinds]:
        lines.append(f"**Not recorded:** no run with the {' and the '.join(missing)} versions.")
    if missing := [name for system, name in SYSTEMS.items() if system not in systems]:
        lines.append(
            f"**Never run:** on {' and '.join(missing)} no test has been run that is recorded "
            "here. The code is written for them too, and the workflow tests it there; until a "
            "record says so, take it as unproven."
        )
    return "\n\n".join(lines) or "Every system that the project supports has been tested."


def markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    """The lines of a table."""
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.tested_versions", description=__doc__)
    parser.add_argument("what", choices=[*KINDS, "table"])
    parser.add_argument("--suite", choices=SUITES, default="fast", help="which tests; or fast")
    given = parser.parse_args()
    if given.what != "table":
        content = record(given.what, given.suite, install(given.what))
        print(f"Recorded in {shown(write(content))}: {content['tests']}")
    write_whole(TABLE, tables(records()))
    if given.what != "table" and content["tests"]["failed"]:
        sys.exit("Tests failed (see above); the record says how many.")


if __name__ == "__main__":
    main()
