"""An engine of five lines, to be mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chainrule.grading.checks.automatic_differentiation.ordering import ordered
from chainrule.grading.checks.automatic_differentiation.shared import LIMITED, large, same_each_time
from chainrule.grading.exercises import Mistake, Program, Programs, agrees, inputs_unchanged

_Graph = Mapping[str, Sequence[tuple[str, float]]]


def _gradients(graph: _Graph, root: str) -> dict[str, float]:
    """The sum over all paths of the product of their slopes is a row of (1 - A)⁻¹."""
    nodes = ordered(_parents(graph), root)
    edges = np.zeros((len(nodes), len(nodes)))
    for i, node in enumerate(nodes):
        for parent, slope in graph[node]:
            edges[i, nodes.index(parent)] += slope
    row = np.linalg.inv(np.eye(len(nodes)) - edges)[nodes.index(root)]
    return dict(zip(nodes, row.tolist(), strict=True))


def _parents(graph: _Graph) -> dict[str, list[str]]:
    return {node: [parent for parent, _ in uses] for node, uses in graph.items()}


def _sent(graph: _Graph, order: Sequence[str], root: str, *, add: bool = True) -> dict[str, float]:
    """Gradients passed on in this order, right or wrong."""
    total = {root: 1.0}
    for node in order:
        for parent, slope in graph[node]:
            before = total.get(parent, 0.0) if add else 0.0
            total[parent] = before + slope * total.get(node, 0.0)
    return total


def _totals_passed_on(graph: _Graph, root: str) -> dict[str, float]:
    total: dict[str, float] = {}

    def visit(node: str, gradient: float) -> None:
        total[node] = total.get(node, 0.0) + gradient
        for parent, slope in graph[node]:
            visit(parent, slope * total[node])

    visit(root, 1.0)
    return total


def _totals_passed_on_later(graph: _Graph, root: str) -> dict[str, float]:
    """The same, by a list of what is still to be done."""
    total: dict[str, float] = {}
    stack = [(root, 1.0)]
    while stack:
        node, gradient = stack.pop()
        total[node] = total.get(node, 0.0) + gradient
        stack += [(parent, slope * total[node]) for parent, slope in graph[node]]
    return total


def _at_each_meeting(graph: _Graph, root: str, next_in: int) -> dict[str, float]:
    """Each time a node is met, its total so far is sent on."""
    total = {root: 1.0}
    waiting = [root]
    while waiting:
        node = waiting.pop(next_in)
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope * total[node]
            waiting.append(parent)
    return total


def _met(graph: _Graph, root: str, next_in: int, turned: bool) -> list[str]:
    order: list[str] = []
    waiting = [root]
    while waiting:
        node = waiting.pop(next_in)
        if node not in order:
            order.append(node)
            parents = [parent for parent, _ in graph[node]]
            waiting += parents[::-1] if turned else parents
    return order


def _slopes_only(graph: _Graph, root: str) -> dict[str, float]:
    total = {root: 1.0}
    for node in ordered(_parents(graph), root)[::-1]:
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope
    return total


def _once(graph: _Graph, root: str) -> dict[str, float]:
    """Two uses with the same slope count once."""
    return _gradients({node: sorted(set(uses)) for node, uses in graph.items()}, root)


def _from_leaves(graph: _Graph, root: str) -> dict[str, float]:
    """Leaves get 1, and the others what is computed from them."""
    total: dict[str, float] = {}
    for node in ordered(_parents(graph), root):
        uses = graph[node]
        total[node] = sum(slope * total[parent] for parent, slope in uses) if uses else 1.0
    return total


def _from_one(graph: _Graph, root: str) -> dict[str, float]:
    """Every node starts with 1, not the root alone."""
    order = ordered(_parents(graph), root)
    total = dict.fromkeys(order, 1.0)
    for node in order[::-1]:
        for parent, slope in graph[node]:
            total[parent] += slope * total[node]
    return total


def _rootless(graph: _Graph, root: str) -> dict[str, float]:
    return dict.fromkeys(ordered(_parents(graph), root), 0.0)


def _slopes_added(graph: _Graph, root: str) -> dict[str, float]:
    total = {root: 1.0}
    for node in ordered(_parents(graph), root)[::-1]:
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 0.0) + slope + total[node]
    return total


def _multiplied(graph: _Graph, root: str) -> dict[str, float]:
    total = {root: 1.0}
    for node in ordered(_parents(graph), root)[::-1]:
        for parent, slope in graph[node]:
            total[parent] = total.get(parent, 1.0) * slope * total[node]
    return total


def _gradients_of(graph: _Graph, root: str) -> Program:
    inputs = {"graph": {node: list(uses) for node, uses in graph.items()}}
    return Program(
        f'total = gradients(graph, "{root}")',
        ["total"],
        inputs,
        says="Your gradients are not the derivatives of the root.",
    )


_TREES = [
    _gradients_of({"a": []}, "a"),
    _gradients_of({"a": [], "b": [("a", 2.0)]}, "b"),
    _gradients_of({"a": [], "b": [("a", 2.0)], "c": [("b", 5.0)]}, "c"),
    _gradients_of({"a": [], "b": [], "c": [("a", 2.0), ("b", -3.0)]}, "c"),
    _gradients_of({"a": [], "b": [("a", 2.0)], "c": [("a", 4.0)]}, "b"),
    _gradients_of({"a": [], "b": [], "c": [("b", -1.0)]}, "c"),
    _gradients_of({"c": [("b", -2.0)], "a": [], "b": [("a", 3.0)]}, "c"),
    _gradients_of({"c": [("b", 5.0)], "b": [("a", 2.0)], "a": []}, "c"),
]
_REUSED = [
    _gradients_of(
        {"a": [], "b": [("a", 2.0)], "c": [("b", 3.0)], "d": [("b", 5.0), ("c", 4.0)]}, "d"
    ),
    _gradients_of(
        {"a": [], "b": [("a", 2.0)], "c": [("b", 3.0)], "d": [("c", 4.0), ("b", 5.0)]}, "d"
    ),
    _gradients_of({"a": [], "b": [("a", 1.0), ("a", 1.0)]}, "b"),
    _gradients_of({"a": [], "b": [("a", 1.0), ("a", 1.0)], "c": [("b", 1.0), ("b", 1.0)]}, "c"),
    _gradients_of({"a": [], "b": [("a", 2.0)], "c": [("a", 5.0), ("b", 3.0)]}, "c"),
    _gradients_of({"a": [], "b": [("a", 2.0)], "c": [("b", 3.0), ("a", 5.0)]}, "c"),
    _gradients_of(
        {"a": [], "b": [("a", 2.0)], "c": [("b", 3.0), ("a", 7.0)], "d": [("b", 5.0), ("c", 2.0)]},
        "d",
    ),
    _gradients_of(
        {"d": [("c", 2.0), ("b", 5.0)], "c": [("a", 7.0), ("b", 3.0)], "b": [("a", 2.0)], "a": []},
        "d",
    ),
]

GRADIENTS = Programs(
    "automatic-differentiation.gradients",
    reference=_gradients,
    given=LIMITED,
    checks=[
        same_each_time(
            _TREES[1],
            "When is a default argument made: when the function is defined, or when it is called?",
        ),
        agrees(
            "trees",
            _TREES,
            "Follow the graph from the root. Slopes multiply along the way.",
            "The result has the root, with 1.0, and every node that the root depends on, and no "
            "other.",
        ),
        agrees(
            "reuse",
            _REUSED,
            "Count the paths from the root to each node. Each contributes the product of its "
            "slopes.",
            "When is the gradient of a node complete? What does your function pass on before?",
            "Visit the nodes in the reverse of a topological order: then all contributions have "
            "arrived.",
        ),
        large(
            "depth",
            Program(
                'graph = {"n0": []}\nfor i in range(10_000):\n'
                '    graph[f"n{i + 1}"] = [(f"n{i}", 2.0 if i % 2 else 0.5)]\n'
                'total = gradients(graph, "n10000")',
                ["len(total)", "total['n1']", "total['n0']"],
                expected={"len(total)": 10_001, "total['n1']": 2.0, "total['n0']": 1.0},
            ),
            "Python allows about 1,000 nested calls. Does your function call itself, or another "
            "that does?",
        ),
        large(
            "each node once",
            Program(
                'graph = {"n0": []}\nfor i in range(40):\n'
                '    graph[f"n{i + 1}"] = [(f"n{i}", 1.0), (f"n{i}", 1.0)]\n'
                'total = limited(gradients, graph, "n40")',
                ["total['n0']"],
                expected={"total['n0']": 2.0**40},
                because="there are 41 nodes, but 2 to the power of 40 paths from n40 to n0",
            ),
            "How many paths lead from n40 to n0? How many of them does your function walk along?",
            "Add up at each node first, then pass the total on, once.",
        ),
        inputs_unchanged(
            [*_TREES, *_REUSED],
            "The graph belongs to the caller. Look for pop, clear, append, reverse, sort and del.",
        ),
    ],
    mistakes=[
        Mistake(
            "totals passed on",
            "Each time a contribution arrives, you pass on everything that has arrived so far. "
            "What has been passed on before is passed on again.",
            _totals_passed_on,
        ),
        Mistake(
            "totals passed on, by a list",
            "Each time a contribution arrives, you pass on everything that has arrived so far. "
            "What has been passed on before is passed on again.",
            _totals_passed_on_later,
        ),
        *(
            Mistake(
                f"totals passed on, as often as a node is met, from {end}",
                "A node that is met again passes on all that has arrived so far, and what has "
                "been passed on before is passed on again. Each node has one turn, after all of "
                "its uses.",
                lambda graph, root, place=place: _at_each_meeting(graph, root, place),
            )
            for end, place in (("the front", 0), ("the back", -1))
        ),
        Mistake(
            "in forward order",
            "You go from the leaves to the root. The gradient starts at the root: turn the order "
            "around.",
            lambda graph, root: (
                dict.fromkeys(ordered(_parents(graph), root), 0.0)
                | _sent(graph, ordered(_parents(graph), root), root)
            ),
        ),
        Mistake(
            "used twice, counted once",
            "A node that is used twice with the same slope counts once. A set or a dictionary "
            "made of the uses keeps one of two that are equal.",
            _once,
        ),
        Mistake(
            "from the leaves",
            "You start with 1 at the leaves and follow the graph forward: that is the derivative "
            "of each node with respect to the leaves. The derivative of the root is asked for: "
            "1 at the root, and backward.",
            _from_leaves,
        ),
        Mistake(
            "1 everywhere",
            "Every node starts with the gradient 1. Only the root does; the others start with 0.",
            _from_one,
        ),
        Mistake(
            "0 everywhere",
            "Your gradients are all 0: nothing starts them. The derivative of the root with "
            "respect to itself is 1.",
            _rootless,
        ),
        Mistake(
            "slopes added",
            "You add the slope to the gradient. Along a path they are multiplied.",
            _slopes_added,
        ),
        Mistake(
            "contributions multiplied",
            "You multiply the contributions of different uses. They are added.",
            _multiplied,
        ),
        Mistake(
            "overwritten",
            "The last use of a node writes over what its other uses have contributed.",
            lambda graph, root: _sent(graph, ordered(_parents(graph), root)[::-1], root, add=False),
        ),
        *(
            Mistake(
                f"before all have arrived, from {end}{', turned' * turned}",
                "A node passes its gradient on before all of its uses have sent theirs.",
                lambda graph, root, place=place, turned=turned: _sent(
                    graph, _met(graph, root, place, turned), root
                ),
            )
            for end, place in (("the front", 0), ("the back", -1))
            for turned in (False, True)
        ),
        Mistake(
            "in the order of the dictionary",
            "You go through the dictionary from its end to its beginning. Nobody has promised that "
            "parents come first in it.",
            lambda graph, root: {
                node: gradient
                for node, gradient in _sent(graph, list(graph)[::-1], root).items()
                if node in ordered(_parents(graph), root)
            },
        ),
        Mistake(
            "slopes not multiplied",
            "You add up slopes without multiplying them by the gradient that has arrived.",
            _slopes_only,
        ),
        Mistake(
            "all nodes",
            "Your result has nodes in it on which the root does not depend. Follow the graph from "
            "the root.",
            lambda graph, root: dict.fromkeys(graph, 0.0) | _gradients(graph, root),
        ),
        Mistake(
            "leaves only",
            "Your result has only the nodes without parents. It must have all nodes on the way.",
            lambda graph, root: {
                node: gradient
                for node, gradient in _gradients(graph, root).items()
                if not graph[node]
            },
        ),
        Mistake(
            "no root",
            "The root itself is missing from your result. Its derivative with respect to itself "
            "is 1.",
            lambda graph, root: {
                node: gradient for node, gradient in _gradients(graph, root).items() if node != root
            },
        ),
    ],
)
