"""The record of progress: merged, never lost, never in the way, never in the real home."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chainrule import cli
from chainrule.grading import check, files, progress, record
from chainrule.grading.authoring import ENVIRONMENT
from chainrule.grading.record import Best, DamagedError
from tests.grading.sets import SLUGS

PASS, FAIL, NEARLY = Best(2, 4, 4), Best(1, 1, 4), Best(1, 3, 4)
NAME = "affine-layers.neuron"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: Any) -> Path:
    monkeypatch.setenv("CHAINRULE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def neuron(x: Any, w: Any, b: Any) -> Any:
    return w @ x + b


def wrong(x: Any, w: Any, b: Any) -> Any:
    return w @ x


def stored(home: Path) -> Any:
    return record.read(home / record.NAME)


# --- what is kept ---------------------------------------------------------------------------------


def test_check_keeps_the_best_result(home: Path, capsys: Any) -> None:
    check(NAME, wrong)
    assert stored(home) == {NAME: Best(1, 1, 4)}
    check(NAME, neuron)
    assert stored(home) == {NAME: PASS}
    check(NAME, wrong)
    assert stored(home) == {NAME: PASS}
    assert capsys.readouterr().err == ""


def test_what_was_not_attempted_is_not_kept(home: Path) -> None:
    def neuron(x: Any, w: Any, b: Any) -> Any: ...

    check(NAME, neuron)
    assert not home.exists()


def test_a_result_that_is_no_better_writes_nothing(home: Path) -> None:
    check(NAME, neuron)
    before = (home / record.NAME).stat().st_mtime_ns
    check(NAME, neuron)
    assert (home / record.NAME).stat().st_mtime_ns == before


def test_merging_keeps_the_better_and_depends_on_no_order() -> None:
    a = {"s.x": PASS, "s.y": FAIL}
    b = {"s.x": FAIL, "s.y": NEARLY, "s.z": FAIL}
    best = {"s.x": PASS, "s.y": NEARLY, "s.z": FAIL}
    assert record.merged(a, b) == record.merged(b, a) == best
    assert record.merged(best, a) == record.merged(best, {}) == best
    assert max(FAIL, Best(1, 1, 9)).state == "fail"
    assert max(Best(1, 8, 9), PASS) == PASS, "a pass is better than any number of checks"


# --- the table ------------------------------------------------------------------------------------


def test_progress_is_a_table_over_the_course(home: Path, capsys: Any) -> None:
    check(NAME, neuron)
    check("affine-layers.affine", lambda X, W, b: X @ W.T)
    capsys.readouterr()
    lines = repr(progress("affine-layers")).splitlines()
    assert lines[0] == "1 of 7 exercises correct"
    rows = [" ".join(line.split()) for line in lines]
    assert "affine-layers neuron correct 4 of 4" in rows
    assert "affine-layers affine not yet 1 of 6" in rows
    assert "affine-layers shapes not attempted" in rows
    html = progress()._repr_html_()
    assert '<th scope="row">affine-layers</th><td>neuron</td><td>correct</td>' in html
    assert cli.main(["progress", "affine-layers"]) == cli.OK
    assert capsys.readouterr().out.splitlines() == lines


def test_an_unknown_chapter_is_refused_with_those_that_there_are(home: Path, capsys: Any) -> None:
    with pytest.raises(ValueError, match=rf"'affine' has no exercises; there are: {SLUGS[0]}, "):
        progress("affine")
    assert cli.main(["progress", "affine"]) == cli.WRONG
    assert f"there are: {SLUGS[0]}, " in capsys.readouterr().err


def test_exercises_of_another_version_are_kept_and_mentioned(home: Path) -> None:
    record.add({"old.exercise": PASS})
    check(NAME, neuron)
    assert set(stored(home)) == {"old.exercise", NAME}
    assert "also has 1 exercise that is not in this version" in repr(progress())


# --- where it is kept -----------------------------------------------------------------------------


def test_tests_and_generated_notebooks_keep_nothing() -> None:
    assert os.environ["CHAINRULE_HOME"] == ENVIRONMENT["CHAINRULE_HOME"] == ""
    assert record.home() is None
    check(NAME, neuron)
    assert "Nothing is kept" in repr(progress())


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {}, "~/.local/share/chainrule"),
        ("linux", {"XDG_DATA_HOME": "~/data"}, "~/data/chainrule"),
        ("darwin", {}, "~/Library/Application Support/chainrule"),
        ("win32", {}, "~/AppData/Local/chainrule"),
        ("win32", {"LOCALAPPDATA": "~/Local"}, "~/Local/chainrule"),
        ("emscripten", {}, "~/.local/share/chainrule"),
        ("linux", {"CHAINRULE_HOME": "~/mine"}, "~/mine"),
    ],
)
def test_it_follows_the_rules_of_the_platform(
    platform: str, variables: Any, folder: str, tmp_path: Path, monkeypatch: Any
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "CHAINRULE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name, value in variables.items():
        expanded = value if name == "CHAINRULE_HOME" else value.replace("~", str(tmp_path))
        monkeypatch.setenv(name, expanded)
    monkeypatch.setattr(sys, "platform", platform)
    assert record.home() == Path(folder.replace("~", str(tmp_path)))


def test_without_a_home_nothing_is_kept(monkeypatch: Any) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("CHAINRULE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", homeless)
    assert record.home() is None
    check(NAME, neuron)


def test_a_disk_that_cannot_be_written_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CHAINRULE_HOME", str(tmp_path / "file" / "home"))
    check(NAME, neuron)
    captured = capsys.readouterr()
    assert captured.out.startswith("neuron: correct.")
    assert captured.err == ""
    assert "cannot be read: Not a directory" in repr(progress())


def test_a_full_disk_leaves_the_old_record(home: Path, monkeypatch: Any, capsys: Any) -> None:
    check(NAME, wrong)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    check(NAME, neuron)
    assert stored(home) == {NAME: Best(1, 1, 4)}
    assert sorted(path.name for path in home.iterdir()) == [".progress.json.lock", "progress.json"]
    assert capsys.readouterr().err == ""


# --- never lost -----------------------------------------------------------------------------------

WRITER = """
import sys
from chainrule.grading.record import Best, add
for i in range(int(sys.argv[2])):
    add({f"{sys.argv[1]}.exercise_{i}": Best(2, i, i)})
"""


def writer(name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, name, str(count)])


def test_notebooks_that_write_at_once_lose_nothing(home: Path) -> None:
    writers = [writer(name, 30) for name in ("a", "b", "c")]
    assert [w.wait() for w in writers] == [0, 0, 0]
    assert set(stored(home)) == {f"{name}.exercise_{i}" for name in "abc" for i in range(30)}


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_a_writer_that_is_killed_loses_nothing_that_was_there(home: Path) -> None:
    record.add({NAME: PASS})
    for wait in (0.0, 0.002, 0.01):
        process = writer("a", 100_000)
        count = len(stored(home))
        until = time.monotonic() + 30
        while len(stored(home)) < count + 3 and time.monotonic() < until:
            time.sleep(0.005)  # it is writing now
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = stored(home)
        assert after[NAME] == PASS
        assert len(after) >= count
    check("affine-layers.affine", neuron)  # no lock is left behind
    assert "affine-layers.affine" in stored(home)


def test_what_a_killed_writer_left_is_swept_up_later(home: Path) -> None:
    record.add({NAME: FAIL})
    old, fresh = (home / f".{record.NAME}.{name}{files.PART}" for name in ("killed", "writing"))
    for part in (old, fresh):
        part.write_text("{", encoding="utf-8")
    os.utime(old, (time.time() - 2 * files.ABANDONED,) * 2)
    record.add({NAME: PASS})
    assert stored(home) == {NAME: PASS}
    assert not old.exists()
    assert fresh.exists(), "somebody may be writing it"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"chainrule progress": 1, "exer',
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"null",
        b'{"chainrule progress": 2, "exercises": {}}',
        b'{"chainrule progress": 1}',
        b'{"chainrule progress": 1, "exercises": {"a.b": {"state": "pass"}}}',
        b'{"chainrule progress": 1, "exercises": {"a.b": 3}}',
        b'{"chainrule progress": 1, "exercises": '
        b'{"a.b": {"state": "done", "passed": 1, "checks": 2}}}',
        b'{"chainrule progress": 1, "exercises": '
        b'{"a.b": {"state": "pass", "passed": 3, "checks": 2}}}',
        b"[" * 100_000,
    ],
    ids=range(12),
)
def test_a_damaged_record_is_set_aside_and_told(content: bytes, home: Path, capsys: Any) -> None:
    home.mkdir()
    (home / record.NAME).write_bytes(content)
    check(NAME, neuron)
    aside = home / "damaged-1-progress.json"
    assert capsys.readouterr().err == (
        f"Your record of progress was damaged and has been set aside as {aside}\n"
    )
    assert aside.read_bytes() == content
    assert stored(home) == {NAME: PASS}
    (home / record.NAME).write_bytes(content)
    assert "damaged-2-progress.json" in repr(progress())


# --- export and import ----------------------------------------------------------------------------


def test_a_record_travels_by_export_and_import(home: Path, tmp_path: Path, capsys: Any) -> None:
    record.add({"s.x": PASS, "s.y": FAIL})
    file = tmp_path / "mine.json"
    assert cli.main(["progress", "--export", str(file)]) == cli.OK
    assert capsys.readouterr().out == f"Wrote 2 exercises to {file}\n"
    assert json.loads(file.read_text())["chainrule progress"] == record.FORMAT
    (home / record.NAME).unlink()
    record.add({"s.x": FAIL, "s.z": PASS})
    assert cli.main(["progress", "--import", str(file)]) == cli.OK
    assert capsys.readouterr().out == f"Read 2 exercises from {file}; 2 better than yours\n"
    assert stored(home) == {"s.x": PASS, "s.y": FAIL, "s.z": PASS}
    assert cli.main(["progress", "--import", str(file)]) == cli.OK
    assert "none better than yours" in capsys.readouterr().out


def test_a_bad_import_is_refused_and_changes_nothing(
    home: Path, tmp_path: Path, capsys: Any
) -> None:
    record.add({NAME: PASS})
    file = tmp_path / "notes.txt"
    file.write_text("hello", encoding="utf-8")
    for path, says in ((file, "is no record of progress"), (tmp_path / "none.json", "No such")):
        assert cli.main(["progress", "--import", str(path)]) == cli.WRONG
        errors = capsys.readouterr().err
        assert str(path) in errors
        assert says in errors
    with pytest.raises(DamagedError):
        record.read(file)
    assert stored(home) == {NAME: PASS}


def test_an_export_that_cannot_be_written_says_so(home: Path, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "mine.json"
    assert cli.main(["progress", "--export", str(target)]) == cli.WRONG
    assert "file" in capsys.readouterr().err


def test_an_import_where_nothing_is_kept_says_so(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "mine.json"
    files.replace(file, record.written({NAME: PASS}))
    assert cli.main(["progress", "--import", str(file)]) == cli.WRONG
    assert "nothing is kept, because CHAINRULE_HOME is empty" in capsys.readouterr().err
