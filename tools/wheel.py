"""The library as a wheel, the same bytes whenever and wherever the same sources are packed.

The site serves it, so that notebooks elsewhere (Colab, a browser) can install the library that
their pages were written with.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fingerprint import digest, files_below
from tools.paths import CACHE, ROOT

PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
LEFT_BEHIND = shutil.ignore_patterns("*.egg-info", "__pycache__")
METADATA = ("pyproject.toml", "README.md", "LICENSE")
"""What the wheel is made from besides `lib/`."""

EPOCH = "946684800"
"""The date of every file in the wheel, in the seconds of SOURCE_DATE_EPOCH: 1 January 2000."""

VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)


def wheel_name() -> str:
    """The name of the wheel's file, by the version in the library's source."""
    source = (ROOT / "lib" / "chainrule" / "__init__.py").read_text("utf8")
    version = VERSION.search(source)
    assert version is not None, "chainrule/__init__.py states no __version__"
    return f"chainrule-{version['version']}-py3-none-any.whl"


def build(scratch: str | Path, *options: str) -> Path:
    """Build the wheel in the folder `scratch`, with further options of `pip wheel`."""
    # From a copy: setuptools would leave a build folder behind, and take old files from it.
    sources = Path(scratch) / "sources"
    shutil.copytree(ROOT / "lib", sources / "lib", ignore=LEFT_BEHIND)
    for name in METADATA:
        shutil.copy(ROOT / name, sources)
    for path in sources.rglob("*"):  # whoever checked them out, with whatever permissions
        path.chmod(0o755 if path.is_dir() else 0o644)
    command = [sys.executable, *PIP, "wheel", "--no-deps", "--wheel-dir", str(scratch)]
    # Nothing of the checkout may be importable, and pip must not take it for installed.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["SOURCE_DATE_EPOCH"] = EPOCH
    result = subprocess.run(
        [*command, *options, str(sources)], cwd=scratch, env=environment, umask=0o022
    )
    if result.returncode != 0:
        sys.exit("The wheel of the library could not be built (pip's message is above).")
    shutil.rmtree(sources)
    (wheel,) = Path(scratch).glob("*.whl")
    return wheel


def cached_wheel() -> Path:
    """The wheel of the library as it is now, built without a network if that was not done yet."""
    parent = CACHE / "wheel"
    target = parent / digest(files_below(ROOT / "lib", *(ROOT / name for name in METADATA)))
    if not target.exists():
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent) as scratch:
            folder = Path(scratch) / "wheel"
            folder.mkdir()
            build(folder, "--no-build-isolation", "--no-index")
            folder.rename(target)
        for old in parent.iterdir():
            if old != target:
                shutil.rmtree(old)
    return target / wheel_name()
