"""Names of people, from the United States census of 1990."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.data.arrays import Floats, Strings
from chainrule.data.sources import columns


class FirstNames(NamedTuple):
    """The columns of :func:`first_names`: ``name``, ``sex`` and ``percent``, one entry per row.

    Examples
    --------
    >>> FirstNames._fields
    ('name', 'sex', 'percent')
    """

    name: Strings
    sex: Strings
    percent: Floats


class Surnames(NamedTuple):
    """The columns of :func:`surnames`: ``name`` and ``percent``, one entry per row.

    Examples
    --------
    >>> Surnames._fields
    ('name', 'percent')
    """

    name: Strings
    percent: Floats


def first_names() -> FirstNames:
    """Load the 5,494 first names of the 1990 census: 4,275 of women, then 1,219 of men.

    Returns
    -------
    FirstNames
        ``name`` (5494,) strings of 2 to 11 letters A to Z, the first a capital; ``sex`` (5494,)
        strings ``"F"`` or ``"M"``; ``percent`` float32 (5494,), of the people of that sex, falling
        within each sex. The two lists cover 90 % of either sex.

    Raises
    ------
    OSError
        If the file that ships with the library is missing or damaged.

    Notes
    -----
    331 names are in both lists, so that there are 5,163 different ones. A model of spelling wants
    each once: ``np.unique(first_names().name)``; otherwise the same name lands in the training and
    in the test part. Used in the chapters ``recurrence`` and ``language-models``.

    Examples
    --------
    >>> name, sex, percent = first_names()
    >>> str(name[0]), str(sex[0]), f"{percent[0]:.3f}"
    ('Mary', 'F', '2.629')
    >>> len(name), len(np.unique(name))
    (5494, 5163)
    """
    name, sex, percent = columns("first_names", "first-names.csv")
    return FirstNames(np.array(name), np.array(sex), np.array(percent, dtype=np.float32))


def surnames() -> Surnames:
    """Load the 20,000 most frequent surnames of the 1990 census, the most frequent first.

    Returns
    -------
    Surnames
        ``name`` (20000,) different strings of 2 to 13 letters A to Z, the first a capital and no
        other (``"Mcdonald"``); ``percent`` float32 (20000,) of the population, rounded to 0.001, so
        that the rarest have 0.

    Raises
    ------
    OSError
        If the file that ships with the library is missing or damaged.

    Notes
    -----
    Used in the chapters ``recurrence`` and ``language-models``.

    Examples
    --------
    >>> name, percent = surnames()
    >>> name[:3].tolist(), len(name)
    (['Smith', 'Johnson', 'Williams'], 20000)
    """
    name, percent = columns("surnames", "surnames.csv")
    return Surnames(np.array(name), np.array(percent, dtype=np.float32))
