"""The core family: day totals times profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.grid import FloatArray
from wfm.forecast.profiles import predict_profiles
from wfm.forecast.protocol import Task
from wfm.forecast.tilt import predict_tilts


@dataclass(frozen=True, slots=True)
class DayProfile:
    """Day totals by robust ridge and forgetting level, spread by forgetting profiles that tilt with season and named days."""

    name: str = "day_profile"
    label: str = "Day totals x weekday profiles"
    sees_holidays: bool = True

    def predict(self, task: Task) -> FloatArray:
        """Means of the task's days."""
        shares = predict_profiles(task.weekly, task.totals, task.days, task.calendar)
        tilts = predict_tilts(task.clean, task.totals, task.weekly, task.days, task.calendar, task.fit.features)
        shares = shares * tilts * task.open_slots
        whole = np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
        return np.asarray(task.fit.coming[:, None] * shares / whole)
