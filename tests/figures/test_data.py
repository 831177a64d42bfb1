"""The data of the interactive figures are what the library makes of them."""

from __future__ import annotations

import pytest

from tools.figure_data import DATA, MADE, script


@pytest.mark.slow
@pytest.mark.parametrize("kind", MADE)
def test_the_data_are_current(kind: str) -> None:
    assert (DATA / f"{kind}.js").read_text("utf8") == script(kind), (
        "run python -m tools.figure_data"
    )


def test_nothing_else_is_there() -> None:
    assert {path.stem for path in DATA.iterdir()} == set(MADE)
