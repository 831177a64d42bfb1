"""The engine that the learner's is compared with. It goes forward, and so needs no graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.grading.checks.automatic_differentiation.shared import STEP, relu


class Value:
    """An engine that goes forward: each value carries its slope with respect to every leaf."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.grad = 0.0
        self._slopes: dict[Value, float] = {self: 1.0}  # leaf → derivative of this value
        self._edges: list[tuple[Value, float]] = []  # for the mistakes below

    def _computed(self, f: Callable[..., Any], *operands: Any) -> Any:
        """f(operands), each of its partial derivatives by the complex step."""
        values = [operand if isinstance(operand, Value) else self._constant(operand)
                  for operand in operands]  # fmt: skip
        numbers = [value.data for value in values]
        partials = []
        for k, number in enumerate(numbers):
            moved = [*numbers[:k], complex(number, STEP), *numbers[k + 1 :]]
            partials.append(float(np.imag(f(*moved))) / STEP)
        return self._recorded(f(*numbers), list(zip(values, partials, strict=True)))

    def _recorded(self, data: Any, edges: list[tuple[Value, float]]) -> Any:
        result = type(self)(data)
        result._edges, result._slopes = edges, {}
        for operand, partial in edges:
            for leaf, slope in operand._slopes.items():
                result._slopes[leaf] = result._slopes.get(leaf, 0.0) + partial * slope
        return result

    def _constant(self, number: float) -> Any:
        constant = type(self)(number)
        constant._slopes = {}
        return constant

    def __add__(self, other: Any) -> Any:
        return self._computed(lambda a, b: a + b, self, other)

    def __sub__(self, other: Any) -> Any:
        return self._computed(lambda a, b: a - b, self, other)

    def __mul__(self, other: Any) -> Any:
        return self._computed(lambda a, b: a * b, self, other)

    def __truediv__(self, other: Any) -> Any:
        return self._computed(lambda a, b: a / b, self, other)

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __rsub__(self, other: Any) -> Any:
        return self._constant(other) - self

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __rtruediv__(self, other: Any) -> Any:
        return self._constant(other) / self

    def __neg__(self) -> Any:
        return self._computed(lambda a: -a, self)

    def __pow__(self, k: float) -> Any:
        return self._computed(lambda a: a**k, self)

    def exp(self) -> Any:
        """e to the power of this value."""
        return self._computed(np.exp, self)

    def tanh(self) -> Any:
        """The hyperbolic tangent of this value."""
        return self._computed(np.tanh, self)

    def relu(self) -> Any:
        """This value if it is positive, else 0."""
        return self._computed(relu, self)

    def backward(self) -> None:
        """Add the derivative of this value to the ``grad`` of every leaf."""
        for leaf, slope in self._slopes.items():
            leaf.grad += slope
