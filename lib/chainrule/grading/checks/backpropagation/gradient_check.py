"""Check a gradient: central differences and a relative error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Mistake,
    Program,
    Programs,
    agrees,
    inputs_unchanged,
)


def _gradient_check(f: Callable[[Array], float], x: Array, gradient: Array) -> Any:
    n = _differences(f, x)
    return n, _relative(gradient, n)


def _differences(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    n = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[k] = h
        n[k] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return n


def _norm(a: Array) -> Any:
    return np.sqrt((a * a).sum())


def _relative(g: Array, n: Array) -> float:
    largest = max(_norm(g), _norm(n))
    return _norm(g - n) / largest if largest > 0 else 0.0


def _with_error(error: Callable[[Array, Array], Any]) -> Callable[..., Any]:
    """A gradient check whose error is another one."""

    def gradient_check(f: Callable[[Array], float], x: Array, gradient: Array) -> Any:
        n = _differences(f, x)
        with np.errstate(all="ignore"):
            return n, error(gradient, n)

    return gradient_check


def _with_n(n: Callable[..., Any]) -> Callable[..., Any]:
    """A gradient check whose n is another one."""

    def gradient_check(f: Callable[[Array], float], x: Array, gradient: Array) -> Any:
        found = n(f, x, gradient)
        return found, _relative(gradient, np.broadcast_to(found, x.shape))

    return gradient_check


def _all_at_once(f: Callable[[Array], float], x: Array, gradient: Array) -> Any:
    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5


def _counting_entries(f: Callable[[Array], float], x: Array, gradient: Array) -> Array:
    n = np.zeros_like(x)
    for k in range(x.size):
        nudge = np.zeros_like(x)
        nudge[k] = 1e-5
        n[k] = (f(x + nudge) - f(x - nudge)) / 2e-5
    return n


def _piling_up(f: Callable[[Array], float], x: Array, gradient: Array) -> Array:
    return np.cumsum(_differences(f, x)).reshape(x.shape)


def _checks(f: str, x: str, gradient: str, result: str, expected: Any, **options: Any) -> Program:
    """A program that checks ``gradient`` as the gradient of ``f`` at ``x``."""
    lines = (
        f"f = lambda x: {f}\n"
        f"x, g = np.array({x}), np.array({gradient})\n"
        "n, error = gradient_check(f, x, g)"
    )
    return Program(lines, [result], expected={result: expected}, **options)


# A difference of a straight line is exact around 0 for every step, up to the last digits, and so is
# one of a parabola: what is wrong there is not the choice of h.
_ANY_STEP = 1e-4
_STATED = 1e-8  # the error that the exercise allows

_SLOPES = [
    ("3 * x[0]", "[0.0]", "[1.0]", np.array([3.0])),
    ("2 * x[0] - x[1]", "[0.0, 0.0]", "[1.0, 1.0]", np.array([2.0, -1.0])),
    (
        "x[0, 0] - 2 * x[1, 1] + 3 * x[0, 2]",
        "[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]",
        "[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]",
        np.array([[1.0, 0.0, 3.0], [0.0, -2.0, 0.0]]),
    ),
    (
        "x[0, 1, 0] + 4 * x[1, 0, 0]",
        "[[[0.0], [0.0]], [[0.0], [0.0]]]",
        "[[[1.0], [1.0]], [[1.0], [1.0]]]",
        np.array([[[0.0], [1.0]], [[4.0], [0.0]]]),
    ),
]
_CURVES = [
    ("x[0] * x[1]", "[2.0, 3.0]", "[1.0, 1.0]", np.array([3.0, 2.0])),
    ("np.exp(x[0]) + x[1]**2", "[1.0, 1.0]", "[1.0, 1.0]", np.array([np.e, 2.0])),
    ("np.sin(x).sum()", "[[0.5, 1.0]]", "[[1.0, 1.0]]", np.cos([[0.5, 1.0]])),
]

_ERRORS = [  # of a claimed gradient
    ("2 * x[0]", "[0.0]", "[1.0]", 0.5),
    ("2 * x[0]", "[0.0]", "[-2.0]", 2.0),
    ("x[0]", "[0.0]", "[-3.0]", 4 / 3),
    ("3 * x[0] + 4 * x[1]", "[0.0, 0.0]", "[3.0, 0.0]", 0.8),
    ("3 * x[0] + 4 * x[1]", "[0.0, 0.0]", "[6.0, 8.0]", 0.5),
    ("3 * x[0] + 4 * x[1]", "[0.0, 0.0]", "[-3.0, -4.0]", 2.0),
    (
        "x[0, 0] + 2 * x[0, 1] + 3 * x[1, 0] + 4 * x[1, 1]",
        "[[0.0, 0.0], [0.0, 0.0]]",
        "[[1.0, 2.0], [3.0, -4.0]]",
        8 / np.sqrt(30),
    ),
]

GRADIENT_CHECK = Programs(
    "backpropagation.gradient_check",
    reference=_gradient_check,
    checks=[
        agrees(
            "n",
            [
                _checks(f, x, gradient, "n", slopes, tolerance=_ANY_STEP)
                for f, x, gradient, slopes in _SLOPES
            ],
            "Nudge one entry only, and leave the others where they are. How many calls of f does "
            "one entry of n take?",
            "np.ndindex(x.shape) runs over all places of an array: for k in np.ndindex(x.shape), "
            "x[k] is one number, however many axes x has.",
            "Make n with np.zeros_like(x), and a nudge in the same way, with h at place k.",
        ),
        agrees(
            "one at a time",
            [
                _checks(
                    *("1e4 * x[0] * x[1]", "[0.0, 0.0]", "[1.0, 1.0]", "n", np.zeros(2)),
                    tolerance=_ANY_STEP,
                    says="One of your nudges is still there when the next entry has its turn.",
                    because="with x[0] back at 0, nudging x[1] changes nothing",
                )
            ],
            "What is in x[0] while you nudge x[1]?",
            "Make the nudged array anew for each entry, from x itself.",
        ),
        agrees(
            "both sides",
            [
                _checks(
                    *("x[0]**2", "[0.0]", "[1.0]", "n", np.zeros(1)),
                    tolerance=1e-12,
                    says="At the bottom of a parabola your slope is not 0, so your two points are "
                    "not equally far from x on both sides.",
                    because="f(0 + h) = f(0 - h), so a central difference is exactly 0",
                )
            ],
            "At which two points do you call f, and how far is each of them from x?",
            "One is x + h, the other x - h, and the distance between them is 2 h.",
        ),
        agrees(
            "h not too large",
            [
                _checks(
                    *("x[0]**3 / 6", "[0.0]", "[1.0]", "n", np.zeros(1)),
                    tolerance=_STATED,
                    says="Your step h is too large: the slope is 0 here, and what you return is "
                    "h**2 / 6.",
                    because="(h**3 / 6 - (-h)**3 / 6) / (2 h) = h**2 / 6",
                )
            ],
            "The error of a central difference is h**2 / 6 times the third derivative. How small "
            "must h be for an error of 1e-8?",
        ),
        agrees(
            "h not too small",
            [
                _checks(
                    *(f, x, "[1.0]", "n", np.array([slope])),
                    tolerance=_STATED,
                    says="Your step h is too small. On a straight line a difference is exact but "
                    "for rounding, so this is rounding.",
                )
                # A step of 1e-8 passes the first and is off by 2e-8 on the second.
                for f, x, slope in (("x[0] / 3", "[1.0]", 1 / 3), ("1.1 * x[0]", "[1.9]", 1.1))
            ],
            "f is computed with a relative error of about 1e-16. What is left of it after division "
            "by 2 h?",
        ),
        agrees(
            "n on curves",
            [
                _checks(f, x, gradient, "n", slopes, tolerance=_STATED)
                for f, x, gradient, slopes in _CURVES
            ],
            "Your steps are right on straight lines and around 0. At which two points do you call "
            "f here?",
        ),
        agrees(
            "error",
            [
                *(
                    _checks(f, x, gradient, "error", error, tolerance=_ANY_STEP)
                    for f, x, gradient, error in _ERRORS
                ),
                _checks(
                    *("3e-6 * x[0] + 4e-6 * x[1]", "[0.0, 0.0]", "[3e-6, -4e-6]", "error", 1.6),
                    tolerance=_ANY_STEP,
                    says="Small gradients pass your check even if they are wrong. The error must "
                    "be relative: divided by the size of the gradients.",
                ),
                _checks(
                    *("3 * x[0] + 4 * x[1]", "[0.0, 0.0]", "[3.0, 4.0]", "error", 0.0),
                    tolerance=_STATED,
                    says="This gradient is right, and your error says that it is not.",
                ),
            ],
            "Compute both norms and the norm of the difference by hand, for the example above.",
            "The norm of an array is the root of the sum of all its squared entries. Which of the "
            "two norms is the larger?",
        ),
        agrees(
            "both zero",
            [
                _checks("5.0", "[1.0]", "[0.0]", "error", 0.0),
                _checks("5.0", "[1.0, 2.0]", "[0.0, 0.0]", "error", 0.0),
            ],
            "f is constant, and so are n = 0 and the claimed gradient. What do you divide by?",
            basic=False,
        ),
        inputs_unchanged(
            [
                Program(
                    "n, error = gradient_check(lambda x: x[0] * x[1], x, g)",
                    ["n"],
                    {"x": np.array([0.1, 0.7]), "g": np.array([0.7, 0.1])},
                    tolerance=_STATED,
                ),
                Program(
                    "n, error = gradient_check(lambda x: (x**2).sum(), x, g)",
                    ["n"],
                    {"x": np.array([[0.1, 0.7, 1.3]]), "g": np.array([[0.2, 1.4, 2.6]])},
                    tolerance=_STATED,
                ),
            ],
            "x[k] += h followed by x[k] -= h is rounded twice and may end beside where it began. "
            "And between the two, x is not what its owner thinks. Nudge a copy.",
        ),
    ],
    mistakes=[
        Mistake(
            "all at once",
            "You nudge all entries at once, f(x + h) - f(x - h), and get one number: the sum of "
            "the slopes. Nudge one entry at a time.",
            _with_n(_all_at_once),
        ),
        Mistake(
            "all at once, in an array",
            "All entries of your n are the sum of the slopes: you nudge all entries of x at once.",
            _with_n(lambda f, x, gradient: np.full_like(x, _all_at_once(f, x, gradient))),
        ),
        Mistake(
            "nudges pile up",
            "From the second entry on, the earlier entries are still nudged: each needs a nudge "
            "that is zero everywhere else.",
            _with_n(_piling_up),
        ),
        Mistake(
            "divided by h",
            "Your n is twice the expected one. The two points are 2 h apart.",
            _with_n(lambda f, x, gradient: 2 * _differences(f, x)),
        ),
        Mistake(
            "not divided",
            "Your n is almost 0: it has not been divided by the distance between the two points, "
            "2 h. (Python reads a / 2 * h as (a / 2) * h.)",
            _with_n(lambda f, x, gradient: 2e-5 * _differences(f, x)),
        ),
        Mistake(
            "claimed for measured",
            "Your n is the gradient that was claimed. It is to be measured, by calling f.",
            _with_n(lambda f, x, gradient: gradient),
        ),
        Mistake(
            "flattened",
            "Your n has lost the axes of x. n[k] with k from np.ndindex keeps them.",
            lambda f, x, gradient: (_differences(f, x).ravel(), _gradient_check(f, x, gradient)[1]),
        ),
        Mistake(
            "first axis only",
            "You nudge whole rows of x: x[k] with a single number k is a row. Every entry needs "
            "its own nudge.",
            _with_n(
                lambda f, x, gradient: np.stack(
                    [
                        np.broadcast_to(
                            _differences(f, x)[k].sum() if x.ndim > 1 else _differences(f, x)[k],
                            x.shape[1:],
                        )
                        for k in range(len(x))
                    ]
                )
            ),
        ),
        Mistake(
            "entries counted",
            "Your loop counts the entries of x, and x[k] with a single number k is a row: there "
            "are fewer rows than entries. np.ndindex(x.shape) runs over all places.",
            _with_n(_counting_entries),
        ),
        Mistake(
            "x left out",
            "You call f at h and at -h. The two points are x + h and x - h.",
            _with_n(lambda f, x, gradient: _differences(lambda e: f(e - x), x)),
        ),
        Mistake(
            "exchanged",
            "You return the error first. The order is n, error.",
            lambda f, x, gradient: _gradient_check(f, x, gradient)[::-1],
        ),
        Mistake(
            "absolute",
            "Your error is the norm of the difference, absolute. Divide it by the larger of the "
            "two norms.",
            _with_error(lambda g, n: _norm(g - n)),
        ),
        Mistake(
            "largest difference",
            "Your error is the largest difference of two entries, absolute. Take norms, and "
            "divide by the larger of the two.",
            _with_error(lambda g, n: np.abs(g - n).max()),
        ),
        Mistake(
            "largest difference, divided",
            "You divide the largest difference of two entries. The norm of the difference belongs "
            "there: the root of the sum of the squares.",
            _with_error(lambda g, n: np.abs(g - n).max() / max(_norm(g), _norm(n))),
        ),
        Mistake(
            "entry by entry",
            "You divide each difference by its own entries and take the largest. Then an entry "
            "that is nearly zero decides. Take norms of the whole arrays, and divide once.",
            _with_error(lambda g, n: (np.abs(g - n) / np.maximum(np.abs(g), np.abs(n))).max()),
        ),
        Mistake(
            "by the sum",
            "You divide by the sum of the two norms. Divide by the larger of the two.",
            _with_error(lambda g, n: _norm(g - n) / (_norm(g) + _norm(n))),
        ),
        Mistake(
            "by n",
            "You divide by the norm of n, whichever of the two is larger.",
            _with_error(lambda g, n: _norm(g - n) / _norm(n)),
        ),
        Mistake(
            "by the gradient",
            "You divide by the norm of the claimed gradient, whichever of the two is larger.",
            _with_error(lambda g, n: _norm(g - n) / _norm(g)),
        ),
        Mistake(
            "by the smaller",
            "You divide by the smaller of the two norms.",
            _with_error(lambda g, n: _norm(g - n) / min(_norm(g), _norm(n))),
        ),
        Mistake(
            "squared",
            "Your error is the square of the expected one: the roots are missing in the norms.",
            _with_error(lambda g, n: _relative(g, n) ** 2),
        ),
        Mistake(
            "norms compared",
            "You compare the two norms. A gradient that points elsewhere can be as long; take the "
            "norm of the difference.",
            _with_error(lambda g, n: abs(_norm(g) - _norm(n)) / max(_norm(g), _norm(n))),
        ),
        Mistake(
            "signed",
            "You add up the differences with their signs, and they can cancel. A norm adds up "
            "squares.",
            _with_error(lambda g, n: (g - n).sum() / max(_norm(g), _norm(n))),
        ),
    ],
)
