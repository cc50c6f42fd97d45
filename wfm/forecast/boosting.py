"""Gradient-boosted trees on the calendar: they see what additive effects cannot, such as a holiday's own shape of day.

Trees cannot follow a level, so they learn volumes divided by the level that the day totals found, and the level at the end comes back
on top. Poisson loss, weights that forget; one thread and a fixed seed, so that the answer repeats. Source: Ke et al. (2017), LightGBM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.features import SEASON_FROM_DAYS
from wfm.forecast.grid import DayArray, FloatArray, IntArray, weekday_of
from wfm.forecast.protocol import Task

if TYPE_CHECKING:
    import lightgbm

TREES = 40
HALF_LIFE_DAYS = 365.0
FAR_DAYS = 8
LEAST_DAYS = 56
WEEKDAY_COLUMN = 0
LARGEST_LOG_LEVEL = 10.0
PARAMETERS: dict[str, Any] = {
    "objective": "poisson",
    "learning_rate": 0.25,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
    "max_bin": 63,
    "lambda_l2": 1.0,
    "cat_smooth": 1,
    "min_data_per_group": 10,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True)
class Boosting:
    """LightGBM with Poisson loss on volumes free of level.

    Parameters
    ----------
    trees
        Number of trees, at least 1.
    """

    trees: int = TREES
    name: str = "boosting"
    label: str = "Gradient-boosted trees"
    sees_holidays: bool = True

    def predict(self, task: Task) -> FloatArray:
        """Means of the task's days."""
        return self.predict_each([task])[0]

    def predict_each(self, tasks: Sequence[Task]) -> list[FloatArray]:
        """Means of every task's days; trees grown on the first task's past serve the later ones, each with its own level."""
        trees = _grow(tasks[0], self.trees)
        return [_apply(trees, task) for task in tasks]


def _grow(task: Task, count: int) -> lightgbm.Booster | None:
    import lightgbm

    past, fit = task.clean, task.fit
    known = past.observed & ~(task.hours.closed | task.totals.closed[:, None])[past.weekday]
    if not (past.values[known] > 0).any():
        return None
    keep = thinned(past.days, task.calendar)
    row, slot = np.nonzero(known & (keep > 0)[:, None])
    level = _level(fit.level_path)[row]
    age = len(past.days) - 1 - row
    columns = _columns(past.days, task.calendar, seasonal=len(past.days) >= SEASON_FROM_DAYS)
    data = lightgbm.Dataset(
        _rows(columns, row, slot),
        past.values[row, slot] / level,
        weight=keep[row] * level * 0.5 ** (age / HALF_LIFE_DAYS),
        categorical_feature=[WEEKDAY_COLUMN],
        params=PARAMETERS,
    )
    # LightGBM's own copy of the finished trees goes by way of text and costs a tenth
    return lightgbm.train(PARAMETERS, data, num_boost_round=count, keep_training_booster=True)


def thinned(days: DayArray, calendar: Calendar) -> FloatArray:
    """Weight of each past day: all of the last year, every second week of the year before, every third of older ones, all holidays.

    Time grows with the rows, and old weeks resemble one another.
    """
    age = len(days) - 1 - np.arange(len(days))
    stride = np.clip(age // 365 + 1, 1, 3)
    weight = np.where((age // 7) % stride == 0, stride, 0).astype(float)
    for offset in (-1, 0, 1):
        weight[calendar.is_holiday(days, offset)] = 1.0
    return weight


def _apply(trees: lightgbm.Booster | None, task: Task) -> FloatArray:
    shape = (len(task.days), len(task.clean.slots))
    if trees is None:
        return np.zeros(shape)
    columns = _columns(task.days, task.calendar, seasonal=len(task.clean.days) >= SEASON_FROM_DAYS)
    day, slot = np.indices(shape)
    factor = np.asarray(trees.predict(_rows(columns, day.ravel(), slot.ravel()), num_threads=1)).reshape(shape)
    closed = task.totals.closed[weekday_of(task.days), None]
    return np.where(task.open_slots & ~closed, factor * _level(task.fit.level)[:, None], 0.0)


def _level(log_level: FloatArray) -> FloatArray:
    return np.asarray(np.exp(np.clip(log_level, -LARGEST_LOG_LEVEL, LARGEST_LOG_LEVEL)))


def _rows(columns: FloatArray, row: IntArray, slot: IntArray) -> FloatArray:
    return np.column_stack([columns[row], slot])


def _columns(days: DayArray, calendar: Calendar, *, seasonal: bool) -> FloatArray:
    """What the trees see of a day: weekday, kind of day, place in month and year, distance to holidays."""
    month = days.astype("datetime64[M]").astype("datetime64[D]")
    next_month = (days.astype("datetime64[M]") + 1).astype("datetime64[D]")
    year = days.astype("datetime64[Y]").astype("datetime64[D]")
    kind = calendar.is_holiday(days) + 2 * calendar.is_observance(days)
    until, since = _distances(days, calendar)
    table = [weekday_of(days), kind, days - month, next_month - days, (days - year) * int(seasonal), until, since]
    return np.stack([np.asarray(column).astype(float) for column in table], axis=1)


def _distances(days: DayArray, calendar: Calendar) -> tuple[FloatArray, FloatArray]:
    """Days to the next and since the last public holiday, at most 8."""
    public = [named.days for named in calendar.named if named.public]
    if not public:
        return np.zeros(len(days)), np.zeros(len(days))
    kept = np.unique(np.concatenate(public)).astype(np.int64)
    number = days.astype(np.int64)
    place = np.searchsorted(kept, number)
    until = np.where(place < len(kept), kept[np.minimum(place, len(kept) - 1)] - number, FAR_DAYS)
    since = np.where(place > 0, number - kept[np.maximum(place - 1, 0)], FAR_DAYS)
    return np.clip(until, 0, FAR_DAYS).astype(float), np.clip(since, 0, FAR_DAYS).astype(float)
