"""The planner's spreadsheet: the mean of the last six same weekdays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.grid import FloatArray, mean_of_rows, weekday_of
from wfm.forecast.protocol import Task


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
    sees_holidays: bool = False

    def predict(self, task: Task) -> FloatArray:
        """Means of the task's days; a weekday never seen gets the mean of all days, a slot never seen gets 0."""
        past = task.past
        anywhere = mean_of_rows(past.values)
        table = np.zeros((7, len(past.slots)))
        for number in range(7):
            rows = past.values[past.weekday == number]
            rows = rows[~np.isnan(rows).all(axis=1)][-self.weeks :]
            table[number] = np.where(np.isnan(mean := mean_of_rows(rows)), anywhere, mean)
        return np.asarray(np.nan_to_num(table)[weekday_of(task.days)])

