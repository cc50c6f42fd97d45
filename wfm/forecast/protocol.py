"""What every model family offers: means for days that have not come, from days that have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.cleaning import without_outages
from wfm.forecast.day_totals import DayTotals, TotalsFit, day_totals, fit_totals
from wfm.forecast.grid import BoolArray, DayArray, DayGrid, FloatArray, IntArray, weekday_of
from wfm.forecast.hours import OpeningHours, learn_hours
from wfm.forecast.profiles import WeeklyProfiles, weekly_profiles


@dataclass(frozen=True, eq=False)
class Task:
    """One question to every family; what several of them need is worked out once.

    Parameters
    ----------
    past
        Everything known; nothing in it is younger than the origin.
    days
        Days to forecast, all after `past`, ascending.
    calendar
        Named days, known ahead.
    lift
        Factor on the means of every day, for effects that were taken out of `past`; None for none.
    """

    past: DayGrid
    days: DayArray
    calendar: Calendar
    lift: FloatArray | None = None

    @property
    def lead(self) -> IntArray:
        """Days from the end of the past to each coming day, 1 for the first; length of the days."""
        return np.asarray((self.days - self.past.days[-1]).astype(np.int64))

    @cached_property
    def hours(self) -> OpeningHours:
        """Opening hours at the end of the past."""
        return learn_hours(self.past)

    @cached_property
    def clean(self) -> DayGrid:
        """The past without outages and without what was before the present opening hours; closed slots are 0."""
        known = without_outages(self.past, self.calendar)
        weekday = known.weekday
        before = np.arange(len(known.days))[:, None] < self.hours.since[weekday]
        values = np.where(before, np.nan, known.values)
        return DayGrid(known.days, known.slots, np.where(self.hours.closed[weekday], 0.0, values))

    @cached_property
    def open_slots(self) -> BoolArray:
        """True where a coming slot takes contacts, shape (days, slots)."""
        return ~self.hours.closed[weekday_of(self.days)]

    @cached_property
    def totals(self) -> DayTotals:
        """Totals of the past days."""
        return day_totals(self.clean)

    @cached_property
    def fit(self) -> TotalsFit:
        """The ridge on them."""
        return fit_totals(self.clean, self.totals, self.days, self.calendar)

    @cached_property
    def weekly(self) -> WeeklyProfiles:
        """Profiles of the seven weekdays."""
        return weekly_profiles(self.clean, self.totals, self.calendar, ~self.hours.closed)


class Forecaster(Protocol):
    """A model family."""

    @property
    def name(self) -> str:
        """Stable and short."""
        ...

    @property
    def label(self) -> str:
        """For people."""
        ...

    @property
    def sees_holidays(self) -> bool:
        """Whether it has a say on holidays."""
        ...

    def predict(self, task: Task) -> FloatArray:
        """Mean contacts of every slot of the task's days; shape (days, slots), finite, at least 0."""
        ...
