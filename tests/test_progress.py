"""The progress bar: when it shows, what it shows, and where."""

import io
import re
import sys
from types import SimpleNamespace

import pytest

from chainrule import progress
from chainrule.progress import Progress, shown_by_default


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


class AsciiTerminal(Terminal):
    encoding = "ascii"

    def write(self, text):
        return super().write(text.encode("ascii").decode("ascii"))


@pytest.fixture
def terminal(monkeypatch):
    stream = Terminal()
    # Between a fixture and its test, pytest puts its own stream into sys.stderr.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream, modules=sys.modules))
    monkeypatch.setattr(progress, "REDRAW_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "100")
    return stream


def frames(stream):
    """What was drawn, one entry per time the line was drawn over."""
    return [f.replace("\x1b[K", "").rstrip() for f in stream.getvalue().split("\r")[1:]]


@pytest.mark.parametrize(
    ("setting", "is_terminal", "shown"),
    [
        (None, True, True),
        (None, False, False),
        ("0", True, False),
        ("1", False, True),
        ("1", True, True),
    ],
)
def test_shown_to_whoever_looks_unless_the_environment_says_otherwise(
    monkeypatch, setting, is_terminal, shown
):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "stderr", Terminal() if is_terminal else io.StringIO())
    if setting is None:
        monkeypatch.delenv("CHAINRULE_PROGRESS", raising=False)
    else:
        monkeypatch.setenv("CHAINRULE_PROGRESS", setting)
    assert shown_by_default() == shown
    list(Progress([1], "work"))
    assert bool(sys.stderr.getvalue()) == shown


def test_shown_in_a_notebook(monkeypatch):
    monkeypatch.delenv("CHAINRULE_PROGRESS", raising=False)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    assert shown_by_default()


def test_items_pass_through_whether_shown_or_not(terminal):
    assert list(Progress("abc", "work", show=True)) == ["a", "b", "c"]
    assert list(Progress("abc", "work", show=False)) == ["a", "b", "c"]
    assert list(Progress([], "work", show=True)) == []


def test_frames(terminal):
    list(Progress(range(4), "work", show=True))
    first, *_, last = frames(terminal)
    assert re.fullmatch(r"work ━{6}─{18} 1/4  \d+ s left", first)
    assert re.fullmatch(r"work ━{24} 4/4  \d+\.\d s", last)
    assert terminal.getvalue().endswith("\n")
    assert terminal.getvalue().count("\n") == 1


def test_a_redraw_now_and_then_is_enough(terminal, monkeypatch):
    monkeypatch.setattr(progress, "REDRAW_SECONDS", 1000.0)
    list(Progress(range(1000), "work", show=True))
    assert len(frames(terminal)) == 1


def test_time_left_is_estimated_from_what_is_done(terminal, monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    list(Progress(range(4), "work", show=True))
    assert "1/4  30 s left" in frames(terminal)[0]


def test_the_note_stands_at_the_end(terminal):
    bar = Progress(range(2), "work", show=True)
    for i in bar:
        bar.note = f"loss {i}"
    assert frames(terminal)[0].endswith("loss 0")
    assert frames(terminal)[-1].endswith("loss 1")


def test_without_a_length_there_is_a_count(terminal):
    list(Progress(iter(range(3)), "work", show=True))
    assert re.fullmatch(r"work 3  \d+ s", frames(terminal)[-1])


def test_a_length_can_be_given(terminal):
    list(Progress(iter(range(3)), "work", total=3, show=True))
    assert "3/3" in frames(terminal)[-1]


def test_more_items_than_announced_do_no_harm(terminal):
    assert list(Progress(iter(range(5)), "work", total=3, show=True)) == list(range(5))


def test_a_terminal_without_the_characters_gets_others(monkeypatch):
    stream = AsciiTerminal()
    monkeypatch.setattr(sys, "stderr", stream)
    list(Progress(range(2), "training η", show=True))
    assert "training ?" in stream.getvalue()
    assert "2/2" in stream.getvalue()


def test_a_line_is_cut_at_the_width_of_the_terminal(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    bar = Progress(range(2), "work", show=True)
    for _ in bar:
        bar.note = "x" * 100
    assert max(map(len, frames(terminal))) == 49


def test_a_file_gets_the_whole_line(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "40")
    bar = Progress(range(1), "work", show=True)
    for _ in bar:
        bar.note = "x" * 100
    assert stream.getvalue().count("x") == 100


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, GeneratorExit])
def test_an_interruption_ends_the_line_and_goes_on(terminal, stop):
    def work():
        for i in Progress(range(10), "work", show=True):
            if i == 3:
                raise stop

    with pytest.raises(stop):
        work()
    assert terminal.getvalue().endswith("\n")
    assert "3/10" in frames(terminal)[-1]


def test_leaving_early_ends_the_line(terminal):
    for i in Progress(range(10), "work", show=True):
        if i == 2:
            break
    assert terminal.getvalue().endswith("\n")
    assert "2/10" in frames(terminal)[-1]


def test_an_error_of_the_items_is_passed_on(terminal):
    def items():
        yield 1
        raise RuntimeError("of the items")

    with pytest.raises(RuntimeError, match="of the items"):
        list(Progress(items(), "work", show=True))
    assert terminal.getvalue().endswith("\n")
