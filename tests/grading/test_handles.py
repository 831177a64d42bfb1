"""The handle: data in, data out, and a typed value for whatever becomes of a call."""

import sys
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from chainrule.grading.grader.codec import decode, encode
from chainrule.grading.handles import DEEPEST, InProcess, NotData, Raised, Returned, identical


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


def test_the_holes_of_strided_integers_are_no_index() -> None:
    entries, holes = returned_from(lambda t: (t.copy(), t.base[1::2].copy()), np.array([2, 0, 1]))
    assert entries.tolist() == [2, 0, 1]
    assert holes.tolist() == 3 * [np.iinfo(int).min]


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
        (object, "class"),
        (3, "value"),
        ({}, "value"),
    ],
)
def test_kinds(answer: Any, kind: str) -> None:
    assert InProcess(answer).kind() == kind


# --- programs -------------------------------------------------------------------------------------


class Counter:
    """An answer that is a class."""

    def __init__(self, start: Any = 0) -> None:
        self.count = start

    def __add__(self, more: Any) -> Any:
        return Counter(self.count + more.count)  # the line that fails for a number

    def forget(self) -> None:
        self.count = object()


def run(program: str, *results: str, answer: Any = Counter, **inputs: Any) -> Any:
    return InProcess(answer).run(program, inputs, results, name="Counter")


def test_a_program_uses_the_answer_and_its_results_come_back_as_data() -> None:
    outcome = run("c = Counter(x) + Counter(np.ones(2))\nprint('ran')", "c.count", "1 + 1", x=2.0)
    assert outcome == Returned(outcome.value, {}, "ran\n")
    assert list(outcome.value) == ["c.count", "1 + 1"]
    assert identical(outcome.value["c.count"], np.full(2, 3.0))


def test_a_program_can_pass_functions() -> None:
    outcome = run("y = Counter(lambda x: x**2, 3)", "y", answer=lambda f, x: f(x))
    assert outcome.value == {"y": 9}


def test_the_inputs_of_a_program_are_copies_and_changes_are_reported() -> None:
    x = np.ones(2)
    outcome = run("Counter(x).count[0] = 5.0", a=1.0, x=x)
    assert identical(outcome.changed, {1: np.array([5.0, 1.0])})
    assert identical(x, np.ones(2))


def test_two_programs_share_nothing() -> None:
    assert isinstance(run("a = 1", "a"), Returned)
    assert run("", "a").type == "NameError"


def test_an_exception_is_shown_at_the_learners_line_and_at_the_programs() -> None:
    outcome = run("a = Counter(1)\nb = a + 1", "b.count")
    assert (outcome.type, outcome.program) == ("AttributeError", "b = a + 1")
    assert outcome.line == Counter.__add__.__code__.co_firstlineno + 1
    assert outcome.source.startswith("return Counter(self.count + more.count)")


def test_an_exception_in_the_program_itself_quotes_its_line() -> None:
    outcome = run("a = Counter(1)\nif True:\n    a.reset()")
    assert (outcome.type, outcome.line, outcome.source) == ("AttributeError", None, "")
    assert outcome.message == "'Counter' object has no attribute 'reset'"
    assert outcome.program == "a.reset()"
    outcome = run("a = Counter(1)", "a.count", "a.grad")
    assert (outcome.line, outcome.program) == (None, "a.grad")


def test_a_line_of_the_program_that_the_answer_calls_is_not_the_learners() -> None:
    def answer(f: Any) -> Any:
        return f(1)  # the learner's line

    outcome = run("Counter(lambda x: x.missing)", answer=answer)
    assert outcome.line == answer.__code__.co_firstlineno + 1
    assert outcome.program == "Counter(lambda x: x.missing)"


def test_a_result_that_is_not_data_is_named() -> None:
    outcome = run("a = Counter(1)\na.forget()", "1", "a.count")
    assert outcome == NotData("object", result="a.count")
    assert run("x.append(Counter())", x=[1]) == NotData("Counter")


def test_a_mistake_in_a_program_is_its_authors() -> None:
    with pytest.raises(SyntaxError):
        run("a = = 1")
    with pytest.raises(SyntaxError):
        run("", "a b")


def test_exit_in_a_program_is_caught_and_an_interrupt_is_not() -> None:
    assert run("raise SystemExit(1)").type == "SystemExit"
    with pytest.raises(KeyboardInterrupt):
        run("raise KeyboardInterrupt")
