"""The forecast of a queue without a history: that of a similar queue, laid on its own clock and brought to a typed size. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.timegrid import TimeGrid
from wfm.domain.wallclock import wall_clock
from wfm.errors import InvalidInput
from wfm.service.queue_forecast import LEVELS, Floats, QueueForecast

WEEKS = 4
WEEK_DAYS = 7
LEAST_OWN_DAYS = 28


@dataclass(frozen=True, slots=True, eq=False)
class Similar:
    """The forecast of the similar queue over whole local days.

    Parameters
    ----------
    arrays
        As `QueueForecast.arrays` gives them.
    dispersion
        `common` and `own`.
    """

    key: str
    name: str
    zone: str
    interval_minutes: int
    arrays: Mapping[str, NDArray[Any]]
    dispersion: Mapping[str, float]


def like(similar: Similar, zone_name: str, first_day: date, days: int, weekly_total: float, total_cv: float) -> QueueForecast:
    """Forecast a queue like a similar one; of low confidence, with the similar queue's handle times.

    Parameters
    ----------
    zone_name, first_day, days
        Zone of the new queue, and the local days wanted; the similar forecast has them.
    weekly_total
        Contacts in an ordinary week, above 0.
    total_cv
        How far off that may be: standard deviation over mean.

    Raises
    ------
    InvalidInput
        When the similar queue expects nothing, or its forecast is shorter than a week.
    """
    from wfm.forecast.distribution import Dispersion
    from wfm.forecast.new_queue import scaled, words

    grid = TimeGrid(zone_name, first_day, days, similar.interval_minutes)
    theirs = {name: _on_clock(similar, grid, name) for name in ("mean", "aht_s")}
    spread = Dispersion(similar.dispersion.get("common", 0.0), similar.dispersion.get("own", 0.0))
    made = scaled(np.nan_to_num(theirs["mean"]), weeks_of(similar, first_day, days), spread, weekly_total, total_cv)
    return QueueForecast(
        interval_minutes=similar.interval_minutes,
        start_s=_starts(grid),
        mean=made.mean,
        quantile={level: made.quantiles[:, place] for place, level in enumerate(LEVELS)},
        rate_cv=made.rate_cv,
        aht_s=theirs["aht_s"],
        report={
            "sentence": words(similar.name, weekly_total),
            "low_confidence": True,
            "dispersion": {"common": made.dispersion.common, "own": made.dispersion.own},
            "like": {"queue": similar.key, "weekly_total": weekly_total, "total_cv": total_cv},
        },
    )


def weeks_of(similar: Similar, first_day: date, days: int) -> Floats:
    """Contacts that the similar queue expects in each whole week from the first day on, at most four.

    Raises
    ------
    InvalidInput
        When there is no whole week.
    """
    count = min(WEEKS, days // WEEK_DAYS)
    if not count:
        raise InvalidInput(f"the forecast of {similar.name} must reach over a week, got {days} days; forecast further ahead first")
    grid = TimeGrid(similar.zone, first_day, WEEK_DAYS * count, similar.interval_minutes)
    mean = np.nan_to_num(_on_clock(similar, grid, "mean"))
    bounds = grid.day_bounds
    return np.array([mean[bounds[WEEK_DAYS * n][0] : bounds[WEEK_DAYS * (n + 1) - 1][1]].sum() for n in range(count)])


def _on_clock(similar: Similar, grid: TimeGrid, name: str) -> Floats:
    """A column of the similar forecast at the same wall clock times of the grid; NaN where it has none."""
    known_s, wanted_s = similar.arrays["start_s"], _starts(grid)
    theirs = wall_clock(similar.zone, int(known_s[0]), int(known_s[-1])).to_wall(known_s)
    ours = wall_clock(grid.zone_name, int(wanted_s[0]), int(wanted_s[-1])).to_wall(wanted_s)
    walls, first = np.unique(theirs, return_index=True)
    place = np.minimum(np.searchsorted(walls, ours), len(walls) - 1)
    return np.where(walls[place] == ours, similar.arrays[name][first][place], np.nan)


def _starts(grid: TimeGrid) -> NDArray[np.int64]:
    return int(grid.begin.timestamp()) + grid.interval_s * np.arange(grid.count, dtype=np.int64)
