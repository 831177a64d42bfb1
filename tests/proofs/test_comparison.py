"""relative_error: what it measures, and what it must never call equal."""

import numpy as np
import pytest

from chainrule.proofs.comparison import relative_error

nan, inf = np.nan, np.inf


@pytest.mark.parametrize(
    ("ours", "expected", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0),
        ([1.0, 2.5], [1.0, 2.0], 0.25),  # over the largest entry, not entry by entry
        ([0.1, 100.0], [0.0, 100.0], 0.001),
        ([1e-30], [2e-30], 0.5),  # no absolute floor under small numbers
        ([0.0, 3.0], [0.0, 0.0], 3),  # nothing to divide by
        (2.0, 2.0, 0),
        ([], [], 0),
        (np.zeros((0, 3)), np.zeros((0, 3)), 0),
    ],
)
def test_finite(ours, expected, error):
    assert relative_error(ours, expected) == pytest.approx(error, rel=1e-12)


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ([1.0], 1.0),
        ([[1.0, 1.0]], [1.0, 1.0]),
        ([[1.0], [1.0]], [[1.0, 1.0]]),
        (np.zeros((0, 3)), np.zeros((3, 0))),
        (None, [1.0]),
        (None, 1.0),
    ],
)
def test_nothing_is_broadcast(ours, expected):
    assert relative_error(ours, expected) == inf


@pytest.mark.parametrize(
    ("ours", "expected", "error"),
    [
        ([nan, 1.0], [nan, 1.0], 0),
        ([nan, 1.0], [0.0, 1.0], inf),
        ([0.0, 1.0], [nan, 1.0], inf),
        ([inf, 1.0], [inf, 1.0], 0),
        ([inf, 1.0], [-inf, 1.0], inf),
        ([inf, 1.0], [5.0, 1.0], inf),
        ([5.0, 1.0], [inf, 1.0], inf),
        ([inf], [nan], inf),
        ([inf, 1.5], [inf, 1.0], 0.5),  # infinity is no scale
        ([nan, 1.5], [nan, 1.0], 0.5),
    ],
)
def test_nan_and_infinity(ours, expected, error):
    assert relative_error(ours, expected) == error
