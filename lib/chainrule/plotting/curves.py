"""Curves: several runs with their spread, and the history of one training run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from chainrule.arguments import require_instance
from chainrule.functional.contract import Array
from chainrule.plotting.arguments import as_numbers, require_named
from chainrule.plotting.labels import label_lines
from chainrule.plotting.style import BLUE, GRAY, LINE_STYLES, PALETTE, VERMILION
from chainrule.training import History

SPREADS = {
    "range": "mean, lowest and highest",
    "quartiles": "median and quartiles",
    "std": "mean ± standard deviation",
}


def draw_curves(
    ax: Axes,
    curves: Mapping[str, ArrayLike],
    x: ArrayLike | None = None,
    *,
    spread: Literal["range", "quartiles", "std"] = "range",
) -> None:
    """Draw curves, each as a line and, for several runs, a band; labels stand at their ends.

    A legend says what line and band are and of how many runs. Where a run is not finite, the line
    stops: a mean over the runs that survived would flatter.

    Parameters
    ----------
    ax : matplotlib Axes
        Set its scales, limits and labels before or after.
    curves : mapping of label to array (runs, T) or (T,)
        At most six.
    x : array (T,), optional
        By default 0, 1, …, T − 1.
    spread : {"range", "quartiles", "std"}
        Whether the line is the mean and the band goes from the lowest to the highest run, the line
        is the median and the band goes from the first to the third quartile, or the line is the
        mean and the band one standard deviation (of the sample, n − 1) to each side.

    Raises
    ------
    ValueError
        If there are no curves or more than six, one has no finite value, the shapes do not fit, or
        the spread is none of these.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import draw_curves
    >>> figure, ax = plt.subplots()
    >>> draw_curves(ax, {"SGD": [[3, 2, 1], [5, 4, 3]], "Adam": [[3, 1, 0], [1, 1, 0]]})
    >>> [line.get_ydata().tolist() for line in ax.get_lines()]
    [[4.0, 3.0, 2.0], [2.0, 1.0, 0.0]]
    >>> ax.get_legend().get_texts()[0].get_text()
    'mean, lowest and highest of 2 runs'
    >>> plt.close(figure)
    """
    if spread not in SPREADS:
        raise ValueError(
            f"draw_curves: spread must be one of {', '.join(map(repr, SPREADS))}, got {spread!r}"
        )
    require_named("draw_curves", curves=curves)
    if not 1 <= len(curves) <= len(PALETTE):
        raise ValueError(
            f"draw_curves: takes 1 to {len(PALETTE)} curves, got {len(curves)}; "
            "more cannot be told apart: use several axes"
        )
    runs = {label: _runs(label, values) for label, values in curves.items()}
    for i, (label, values) in enumerate(runs.items()):
        places = np.arange(values.shape[1]) if x is None else as_numbers("draw_curves", "x", x)
        if places.shape != values.shape[1:]:
            raise ValueError(
                f"draw_curves: {label!r} has {values.shape[1]} values in each run, "
                f"but x has shape {places.shape}"
            )
        line, low, high = _summary(values, spread)
        look = {"color": PALETTE[i], "linestyle": LINE_STYLES[i]}
        ax.plot(places, line, label=label, **look)
        if len(values) > 1:
            ax.fill_between(places, low, high, color=PALETTE[i], alpha=0.2, linewidth=0)
    counts = sorted({len(values) for values in runs.values() if len(values) > 1})
    if counts:
        several = "–".join(str(count) for count in dict.fromkeys((counts[0], counts[-1])))
        ax.legend(
            [(Patch(facecolor=GRAY, alpha=0.3), Line2D([], [], color=GRAY))],
            [f"{SPREADS[spread]} of {several} runs"],
            fontsize="small",
        )
    label_lines(ax)


def _runs(label: str, values: ArrayLike) -> Array:
    try:
        runs = np.atleast_2d(np.asarray(values, float))
    except ValueError:
        raise ValueError(
            f"draw_curves: the runs of {label!r} differ in length; "
            "cut them to the shortest, or pad them with NaN"
        ) from None
    if runs.ndim != 2 or not runs.size:
        raise ValueError(
            f"draw_curves: {label!r} must have shape (runs, T) or (T,), got {np.shape(values)}"
        )
    if not np.isfinite(runs).all(0).any():
        raise ValueError(
            f"draw_curves: {label!r} is at no point finite in all runs; "
            "leave out what diverged and say so"
        )
    return runs


def _summary(runs: Array, spread: str) -> tuple[Array, Array, Array]:
    """The line and the edges of the band, (T,) each, NaN where a run is not finite."""
    finite = np.isfinite(runs).all(0)
    kept = runs[:, finite]
    if spread == "range":
        drawn = kept.mean(0), kept.min(0), kept.max(0)
    elif spread == "quartiles":
        low, middle, high = np.quantile(kept, [0.25, 0.5, 0.75], axis=0)
        drawn = middle, low, high
    else:
        mean = kept.mean(0)
        deviation = kept.std(0, ddof=1) if len(kept) > 1 else np.zeros_like(mean)
        drawn = mean, mean - deviation, mean + deviation
    line, low, high = (np.full(finite.shape, np.nan) for _ in range(3))
    line[finite], low[finite], high[finite] = drawn
    return line, low, high


def draw_history(
    ax: Axes, history: History, measure: Literal["loss", "metric"] = "loss"
) -> int | None:
    """Draw what :func:`chainrule.training.fit` measured, epoch by epoch, and mark the best.

    Parameters
    ----------
    ax : matplotlib Axes
    history : History
    measure : {"loss", "metric"}
        The loss is best where it is lowest, the metric where it is highest.

    Returns
    -------
    int or None
        The epoch, counted from 0 as in :class:`~chainrule.training.History`, that a dot marks: the
        one whose weights early stopping put back, or else the best on the validation data. None
        without validation data.

    Raises
    ------
    ValueError
        If nothing of the kind was measured.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import draw_history
    >>> from chainrule.training import History
    >>> figure, ax = plt.subplots()
    >>> draw_history(ax, History(loss=[2.0, 1.0, 0.5], validation_loss=[2.1, 1.2, 1.4]))
    1
    >>> [text.get_text() for text in ax.texts]
    ['training', 'validation']
    >>> plt.close(figure)
    """
    if measure not in ("loss", "metric"):
        raise ValueError(f"draw_history: measure must be 'loss' or 'metric', got {measure!r}")
    require_instance("draw_history", History, "pass what fit returned", history=history)
    training = np.asarray(getattr(history, measure), float)
    validation = np.asarray(getattr(history, f"validation_{measure}"), float)
    if not np.isfinite(training).any():
        raise ValueError(
            f"draw_history: no {measure} was measured, or none that is finite; "
            + ("run at least one epoch" if measure == "loss" else "call fit with metric=…")
        )
    ax.plot(training, color=BLUE, label="training")
    best = None
    if np.isfinite(validation).any():
        ax.plot(validation, "--", color=VERMILION, label="validation")
        best = history.best_epoch
        if best is None:
            best = int(np.nanargmin(validation if measure == "loss" else -validation))
        ax.plot(best, validation[best], "o", color=VERMILION)
    ax.set(xlabel="epoch", ylabel=measure)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    label_lines(ax)
    return best
