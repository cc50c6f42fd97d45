"""How the forecasts of a queue did in the last weeks: by how far they looked ahead with the floor beside, and day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.domain.timegrid import TimeGrid, local_midnight, zone
from wfm.service import centre
from wfm.service.context import Actor, Service
from wfm.service.forecast_curve import Floats, Number, grid_starts, placed
from wfm.service.observations import observed
from wfm.service.policy import require
from wfm.service.queue_forecast import Observed
from wfm.storage import findings, forecasts
from wfm.storage.series import unpack

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


@dataclass(frozen=True, slots=True)
class Missed:
    """An interval, or an hour, beside its forecast; `error` is above 0 where too much was forecast, None where nothing came."""

    clock: str
    came: float
    forecast: float

    @property
    def error(self) -> Number:
        """Forecast less what came, as a share of what came; None where nothing came."""
        return (self.forecast - self.came) / self.came if self.came else None

    def is_beyond(self, limit: float) -> bool:
        """Whether it is off by more than `limit`, a share of what came."""
        return abs(self.forecast - self.came) > limit * self.came


@dataclass(frozen=True, slots=True)
class DayAccuracy:
    """One day, judged by the forecast that looked the shortest way ahead to it.

    Parameters
    ----------
    total
        The whole day; its clock is empty.
    wape, coverage
        Error of intervals, and share of them inside the 80 % band.
    peak
        The clock hour in which most came; None where nothing did.
    beyond
        Intervals that are off by more than the limit, the worst in contacts first.
    by_chance
        How many would be if the forecast were the true mean: counts vary, small ones more.
    intervals
        Intervals judged.
    """

    day: date
    lead_days: int
    total: Missed
    wape: Number
    coverage: Number
    peak: Missed | None
    beyond: tuple[Missed, ...]
    by_chance: float
    intervals: int


def by_day(service: Service, actor: Actor, queue_key: str, limit: float, days: int = DAYS) -> tuple[DayAccuracy, ...]:
    """The last `days` days of a queue, newest first; intervals off by more than `limit` (a share of what came) are named."""
    require(actor, "forecast.read")
    queue = centre.queue(service, actor, queue_key)
    since = service.now().astimezone(zone(queue.zone)).date() - timedelta(min(days, 366))
    with service.database.reading() as session:
        rows = shortest_lead(findings.accuracy(session, actor.organisation_id, since, queue.id))
        parts = {
            row.forecast_id: (part.interval_minutes, unpack(part.series))
            for row in {row.forecast_id: row for row in rows}.values()
            if (part := forecasts.part(session, actor.organisation_id, row.forecast_id, queue.id)) is not None
        }
    seen = observed(service, actor.organisation_id, queue.id, local_midnight(since, queue.zone))
    known = [row for row in rows if row.forecast_id in parts and parts[row.forecast_id][0] % seen.interval_minutes == 0]
    return tuple(_day(row, queue.zone, *parts[row.forecast_id], seen, limit) for row in reversed(known))


def shortest_lead(rows: Iterable[AccuracyRow]) -> list[AccuracyRow]:
    """One judgement a day, in the order of days: that of the forecast which looked the shortest way ahead."""
    shortest: dict[date, AccuracyRow] = {}
    for row in rows:
        if row.day not in shortest or row.lead_days < shortest[row.day].lead_days:
            shortest[row.day] = row
    return [shortest[day] for day in sorted(shortest)]


def _day(row: AccuracyRow, zone_name: str, minutes: int, arrays: Mapping[str, Any], seen: Observed, limit: float) -> DayAccuracy:
    grid = TimeGrid(zone_name, row.day, 1, minutes)
    rows = seen.longer(minutes)
    actual = placed(grid_starts(grid), rows.start_s, rows.volume)
    mean = placed(grid_starts(grid), arrays["start_s"], arrays["mean"])
    known = np.flatnonzero(~np.isnan(actual) & ~np.isnan(mean))
    clocks = [f"{start:%H:%M}" for start in grid.local_starts]
    intervals = [Missed(clocks[k], float(actual[k]), float(mean[k])) for k in known]
    beyond = sorted((one for one in intervals if one.is_beyond(limit)), key=lambda one: -abs(one.forecast - one.came))
    return DayAccuracy(
        day=row.day,
        lead_days=row.lead_days,
        total=Missed("", row.volume, row.mean),
        wape=_share(row.absolute_error, row.volume),
        coverage=_share(row.inside_80, row.intervals),
        peak=_peak(intervals),
        beyond=tuple(beyond),
        by_chance=beyond_by_chance(mean[known], limit),
        intervals=len(intervals),
    )


def _peak(intervals: Sequence[Missed]) -> Missed | None:
    hours: dict[str, list[Missed]] = {}
    for one in intervals:
        hours.setdefault(f"{one.clock[:2]}:00", []).append(one)
    found = [Missed(hour, sum(one.came for one in inside), sum(one.forecast for one in inside)) for hour, inside in hours.items()]
    busiest = max(found, key=lambda one: one.came, default=None)
    return busiest if busiest and busiest.came > 0 else None


def beyond_by_chance(mean: Floats, limit: float) -> float:
    """Intervals expected off by more than `limit` of what comes, were `mean` the true mean m of Poisson counts y.

    That is y < m / (1 + limit) or y > m / (1 - limit).

    Examples
    --------
    >>> round(beyond_by_chance(np.array([10_000.0, 4.0]), 0.15), 2)
    0.8
    """
    from scipy.special import pdtr

    expected = mean[mean > 0]
    below = pdtr(np.ceil(expected / (1 + limit)) - 1, expected)
    above = 1 - pdtr(np.floor(expected / (1 - limit)), expected) if limit < 1 else 0.0
    return float(np.sum(below + above))


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
