"""Bands of day totals, learned from day totals.

Intervals of one day err together, so their bands do not add up to the day's. The dispersion of totals is therefore learned from totals
that were forecast before they came; where these are few it falls back on that of the intervals. Days of one window share the error of
their level, so the windows, not the days, are what was drawn: the variance is widened by one part in twice their number.
Days of a span share a part of their error as well, and so do queues of a group, so bands do not add up to that of a sum there either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wfm import units
from wfm.forecast.distribution import LEVELS, Dispersion, count_quantiles, learn_dispersion
from wfm.forecast.grid import FloatArray, IntArray, minutes_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("mean", *(f"{level:g}" for level in LEVELS))
PRIOR_COMMON = 0.01
PRIOR_DAYS = 10.0
LEAST_SHARE_SEEN = 0.9
SPAN_COMMON = 0.5
GROUP_COMMON = 0.25


def learn_day_dispersion(
    actual: FloatArray, mean: FloatArray, weight: FloatArray, lead: IntArray, windows: int, intervals: Dispersion
) -> Dispersion:
    """Dispersion of day totals from forecasts of past days.

    Parameters
    ----------
    actual, mean
        Contacts seen and expected, shape (days, slots); NaN where not observed. Days seen for less than nine tenths are not used.
    weight, lead
        Trust in each day, at least 0, and days from the origin to it, 1 for the first; length of the days.
    windows
        Number of origins that the days come from, at least 1.
    intervals
        Dispersion of the intervals, believed where days are few.
    """
    known = ~np.isnan(actual)
    due = np.where(known, mean, 0.0).sum(axis=1)
    seen = due >= LEAST_SHARE_SEEN * mean.sum(axis=1)
    total = np.where(seen & known.any(axis=1), np.nansum(actual, axis=1), np.nan)
    believed = Dispersion(min(PRIOR_COMMON, intervals.common), intervals.own)
    return learn_dispersion(total, due, weight, lead, believed, PRIOR_DAYS).scaled(np.sqrt(1 + 0.5 / windows))


def day_frame(targets: pd.DatetimeIndex, mean: FloatArray, last_known: np.datetime64, dispersion: Dispersion) -> pd.DataFrame:
    """Totals of the days asked for, with their quantiles.

    Parameters
    ----------
    targets
        Naive local starts of the intervals asked for; a day is the sum of its intervals among them.
    mean
        Expected contacts of these intervals.
    last_known
        Last day of the history, from which leads count.
    dispersion
        Of day totals.

    Returns
    -------
        Index the local days at midnight, ascending; columns `mean` and the quantiles `0.025` to `0.975`, contacts a day.
    """
    import pandas as pd

    days, place = np.unique(minutes_of("targets", targets).astype("datetime64[D]"), return_inverse=True)
    total: FloatArray = np.bincount(place, mean, len(days)).astype(np.float64)
    lead = (days - last_known.astype("datetime64[D]")).astype(np.int64)
    values = np.column_stack([total, count_quantiles(total, dispersion.rate_cv(total, lead))])
    return pd.DataFrame(values, index=pd.DatetimeIndex(days.astype("datetime64[s]")), columns=list(COLUMNS))


def span_deviation(mean: FloatArray, lead: IntArray, dispersion: Dispersion, common: float = SPAN_COMMON) -> float:
    """Standard deviation of the sum of several days, contacts.

        var(sum Y) = sum m + (1 - c) sum s^2 + c (sum s)^2,     s = m * cv(m, lead)

    The error `s` of each day's rate is its own for `1 - c` of its variance and common to all days for `c`. Half was found on real weeks:
    the backtest has too few windows to measure it, and what it measures is too little.

    Parameters
    ----------
    mean
        Expected contacts of each day, at least 0; length of the days.
    lead
        Days from the origin, 1 for the first; length of the days.
    dispersion
        Of day totals.
    common
        Share of the rate's variance that the days have in common, in [0, 1].

    Raises
    ------
    InvalidInput
        When `common` is no share.

    Examples
    --------
    >>> week, lead = np.full(7, 1_000.0), np.full(7, 14)
    >>> [round(span_deviation(week, lead, Dispersion(0.01, 0.0), common)) for common in (0.0, 0.5, 1.0)]
    [277, 536, 705]
    """
    return _of_sum(mean, mean * dispersion.rate_cv(mean, lead), common)


def group_deviation(mean: FloatArray, deviation: FloatArray, common: float = GROUP_COMMON) -> float:
    """Standard deviation of the sum of several queues over the same days, contacts.

        var(sum Y) = sum m + (1 - c) sum s^2 + c (sum s)^2,     s^2 = var(Y) - m

    Chance is each queue's own; of the variance of its rate, `c` is common to all. A quarter was found on the queues of two real centres:
    with none too few sums lay inside their bands, with more these only got wider.

    Parameters
    ----------
    mean, deviation
        Expected contacts of each queue and the standard deviation of what comes, at least 0; length of the queues.
    common
        Share of the rate's variance that the queues have in common, in [0, 1].

    Raises
    ------
    InvalidInput
        When `common` is no share.

    Examples
    --------
    >>> two, error = np.array([500.0, 500.0]), np.array([80.0, 80.0])
    >>> [round(group_deviation(two, error, common)) for common in (0.0, 0.25, 1.0)]
    [113, 125, 157]
    """
    return _of_sum(mean, np.sqrt(np.maximum(np.square(deviation) - mean, 0.0)), common)


def _of_sum(mean: FloatArray, error: FloatArray, common: float) -> float:
    units.share("common", common)
    return float(np.sqrt(mean.sum() + (1 - common) * np.square(error).sum() + common * error.sum() ** 2))
