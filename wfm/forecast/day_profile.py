"""The core family: day totals times profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.day_totals import day_totals, predict_totals
from wfm.forecast.grid import DayArray, DayGrid, FloatArray
from wfm.forecast.profiles import predict_profiles


@dataclass(frozen=True, slots=True)
class DayProfile:
    """Day totals by robust ridge and forgetting level, spread by forgetting profiles."""

    name: str = "day_profile"
    label: str = "Day totals x weekday profiles"

    def predict(self, past: DayGrid, days: DayArray, calendar: Calendar) -> FloatArray:
        """Means of `days`."""
        totals = day_totals(past)
        size = predict_totals(past, totals, days, calendar)
        return np.asarray(size[:, None] * predict_profiles(past, totals, days, calendar))
