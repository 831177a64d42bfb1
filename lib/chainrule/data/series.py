"""Two series that were really measured, and the windows that turn a series into examples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule.arguments import require_integers
from chainrule.data.arrays import Floats, Integers
from chainrule.data.sources import columns

Days = NDArray[np.datetime64]


class Sunspots(NamedTuple):
    """The columns of :func:`sunspots`: ``year`` and ``number``.

    Examples
    --------
    >>> Sunspots._fields
    ('year', 'number')
    """

    year: Integers
    number: Floats


class CO2(NamedTuple):
    """The columns of :func:`co2`: ``date`` and ``ppmv``.

    Examples
    --------
    >>> CO2._fields
    ('date', 'ppmv')
    """

    date: Days
    ppmv: Floats


def sunspots() -> Sunspots:
    """Load the yearly mean sunspot number, 1700 to 2008.

    Returns
    -------
    Sunspots
        ``year`` int64 (309,), every year once; ``number`` float32 (309,), without unit, 0 to 190.2:
        ten for each group of spots and one for each spot, averaged over the year.

    Raises
    ------
    OSError
        If the file that ships with the library is missing or damaged.

    Notes
    -----
    This is the first version of the international number; the observatories rescaled the whole
    series in 2015. Used in the chapters ``recurrence`` and ``applications``.

    Examples
    --------
    >>> year, number = sunspots()
    >>> int(year[number.argmax()]), f"{number.max():.1f}"
    (1957, '190.2')
    """
    year, number = columns("sunspots", "sunspots.csv")
    return Sunspots(np.array(year, dtype=np.int64), np.array(number, dtype=np.float32))


def co2(*, interpolate: bool = False) -> CO2:
    """Load the weekly carbon dioxide in the air at Mauna Loa, March 1958 to December 2001.

    Parameters
    ----------
    interpolate : bool
        Fill each gap with the straight line between the week before and the week after it. A line
        knows the week after: fill only what lies in the past of everything you forecast.

    Returns
    -------
    CO2
        ``date`` datetime64[D] (2284,), every Saturday; ``ppmv`` float32 (2284,), parts per million
        by volume, 313.0 to 373.9. The 59 weeks without a measurement, at most 18 in a row, are NaN
        unless they are interpolated; the first and the last week are measured.

    Raises
    ------
    OSError
        If the file that ships with the library is missing or damaged.

    Notes
    -----
    Keeling & Whorf (2004). Used in the chapters ``recurrence`` and ``applications``.

    Examples
    --------
    >>> date, ppmv = co2()
    >>> str(date[0]), f"{ppmv[0]:.1f}", int(np.isnan(ppmv).sum())
    ('1958-03-29', '316.1', 59)
    >>> bool(np.isnan(co2(interpolate=True).ppmv).any())
    False
    """
    day, measured = columns("co2", "co2.csv")
    date = np.array([f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in day], dtype="datetime64[D]")
    ppmv = np.array([value or "nan" for value in measured], dtype=np.float32)
    if interpolate:
        gap = np.isnan(ppmv)
        week = np.arange(len(ppmv))
        ppmv[gap] = np.interp(week[gap], week[~gap], ppmv[~gap])
    return CO2(date, ppmv)


def sliding_windows(
    series: NDArray[Any], length: int, *, horizon: int = 1
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Cut a series into inputs of ``length`` values and the value ``horizon`` steps after each.

    Cut the series into training and test parts in time before you cut either into windows;
    windows overlap, and drawing them at random puts most of a test window into the training part.

    Parameters
    ----------
    series : floating-point array (T,)
    length : int
        How many values the model sees.
    horizon : int
        How many steps after the last of them the target lies.

    Returns
    -------
    X : array (N, length, 1)
        N = T − length − horizon + 1 windows, the earliest first, with one feature per step.
    t : array (N, 1)
        Of the dtype of ``series``, as X; both are copies.

    Raises
    ------
    ValueError
        If the series has not one axis, has NaN, or is too short for one window; or ``length`` or
        ``horizon`` is less than 1.
    TypeError
        If ``series`` is not a floating-point array, or a count is not a whole number.

    Notes
    -----
    Used in the chapters ``recurrence`` and ``applications``.

    Examples
    --------
    >>> X, t = sliding_windows(np.array([0.0, 1.0, 2.0, 3.0]), 2)
    >>> X[..., 0].tolist(), t[:, 0].tolist()
    ([[0.0, 1.0], [1.0, 2.0]], [2.0, 3.0])
    """
    if not isinstance(series, np.ndarray) or not np.issubdtype(series.dtype, np.floating):
        kind = series.dtype if isinstance(series, np.ndarray) else type(series).__name__
        raise TypeError(
            f"sliding_windows: series must be a floating-point array, got {kind}; "
            "convert it with np.asarray(series, dtype=np.float32)"
        )
    require_integers("sliding_windows", length=length)
    require_integers("sliding_windows", horizon=horizon)
    if series.ndim != 1 or len(series) < length + horizon:
        raise ValueError(
            f"sliding_windows: windows of {length} and a target {horizon} later need a series (T,) "
            f"of at least {length + horizon} values, got shape {series.shape}"
        )
    if np.isnan(series).any():
        raise ValueError(
            f"sliding_windows: series has {np.isnan(series).sum()} gaps (NaN); fill them first"
        )
    windows = np.lib.stride_tricks.sliding_window_view(series[:-horizon], length)
    return windows[..., None].copy(), series[length + horizon - 1 :, None].copy()
