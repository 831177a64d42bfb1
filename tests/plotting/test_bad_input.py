"""Every figure helper is handed what it cannot draw, and the message is read."""

from __future__ import annotations

import inspect
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule import plotting
from chainrule.autograd import Tensor

HELPERS = [name for name in plotting.__all__ if name.startswith("draw_")]
# What no helper can draw, whichever argument it stands for.
BAD = {
    "a word": "abc",
    "nothing": None,
    "a number": 3,
    "no axes": np.array(2.0),
    "an object": object(),
    "a tensor": Tensor(np.ones((2, 2)), requires_grad=True),
    "an empty list": [],
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", HELPERS)
def test_what_cannot_be_drawn_is_refused_by_name(name: str, bad: str, ax: plt.Axes) -> None:
    helper = getattr(plotting, name)
    given: dict[str, Any] = {
        p.name: ax if p.name == "ax" else BAD[bad]
        for p in inspect.signature(helper).parameters.values()
        if p.default is p.empty
    }
    with pytest.raises((TypeError, ValueError)) as caught:
        helper(**given)
    assert str(caught.value).startswith(f"{name}: ")


def test_two_columns_of_probabilities_are_told_which_to_take(ax: plt.Axes) -> None:
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    with pytest.raises(ValueError, match=r"draw_decision: .* of two classes, return p\[:, 1\]"):
        plotting.draw_decision(ax, lambda x: np.full((len(x), 2), 0.5), X, np.array([0, 1]))


def test_classes_may_be_lists_and_scores_are_no_classes(ax: plt.Axes) -> None:
    plotting.draw_confusion(ax, [0, 1, 1], [0, 1, 0])
    assert [text.get_text() for text in ax.texts] == ["1"]
    with pytest.raises(TypeError, match=r"draw_confusion: classes must be integers, .*argmax\(1\)"):
        plotting.draw_confusion(ax, [0, 1], [0.2, 0.9])
