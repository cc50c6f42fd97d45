"""The planner's spreadsheet: the mean of the last six same weekdays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.grid import DayArray, DayGrid, FloatArray, weekday_of


@dataclass(frozen=True, slots=True)
class SameWeekday:
    """Mean of the last `weeks` observed same weekdays, slot by slot.

    Parameters
    ----------
    weeks
        Number of weeks, at least 1.
    """

    weeks: int = 6
    name: str = "same_weekday"
    label: str = "Mean of the last six same weekdays"

    def predict(self, past: DayGrid, days: DayArray, calendar: Calendar) -> FloatArray:  # noqa: ARG002
        """Means of `days`; a weekday never seen gets the mean of all days, a slot never seen gets 0."""
        anywhere = mean_of_rows(past.values)
        table = np.zeros((7, len(past.slots)))
        for number in range(7):
            rows = past.values[past.weekday == number]
            rows = rows[~np.isnan(rows).all(axis=1)][-self.weeks :]
            table[number] = np.where(np.isnan(mean := mean_of_rows(rows)), anywhere, mean)
        return np.asarray(np.nan_to_num(table)[weekday_of(days)])


def mean_of_rows(values: FloatArray) -> FloatArray:
    """Mean over rows, NaN where a column was never observed; length of the columns."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
