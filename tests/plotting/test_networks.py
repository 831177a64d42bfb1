"""Neurons and weights."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from chainrule.plotting import ORANGE, PURPLE, draw_network
from tests.plotting.measure import assert_readable


def test_an_edge_for_each_weight_tells_its_sign_and_size(ax: plt.Axes) -> None:
    draw_network(ax, [[[2.0, -1.0], [0.0, 1.0]]])
    edges = ax.collections[0]
    drawn = {
        (tuple(segment.ravel().tolist()), to_hex(color).upper(), round(float(width), 2))
        for segment, color, width in zip(
            edges.get_segments(), edges.get_colors(), edges.get_linewidths(), strict=True
        )
    }
    assert drawn == {
        ((0, 0.5, 1, 0.5), ORANGE, 3.0),
        ((0, -0.5, 1, 0.5), PURPLE, 1.7),
        ((0, -0.5, 1, -0.5), ORANGE, 1.7),
    }, "a weight of 0 is no edge"
    assert len({str(style) for style in edges.get_linestyles()}) > 1


def test_layers_that_are_too_tall_are_drawn_in_part(ax: plt.Axes) -> None:
    W = np.random.default_rng(0).standard_normal((10, 784))
    draw_network(ax, [W], most=4)
    assert len(ax.collections[0].get_segments()) == 16
    assert [text.get_text() for text in ax.texts] == ["784", "⋮", "10", "⋮"]
    assert_readable(ax.figure)


def test_names_and_weights_are_written(ax: plt.Axes) -> None:
    draw_network(
        ax,
        [[[0.5, -0.3], [0.8, 0.2], [0.6, -0.4]], [[0.4, -0.5, 0.7]]],
        names=[["x₁", "x₂"], ["a", "b", "c"], ["z"]],
        layers=["in", "hidden", "out"],
        write=True,
    )
    written = {text.get_text() for text in ax.texts}
    assert {"x₁", "b", "z", "hidden", "−0.3", "0.7"} <= written
    assert len(ax.texts) == 6 + 3 + 9
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        ([], {}, "no layers"),
        ([np.ones(3)], {}, r"weights\[0\] must have shape \(d_out, d_in\), got \(3,\)"),
        ([np.full((1, 2), np.inf)], {}, "NaN or infinite"),
        ([np.ones((2, 3)), np.ones((3, 1))], {}, r"weights\[1\] takes 1 numbers, but .* returns 2"),
        ([np.ones((2, 3))], {"names": [["a"], ["b"]]}, r"names must have \[3, 2\] entries"),
        ([np.ones((2, 3))], {"layers": ["a"]}, "2 columns of neurons but 1 layers"),
        ([np.ones((5, 5))], {"write": True}, "at most 16 weights, got 25"),
        ([np.ones((5, 5))], {"most": 1}, "most must be at least 2, got 1"),
    ],
)
def test_networks_that_cannot_be_drawn_are_refused(
    ax: plt.Axes, weights: Any, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"draw_network: .*{message}"):
        draw_network(ax, weights, **options)
