"""The ledger asks every witness about every function, and its rows say what they said."""

import pytest

from chainrule.proofs import CASES, ProofError, ledger, report
from chainrule.proofs.case import Case

TOPIC = ["neg", "abs"]


def test_one_row_per_function_with_formula_chapter_and_four_witnesses():
    head, rule, *rows = ledger(TOPIC, written=["elsewhere"])._repr_markdown_().splitlines()
    assert len(rows) == len(TOPIC)
    assert {len(line.split(" | ")) for line in (head, rule, *rows)} == {6}
    for name, row in zip(TOPIC, rows, strict=True):
        assert row.startswith(
            f"| [{name}](#chainrule.functional.{name}), {CASES[name].chapter} | $"
        )
        assert row.count("✓") == 4
    assert "|" not in rows[1].removeprefix("| ").removesuffix(" |").replace(" | ", "")


def test_a_chapter_that_is_written_is_linked_to():
    (row,) = ledger(["neg"], written=[CASES["neg"].chapter])._repr_markdown_().splitlines()[2:]
    assert f", [{CASES['neg'].chapter}]({CASES['neg'].chapter}.md) | " in row


def test_a_witness_that_objects_stops_the_page(monkeypatch):
    right = Case.function.fget

    def wrong(case):
        def neg(x):
            return -x, lambda dy: (dy,)

        return neg if case.name == "neg" else right(case)

    monkeypatch.setattr(Case, "function", property(wrong))
    with pytest.raises(ProofError, match="contradicted by") as caught:
        ledger(TOPIC)
    assert "abs" not in str(caught.value)


def test_functions_that_do_not_exist_are_named():
    with pytest.raises(KeyError, match="'nothing'"):
        ledger(["neg", "nothing"])


def test_what_a_witness_denies_is_marked():
    page = ledger(["neg"])
    denied = report.Testimony("SymPy", "", 0.5, 1e-12, ("value",))
    changed = report.Proof("neg", (denied, *page.proofs[0].testimonies[1:]))
    row = type(page)((changed,))._repr_markdown_().splitlines()[2]
    assert row.count("✗") == 1
    assert "✗\N{NO-BREAK SPACE}5e\N{NON-BREAKING HYPHEN}01" in row
