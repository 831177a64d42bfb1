"""Chapters are executed once for each version of what they can see, and failures are shown."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest
from jupyter_cache import get_cache

from tools import execute, execution_cache, fingerprint
from tools.execute import execute_missing, is_cached, read, run_in_thread

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
    monkeypatch.setattr(execute, "cache_directory", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def run(*pages: Path) -> list[tuple[Path, str]]:
    return asyncio.run(execute_missing(list(pages), timeout=60))


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
    assert is_cached(opened, read(sound))
    assert not is_cached(opened, read(failing))


@pytest.mark.slow
def test_a_damaged_entry_of_the_cache_is_made_again(cache: Path, tmp_path: Path) -> None:
    page = chapter(tmp_path, "sound", "1 + 1")
    run(page)
    (stored,) = cache.rglob("base.ipynb")
    stored.write_text(stored.read_text("utf8")[:20], "utf8")
    assert not is_cached(get_cache(str(cache)), read(page))
    assert run(page) == []
    assert is_cached(get_cache(str(cache)), read(page))


def test_the_cache_is_another_after_an_edit_of_the_library_or_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib/chainrule").mkdir(parents=True)
    module = tmp_path / "lib/chainrule/affine.py"
    lock = tmp_path / "constraints.txt"
    module.write_text("y = x @ W.T + b", "utf8")
    lock.write_text("numpy==2.4.6", "utf8")
    monkeypatch.setattr(execution_cache, "ROOT", tmp_path)
    monkeypatch.setattr(execution_cache, "CONSTRAINTS", lock)
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    first = execution_cache.cache_directory()
    assert execution_cache.cache_directory() == first
    (tmp_path / "lib/chainrule/__pycache__").mkdir()
    (tmp_path / "lib/chainrule/__pycache__/affine.pyc").write_bytes(b"x")
    assert execution_cache.cache_directory() == first
    module.write_text("y = x @ W + b", "utf8")
    second = execution_cache.cache_directory()
    assert second != first
    lock.write_text("numpy==2.4.7", "utf8")
    assert execution_cache.cache_directory() not in {first, second}


def test_the_last_caches_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_cache, "cache_directory", lambda: tmp_path / "5")
    for age in range(6):
        (tmp_path / str(age)).mkdir()
        os.utime(tmp_path / str(age), (age, age))
    execution_cache.prune()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3", "4", "5"]


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
