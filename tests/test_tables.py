"""Tables of computed results."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.tables import table


def test_text_aligns_numbers_to_the_right_and_shows_the_caption() -> None:
    shown = str(table({"layer": ["a", "long"], "count": [1234, -5]}, caption="Sizes"))
    assert shown == "Sizes\nlayer  count\na      1,234\nlong      −5"


def test_numbers_are_rounded_and_text_and_truth_values_are_not() -> None:
    made = table({"x": [np.float32(0.123456)], "n": [np.int64(3)], "ok": [True]}, digits=3)
    assert made.rows == (("0.123", "3", "True"),)
    assert made.numeric == (True, True, False)


def test_large_numbers_are_not_rounded_to_powers_of_ten() -> None:
    assert table({"x": [16793.6, np.inf, -0.5]}).rows == (("16,794",), ("inf",), ("−0.5",))


def test_shapes_stay_on_one_line() -> None:
    assert table({"shape": [(2, 3)]}).rows == (("(2,\N{NO-BREAK SPACE}3)",),)


def test_html_escapes_and_marks_headers() -> None:
    shown = table({"a<b": ["x&y"], "n": [1]})._repr_html_()
    assert '<th scope="col">a&lt;b</th>' in shown
    assert '<th scope="row">x&amp;y</th>' in shown
    assert '<td style="text-align: right">1</td>' in shown
    assert "<caption>" not in shown


@pytest.mark.parametrize("columns", [{}, {"a": [1], "b": [1, 2]}])
def test_columns_of_unequal_length_are_refused(columns: dict[str, list[int]]) -> None:
    with pytest.raises(ValueError, match="same number of entries"):
        table(columns)
