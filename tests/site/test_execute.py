"""Chapters are executed once for each version of what they can see, and failures are shown."""

from __future__ import annotations

import asyncio
import compileall
import os
import signal
import threading
from pathlib import Path

import pytest
from jupyter_cache import get_cache

from tools import cached_notebooks, code_stamp, execute, execution_cache, fingerprint
from tools.cached_notebooks import is_cached, take_over
from tools.code_stamp import all_code_is_executed, forget_stamp, leave_stamp
from tools.contents import notebook_in
from tools.execute import execute_missing, longest_first, run_in_thread

FRONT_MATTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter
"""


def chapter(folder: Path, name: str, *cells: str) -> Path:
    path = folder / f"{name}.md"
    text = "".join(f"\n```{{code-cell}} python\n{cell}\n```\n" for cell in cells)
    path.write_text(FRONT_MATTER + text, "utf8")
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty execution cache."""
    monkeypatch.setattr(execution_cache, "cache_directory", lambda: tmp_path / "caches/1")
    return tmp_path / "caches/1"


def run(*pages: Path) -> list[tuple[Path, str]]:
    return asyncio.run(execute_missing(list(pages), timeout=60, parallel=2))


@pytest.mark.slow
def test_a_chapter_runs_once_and_an_edited_text_does_not_run_it_again(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = chapter(tmp_path, "sound", "print(6 * 7)")
    assert run(page) == []
    assert "[1/1]" in capsys.readouterr().out
    page.write_text(page.read_text("utf8") + "\nMore text.\n", "utf8")
    assert run(page) == []
    assert "executed already" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1 / 0", "ZeroDivisionError"),
        # The cell runs; only its result cannot be shown, which nbclient lets pass.
        (
            "class Bad:\n    def _repr_html_(self):\n        raise OSError('unshown')\nBad()",
            "unshown",
        ),
        ("import os; os._exit(1)", "died"),
    ],
    ids=["an error", "an error on display", "a dead kernel"],
)
def test_a_failing_chapter_is_reported_and_not_cached(
    cache: Path, tmp_path: Path, cell: str, message: str
) -> None:
    failing = chapter(tmp_path, "failing", cell)
    sound = chapter(tmp_path, "sound", "1 + 1")
    failures = run(failing, sound)
    assert [page for page, _ in failures] == [failing]
    assert message in failures[0][1]
    opened = get_cache(str(cache))
    assert is_cached(opened, notebook_in(sound))
    assert not is_cached(opened, notebook_in(failing))


@pytest.mark.slow
def test_what_is_printed_in_pieces_is_one_output(cache: Path, tmp_path: Path) -> None:
    """How many pieces there are depends on how busy the machine is."""
    page = chapter(tmp_path, "sound", "for n in 1, 2:\n    print(n, flush=True)")
    assert run(page) == []
    found = cached_notebooks.find(get_cache(str(cache)), notebook_in(page))
    assert found is not None
    assert [output["text"] for output in found.nb.cells[-1].outputs] == ["1\n2\n"]


@pytest.mark.slow
def test_a_damaged_entry_of_the_cache_is_made_again(cache: Path, tmp_path: Path) -> None:
    page = chapter(tmp_path, "sound", "1 + 1")
    run(page)
    (stored,) = cache.rglob("base.ipynb")
    stored.write_text(stored.read_text("utf8")[:20], "utf8")
    assert not is_cached(get_cache(str(cache)), notebook_in(page))
    assert run(page) == []
    assert is_cached(get_cache(str(cache)), notebook_in(page))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a library of two modules and a data file, and with no execution cache."""
    root = (tmp_path / "project").resolve()
    (root / "lib/small").mkdir(parents=True)
    (root / "lib/small/__init__.py").touch()
    (root / "lib/small/affine.py").write_text("answer = 42", "utf8")
    (root / "lib/small/gan.py").write_text("answer = 43", "utf8")
    (root / "lib/small/table.csv").write_text("1", "utf8")
    (root / "constraints.txt").write_text("numpy==2.4.6", "utf8")
    for module in (code_stamp, execution_cache, fingerprint, execute):
        monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(execution_cache, "CONSTRAINTS", root / "constraints.txt")
    monkeypatch.setattr(execution_cache, "CACHE", root / ".cache")
    monkeypatch.setenv("PYTHONPATH", str(root / "lib"))
    return root


def test_the_cache_is_another_after_an_edit_of_the_library_or_the_lock(project: Path) -> None:
    first = execution_cache.cache_directory()
    assert execution_cache.cache_directory() == first
    (project / "lib/small/__pycache__").mkdir()
    (project / "lib/small/__pycache__/affine.pyc").write_bytes(b"x")
    assert execution_cache.cache_directory() == first
    (project / "lib/small/affine.py").write_text("answer = 6 * 9", "utf8")
    second = execution_cache.cache_directory()
    assert second != first
    (project / "constraints.txt").write_text("numpy==2.4.7", "utf8")
    assert execution_cache.cache_directory() not in {first, second}


READERS = {
    "imports": "from small.affine import answer",
    "opens": "open('../lib/small/table.csv').read()\nopen('x.pyc', 'w').close()",
    "tries": "try:\n    import small.gan\nexcept ImportError:\n    pass",
    "shows": "import inspect, small.affine as a\ninspect.getsource(a)",
    "elsewhere": "import json",
    "starts": "import subprocess, sys\nsubprocess.run([sys.executable, '-V'])",
}
AFFECTED = {
    "lib/small/affine.py": {"elsewhere", "imports", "shows", "starts"},
    "lib/small/table.csv": {"elsewhere", "opens", "starts"},
    "lib/small/gan.py": {"elsewhere", "tries", "starts"},
    "lib/small/__init__.py": {"elsewhere", "imports", "tries", "shows", "starts"},
    "lib/small/new.py": set(READERS),
    "constraints.txt": set(READERS),
}
"""A file that is edited, and the chapters that must run again: "starts" always, since nobody
sees what the program that it starts reads; and "elsewhere", which read nothing of this library and
may have imported another."""


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [False, True])
def test_an_edit_executes_again_what_it_can_affect(project: Path, compiled: bool) -> None:
    if compiled:
        compileall.compile_dir(project / "lib", quiet=2)
    (project / "chapters").mkdir()
    pages = {name: chapter(project / "chapters", name, cell) for name, cell in READERS.items()}
    assert run(*pages.values()) == []
    for edited, expected in AFFECTED.items():
        path = project / edited
        before = path.read_text("utf8") if path.exists() else None
        path.write_text("# edited", "utf8")
        cache = get_cache(str(execution_cache.cache_directory()))
        again = {n for n, p in pages.items() if not take_over(cache, notebook_in(p), str(p))}
        kept = {n for n, p in pages.items() if is_cached(cache, notebook_in(p))}
        assert (edited, again) == (edited, expected)
        assert kept == set(pages) - again, "what is taken over is found"
        if before is None:
            path.unlink()
        else:
            path.write_text(before, "utf8")


@pytest.mark.slow
def test_a_file_outside_the_library_that_a_chapter_reads_counts_too(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "notes.txt").write_text("1", "utf8")
    page = chapter(project, "sound", "import small.affine\nprint(open('notes.txt').read())")
    run(page)
    (project / "notes.txt").write_text("2", "utf8")
    capsys.readouterr()
    run(page)
    assert "Executing 1 of 1" in capsys.readouterr().out


@pytest.mark.slow
def test_an_edit_of_the_library_while_a_chapter_runs_is_no_result(project: Path) -> None:
    page = chapter(project, "sound", "open('lib/small/gan.py', 'w').write('answer = 5')")
    ((failed, message),) = run(page)
    assert failed == page
    assert "edited while it ran" in message


def test_the_longest_chapter_begins_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [
        chapter(tmp_path, "short", "1"),
        chapter(tmp_path, "long", "1"),
        chapter(tmp_path, "new", "1"),
        chapter(tmp_path, "new-and-large", "1 + 1 + 1 + 1"),
        chapter(tmp_path, "new-and-proves", "ledger(f)"),
    ]
    known = {str(pages[0]): 2.0, str(pages[1]): 30.0}
    monkeypatch.setattr(cached_notebooks, "last_seconds", lambda: known)
    order = longest_first(pages, {page: notebook_in(page) for page in pages})
    names = ["new-and-proves", "new-and-large", "new", "long", "short"]
    assert [page.stem for page in order] == names


@pytest.mark.slow
def test_how_long_a_chapter_took_is_known_the_next_time(cache: Path, tmp_path: Path) -> None:
    page = chapter(tmp_path, "sound", "import time; time.sleep(0.3)")
    run(page)
    assert cached_notebooks.last_seconds()[str(page)] > 0.3


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("A sentence.", "Another one.", True),
        ("print(1)", "print(2)", False),
        ("name: python3", "name: python4", False),
        ("```{code-cell} python", "````{code-cell} python", False),
        ("A sentence.", "```{code-cell} python\n1\n```", False),
    ],
)
def test_a_stamp_says_that_all_code_is_executed(
    project: Path, before: str, after: str, same: bool
) -> None:
    page = chapter(project, "sound", "print(1)")
    page.write_text(page.read_text("utf8") + "\nA sentence.\n", "utf8")
    for rules in ("_toc.yml", "_config.yml"):
        (project / rules).write_text("rules", "utf8")
    (project / "tools").mkdir()
    execution_cache.cache_directory().mkdir(parents=True)
    assert not all_code_is_executed()
    leave_stamp({})
    assert all_code_is_executed()
    page.write_text(page.read_text("utf8").replace(before, after), "utf8")
    assert all_code_is_executed() == same


def test_the_stamp_is_void_after_any_other_change(project: Path) -> None:
    for rules in ("_toc.yml", "_config.yml", "notes.txt", "new.md"):
        (project / rules).write_text("rules", "utf8")
    (project / "tools").mkdir()
    for edited in ("_toc.yml", "_config.yml", "notes.txt", "tools/new.py", "lib/small/gan.py"):
        execution_cache.cache_directory().mkdir(parents=True, exist_ok=True)
        leave_stamp({"notes.txt": execution_cache.file_digest("notes.txt")})
        assert all_code_is_executed()
        (project / edited).write_text("edited", "utf8")
        assert not all_code_is_executed(), edited
    execution_cache.cache_directory().mkdir(parents=True)
    leave_stamp({})
    forget_stamp()
    assert not all_code_is_executed()


def test_kernels_import_the_library_of_this_checkout(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in execution_cache.ENVIRONMENT:
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PYTHONPATH", "another")
    for _ in range(2):
        execution_cache.enter_environment()
        assert os.environ["PYTHONPATH"] == os.pathsep.join([str(project / "lib"), "another"])


def test_the_last_caches_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_cache, "cache_directory", lambda: tmp_path / "0")
    for age in range(8):
        (tmp_path / str(age)).mkdir()
        os.utime(tmp_path / str(age), (age, age))
    execution_cache.prune()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "4", "5", "6", "7"]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one thread")
def test_ctrl_c_cancels_the_work_and_waits_while_it_cleans_up() -> None:
    seen = []
    main = threading.main_thread().ident

    async def work() -> None:
        try:
            threading.Timer(0.1, signal.pthread_kill, [main, signal.SIGINT]).start()
            await asyncio.sleep(60)
        finally:
            seen.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        run_in_thread(work())
    assert seen == ["cleaned up"]
