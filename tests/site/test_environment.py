"""What is installed follows the packaging metadata and the lock, and nothing else."""

from __future__ import annotations

import re
import tomllib

import pytest

from tools import environment
from tools.environment import included, requirements_digest
from tools.paths import CONSTRAINTS, ROOT


def test_an_extra_brings_the_extras_it_includes() -> None:
    assert included("dev") >= {"dev", "test", "book", "chapters"}
    assert included("chapters") == {"chapters"}


def test_an_unknown_extra_is_refused() -> None:
    with pytest.raises(SystemExit, match="no extra 'nothing'"):
        included("nothing")


def test_a_lint_setting_reinstalls_nothing_and_a_requirement_does(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyproject = (ROOT / "pyproject.toml").read_text("utf8")
    (tmp_path / "pyproject.toml").write_text(pyproject, "utf8")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    before = requirements_digest()
    (tmp_path / "pyproject.toml").write_text(pyproject.replace("line-length = 100", ""), "utf8")
    assert requirements_digest() == before
    (tmp_path / "pyproject.toml").write_text(pyproject.replace("numpy>=2.0", "numpy>=2.1"), "utf8")
    assert requirements_digest() != before


def test_the_lock_pins_every_requirement_and_names_no_index() -> None:
    lock = CONSTRAINTS.read_text("utf8")
    pinned = {line.partition("==")[0] for line in lock.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    required = [*project["dependencies"]]
    for requirements in project["optional-dependencies"].values():
        required += requirements
    names = {re.split(r"[\s<>=!~;\[]", requirement)[0].lower() for requirement in required}
    assert names - {project["name"]} <= pinned
    entries = [line for line in lock.splitlines() if not line.startswith("#")]
    assert all(re.match(r"[a-z0-9-]+==[\w.]+( ; .+)?$", entry) for entry in entries)
