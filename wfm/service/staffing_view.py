"""People needed as a page shows them, and why a cell says what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.demand import Queue
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import NotFound
from wfm.service import centre, observing
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.storage import definitions, edits, forecasts, requirements
from wfm.storage.series import unpack
from wfm.storage.tables import ForecastRow, QueueRequirementRow, RequirementRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.erlang import RequirementReason

WEEK_DAYS = 7
MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class RequirementVersion:
    """People needed over all queues; `forecast` is the number of the version that they come from."""

    number: int
    forecast: int
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One interval of one queue.

    Parameters
    ----------
    start_s
        Start, s since 1970 UTC.
    clock
        Start on the queue's wall clock, HH:MM.
    volume
        Expected contacts.
    on_queue, scheduled
        Heads at the desk, and on the schedule so that they are there.
    is_open
        False where nobody is expected to work on the queue.
    backlog
        Deferred contacts unfinished at the end of the interval; 0 for live channels.
    """

    start_s: int
    clock: str
    volume: float
    on_queue: int
    scheduled: int
    is_open: bool
    backlog: float = 0.0


@dataclass(frozen=True, slots=True)
class RequirementDay:
    """One local day; `on_queue_hours` and `scheduled_hours` are its sums, `peak` its most heads on queue."""

    day: date
    cells: tuple[Cell, ...]
    on_queue_hours: float
    scheduled_hours: float
    peak: int


@dataclass(frozen=True, slots=True)
class RequirementView:
    """One queue of a version.

    Parameters
    ----------
    queue
        As it is now; `row_version` is needed to change its target.
    computed_for
        As it was when people needed were computed.
    outdated
        True where the queue or its forecast was changed since, or a newer forecast is there.
    """

    version: RequirementVersion
    queue: centre.QueueView
    computed_for: Queue
    outdated: bool
    interval_minutes: int
    first_day: date
    days: tuple[RequirementDay, ...]
    on_queue_hours: float
    scheduled_hours: float
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """One cell, opened.

    Parameters
    ----------
    reason
        From contacts to heads, target by target; None for deferred channels, which have no waiting line.
    low_80, high_80
        Band that holds four of five such intervals, contacts.
    rate_cv
        Uncertainty of the contact rate that was planned for.
    sources
        What was observed at the same local time of the same weekday: the rows behind the forecast, newest first.
    """

    queue: Queue
    start: datetime
    interval_minutes: int
    volume: float
    low_80: float
    high_80: float
    aht_s: float
    offered_load: float
    rate_cv: float
    on_queue: int
    scheduled: int
    reason: RequirementReason | None
    sources: tuple[observing.SourceRow, ...]


def version_view(row: RequirementRow, forecast_number: int) -> RequirementVersion:
    """A stored version as people see it."""
    return RequirementVersion(row.number, forecast_number, row.made_at, row.made_by)


def view(
    service: Service, actor: Actor, queue_key: str, version: int | None = None, first_day: date | None = None, days: int = WEEK_DAYS
) -> RequirementView:
    """One queue of a version, the newest where none is named.

    Parameters
    ----------
    first_day
        First local day shown; None for today, or the first day of the version where that is later.

    Raises
    ------
    NotFound
        When there is no such version, or it does not have the queue.
    """
    require(actor, "requirement.read")
    days = min(units.whole("days", days, at_least=1), MOST_DAYS)
    queue = centre.queue(service, actor, queue_key)
    with service.database.reading() as session:
        row = requirements.version(session, actor.organisation_id, version)
        part = _part(session, row, queue)
        made_from = session.get_one(ForecastRow, row.forecast_id)
        newest = forecasts.version(session, actor.organisation_id).number
        is_edited = bool(edits.changed_since(session, actor.organisation_id, queue.id, row.edit_revision, 0, edits.LAST_S))
        keys = tuple(other.key for _, other in requirements.queues(session, row))
        today = service.now().astimezone(zone(queue.zone)).date()
        begin = first_day or max(made_from.first_day, min(today, made_from.first_day + timedelta(max(0, made_from.days - days))))
        computed_for = definitions.queue(queue.key, queue.queue.name, part.definition)
        made = version_view(row, made_from.number)
        interval_minutes, arrays = part.interval_minutes, unpack(part.series)
    shown = _days(TimeGrid(queue.zone, begin, days, interval_minutes), arrays)
    return RequirementView(
        version=made,
        queue=queue,
        computed_for=computed_for,
        outdated=computed_for != queue.queue or newest != made.forecast or is_edited,
        interval_minutes=interval_minutes,
        first_day=begin,
        days=shown,
        on_queue_hours=sum(day.on_queue_hours for day in shown),
        scheduled_hours=sum(day.scheduled_hours for day in shown),
        queues=keys,
    )


def why(service: Service, actor: Actor, queue_key: str, start_s: int, version: int | None = None) -> Why:
    """Open one cell down to the rows that it comes from.

    Raises
    ------
    NotFound
        When the version has no such interval.
    """
    require(actor, "requirement.read")
    queue = centre.queue(service, actor, queue_key)
    with service.database.reading() as session:
        part = _part(session, requirements.version(session, actor.organisation_id, version), queue)
        planned = definitions.queue(queue.key, queue.queue.name, part.definition)
        interval_minutes, arrays = part.interval_minutes, unpack(part.series)
    index = int(np.searchsorted(arrays["start_s"], start_s))
    if index >= len(arrays["start_s"]) or arrays["start_s"][index] != start_s:
        raise NotFound(f"people needed on {queue_key} hold no interval that starts at {start_s} s")
    cell = {name: values[index].item() for name, values in arrays.items()}
    local = datetime.fromtimestamp(start_s, UTC).astimezone(zone(queue.zone))
    return Why(
        queue=planned,
        start=local,
        interval_minutes=interval_minutes,
        volume=cell["volume"],
        low_80=cell["low_80"],
        high_80=cell["high_80"],
        aht_s=cell["aht_s"],
        offered_load=cell["load"],
        rate_cv=cell["rate_cv"],
        on_queue=cell["on_queue"],
        scheduled=cell["scheduled"],
        reason=_reason(planned, interval_minutes * 60, cell),
        sources=observing.source_rows(service, actor, queue_key, start_s),
    )


def _reason(queue: Queue, interval_s: int, cell: Mapping[str, float]) -> RequirementReason | None:
    from wfm.erlang import why_required

    if queue.channel.deferred or cell["aht_s"] != cell["aht_s"]:
        return None
    open_minimum = queue.minimum_agents if cell["volume"] > 0 else 0
    patience_s = queue.patience_s or float("inf")
    volume, aht_s = cell["volume"], cell["aht_s"]
    return why_required(
        volume, aht_s, interval_s, queue.target, patience_s=patience_s, minimum_agents=open_minimum, shrinkage=queue.shrinkage
    )


def _part(session: Session, row: RequirementRow, queue: centre.QueueView) -> QueueRequirementRow:
    part = requirements.of_queue(session, row, queue.id)
    if part is None:
        raise NotFound(f"version {row.number} of people needed has no queue {queue.key}")
    return part


def _days(grid: TimeGrid, arrays: Mapping[str, NDArray[Any]]) -> tuple[RequirementDay, ...]:
    starts, hours = grid.local_starts, grid.interval_s / units.SECONDS_PER_HOUR
    known = {int(s): i for i, s in enumerate(arrays["start_s"])}
    days = []
    for day, (a, b) in zip(grid.dates, grid.day_bounds, strict=True):
        cells = tuple(_cell(start, arrays, known.get(int(start.timestamp()))) for start in starts[a:b])
        on_queue, scheduled = sum(cell.on_queue for cell in cells) * hours, sum(cell.scheduled for cell in cells) * hours
        days.append(RequirementDay(day, cells, on_queue, scheduled, max(cell.on_queue for cell in cells)))
    return tuple(days)


def _cell(start: datetime, arrays: Mapping[str, NDArray[Any]], index: int | None) -> Cell:
    if index is None:
        return Cell(int(start.timestamp()), f"{start:%H:%M}", 0.0, 0, 0, is_open=False)
    volume, on_queue, scheduled, backlog = (arrays[name][index].item() for name in ("volume", "on_queue", "scheduled", "backlog"))
    is_open = volume > 0 or on_queue > 0
    return Cell(int(start.timestamp()), f"{start:%H:%M}", volume, on_queue, scheduled, is_open, round(backlog, 2))
