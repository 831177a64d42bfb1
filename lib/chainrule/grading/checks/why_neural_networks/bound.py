"""The mistake bound: the margin of a direction, the longest example, and what they promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    leaves_inputs_alone,
    refuses,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import exchanged, instead
from chainrule.grading.search import Arrays, Case, Fill, ones, real_numbers, whole_numbers

_CLOSEST = 0.05  # to the border, as a part of the length of an example


class _Separated(Arrays):
    """Examples with a last feature of 1, a direction, and the classes that it gives them."""

    @cached_property
    def _cases(self) -> list[Case]:
        sizes = [{"n": n, "d+1": width} for n in (1, 2, 3) for width in (1, 2, 3)]
        sizes.sort(key=self._entries)
        filled = [self.filled(s, fill) for s in sizes for fill in (ones, whole_numbers)]
        return [case for case in filled if _is_separated(case)] + self._probes

    @cached_property
    def _probes(self) -> list[Case]:
        chosen = [(2, 3), (3, 2), (4, 2), (3, 3), (4, 5), (6, 4)]
        return [self.filled({"n": n, "d+1": width}, real_numbers) for n, width in chosen]

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        case = super().filled(sizes, fill)
        case["X"][:, -1] = 1.0
        return case | {"t": np.where(case["X"] @ case["u"] > 0, 1.0, -1.0)}

    def simpler(self, case: Case) -> Iterator[Case]:
        for simple in super().simpler(case):
            hatted = (simple["X"][:, -1] == 1).all()
            if hatted and (abs(simple["t"]) == 1).all() and _is_separated(simple):
                yield simple


def _is_separated(case: Case) -> bool:
    lengths = _lengths(case["X"]) * np.linalg.norm(case["u"])
    return bool((case["t"] * (case["X"] @ case["u"]) > _CLOSEST * lengths).all())


def _lengths(X: Array) -> Array:
    return np.asarray(np.sqrt((X**2).sum(1)))


def _bound(X: Array, t: Array, u: Array) -> Mapping[str, Array]:
    gamma = (t * (X @ u)).min() / np.sqrt((u**2).sum())
    R = _lengths(X).max()
    return {"gamma": np.asarray(gamma), "R": np.asarray(R), "bound": np.asarray((R / gamma) ** 2)}


def _size(X: Array, t: Array, u: Array) -> Mapping[str, Array]:
    """The score of an example can be off by a part of what is added up, and gamma with it."""
    exact = _bound(X, t, u)
    gamma = (abs(X) @ abs(u)).max() / np.sqrt((u**2).sum())
    return {
        "gamma": np.asarray(gamma),
        "R": exact["R"],
        "bound": exact["bound"] * (2 + 2 * gamma / exact["gamma"]),
    }


def _unfit() -> list[Case]:
    """Directions that do not separate, or only just not."""
    X = np.array([[0.0, 1.0], [2.0, 1.0]])
    t = np.array([-1.0, 1.0])
    directions = ([-1.0, 1.0], [1.0, 0.0], [1.0, -2.0], [0.0, 0.0])
    return [{"X": X, "t": t, "u": np.array(u)} for u in directions]


def _why(case: Case) -> str:
    wrong = int(np.argmax(case["t"] * (case["X"] @ case["u"]) <= 0))
    margin = case["t"][wrong] * (case["X"][wrong] @ case["u"])
    return f"t[{wrong}] * (X[{wrong}] @ u) is {margin + 0.0:g}, and it must be positive"


def _over(X: Array, t: Array, u: Array) -> Array:
    return t * (X @ u) / np.linalg.norm(u)


MISTAKE_BOUND = Function(
    "why-neural-networks.mistake_bound",
    _Separated({"X": "n d+1", "t": "n", "u": "d+1"}),
    returns={"gamma": "", "R": "", "bound": ""},
    truth=_bound,
    magnitude=_size,
    checks=[
        shapes(
            "X is (n, d + 1), u is (d + 1,) and t is (n,). Write the shape of each product beside "
            "your lines. At the end, three single numbers are returned: gamma, R, bound.",
            "X @ u has a score for each example, and so does t times that: shape (n,).",
        ),
        values(
            "gamma",
            "For each example above compute t times its score. Which of these numbers is the "
            "margin, and what does the length of u do to it?",
            "The margin belongs to a direction of length 1. What do you have to divide u by?",
            "gamma is the smallest of t_i * (u @ x_i), for the u of length 1.",
        ),
        values(
            "R",
            "Which example is the longest, and how long is it? Compute the root of the sum of its "
            "squares.",
            "There is a length for each row of X, and R is the largest of these. The constant "
            "feature counts.",
        ),
        values(
            "bound",
            "Put your gamma and your R into the bound of the chapter.",
            "M gamma <= sqrt(M) R. Divide by sqrt(M) gamma, and square.",
        ),
        refuses(
            "refuses bad directions",
            _unfit(),
            "ValueError",
            _why,
            "What must be true of every t_i * (u @ x_i)? What does it mean if one is 0?",
            "Before you divide by anything: if not (...).all(): raise ValueError(...).",
        ),
        strided(),
        leaves_inputs_alone(
            "u = u / length makes a new array; u /= length writes into that of your caller."
        ),
    ],
    mistakes=[
        exchanged(
            {"gamma": "R", "R": "gamma"},
            "You return R where gamma belongs and gamma where R belongs.",
        ),
        instead(
            "u as it is",
            "gamma",
            lambda X, t, u: (t * (X @ u)).min(),
            "You take u as long as it is. Twice u would have twice this margin; divide by the "
            "length of u.",
        ),
        instead(
            "by the square",
            "gamma",
            lambda X, t, u: (t * (X @ u)).min() / (u @ u),
            "You divide by the square of the length of u. The root is missing.",
        ),
        instead(
            "no classes",
            "gamma",
            lambda X, t, u: (X @ u).min() / np.linalg.norm(u),
            "You take the smallest score. A score counts with its class: for class -1 it must be "
            "negative.",
        ),
        instead(
            "largest",
            "gamma",
            lambda X, t, u: _over(X, t, u).max(),
            "You take the largest of the margins. The promise has to hold for the worst example.",
        ),
        instead(
            "mean",
            "gamma",
            lambda X, t, u: _over(X, t, u).mean(),
            "You take the mean of the margins. The promise has to hold for the worst example.",
        ),
        instead(
            "sum",
            "gamma",
            lambda X, t, u: _over(X, t, u).sum(),
            "You add up the margins of all examples. gamma is the smallest one.",
        ),
        instead(
            "first",
            "gamma",
            lambda X, t, u: _over(X, t, u)[0],
            "You take the margin of the first example. gamma is the smallest one.",
        ),
        instead(
            "angles",
            "gamma",
            lambda X, t, u: (_over(X, t, u) / _lengths(X)).min(),
            "You divide each score by the length of its example, too. Only u is scaled to length "
            "1; the length of the examples comes in through R.",
        ),
        instead(
            "squared R",
            "R",
            lambda X, t, u: (X**2).sum(1).max(),
            "Your R is the square of the length. The root is missing.",
        ),
        instead(
            "largest entry",
            "R",
            lambda X, t, u: abs(X).max(),
            "Your R is the largest entry of X. The length of an example is the root of the sum of "
            "its squares.",
        ),
        instead(
            "norm of the matrix",
            "R",
            lambda X, t, u: np.linalg.norm(X),
            "Your R is one length for all of X. np.linalg.norm takes the rows one by one with "
            "axis=1.",
        ),
        instead(
            "columns",
            "R",
            lambda X, t, u: np.linalg.norm(X, axis=0).max(),
            "You take the lengths of the columns. An example is a row.",
        ),
        instead(
            "sums of entries",
            "R",
            lambda X, t, u: abs(X).sum(1).max(),
            "You add up absolute values. A length is the root of the sum of squares.",
        ),
        instead(
            "shortest",
            "R",
            lambda X, t, u: _lengths(X).min(),
            "Your R is the length of the shortest example.",
        ),
        instead(
            "mean length",
            "R",
            lambda X, t, u: _lengths(X).mean(),
            "Your R is the mean length. One long example can spoil any promise about the mean.",
        ),
        instead(
            "no constant feature",
            "R",
            lambda X, t, u: _lengths(X[:, :-1]).max(),
            "You leave out the last feature. The perceptron adds it to its weights like the "
            "others, so it counts.",
        ),
        instead(
            "not squared",
            "bound",
            lambda X, t, u: _bound(X, t, u)["R"] / _bound(X, t, u)["gamma"],
            "Your bound is R / gamma. It is the square of that.",
        ),
        instead(
            "upside down",
            "bound",
            lambda X, t, u: (_bound(X, t, u)["gamma"] / _bound(X, t, u)["R"]) ** 2,
            "Your bound is (gamma / R)**2, upside down: a wider margin must make it smaller.",
        ),
        instead(
            "only gamma squared",
            "bound",
            lambda X, t, u: _bound(X, t, u)["R"] / _bound(X, t, u)["gamma"] ** 2,
            "You square gamma, but not R. Multiply X by 10: the bound must stay what it is.",
        ),
        instead(
            "only R squared",
            "bound",
            lambda X, t, u: _bound(X, t, u)["R"] ** 2 / _bound(X, t, u)["gamma"],
            "You square R, but not gamma. Multiply X by 10: the bound must stay what it is.",
        ),
        instead(
            "times n",
            "bound",
            lambda X, t, u: len(X) * _bound(X, t, u)["bound"],
            "You multiply by the number of examples. The bound does not contain it: it holds for "
            "all passes together, over any number of examples.",
        ),
    ],
)
