"""Day totals: a robust ridge on their logs, times a level that forgets.

    E[T_d] = exp(x_d b + level_d),     level_d from exponentially weighted means of log T - x b
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.features import PRIOR, SEASON, YEAR_DAYS, Features, day_features
from wfm.forecast.forgetting import mean_before
from wfm.forecast.grid import BoolArray, DayArray, DayGrid, FloatArray, mean_of_rows, weekday_of
from wfm.forecast.level import level_ahead
from wfm.forecast.ridge import fit_ridge
from wfm.forecast.steps import find_steps

FIT_HALF_LIFE_DAYS = 500.0
PATH_HALF_LIFE_DAYS = 14.0
LEAST_SHARE_SEEN = 0.4
CLOSED_BELOW = 0.005
SMALLEST_TOTAL = 0.5
SPECIAL_TRUST = 0.3
LARGEST_LOG = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class DayTotals:
    """Totals of past days.

    Parameters
    ----------
    total
        Contacts of a day, scaled up where slots are missing; NaN where too few were seen; length D.
    seen
        Share of the day's usual contacts that fall in observed slots, length D.
    profile
        Share of each slot by weekday, rows sum to 1 (or 0), shape (7, S).
    closed
        True for weekdays that are as good as empty, length 7.
    height
        Log size of a weekday above the quietest open one, length 7.
    """

    total: FloatArray
    seen: FloatArray
    profile: FloatArray
    closed: BoolArray
    height: FloatArray


def day_totals(past: DayGrid) -> DayTotals:
    """Totals of the days of `past`, holes filled by the weekday's usual profile."""
    anywhere = np.nan_to_num(mean_of_rows(past.values))
    mean = np.stack([mean_of_rows(past.values[past.weekday == number]) for number in range(7)])
    mean = np.where(np.isnan(mean), anywhere, mean)
    size = mean.sum(axis=1, keepdims=True)
    profile = mean / np.maximum(size, 1e-12)
    seen = (profile[past.weekday] * past.observed).sum(axis=1)
    total = np.nansum(past.values, axis=1) / np.maximum(seen, 1e-9)
    total = np.where(seen > LEAST_SHARE_SEEN, total, np.nan)
    empty = (size[past.weekday, 0] <= 0) & past.observed.any(axis=1)
    total = np.where(empty, 0.0, total)
    usual = _usual_size(total, past)
    overall = float(np.nanmean(usual)) if np.isfinite(usual).any() else 0.0
    closed = usual <= CLOSED_BELOW * overall
    log_size = np.log(np.clip(np.nan_to_num(usual, nan=overall) / max(overall, 1e-9), 0.02, None))
    return DayTotals(total, seen, profile, closed, log_size - log_size.min())


def _usual_size(total: FloatArray, past: DayGrid) -> FloatArray:
    sizes = np.full(7, np.nan)
    for number in range(7):
        recent = total[(past.weekday == number) & np.isfinite(total)][-13:]
        sizes[number] = np.median(recent) if len(recent) else np.nan
    return sizes


@dataclass(frozen=True, slots=True, eq=False)
class TotalsFit:
    """What the ridge and the level say of past and coming days.

    Parameters
    ----------
    features
        What describes the days of history and horizon.
    explained
        Log size that the calendar explains, history and horizon, length D + H.
    level_path
        Log level of past days, seen from both sides, length D.
    level
        Log level of the coming days, length H.
    closed
        True for days of a closed weekday, length D + H.
    told
        Log effect of the planner's events and drivers by name, each of length D + H.
    """

    features: Features
    explained: FloatArray
    level_path: FloatArray
    level: FloatArray
    closed: BoolArray
    told: dict[str, FloatArray]

    @property
    def coming(self) -> FloatArray:
        """Mean totals of the coming days, contacts, length H."""
        count = len(self.level_path)
        mean = np.exp(np.clip(self.explained[count:] + self.level, -LARGEST_LOG, LARGEST_LOG))
        return np.asarray(np.where(self.closed[count:], 0.0, mean))


def fit_totals(past: DayGrid, totals: DayTotals, days: DayArray, calendar: Calendar) -> TotalsFit:
    """Fit the totals of `past` and look at `days`."""
    count = len(past.days)
    around = np.concatenate([past.days, days])
    closed = totals.closed[weekday_of(around)]
    usable = np.isfinite(totals.total) & ~closed[:count]
    if not usable.any():
        features = day_features(around, count, calendar, totals.height, [])
        return TotalsFit(features, np.zeros(len(around)), np.zeros(count), np.zeros(len(days)), np.ones(len(around), dtype=bool), {})
    response = np.where(usable, np.log(np.maximum(np.nan_to_num(totals.total), SMALLEST_TOTAL)), 0.0)
    special = calendar.is_named(past.days)
    steps = find_steps(np.where(usable & ~special, response, np.nan), past.weekday)
    features = day_features(around, count, calendar, totals.height, steps)
    age = np.arange(count)[::-1]
    weight = np.where(usable, totals.seen * 0.5 ** (age / FIT_HALF_LIFE_DAYS), 0.0)
    fit = fit_ridge(features.design[:count], response, weight, features.group, PRIOR, ~special)
    believed = np.where(features.group == SEASON, season_belief(int(usable.sum())), 1.0) * features.lasting
    explained = features.design @ (fit.coefficient * believed)
    trust = usable * fit.trust * np.where(special, SPECIAL_TRUST, 1.0)
    residual = np.where(usable, response - explained[:count], 0.0)
    path = _two_sided(residual, trust)
    lead = (days - past.days[-1]).astype(np.int64)
    level = level_ahead(residual, trust, np.exp(explained[:count]), lead)
    level += _mean_over_median(residual - path, explained[:count] + path, trust)
    told = {name: features.design[:, place] * fit.coefficient[place] for place, name in features.told.items()}
    return TotalsFit(features, explained, path, level, closed, told)


def _mean_over_median(residual: FloatArray, log_size: FloatArray, trust: FloatArray) -> float:
    """Log of the factor that turns the centre of log totals into the mean of totals (smearing; Duan, 1983)."""
    age = np.arange(len(residual))[::-1]
    weight = trust * 0.5 ** (age / FIT_HALF_LIFE_DAYS) * np.exp(log_size - log_size.max())
    return float(np.log(max(weight @ np.exp(np.clip(residual, -2, 2)) / max(float(weight.sum()), 1e-12), 0.5)))


def season_belief(days: int) -> float:
    """Share of a yearly season that is believed: half of what one year shows may be chance, three years are trusted.

    Examples
    --------
    >>> [round(season_belief(days), 2) for days in (365, 730, 1460)]
    [0.5, 0.75, 1.0]
    """
    return float(np.clip(0.5 + (days - YEAR_DAYS) / (4 * YEAR_DAYS), 0.5, 1.0))


def _two_sided(residual: FloatArray, trust: FloatArray) -> FloatArray:
    before = mean_before(residual, trust, PATH_HALF_LIFE_DAYS)[:-1]
    after = mean_before(residual[::-1], trust[::-1], PATH_HALF_LIFE_DAYS)[::-1][:-1]
    return (before + after) / 2
