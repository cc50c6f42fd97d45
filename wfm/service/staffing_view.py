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
from wfm.domain.shrinkage import ShrinkagePart
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import NotFound
from wfm.service import centre, observing
from wfm.service.context import Actor, Service
from wfm.service.need_reasons import NeedReason, reason_of, shrinkage_lines
from wfm.service.policy import require
from wfm.storage import definitions, edits, forecasts, requirements
from wfm.storage.series import unpack
from wfm.storage.tables import ForecastRow, QueueRequirementRow, QueueRow, RequirementRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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
    movable
        Heads among `on_queue` for movable work.
    oldest_age_s
        Age of the oldest of the backlog, s.
    """

    start_s: int
    clock: str
    volume: float
    on_queue: int
    scheduled: int
    is_open: bool
    backlog: float = 0.0
    movable: int = 0
    oldest_age_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class DayCells:
    """The stored figures of one local day, by name, with the local start of each interval."""

    day: date
    starts: tuple[datetime, ...]
    arrays: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue of a version over the days shown: heads in hours, most heads on queue at once, hours of movable work among them."""

    queue: centre.QueueView
    on_queue_hours: float
    scheduled_hours: float
    movable_hours: float
    peak: int


@dataclass(frozen=True, slots=True)
class RequirementDay:
    """One local day; `on_queue_hours`, `scheduled_hours` and `movable_hours` are its sums, `peak` its most heads on queue."""

    day: date
    cells: tuple[Cell, ...]
    on_queue_hours: float
    scheduled_hours: float
    peak: int
    movable_hours: float = 0.0


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
    shrinkage, shrinkage_parts
        Share of that weekday, and the lines of the table that it comes from.
    movable
        Heads among `on_queue` for movable work.
    backlog, oldest_age_s
        Deferred contacts unfinished at the end of the interval, and the age of the oldest, s.
    forecast
        Number of the forecast that the volume comes from.
    files
        Imports that the queue's history comes from, newest first.
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
    reason: NeedReason | None
    shrinkage: float
    shrinkage_parts: tuple[ShrinkagePart, ...]
    movable: int
    backlog: float
    oldest_age_s: float
    forecast: int
    sources: tuple[observing.SourceRow, ...]
    files: tuple[observing.SourceFile, ...]


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
        interval_minutes, arrays = part.interval_minutes, _series(part)
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
        row = requirements.version(session, actor.organisation_id, version)
        part = _part(session, row, queue)
        forecast = session.get_one(ForecastRow, row.forecast_id).number
        planned = definitions.queue(queue.key, queue.queue.name, part.definition)
        interval_minutes, arrays = part.interval_minutes, _series(part)
    index = int(np.searchsorted(arrays["start_s"], start_s))
    if index >= len(arrays["start_s"]) or arrays["start_s"][index] != start_s:
        raise NotFound(f"people needed on {queue_key} hold no interval that starts at {start_s} s")
    cell = {name: values[index].item() for name, values in arrays.items()}
    local = datetime.fromtimestamp(start_s, UTC).astimezone(zone(queue.zone))
    return Why(
        queue=planned,
        start=local,
        interval_minutes=interval_minutes,
        offered_load=cell["load"],
        reason=reason_of(planned, interval_minutes * 60, cell),
        shrinkage_parts=shrinkage_lines(planned, local.weekday()),
        forecast=forecast,
        sources=observing.source_rows(service, actor, queue_key, start_s),
        files=observing.source_files(service, actor, queue_key),
        **{name: cell[name] for name in _SHOWN},
    )


_SHOWN = (
    "volume", "low_80", "high_80", "aht_s", "rate_cv", "on_queue", "scheduled", "shrinkage", "movable", "backlog", "oldest_age_s",
)  # fmt: skip


def overview(service: Service, actor: Actor, version: int, first_day: date, days: int) -> tuple[QueueLine, ...]:
    """Every queue of a version over some local days, by key."""
    require(actor, "requirement.read")
    known = {one.id: one for one in centre.queues(service, actor)}
    with service.database.reading() as session:
        row = requirements.version(session, actor.organisation_id, version)
        parts = [(known[queue.id], part.interval_minutes, _series(part)) for part, queue in requirements.queues(session, row)]
    return tuple(_line(queue, TimeGrid(queue.zone, first_day, days, minutes), arrays) for queue, minutes, arrays in parts)


def _line(queue: centre.QueueView, grid: TimeGrid, arrays: Mapping[str, NDArray[Any]]) -> QueueLine:
    first, last = np.searchsorted(arrays["start_s"], [int(grid.begin.timestamp()), int(grid.end.timestamp())])
    hours = grid.interval_s / units.SECONDS_PER_HOUR
    rows = {name: arrays[name][first:last] for name in ("on_queue", "scheduled", "movable")}
    on_queue, scheduled, movable = (float(row.sum()) * hours for row in rows.values())
    return QueueLine(queue, on_queue, scheduled, movable, int(rows["on_queue"].max(initial=0)))


def day_cells(
    service: Service, actor: Actor, queue_key: str, version: int, first_day: date, days: int
) -> tuple[Queue, int, tuple[DayCells, ...]]:
    """The queue as it was computed, its interval in seconds, and the stored figures of some local days that the version reaches over."""
    require(actor, "requirement.read")
    queue = centre.queue(service, actor, queue_key)
    with service.database.reading() as session:
        part = _part(session, requirements.version(session, actor.organisation_id, version), queue)
        planned = definitions.queue(queue.key, queue.queue.name, part.definition)
        interval_minutes, arrays = part.interval_minutes, _series(part)
    grid = TimeGrid(queue.zone, first_day, min(days, MOST_DAYS), interval_minutes)
    found = []
    for day, (a, b) in zip(grid.dates, grid.day_bounds, strict=True):
        starts = grid.local_starts[a:b]
        first = int(np.searchsorted(arrays["start_s"], int(starts[0].timestamp())))
        if arrays["start_s"][first : first + len(starts)].tolist() == [int(start.timestamp()) for start in starts]:
            found.append(DayCells(day, starts, {name: values[first : first + len(starts)] for name, values in arrays.items()}))
    return planned, interval_minutes * 60, tuple(found)


def of_version(part: QueueRequirementRow, queue: QueueRow) -> tuple[Queue, int, dict[str, NDArray[Any]]]:
    """A queue of a version as it was computed, its interval in seconds, and its stored figures."""
    return definitions.queue(queue.key, queue.name, part.definition), part.interval_minutes * 60, _series(part)


def _series(part: QueueRequirementRow) -> dict[str, NDArray[Any]]:
    """The stored figures; versions from before movable work have none of it, and one shrinkage."""
    arrays = unpack(part.series)
    nothing = np.zeros(len(arrays["start_s"]))
    arrays.setdefault("movable", nothing.astype(np.int32))
    arrays.setdefault("oldest_age_s", nothing)
    arrays.setdefault("shrinkage", np.full(len(nothing), float(part.definition["shrinkage"])))
    return arrays


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
        movable = sum(cell.movable for cell in cells) * hours
        days.append(RequirementDay(day, cells, on_queue, scheduled, max(cell.on_queue for cell in cells), movable))
    return tuple(days)


def _cell(start: datetime, arrays: Mapping[str, NDArray[Any]], index: int | None) -> Cell:
    if index is None:
        return Cell(int(start.timestamp()), f"{start:%H:%M}", 0.0, 0, 0, is_open=False)
    names = ("volume", "on_queue", "scheduled", "backlog", "movable", "oldest_age_s")
    volume, on_queue, scheduled, backlog, movable, age_s = (arrays[name][index].item() for name in names)
    is_open = volume > 0 or on_queue > 0
    return Cell(int(start.timestamp()), f"{start:%H:%M}", volume, on_queue, scheduled, is_open, round(backlog, 2), movable, age_s)
