"""Sunspots and carbon dioxide: what is known of them; windows: where each value goes."""

import re

import numpy as np
import pytest

from chainrule.data import co2, sliding_windows, sunspots


def test_sunspots():
    year, number = sunspots()
    assert year.tolist() == list(range(1700, 2009))
    assert number.min() == 0
    assert (int(year[number.argmax()]), round(float(number.max()), 1)) == (1957, 190.2)
    np.testing.assert_array_equal(number[:3], [5, 11, 16])
    assert number[(year >= 1798) & (year <= 1823)].max() < 50, "the Dalton minimum"


def test_the_sunspot_cycle_takes_about_eleven_years():
    number = sunspots().number - sunspots().number.mean()
    correlation = [float(number[lag:] @ number[:-lag]) for lag in range(5, 20)]
    assert 5 + int(np.argmax(correlation)) in (10, 11)


def test_co2():
    date, ppmv = co2()
    assert (str(date[0]), str(date[-1])) == ("1958-03-29", "2001-12-29")
    assert (np.diff(date).astype(int) == 7).all()
    assert (date.astype(int) % 7 == 2).all()  # 1 January 1970 was a Thursday: Saturdays
    gaps = np.isnan(ppmv)
    assert gaps.sum() == 59
    longest = max(len(run) for run in re.findall("1+", "".join(map(str, gaps.astype(int)))))
    assert longest == 18
    assert not gaps[[0, -1]].any()
    np.testing.assert_allclose([np.nanmin(ppmv), np.nanmax(ppmv)], [313.0, 373.9], rtol=1e-6)


def test_co2_rises_and_breathes_with_the_seasons():
    date, ppmv = co2(interpolate=True)
    year = date.astype("datetime64[Y]").astype(int) + 1970
    annual = np.array([ppmv[year == y].mean() for y in range(1959, 2002)])
    assert (np.diff(annual) > 0).all()
    month = date.astype("datetime64[M]").astype(int) % 12 + 1
    trend = np.polyval(np.polyfit(np.arange(len(ppmv)), ppmv, 2), np.arange(len(ppmv)))
    season = [float((ppmv - trend)[month == m].mean()) for m in range(1, 13)]
    assert 1 + int(np.argmax(season)) == 5
    assert 1 + int(np.argmin(season)) in (9, 10)
    assert 5 < max(season) - min(season) < 7


def test_interpolation_draws_a_line_and_leaves_the_rest():
    ppmv, filled = co2().ppmv, co2(interpolate=True).ppmv
    gaps = np.isnan(ppmv)
    np.testing.assert_array_equal(filled[~gaps], ppmv[~gaps])
    assert ppmv[[5, 7]].tolist() == [np.float32(316.9), np.float32(317.5)]
    assert gaps[6]
    np.testing.assert_allclose(filled[6], 317.2, rtol=1e-6)
    # In the middle of the longest gap too, three equal steps lie on one line.
    i = next(i for i in range(len(gaps)) if gaps[i : i + 18].all())
    np.testing.assert_allclose(np.diff(filled[i - 1 : i + 19], n=2), 0, atol=1e-4)


@pytest.mark.parametrize(("length", "horizon"), [(1, 1), (4, 1), (3, 5), (9, 1)])
def test_windows(length, horizon):
    series = np.arange(10, dtype=np.float32)
    X, t = sliding_windows(series, length, horizon=horizon)
    assert X.shape == (10 - length - horizon + 1, length, 1)
    assert t.shape == (len(X), 1)
    assert X.dtype == t.dtype == np.float32
    for i in range(len(X)):
        assert X[i, :, 0].tolist() == list(range(i, i + length))
        assert t[i, 0] == i + length - 1 + horizon
    X[...] = -1
    t[...] = -1
    assert series.tolist() == list(range(10)), "copies"


@pytest.mark.parametrize(
    ("series", "length", "horizon", "error", "message"),
    [
        (np.zeros(3), 3, 1, ValueError, r"at least 4 values, got shape \(3,\)"),
        (np.zeros((9, 1)), 3, 1, ValueError, r"got shape \(9, 1\)"),
        (np.zeros(9), 0, 1, ValueError, "length must be at least 1, got 0"),
        (np.zeros(9), 2, 0, ValueError, "horizon must be at least 1, got 0"),
        (np.zeros(9), 2.0, 1, TypeError, "length must be an integer"),
        (np.arange(9), 2, 1, TypeError, "floating-point array, got int64"),
        ([1.0, 2.0], 1, 1, TypeError, "floating-point array, got list"),
        (np.array([0.0, np.nan, 1.0]), 1, 1, ValueError, r"1 gaps \(NaN\); fill"),
    ],
)
def test_windows_refused(series, length, horizon, error, message):
    with pytest.raises(error, match=f"^sliding_windows: .*{message}"):
        sliding_windows(series, length, horizon=horizon)
