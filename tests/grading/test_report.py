"""What the learner reads: order, counts, the card, literals that can be pasted."""

import linecache
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from chainrule.grading.error_messages import in_plain_words
from chainrule.grading.exercises import Check, Function, Problem, rounding, shapes, values
from chainrule.grading.handles import InProcess
from chainrule.grading.literals import literal, marked, pair
from chainrule.grading.report import EDGE, Feedback, evaluate
from chainrule.grading.search import Arrays


def exercise(*extra: Check) -> Function:
    return Function(
        "toys.double",
        Arrays({"x": "n"}),
        returns={"y": "n"},
        truth=lambda x: {"y": 2 * x},
        checks=[shapes("A hint about shapes."), values("y", "First.", "Second."), *extra],
    )


def never(name: str, *, graded: bool = False) -> Check:
    return Check(name, lambda subject: Problem("no", "No."), ("Hint.",), graded=graded)


def said(answer: Any, *extra: Check, hint: int = 1, graded: bool = False) -> str:
    return repr(Feedback(evaluate(exercise(*extra), InProcess(answer), graded=graded), hint))


def test_everything_in_its_place() -> None:
    assert said(lambda x: 3 * x) == "\n".join(
        [
            "double: not yet. Your y has the right shape but wrong values.",
            "",
            "  for       x = np.array([1.])",
            "  yours     y = [3.]",
            "  expected  y = [2.]",
            "",
            "  Hint 1 of 2: First.",
            '  Next hint: check("toys.double", double, hint=2)',
            "",
            "  1 of 2 checks pass (shapes).",
        ]
    )


def test_success_says_so_and_counts() -> None:
    assert said(lambda x: x + x) == "double: correct.\n\n  All 2 checks pass (shapes, y)."


def test_the_last_hint_leads_to_no_other() -> None:
    for hint in (2, 3, 99):
        text = said(lambda x: 3 * x, hint=hint)
        assert "Hint 2 of 2: Second." in text
        assert "Next hint" not in text


def test_checks_that_only_run_when_graded_are_counted_apart() -> None:
    hidden = never("secret", graded=True)
    assert "All 2 visible checks pass (shapes, y). 1 more runs when graded." in said(
        lambda x: 2 * x, hidden
    )
    two = said(lambda x: 3 * x, hidden, never("other", graded=True))
    assert "1 of 2 visible checks pass (shapes). 2 more run when graded." in two
    assert "secret" not in two
    assert "when graded" not in said(lambda x: 2 * x)
    assert said(lambda x: 2 * x, hidden, graded=True).startswith("double: not yet. No.")


def test_other_checks_wait_for_the_basic_ones() -> None:
    text = said(lambda x: 3 * x, never("late"), never("later"))
    assert "1 of 4 checks pass (shapes). Still to run: late, later." in text
    assert "2 of 4 checks pass (shapes, y)." in said(lambda x: 2 * x, never("late"), never("later"))


def test_a_stub_passes_nothing() -> None:
    def double(x: Any) -> Any: ...

    text = said(double)
    assert text.startswith("double: not attempted yet. Replace the ...")
    assert "2 checks to pass." in text


def test_what_is_printed_is_shown_beside_the_failing_input() -> None:
    def double(x: Any) -> Any:
        print("x is", x)
        return 3 * x

    assert "  prints    x is [1.]" in said(double)


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.seen.append((tag, dict(attributes)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def card(answer: Any) -> Outline:
    outline = Outline()
    outline.feed(Feedback(evaluate(exercise(), InProcess(answer)))._repr_html_())
    assert not outline.open
    return outline


def test_the_card_says_what_the_text_says_and_is_well_formed() -> None:
    answer = lambda x: 3 * x  # noqa: E731
    outline = card(answer)
    tag, attributes = outline.seen[0]
    assert (tag, attributes["class"], attributes["data-state"]) == ("div", "cr-card", "fail")
    assert attributes["role"] == "group"
    assert attributes["aria-label"] == "Check of double: not yet"
    words = re.findall(r"\w+", said(answer))
    assert [word for word in re.findall(r"\w+", outline.text) if word] == words


def test_the_card_needs_no_style_sheet_and_imposes_no_color_but_its_edge() -> None:
    for answer in (lambda x: 3 * x, lambda x: 2 * x, lambda x: None):
        styles = " ".join(attributes.get("style") or "" for _, attributes in card(answer).seen)
        assert set(re.findall(r"#[0-9a-f]{6}", styles)) <= set(EDGE.values())
        assert re.findall(r"(?:^|[;\s])color:([^;]+)", styles) in (
            [],
            ["inherit"] * styles.count("color:inherit"),
        )
        assert set(re.findall(r"background:([^; ]+)", styles)) <= {"transparent"}


def test_the_card_escapes_what_the_learner_wrote() -> None:
    def double(x: Any) -> Any:
        raise ValueError("<script>alert('&')</script>")

    html = Feedback(evaluate(exercise(), InProcess(double)))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "value",
    [
        np.array([[1.0, -2.5], [1e-9, 3.0]]),
        np.zeros((0, 2)),
        np.zeros((0, 2), np.float32),
        np.array(3.0),
        np.arange(60.0).reshape(4, 15) / 7,
        np.array([0.1, 1 / 3], dtype=np.float32),
        np.array([1, 2]),
        np.array([True, False]),
        [784, 10, 10],
        -0.5,
    ],
    ids=repr,
)
def test_an_input_can_be_pasted(value: Any) -> None:
    again = eval(literal(value, 4), {"np": np})
    assert np.array_equal(again, value)
    assert np.shape(again) == np.shape(value)
    assert np.asarray(again).dtype == np.asarray(value).dtype


def test_results_show_as_many_digits_as_it_takes_to_see_a_difference() -> None:
    assert pair(np.array([1 / 3]), np.array([0.25])) == ("[0.3333]", "[0.25]")
    assert pair(np.array([1.0 + 1e-10]), np.array([1.0])) == ("[1.0000000001]", "[1.]")
    assert pair(np.array([0.1 + 0.2]), np.array([0.3])) == ("[0.30000000000000004]", "[0.3]")
    assert pair(np.array([-0.0]), np.array([2])) == ("[0.]", "[2]")
    assert pair(np.array([np.nan]), np.array([1.0])) == ("[nan]", "[1.]")
    assert pair(np.zeros((9, 9)), np.zeros((9, 9)))[0] == "an array of shape (9, 9)"


def test_entries_of_a_large_array_stand_in_columns() -> None:
    array = np.array([[1.0, -20.0, 0.125], [100.0, 3.0, 4.0]] * 3)
    assert pair(array, None)[0].splitlines()[:2] == [
        "[[  1., -20., 0.125],",
        " [100.,   3.,    4.],",
    ]
    assert np.array_equal(eval(literal(array), {"np": np}), array)


def test_wrong_entries_are_marked_unless_all_are_wrong() -> None:
    yours, truth = np.array([[1.0, -2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 5.0]])
    texts = pair(yours, truth, 0, yours == truth)
    assert [marked(text, "<", ">") for text in texts] == [
        "[[1., <-2.>], [3., <4.>]]",
        "[[1., <2.>], [3., <5.>]]",
    ]
    assert [marked(text, "", "") for text in texts] == list(pair(yours, truth))
    assert "<" not in marked(pair(yours, truth + 9, 0, yours == 9)[0], "<", ">")
    wide = np.arange(36.0).reshape(6, 6)
    lines = marked(pair(wide, wide, 0, wide != 6)[0], "<", ">").splitlines()
    assert lines[1] == " [ <6.>,  7.,  8.,  9., 10., 11.],"


def test_the_card_underlines_wrong_entries_and_the_text_has_no_marks() -> None:
    def double(x: Any) -> Any:
        y = 2 * x
        y[1:] += 1
        return y

    feedback = Feedback(evaluate(exercise(), InProcess(double)))
    assert "yours      y = [2., 3.]" in repr(feedback)
    assert re.search(
        r"y = \[2\., <strong style=\"[^\"]*underline[^\"]*\">3\.</strong>\]", card_of(feedback)
    )


def card_of(feedback: Feedback) -> str:
    html = feedback._repr_html_()
    Outline().feed(html)
    assert html.isascii()
    return html


def test_marks_in_what_a_learner_prints_do_no_harm() -> None:
    def double(x: Any) -> Any:
        print("\ue000\ue000<b>\ue001 \ue001")
        return 3 * x

    html = card_of(Feedback(evaluate(exercise(), InProcess(double))))
    assert html.count("<strong") == html.count("</strong>")


def message(operation: Any, *shapes: tuple[int, ...]) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - NumPy's message is what is tested
        operation(*map(np.ones, shapes))
    return in_plain_words(str(caught.value))


def test_numpys_own_messages_are_said_in_plain_words() -> None:
    """Fails when NumPy words its messages differently."""
    assert "length 3 on its left and 4 on its right" in message(np.matmul, (5, 3), (4, 3))
    assert "length 3 on its left and 4 on its right" in message(np.dot, (5, 3), (4, 3))
    assert message(np.add, (5, 4), (5,)).startswith("(5,4) and (5,), aligned at their right ends")
    assert message(np.matmul, (), (3, 2)).startswith("what stands on the left of @ is a single")
    assert message(np.matmul, (2, 3), ()).startswith("what stands on the right of @ is a single")
    assert in_plain_words("something else") == ""


def test_what_is_off_by_less_than_one_sees_is_said() -> None:
    assert "  off by    1e-09, more than rounding explains. Is a small number" in said(
        lambda x: 2 * x + 1e-9
    )
    assert "off by" not in said(lambda x: 2 * x + 1e-3)
    assert "off by" not in said(lambda x: 2 * x + np.nan)


def test_who_prints_is_told_what_return_is_for() -> None:
    assert "only return hands it on" in said(lambda x: print(2 * x))
    assert "only return hands it on" not in said(lambda x: None)


def test_a_line_of_a_helper_in_another_cell_is_named_with_it() -> None:
    space: dict[str, Any] = {}
    exec(compile("def half(x):\n    return x / None", "<cell 1>", "exec"), space)
    exec(compile("def double(x):\n    return 4 * half(x)", "<cell 2>", "exec"), space)
    assert "  line 2 of half" in said(space["double"])
    assert "of half" not in said(space["half"])


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("np.exp(np.array([1e3]))", "larger than any float64 (88.72: any float32): it is inf"),
        ("np.exp(np.float64(1e3))", "exp of more than 709.78"),
        ("np.log(np.array([0.0]))", "the argument of log is 0"),
        ("np.ones(1) / np.zeros(1)", "something is divided by 0"),
        ("np.zeros(1) / np.zeros(1)", "the result is nan, because of inf / inf or 0 / 0"),
        ("np.array([np.inf]) - np.inf", "inf - inf"),
        ("np.zeros(1) * np.inf", "0 * inf"),
    ],
)
def test_numpys_warnings_are_said_in_plain_words(code: str, says: str) -> None:
    with (
        np.errstate(over="raise", divide="raise", invalid="raise"),
        pytest.raises(FloatingPointError) as caught,
    ):
        eval(code)
    assert says in in_plain_words(str(caught.value))


class Thing:
    def scaled(self, by: Any) -> Any:
        return self

    def nothing(self) -> Any: ...


class Equal:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def alone(x: Any) -> Any:
    return x


def without_a_round(numbers: list[float]) -> float:
    for n in numbers:
        last = n
    return last


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("Thing() + 1", "Python asks the left operand first, Thing.__add__, then the right one,"),
        ("Thing() @ 1", "Thing.__matmul__"),
        ("Thing() ** 2", "Thing.__pow__"),
        ("Thing() < 1", ""),
        ("Thing() >> 1", "neither Thing nor int has a method for >>"),
        ("Thing().grad", "no line has set the attribute grad of this Thing, under this name"),
        ("Thing().nothing().grad", "something is None where an object with the attribute grad"),
        ("Thing().nothing(1)", "Thing.nothing was called with 2 arguments, more than its first"),
        ("Thing().nothing(1)", "in a method, self is the first of them"),
        ("Thing().scaled()", "Thing.scaled was called without 'by', which its first line asks"),
        ("(lambda: [0 for a, b in [None]])()", "is a function that is called there still without"),
        ("(lambda: [0 for a, b in [1.5]])()", "one float, and several names on the left wait"),
        ("without_a_round([])", "no line that gives last a value has run: does it stand in a loop"),
        ("(1, 2) - (3, 4)", "does a function that is called there return more than one thing"),
        ("float(np.ones(2))", "functions of math take one number; those of NumPy take arrays"),
        ("bool(np.ones(2))", "an if asks one question, and an array has an answer for each entry"),
        ("alone(1, 2)", "alone was called with 2 arguments, more than its first line names"),
        ("[0 for a, b in [(1, 2, 3)]]", "on the left 2 names wait, and the right has more"),
        ("[0 for a, b in [(1,)]]", "on the left 2 names wait, and the right has only 1"),
        ("np.ones(4).reshape(2, 1)", "(2,1) has no place for just 4"),
        ("np.linalg.norm(np.ones((1, 1, 1)), 2)", "it takes all entries of any array"),
        ("np.float64(1.0)[0]", "a single number, without axes"),
        ("np.array(1.0)[0]", "a single number, without axes"),
        ("np.ones(2)[5]", "axis 0 has the places 0 to 1"),
        ("np.ones((1, 2))[np.array([[1, 0]])]", "if a mask is meant, it must hold True and"),
        ("np.ones((0, 2))[0]", "axis 0 has no places"),
        ("{[]}", "a list can be changed, so it can be neither in a set nor a key"),
        ("{Equal()}", "a class that defines __eq__ gets no __hash__"),
        ("(1, 2).value", "a plain tuple stands where an object with the attribute value"),
        ("forever(1)", "a function that calls itself can do so about 1000 times"),
    ],
)
def test_pythons_own_messages_are_said_in_plain_words(code: str, says: str) -> None:
    """Fails when Python words its messages differently."""

    def forever(n: int) -> int:
        return forever(n + 1)

    with pytest.raises(Exception) as caught:  # noqa: PT011 - Python's message is what is tested
        eval(code, {**globals(), "forever": forever})
    assert says in in_plain_words(str(caught.value))
    assert says or not in_plain_words(str(caught.value))


def test_rounding_allows_rounding_and_nothing_more() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 10, 100):
        x, w = rng.standard_normal((2, n))
        exact = float(np.sum(x.astype(np.longdouble) * w))
        allowed = rounding(np.sum(abs(x * w)), {"x": x, "w": w}, np.float64)
        orders = [float(np.sum(x[order] * w[order])) for order in map(rng.permutation, [n] * 20)]
        assert max(abs(value - exact) for value in orders) <= allowed
        assert allowed < 1e-11 * (1 + abs(exact))


def test_a_long_label_has_a_line_of_its_own() -> None:
    """Beside it there would be no room on a phone."""
    space: dict[str, Any] = {}
    helper = "def two_layer_half(x):\n    return x / None\n"
    linecache.cache["<cell 3>"] = (len(helper), None, helper.splitlines(True), "<cell 3>")
    exec(compile(helper, "<cell 3>", "exec"), space)
    exec(compile("def double(x):\n    return 4 * two_layer_half(x)", "<cell 4>", "exec"), space)
    lines = repr(Feedback(evaluate(exercise(), InProcess(space["double"])))).splitlines()
    at = lines.index("  line 2 of two_layer_half")
    assert lines[at + 1] == "            return x / None"
