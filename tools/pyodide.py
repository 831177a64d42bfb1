"""Python for the browser: Pyodide, and the packages that the notebooks of the book load into it.

What is here comes from three places, and each file is known by its digest beforehand:

- Pyodide's core, from npm. Its lock file names every package of its distribution, with digests.
- The packages without compiled code, and onnx, from where pip finds them: `PINNED`.
- The compiled packages, which only Pyodide's own distribution has: `python -m tools.pyodide fetch`
  brings them in. A site built without them is complete but for these: its lock says where the
  distribution is, and the browser of a reader who runs a notebook takes them from there, after
  the notebook has said so.

`python -m tools.pyodide check [SITE]` fails unless a built site has every package itself.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from jupyterlite_pyodide_kernel.constants import (
    PYODIDE_CDN_URL,
    PYODIDE_PYTHON_VERSION,
    PYODIDE_VERSION,
)

from tools.fingerprint import digest
from tools.launched import LITE
from tools.made_once import made_once
from tools.npm import download
from tools.paths import CACHE, HTML, ROOT, shown
from tools.terminal import say, status

DISTRIBUTION = f"{PYODIDE_CDN_URL}/"
"""Where the Pyodide project publishes its distribution: the address that JupyterLite's kernel has
for it. Nothing else in the project names it."""

SHA512 = {
    "314.0.6": (
        "BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ=="
    ),
}
"""The digest that npm publishes for each version of Pyodide that the kernel may ask for."""

FOLDER = f"{LITE}/static/pyodide"
"""Where a site has it."""

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
PINNED = ROOT / "tools" / "pyodide_packages.txt"

FOR_THE_KERNEL = ("comm", "ipython", "jedi", "micropip")
FOR_THE_BOOK = ("matplotlib", "numpy", "onnx", "scikit-learn", "sympy")
NOT_IN_THE_DISTRIBUTION: dict[str, list[str]] = {
    "comm": [],
    "onnx": ["ml-dtypes", "numpy", "protobuf", "typing-extensions"],
}
"""Packages that are added to Pyodide's lock, with what they need."""

Package = dict[str, Any]
Packages = dict[str, Package]

CORE_FOLDERS = "pyodide-*-" + 16 * "[0-9a-f]"
COMPILED_FOLDERS = "pyodide-*-compiled"
"""The folders of `.cache` with the core and with the compiled packages, of all versions."""

WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)-.+\.whl")
TIMEOUT_SECONDS = 60.0


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def self_hosted() -> Path:
    """The folder with the core and the pinned packages, made if it is not there yet."""
    target = CACHE / f"pyodide-{PYODIDE_VERSION}-{digest([PINNED])}"
    if target.exists():
        return target
    if PYODIDE_VERSION not in SHA512:
        sys.exit(
            f"JupyterLite's kernel runs Pyodide {PYODIDE_VERSION}, whose digest is not here.\n"
            f"Look it up with `npm view pyodide@{PYODIDE_VERSION} dist.integrity` and add it to "
            f"{shown(Path(__file__))}; then run `python -m tools.pyodide pin`."
        )
    print(f"Fetching Pyodide {PYODIDE_VERSION}, Python for the browser")

    def make(folder: Path) -> None:
        archive = download("pyodide", PYODIDE_VERSION, SHA512[PYODIDE_VERSION], folder.parent)
        extract(archive, folder)
        pip_download(folder, "--require-hashes", "--requirement", str(PINNED))

    return made_once(target, make, CORE_FOLDERS)


def extract(archive: Path, target: Path) -> None:
    """Unpack the core and its lock from the npm package."""
    with tarfile.open(archive) as package:
        for name in (*CORE, LOCK):
            source = package.extractfile(f"package/{name}")
            assert source is not None, f"the npm package pyodide has no {name}"
            with (target / name).open("wb") as file:
                shutil.copyfileobj(source, file)


def pip_download(target: Path, *wanted: str) -> None:
    """Let pip bring wheels for Pyodide's Python into the folder `target`."""
    info = json.loads((target / LOCK).read_text("utf8"))["info"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(target)]
    command += ["--platform", f"pyemscripten_{info['abi_version']}_{info['arch']}"]
    command += ["--python-version", PYODIDE_PYTHON_VERSION, "--implementation", "cp"]
    for abi in ("cp" + PYODIDE_PYTHON_VERSION.replace(".", ""), "abi3", "none"):
        command += ["--abi", abi]
    result = subprocess.run([*command, *wanted], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(
            f"pip could not fetch the packages for the browser: {result.stderr.strip()}\n"
            "Is this machine online? Then run the command again. Nothing was kept."
        )


def wheels(folder: Path) -> dict[str, Path]:
    """The wheels in `folder`, by the name of their package."""
    matches = {path: WHEEL.fullmatch(path.name) for path in sorted(folder.glob("*.whl"))}
    return {normalized(match["name"]): path for path, match in matches.items() if match}


@cache
def published_packages(folder: Path) -> Packages:
    """What the lock in `folder`, as the Pyodide project made it, says of every package."""
    packages: Packages = json.loads((folder / LOCK).read_text("utf8"))["packages"]
    return packages


def needed(packages: Packages, *roots: str) -> list[str]:
    """The packages `roots`, else those of the kernel and the notebooks, with all that they need."""
    found: set[str] = set()
    waiting = list(roots) or [*FOR_THE_KERNEL, *FOR_THE_BOOK]
    while waiting:
        name = normalized(waiting.pop())
        if name not in found:
            found.add(name)
            added = NOT_IN_THE_DISTRIBUTION.get(name)
            waiting += packages[name]["depends"] if added is None else added
    return sorted(found)


def compiled(folder: Path) -> Packages:
    """The needed packages that only the distribution has, as its lock names them."""
    packages, pinned = published_packages(folder), wheels(folder)
    return {name: packages[name] for name in needed(packages) if name not in pinned}


def compiled_modules(*roots: str) -> list[str]:
    """What to import of the packages `roots`, and of all they need, that are compiled."""
    folder = self_hosted()
    packages = compiled(folder)
    names = [name for name in needed(published_packages(folder), *roots) if name in packages]
    return [packages[name]["imports"][-1] for name in names]


def distribution() -> Path:
    """Where `fetch` puts the compiled packages."""
    return CACHE / f"pyodide-{PYODIDE_VERSION}-compiled"


def is_private() -> bool:
    """Whether a site built now has every package itself, so that nobody else is asked for one."""
    return distribution().exists()


def fetch(address: str = DISTRIBUTION) -> None:
    """Bring in the compiled packages from `address`: all of them, or nothing."""
    target, packages = distribution(), compiled(self_hosted())
    if target.exists() and not wrong_files(target, packages):
        print(f"The {len(packages)} compiled packages are in {shown(target)}")
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        folder = Path(scratch) / "compiled"
        folder.mkdir()
        for count, package in enumerate(packages.values(), start=1):
            status(f"  [{count}/{len(packages)}] {package['file_name']}")
            fetch_one(address + package["file_name"], package["sha256"], folder)
        status("")
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    for old in CACHE.glob(COMPILED_FOLDERS):
        if old != target:
            shutil.rmtree(old)
    megabytes = sum(file.stat().st_size for file in target.iterdir()) / 1e6
    say(f"Fetched {len(packages)} compiled packages, {megabytes:.0f} MB, into {shown(target)}")


def fetch_one(address: str, expected: str, folder: Path) -> None:
    """Fetch one file into `folder`, and stop unless its SHA-256 digest is `expected`."""
    target = folder / address.rpartition("/")[2]
    try:
        with (
            urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(answer, file)
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"{address} could not be fetched: {error}\nNothing was kept.")
    if (found := sha256(target)) != expected:
        sys.exit(
            f"{address} is not the file that Pyodide {PYODIDE_VERSION} names: its SHA-256 digest "
            f"is\n  {found}\nwhere\n  {expected}\nwas expected. Nothing was kept."
        )


def wrong_files(folder: Path, packages: Packages) -> list[str]:
    """The `packages` whose files are missing in `folder`, or are others than those they name."""
    wrong = []
    for package in packages.values():
        file = folder / package["file_name"]
        if not file.is_file() or sha256(file) != package["sha256"]:
            wrong.append(package["file_name"])
    return wrong


def lock(folder: Path) -> dict[str, Any]:
    """Pyodide's lock for a site: the needed packages only, each with where it is."""
    published, pinned = published_packages(folder), wheels(folder)
    packages: Packages = {}
    for name in needed(published):
        packages[name] = dict(published.get(name) or added(name))
        if name in pinned:
            match = WHEEL.fullmatch(pinned[name].name)
            assert match is not None
            packages[name] |= {"file_name": pinned[name].name, "version": match["version"]}
            packages[name] |= {"sha256": sha256(pinned[name])}
        elif not is_private():
            packages[name]["file_name"] = DISTRIBUTION + packages[name]["file_name"]
    whole: dict[str, Any] = json.loads((folder / LOCK).read_text("utf8"))
    return whole | {"packages": packages}


def added(name: str) -> Package:
    """What the lock shall say of a package that Pyodide's distribution has not."""
    return {
        "depends": NOT_IN_THE_DISTRIBUTION[name],
        "imports": [name],
        "install_dir": "site",
        "name": name,
        "package_type": "package",
        "unvendored_tests": False,
    }


def put_into(target: Path) -> None:
    """Put the core, the lock and every package that is here into the new folder `target`."""
    folder = self_hosted()
    target.mkdir(parents=True)
    files = [*(folder / name for name in CORE), *wheels(folder).values()]
    if is_private():
        if wrong := wrong_files(distribution(), compiled(folder)):
            sys.exit(
                f"{shown(distribution())} is damaged ({wrong[0]}); mend it with "
                "`python -m tools.pyodide fetch`, or remove it."
            )
        files += sorted(distribution().iterdir())
    for file in files:
        shutil.copyfile(file, target / file.name)
    (target / LOCK).write_text(json.dumps(lock(folder), indent=1, sort_keys=True) + "\n", "utf8")


def check(folder: Path) -> list[str]:
    """What keeps a site's Pyodide in `folder` from working without any other host."""
    if not (folder / LOCK).is_file():
        return [f"{folder} has no Pyodide"]
    packages = published_packages(folder)
    missing = [name for name in needed(packages) if name not in packages]
    wrong = wrong_files(folder, packages)
    return [f"{name} is in no lock" for name in missing] + [f"{n} is not there" for n in wrong]


def pin() -> None:
    """Write `PINNED` anew: every needed package that pip finds, at the version of the lock."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        archive = download("pyodide", PYODIDE_VERSION, SHA512[PYODIDE_VERSION], folder)
        extract(archive, folder)
        published = published_packages(folder)
        names = needed(published)
        for count, name in enumerate(names, start=1):
            status(f"  [{count}/{len(names)}] {name}")
            version = f"=={published[name]['version']}" if name in published else ""
            try:
                pip_download(folder, name + version)
            except SystemExit:
                say(f"  {name} is for the distribution to bring")
        status("")
        lines = [line for line in PINNED.read_text("utf8").splitlines() if line.startswith("#")]
        for name, path in sorted(wheels(folder).items()):
            match = WHEEL.fullmatch(path.name)
            assert match is not None
            lines.append(f"{name}=={match['version']} --hash=sha256:{sha256(path)}")
    PINNED.write_text("\n".join(lines) + "\n", "utf8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.pyodide", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="bring in the compiled packages of Pyodide's distribution")
    commands.add_parser("pin", help="write down the digests of the packages that pip finds")
    checking = commands.add_parser("check", help="fail unless a site has every package itself")
    checking.add_argument("site", nargs="?", default=HTML, type=Path)
    given = parser.parse_args()
    if given.command == "fetch":
        fetch()
    elif given.command == "pin":
        pin()
    else:
        if problems := check(given.site / FOLDER):
            sys.exit("Notebooks would ask another host:\n" + "\n".join(problems))
        print("Notebooks run in the browser without asking another host.")


if __name__ == "__main__":
    main()
