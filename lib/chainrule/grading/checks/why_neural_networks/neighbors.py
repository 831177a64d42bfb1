"""Find the bug: a nearest neighbor that scales new examples by themselves."""

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
from chainrule.grading.misconceptions import Misconception, instead
from chainrule.grading.search import Arrays, Case, Fill, real_numbers, whole_numbers

# A mistake may choose another neighbor, and rounding must not: the nearest is nearer than the next
# by this, and never at no distance at all, where the root magnifies what rounding leaves.
_CLEAR = 0.05


class _Neighbors(Arrays):
    """Stored examples of which no feature is constant, their classes, and new examples."""

    @cached_property
    def _cases(self) -> list[Case]:
        sizes = [{"n": n, "d": d, "m": m} for n in (2, 3, 4) for d in (1, 2) for m in (1, 2, 3)]
        sizes.sort(key=self._entries)
        filled = [self.filled(s, whole_numbers) for s in sizes]
        return [case for case in filled if _is_clear(case)] + self._probes

    @cached_property
    def _probes(self) -> list[Case]:
        chosen = [(3, 2, 4), (4, 3, 2), (4, 4, 4), (5, 2, 3), (3, 3, 5), (6, 4, 3), (7, 3, 6)]
        filled = [self.filled({"n": n, "d": d, "m": m}, real_numbers) for n, d, m in chosen]
        return [case for case in filled if _is_clear(case)]

    def filled(self, sizes: Mapping[str, int], fill: Fill) -> Case:
        case = super().filled(sizes, fill)
        # Features of different sizes and places, so that scaling matters.
        widths, places = 1.0 + 2 * np.arange(sizes["d"]), 3.0 * np.arange(sizes["d"])
        for name in ("X_train", "X_new"):
            case[name] = case[name] * widths + places
        return case | {"t_train": (7 * np.arange(sizes["n"]) + 4) % 10}

    def simpler(self, case: Case) -> Iterator[Case]:
        for simple in super().simpler(case):
            if _is_clear(simple):
                yield simple | {"t_train": simple["t_train"].astype(int)}


def _is_clear(case: Case) -> bool:
    X_train, X_new = case["X_train"], case["X_new"]
    if len(X_train) < 2 or (X_train.std(0) < _CLEAR).any():
        return False
    found = np.sort(_distances(X_train, X_new, X_train.mean(0), X_train.std(0)), axis=1)
    return bool((found[:, 0] > _CLEAR).all() and (found[:, 1] - found[:, 0] > _CLEAR).all())


def _distances(X_train: Array, X_new: Array, center: Any, width: Any) -> Array:
    """From each new example to each stored one, both scaled alike: (m, n)."""
    A, A_new = (X_train - center) / width, (X_new - center) / width
    return np.asarray(np.sqrt(((A_new[:, None] - A) ** 2).sum(2)))


def _nearest(X_train: Array, t_train: Array, X_new: Array) -> Mapping[str, Array]:
    found = _distances(X_train, X_new, X_train.mean(0), X_train.std(0))
    return {"t_new": t_train[found.argmin(1)], "distance": found.min(1)}


def _size(X_train: Array, t_train: Array, X_new: Array) -> Mapping[str, Array]:
    """What is subtracted, in units of the width; squared and multiplied out, if they wish."""
    center, width = abs(X_train).mean(0), X_train.std(0)
    largest = (abs(X_train).max(0) + abs(X_new).max(0) + 2 * center) / width
    spreading = 1 + (largest * abs(X_train).max(0) / width).max()  # of rounding in the width
    distance = _nearest(X_train, t_train, X_new)["distance"]
    return {"t_new": np.ones(len(X_new)), "distance": spreading * (largest**2).sum() / distance}


def _scaled_by(
    name: str, center: Callable[..., Any], width: Callable[..., Any], says: str
) -> Misconception:
    """Both parts are scaled alike, by something else."""

    def wrong(X_train: Array, t_train: Array, X_new: Array) -> Array:
        found = _distances(X_train, X_new, center(X_train, X_new), width(X_train, X_new))
        return np.asarray(found.min(1))

    return instead(name, "distance", wrong, says)


def _each_by_itself(X_train: Array, t_train: Array, X_new: Array, guard: float = 0.0) -> Array:
    A = (X_train - X_train.mean(0)) / X_train.std(0)
    A_new = (X_new - X_new.mean(0)) / (X_new.std(0) + guard)
    return np.asarray(np.sqrt(((A_new[:, None] - A) ** 2).sum(2)).min(1))


def _new_as_they_are(X_train: Array, t_train: Array, X_new: Array) -> Array:
    A = (X_train - X_train.mean(0)) / X_train.std(0)
    return np.asarray(np.sqrt(((X_new[:, None] - A) ** 2).sum(2)).min(1))


def _by_example(X_train: Array, t_train: Array, X_new: Array) -> Array:
    A, A_new = ((X - X.mean(1, keepdims=True)) / X.std(1, keepdims=True) for X in (X_train, X_new))
    return np.asarray(np.sqrt(((A_new[:, None] - A) ** 2).sum(2)).min(1))


def _turned_around(X_train: Array, t_train: Array, X_new: Array) -> Mapping[str, Array]:
    found = _distances(X_train, X_new, X_train.mean(0), X_train.std(0))
    return {"t_new": t_train[found.argmin(0)], "distance": found.min(0)}


def _stacked(X_train: Array, X_new: Array) -> Array:
    return np.vstack([X_train, X_new])


NEAREST_CLASS = Function(
    "why-neural-networks.nearest_class",
    _Neighbors({"X_train": "n d", "t_train": "n", "X_new": "m d"}),
    returns={"t_new": "m", "distance": "m"},
    truth=_nearest,
    magnitude=_size,
    checks=[
        shapes(
            "One class and one distance for each new example: both have shape (m,), also if m is 1."
        ),
        values(
            "distance",
            "Ask about a single new example, and about the same one in company of others. By what "
            "is it divided in each case?",
            "How far is a stored example from itself? Ask your function about some of X_train.",
            "What was learned from the training part stays as it is: its means and its standard "
            "deviations serve for every example, old or new.",
        ),
        values(
            "t_new",
            "The distances are right. Which stored example is each of them to, and what is its "
            "class?",
            "argmin(axis=1) gives the number of a row of X_train; t_train knows its class.",
        ),
        strided(),
        leaves_inputs_alone(
            "X -= X.mean(axis=0) writes into the array of your caller; X - X.mean(axis=0) makes "
            "a new one."
        ),
    ],
    mistakes=[
        instead(
            "as it was",
            "distance",
            _each_by_itself,
            "This is what the code did already: new examples are scaled by their own mean and "
            "standard deviation, so each answer depends on who else is asked about.",
        ),
        instead(
            "as it was, guarded",
            "distance",
            lambda X_train, t_train, X_new: _each_by_itself(X_train, t_train, X_new, 1e-8),
            "The small number keeps the division from failing. But new examples are still scaled "
            "by their own mean and standard deviation, so each answer depends on who else is "
            "asked about.",
        ),
        instead(
            "new not scaled",
            "distance",
            _new_as_they_are,
            "The stored examples are scaled and the new ones are not. Both must be measured with "
            "the same ruler.",
        ),
        _scaled_by(
            "pooled",
            lambda X, X_new: _stacked(X, X_new).mean(0),
            lambda X, X_new: _stacked(X, X_new).std(0),
            "You scale by the mean and the standard deviation of old and new examples together. "
            "The answer to one question still depends on the others that are asked.",
        ),
        _scaled_by(
            "not scaled",
            lambda X, X_new: 0.0,
            lambda X, X_new: 1.0,
            "You do not divide by the standard deviations, so a feature counts for more the "
            "larger its numbers are.",
        ),
        _scaled_by(
            "by the new",
            lambda X, X_new: X_new.mean(0),
            lambda X, X_new: X_new.std(0),
            "You scale everything by the new examples. Scale by the stored ones: those are known "
            "before any question is asked.",
        ),
        _scaled_by(
            "one width",
            lambda X, X_new: X.mean(),
            lambda X, X_new: X.std(),
            "You divide by one standard deviation of all numbers. Each feature, each column, has "
            "its own: axis=0.",
        ),
        _scaled_by(
            "variance",
            lambda X, X_new: X.mean(0),
            lambda X, X_new: X.var(0),
            "You divide by the variance. The standard deviation is its root.",
        ),
        _scaled_by(
            "ddof",
            lambda X, X_new: X.mean(0),
            lambda X, X_new: X.std(0, ddof=1),
            "Your standard deviation has n - 1 in its denominator (ddof=1). The code you were "
            "given has n, NumPy's default; keep it.",
        ),
        instead(
            "each example",
            "distance",
            _by_example,
            "You scale each example, each row, by its own mean and standard deviation. A feature "
            "is a column of X_train: axis=0.",
        ),
        instead(
            "not rooted",
            "distance",
            lambda X_train, t_train, X_new: _nearest(X_train, t_train, X_new)["distance"] ** 2,
            "Your distance is squared: the root is missing.",
        ),
        instead(
            "farthest",
            "distance",
            lambda X_train, t_train, X_new: _distances(
                X_train, X_new, X_train.mean(0), X_train.std(0)
            ).max(1),
            "You return the distance to the farthest stored example.",
        ),
        Misconception(
            "the other way around",
            None,
            "You look for the new example that is nearest to each stored one. Which axis of your "
            "table of distances has the stored ones?",
            lambda probe: _turned_around(**probe.case),
        ),
        instead(
            "numbers for classes",
            "t_new",
            lambda X_train, t_train, X_new: _distances(
                X_train, X_new, X_train.mean(0), X_train.std(0)
            ).argmin(1),
            "You return the number of the nearest example. Its class is asked for, which t_train "
            "knows.",
        ),
        instead(
            "class of the farthest",
            "t_new",
            lambda X_train, t_train, X_new: t_train[
                _distances(X_train, X_new, X_train.mean(0), X_train.std(0)).argmax(1)
            ],
            "You return the class of the farthest stored example.",
        ),
        instead(
            "classes in order",
            "t_new",
            lambda X_train, t_train, X_new: (
                t_train[: len(X_new)] if len(X_new) <= len(t_train) else np.zeros(0)
            ),
            "You return the first classes of t_train, whatever the distances are.",
        ),
    ],
)
