"""Write `constraints.txt`: one version of every package, for each Python and system it runs on.

The file constrains, it does not require: `pip install -c constraints.txt -e '.[book]'` installs
what the extra needs, at the versions written there. It names no package index and no path. The
extras that have an environment of their own are not in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib

from tools.environment import APART, BIN, has_pip, make_virtual_environment, pip_install
from tools.paths import CONSTRAINTS, ROOT, shown

OLDEST_PYTHON = "3.11"


def locked_extras() -> list[str]:
    """The extras whose versions are fixed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    return [extra for extra in project["optional-dependencies"] if extra not in APART]


def lock() -> None:
    if not has_pip():
        make_virtual_environment()
    print("Installing the resolver uv")
    pip_install("uv")
    print("Resolving every extra for every system")
    command = [str(BIN / "uv"), "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
    for extra in locked_extras():
        command += ["--extra", extra]
    command += ["--upgrade", "--python-version", OLDEST_PYTHON, "--no-annotate"]
    command += ["--output-file", CONSTRAINTS.name]
    environment = {**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    if subprocess.run(command, cwd=ROOT, env=environment).returncode != 0:
        sys.exit("uv found no versions that fit together (its message is above).")
    print(f"Written: {shown(CONSTRAINTS)}. Run make test and make book before you commit it.")


if __name__ == "__main__":
    lock()
