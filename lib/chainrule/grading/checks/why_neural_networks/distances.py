"""The concentration of distances: how far the squared distances of points spread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.grading.exercises import (
    Array,
    Function,
    leaves_inputs_alone,
    shapes,
    strided,
    values,
)
from chainrule.grading.misconceptions import Misconception, divided, exchanged, instead
from chainrule.grading.search import Arrays, Case, ones, real_numbers, whole_numbers

_LEAST = 0.05  # spread: the square root of a variance near 0 magnifies rounding


class _Points(Arrays):
    """Three points or more, whose distances are not all the same."""

    @cached_property
    def _cases(self) -> list[Case]:
        sizes = [{"n": n, "d": d} for n in (3, 4) for d in (1, 2, 3)]
        sizes.sort(key=self._entries)
        filled = [self.filled(s, fill) for s in sizes for fill in (ones, whole_numbers)]
        return [case for case in filled if _is_spread(case)] + self._probes

    @cached_property
    def _probes(self) -> list[Case]:
        chosen = [(3, 2), (3, 3), (4, 2), (4, 4), (5, 3), (6, 8)]
        return [self.filled({"n": n, "d": d}, real_numbers) for n, d in chosen]

    def simpler(self, case: Case) -> Iterator[Case]:
        for simple in super().simpler(case):
            if _is_spread(simple):
                yield simple


def _is_spread(case: Case) -> bool:
    if len(case["X"]) < 3:
        return False
    found = _pairs(case["X"])
    return bool(found.max() > 0 and found.std() > _LEAST * found.mean())


def _pairs(X: Array) -> Array:
    """The squared distances of all pairs, each pair once."""
    n = len(X)
    return np.array([((X[i] - X[m]) ** 2).sum() for i in range(n) for m in range(i + 1, n)])


def _both(squares: Array) -> Mapping[str, Array]:
    average = squares.mean()
    return {"average": np.asarray(average), "spread": np.asarray(squares.std() / average)}


def _size(X: Array) -> Mapping[str, Array]:
    """Bounds that hold as well for squares multiplied out, and a variance as mean of squares."""
    exact = _both(_pairs(X))
    lengths = np.sqrt((X**2).sum(1))
    largest = (2 * lengths.max()) ** 2
    relative = largest / exact["average"]
    return {
        "average": np.asarray(largest),
        "spread": relative * (1 + exact["spread"] + relative / exact["spread"]),
    }


def _average(name: str, formula: Callable[[Array], Any], says: str) -> Misconception:
    return instead(name, "average", formula, says)


def _spread(name: str, formula: Callable[[Array], Any], says: str) -> Misconception:
    """A wrong formula of the squared distances of all pairs."""
    return instead(name, "spread", lambda X: formula(_pairs(X)), says)


def _with_itself(X: Array) -> Array:
    return np.asarray(((X[:, None] - X) ** 2).sum(2))


DISTANCE_SPREAD = Function(
    "why-neural-networks.distance_spread",
    _Points({"X": "n d"}),
    returns={"average": "", "spread": ""},
    truth=lambda X: _both(_pairs(X)),
    magnitude=_size,
    checks=[
        shapes(
            "The rows of X are points. What is the shape of the difference of two of them, and of "
            "its squares' sum? At the end two single numbers are returned: average, spread."
        ),
        values(
            "average",
            "How many pairs of different points are there above? Compute the squared distance of "
            "each by hand, and their mean.",
            "With n points there are n (n - 1) / 2 pairs. A point and itself are no pair.",
            "For i in range(n), for m in range(i + 1, n): collect ((X[i] - X[m])**2).sum().",
        ),
        values(
            "spread",
            "Which numbers are spread here, and around which mean? List them for the points above.",
            "It is the standard deviation of the squared distances, divided by their mean.",
            "np.std of the list of squared distances, without a further argument, over np.mean.",
        ),
        strided(),
        leaves_inputs_alone(),
    ],
    mistakes=[
        exchanged(
            {"average": "spread", "spread": "average"},
            "The two results are exchanged: average comes first.",
        ),
        _average(
            "not squared",
            lambda X: np.sqrt(_pairs(X)).mean(),
            "You average the distances. Their squares are asked for: leave the root out.",
        ),
        _average(
            "root of the mean",
            lambda X: np.sqrt(_pairs(X).mean()),
            "You take the root of the mean. The squares are what is asked for.",
        ),
        _average(
            "with itself",
            lambda X: _with_itself(X).mean(),
            "You count each point's distance to itself, which is 0. Only pairs of different points "
            "count.",
        ),
        _average(
            "not squared, with itself",
            lambda X: np.sqrt(_with_itself(X)).mean(),
            "You average distances where their squares are asked for, and you count each point's "
            "distance to itself.",
        ),
        _average(
            "over the points",
            lambda X: ((X[:, None] - X) ** 2).sum(1).mean(),
            "You add up over the points. A squared distance is the sum over the features, the "
            "last axis of X[:, None] - X.",
        ),
        _average(
            "sum",
            lambda X: _pairs(X).sum(),
            "Your average is the sum over all pairs; divide by their number.",
        ),
        _average(
            "by the points",
            lambda X: _pairs(X).sum() / len(X),
            "You divide by {n}, the number of points. The mean is over pairs, of which there are "
            "n (n - 1) / 2.",
        ),
        divided(
            "average",
            "d",
            "the number of features",
            "a squared distance is the sum over the features",
        ),
        _average(
            "neighbors",
            lambda X: (np.diff(X, axis=0) ** 2).sum(1).mean(),
            "You compare each row with the next one only. All pairs count.",
        ),
        _average(
            "from the first",
            lambda X: ((X[1:] - X[0]) ** 2).sum(1).mean(),
            "You take the distances from the first point only. All pairs count.",
        ),
        _average(
            "from the center",
            lambda X: ((X - X.mean(0)) ** 2).sum(1).mean(),
            "You take the distances from the mean of all points. Those between the points are "
            "asked for.",
        ),
        _average(
            "columns",
            lambda X: _pairs(X.T).mean(),
            "You compare the columns of X. A point is a row.",
        ),
        _average(
            "absolute values",
            lambda X: abs(X[:, None] - X).sum(2)[np.triu_indices(len(X), 1)].mean(),
            "You add up absolute differences. Square each of them first.",
        ),
        _spread(
            "variance",
            lambda q: q.var() / q.mean(),
            "You divide the variance by the mean. The standard deviation is its root.",
        ),
        _spread(
            "relative variance",
            lambda q: q.var() / q.mean() ** 2,
            "Your spread is the square of the expected one: the root of the variance is missing.",
        ),
        _spread(
            "not relative",
            lambda q: q.std(),
            "Your spread is the standard deviation itself. It is asked for as a fraction of the "
            "mean.",
        ),
        _spread(
            "upside down",
            lambda q: q.mean() / q.std(),
            "Your spread is upside down: divide the standard deviation by the mean.",
        ),
        _spread(
            "ddof",
            lambda q: q.std(ddof=1) / q.mean(),
            "You estimate a standard deviation from a sample, with one pair fewer in the "
            "denominator. Here it is that of these very pairs: np.std without ddof.",
        ),
        _spread(
            "of the distances",
            lambda q: np.sqrt(q).std() / np.sqrt(q).mean(),
            "Your spread is that of the distances. Take that of their squares.",
        ),
        _spread(
            "by the largest",
            lambda q: q.std() / q.max(),
            "You divide by the largest squared distance. Divide by the mean.",
        ),
        instead(
            "spread with itself",
            "spread",
            lambda X: _with_itself(X).std() / _with_itself(X).mean(),
            "Your spread counts each point's distance to itself, which is 0. Only pairs of "
            "different points count.",
        ),
        instead(
            "theory",
            "spread",
            lambda X: np.sqrt(7 / (5 * X.shape[1])),
            "That is the spread to be expected of random points in a cube, sqrt(7 / (5 d)). Here "
            "it is to be measured, on the points in X.",
        ),
    ],
)
