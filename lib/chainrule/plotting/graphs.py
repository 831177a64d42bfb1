"""Graphs of computation: a chain of functions, and the graph that tensors remember.

A graph needs as much room as it has nodes: both helpers make the figure themselves and return it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from chainrule.arguments import require_instance
from chainrule.autograd import Tensor, topological_order
from chainrule.functional.contract import Array
from chainrule.plotting.arguments import require_listed, require_named
from chainrule.plotting.labels import move_apart, number
from chainrule.plotting.style import BLUE, GRAY, VERMILION

MOST_NODES = 60
FONT_SIZE = 9.0
LINE = 1.35 * FONT_SIZE / 72  # lengths here are in inches
BETWEEN_COLUMNS, BETWEEN_LAYERS = 0.22, 0.42
SWEEPS = 12


def draw_chain(
    values: Sequence[str],
    operations: Sequence[str],
    gradients: Sequence[str],
    parameter_gradients: Sequence[str],
) -> Figure:
    """Draw a chain of functions: read down for the forward pass, up for the backward pass.

    Parameters
    ----------
    values : sequence of n + 1 str
        What each operation takes and, at the end, the result.
    operations : sequence of n str
    gradients : sequence of n + 1 str
        The gradient of each value; an empty one is not drawn.
    parameter_gradients : sequence of n str
        What each pullback returns besides; may be empty.

    Raises
    ------
    ValueError
        If the numbers of names do not fit.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import draw_chain
    >>> figure = draw_chain(["X", "Z", "L"], ["affine", "loss"], ["", "dZ", "dL = 1"], ["dW", ""])
    >>> plt.close(figure)
    """
    named = {"values": values, "operations": operations, "gradients": gradients}
    require_listed("draw_chain", **named, parameter_gradients=parameter_gradients)
    n = len(operations)
    if not (len(values) == len(gradients) == n + 1 and len(parameter_gradients) == n):
        raise ValueError(
            f"draw_chain: {n} operations need {n + 1} values, {n + 1} gradients and {n} "
            f"parameter_gradients, got {len(values)}, {len(gradients)} and "
            f"{len(parameter_gradients)}"
        )
    figure, ax = plt.subplots(figsize=(5.6, 0.95 * n + 0.9))
    ax.set(xlim=(0, 1), ylim=(-n - 0.25, 0.55))
    ax.set_axis_off()
    forward, backward, aside = 0.15, 0.57, 0.76
    arrow = {"arrowstyle": "-|>", "linewidth": 1.4, "shrinkA": 10, "shrinkB": 10}
    ax.text(forward, 0.45, "forward ↓", ha="center", color=BLUE, fontweight="bold")
    ax.text(backward, 0.45, "backward ↑", ha="center", color=VERMILION, fontweight="bold")
    for i, (value, gradient) in enumerate(zip(values, gradients, strict=True)):
        ax.text(forward, -i, value, ha="center", va="center", fontweight="bold")
        ax.text(backward, -i, gradient, ha="center", va="center", fontweight="bold")
    for i, (operation, extra) in enumerate(zip(operations, parameter_gradients, strict=True)):
        ax.annotate("", (forward, -i - 1), (forward, -i), arrowprops=arrow | {"color": BLUE})
        ax.text(forward + 0.02, -i - 0.5, operation, va="center")
        if gradients[i]:
            up = arrow | {"color": VERMILION}
            ax.annotate("", (backward, -i), (backward, -i - 1), arrowprops=up)
        if extra:
            start = (backward, -i - (0.5 if gradients[i] else 0.8))
            out = arrow | {"color": VERMILION, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", (aside, -i - 0.5), start, arrowprops=out)
            ax.text(aside + 0.02, -i - 0.5, extra, va="center", fontweight="bold")
    return figure


@dataclass(eq=False)
class _Node:
    """A box of the drawing; without lines of text, the bend of an edge that passes a layer."""

    lines: list[str] = field(default_factory=list)
    color: str = "black"
    width: float = 0.0
    layer: int = 0
    x: float = 0.0
    above: list[_Node] = field(default_factory=list)
    below: list[_Node] = field(default_factory=list)

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + 0.12 if self.lines else 0.0


def draw_graph(result: Tensor, names: Mapping[str, Tensor] | None = None) -> Figure:
    """Draw the graph of computation that a tensor remembers: inputs at the top, the result below.

    Each box is a tensor: the operation that computed it, its name, its value if it is short and
    its shape otherwise, and its gradient if it has one. Parameters have a blue frame, constants a
    gray one. Read down for the forward pass, up for the backward pass.

    Parameters
    ----------
    result : Tensor
        Was computed from tensors that require a gradient; at most 60 tensors take part.
    names : mapping of name to Tensor, optional
        Such as ``{"w": w, "b": b}``.

    Raises
    ------
    ValueError
        If nothing was recorded, or the graph is too large to be read.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.autograd import Tensor
    >>> from chainrule.plotting import draw_graph
    >>> w = Tensor(np.array(3.0), requires_grad=True)
    >>> L = w * w
    >>> L.backward(retain_graph=True)
    >>> figure = draw_graph(L, {"w": w, "L": L})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['w', '3', 'grad 6', 'L = mul', '9']
    >>> plt.close(figure)
    """
    require_instance("draw_graph", Tensor, "pass the Tensor that was computed", result=result)
    require_named("draw_graph", names={} if names is None else names)
    if not result._parents:
        raise ValueError(
            "draw_graph: this tensor remembers nothing it was computed from; make the parameters "
            "with Tensor(…, requires_grad=True), compute outside no_grad(), and to draw after "
            "backward, call it with retain_graph=True"
        )
    tensors = list(dict.fromkeys(_with_constants(result)))
    if len(tensors) > MOST_NODES:
        raise ValueError(
            f"draw_graph: {len(tensors)} tensors take part, and more than {MOST_NODES} cannot be "
            "read; draw a part of the network, or draw_chain of its layers"
        )
    name_of = {tensor: name for name, tensor in (names or {}).items()}
    nodes = {tensor: _node(tensor, name_of.get(tensor, "")) for tensor in tensors}
    edges = [(nodes[p], nodes[tensor]) for tensor in tensors for p in tensor._parents]
    _assign_layers(list(nodes.values()), edges)
    routes = [_route(start, end) for start, end in edges]
    layers = _ordered_layers(list(nodes.values()), routes)
    _assign_columns(layers)
    return _draw(layers, routes)


def _with_constants(result: Tensor) -> list[Tensor]:
    """All tensors of the graph, each behind its parents, also those without a gradient."""
    return [t for tensor in topological_order(result) for t in (*tensor._parents, tensor)]


def _node(tensor: Tensor, name: str) -> _Node:
    value = _short(tensor.data)
    if tensor.is_leaf:
        lines = [name, value] if name else [value]
        color = BLUE if tensor.requires_grad else GRAY
    else:
        lines, color = [" = ".join(filter(None, [name, tensor._operation])), value], "black"
    if tensor.grad is not None:
        lines.append(f"grad {_short(tensor.grad)}")
    width = max(_width(line, bold=i == 0) for i, line in enumerate(lines)) + 0.16
    return _Node(lines, color, width)


def _short(a: Array) -> str:
    """A few numbers as they are, of many the shape."""
    if a.ndim == 0:
        return number(a.item(), 4)
    if a.ndim == 1 and 0 < len(a) <= 3:
        return f"[{', '.join(number(v) for v in a.tolist())}]"
    return "(" + ", ".join(map(str, a.shape)) + ("," if a.ndim == 1 else "") + ")"


def _assign_layers(nodes: Sequence[_Node], edges: Sequence[tuple[_Node, _Node]]) -> None:
    """A result stands below all it was computed from; an input just above its first use."""
    parents: dict[_Node, list[_Node]] = {node: [] for node in nodes}
    children: dict[_Node, list[_Node]] = {node: [] for node in nodes}
    for start, end in edges:
        parents[end].append(start)
        children[start].append(end)
    for node in nodes:
        node.layer = 1 + max((parent.layer for parent in parents[node]), default=-1)
    for node in nodes:
        if not parents[node]:
            node.layer = min(child.layer for child in children[node]) - 1


def _route(start: _Node, end: _Node) -> list[_Node]:
    """The nodes an edge passes, with a bend in each layer between; they know their neighbors."""
    bends = [_Node(layer=layer) for layer in range(start.layer + 1, end.layer)]
    route = [start, *bends, end]
    for upper, lower in pairwise(route):
        upper.below.append(lower)
        lower.above.append(upper)
    return route


def _ordered_layers(nodes: Sequence[_Node], routes: Sequence[list[_Node]]) -> list[list[_Node]]:
    """Sort each layer by the mean place of the neighbors, down and up: edges cross less.

    The barycenter method of Sugiyama, Tagawa & Toda (1981). Keeps the best order seen.
    """
    layers: list[list[_Node]] = [[] for _ in range(1 + max(node.layer for node in nodes))]
    for node in dict.fromkeys([*nodes, *(node for route in routes for node in route)]):
        layers[node.layer].append(node)
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else layers[::-1]:
            place = {node: i for row in layers for i, node in enumerate(row)}
            means = {
                node: np.mean([place[n] for n in near]) if near else place[node]
                for node in layer
                for near in [node.above if down else node.below]
            }
            layer.sort(key=lambda node: float(means[node]))
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best


def _crossings(layers: Sequence[list[_Node]]) -> int:
    count = 0
    for upper, lower in pairwise(layers):
        place = {node: i for i, node in enumerate(lower)}
        ends = [(i, place[n]) for i, node in enumerate(upper) for n in node.below]
        count += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[:i])
    return count


def _assign_columns(layers: Sequence[list[_Node]]) -> None:
    """Move each node toward the mean of its neighbors, as far as those beside it let it."""
    for layer in layers:
        for i, node in enumerate(layer):
            node.x = float(i)
    for sweep in range(2 * SWEEPS):
        for layer in layers if sweep % 2 else layers[::-1]:
            wanted = [
                float(np.mean([n.x for n in near])) if near else node.x
                for node in layer
                for near in [node.above + node.below]
            ]
            gaps = [(a.width + b.width) / 2 + BETWEEN_COLUMNS for a, b in pairwise(layer)]
            for node, x in zip(layer, move_apart(wanted, gaps), strict=True):
                node.x = float(x)


def _draw(layers: Sequence[list[_Node]], routes: Sequence[list[_Node]]) -> Figure:
    heights = [max(node.height for node in layer) for layer in layers]
    tops = np.cumsum([0.0, *(h + BETWEEN_LAYERS for h in heights)])
    middle = {
        node: -float(top + height / 2)
        for layer, top, height in zip(layers, tops, heights, strict=False)
        for node in layer
    }
    left = min(node.x - node.width / 2 for node in middle) - 0.1
    right = max(node.x + node.width / 2 for node in middle) + 0.1
    bottom, top = -float(tops[-1]) + BETWEEN_LAYERS - 0.1, 0.1
    figure = plt.figure(figsize=(max(right - left, 1.0), top - bottom + 0.4))
    ax = figure.add_subplot()
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.set_axis_off()
    for node, y in middle.items():
        if node.lines:
            _draw_box(ax, node, y)
    for i, route in enumerate(routes):
        # Where a tensor is used twice by one operation, its edges run side by side.
        twins = [
            j
            for j, other in enumerate(routes)
            if other[:: len(other) - 1] == route[:: len(route) - 1]
        ]
        _draw_edge(ax, route, middle, 0.14 * (twins.index(i) - (len(twins) - 1) / 2))
    return figure


def _draw_box(ax: Axes, node: _Node, y: float) -> None:
    corner = (node.x - node.width / 2, y - node.height / 2)
    ax.add_patch(
        FancyBboxPatch(
            corner,
            node.width,
            node.height,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor="none",
            edgecolor=node.color,
            linewidth=1.2,
        )
    )
    for i, line in enumerate(node.lines):
        ax.text(
            node.x,
            y + LINE * ((len(node.lines) - 1) / 2 - i),
            line,
            ha="center",
            va="center",
            fontsize=FONT_SIZE,
            fontweight="bold" if i == 0 else "normal",
            color=VERMILION if line.startswith("grad ") else "black",
        )


def _draw_edge(ax: Axes, route: list[_Node], middle: Mapping[_Node, float], aside: float) -> None:
    start, *bends, end = route
    points = [
        (start.x + aside, middle[start] - start.height / 2),
        *((bend.x + aside, middle[bend]) for bend in bends),
        (end.x + aside, middle[end] + end.height / 2),
    ]
    ax.add_patch(
        FancyArrowPatch(
            path=Path(np.array(points)),
            arrowstyle="-|>",
            mutation_scale=9,
            color=GRAY,
            linewidth=1.2,
        )
    )


def _width(text: str, *, bold: bool) -> float:
    font = FontProperties(weight="bold" if bold else "normal")
    return float(TextPath((0, 0), text, size=FONT_SIZE, prop=font).get_extents().width) / 72
