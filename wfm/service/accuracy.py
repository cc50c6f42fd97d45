"""How forecasts did on days that have come: sums per queue, day and lead, so that any set of them adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.timegrid import TimeGrid
from wfm.service.context import Actor, Service
from wfm.service.forecast_curve import grid_starts, placed
from wfm.service.observations import observed
from wfm.storage import findings, forecasts, staff
from wfm.storage.series import unpack
from wfm.storage.tables import AccuracyRow, ForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LEADS = (0, 1, 7, 14, 28)
LOOK_BACK_DAYS = 7

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """One day of one queue, judged by the forecast that looked `lead_days` ahead.

    Parameters
    ----------
    volume, mean
        Contacts that came, and that were expected in the intervals observed.
    low_95, high_95
        Band that holds 19 of 20 such day totals.
    """

    queue_id: int
    key: str
    name: str
    zone: str
    day: date
    lead_days: int
    volume: float
    mean: float
    low_95: float
    high_95: float


def judge(service: Service, actor: Actor, last_day: date) -> tuple[list[AccuracyRow], list[Judged]]:
    """Accuracy rows of the week that ends with `last_day` (late data changes them), and the judgements of the shortest lead of that day.

    Nothing is stored.
    """
    with service.database.reading() as session:
        queues = [(row.id, row.key, row.name, row.zone) for row, _ in staff.queues(session, actor.organisation_id)]
        days = [last_day - timedelta(n) for n in range(LOOK_BACK_DAYS)]
        versions = {day: _by_lead(forecasts.made_before(session, actor.organisation_id, day), day) for day in days}
        parts = _parts(session, versions)
    rows: list[AccuracyRow] = []
    judged: list[Judged] = []
    for queue_id, key, name, zone_name in queues:
        since = TimeGrid(zone_name, days[-1], 1).begin
        seen = observed(service, actor.organisation_id, queue_id, since)
        for day in days:
            for lead, version in versions[day].items():
                part = parts.get((version.id, queue_id))
                if part is None or part[0] < seen.interval_minutes or part[0] % seen.interval_minutes:
                    continue
                grid = TimeGrid(zone_name, day, 1, part[0])
                found = _compare(grid, part[1], seen.longer(part[0]))
                if found is None:
                    continue
                rows.append(_row(actor.organisation_id, queue_id, version.id, day, lead, found))
                if day == last_day and lead == min(versions[day]):
                    judged.append(_judged((queue_id, key, name, zone_name), day, lead, found))
    return rows, judged


def store(session: Session, rows: Sequence[AccuracyRow]) -> None:
    """Store what `judge` found, in place of what was there."""
    findings.put_accuracy(session, rows)


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """The observed intervals of one day."""

    actual: Floats
    mean: Floats
    low: Floats
    high: Floats
    rate_cv: Floats


def _by_lead(versions: Sequence[ForecastRow], day: date) -> dict[int, ForecastRow]:
    """For the shortest lead there is, and for each lead of interest, the newest version that looked so far ahead to `day`."""
    found: dict[int, ForecastRow] = {}
    for version in versions:
        lead = (day - version.first_day).days
        if lead < version.days and not (version.source and version.made_at.date() > day):  # taken in when the day was over
            found.setdefault(lead, version)
    shortest = min(found, default=0)
    return {lead: version for lead, version in found.items() if lead in LEADS or lead == shortest}


def _parts(session: Session, versions: Mapping[date, Mapping[int, ForecastRow]]) -> dict[tuple[int, int], tuple[int, Mapping[str, Any]]]:
    wanted = {version.id: version for of_day in versions.values() for version in of_day.values()}
    return {
        (version.id, part.queue_id): (part.interval_minutes, unpack(part.series))
        for version in wanted.values()
        for part, _ in forecasts.queues(session, version)
    }


def _compare(grid: TimeGrid, arrays: Mapping[str, Any], seen: Any) -> _Compared | None:
    start_s = grid_starts(grid)
    actual = placed(start_s, seen.start_s, seen.volume)
    columns = [placed(start_s, arrays["start_s"], arrays[name]) for name in ("mean", "q0.1", "q0.9", "rate_cv")]
    known = ~np.isnan(actual) & ~np.isnan(columns[0])
    return _Compared(actual[known], *(column[known] for column in columns)) if known.any() else None


def _row(organisation_id: int, queue_id: int, forecast_id: int, day: date, lead: int, found: _Compared) -> AccuracyRow:
    return AccuracyRow(
        organisation_id=organisation_id,
        queue_id=queue_id,
        forecast_id=forecast_id,
        day=day,
        lead_days=lead,
        volume=float(found.actual.sum()),
        mean=float(found.mean.sum()),
        absolute_error=float(np.abs(found.actual - found.mean).sum()),
        floor_error=floor_error(found.mean),
        intervals=len(found.actual),
        inside_80=int(((found.actual >= found.low) & (found.actual <= found.high)).sum()),
    )


def floor_error(mean: Floats) -> float:
    """Absolute error that even the true mean would have, were counts Poisson: `sum 2 m P(Y = floor(m))`, contacts (Crow 1958)."""
    from scipy.stats import poisson

    return float((2 * mean * poisson.pmf(np.floor(mean), mean)).sum())


def _judged(queue: tuple[int, str, str, str], day: date, lead: int, found: _Compared) -> Judged:
    mean = float(found.mean.sum())
    spread = 1.96 * float(np.sqrt(mean + (found.mean * found.rate_cv).sum() ** 2))
    return Judged(*queue, day, lead, float(found.actual.sum()), mean, mean - spread, mean + spread)
