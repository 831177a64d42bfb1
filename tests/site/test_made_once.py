"""A folder of the cache is made once, as a whole, and takes the place of older ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import pyodide
from tools.made_once import made_once


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_made_once_and_its_family_goes(tmp_path: Path) -> None:
    for old in ("core-1", "core-2", "corridor"):
        (tmp_path / "cache" / old).mkdir(parents=True)
    target = tmp_path / "cache" / "core-3"

    def make(folder: Path) -> None:
        (folder / "made").write_text(str(len(names(tmp_path / "cache"))), "utf8")

    assert made_once(target, make, "core-*") == target
    assert names(tmp_path / "cache") == ["core-3", "corridor"]
    before = (target / "made").read_text("utf8")
    (tmp_path / "cache" / "core-4").mkdir()
    made_once(target, make, "core-*")
    assert (target / "made").read_text("utf8") == before


def test_nothing_is_left_of_a_folder_that_could_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "core-1").mkdir()

    def make(folder: Path) -> None:
        (folder / "half").touch()
        raise SystemExit("no network")

    with pytest.raises(SystemExit):
        made_once(tmp_path / "core-2", make, "core-*")
    assert names(tmp_path) == ["core-1"]


def test_pyodide_and_its_compiled_packages_are_two_families(tmp_path: Path) -> None:
    (tmp_path / pyodide.self_hosted().name).mkdir()
    (tmp_path / pyodide.distribution().name).mkdir()
    (core,) = tmp_path.glob(pyodide.CORE_FOLDERS)
    (compiled,) = tmp_path.glob(pyodide.COMPILED_FOLDERS)
    assert core != compiled
