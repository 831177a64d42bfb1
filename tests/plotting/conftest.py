"""What the tests of figures share: no window, no figure left behind."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from chainrule.plotting import use_style


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    mpl.use("agg")
    with mpl.rc_context():
        use_style()
        yield
    plt.close("all")


@pytest.fixture
def ax() -> plt.Axes:
    return plt.subplots()[1]
