"""An instrument that catches wrong gradients, tried on right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.grading.checks.automatic_differentiation.shared import STEP
from chainrule.grading.exercises import (
    Array,
    Mistake,
    Program,
    Programs,
    agrees,
    inputs_unchanged,
)


def _measured(f: Callable[[Any], Any], x: Array, dy: Array) -> Array:
    measured = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[k] += 1j * STEP
        measured[k] = np.sum(dy * np.imag(f(moved)[0])) / STEP
    return measured


def _gradient_error(f: Callable[[Any], Any], x: Array, dy: Array) -> float:
    (dx,) = f(x)[1](dy)
    return float(np.max(np.abs(dx - _measured(f, x, dy))))


def _judging(
    verdict: Callable[[Array, Array], Any],
    measured: Callable[[Callable[[Any], Any], Array, Array], Array] = _measured,
) -> Callable[..., Any]:
    """An instrument that compares otherwise, or measures otherwise."""
    return lambda f, x, dy: verdict(f(x)[1](dy)[0], measured(f, x, dy))


def _largest(dx: Array, n: Array) -> Any:
    return np.max(np.abs(dx - n))


def _together(f: Callable[[Any], Any], x: Array, dy: Array) -> Array:
    return np.full_like(x, np.sum(dy * np.imag(f(x + 1j * STEP)[0])) / STEP)


def _by_rows(f: Callable[[Any], Any], x: Array, dy: Array) -> Array:
    entries = _measured(f, x, dy)
    if x.ndim < 2:
        return entries
    return np.broadcast_to(entries.sum(tuple(range(1, x.ndim)), keepdims=True), x.shape)


def _one_sided(f: Callable[[Any], Any], x: Array, dy: Array) -> Array:
    measured = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        moved = x.copy()
        moved[k] += 1e-5
        measured[k] = np.sum(dy * (f(moved)[0] - f(x)[0])) / 1e-5
    return measured


def _error_of(
    value: str, gradient: str, x: str, dy: str, *, says: str = "", because: str = ""
) -> Program:
    return Program(
        f"def f(x):\n    return {value}, lambda dy: ({gradient},)\n\n"
        f"error = gradient_error(f, np.array({x}), np.array({dy}))",
        ["error"],
        says=says,
        because=because,
        # Central differences with h = 1e-5 are off by f''' h²/6 and by eps f / h: some 1e-8 here.
        tolerance=1e-6,
    )


_FALSE_ALARM = "This pullback is right, and your error for it is not near 0."
_MISSED = "This pullback is wrong by another amount than your error says."

GRADIENT_ERROR = Programs(
    "automatic-differentiation.gradient_error",
    reference=_gradient_error,
    checks=[
        agrees(
            "wrong pullbacks",
            [
                _error_of("x * x", "x * dy", "[3.0]", "[1.0]", says=_MISSED),
                _error_of("x * x", "-2 * x * dy", "[1.0, 0.5]", "[1.0, 1.0]", says=_MISSED),
                _error_of("np.exp(x)", "x * dy", "[0.5, -1.0, 2.0]", "[1.0, 1.0, 1.0]"),
                _error_of("np.cos(x)", "np.sin(x) * dy", "[0.5, 2.0]", "[1.0, 1.0]", says=_MISSED),
                _error_of("x.sum()", "dy + 0 * x + 0.5", "[[1.0, 2.0], [3.0, 4.0]]", "1.0"),
                _error_of(
                    "x * x",
                    "2 * x * dy + np.array([1.0, -1.0])",
                    "[2.0, 3.0]",
                    "[1.0, 1.0]",
                    says="One entry of this gradient is too large by 1, the other too small by 1.",
                ),
                _error_of(
                    "x * x",
                    "2 * x * dy + np.array([-2.0, 1.0])",
                    "[2.0, 3.0]",
                    "[1.0, 1.0]",
                    says="One entry of this gradient is too small by 2, the other too large by 1.",
                ),
                _error_of(
                    "x * x * x",
                    "3 * x**2 * dy * np.array([1.0, 1.0, 0.9])",
                    "[1.0, -0.5, 2.0]",
                    "[1.0, 1.0, 1.0]",
                    says="Only the last entry of this gradient is wrong, and your error does not "
                    "say by how much.",
                ),
                _error_of(
                    "x * x",
                    "2 * x * dy - np.array([[0.0, 0.0], [1.0, 0.0]])",
                    "[[1.0, 2.0], [3.0, 4.0]]",
                    "[[1.0, 1.0], [1.0, 1.0]]",
                    says="One entry of this gradient is too small by 1.",
                ),
                _error_of(
                    "np.sin(x)", "x * dy", "[[0.5, 2.0], [1.0, -1.0]]", "[[1.0, 1.0], [1.0, 1.0]]"
                ),
            ],
            "Compute dx and n for the input above by hand. What is the largest absolute "
            "difference?",
            "One entry at a time: a step that is h at one place and 0 everywhere else.",
            "A difference can be negative. The error is the largest of the absolute differences.",
        ),
        agrees(
            "right pullbacks",
            [
                _error_of("x * x", "2 * x * dy", "[3.0]", "[1.0]", says=_FALSE_ALARM),
                _error_of("x.sum()", "dy + 0 * x", "[1.0, 2.0]", "1.0", says=_FALSE_ALARM),
                _error_of(
                    "np.sin(x)", "np.cos(x) * dy", "[0.5, 2.0]", "[1.0, 1.0]", says=_FALSE_ALARM
                ),
                _error_of(
                    "x[1:] * x[:-1]",
                    "np.append(x[1:] * dy, 0) + np.append(0, x[:-1] * dy)",
                    "[0.5, 2.0, -1.0]",
                    "[1.0, 1.0]",
                    says=_FALSE_ALARM,
                ),
                _error_of(
                    "x @ np.ones((2, 3))",
                    "dy @ np.ones((3, 2))",
                    "[[0.5, 2.0], [1.0, -1.0]]",
                    "[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]",
                    says=_FALSE_ALARM,
                ),
            ],
            "Print dx and the measured n side by side. In which entry do they part?",
            "Is the step back as long as the step forward, and is the difference divided by the "
            "distance between the two places?",
        ),
        agrees(
            "dy",
            [
                _error_of("x * x", "2 * x * dy", "[3.0]", "[2.0]", says=_FALSE_ALARM),
                _error_of(
                    "np.exp(x)", "np.exp(x) * dy", "[0.5, 1.0]", "[-2.0, 5.0]", says=_FALSE_ALARM
                ),
                _error_of("x * x", "2 * x", "[3.0, 1.0]", "[1.0, -1.0]", says=_MISSED),
                _error_of(
                    "x.sum(axis=1)",
                    "dy[:, None] + 0 * x",
                    "[[1.0, 2.0], [3.0, 4.0]]",
                    "[3.0, -2.0]",
                    says=_FALSE_ALARM,
                ),
            ],
            "The gradient that the pullback computes is that of L, the sum of dy * f(x). Is dy in "
            "what you measure? And is h = 1e-5: not so small that rounding drowns the difference?",
        ),
        agrees(
            "small errors",
            [
                _error_of(
                    "1000 * x * x",
                    "2000 * x * dy",
                    "[0.5]",
                    "[1.0]",
                    says=_FALSE_ALARM,
                    because="a step to one side only is off by h / 2 times the second derivative",
                ),
                _error_of(
                    "1000 * x * x * x",
                    "3000 * x * x * dy",
                    "[1.0, -0.5]",
                    "[1.0, 1.0]",
                    says=_FALSE_ALARM,
                    because="with h = 1e-5 the error of measurement is about 1e-7",
                ),
                _error_of(
                    "1000 * np.sin(x)",
                    "1000 * np.cos(x) * dy + 1e-4",
                    "[1.0, 2.0]",
                    "[1.0, 1.0]",
                    says="This gradient is too large by 0.0001, and your error does not show it.",
                ),
            ],
            "Do you step to both sides? The error of a step to one side is of the order of h, "
            "that of a step to both sides of h * h.",
            "h = 1e-5 is a compromise: a longer step leaves the tangent, a shorter one loses the "
            "digits of the difference.",
            basic=False,
        ),
        inputs_unchanged(
            [
                Program(
                    "def f(x):\n    return x * x, lambda dy: (2 * x * dy,)\n\n"
                    "error = gradient_error(f, x, dy)",
                    ["error"],
                    {"x": np.array([0.1, 0.7, -0.3]), "dy": np.array([1.0, 2.0, 3.0])},
                    tolerance=1e-6,
                )
            ],
            "x belongs to the caller. x[k] += h and x[k] -= h do not cancel to the last digit: "
            "move a copy.",
        ),
    ],
    mistakes=[
        Mistake(
            "no absolute value",
            "You take the largest difference without its absolute value. A gradient that is too "
            "small has a negative difference, and passes.",
            _judging(lambda dx, n: np.max(dx - n)),
        ),
        Mistake(
            "no absolute value, the other way",
            "You take the largest difference without its absolute value. A gradient that is too "
            "large has a negative difference, and passes.",
            _judging(lambda dx, n: np.max(n - dx)),
        ),
        Mistake(
            "mean",
            "You average the differences. One wrong entry among many right ones hardly shows in an "
            "average; take the largest.",
            _judging(lambda dx, n: np.mean(np.abs(dx - n))),
        ),
        Mistake(
            "sum",
            "You add the differences up. The largest is asked for.",
            _judging(lambda dx, n: np.sum(np.abs(dx - n))),
        ),
        Mistake(
            "length",
            "You return the length of the vector of differences, the root of the sum of their "
            "squares. The largest of them is asked for.",
            _judging(lambda dx, n: np.sqrt(np.sum((dx - n) ** 2))),
        ),
        Mistake(
            "sums compared",
            "You compare the sum of dx with the sum of n. Errors in two entries can cancel; "
            "compare entry by entry.",
            _judging(lambda dx, n: abs(np.sum(dx) - np.sum(n))),
        ),
        Mistake(
            "largest entries compared",
            "You compare the largest entry of dx with the largest entry of n. Compare entry by "
            "entry, then take the largest difference.",
            _judging(lambda dx, n: abs(np.max(np.abs(dx)) - np.max(np.abs(n)))),
        ),
        Mistake(
            "absolute values compared",
            "You compare absolute values, so a wrong sign passes. Take the absolute value of the "
            "difference.",
            _judging(lambda dx, n: np.max(np.abs(np.abs(dx) - np.abs(n)))),
        ),
        Mistake(
            "relative",
            "You divide the difference by n. It is asked for as it is.",
            _judging(lambda dx, n: np.max(np.abs(dx - n) / np.abs(n))),
        ),
        Mistake(
            "relative to the largest",
            "You divide by the largest entry of n. The difference is asked for as it is.",
            _judging(lambda dx, n: np.max(np.abs(dx - n)) / np.max(np.abs(n))),
        ),
        Mistake(
            "all entries moved at once",
            "You move all entries of x at once, so n is the sum of all slopes. Move one at a time.",
            _judging(_largest, _together),
        ),
        Mistake(
            "rows moved at once",
            "You move whole rows of x: x[k] with a single number k is a row. Every entry needs a "
            "step of its own.",
            _judging(_largest, _by_rows),
        ),
        Mistake(
            "dx of ones",
            "You call the pullback with ones. It is to get dy.",
            lambda f, x, dy: _largest(f(x)[1](np.ones_like(dy))[0], _measured(f, x, dy)),
        ),
        Mistake(
            "not divided by 2 h",
            "You do not divide by 2 h: what you have is a change, not a slope.",
            _judging(lambda dx, n: np.max(np.abs(dx - 2e-5 * n))),
        ),
        Mistake(
            "times h",
            "Your n is almost 0. Python reads a / 2 * h as (a / 2) * h; the distance 2 * h belongs "
            "in parentheses.",
            _judging(lambda dx, n: np.max(np.abs(dx - 1e-10 * n))),
        ),
        Mistake(
            "divided by h",
            "The two places are 2 h apart, and you divide by h: your n is twice the slope.",
            _judging(lambda dx, n: np.max(np.abs(dx - 2 * n))),
        ),
        Mistake(
            "half a step back",
            "You step forward by h and go back to x, and divide by 2 h: your n is half the slope.",
            _judging(lambda dx, n: np.max(np.abs(dx - n / 2))),
        ),
        Mistake(
            "dy left out",
            "You measure the slope of the sum of f(x). dy is not in it.",
            _judging(_largest, lambda f, x, dy: _measured(f, x, np.ones_like(dy))),
        ),
        Mistake(
            "one side",
            "You step to one side only. That is off by h / 2 times the second derivative.",
            _judging(_largest, _one_sided),
        ),
        Mistake(
            "first entry only",
            "You compare the first entry only. Does a loop return too early?",
            _judging(lambda dx, n: np.abs(dx - n).ravel()[0]),
        ),
        Mistake(
            "last entry only",
            "You compare the last entry only. Does your loop overwrite the error where it should "
            "keep the largest?",
            _judging(lambda dx, n: np.abs(dx - n).ravel()[-1]),
        ),
    ],
)
