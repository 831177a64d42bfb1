"""Addresses follow the repository that the book is built from."""

from __future__ import annotations

import subprocess

import pytest

from tools import addresses
from tools.addresses import Repository, base_path, from_remote, repository, site_address


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/ada/book.git",
        "https://github.com/ada/book",
        "https://token@github.com/ada/book.git",
        "git@github.com:ada/book.git",
        "ssh://git@github.com/ada/book.git\n",
    ],
)
def test_a_remote_on_github_is_understood(remote: str) -> None:
    assert from_remote(remote) == Repository("ada", "book")


@pytest.mark.parametrize("remote", ["", "../book.git", "https://example.org/ada/book.git"])
def test_any_other_remote_is_not_guessed_at(remote: str) -> None:
    assert from_remote(remote) is None


def test_a_workflow_says_which_repository_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", "Ada/Book")
    assert repository() == Repository("Ada", "Book")
    assert site_address() == "https://ada.github.io/Book/"
    assert base_path() == "/Book/"


def test_the_repository_of_a_user_page_is_its_root() -> None:
    assert Repository("ada", "ada.github.io").site == "https://ada.github.io/"


def test_an_own_domain_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "ada/book")
    monkeypatch.setenv("BOOK_URL", "https://book.example")
    assert site_address() == "https://book.example/"
    assert base_path() == "/"


@pytest.mark.parametrize("git", ["no remote", "no git"])
def test_without_a_repository_there_is_no_address(
    monkeypatch: pytest.MonkeyPatch, git: str
) -> None:
    def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        if git == "no git":
            raise FileNotFoundError("git")
        return subprocess.CompletedProcess([], 2, stdout="")

    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setattr(addresses.subprocess, "run", run)
    assert repository() is None
    assert site_address() == ""
