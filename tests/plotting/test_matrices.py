"""Matrices with their numbers."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule.plotting import draw_matrix
from tests.plotting.measure import assert_readable


def test_each_number_stands_in_its_cell(ax: plt.Axes) -> None:
    draw_matrix(ax, [[1, -2.5, 3], [4, 5, 1e-7]], rows=["a", "b"], columns=["x", "y", "z"])
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written[(1, 0)] == "−2.5"
    assert written[(2, 1)] == "1e−07"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["x", "y", "z"]
    assert_readable(ax.figure)


def test_numbers_are_written_as_asked_and_nan_has_no_tint(ax: plt.Axes) -> None:
    draw_matrix(ax, [[0.25, np.nan]], write=lambda v: f"{v:.0%}" if np.isfinite(v) else "none")
    assert [text.get_text() for text in ax.texts] == ["25%", "none"]
    assert np.asarray(ax.images[0].get_array())[0, 1, 3] == 0


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (np.ones(3), {}, r"got \(3,\)"),
        (np.ones((30, 30)), {}, r"1 to 400 entries, got \(30, 30\); draw_heatmap"),
        (np.ones((0, 2)), {}, r"got \(0, 2\)"),
        (np.ones((2, 2)), {"rows": ["a"]}, "2 rows but 1 names of rows"),
        (np.ones((2, 2)), {"columns": list("abc")}, "2 columns but 3 names of columns"),
    ],
)
def test_matrices_that_cannot_be_drawn_are_refused(
    ax: plt.Axes, values: Any, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_matrix: .*{message}"):
        draw_matrix(ax, values, **options)
