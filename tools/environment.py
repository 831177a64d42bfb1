"""Make the checkout's own virtual environment and install what a target of the Makefile needs.

`python -m tools.environment EXTRA` runs under the system's Python (standard library only), makes
`.venv` if there is none, and installs the project with EXTRA, every version fixed by
`constraints.txt`. It returns at once when neither `pyproject.toml` nor the constraints changed
since EXTRA was last installed. The extras in `APART` get environments of their own, `.venv-parity`
for PyTorch and `.venv-interop` for other graders: they are large, and nothing else of the project
may come to lean on them. `.venv-launch` has what a hosted notebook finds, and so not the project.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any

from tools.paths import CONSTRAINTS, ROOT, shown
from tools.terminal import say, status

VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")

APART = frozenset({"interop", "launch", "parity"})
"""The extras that have an environment of their own, `.venv-EXTRA`."""

WITHOUT_PROJECT = frozenset({"launch"})
"""The extras that are installed without the project itself."""


def venv_of(extra: str) -> Path:
    """The virtual environment that `extra` is installed in."""
    return VENV.with_name(f".venv-{extra}") if extra in APART else VENV


def python_of(environment: Path) -> Path:
    """The Python of a virtual environment."""
    return environment / BIN.name / ("python.exe" if os.name == "nt" else "python")


def requirements_digest() -> str:
    """A digest of everything that decides what is installed; tool settings are left out."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))
    decisive = {key: pyproject.get(key) for key in ("build-system", "project")}
    decisive["setuptools"] = pyproject.get("tool", {}).get("setuptools")
    text = json.dumps(decisive, sort_keys=True) + CONSTRAINTS.read_text("utf8")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stamp(extra: str) -> Path:
    """The file whose existence says that `extra` is installed at the present requirements."""
    return venv_of(extra) / f".installed-{extra}-{requirements_digest()}"


def project() -> dict[str, Any]:
    """What `pyproject.toml` says of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]


def requirements(extra: str) -> list[str]:
    """The packages that `extra` asks for, with their bounds."""
    extras = project()["optional-dependencies"]
    if extra not in extras:
        sys.exit(f"pyproject.toml has no extra {extra!r}; it has {', '.join(extras)}")
    return extras[extra]


def included(extra: str) -> set[str]:
    """`extra` and the extras of this project that it includes."""
    own = re.compile(re.escape(project()["name"]) + r"\[(.+)\]")
    matches = map(own.fullmatch, requirements(extra))
    return {extra}.union(*(included(match[1]) for match in matches if match))


def has_pip(environment: Path = VENV) -> bool:
    """Whether the virtual environment is complete enough to install into."""
    if not python_of(environment).exists():
        return False
    probe = [str(python_of(environment)), "-c", "import pip"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def make_virtual_environment(environment: Path = VENV) -> None:
    print(f"Making the virtual environment {shown(environment)} with Python {_version()}")
    try:
        venv.create(environment, with_pip=True, clear=environment.exists())
    except (subprocess.CalledProcessError, ImportError) as error:
        sys.exit(
            f"Python's venv module cannot make {shown(environment)}: {error}\n"
            "On Debian and Ubuntu install it with: sudo apt install python3-venv"
        )


def _version() -> str:
    return sys.version.split()[0]


def pip_install(*arguments: str, environment: Path = VENV) -> None:
    """Run pip, showing one line that counts the packages instead of a page of output."""
    command = [str(python_of(environment)), "-m", "pip", "install"]
    command += ["--disable-pip-version-check", *arguments]
    pip = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert pip.stdout is not None
    log: list[str] = []
    packages = 0
    for line in pip.stdout:
        log.append(line)
        if line.startswith("Collecting "):
            packages += 1
            name = line.split()[1]
            status(f"  {packages:3d} packages: {name[:50]}")
            if packages % 25 == 0:
                say(f"  {packages:3d} packages so far")
        elif line.startswith("Installing collected packages"):
            count = line.count(",") + 1
            say(f"  installing {count} package{'s' * (count != 1)}")
    if pip.wait() != 0:
        sys.stderr.writelines(log[-25:])
        sys.exit("pip failed (its last lines are above). Mend that and run the same command again.")


def install(extra: str) -> None:
    """Install the project with `extra` unless that is done already."""
    done, environment = stamp(extra), venv_of(extra)
    if done.exists():
        return
    if not has_pip(environment):
        make_virtual_environment(environment)
    print(f"Installing the project with its '{extra}' packages (a minute or two the first time)")
    wanted = requirements(extra) if extra in WITHOUT_PROJECT else ["-e", f".[{extra}]"]
    pip_install("-c", str(CONSTRAINTS), *wanted, environment=environment)
    for name in included(extra):
        for old in environment.glob(f".installed-{name}-*"):
            old.unlink()
        stamp(name).touch()


def main() -> None:
    for extra in sys.argv[1:]:
        install(extra)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Run the same command again to go on.")
