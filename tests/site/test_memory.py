"""A build remembers results as long as everything they were made from is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import memory
from tools.memory import forget_oldest, remembered

CALLS: list[tuple[bytes, ...]] = []


def joined(*parts: bytes) -> bytes:
    CALLS.append(parts)
    return b"+".join(parts)


def reversed_parts(*parts: bytes) -> bytes:
    return b"+".join(reversed(parts))


@pytest.fixture(autouse=True)
def in_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CACHE", tmp_path)
    CALLS.clear()


def test_a_result_is_made_once() -> None:
    assert remembered(joined, b"a", b"b") == remembered(joined, b"a", b"b") == b"a+b"
    assert CALLS == [(b"a", b"b")]


def test_other_inputs_another_function_and_edited_code_make_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert remembered(joined, b"a", b"bc") == b"a+bc"
    assert remembered(joined, b"ab", b"c") == b"ab+c"
    assert remembered(reversed_parts, b"a", b"bc") == b"bc+a"
    monkeypatch.setattr(memory, "makers", lambda: "edited")
    assert remembered(joined, b"a", b"bc") == b"a+bc"
    assert len(CALLS) == 3


def test_what_failed_is_not_remembered() -> None:
    def fails(part: bytes) -> bytes:
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            remembered(fails, b"a")
    assert not memory.folder().exists()


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "FILES_KEPT", 2)
    for part in (b"a", b"b", b"c"):
        remembered(joined, part)
    forget_oldest()
    assert len(list(memory.folder().iterdir())) == 2
