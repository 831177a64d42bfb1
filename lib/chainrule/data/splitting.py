"""Training and test parts: a class for the four arrays, and a function that draws them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule.arguments import require_generator, require_numbers


class Split(NamedTuple):
    """Inputs and targets, for training and held out.

    Attributes
    ----------
    X_train : array
        Inputs to learn from, one row per example.
    t_train : array
        Their targets.
    X_test : array
        Inputs held out, to measure on once.
    t_test : array
        Their targets.

    Examples
    --------
    >>> X, t = np.arange(4.0), np.array([0, 0, 1, 1])
    >>> Split(X[:3], t[:3], X[3:], t[3:]).X_test
    array([3.])
    """

    X_train: NDArray[Any]
    t_train: NDArray[Any]
    X_test: NDArray[Any]
    t_test: NDArray[Any]


def hold_out(
    X: NDArray[Any],
    t: NDArray[Any],
    *,
    test_size: float = 0.2,
    stratify: bool = False,
    rng: np.random.Generator,
) -> Split:
    """Draw a part of the examples at random and hold it out.

    Split first, then fit everything else, the scaling of the inputs included, on the training part:
    a mean that has seen the test part leaks it. Examples that belong together (the same writer, a
    stretch of one time series) must not be drawn apart; cut a series in time instead.

    Parameters
    ----------
    X, t : array (N, …)
        Inputs and targets, one per example, of any dtype.
    test_size : float
        The share to hold out, in (0, 1); ``round(test_size * N)`` examples.
    stratify : bool
        Hold out the same share of every class of ``t``, up to rounding: a class of few examples may
        be missing in one part.
    rng : numpy.random.Generator

    Returns
    -------
    Split
        Copies, in random order; every example is in exactly one part.

    Raises
    ------
    ValueError
        If the lengths differ, ``test_size`` is outside (0, 1), a part would be empty, or
        ``stratify`` meets targets that are not classes (N,).
    TypeError
        If X or t is not an array, or ``rng`` is not a generator.

    Notes
    -----
    scikit-learn's ``train_test_split`` returns the four in another order. Used from the chapter
    ``regularization`` on, which measures the leak.

    Examples
    --------
    >>> X, t = np.arange(10.0), np.array([0] * 8 + [1] * 2)
    >>> part = hold_out(X, t, test_size=0.5, stratify=True, rng=np.random.default_rng(0))
    >>> np.bincount(part.t_train), np.bincount(part.t_test)
    (array([4, 1]), array([4, 1]))
    """
    for name, a in (("X", X), ("t", t)):
        if not isinstance(a, np.ndarray) or a.ndim == 0:
            raise TypeError(
                f"hold_out: {name} must be an array of examples, got {type(a).__name__}; "
                f"convert it with np.asarray({name})"
            )
    if len(X) != len(t):
        raise ValueError(
            f"hold_out: X has {len(X)} examples but t has {len(t)}; pair them up (X has shape "
            f"{X.shape}, t must have as many rows, but has shape {t.shape})"
        )
    require_numbers("hold_out", "(0, 1)", test_size=test_size)
    require_generator("hold_out", rng)
    if stratify and (t.ndim != 1 or np.issubdtype(t.dtype, np.inexact)):
        raise ValueError(
            f"hold_out: stratify needs one class per example, got t {t.shape} of {t.dtype}"
        )
    held = round(test_size * len(X))
    if held in (0, len(X)):
        raise ValueError(
            f"hold_out: test_size {test_size} of {len(X)} examples leaves {len(X) - held} to train "
            f"on and {held} to test on; neither may be empty"
        )
    order = rng.permutation(len(X))
    if stratify:
        order = order[_evenly(t[order])]
    # Shuffled once more: stratification has put the classes in a regular order.
    test, train = rng.permutation(order[:held]), rng.permutation(order[held:])
    return Split(X[train], t[train], X[test], t[test])


def hold_out_last(X: NDArray[Any], t: NDArray[Any], test_size: int) -> Split:
    """Hold out the last ``test_size`` examples, for data whose order was settled once."""
    return Split(X[:-test_size], t[:-test_size], X[-test_size:], t[-test_size:])


def _evenly(t: NDArray[Any]) -> NDArray[np.intp]:
    """Return an order in which any stretch from the start has every class in its share.

    The i-th of the m examples of a class is put at (i + ½) / m of the way.
    """
    _, k, sizes = np.unique(t, return_inverse=True, return_counts=True)
    place = np.empty(len(t))
    for j, m in enumerate(sizes):
        place[k == j] = (np.arange(m) + 0.5) / m
    return np.argsort(place, kind="stable")
