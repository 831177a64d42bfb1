"""How engines go wrong: wrong slopes, and walks in a wrong order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from graphlib import TopologicalSorter
from typing import Any

import numpy as np

from chainrule.grading.checks.automatic_differentiation.forward_engine import Value
from chainrule.grading.checks.automatic_differentiation.shared import but, number_mistakes
from chainrule.grading.exercises import Mistake

# Walks that go wrong. They read the edges, as a learner's engine does.


def _in_order(root: Value) -> list[Value]:
    """Users first."""
    edges = {}
    todo = [root]
    while todo:
        value = todo.pop()
        if value not in edges:
            edges[value] = [operand for operand, _ in value._edges]
            todo += edges[value]
    return list(TopologicalSorter(edges).static_order())[::-1]


def _send(order: Sequence[Value], root: Value) -> None:
    """Pass gradients on in this order, right or wrong."""
    arrived = dict.fromkeys(order, 0.0) | {root: 1.0}
    for value in order:
        value.grad += arrived[value]
        for operand, partial in value._edges:
            arrived[operand] += partial * arrived[value]


def _on_meeting(root: Value, next_in: int, turned: bool) -> list[Value]:
    """Each value when it is met first, coming from the front or the back of what is waiting."""
    order: dict[Value, None] = {}
    waiting = [root]
    while waiting:
        value = waiting.pop(next_in)
        if value not in order:
            order[value] = None
            operands = [operand for operand, _ in value._edges]
            waiting += operands[::-1] if turned else operands
    return list(order)


def _overwriting(self: Value) -> None:
    arrived = {self: 1.0}
    for value in _in_order(self):
        value.grad += arrived[value]
        for operand, partial in value._edges:
            arrived[operand] = partial * arrived[value]


def _passing_totals(self: Value, gradient: float = 1.0) -> None:
    self.grad += gradient
    for operand, partial in self._edges:
        _passing_totals(operand, partial * self.grad)


def _collecting_in_grad(self: Value) -> None:
    self.grad = 1.0
    for value in _in_order(self):
        for operand, partial in value._edges:
            operand.grad += partial * value.grad


def _adding_one_to_grad(self: Value) -> None:
    self.grad += 1.0
    for value in _in_order(self):
        for operand, partial in value._edges:
            operand.grad += partial * value.grad


def _setting(self: Value) -> None:
    order = _in_order(self)
    for value in order:
        value.grad = 0.0
    _send(order, self)


def _adding_partials(self: Value) -> None:
    self.grad += 1.0
    for value in _in_order(self):
        for operand, partial in value._edges:
            operand.grad += partial


def _first_step(self: Value) -> None:
    self.grad += 1.0
    for operand, partial in self._edges:
        operand.grad += partial


def _merging_equal_numbers(self: Value) -> None:
    seen: set[float] = set()
    order = []
    stack = [(self, False)]
    while stack:
        value, listed = stack.pop()
        if listed:
            order.append(value)
        elif value.data not in seen:
            seen.add(value.data)
            stack.append((value, True))
            stack += [(operand, False) for operand, _ in value._edges]
    arrived = {self: 1.0}
    for value in reversed(order):
        value.grad += arrived.get(value, 0.0)
        for operand, partial in value._edges:
            arrived[operand] = arrived.get(operand, 0.0) + partial * arrived.get(value, 0.0)


def _letting_go(self: Value) -> None:
    order = _in_order(self)
    _send(order, self)
    for value in order:
        value._edges = []


def _value(**partials: Callable[..., tuple[float, ...]]) -> type:
    """Engines with a wrong rule: operation → its partial derivatives, made of the operands."""

    def method(name: str, rule: Callable[..., tuple[float, ...]]) -> Any:
        def operation(self: Value, *others: Any) -> Any:
            right = getattr(Value, name)(self, *others)
            operands = [operand for operand, _ in right._edges]
            # pow has an operand and an exponent, which is no operand
            numbers = [operand.data for operand in operands]
            given = [*numbers, *others] if name == "__pow__" else numbers
            return self._recorded(right.data, list(zip(operands, rule(*given), strict=True)))

        return operation

    return but(Value, **{name: method(name, rule) for name, rule in partials.items()})


def _leaky(self: Value) -> Any:
    slope = 1.0 if self.data > 0 else 0.01
    return self._recorded(slope * self.data, [(self, slope)])


def _add_in_place(self: Value, other: Any) -> Any:
    self.data += other.data if isinstance(other, Value) else other
    return self


_EARLY = (
    "A value passes its gradient on before all of its uses have sent theirs. It must wait until "
    "everything that was computed from it is done: topological order."
)

MISTAKES = (
    Mistake(
        "sum with slopes of a product",
        "You send the gradient through + as if it were *. Its slopes are 1.",
        _value(__add__=lambda a, b: (b, a)),
    ),
    Mistake(
        "sum with its own numbers",
        "You multiply by the operand in a + b. The slopes of a sum are 1.",
        _value(__add__=lambda a, b: (a, b)),
    ),
    Mistake(
        "own factor",
        "The slope of a * b with respect to a is b, not a: the other factor.",
        _value(__mul__=lambda a, b: (a, b)),
    ),
    Mistake(
        "product with slopes 1",
        "You send the gradient through * unchanged, as if it were +.",
        _value(__mul__=lambda a, b: (1.0, 1.0)),
    ),
    Mistake(
        "difference with slopes 1",
        "You add to b.grad in a - b. When b grows, the difference gets smaller.",
        _value(__sub__=lambda a, b: (1.0, 1.0)),
    ),
    Mistake(
        "negative with slope 1",
        "-a goes down when a goes up: its slope is -1.",
        _value(__neg__=lambda a: (1.0,)),
    ),
    Mistake(
        "quotient with plus",
        "The slope of a / b with respect to b is negative: a larger denominator makes the "
        "quotient smaller, where a and b are positive.",
        _value(__truediv__=lambda a, b: (1 / b, a / b**2)),
    ),
    Mistake(
        "denominator not squared",
        "The slope of a / b with respect to b is -a / (b * b); you divide by b once.",
        _value(__truediv__=lambda a, b: (1 / b, -a / b)),
    ),
    Mistake(
        "denominator without numerator",
        "The slope of a / b with respect to b is -a / (b * b); the numerator is missing.",
        _value(__truediv__=lambda a, b: (1 / b, -1 / b**2)),
    ),
    Mistake(
        "exponent not lowered",
        "Your slope of a ** k is k * a ** k. The exponent goes down by one.",
        _value(__pow__=lambda a, k: (k * a**k,)),
    ),
    Mistake(
        "no factor k",
        "Your slope of a ** k is a ** (k - 1). The exponent comes down as a factor.",
        _value(__pow__=lambda a, k: (a ** (k - 1),)),
    ),
    Mistake(
        "exponent lowered in the wrong place",
        "Your slope of a ** k is (k - 1) * a ** k. The factor is k, the exponent one less.",
        _value(__pow__=lambda a, k: ((k - 1) * a**k,)),
    ),
    Mistake(
        "power as if squared",
        "Your slope of a ** k is 2 * a, whatever k.",
        _value(__pow__=lambda a, k: (2 * a,)),
    ),
    Mistake(
        "exp of slope 1",
        "You send the gradient through exp unchanged. Its slope is exp(a).",
        _value(exp=lambda a: (1.0,)),
    ),
    Mistake(
        "exp by the power rule",
        "Your slope of exp is a * exp(a - 1), as for a power. exp is its own derivative.",
        _value(exp=lambda a: (a * np.exp(a - 1),)),
    ),
    Mistake(
        "exp of its input for its slope",
        "Your slope of exp is a, its input. exp is its own derivative: the slope is exp(a).",
        _value(exp=lambda a: (a,)),
    ),
    Mistake(
        "exp with its input",
        "Your slope of exp is a * exp(a). exp is its own derivative, with no factor.",
        _value(exp=lambda a: (a * np.exp(a),)),
    ),
    Mistake(
        "tanh from its input",
        "Your slope of tanh is 1 - a * a, with the input. It is 1 - y * y, with the output "
        "y = tanh(a).",
        _value(tanh=lambda a: (1 - a**2,)),
    ),
    Mistake(
        "tanh not squared",
        "Your slope of tanh is 1 - y. The output is squared: 1 - y * y.",
        _value(tanh=lambda a: (1 - np.tanh(a),)),
    ),
    Mistake(
        "tanh as sigmoid",
        "Your slope of tanh is y * (1 - y). That belongs to the sigmoid function.",
        _value(tanh=lambda a: (np.tanh(a) * (1 - np.tanh(a)),)),
    ),
    Mistake(
        "relu never off",
        "You let the gradient through relu even where its input is negative.",
        _value(relu=lambda a: (1.0,)),
    ),
    Mistake(
        "leaky",
        "You let a hundredth through relu where its input is negative. That is leaky ReLU.",
        but(Value, relu=_leaky),
    ),
    Mistake(
        "relu for its slope",
        "Your slope of relu is its output. It is 1 where the input is positive.",
        _value(relu=lambda a: (max(a, 0.0),)),
    ),
    *number_mistakes(Value, "a", "data"),
    Mistake(
        "slopes not multiplied",
        "You add the slope of each operation to grad by itself. It has to be multiplied by the "
        "gradient that has arrived at the result of the operation: the chain rule.",
        but(Value, backward=_adding_partials),
    ),
    Mistake(
        "first step only",
        "Only the values that the result was computed from directly get a gradient. They have to "
        "pass it on: does your backward stop there, or does it visit the others too early?",
        but(Value, backward=_first_step),
    ),
    Mistake(
        "overwritten",
        "The last use of a value writes over what the other uses have contributed: = where += "
        "is needed.",
        but(Value, backward=_overwriting),
    ),
    Mistake(
        "totals passed on",
        "Each time a contribution arrives, you pass on everything that has arrived so far, so "
        "earlier contributions are passed on again.",
        but(Value, backward=_passing_totals),
    ),
    *(
        Mistake(
            f"before all have arrived, from {end}{', turned' * turned}",
            _EARLY,
            but(
                Value,
                backward=lambda self, place=place, turned=turned: _send(
                    _on_meeting(self, place, turned), self
                ),
            ),
        )
        for end, place in (("the front", 0), ("the back", -1))
        for turned in (False, True)
    ),
    Mistake(
        "equal numbers merged",
        "You take two values for the same one when they hold the same number. What counts is "
        "which object it is, not what is in it.",
        but(Value, backward=_merging_equal_numbers),
    ),
    Mistake(
        "set, not added",
        "Each call of backward forgets what the one before has left in grad. Calls add up.",
        but(Value, backward=_setting),
    ),
    Mistake(
        "what was left is passed on",
        "You collect in grad itself. What an earlier call left in the grad of a value between "
        "the leaves and the result is passed on a second time.",
        but(Value, backward=_collecting_in_grad),
    ),
    Mistake(
        "what was left is passed on, and 1 added",
        "You collect in grad itself. What an earlier call left in the grad of a value between "
        "the leaves and the result, or of the result, is passed on a second time.",
        but(Value, backward=_adding_one_to_grad),
    ),
    Mistake(
        "graph let go",
        "Your first backward takes the graph apart, so that the second finds nothing.",
        but(Value, backward=_letting_go),
    ),
    Mistake(
        "sum in place",
        "Your + changes the operand on its left and returns it. Make a new Value.",
        but(Value, __add__=_add_in_place),
    ),
)
