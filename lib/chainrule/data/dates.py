"""Dates as people write them, beside the same dates as ISO 8601 has them."""

from __future__ import annotations

import datetime

import numpy as np

from chainrule.arguments import require_generator, require_integers
from chainrule.data.arrays import Strings

FIRST_DATE = datetime.date(1950, 1, 1)
LAST_DATE = datetime.date(2049, 12, 31)
DATES = (LAST_DATE - FIRST_DATE).days + 1

# Written here, as the names that Python knows change with the language of the machine.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# No text stands for two dates: a slash has the month first, a dot the day first, and two digits of
# a year are those of one year between 1950 and 2049.
FORMATS = (
    "{month} {day}, {year}",
    "{month} {ordinal}, {year}",
    "{day} {month} {year}",
    "{ordinal} of {month} {year}",
    "the {ordinal} of {month}, {year}",
    "{mon} {day}, {year}",
    "{day} {mon} {year}",
    "{day} {mon} '{yy}",
    "{weekday}, {month} {day}, {year}",
    "{weekday}, {day} {month} {year}",
    "{wd} {day} {mon} {year}",
    "{wd}, {mon} {day}, {year}",
    "{m}/{day}/{year}",
    "{mm}/{dd}/{year}",
    "{m}/{day}/{yy}",
    "{day}.{m}.{year}",
    "{dd}.{mm}.{year}",
    "{dd}.{mm}.{yy}",
    "{day}-{mon}-{year}",
    "{year} {month} {day}",
    "{year}/{mm}/{dd}",
    "{MONTH} {day}, {year}",
    "{mon}. {day}, {year}",
    "{month} {day} '{yy}",
)


def written_dates(n: int, *, rng: np.random.Generator) -> tuple[Strings, Strings]:
    """Draw dates from 1950 to 2049, each written in one of 24 ways.

    Parameters
    ----------
    n : int
        Number of dates, all different, so that a date that you hold out is one that the model has
        not seen in any form; at most 36,525.
    rng : numpy.random.Generator

    Returns
    -------
    X : array (n,) of strings
        Such as ``"the 3rd of May, 1987"``, ``"5/3/87"`` or ``"Sun 3 May 1987"``; at most 29
        characters, all ASCII. Each text stands for one date: with slashes the month comes before
        the day, with dots after it, and two digits are a year between 1950 and 2049.
    t : array (n,) of strings
        The same date as YYYY-MM-DD, ``"1987-05-03"``.

    Raises
    ------
    ValueError
        If ``n`` is less than 1 or more than there are dates.
    TypeError
        If ``n`` is not a whole number or ``rng`` is not a generator.

    Notes
    -----
    Used in the chapter ``transformers``.

    Examples
    --------
    >>> X, t = written_dates(3, rng=np.random.default_rng(0))
    >>> for written, iso in zip(X, t):
    ...     print(iso, written)
    2013-09-11 September 11, 2013
    2001-02-11 February 11th, 2001
    2035-01-22 January 22, 2035
    """
    require_integers("written_dates", n=n)
    require_generator("written_dates", rng)
    if n > DATES:
        raise ValueError(f"written_dates: there are {DATES} dates, all different, got n = {n}")
    dates = [
        FIRST_DATE + datetime.timedelta(days=int(day))
        for day in rng.choice(DATES, n, replace=False)
    ]
    formats = rng.integers(0, len(FORMATS), n)
    written = [write_date(date, FORMATS[f]) for date, f in zip(dates, formats, strict=True)]
    return np.array(written), np.array([date.isoformat() for date in dates])


def write_date(date: datetime.date, form: str) -> str:
    """Write ``date`` in one of the ``FORMATS``."""
    month, weekday = MONTHS[date.month - 1], WEEKDAYS[date.weekday()]
    return form.format(
        day=date.day,
        dd=f"{date.day:02}",
        ordinal=_ordinal(date.day),
        m=date.month,
        mm=f"{date.month:02}",
        mon=month[:3],
        month=month,
        MONTH=month.upper(),
        weekday=weekday,
        wd=weekday[:3],
        year=date.year,
        yy=f"{date.year % 100:02}",
    )


def _ordinal(day: int) -> str:
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
