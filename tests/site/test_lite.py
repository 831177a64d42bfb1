"""Notebooks in the reader's browser: every page offers it, and JupyterLite runs them by itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import nbformat
import pytest

import chainrule
from tools import check_pages, lite, pyodide
from tools.addresses import base_path
from tools.contents import launched_pages
from tools.launched import LITE, UNPUBLISHED
from tools.paths import ROOT
from tools.serve import serving

PAGES = launched_pages()
NAMES = [page.relative_to(ROOT).with_suffix(".ipynb").as_posix() for page in PAGES]


def opened(site: Path, name: str) -> Any:
    return nbformat.read(site / LITE / "files" / name, as_version=nbformat.NO_CONVERT)


def set_up(notebook: Any) -> str:
    source: str = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return source


@pytest.mark.built
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_each_page_offers_its_notebook_in_the_browser(site: Path, page: Path) -> None:
    built = (site / page.relative_to(ROOT)).with_suffix(".html")
    (link,) = [
        str(link["href"])
        for link in check_pages.parsed(built).select(".dropdown-launch-buttons a")
        if "Run in your browser" in link.get_text()
    ]
    parts = urlsplit(link)
    assert (built.parent / unquote(parts.path)).resolve() == site / LITE / "notebooks/index.html"
    (name,) = parse_qs(parts.query)["path"]
    listing = json.loads((site / LITE / "api/contents" / name).with_name("all.json").read_text())
    assert name in [entry["path"] for entry in listing["content"]]
    opened(site, name)


@pytest.mark.built
def test_the_lists_name_every_notebook_and_nothing_else(site: Path) -> None:
    listed, folders = [], [""]
    for folder in folders:
        file = site / LITE / "api/contents" / folder / "all.json"
        for entry in json.loads(file.read_text("utf8"))["content"]:
            (folders if entry["type"] == "directory" else listed).append(entry["path"])
    assert sorted(listed) == sorted(NAMES)
    files = [path for path in (site / LITE / "files").rglob("*") if path.is_file()]
    assert {path.relative_to(site / LITE / "files").as_posix() for path in files} == {*NAMES}


@pytest.mark.built
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_says_what_it_fetches_before_it_does(site: Path, name: str) -> None:
    notebook = opened(site, name)
    nbformat.validate(notebook)
    first_code = next(n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notice = notebook.cells[first_code - 1].source
    host = urlsplit(pyodide.DISTRIBUTION).hostname
    outside = [
        package
        for package in pyodide.published_packages(site / pyodide.FOLDER).values()
        if "://" in package["file_name"]
    ]
    assert (str(host) in notice) == bool(outside)
    assert UNPUBLISHED not in set_up(notebook), "the library is the one of the site"
    extra = "" if name.startswith("exercises/") else "[chapters]"
    assert f'%pip install -q "chainrule{extra}"\n' in set_up(notebook)


@pytest.mark.built
@pytest.mark.parametrize("name", NAMES)
def test_the_set_up_says_which_packages_did_not_come(site: Path, name: str) -> None:
    notebook = opened(site, name)
    _, looked_for = set_up(notebook).split("# If a package", 1)
    imported = {"numpy"} if name.startswith("exercises/") else {"matplotlib", "numpy", "sklearn"}
    assert imported <= set(re.search('compiled = "([^"]*)"', looked_for)[1].split())
    code = f"import importlib.util\n# If a package{looked_for}"
    exec(code, {})  # here all are installed
    with pytest.raises(ImportError, match=r"could not fetch no_such_one from .*Restart Kernel"):
        exec(code.replace('compiled = "', 'compiled = "no_such_one '), {})


@pytest.mark.built
def test_every_file_that_the_lock_names_is_the_one_it_names(site: Path) -> None:
    folder = site / pyodide.FOLDER
    packages = pyodide.published_packages(folder)
    assert sorted(packages) == pyodide.needed(packages)
    here = {n: p for n, p in packages.items() if "://" not in p["file_name"]}
    elsewhere = {n: p for n, p in packages.items() if n not in here}
    assert pyodide.wrong_files(folder, here) == []
    assert all(p["file_name"].startswith(pyodide.DISTRIBUTION) for p in elsewhere.values())
    published = pyodide.published_packages(pyodide.self_hosted())
    assert {n: p["sha256"] for n, p in elsewhere.items()} == {
        n: published[n]["sha256"] for n in elsewhere
    }


@pytest.mark.built
def test_the_versions_are_those_that_the_library_allows(site: Path) -> None:
    packaging = pytest.importorskip("packaging.requirements")
    from tools.environment import project

    packages = pyodide.published_packages(site / pyodide.FOLDER)
    asked = [*project()["dependencies"], *project()["optional-dependencies"]["chapters"]]
    assert asked
    for text in asked:
        requirement = packaging.Requirement(text)
        version = packages[pyodide.normalized(requirement.name)]["version"]
        assert requirement.specifier.contains(version), f"{text}: Pyodide has {version}"


TRIAL = "trial.ipynb"
SOME_MINUTES = 300_000  # milliseconds: how long a busy machine may take to start Python
DERIVATION = """\
import sympy
z, t = sympy.symbols("z t")
loss = sympy.log(1 + sympy.exp(z)) - t * z
by_hand = 1 / (1 + sympy.exp(-z)) - t
print("difference:", sympy.simplify(sympy.diff(loss, z) - by_hand))
"""
LIBRARY = """\
from importlib.metadata import files, version
modules = [file for file in files("chainrule") if file.suffix == ".py"]
for module in modules:
    compile(module.read_text("utf8"), str(module), "exec")
print("library:", version("chainrule"), len(modules) > 50)
"""
IMPORTS = """\
import importlib
missing = []
for name in {names}:
    try:
        importlib.import_module(name)
    except ImportError:
        missing.append(name)
print("missing:", missing)
"""
CHECK = """\
from chainrule.grading import check
check({name!r}, ...)
print("checked")
"""
LOADED = """\
import sys
import numpy
before = set(sys.modules)
from chainrule.grading import check
check({name!r}, lambda *arguments: 0)
new = {{name.partition(".")[0] for name in set(sys.modules) - before}} & sys.stdlib_module_names
print(*sorted(name for name in new if not name.startswith("_")))
"""


def an_exercise() -> str:
    from chainrule.grading import checks

    return checks.exercises(checks.slugs()[0])[0].name


def loaded_by_grading() -> list[str]:
    """The modules of Python's own library that `check` needs, beyond those that NumPy loads."""
    command = [sys.executable, "-c", LOADED.format(name=an_exercise())]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return result.stdout.splitlines()[-1].split()


def with_trial(site: Path, target: Path) -> None:
    """Copy JupyterLite to `target`, with one notebook more."""
    shutil.copytree(site / LITE, target / LITE)
    exercises = next(name for name in NAMES if name.startswith("exercises/"))
    cells = [DERIVATION, IMPORTS.format(names=loaded_by_grading())]
    install, mark, looked_for = set_up(opened(site, exercises)).partition("# If a package")
    # Nothing runs after an error, and without NumPy the set-up ends with one.
    cells += [install, LIBRARY, mark + looked_for, CHECK.format(name=an_exercise())]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata=opened(site, NAMES[0]).metadata,
    )
    nbformat.write(notebook, target / LITE / "files" / TRIAL)
    listing = target / LITE / "api/contents/all.json"
    content = json.loads(listing.read_text("utf8"))
    content["content"].append(lite.entry(TRIAL, type="notebook", format="json"))
    listing.write_text(json.dumps(content), "utf8")


@pytest.fixture
def trial(site: Path, tmp_path: Path) -> Iterator[str]:
    """The address of JupyterLite with the trial, served as the book is."""
    with_trial(site, tmp_path)
    with serving(tmp_path, range(8100, 8200), base=base_path()) as address:
        yield address


@pytest.mark.browser
def test_a_notebook_runs_without_any_other_host(browser: Any, site: Path, trial: str) -> None:
    """No other host is asked but, where its packages are not here, for those, by the set-up."""
    packages = pyodide.published_packages(site / pyodide.FOLDER)
    numpy = packages["numpy"]["file_name"]
    context = browser.new_context(viewport={"width": 1280, "height": 2000})
    own = ("data:", "blob:", trial, urljoin(trial, "/api/service-worker-heartbeat"))
    foreign: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(own) else foreign.append(r.url))
    context.route(lambda url: not url.startswith(own), lambda route: route.abort())
    missing: list[str] = []
    context.on("response", lambda r: missing.append(r.url) if r.status >= 400 else None)
    tab = context.new_page()
    tab.goto(f"{trial}{LITE}/notebooks/index.html?path={TRIAL}")
    tab.wait_for_selector(".jp-Notebook .jp-Cell", timeout=SOME_MINUTES)
    assert foreign == []
    tab.click('.lm-MenuBar-item:has-text("Run")')
    tab.click('.lm-Menu-item:has-text("Run All Cells")')
    shown = ".jp-OutputArea-output"
    library = f"library: {chainrule.__version__} True"
    if "://" in numpy:
        said = f"could not fetch numpy from {urlsplit(numpy).hostname}."
        expected = ["difference: 0", "missing: []", library, said]
    else:
        expected = ["difference: 0", "missing: []", library, "checked"]
    for count, text in enumerate(expected):
        output = tab.locator(shown).nth(count)
        output.wait_for(timeout=SOME_MINUTES)
        assert text in output.inner_text()
    assert set(foreign) == ({numpy} if "://" in numpy else set()), "what the notebook says"
    assert missing == []
    context.close()
