"""How good a classifier is: what it confuses, whether its confidence is earned, and its ROC."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from chainrule.functional.contract import Array
from chainrule.plotting.arguments import as_numbers, require_named
from chainrule.plotting.style import BLUE, GRAY, INK_TINT, LINE_STYLES, PALETTE, ink


def draw_confusion(ax: Axes, t: ArrayLike, predicted: ArrayLike) -> None:
    """Draw how often each class was taken for each other one; right answers are left out.

    Parameters
    ----------
    ax : matplotlib Axes
    t : integer array (N,)
        True classes, one row each.
    predicted : integer array (N,)
        Predicted classes, one column each.

    Raises
    ------
    ValueError
        If there are no examples, not as many predictions, or a class is negative.
    TypeError
        If the classes are no integers.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from chainrule.plotting import draw_confusion
    >>> figure, ax = plt.subplots()
    >>> draw_confusion(ax, np.array([0, 1, 1, 1]), np.array([0, 1, 0, 0]))
    >>> [(text.get_text(), text.get_position()) for text in ax.texts]
    [('2', (0, 1))]
    >>> plt.close(figure)
    """
    t = as_numbers("draw_confusion", "t", t, None)
    predicted = as_numbers("draw_confusion", "predicted", predicted, None)
    if t.ndim != 1 or t.shape != predicted.shape or not len(t):
        raise ValueError(
            f"draw_confusion: takes classes (N,) and predictions (N,) with N at least 1, "
            f"got {t.shape} and {predicted.shape}"
        )
    if t.dtype.kind not in "iu" or predicted.dtype.kind not in "iu":
        raise TypeError(
            f"draw_confusion: classes must be integers, got dtypes {t.dtype} and "
            f"{predicted.dtype}; from scores take scores.argmax(1)"
        )
    if min(t.min(), predicted.min()) < 0:
        raise ValueError(
            f"draw_confusion: classes are counted from 0, got {min(t.min(), predicted.min())}"
        )
    classes = int(max(t.max(), predicted.max())) + 1
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (t, predicted), 1)
    np.fill_diagonal(counts, 0)
    ax.imshow(ink(counts, full=INK_TINT))
    for true, guess in np.argwhere(counts).tolist():
        ax.text(guess, true, str(counts[true, guess]), ha="center", va="center", fontsize="small")
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.set_xticks(range(classes))
    ax.set_yticks(range(classes))
    ax.grid(False)


def draw_reliability(
    ax: Axes, confidence: ArrayLike, correct: ArrayLike, *, bins: int = 10
) -> float:
    """Draw how often a classifier is right against how sure it says it is; return the gap.

    The examples are sorted into bins of equal width by confidence. Each bin that is not empty is
    a point, larger for more examples. On the diagonal, confidence is earned.

    Parameters
    ----------
    ax : matplotlib Axes
    confidence : array (N,)
        The probability given to the predicted class, or to class 1 of two.
    correct : array (N,)
        Whether the prediction is right, or the class is 1.
    bins : int

    Returns
    -------
    float
        The expected calibration error: the mean over examples of the distance between the accuracy
        and the mean confidence of their bin (Guo, Pleiss, Sun & Weinberger, 2017, equation 3).

    Raises
    ------
    ValueError
        If the arrays do not match or are empty, a confidence is not between 0 and 1, or there is
        no bin.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import draw_reliability
    >>> figure, ax = plt.subplots()
    >>> draw_reliability(ax, [0.75, 0.75, 0.75, 0.75], [True, True, False, False])
    0.25
    >>> plt.close(figure)
    """
    p = as_numbers("draw_reliability", "confidence", confidence)
    right = as_numbers("draw_reliability", "correct", correct)
    _require_pairs("draw_reliability", "confidence", p, "correct", right)
    if not (p.min() >= 0 and p.max() <= 1):
        raise ValueError(
            "draw_reliability: confidence must lie between 0 and 1, got "
            f"{p.min():.3g} to {p.max():.3g}; take probabilities, not logits"
        )
    if bins < 1:
        raise ValueError(f"draw_reliability: bins must be at least 1, got {bins}")
    of_bin = np.minimum((p * bins).astype(int), bins - 1)
    counts = np.bincount(of_bin, minlength=bins)
    filled = counts > 0
    counts = counts[filled]
    mean_confidence = np.bincount(of_bin, p, bins)[filled] / counts
    accuracy = np.bincount(of_bin, right, bins)[filled] / counts
    ax.plot([0, 1], [0, 1], ":", color=GRAY, label="_earned", linewidth=1.2)
    ax.vlines(mean_confidence, mean_confidence, accuracy, color=BLUE, linewidth=1)
    ax.scatter(mean_confidence, accuracy, 12 + 150 * counts / counts.max(), color=BLUE, zorder=3)
    ax.set(xlabel="confidence", ylabel="share that is right", xlim=(-0.04, 1.04))
    ax.set(ylim=(-0.04, 1.04), aspect="equal")
    return float(counts @ np.abs(accuracy - mean_confidence) / len(p))


def draw_roc(ax: Axes, scores: Mapping[str, ArrayLike], t: ArrayLike) -> dict[str, float]:
    """Draw the true positive rate against the false positive rate over all thresholds.

    Parameters
    ----------
    ax : matplotlib Axes
    scores : mapping of name to array (N,)
        At most six detectors. Higher is more likely of class 1; equal scores share a threshold.
    t : array (N,)
        Classes 0 and 1.

    Returns
    -------
    dict of str to float
        The area under each curve: how often a random example of class 1 has a higher score than a
        random one of class 0; equal scores count one half (Hanley & McNeil, 1982). The legend
        says it too.

    Raises
    ------
    ValueError
        If there are no detectors or more than six, the arrays do not match, a score is NaN, or one
        of the classes is missing.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import draw_roc
    >>> figure, ax = plt.subplots()
    >>> draw_roc(ax, {"network": [0.1, 0.4, 0.35, 0.8]}, [0, 0, 1, 1])
    {'network': 0.75}
    >>> plt.close(figure)
    """
    require_named("draw_roc", scores=scores)
    if not 1 <= len(scores) <= len(PALETTE):
        raise ValueError(f"draw_roc: takes 1 to {len(PALETTE)} detectors, got {len(scores)}")
    classes = np.asarray(t)
    found = np.unique(classes).tolist()
    if found != [0, 1]:
        raise ValueError(f"draw_roc: t must hold the classes 0 and 1, both, got {found[:5]}")
    curves = {name: _roc(name, score, classes) for name, score in scores.items()}
    areas = {name: float(np.trapezoid(y, x)) for name, (x, y) in curves.items()}
    ax.plot([0, 1], [0, 1], ":", color=GRAY, label="_chance", linewidth=1.2)
    for i, (name, (false_rate, true_rate)) in enumerate(curves.items()):
        label = f"{name}: area {areas[name]:.3f}"
        ax.plot(false_rate, true_rate, color=PALETTE[i], linestyle=LINE_STYLES[i], label=label)
    ax.set(xlabel="false positive rate", ylabel="true positive rate")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    ax.legend(loc="lower right")  # all curves end in the upper right
    return areas


def _roc(name: str, scored: ArrayLike, classes: Array) -> tuple[Array, Array]:
    """The false and the true positive rate at each threshold, from none to all."""
    scores = as_numbers("draw_roc", f"scores of {name!r}", scored)
    _require_pairs("draw_roc", f"scores of {name!r}", scores, "t", classes)
    if np.isnan(scores).any():
        raise ValueError(f"draw_roc: {np.isnan(scores).sum()} scores of {name!r} are NaN")
    order = np.argsort(-scores, kind="stable")
    in_order = scores[order]
    last_of_equals = np.append(np.flatnonzero(in_order[1:] != in_order[:-1]), len(scores) - 1)
    positive = classes[order] == 1
    rates = []
    for found in (~positive, positive):
        counts = np.cumsum(found)
        rates.append(np.insert(counts[last_of_equals] / counts[-1], 0, 0.0))
    return rates[0], rates[1]


def _require_pairs(function: str, first: str, a: Array, second: str, b: Array) -> None:
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(
            f"{function}: {first} and {second} must have one shape (N,) with N at least 1, "
            f"got {a.shape} and {b.shape}"
        )
