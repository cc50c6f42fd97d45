"""Prophet (Taylor and Letham, 2018), the only place that knows it. Accurate where days are alike, slow, and blind to closed hours."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.forecast.features import SEASON_FROM_DAYS
from wfm.forecast.grid import DayArray, FloatArray, IntArray
from wfm.forecast.protocol import Task

if TYPE_CHECKING:
    import pandas as pd

LONGEST_DAYS = 730
DAILY_WAVES = 12
WEEKLY_WAVES = 10
SEED = 1


@dataclass(frozen=True, slots=True)
class ProphetFamily:
    """Prophet on intervals.

    Parameters
    ----------
    tuned
        True for effects that multiply, finer seasons and holidays by name; False for its defaults.
    """

    tuned: bool = True
    name: str = "prophet"
    label: str = "Prophet"
    sees_holidays: bool = True

    def predict(self, task: Task) -> FloatArray:
        """Means of the task's days."""
        past = task.clean.last(LONGEST_DAYS)
        known = past.observed
        shape = (len(task.days), len(past.slots))
        if np.count_nonzero(past.values[known] > 0) < 2:
            return np.zeros(shape)
        row, slot = np.nonzero(known)
        history = _frame(past.days[row], past.slots[slot])
        history["y"] = past.values[known]
        day, slot = np.indices(shape)
        mean = _fit_predict(_settings(task, self.tuned), history, _frame(task.days[day.ravel()], past.slots[slot.ravel()]))
        return np.asarray(np.maximum(mean.reshape(shape), 0.0))


def _fit_predict(settings: dict[str, Any], history: pd.DataFrame, coming: pd.DataFrame) -> FloatArray:
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)  # it complains of plotly when imported
    from prophet import Prophet

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it calls deprecated parts of pandas
        model = Prophet(uncertainty_samples=0, **settings)
        for name in ("prophet", "cmdstanpy"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        model.fit(history, seed=SEED)
        return np.asarray(model.predict(coming)["yhat"].to_numpy(dtype=float))


def _frame(days: DayArray, minutes: IntArray) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"ds": days.astype("datetime64[m]").astype("datetime64[ns]") + minutes.astype("timedelta64[m]")})


def _settings(task: Task, tuned: bool) -> dict[str, Any]:
    if not tuned:
        return {}
    return {
        "seasonality_mode": "multiplicative",
        "daily_seasonality": DAILY_WAVES,
        "weekly_seasonality": WEEKLY_WAVES,
        "yearly_seasonality": len(task.past.days) >= SEASON_FROM_DAYS,
        "holidays": _holidays(task),
    }


def _holidays(task: Task) -> pd.DataFrame | None:
    import pandas as pd

    rows = [(named.name, day) for named in task.calendar.named if named.public for day in named.days.astype("datetime64[ns]")]
    if not rows:
        return None
    return pd.DataFrame(rows, columns=["holiday", "ds"]).drop_duplicates().assign(lower_window=-1, upper_window=1)
