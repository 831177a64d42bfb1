"""A class of dual numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.grading.checks.automatic_differentiation.shared import (
    BINARY,
    STEP,
    but,
    number_mistakes,
)
from chainrule.grading.exercises import Check, Mistake, Program, Programs, agrees


class _Dual:
    """The slope is carried as an imaginary part too small to come back into the value."""

    def __init__(self, value: float, slope: float = 0.0) -> None:
        self._z = complex(value, STEP * slope)

    @property
    def value(self) -> float:
        return self._z.real

    @property
    def slope(self) -> float:
        return self._z.imag / STEP

    def _new(self, z: complex) -> Any:
        return type(self)(z.real, z.imag / STEP)

    def __add__(self, other: Any) -> Any:
        return self._new(self._z + _complex(other))

    def __sub__(self, other: Any) -> Any:
        return self._new(self._z - _complex(other))

    def __mul__(self, other: Any) -> Any:
        return self._new(self._z * _complex(other))

    def __truediv__(self, other: Any) -> Any:
        return self._new(self._z / _complex(other))

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __rsub__(self, other: Any) -> Any:
        return type(self)(other) - self

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __rtruediv__(self, other: Any) -> Any:
        return type(self)(other) / self

    def exp(self) -> Any:
        return self._new(np.exp(self._z))


def _complex(operand: Any) -> complex:
    return operand._z if isinstance(operand, _Dual) else complex(operand)


def _dual(**slopes: Callable[..., float]) -> type:
    """Duals with a wrong rule: operation → the slope made of the operands' values and slopes."""

    def method(name: str, slope: Callable[..., float]) -> Any:
        def binary(self: Any, other: Any) -> Any:
            right = getattr(_Dual, name)(self, other)
            v, dv = getattr(other, "value", other), getattr(other, "slope", 0.0)
            return type(self)(right.value, slope(self.value, self.slope, v, dv))

        def unary(self: Any) -> Any:
            right = getattr(_Dual, name)(self)
            return type(self)(right.value, slope(self.value, self.slope))

        return unary if name == "exp" else binary

    return but(_Dual, **{name: method(name, slope) for name, slope in slopes.items()})


def _in_place(self: Any, other: Any) -> Any:
    self._z += _complex(other)
    return self


def _cut(reused: bool) -> Callable[..., Any]:
    """// for /. Who writes (u' - w v') / v uses the quotient w again."""

    def method(self: Any, other: Any) -> Any:
        v, dv = getattr(other, "value", other), getattr(other, "slope", 0.0)
        value = self.value // v
        right = _Dual.__truediv__(self, other).slope
        return type(self)(value, (self.slope - value * dv) / v if reused else right)

    return method


def _forgetting_the_slope(self: Any, other: Any) -> Any:
    right = _Dual.__add__(self, other)
    return right if isinstance(other, _Dual) else type(self)(right.value, 0.0)


def _scaling_the_value(self: Any, other: Any) -> Any:
    right = _Dual.__mul__(self, other)
    return right if isinstance(other, _Dual) else type(self)(right.value, self.slope)


_TWO_DUALS = ("x = Dual(3.0, 2.0)\ny = Dual(-4.0, 0.5)", "x = Dual(-1.5, 7.0)\ny = Dual(2.0, 4.0)")


def _dual_check(operator: str, *hints: str) -> Check:
    return agrees(
        operator,
        [Program(f"{start}\nz = x {operator} y", ["z.value", "z.slope"]) for start in _TWO_DUALS],
        *hints,
    )


DUAL = Programs(
    "automatic-differentiation.Dual",
    reference=_Dual,
    given_methods=["__init__"],
    checks=[
        _dual_check(
            "+",
            "Move x and y a little. How much does x + y move?",
            "(u + u' eps) + (v + v' eps): collect what stands with eps.",
        ),
        _dual_check(
            "-",
            "Move y up a little. Which way does x - y move?",
            "(u + u' eps) - (v + v' eps): collect what stands with eps.",
        ),
        _dual_check(
            "*",
            "Multiply out (u + u' eps)(v + v' eps). Which terms stand with eps, which with "
            "eps * eps?",
            "Two terms stand with eps: the slope of each factor, times the value of the other.",
        ),
        _dual_check(
            "/",
            "Call the quotient w. Then w * v = u. Apply your product rule to the left side.",
            "w' v + w v' = u'. Solve for w'.",
        ),
        agrees(
            "exp",
            [
                Program("x = Dual(2.0, 3.0)\ny = x.exp()", ["y.value", "y.slope"]),
                Program("x = Dual(-0.5, 4.0)\ny = x.exp()", ["y.value", "y.slope"]),
                Program("x = Dual(2.0)\ny = x.exp()", ["y.value", "y.slope"]),
            ],
            "The exponential function is its own derivative. What else belongs in the slope of "
            "exp(u) when u itself changes with the slope u'?",
        ),
        agrees(
            "numbers",
            [
                Program(f"x = Dual({u}, 3.0)\ny = {formula}", ["y.value", "y.slope"])
                for formula in (
                    *("x + 2", "x - 2", "x * 2", "x / 2"),
                    *("2 + x", "2 - x", "2 * x", "2 / x"),
                )
                for u in (5.0, -4.0)
            ],
            "Which operand stands on the left in the failing line? It is asked first, and its "
            "class decides.",
            "2 * x calls x.__rmul__(2), because 2 cannot do it. There are __radd__, __rsub__ and "
            "__rtruediv__ as well. In the last two, the other operand comes first.",
            "A number does not change: make a Dual with slope 0 of it, and use the operation you "
            "have.",
        ),
        agrees(
            "formulas",
            [
                Program("x = Dual(1.0, 1.0)\ny = x * x.exp() / (1 + x)", ["y.value", "y.slope"]),
                Program("x = Dual(0.5, 1.0)\ny = 1 / (1 + (0 - x).exp())", ["y.value", "y.slope"]),
                Program(
                    "x = Dual(2.0, 1.0)\ny = x\nfor _ in range(5):\n    y = y * x - 1 / y",
                    ["y.value", "y.slope"],
                ),
            ],
            "Each operation is right on its own. Compute this one step by step, with the value "
            "and the slope of each intermediate result.",
            basic=False,
        ),
        agrees(
            "operands unchanged",
            [
                Program(
                    f"x = Dual(3.0, 2.0)\ny = Dual(4.0, 5.0)\nz = {formula}",
                    ["x.value", "x.slope", "y.value", "y.slope"],
                    says="Computing z has changed an operand: {result} is not what it was.",
                )
                for formula in ("x + y", "x - y", "x * y", "x / y", "x.exp()", "2 * x", "1 - x")
            ],
            "A result is a new Dual. Look for self.value = ... or self.slope += ... outside "
            "__init__.",
            basic=False,
        ),
    ],
    mistakes=[
        Mistake(
            "slopes multiplied",
            "Your slope of a product is the product of the slopes. Multiply out: u' v' stands with "
            "eps * eps, which is 0.",
            _dual(__mul__=lambda u, du, v, dv: du * dv),
        ),
        Mistake(
            "second factor constant",
            "Your slope of a product is u' v alone, as if the second factor stood still.",
            _dual(__mul__=lambda u, du, v, dv: du * v),
        ),
        Mistake(
            "first factor constant",
            "Your slope of a product is u v' alone, as if the first factor stood still.",
            _dual(__mul__=lambda u, du, v, dv: u * dv),
        ),
        Mistake(
            "eps squared kept",
            "You keep the term u' v'. It stands with eps * eps, which is 0.",
            _dual(__mul__=lambda u, du, v, dv: du * v + u * dv + du * dv),
        ),
        Mistake(
            "own factors",
            "You multiply each slope by its own value. It belongs to that of the other factor.",
            _dual(__mul__=lambda u, du, v, dv: u * du + v * dv),
        ),
        Mistake(
            "slopes of a product added",
            "Your slope of a product is the sum of the slopes, as for +. Each belongs times the "
            "value of the other factor.",
            _dual(__mul__=lambda u, du, v, dv: du + dv),
        ),
        Mistake(
            "product rule with minus",
            "The two terms of the product rule are added, not subtracted.",
            _dual(__mul__=lambda u, du, v, dv: du * v - u * dv),
        ),
        Mistake(
            "quotient with plus",
            "In the slope of a quotient the second term is subtracted: a larger denominator makes "
            "the quotient smaller.",
            _dual(__truediv__=lambda u, du, v, dv: (du * v + u * dv) / v**2),
        ),
        Mistake(
            "quotient turned around",
            "Your slope of a quotient has the two terms the wrong way around: u' v comes first, "
            "u v' is subtracted.",
            _dual(__truediv__=lambda u, du, v, dv: (u * dv - du * v) / v**2),
        ),
        Mistake(
            "denominator not squared",
            "You divide u' v - u v' by v. It belongs over v * v.",
            _dual(__truediv__=lambda u, du, v, dv: (du * v - u * dv) / v),
        ),
        Mistake(
            "divided by the slope",
            "You divide u' v - u v' by the square of the slope v'. What stands below is the value "
            "of the denominator, squared.",
            _dual(__truediv__=lambda u, du, v, dv: (du * v - u * dv) / dv**2 if dv else np.nan),
        ),
        *(
            Mistake(
                f"whole quotient{', used again' * reused}",
                "// rounds a quotient down to a whole number. Divide with /.",
                but(_Dual, __truediv__=_cut(reused)),
            )
            for reused in (False, True)
        ),
        Mistake(
            "quotient of slopes",
            "Your slope of a quotient is the quotient of the slopes. Start from w * v = u.",
            _dual(__truediv__=lambda u, du, v, dv: du / dv if dv else du / v),
        ),
        Mistake(
            "denominator constant",
            "Your slope of a quotient is u' / v, as if the denominator stood still.",
            _dual(__truediv__=lambda u, du, v, dv: du / v),
        ),
        Mistake(
            "difference adds slopes",
            "You add the slopes in a difference. When y grows, x - y gets smaller.",
            _dual(__sub__=lambda u, du, v, dv: du + dv),
        ),
        Mistake(
            "slope of one operand",
            "Your slope of a sum is that of the first operand alone.",
            _dual(__add__=lambda u, du, v, dv: du),
        ),
        Mistake(
            "exp without the chain rule",
            "Your slope of exp(u) is exp(u), which is right only if u has the slope 1. The slope "
            "of the inside is missing.",
            _dual(exp=lambda u, du: np.exp(u)),
        ),
        Mistake(
            "exp of the slope",
            "You take exp of the slope. The slope of exp(u) is exp(u) times the slope of u.",
            _dual(exp=lambda u, du: np.exp(du)),
        ),
        Mistake(
            "exp by the power rule",
            "You lower the exponent, as for a power. exp(u) is its own derivative.",
            _dual(exp=lambda u, du: u * np.exp(u - 1) * du),
        ),
        Mistake(
            "exp keeps the slope",
            "You take exp of the value and leave the slope as it was.",
            _dual(exp=lambda u, du: du),
        ),
        *number_mistakes(_Dual, "x", "slope"),
        Mistake(
            "sum with a number forgets the slope",
            "In x + 2 you return a Dual without the slope of x. A number has the slope 0; x keeps "
            "its own.",
            but(_Dual, __add__=_forgetting_the_slope),
        ),
        Mistake(
            "number multiplies the value only",
            "In x * 2 you multiply the value and leave the slope as it was. By the product rule "
            "the slope is multiplied too.",
            but(_Dual, __mul__=_scaling_the_value),
        ),
        Mistake(
            "numbers that change",
            "You give a number the slope 1. A number is a constant: its slope is 0.",
            but(
                _Dual,
                **{
                    name: lambda self, other, name=name: getattr(_Dual, name)(
                        self, other if isinstance(other, _Dual) else type(self)(other, 1.0)
                    )
                    for name in BINARY
                },
                __rsub__=lambda self, other: type(self)(other, 1.0) - self,
                __rtruediv__=lambda self, other: type(self)(other, 1.0) / self,
            ),
        ),
        Mistake(
            "sum in place",
            "Your + changes the operand on its left and returns it. Make a new Dual.",
            but(_Dual, __add__=_in_place),
        ),
    ],
)
