"""A chain of functions, and the graph that tensors remember."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from chainrule.autograd import Tensor
from chainrule.nn import Linear, ReLU, Sequential
from chainrule.nn.functional import cross_entropy
from chainrule.plotting import BLUE, GRAY, draw_chain, draw_graph
from tests.plotting.measure import assert_readable


def test_chain_writes_every_name_once() -> None:
    figure = draw_chain(["X", "Z", "L"], ["affine", "loss"], ["", "dZ", "dL"], ["dW", ""])
    written = sorted(text.get_text() for text in figure.axes[0].texts if text.get_text())
    assert written == sorted(
        ["forward ↓", "backward ↑", "X", "Z", "L", "affine", "loss", "dZ", "dL", "dW"]
    )


def test_chain_refuses_numbers_of_names_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="1 operations need 2 values"):
        draw_chain(["X"], ["affine"], ["", "dL"], [""])


def parameter(value: float) -> Tensor:
    return Tensor(np.array(value), requires_grad=True)


def boxes(figure: plt.Figure) -> list[FancyBboxPatch]:
    return [p for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]


def test_a_graph_has_a_box_for_each_tensor_and_an_arrow_for_each_use() -> None:
    w, x = parameter(3.0), Tensor(np.array(2.0))
    z = w * x
    L = z * z
    L.backward(retain_graph=True)
    figure = draw_graph(L, {"w": w, "L": L})
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written == ["w", "3", "grad 24", "2", "mul", "6", "L = mul", "36"]
    arrows = [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == 4, "w and x into z, z twice into L"
    edges = sorted(plt.matplotlib.colors.to_hex(box.get_edgecolor()) for box in boxes(figure))
    assert edges == sorted([BLUE.lower(), GRAY.lower(), "#000000", "#000000"])
    assert_readable(figure)


def test_results_stand_below_what_they_are_computed_from() -> None:
    a = parameter(1.0)
    b = a + 1
    c = b * a  # a skips a layer
    figure = draw_graph(c, {"a": a, "b": b, "c": c})
    places = {text.get_text(): text.get_position()[1] for text in figure.axes[0].texts}
    assert places["a"] > places["b = add"] > places["c = mul"]


def test_edges_of_a_diamond_do_not_cross_and_boxes_do_not_touch() -> None:
    a, b = parameter(1.0), parameter(2.0)
    y = (a * b) + (a / b) - (b - a) * 3
    figure = draw_graph(y)
    figure.canvas.draw()
    outlines = [box.get_window_extent() for box in boxes(figure)]
    assert not any(
        first.overlaps(second) for i, first in enumerate(outlines) for second in outlines[:i]
    )
    assert_readable(figure)


def test_the_graph_of_a_network_shows_shapes() -> None:
    rng = np.random.default_rng(0)
    model = Sequential(Linear(4, 3, rng=rng), ReLU(), Linear(3, 2, rng=rng))
    loss = cross_entropy(model(Tensor(np.ones((5, 4), np.float32))), np.zeros(5, int))
    figure = draw_graph(loss, dict(model.named_parameters()))
    written = {text.get_text() for text in figure.axes[0].texts}
    assert {"affine", "relu", "cross_entropy", "0.weight", "(3, 4)", "(5, 2)"} <= written
    assert_readable(figure)


def test_a_tensor_without_a_past_is_refused() -> None:
    with pytest.raises(ValueError, match="draw_graph: this tensor remembers nothing"):
        draw_graph(parameter(1.0))


def test_a_graph_too_large_to_read_is_refused() -> None:
    y = parameter(1.0)
    for _ in range(60):
        y = -y
    with pytest.raises(ValueError, match="draw_graph: 61 tensors take part, and more than 60"):
        draw_graph(y)


def test_a_deep_graph_stands_in_one_column() -> None:
    tensors = [parameter(1.0)]
    for _ in range(20):
        tensors.append(-tensors[-1])
    figure = draw_graph(tensors[-1])
    centers = [box.get_x() + box.get_width() / 2 for box in boxes(figure)]
    np.testing.assert_allclose(centers, centers[0])
    tops = [box.get_y() for box in boxes(figure)]
    assert all(upper > lower for upper, lower in pairwise(tops))
