"""Drivers: counts known ahead that move the volume, such as booked appointments a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from wfm import units
from wfm.errors import InvalidInput
from wfm.forecast.grid import BoolArray, DayArray, FloatArray, weekday_of

LARGEST_LOG = 1.5
LEAST_DAYS = 28


@dataclass(frozen=True, slots=True, eq=False)
class Driver:
    """A count per day that is known for past days and for the days to come.

    Parameters
    ----------
    name
        What is counted.
    values
        Count by local day, at least 0; a day without one is taken as usual for its weekday.

    Examples
    --------
    >>> Driver("Appointments", {date(2026, 3, 2): 120.0}).name
    'Appointments'
    """

    name: str
    values: Mapping[date, float]

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidInput("a driver needs a name, got a blank")
        for day, value in self.values.items():
            units.not_negative(f"{self.name} on {day}", value)

    def at(self, days: DayArray) -> FloatArray:
        """Its count on `days`, NaN where none is known."""
        found = [self.values.get(day, np.nan) for day in days.astype("datetime64[D]").tolist()]
        return np.array(found, dtype=float)


def driver_column(driver: Driver, days: DayArray, past: int, ordinary: BoolArray) -> FloatArray | None:
    """Log of the count over what its weekday usually has; 0 where unknown and on days that have their own explanation.

    Parameters
    ----------
    days, past
        History and horizon, and the number of days of history; what is usual is learned from the history.
    ordinary
        True on days that no holiday explains, length of `days`.

    Returns
    -------
        Length of `days`; None where fewer than 28 past days have a count or all are alike.

    Examples
    --------
    >>> days = np.arange("2026-01-05", "2026-02-09", dtype="datetime64[D]")
    >>> counts = Driver("Appointments", {day: 100.0 + 100.0 * (place == 34) for place, day in enumerate(days.tolist())})
    >>> driver_column(counts, days, 35, np.ones(35, dtype=bool))[-2:].round(2).tolist()
    [0.0, 0.69]
    """
    count = driver.at(days)
    weekday, known = weekday_of(days), np.isfinite(count)
    seen = known & ordinary & (np.arange(len(days)) < past)
    if seen.sum() < LEAST_DAYS:
        return None
    usual = np.array([np.median(count[seen & (weekday == k)]) if (seen & (weekday == k)).any() else np.nan for k in range(7)])[weekday]
    used = known & ordinary & np.isfinite(usual)
    ratio = np.log((np.where(used, count, 0.0) + 1) / (np.where(used, usual, 0.0) + 1))
    column = np.where(used, np.clip(ratio, -LARGEST_LOG, LARGEST_LOG), 0.0)
    return column if np.ptp(column[:past]) > 0 else None
