"""prove, examine, show: what they return, raise, and print, in a terminal and in a notebook."""

import functools
import re
import warnings

import bs4
import numpy as np
import pytest

from chainrule import nn
from chainrule.functional import REGISTRY, affine, cross_entropy, relu
from chainrule.nn import functional as F
from chainrule.proofs import CASES, Proof, ProofError, examine, prove, report, show

WITNESSES = ["SymPy", "Finite differences", "Engine", "Third party"]


@pytest.mark.slow
@pytest.mark.parametrize("name", REGISTRY)
def test_all_witnesses_agree(name):
    proof = prove(REGISTRY[name])
    assert proof.holds
    assert [t.witness for t in proof.testimonies] == WITNESSES
    assert all(t.error <= t.tolerance for t in proof.testimonies)
    said = r"\d+ expressions derived, identical in all symbols"
    assert re.fullmatch(said, proof.testimonies[0].compared)
    assert str(proof).splitlines()[0] == f"{name}: all 4 witnesses agree"
    # Room to the tolerances: where it is used up, something has changed.
    finite_differences = proof.testimonies[1]
    assert finite_differences.error < 1e-8


def test_two_proofs_say_the_same():
    assert str(prove(relu)) == str(prove(relu))


def wrong_sign(x, W, b):
    value, pullback = affine(x, W, b)
    return value, lambda dy: tuple(-g for g in pullback(dy))


def test_text_of_an_agreement():
    lines = str(prove(affine)).splitlines()
    assert lines[0] == "affine: all 4 witnesses agree"
    patterns = [
        r"  ✓ SymPy +18 expressions derived, identical in all symbols +\de-\d\d  \(allowed 1e-12\)",
        r"  ✓ Finite differences +random directions, 6 shapes +\de-\d\d  \(allowed 1e-06\)",
        r"  ✓ Engine +the batch against its examples one by one +\de-\d\d  \(allowed 1e-12\)",
        r"  ✓ Third party +values of 10 ONNX tests; gradients of 5 runs of PyTorch [\d.]+"
        r" +(0|\de-\d\d)  \(allowed 1e-06\)",
    ]
    for line, pattern in zip(lines[1:], patterns, strict=True):
        assert re.fullmatch(pattern, line)
    assert len({line.index("(allowed") for line in lines[1:]}) == 1, "columns are aligned"


def test_text_of_a_contradiction():
    proof = examine(wrong_sign, like="affine")
    assert not proof.holds
    lines = str(proof).splitlines()
    assert lines[0] == "wrong_sign: contradicted by SymPy and Finite differences and Third party"
    assert [line[2] for line in lines[1:]] == ["✗", "✗", "✓", "✗"]
    assert lines[1].endswith("wrong: dx, dW, db")
    assert "identical" not in lines[1]
    assert "equal" not in lines[1]


def test_the_value_is_called_the_value():
    def half(x):
        value, pullback = relu(x)
        return value / 2, lambda dy: (pullback(dy)[0] / 2,)

    sympy, _, _, third_party = examine(half, like="relu").testimonies
    assert sympy.contradicted == ("value", "x")
    assert third_party.contradicted == ("value", "x")
    assert "wrong: the value, dx" in str(examine(half, like="relu"))


def test_prove_raises_the_report():
    with pytest.raises(ProofError) as raised:
        prove(wrong_sign, like="affine")
    assert str(raised.value) == str(examine(wrong_sign, like="affine"))
    assert isinstance(raised.value, AssertionError)


def test_a_function_of_your_own_is_proven_by_its_name():
    def relu(x):
        return np.maximum(x, 0), lambda dy: (np.where(x > 0, dy, 0.0),)

    proof = prove(relu)
    assert proof.name == "relu"
    # Symbols have no order, so np.where is compared as numbers.
    expected = "12 expressions derived, equal at random points, the value identical"
    assert proof.testimonies[0].compared == expected


def test_code_that_runs_on_numbers_alone_is_proven_at_random_points():
    def on_numbers(x):
        y = np.maximum(np.asarray(x, float), 0)
        return y, lambda dy: (dy * (y > 0),)

    sympy = examine(on_numbers, like="relu").testimonies[0]
    assert sympy.agrees
    assert sympy.compared == "12 expressions derived, equal at random points"


def test_functions_without_a_name_work():
    partial = functools.partial(relu)
    assert prove(partial, like="relu").name == "relu"


@pytest.mark.parametrize("function", [np.sort, functools.partial(relu), lambda x: x])
def test_an_unknown_function_is_told_what_there_is(function):
    with pytest.raises(KeyError, match=r"pass like= with one of abs, \w+, .*, affine, "):
        prove(function)


def test_an_unknown_like_is_told_what_there_is():
    with pytest.raises(KeyError, match="no case is registered for 'afine'"):
        prove(affine, like="afine")


@pytest.mark.parametrize(
    "error",
    [
        ArithmeticError,
        AssertionError,
        AttributeError,
        IndexError,
        KeyError,
        NameError,
        NotImplementedError,
        TypeError,
        ValueError,
    ],
)
def test_what_a_function_raises_is_a_contradiction(error):
    def broken(x):
        raise error("on\n   purpose")

    proof = examine(broken, like="relu")
    assert [t.agrees for t in proof.testimonies] == [False] * 4
    assert all(t.error == np.inf and t.contradicted == ("call",) for t in proof.testimonies)
    lines = str(proof).splitlines()
    assert len(lines) == 5, "a message of several lines stays on one"
    assert all(error.__name__ in line and "purpose" in line for line in lines[1:])


@pytest.mark.parametrize("answer", [None, 3.0, np.zeros(3), (1, 2, 3), ("value", "pullback")])
def test_what_keeps_no_contract_is_a_contradiction(answer):
    assert not examine(lambda x: answer, like="relu").testimonies[0].agrees


def test_stopping_is_not_a_contradiction():
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine(stopped, like="relu")


def test_a_missing_package_is_not_a_contradiction():
    def needs_more(x):
        raise ModuleNotFoundError("no such package")

    with pytest.raises(ModuleNotFoundError):
        examine(needs_more, like="relu")


def test_warnings_of_a_wrong_function_are_kept_out_but_those_of_a_right_one_are_shown():
    def wrong(x):
        warnings.warn("noise", stacklevel=1)
        raise ValueError

    def right(x):
        warnings.warn("signal", stacklevel=1)
        return relu(x)

    assert not examine(wrong, like="relu").holds
    with pytest.warns(UserWarning, match="signal"):
        assert examine(right, like="relu").holds


def table(proof):
    soup = bs4.BeautifulSoup(proof._repr_html_(), "html.parser")
    return soup, [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in soup("tr")]


def test_html_of_an_agreement():
    soup, rows = table(prove(affine))
    assert soup.div["class"] == ["cr-proof"]
    assert soup.div["data-state"] == "pass"
    assert soup.caption.get_text() == "affine: all 4 witnesses agree"
    assert soup.caption.code.get_text() == "affine"
    assert rows[0] == ["witness", "compared", "largest error", "allowed"]
    assert [row[0] for row in rows[1:]] == [f"✓ {w}" for w in WITNESSES]
    assert all(th["scope"] == "col" for th in soup.thead("th"))
    assert all(th["scope"] == "row" for th in soup.tbody("th"))
    assert {tr["data-state"] for tr in soup.tbody("tr")} == {"pass"}
    assert len({len(row) for row in rows}) == 1


def test_html_of_a_contradiction():
    soup, rows = table(examine(wrong_sign, like="affine"))
    assert soup.div["data-state"] == "fail"
    assert [tr["data-state"] for tr in soup.tbody("tr")] == ["fail", "fail", "pass", "fail"]
    assert rows[1][0] == "✗ SymPy"
    assert rows[1][1].endswith("wrong: dx, dW, db")


def test_html_is_escaped():
    def broken(x):
        raise ValueError("<script>alert('&')</script>")

    broken.__name__ = "<b>relu</b>"
    html = examine(broken, like="relu")._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    soup, rows = table(examine(broken, like="relu"))
    assert soup.caption.code.get_text() == "<b>relu</b>"
    assert "<script>alert('&')</script>" in rows[1][1]


def test_an_error_of_zero_is_written_as_zero():
    proof = Proof("f", (report.Testimony("Engine", "things", 0.0, 1e-12, ()),))
    assert "      0  (allowed" in str(proof)
    assert "<td>0</td>" in proof._repr_html_()


def test_show_prints_the_source_with_the_first_line_of_the_docstring():
    text = str(show(cross_entropy))
    assert text.startswith("@differentiable\ndef cross_entropy(")
    assert f'"""{cross_entropy.__doc__.splitlines()[0]}"""' in text
    assert "Parameters" not in text
    assert "    def pullback(dL: Any)" in text
    assert text.endswith("return L, pullback")


def test_show_can_print_the_whole_docstring():
    text = str(show(cross_entropy, docstring=True))
    assert "Parameters\n    ----------" in text


def test_what_show_prints_is_the_code_that_runs():
    source = str(show(relu)).replace("@differentiable\n", "")
    names = dict.fromkeys(("Array", "Pullback")) | {"np": np, "require_floating": lambda f, x: None}
    exec(source, names)
    x = np.array([-1.0, 2.0])
    value, pullback = names["relu"](x)
    assert np.array_equal(value, relu(x)[0])
    assert np.array_equal(pullback(x)[0], relu(x)[1](x)[0])


def test_show_of_a_lifted_function_is_the_function_that_is_lifted():
    assert str(show(F.affine)) == str(show(affine))


def test_show_of_a_class_shortens_every_docstring():
    text = str(show(nn.Linear))
    assert '    """Affine layer y = x Wᵀ + b that owns its weight and bias."""' in text
    assert '        """x (..., in_features) → y (..., out_features)."""' in text
    assert "Attributes" not in text


def test_show_of_an_indented_function_is_dedented():
    def inner(x):
        """Do nothing.

        At length.
        """
        return x

    assert str(show(inner)) == 'def inner(x):\n    """Do nothing."""\n    return x'


def test_show_is_highlighted_in_a_notebook():
    shown = show(relu)
    assert shown._repr_markdown_() == f"```python\n{shown}\n```"
    assert repr(shown) == str(shown)


@pytest.mark.parametrize("thing", [len, np.exp, 3])
def test_what_has_no_python_source_cannot_be_shown(thing):
    with pytest.raises((TypeError, OSError)):
        show(thing)


def test_every_case_belongs_to_a_chapter():
    for case in CASES.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", case.chapter)
        assert "=" in case.formula


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rnn", r"values of \d+ ONNX tests, 4 runs of ONNX's reference evaluator"),
        ("max_pool1d", r"values of 1 ONNX test, 1 run of ONNX's reference evaluator"),
        ("glu", r"values of 1 run of ONNX's reference evaluator"),
        ("affine", r"values of 10 ONNX tests"),
        ("huber_loss", r"values of SciPy huber"),
        ("dropout", r"values of \d+ ONNX tests"),
    ],
)
def test_third_parties_are_named_as_they_are(name, said):
    recorded = r"; gradients of \d+ runs of PyTorch [\d.]+" if name != "dropout" else ""
    assert re.fullmatch(said + recorded, examine(CASES[name].function).testimonies[3].compared)
