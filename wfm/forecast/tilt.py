"""Tilts: how the shape of a day leans with season, month and named days.

The day is cut into a few parts of equal volume; the log of a part's share over its weekday's usual share is explained by a ridge over
the same columns as the totals. Cutting into parts is what keeps counting noise out.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.day_totals import DayTotals
from wfm.forecast.features import (
    ALIKE,
    HOLIDAY,
    LEVEL,
    MONTH,
    NAMED,
    NAMED_NEIGHBOUR,
    NEIGHBOUR,
    OBSERVANCE,
    OBSERVED,
    SEASON,
    Features,
)
from wfm.forecast.grid import BoolArray, DayArray, DayGrid, FloatArray, IntArray
from wfm.forecast.profiles import WeeklyProfiles
from wfm.forecast.ridge import FREE, fit_shared_ridge

# strength (in columns) and value of the variance believed beforehand, on the log scale of shares
PRIOR = {
    SEASON: (1.0, 0.002),
    MONTH: (2.0, 0.0003),
    LEVEL: (2.0, 0.002),
    HOLIDAY: (1.0, 0.05),
    ALIKE: (1.0, 0.05),
    NEIGHBOUR: (1.0, 0.005),
    NAMED: (2.0, 0.02),
    NAMED_NEIGHBOUR: (4.0, 0.003),
    OBSERVANCE: (1.0, 0.005),
    OBSERVED: (2.0, 0.003),
}
PARTS = 6
LEAST_CONTACTS = 25.0
LEAST_DAYS = 56
HALF_LIFE_DAYS = 500.0
NOW_HALF_LIFE_DAYS = 60.0
LARGEST = 1.0


def predict_tilts(
    past: DayGrid, totals: DayTotals, weekly: WeeklyProfiles, days: DayArray, calendar: Calendar, features: Features
) -> FloatArray:
    """Factors on the profiles of `days`, all 1 where the history tells nothing; shape (days, slots).

    Parameters
    ----------
    features
        Of the days of `past` and of `days`, as the totals were explained by.
    """
    factors = np.ones((len(days), len(past.slots)))
    usable = np.isfinite(totals.total) & (np.nan_to_num(totals.total) > 0) & (totals.seen > 0.95) & ~totals.closed[past.weekday]
    part = _parts(past, totals, usable)
    if usable.sum() < LEAST_DAYS or part.max() == 0:
        return factors
    share, usual = _shares(weekly.contacts, part), _shares(totals.profile[past.weekday], part)
    size = np.nan_to_num(totals.total)[:, None]
    lean = np.log((share + 0.5) / (size * usual + 0.5))
    lean -= (lean * usual).sum(axis=1, keepdims=True)
    tilt = _explain(totals, features, usable, lean)
    factors = np.exp(np.clip(tilt, -LARGEST, LARGEST))[:, part]
    factors[calendar.is_holiday(days)] = 1.0
    return np.asarray(factors)


def _parts(past: DayGrid, totals: DayTotals, usable: BoolArray) -> IntArray:
    """The part of the day, from 0, that each slot belongs to; length S."""
    volume = np.nansum(past.values, axis=0)
    typical = float(np.median(totals.total[usable])) if usable.any() else 0.0
    count = int(np.clip(typical // LEAST_CONTACTS, 1, PARTS))
    middle = (np.cumsum(volume) - volume / 2) / max(float(volume.sum()), 1e-12)
    return np.asarray(np.unique(np.minimum((middle * count).astype(np.int64), count - 1), return_inverse=True)[1], dtype=np.int64)


def _shares(values: FloatArray, part: IntArray) -> FloatArray:
    return np.asarray(values @ np.eye(int(part.max()) + 1)[part])


def _explain(totals: DayTotals, features: Features, usable: BoolArray, lean: FloatArray) -> FloatArray:
    """Tilt of the coming days against the recent past, shape (days, parts)."""
    count = len(usable)
    kept = np.isin(features.group, [FREE, *PRIOR])
    design, group = features.design[:, kept], features.group[kept]
    age = np.arange(count)[::-1]
    weight = np.where(usable, 0.5 ** (age / HALF_LIFE_DAYS) * np.nan_to_num(totals.total), 0.0)
    coefficient = fit_shared_ridge(design[:count], lean, weight / weight[usable].mean(), group, PRIOR)
    lasting = (group != LEVEL) & (group != FREE)
    season = group == SEASON
    now = usable * 0.5 ** (age / NOW_HALF_LIFE_DAYS)
    already = now @ (design[:count, season] @ coefficient[season]) / now.sum()  # the forgetting profiles hold this much of the season
    return np.asarray(design[count:, lasting] @ coefficient[lasting] - already)
