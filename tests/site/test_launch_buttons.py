"""Buttons lead to the notebooks of this repository, or there are none."""

from __future__ import annotations

import pytest

from tools.addresses import Repository
from tools.sphinx_extension import launch_buttons
from tools.sphinx_extension.launch_buttons import hosted

PATH = "notebooks/chapters/losses.ipynb"


def test_buttons_follow_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch_buttons, "repository", lambda: Repository("ada", "book"))
    monkeypatch.setattr(launch_buttons, "launchable", lambda: True)
    colab, binder = hosted(PATH)
    assert colab["url"] == f"https://colab.research.google.com/github/ada/book/blob/main/{PATH}"
    assert binder["url"] == f"https://mybinder.org/v2/gh/ada/book/main?urlpath=lab/tree/{PATH}"


@pytest.mark.parametrize(
    ("repository", "launchable"), [(None, True), (Repository("grace", "fork"), False)]
)
def test_no_button_is_dead(
    monkeypatch: pytest.MonkeyPatch, repository: Repository | None, launchable: bool
) -> None:
    monkeypatch.setattr(launch_buttons, "repository", lambda: repository)
    monkeypatch.setattr(launch_buttons, "launchable", lambda: launchable)
    assert hosted(PATH) == []
