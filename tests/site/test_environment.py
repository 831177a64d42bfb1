"""What is installed follows the packaging metadata and the lock, and nothing else."""

from __future__ import annotations

import re
import tomllib

import pytest

from tools import environment
from tools.environment import included, requirements, requirements_digest, stamp, venv_of
from tools.lock import locked_extras
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
    (tmp_path / "pyproject.toml").write_text(pyproject.replace("numpy>=", "numpy>1,>="), "utf8")
    assert requirements_digest() != before


def test_the_lock_pins_every_requirement_and_names_no_index() -> None:
    lock = CONSTRAINTS.read_text("utf8")
    pinned = {line.partition("==")[0] for line in lock.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    required = [*project["dependencies"]]
    for extra in locked_extras():
        required += project["optional-dependencies"][extra]
    names = {re.split(r"[\s<>=!~;\[]", requirement)[0].lower() for requirement in required}
    assert names - {project["name"]} <= pinned
    entries = [line for line in lock.splitlines() if not line.startswith("#")]
    assert all(re.match(r"[a-z0-9-]+==[\w.]+( ; .+)?$", entry) for entry in entries)


def test_pytorch_has_an_environment_of_its_own_and_no_other_extra_asks_for_it() -> None:
    assert venv_of("parity") != venv_of("dev") == venv_of("book")
    assert stamp("parity").parent == venv_of("parity")
    assert "parity" not in locked_extras()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    wanting = {
        extra
        for extra, requirements in project["optional-dependencies"].items()
        if any(re.match(r"torch\b", requirement) for requirement in requirements)
    }
    assert wanting == {"parity"}
    assert not any("parity" in included(extra) for extra in locked_extras())
    assert not any("interop" in included(extra) for extra in locked_extras())
    assert not re.search(r"^torch==", CONSTRAINTS.read_text("utf8"), re.MULTILINE)


def test_where_notebooks_are_launched_the_library_is_missing() -> None:
    assert environment.WITHOUT_PROJECT <= environment.APART
    assert "launch" in environment.WITHOUT_PROJECT
    assert included("launch") == {"launch"}
    assert not any("chainrule" in requirement for requirement in requirements("launch"))
    brought = {re.split(r"[<>=]", requirement)[0] for requirement in requirements("launch")}
    needed = {re.split(r"[<>=]", requirement)[0] for requirement in requirements("chapters")}
    assert needed < brought  # the tests of launching fetch nothing else
