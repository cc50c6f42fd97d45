"""What every model family offers: means for days that have not come, from days that have."""

from __future__ import annotations

from typing import Protocol

from wfm.forecast.calendar import Calendar
from wfm.forecast.grid import DayArray, DayGrid, FloatArray


class Forecaster(Protocol):
    """A model family.

    `name` is stable and short, `label` is for people.
    """

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    def predict(self, past: DayGrid, days: DayArray, calendar: Calendar) -> FloatArray:
        """Mean contacts of every slot of `days`, all after `past`; shape (days, slots), finite, at least 0."""
        ...
