"""Written dates: read back by another reader, and never two dates in one text."""

import datetime
import re

import numpy as np
import pytest

from chainrule.data import CharCodec, written_dates
from chainrule.data.dates import DATES, FORMATS, MONTHS, WEEKDAYS, write_date

# How Python reads each field; the letters after a day of the month are taken away first.
READ = {
    "month": "%B", "MONTH": "%B", "mon": "%b", "day": "%d", "ordinal": "%d", "dd": "%d",
    "m": "%m", "mm": "%m", "year": "%Y", "yy": "%y", "weekday": "%A", "wd": "%a",
}  # fmt: skip


def days(first, last):
    start = datetime.date(first, 1, 1)
    return [
        start + datetime.timedelta(days=i)
        for i in range((last - first + 1) * 366 - 1)
        if (start + datetime.timedelta(days=i)).year <= last
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_python_reads_what_was_written(form):
    pattern = re.sub(r"\{(\w+)\}", lambda field: READ[field[1]], form)
    for date in days(1999, 2000):
        written = write_date(date, form)
        read = datetime.datetime.strptime(re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", written), pattern)
        assert read.date() == date
        weekday = WEEKDAYS[date.weekday()]
        assert written.count(weekday[:3]) == ("{w" in form)


def test_ordinals():
    january = [write_date(datetime.date(2000, 1, d), "{ordinal}") for d in range(1, 32)]
    assert " ".join(january) == (
        "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th 14th 15th 16th 17th 18th 19th "
        "20th 21st 22nd 23rd 24th 25th 26th 27th 28th 29th 30th 31st"
    )


def test_no_text_stands_for_two_dates():
    # Years whose last two digits are also days and months are those that could be mistaken.
    meaning = {}
    for date in [*days(1950, 1951), *days(2000, 2013), *days(2031, 2031)]:
        for form in FORMATS:
            assert meaning.setdefault(write_date(date, form), date) == date


def test_the_formats_are_all_used_and_the_dates_all_different():
    X, t = written_dates(3000, rng=np.random.default_rng(0))
    assert len(set(t.tolist())) == 3000
    used = set()
    for written, iso in zip(X.tolist(), t.tolist(), strict=True):
        date = datetime.date.fromisoformat(iso)
        assert 1950 <= date.year <= 2049
        used |= {form for form in FORMATS if write_date(date, form) == written}
    assert used == set(FORMATS)


def test_every_date_can_be_drawn_once():
    X, t = written_dates(DATES, rng=np.random.default_rng(0))
    assert len(np.unique(t)) == DATES == 36_525
    assert (min(t.tolist()), max(t.tolist())) == ("1950-01-01", "2049-12-31")
    assert max(map(len, X.tolist())) <= 29
    assert all(written.isascii() for written in X.tolist())
    with pytest.raises(ValueError, match=r"written_dates: there are 36525 dates, .* n = 36526"):
        written_dates(DATES + 1, rng=np.random.default_rng(0))


def test_names_are_complete():
    assert len(set(MONTHS)) == len({m[:3] for m in MONTHS}) == 12
    assert len(set(WEEKDAYS)) == len({d[:3] for d in WEEKDAYS}) == 7


def test_a_codec_takes_them():
    X, t = written_dates(50, rng=np.random.default_rng(0))
    codec = CharCodec([*X, *t])
    assert [codec.decode(row) for row in codec.batch(X)] == X.tolist()
