"""The handle: data in, data out, and a typed value for whatever becomes of a call."""

import sys
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from chainrule.grading.handles import DEEPEST, InProcess, NotData, Raised, Returned, identical
from tests.grading.codec import decode, encode


def returned(value: Any) -> Any:
    outcome = InProcess(lambda: value).call()
    assert isinstance(outcome, Returned)
    return outcome.value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        2.5,
        1j,
        "x",
        (1, [2.0, {"a": None}]),
        np.arange(6.0).reshape(2, 3),
        np.zeros((0, 3), np.float32),
        np.array(True),
        float("nan"),
    ],
)
def test_data_comes_back_as_it_is(value: Any) -> None:
    assert identical(returned(value), value)
    assert identical(decode(encode(value)), value)


def test_a_numpy_scalar_becomes_an_array_without_axes_and_keeps_its_dtype() -> None:
    value = returned(np.float32(2.5))
    assert (type(value), value.shape, value.dtype) == (np.ndarray, (), np.float32)


def test_a_blank_becomes_none() -> None:
    assert returned({"a": ...}) == {"a": None}


Pair = namedtuple("Pair", "a b")


class Subclass(np.ndarray):
    pass


class Number(float):
    pass


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "object"),
        (Pair(1, 2), "Pair"),
        (Number(1.0), "Number"),
        (np.ones(3).view(Subclass), "Subclass"),
        ([np.ones(3).view(Subclass)], "Subclass"),
        (np.array([None]), "NumPy array of object"),
        (np.array(["a"]), "NumPy array of str32"),
        ({1: 2}, "dict with a key of type int"),
        (iter([]), "list_iterator"),
        (np, "module"),
        (int, "type"),
    ],
)
def test_anything_else_is_named_by_its_type(value: Any, name: str) -> None:
    outcome = InProcess(lambda: value).call()
    assert outcome == NotData(name)
    assert InProcess([value]).read() == NotData(name)


def test_a_structure_that_contains_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert InProcess(endless).read() == NotData("list that contains itself")
    deep: Any = 1.0
    for _ in range(DEEPEST):
        deep = [deep]
    assert isinstance(InProcess(deep).read(), Returned)


def test_arguments_are_copies_and_changes_are_reported() -> None:
    given = np.ones(2), [1, 2]

    def change(a: Any, b: Any) -> None:
        a += 1
        b.append(3)

    outcome = InProcess(change).call(*given)
    assert isinstance(outcome, Returned)
    assert identical(outcome.changed, {0: np.full(2, 2.0), 1: [1, 2, 3]})
    assert identical(given, (np.ones(2), [1, 2]))


@pytest.mark.parametrize("change", ["reshape", "sign of zero", "nan stays nan"])
def test_a_change_is_a_change_of_bits(change: str) -> None:
    def answer(a: Any) -> None:
        if change == "reshape":
            a.resize((2, 1), refcheck=False)
        elif change == "sign of zero":
            a[0] = -0.0

    argument = np.array([0.0, np.nan])
    outcome = InProcess(answer).call(argument)
    assert isinstance(outcome, Returned)
    assert bool(outcome.changed) == (change != "nan stays nan")


def test_a_strided_argument_has_the_same_entries_and_holes_of_nan() -> None:
    def look(a: Any) -> Any:
        return a.copy(), a.flags.c_contiguous, a.base is not None, np.isnan(a.base).sum()

    entries, contiguous, is_view, holes = returned_from(look, np.arange(6.0).reshape(2, 3))
    assert np.array_equal(entries, np.arange(6.0).reshape(2, 3))
    assert not contiguous
    assert is_view
    assert holes == 18


def returned_from(function: Any, *arguments: Any) -> Any:
    outcome = InProcess(function).call(*arguments, layout="strided")
    assert isinstance(outcome, Returned)
    return outcome.value


def test_an_exception_is_a_value_with_the_learners_line() -> None:
    def helper(a: Any) -> Any:
        return np.linalg.inv(a)  # the line that is shown: it is NumPy that raises, deeper down

    outcome = InProcess(lambda a: helper(a)).call(np.zeros((2, 2)))
    assert isinstance(outcome, Raised)
    assert (outcome.type, outcome.message) == ("LinAlgError", "Singular matrix")
    assert outcome.source.startswith("return np.linalg.inv(a)")
    assert outcome.line == helper.__code__.co_firstlineno + 1


def test_a_call_that_never_started_has_no_line() -> None:
    outcome = InProcess(lambda: 1).call(1.0)
    assert isinstance(outcome, Raised)
    assert (outcome.type, outcome.line, outcome.source) == ("TypeError", None, "")


def test_addresses_in_messages_are_hidden() -> None:
    def answer() -> None:
        raise ValueError(f"{object()} and {0xBEEF:#x}")

    outcome = InProcess(answer).call()
    assert isinstance(outcome, Raised)
    assert outcome.message == "<object object at 0x...> and 0xbeef"


def test_exit_is_caught_and_an_interrupt_is_not() -> None:
    outcome = InProcess(lambda: sys.exit(3)).call()
    assert isinstance(outcome, Raised)
    assert outcome.type == "SystemExit"

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InProcess(interrupted).call()


def test_what_is_printed_is_kept_and_not_shown(capsys: Any) -> None:
    outcome = InProcess(lambda: print("hello")).call()
    assert outcome.printed == "hello\n"
    assert capsys.readouterr().out == ""


def documented() -> None:
    """Only a docstring."""


def filled_later() -> Any:
    """A stub."""
    ...


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (documented, "stub"),
        (filled_later, "stub"),
        (lambda x: None, "stub"),
        (lambda x: ..., "function"),
        (lambda x: print(x), "function"),
        (lambda x: 0, "function"),
        (print, "function"),
        (object, "function"),
        (3, "value"),
        ({}, "value"),
    ],
)
def test_kinds(answer: Any, kind: str) -> None:
    assert InProcess(answer).kind() == kind


def test_the_codec_of_the_tests_refuses_objects() -> None:
    with pytest.raises(TypeError, match="not data"):
        encode((1, object()))
