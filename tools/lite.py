"""JupyterLite beside the book: notebooks that run in the reader's own browser, without a server.

The program (JupyterLite, Pyodide and its packages) is made once for its versions and kept in
`.cache`; a build puts it into the site and adds the notebooks and the library. No page of the book
loads any of it: a reader does who follows "Run in your browser".
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools import pyodide
from tools.addresses import site_address
from tools.fingerprint import digest
from tools.launched import LITE, RAW, UNPUBLISHED, WHEELS, committed_address, notebooks
from tools.made_once import made_once
from tools.memory import remembered
from tools.paths import CACHE
from tools.wheel import EPOCH, cached_wheel, wheel_name

WHEEL_INDEX = "pypi"
APPLICATIONS = ("notebooks", "tree")
"""One notebook, and the list of all."""

ICONS = ("favicon-busy-1.ico", "favicon-notebook.ico")
"""What JupyterLite asks for while a notebook runs or rests, and does not bring."""

KERNEL = "@jupyterlite/pyodide-kernel-extension"
DATE = "2000-01-01T00:00:00Z"
"""The date of everything, that of the wheel's files: the same site has the same bytes."""

CONFIGURATION = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Neural Networks from First Principles",
        "appUrl": "./tree",
        "contentsAllJsonFile": "all.json",
        "faviconUrl": "./tree/favicon.ico",
        "litePluginSettings": {
            f"{KERNEL}:kernel": {
                "disablePyPIFallback": True,
                "pipliteUrls": [f"./{WHEEL_INDEX}/all.json"],
                "pyodideUrl": "./static/pyodide/pyodide.mjs",
            }
        },
    },
}

UNUSED_FILES = (
    "**/*.map",
    "**/jupyterlite.schema.v0.json",
    "**/package.json",
    "**/rspack.config*.js",
    "build/**/fa-*.eot",
    "build/**/fa-*.svg",
    "build/**/fa-*.ttf",
    "build/**/fa-*.woff",
    "doc",
    "files",
)
"""What JupyterLite copies and no current browser asks for; the icon font is there as woff2."""

FROM_A_FOLDER = """\
<script>if (location.protocol === 'file:') addEventListener('DOMContentLoaded', () => {
document.body.innerHTML = '<main style="font: 1.2em sans-serif; margin: 3em auto; width: 30em">'
+ '<h1>A browser runs notebooks from a server only</h1><p>You opened the book from a folder. In '
+ 'the folder that has its <code>index.html</code>, run <code>python -m http.server</code> and '
+ 'open <a href="http://localhost:8000">localhost:8000</a>; or download the notebook from its '
+ 'page and open it in Jupyter.</p></main>'; });</script>
"""
"""Put into each of JupyterLite's pages: from a folder they would load for ever."""

HERE = """\
*It runs in your browser. Python and all packages come from the site of the book, and nothing that \
you write leaves your computer. What you change is kept in this browser.*"""

FROM_THE_DISTRIBUTION = """\
*It runs in your browser, and nothing that you write leaves your computer. What you change is kept \
in this browser. The next cell takes the library from the site of the book, and {packages} from \
the servers of the Pyodide project ({host}), which so learn your network address.*"""


SAY_WHAT_IS_MISSING = """\
# If a package cannot be fetched, the browser says nothing.
compiled = "{modules}".split()
missing = [name for name in compiled if importlib.util.find_spec(name) is None]
if missing:
    raise ImportError(
        f"Your browser could not fetch {{', '.join(missing)}} from {host}. Is it online, and does "
        "no network or blocker forbid that address? Then choose Kernel > Restart Kernel, and run "
        "this cell again. The notebook also runs in Jupyter: download it from its page."
    )
"""
"""What the set-up does before it imports the library."""


def application() -> Path:
    """JupyterLite without content, made if it is not there for these versions yet."""
    versions = [version(name) for name in ("jupyterlite-core", "jupyterlite-pyodide-kernel")]
    target = CACHE / "-".join(["jupyterlite", *versions, digest([Path(__file__)])])
    return made_once(target, build, "jupyterlite-*")


def build(folder: Path) -> None:
    """Run `jupyter lite build`, with its settings beside `folder`, and what a site needs in it."""
    scratch = folder.parent
    print(f"Making JupyterLite {version('jupyterlite-core')}")
    (scratch / "jupyter-lite.json").write_text(json.dumps(CONFIGURATION), "utf8")
    extension = Path(sysconfig.get_path("data")) / "share/jupyter/labextensions" / KERNEL
    options = {
        "apps": APPLICATIONS,
        "federated_extensions": [str(extension)],
        "ignore_sys_prefix": True,  # leaves out what other packages brought for JupyterLab
        "no_sourcemaps": True,
        "output_dir": str(folder),
    }
    build_options = {"LiteBuildConfig": options}
    (scratch / "jupyter_lite_config.json").write_text(json.dumps(build_options), "utf8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    result = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"JupyterLite was not made:\n{(result.stdout + result.stderr)[-3000:]}")
    for pattern in UNUSED_FILES:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    for name in ICONS:
        (folder / "static/favicons").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "notebooks/favicon.ico", folder / "static/favicons" / name)
    for page in folder.rglob("index.html"):
        html = page.read_text("utf8")
        page.write_text(html.replace("<head>", f"<head>\n{FROM_A_FOLDER}", 1), "utf8")


def for_the_browser(name: str, text: str) -> bytes:
    """The notebook `name` as JupyterLite has it: the library by its name, and what to expect."""
    is_exercise = name.startswith("exercises/")
    needs = ("numpy",) if is_exercise else pyodide.FOR_THE_BOOK
    host = "the site of the book"
    if pyodide.is_private():
        notice = HERE
    else:
        many = "NumPy, SciPy, scikit-learn, Matplotlib and what they need"
        packages = "NumPy" if is_exercise else many
        host = str(urlsplit(pyodide.DISTRIBUTION).hostname)
        notice = FROM_THE_DISTRIBUTION.format(packages=packages, host=host)
    modules = pyodide.compiled_modules(*needs)
    check = SAY_WHAT_IS_MISSING.format(modules=" ".join(modules), host=host)
    wheel = f" @ {UNPUBLISHED}{WHEELS}/{wheel_name()}"
    address = site_address() or committed_address()
    given = (text, wheel, check, notice, address)
    return remembered(adapted, *(one.encode() for one in given))


def adapted(text: bytes, wheel: bytes, check: bytes, notice: bytes, address: bytes) -> bytes:
    """A notebook that takes the library by its name, with a check before it, and with a notice."""
    import nbformat  # takes longer to load than all else if every notebook is known

    notebook = json.loads(text)
    set_up = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    *install, import_library = [line.replace(wheel.decode(), "") for line in set_up["source"]]
    lines = check.decode().splitlines(keepends=True)
    set_up["source"] = [*install, "\n", *lines, "\n", import_library]
    notebook["cells"].insert(
        notebook["cells"].index(set_up),
        {
            "cell_type": "markdown",
            "id": "in-your-browser",
            "metadata": {},
            "source": [notice.decode()],
        },
    )
    nbformat.validate(notebook)
    whole = json.dumps(notebook, indent=1, ensure_ascii=False)
    return (whole.replace(UNPUBLISHED, address.decode()) + "\n").encode()


def entry(path: str, **properties: Any) -> dict[str, Any]:
    """What Jupyter's contents API says of a file or folder."""
    return {
        "content": None,
        "created": DATE,
        "format": None,
        "hash": None,
        "hash_algorithm": None,
        "last_modified": DATE,
        "mimetype": None,
        "name": path.rpartition("/")[2],
        "path": path,
        "size": None,
        "type": "directory",
        "writable": True,
        **properties,
    }


def add_notebooks(target: Path) -> None:
    """Put every notebook into `target`, and the lists from which JupyterLite knows of them."""
    listed: dict[str, list[dict[str, Any]]] = {"": []}
    for name, text in notebooks(UNPUBLISHED).items():
        content = for_the_browser(name, text)
        file = target / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        folder = name.rpartition("/")[0]
        if folder not in listed:
            listed[""].append(entry(folder))
        listed.setdefault(folder, []).append(
            entry(name, type="notebook", format="json", size=len(content))
        )
    for folder, entries in listed.items():
        listing = entry(folder, content=entries, format="json")
        file = target / "api/contents" / folder / "all.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(listing, sort_keys=True), "utf8")


def add_library(target: Path) -> None:
    """Put the wheel of the library into `target`, and the index in which `%pip` looks for it."""
    folder = target / WHEEL_INDEX
    folder.mkdir()
    wheel = cached_wheel().read_bytes()
    (folder / wheel_name()).write_bytes(wheel)
    (folder / "all.json").write_bytes(remembered(index, wheel_name().encode(), wheel))


def index(name: bytes, wheel: bytes) -> bytes:
    """The index of a folder with one wheel."""
    from jupyterlite_pyodide_kernel.addons.piplite import write_wheel_index

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name.decode()
        path.write_bytes(wheel)
        os.utime(path, (int(EPOCH), int(EPOCH)))  # the index says when
        return Path(write_wheel_index(path.parent)).read_bytes()


def add_to_site(site: Path) -> None:
    """Put JupyterLite with the notebooks of the book into the folder of a site."""
    assert RAW.exists(), "Jupyter Book writes the notebooks first"
    target = site / LITE
    shutil.copytree(application(), target)
    pyodide.put_into(site / pyodide.FOLDER)
    add_notebooks(target)
    add_library(target)
