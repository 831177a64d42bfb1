"""Put a graph in order. Several orders are right, so an order is judged by what makes it one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from chainrule.grading.checks.automatic_differentiation.shared import LIMITED, large, same_each_time
from chainrule.grading.exercises import (
    Check,
    Problem,
    Program,
    Programs,
    inputs_unchanged,
)
from chainrule.grading.exercises.programs import ProgramCheck, Session
from chainrule.grading.handles import Returned


def ordered(parents: Mapping[str, Sequence[str]], root: str) -> list[str]:
    """One of the right orders."""
    needed, todo = set(), [root]
    while todo:
        node = todo.pop()
        if node not in needed:
            needed.add(node)
            todo += parents[node]
    return list(TopologicalSorter({node: parents[node] for node in needed}).static_order())


def _order_of(graph: Mapping[str, Sequence[str]], root: str) -> Program:
    inputs = {"parents": {node: list(uses) for node, uses in graph.items()}}
    return Program(f'order = topological_order(parents, "{root}")', ["order"], inputs)


_ORDERS = [
    _order_of({"a": [], "b": ["a"]}, "b"),
    _order_of({"a": [], "b": ["a", "a"]}, "b"),
    _order_of({"a": [], "b": ["a"], "c": ["b"]}, "c"),
    _order_of({"x": ["y"], "y": ["z"], "z": []}, "x"),
    _order_of({"a": [], "b": [], "c": ["a", "b"]}, "c"),
]
_DIAMONDS = [
    _order_of({"a": [], "b": ["a"], "c": ["a", "b"]}, "c"),
    _order_of({"a": [], "b": ["a"], "c": ["b", "a"]}, "c"),
    _order_of({"a": [], "b": ["a", "a"], "c": ["a", "b"], "loss": ["c", "b"]}, "loss"),
    _order_of({"a": [], "b": ["a"], "c": ["b"], "d": ["a", "c"], "e": ["d", "a", "b"]}, "e"),
    _order_of({"a": [], "b": ["a"], "c": ["b"], "d": ["c", "a"], "e": ["b", "a", "d"]}, "e"),
    _order_of({"w": [], "x": [], "p": ["w", "x"], "q": ["p", "w"], "r": ["q", "p", "x"]}, "r"),
]
_PARTS = [
    _order_of({"a": [], "b": ["a"], "c": ["a"]}, "b"),
    _order_of({"a": []}, "a"),
    _order_of({"a": [], "b": ["a"], "c": ["b", "x"], "x": []}, "b"),
]
_ROOT = {program: program.source.split('"')[1] for program in (*_ORDERS, *_DIAMONDS, *_PARTS)}


def _valid(name: str, programs: Sequence[Program], *hints: str) -> Check:
    """The order is one of those that are right."""

    def judge(session: Session) -> Problem | None:
        for program in programs:
            outcome = session.run(program)
            order = outcome.value["order"] if isinstance(outcome, Returned) else None
            if not isinstance(order, (list, tuple)) or not all(type(n) is str for n in order):
                return session.problem(program)
            fault = _fault(order, program.inputs["parents"], _ROOT[program])
            if fault is not None:
                verdict, diagnosis = fault
                return Problem(
                    "order",
                    verdict,
                    "order",
                    dict(program.inputs),
                    program=program.source,
                    shown=(("yours", f"order = {list(order)}"),),
                    diagnosis=diagnosis,
                )
        return None

    return ProgramCheck(name, judge, hints, basic=True, programs=programs)


def _fault(
    order: Sequence[str], parents: Mapping[str, Sequence[str]], root: str
) -> tuple[str, str | None] | None:
    """What is wrong with ``order``, and why if that is plain, or ``None``."""
    needed = ordered(parents, root)
    missing = [node for node in needed if node not in order]
    twice = [node for node in order if order.count(node) > 1]
    strange = [node for node in order if node not in needed]
    if strange:
        return (
            f"Your order has {strange[0]!r} in it, on which {root!r} does not depend.",
            "You go through the whole dictionary. Start from root, and follow its parents."
            if set(order) == set(parents)
            else None,
        )
    if missing:
        why = None
        if missing == [root] and len(set(parents[root])) < len(parents[root]):
            why = (
                f"{root!r} uses a parent twice, so the parent is listed twice. Do you wait for "
                "both uses, and count one?"
            )
        elif missing == [root]:
            why = "root belongs into its own order, at the end."
        elif all(not parents[node] for node in missing):
            why = "Nodes without parents are missing: they are listed too, and first of all."
        return f"Your order leaves out {missing[0]!r}.", why
    if twice:
        return (
            f"Your order lists {twice[0]!r} more than once.",
            "Each use of a node lists it again. Keep a set of the nodes that you have met.",
        )
    late = _late(order, parents)
    if late is None:
        return None
    node, parent = late
    why = None
    if list(order) == [name for name in parents if name in order]:
        by_name = " (here that is by name as well)" if list(order) == sorted(order) else ""
        why = (
            f"That is the order in which the nodes stand in the dictionary{by_name}. Nobody has "
            "promised that parents come first there."
        )
    elif _late(order[::-1], parents) is None:
        why = "Your order is turned around: users first. Parents come first, root last."
    elif order[-1] == root:
        why = (
            f"{parent!r} can be reached from {root!r} by a short way and by a longer one through "
            f"{node!r}. The place of a node is not decided when you meet it first."
        )
    return f"In your order {node!r} stands before {parent!r}, from which it is computed.", why


def _late(order: Sequence[str], parents: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """A node and one of its parents that does not stand before it."""
    place = {node: i for i, node in enumerate(order)}
    for node in order:
        for parent in parents[node]:
            if place[parent] > place[node]:
                return node, parent
    return None


_CHAIN = """\
parents = {{"n0": []}}
for i in range({n}):
    parents[f"n{{i + 1}}"] = [{uses}]
"""

TOPOLOGICAL_ORDER = Programs(
    "automatic-differentiation.topological_order",
    reference=ordered,
    given=LIMITED,
    checks=[
        same_each_time(
            _ORDERS[0],
            "Where is the list made that you return? Who else holds it?",
        ),
        _valid(
            "chains",
            _ORDERS,
            "Which node can be listed first, whatever comes later?",
            "When are all parents of a node listed? Only then may the node be.",
        ),
        _valid(
            "short cuts",
            _DIAMONDS,
            "Two ways lead from root to some node, a short one and a long one. When do you list "
            "it, and what is still to come then?",
            "List a node when you are done with its parents, not when you meet it.",
            "Put a node on the stack twice: once to see to its parents, and below them once more "
            "to list it.",
        ),
        _valid(
            "other nodes",
            _PARTS,
            "Start from root and follow parents. Which nodes do you never meet?",
        ),
        large(
            "each node once",
            Program(
                _CHAIN.format(n=40, uses='f"n{i}", f"n{i}"')
                + 'order = limited(topological_order, parents, "n40")',
                ["list(order) == list(parents)"],
                says="41 nodes, each the sum of the one before and itself: your function is "
                "not done after 20,000 calls.",
                because="there are 41 nodes and 80 edges, but 2 to the power of 40 paths",
            ),
            "How many paths lead from n40 to n0? How many of them does your function walk along?",
            "Remember which nodes you have seen to, in a set, and do not see to them again.",
        ),
        large(
            "depth",
            Program(
                _CHAIN.format(n=5000, uses='f"n{i}"')
                + 'order = topological_order(parents, "n5000")',
                ["list(order) == list(parents)"],
                says="Your order of a chain of 5,000 nodes is not n0, n1, n2 and so on.",
            ),
            "Python allows about 1,000 nested calls. What does your function keep in the calls "
            "that are not done yet?",
            "Keep it in a list instead: append to it where you would call, pop where you would "
            "return.",
        ),
        inputs_unchanged(
            [*_ORDERS, *_DIAMONDS],
            "The dictionary and its lists belong to the caller. Look for pop, remove, clear, sort "
            "and +=.",
        ),
    ],
)
