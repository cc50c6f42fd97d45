"""Contacts that came, laid on the grid of a replay, and what a spreadsheet would have expected of them."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.timegrid import TimeGrid
from wfm.service.demand_grid import on_grid

Floats = NDArray[np.float64]
SPREADSHEET_WEEKS = 6
_WEEK_MINUTES = 7 * units.MINUTES_PER_DAY


def observed_on(grid: TimeGrid, start_s: NDArray[np.int64], step_s: int, values: Floats) -> Floats:
    """Amounts per interval of the grid, from those of intervals of `step_s`; NaN where an interval was not wholly observed."""
    begin, end = int(grid.begin.timestamp()), int(grid.end.timestamp())
    near = (start_s > begin - step_s) & (start_s < end)
    start_s, values = start_s[near], values[near]
    first = begin - (begin - int(start_s[0])) % step_s if len(start_s) else begin
    whole = np.arange(first, end + step_s, step_s)
    amounts, seen = np.zeros(len(whole)), np.zeros(len(whole))
    place = np.searchsorted(whole, start_s)
    amounts[place], seen[place] = np.nan_to_num(values), ~np.isnan(values)
    spread = on_grid(grid, whole, step_s, amounts) * grid.interval_s / step_s
    return np.where(on_grid(grid, whole, step_s, seen) > 1 - 1e-6, spread, np.nan)


def weekday_means(grid: TimeGrid, start_s: NDArray[np.int64], step_s: int, volume: Floats) -> Floats | None:
    """Contacts by interval that the mean of the last six same weekdays before the grid expects; None without six weeks of history."""
    days = 7 * SPREADSHEET_WEEKS
    before = TimeGrid(grid.zone_name, grid.first_day - timedelta(days), days, grid.interval_s // 60)
    if not len(start_s) or start_s[0] >= before.begin.timestamp() + units.SECONDS_PER_HOUR * 24:
        return None
    values = observed_on(before, start_s, step_s, volume)
    known = ~np.isnan(values)
    slots = _week_slots(before)[known]
    sums, counts = (np.bincount(slots, weight, _WEEK_MINUTES) for weight in (values[known], None))
    return np.asarray((sums / np.maximum(counts, 1))[_week_slots(grid)])


@lru_cache(maxsize=64)
def _week_slots(grid: TimeGrid) -> NDArray[np.int64]:
    """Minutes after Monday's midnight on the wall clock, by interval."""
    return np.array([(at.weekday() * 24 + at.hour) * 60 + at.minute for at in grid.local_starts], np.int64)
