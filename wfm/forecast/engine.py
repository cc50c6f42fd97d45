"""From a history to a forecast: means, distribution and the report on both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wfm.forecast.calendar import Calendar, calendar_for
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.distribution import LEVELS, count_quantiles, squared_cv
from wfm.forecast.grid import DayGrid, to_grid
from wfm.forecast.protocol import Task

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("mean", *(f"{level:g}" for level in LEVELS))


def forecast_queue(
    history: pd.DataFrame, targets: pd.DatetimeIndex, country: str | None = None, subdivision: str | None = None
) -> pd.DataFrame:
    """Forecast the contacts of one queue.

    Parameters
    ----------
    history
        Columns `timestamp` (naive local wall clock, start of interval) and `volume` (contacts); absent rows are unknown, not zero.
    targets
        Every interval wanted; rows of the history at or after the first are not used.
    country, subdivision
        Codes of the `holidays` package; None for no public holidays.

    Returns
    -------
        Index `targets`, columns `mean` and the quantiles `0.025`, `0.1`, `0.5`, `0.9`, `0.975`, contacts per interval.

    Raises
    ------
    InvalidInput
        When the history or the targets cannot be used.
    """
    import pandas as pd

    past, horizon = to_grid(history, targets)
    around = np.concatenate([past.days, horizon.days])
    calendar = calendar_for(around, country, subdivision)
    mean = DayProfile().predict(Task(past, horizon.days, calendar))[horizon.day, horizon.slot]
    cv = np.full(len(mean), np.sqrt(_dispersion(past, calendar)))
    table = np.column_stack([mean, count_quantiles(mean, cv)])
    return pd.DataFrame(table, index=targets, columns=list(COLUMNS))


def _dispersion(past: DayGrid, calendar: Calendar) -> float:
    count = len(past.days)
    found = []
    for back in (28, 56, 84):
        if count - back < 28:
            break
        known, later = past.first(count - back), slice(count - back, count - back + 28)
        mean = DayProfile().predict(Task(known, past.days[later], calendar))
        found.append(squared_cv(past.values[later], mean))
    return float(np.median(found)) if found else 0.1
