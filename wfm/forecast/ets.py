"""Exponential smoothing of day totals, spread by weekday profiles.

Sources: Holt (1957), Winters (1960); damped trend by Gardner and McKenzie (1985).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from wfm.forecast.day_totals import SMALLEST_TOTAL
from wfm.forecast.grid import FloatArray, weekday_of
from wfm.forecast.profiles import predict_profiles
from wfm.forecast.protocol import Task

WEEK = 7
LEAST_DAYS = 28
LONGEST_DAYS = 730


@dataclass(frozen=True, slots=True)
class Ets:
    """Damped trend and weekly season on log day totals; knows no holidays."""

    name: str = "ets"
    label: str = "Exponential smoothing (ETS)"
    sees_holidays: bool = False

    def predict(self, task: Task) -> FloatArray:
        """Means of the task's days."""
        shares = predict_profiles(task.weekly, task.totals, task.days, task.calendar)
        return np.asarray(_totals(task)[:, None] * shares)


def _totals(task: Task) -> FloatArray:
    past, totals = task.clean, task.totals
    ahead = int((task.days[-1] - past.days[-1]).astype(np.int64))
    position = (task.days - past.days[-1]).astype(np.int64) - 1
    usual = np.array([_usual(totals.total[past.weekday == number]) for number in range(WEEK)])
    known = np.isfinite(totals.total) & ~task.calendar.is_holiday(past.days)
    filled = np.where(known, np.nan_to_num(totals.total), usual[past.weekday])[-LONGEST_DAYS:]
    if len(filled) < LEAST_DAYS or filled.max() <= 0:
        return usual[weekday_of(task.days)]
    mean = _smooth(np.log(np.maximum(filled, SMALLEST_TOTAL)), ahead)[position]
    closed = totals.closed[weekday_of(task.days)]
    return np.asarray(np.where(closed, 0.0, np.exp(np.clip(mean, -20, 20))))


def _usual(totals: FloatArray) -> float:
    recent = totals[np.isfinite(totals)][-13:]
    return float(np.median(recent)) if len(recent) else 0.0


def _smooth(values: FloatArray, ahead: int) -> FloatArray:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still gives a usable fit
        model = ExponentialSmoothing(values, trend="add", damped_trend=True, seasonal="add", seasonal_periods=WEEK)
        return np.asarray(model.fit().forecast(ahead), dtype=float)
