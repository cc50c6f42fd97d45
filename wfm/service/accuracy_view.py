"""How the forecasts of a queue did in the last weeks, by how far they looked ahead, with the floor beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from wfm.domain.timegrid import TimeGrid, local_midnight, zone
from wfm.service import centre
from wfm.service.context import Actor, Service
from wfm.service.forecast_curve import Floats, Number, grid_starts, placed
from wfm.service.observations import observed
from wfm.service.policy import require
from wfm.storage import findings

if TYPE_CHECKING:
    from wfm.storage.tables import AccuracyRow

DAYS = 28
SAME_WEEKDAYS = 6


@dataclass(frozen=True, slots=True)
class LeadAccuracy:
    """All judged days of one lead time; shares of the contacts that came, None where nothing came.

    Parameters
    ----------
    lead_days
        Days between the last known day and the first forecast, 0 for the day itself.
    days
        Days judged.
    wape, day_wape, bias
        Error of intervals, of day totals, and the signed one (above 0: too much was forecast).
    coverage
        Share of intervals inside the 80 % band.
    floor
        Error of intervals that even the true mean would have.
    spreadsheet
        Error of intervals of the mean of the last six same weekdays known then.
    """

    lead_days: int
    days: int
    wape: Number
    day_wape: Number
    bias: Number
    coverage: Number
    floor: Number
    spreadsheet: Number


def by_lead(service: Service, actor: Actor, queue_key: str, days: int = DAYS) -> tuple[LeadAccuracy, ...]:
    """The last `days` days of a queue, by lead time, shortest first; forecasts as they were made, before the planners' edits."""
    require(actor, "forecast.read")
    queue = centre.queue(service, actor, queue_key)
    since = service.now().astimezone(zone(queue.zone)).date() - timedelta(min(days, 366))
    with service.database.reading() as session:
        rows = list(findings.accuracy(session, actor.organisation_id, since, queue.id))
    leads = sorted({row.lead_days for row in rows})
    past = _Past(service, actor, queue, rows) if rows else None
    return tuple(_of_lead(lead, [row for row in rows if row.lead_days == lead], past) for lead in leads)


class _Past:
    """What came, day by day, for the spreadsheet's forecast."""

    def __init__(self, service: Service, actor: Actor, queue: centre.QueueView, rows: Sequence[AccuracyRow]) -> None:
        first = min(row.day for row in rows) - timedelta(7 * (SAME_WEEKDAYS + 5))
        last = max(row.day for row in rows)
        seen = observed(service, actor.organisation_id, queue.id, local_midnight(first, queue.zone))
        grid = TimeGrid(queue.zone, first, (last - first).days + 1, seen.interval_minutes)
        volume = placed(grid_starts(grid), seen.start_s, seen.volume)
        self._of_day = {day: volume[a:b] for day, (a, b) in zip(grid.dates, grid.day_bounds, strict=True)}

    def spreadsheet_error(self, row: AccuracyRow) -> tuple[float, float]:
        """Absolute error of intervals and contacts of one day; nothing where no same weekday was known."""
        actual = self._of_day[row.day]
        newest = row.lead_days // 7 + 1
        known = [self._of_day.get(row.day - timedelta(7 * back)) for back in range(newest, newest + SAME_WEEKDAYS)]
        before = [one for one in known if one is not None and len(one) == len(actual) and not np.isnan(one).all()]
        if not before:
            return 0.0, 0.0
        stacked: Floats = np.stack(before)
        count = (~np.isnan(stacked)).sum(axis=0)
        mean = np.where(count > 0, np.nansum(stacked, axis=0) / np.maximum(count, 1), np.nan)
        both = ~np.isnan(mean) & ~np.isnan(actual)
        return float(np.abs(mean[both] - actual[both]).sum()), float(actual[both].sum())


def _of_lead(lead: int, rows: Sequence[AccuracyRow], past: _Past | None) -> LeadAccuracy:
    volume, intervals = sum(row.volume for row in rows), sum(row.intervals for row in rows)
    errors = [past.spreadsheet_error(row) for row in rows] if past else []
    return LeadAccuracy(
        lead_days=lead,
        days=len(rows),
        wape=_share(sum(row.absolute_error for row in rows), volume),
        day_wape=_share(sum(abs(row.mean - row.volume) for row in rows), volume),
        bias=_share(sum(row.mean - row.volume for row in rows), volume),
        coverage=_share(sum(row.inside_80 for row in rows), intervals),
        floor=_share(sum(row.floor_error for row in rows), volume),
        spreadsheet=_share(sum(error for error, _ in errors), sum(size for _, size in errors)),
    )


def _share(part: float, whole: float) -> Number:
    return part / whole if whole > 0 else None
