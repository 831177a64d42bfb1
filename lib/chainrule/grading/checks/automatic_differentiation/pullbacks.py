"""Backward of array operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Check,
    Function,
    Problem,
    adjoint,
    keeps_float32,
    leaves_inputs_alone,
    strided,
)
from chainrule.grading.exercises.base import first
from chainrule.grading.exercises.functions import Subject
from chainrule.grading.misconceptions import Misconception, Probe, exchanged
from chainrule.grading.search import Arrays, Case, ones, real_numbers, whole_numbers

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "*": np.multiply,
    "@": np.matmul,
}


class _Operands:
    """An operator, two arrays that it can take, and the gradient of what it makes of them."""

    # Shapes of z, x and y; a 1 is a length that is repeated.
    SHAPES = (
        ("+*", "n", "n", "n"),
        ("+*", "m n", "m n", "m n"),
        ("+*", "m n", "m n", "n"),
        ("+*", "m n", "n", "m n"),
        ("+*", "m n", "m n", "m 1"),
        ("+*", "m n", "1 n", "m n"),
        ("+*", "m n", "m 1", "n"),
        ("+*", "m n", "m n", ""),
        ("+*", "l m n", "l m n", "m 1"),
        ("+*", "l m n", "l 1 n", "m 1"),
        ("@", "m n", "m k", "k n"),
    )

    def __init__(self) -> None:
        self._layouts = [
            (operator, Arrays({"dz": z, "x": x, "y": y}))
            for operators, z, x, y in self.SHAPES
            for operator in operators
        ]

    def cases(self) -> list[Case]:
        """All operators and ways to fit, from few entries to many."""
        small = [
            self._case(operator, layout.filled(sizes, fill))
            for operator, layout in self._layouts
            for sizes, fill in (
                (dict.fromkeys(layout.dimensions, 2), ones),
                (dict.fromkeys(layout.dimensions, 2), whole_numbers),
                ({"k": 4, "l": 2, "m": 2, "n": 3}, whole_numbers),
            )
        ]
        small.sort(key=lambda case: sum(np.size(case[name]) for name in ("dz", "x", "y")))
        return small + self.probes()

    def probes(self) -> list[Case]:
        """Real numbers in each of the ways to fit, and with all lengths equal, for @ twice."""
        varied = {"k": 2, "l": 2, "m": 3, "n": 4}
        twos, threes = (dict.fromkeys("klmn", size) for size in (2, 3))
        return [
            self._case(operator, layout.filled(sizes, real_numbers))
            for operator, layout in self._layouts
            for sizes in ((varied, twos, threes) if operator == "@" else (varied, twos))
        ]

    def simpler(self, case: Case) -> Iterator[Case]:
        """Inputs one row or one entry simpler that fit in the same way."""
        arrays = {name: case[name] for name in ("dz", "x", "y")}
        layout = self._layout(case)
        for simpler in layout.simpler(arrays):
            if all(size > 1 for size in layout.sizes(simpler).values()):
                yield self._case(case["operator"], simpler)

    def sizes(self, case: Case) -> dict[str, int]:
        """Nothing has a name of its own."""
        return {}

    def _layout(self, case: Case) -> Arrays:
        """The way in which the arrays of ``case`` fit."""
        return next(
            layout
            for operator, layout in self._layouts
            if operator == case["operator"]
            and all(_has(np.shape(case[name]), axes) for name, axes in layout.shapes.items())
        )

    @staticmethod
    def _case(operator: str, arrays: Case) -> Case:
        return {"operator": operator} | {name: np.asarray(value) for name, value in arrays.items()}


def _has(shape: tuple[int, ...], axes: tuple[str, ...]) -> bool:
    return len(shape) == len(axes) and all(
        (size == 1) == (axis == "1") for size, axis in zip(shape, axes, strict=True)
    )


def _pullback(operator: str, dz: Array, x: Array, y: Array) -> Mapping[str, Array]:
    compute = _OPERATORS[operator]
    return {
        "dx": adjoint(lambda v: compute(v, y) - compute(0 * v, y), dz, x.shape),
        "dy": adjoint(lambda v: compute(x, v) - compute(x, 0 * v), dz, y.shape),
    }


def _pullback_size(operator: str, dz: Array, x: Array, y: Array) -> Mapping[str, Array]:
    return _pullback(operator, abs(dz), abs(x), abs(y))


def _back_to(gradient: Array, shape: tuple[int, ...], total: Callable[..., Array]) -> Array:
    """Sum, or whatever ``total`` does, over the axes along which ``shape`` was repeated."""
    gradient = total(gradient, axis=tuple(range(gradient.ndim - len(shape))))
    ones = tuple(i for i, size in enumerate(shape) if size == 1)
    return total(gradient, axis=ones, keepdims=True)


def _without_ones(gradient: Array, shape: tuple[int, ...]) -> Array:
    gradient = _back_to(gradient, shape, np.sum)
    return gradient.reshape(tuple(size for size in shape if size != 1))


def _with_lacking(gradient: Array, shape: tuple[int, ...]) -> Array:
    lacking = gradient.ndim - len(shape)
    summed = _back_to(gradient, shape, np.sum)
    return summed.reshape((1,) * lacking + shape)


def _on_the_right(gradient: Array, shape: tuple[int, ...]) -> Array:
    lacking = gradient.ndim - len(shape)
    gradient = gradient.sum(axis=tuple(range(-lacking, 0)))
    ones = tuple(i for i, size in enumerate(shape) if size == 1)
    return np.asarray(gradient.sum(axis=ones, keepdims=True))


def _averaged_ones(gradient: Array, shape: tuple[int, ...]) -> Array:
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    ones = tuple(i for i, size in enumerate(shape) if size == 1)
    return np.asarray(gradient.mean(axis=ones, keepdims=True))


def _slip(
    name: str,
    result: str,
    operators: str,
    formula: Callable[..., Array],
    says: str,
    *,
    back: Callable[[Array, tuple[int, ...]], Array] = lambda g, shape: _back_to(g, shape, np.sum),
) -> Misconception:
    """A wrong gradient for ``operators``; with the others nothing is wrong."""

    def wrong(probe: Probe) -> Mapping[str, Array]:
        if probe.case["operator"] not in operators:
            return {}
        gradient = np.asarray(formula(*probe.case.values()))
        return {result: back(gradient, probe.case[result[1]].shape)}

    return Misconception(f"{result} {name}", result, says, wrong)


def _entry(operators: str, repeated: bool, name: str, *hints: str) -> Check:
    """dx and dy of some operators, where shapes agree or where one array is repeated."""

    def judge(subject: Subject) -> Problem | None:
        cases = [
            case
            for case in subject.exercise.domain.cases()
            if case["operator"] in operators and _is_repeated(case) == repeated
        ]
        return first(
            subject.smallest(lambda case, result=result: subject.value(case, result), cases)  # type: ignore[misc]
            for result in ("dx", "dy")
        )

    return Check(name, judge, hints, basic=True)


def _is_repeated(case: Case) -> bool:
    return case["operator"] != "@" and not case["dz"].shape == case["x"].shape == case["y"].shape


PULLBACK = Function(
    "automatic-differentiation.pullback",
    _Operands(),
    returns={"dx": "like x", "dy": "like y"},
    truth=_pullback,
    magnitude=_pullback_size,
    checks=[
        _entry(
            "+",
            False,
            "+",
            "Raise one entry of x by 1. Which entries of z change, and by how much?",
            "Each entry of x acts on one entry of z, with slope 1.",
        ),
        _entry(
            "*",
            False,
            "*",
            "Raise one entry of x by 1. By how much does its entry of z change?",
            "The slope of x * y with respect to x is y. What does the chain rule do with it?",
        ),
        _entry(
            "@",
            False,
            "@",
            "Write down the shapes of dz, x and y. Which product of two of them has the shape of "
            "x, which the shape of y, perhaps with one of them transposed?",
            "dz is (m, n). The transpose of y is (n, k), that of x is (k, m).",
        ),
        _entry(
            "+*",
            True,
            "repeated",
            "Which array is repeated here, and along which axes? In how many entries of z does one "
            "entry of it act?",
            "What is shared forward is summed backward: over the axes that the array lacks, and "
            "over those where its length is 1.",
            "Axes that are lacking are on the left, and they have to go. Axes of length 1 have to "
            "stay: sum(axis=..., keepdims=True).",
        ),
        keeps_float32(),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged(
            {"dx": "dy", "dy": "dx"},
            "Your two gradients are right, in the wrong order: dx comes first.",
        ),
        *(
            mistake
            for result, other, letter, factor in (
                ("dx", "y", "x", lambda x, y: y),
                ("dy", "x", "y", lambda x, y: x),
            )
            for mistake in (
                _slip(
                    "not summed",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"Your {result} has the shape of z. Where {letter} was repeated, its gradient "
                    "is the sum over the repetitions.",
                    back=lambda gradient, shape: gradient,
                ),
                _slip(
                    "averaged",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"You average over the repetitions of {letter}. Their contributions add up: "
                    "a sum, not a mean.",
                    back=lambda gradient, shape: _back_to(gradient, shape, np.mean),
                ),
                _slip(
                    "axes lost",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"The axes where {letter} has length 1 are gone from your {result}. They are "
                    "summed, but they stay, with length 1: keepdims=True.",
                    back=_without_ones,
                ),
                _slip(
                    "lacking axes kept",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"The axes that {letter} lacks are still in your {result}, with length 1. They "
                    f"are summed and have to go: keepdims=True is for those that {letter} has.",
                    back=_with_lacking,
                ),
                _slip(
                    "summed on the right",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"Where {letter} lacks axes, you sum over the last ones. NumPy lines shapes up "
                    "at their right ends, so the axes that are lacking are the first.",
                    back=_on_the_right,
                ),
                _slip(
                    "repetitions averaged where the length is 1",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"You average over the axes where {letter} has length 1. The contributions add "
                    "up: a sum, not a mean.",
                    back=_averaged_ones,
                ),
                _slip(
                    "sum as a product",
                    result,
                    "+",
                    lambda operator, dz, x, y, factor=factor: dz * factor(y, x),
                    f"You multiply by {letter} in a sum. The slope of x + y with respect to "
                    f"{letter} is 1, so dz goes through as it is.",
                ),
                _slip(
                    "sum by the other",
                    result,
                    "+",
                    lambda operator, dz, x, y, factor=factor: dz * factor(x, y),
                    f"You multiply by {other} in a sum, as if it were a product. The slope of "
                    f"x + y with respect to {letter} is 1, so dz goes through as it is.",
                ),
                _slip(
                    "of @ entry by entry",
                    result,
                    "@",
                    lambda operator, dz, x, y, factor=factor: dz * factor(x, y),
                    f"Your {result} of @ is that of *. In x @ y each entry of z is a sum of "
                    "products, and the gradients are products of matrices too.",
                ),
                _slip(
                    "only lacking axes summed",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"You sum over the axes that {letter} lacks, but not over those where its "
                    "length is 1. It is repeated along both.",
                    back=lambda gradient, shape: gradient.sum(
                        axis=tuple(range(gradient.ndim - len(shape)))
                    ),
                ),
                _slip(
                    "first of the repetitions",
                    result,
                    "+*",
                    lambda operator, dz, x, y, factor=factor: (
                        dz if operator == "+" else dz * factor(x, y)
                    ),
                    f"You take the first of the repetitions of {letter}. All of them contribute.",
                    back=lambda gradient, shape: gradient[
                        (0,) * (gradient.ndim - len(shape))
                        + tuple(slice(0, size) for size in shape)
                    ],
                ),
                _slip(
                    "own factor",
                    result,
                    "*",
                    lambda operator, dz, x, y, factor=factor: dz * factor(y, x),
                    f"You multiply by {letter} itself. The slope of a product with respect to "
                    f"{letter} is the other factor, {other}.",
                ),
                _slip(
                    "product without its factor",
                    result,
                    "*",
                    lambda operator, dz, x, y: dz,
                    f"Your {result} of a product is that of a sum: the other factor is missing.",
                ),
                _slip(
                    "product without dz",
                    result,
                    "*",
                    lambda operator, dz, x, y, factor=factor: np.broadcast_to(
                        factor(x, y), dz.shape
                    ),
                    f"Your {result} of a product does not depend on dz: it is right only if every "
                    "entry of dz is 1.",
                ),
                _slip(
                    "sum without dz",
                    result,
                    "+",
                    lambda operator, dz, x, y: np.ones_like(dz),
                    f"Your {result} of a sum does not depend on dz: it is right only if every "
                    "entry of dz is 1.",
                ),
            )
        ),
        _slip(
            "of @ not transposed",
            "dx",
            "@",
            lambda operator, dz, x, y: dz @ y,
            "You compute dz @ y. The axis of length n must be the one that is summed over: it is "
            "the last of dz, and must be the first of the other factor.",
            back=lambda gradient, shape: gradient,
        ),
        _slip(
            "of @ the wrong way around",
            "dx",
            "@",
            lambda operator, dz, x, y: y.T @ dz,
            "You have the factors of dx in the wrong order. What stands on the right in x @ y "
            "stays on the right.",
            back=lambda gradient, shape: gradient,
        ),
        _slip(
            "of @ not transposed",
            "dy",
            "@",
            lambda operator, dz, x, y: x @ dz,
            "You compute x @ dz. The axis of length m must be the one that is summed over: it is "
            "the first of both.",
            back=lambda gradient, shape: gradient,
        ),
        _slip(
            "of @ the wrong way around",
            "dy",
            "@",
            lambda operator, dz, x, y: dz @ x.T,
            "You have the factors of dy in the wrong order. What stands on the left in x @ y "
            "stays on the left.",
            back=lambda gradient, shape: gradient,
        ),
        _slip(
            "of @ turned",
            "dy",
            "@",
            lambda operator, dz, x, y: dz.T @ x,
            "dz.T @ x is the transpose of the gradient of y. It has the rows of y as its columns.",
            back=lambda gradient, shape: gradient,
        ),
    ],
)
