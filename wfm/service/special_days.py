"""What planners know ahead: special days and daily counts, handed to the next forecast."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wfm import units
from wfm.errors import Conflict, InvalidInput, LineProblem
from wfm.service import audit, fields, planner_lines
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.storage import events as store
from wfm.storage import staff
from wfm.storage.tables import DriverRow, SpecialDayRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.forecast import Driver, Event

NAME = 80
LONGEST_DAYS = 62
LARGEST_EFFECT = 20.0
MOST_COUNT, MOST_DAYS, MOST_BYTES = 1e9, 8_000, 1_000_000
COLUMNS = ("day", "count")


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Days on which something happens.

    Parameters
    ----------
    queue
        Key of the queue; None for all.
    effect
        Change of the volume as a share, -1 (closed) to 20; None to learn it from past days of the same name.
    """

    id: int
    queue: str | None
    name: str
    first_day: date
    last_day: date
    effect: float | None
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Count:
    """A count per day.

    Parameters
    ----------
    days
        Days that have a count, from `first_day` to `last_day`.
    row_version
        Goes up with every change; give it back with one.
    """

    id: int
    queue: str | None
    name: str
    days: int
    first_day: date
    last_day: date
    row_version: int
    changed_at: datetime
    changed_by: str


def special_days(service: Service, actor: Actor) -> tuple[SpecialDays, ...]:
    """The special days that count, latest first."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        found = [_special(row, key) for row, key in store.present(session, SpecialDayRow, actor.organisation_id)]
    return tuple(sorted(found, key=lambda one: (one.first_day, one.id), reverse=True))


def add_special_days(
    service: Service, actor: Actor, name: str, first_day: date, last_day: date, effect: float | None = None, queue: str | None = None
) -> int:
    """Keep special days for the next forecast; their id.

    Parameters
    ----------
    name
        The same on every day on which the same thing happens, at most 80 characters.
    first_day, last_day
        Local days, both included, at most 62.
    effect
        Change of the volume as a share, -1 to 20; None to learn it from past days of that name.
    queue
        Key of the queue; None for all.

    Raises
    ------
    InvalidInput
        When a value is out of bounds, or the effect is to be learned and a count of the same queue has that name.
    NotFound
        When there is no such queue.
    """
    require(actor, "forecast.change")
    name = fields.note("name", name, NAME)
    first, last = fields.day("first day", first_day), fields.day("last day", last_day)
    if not timedelta(0) <= last - first < timedelta(LONGEST_DAYS):
        raise InvalidInput(f"the last day must be the first or one of the {LONGEST_DAYS - 1} after it, got {first} to {last}")
    if effect is not None and not -1 <= units.real("effect", effect) <= LARGEST_EFFECT:
        raise InvalidInput(f"the effect must lie in -100 to 2000 %, got {effect * 100:g} %")
    with service.database.transaction() as session:
        service.database.lock(session, "driver", actor.organisation_id)
        queue_id = _queue_id(session, actor, queue)
        if effect is None:
            _refuse_namesake(session, actor, DriverRow, name, queue_id)
        row = SpecialDayRow(
            organisation_id=actor.organisation_id,
            queue_id=queue_id,
            name=name,
            first_day=first,
            last_day=last,
            effect=effect,
            made_at=service.now(),
            made_by=actor.name,
        )
        session.add(row)
        session.flush()
        audit.record(session, service, actor, "special_day.add", "special_day", row.id, None, _told_special(row, queue))
        return row.id


def remove_special_days(service: Service, actor: Actor, row_id: int) -> None:
    """Take special days out of the coming forecasts.

    Raises
    ------
    NotFound
        When they are not there, or gone already.
    """
    require(actor, "forecast.change")
    with service.database.transaction() as session:
        row = store.one(session, SpecialDayRow, actor.organisation_id, row_id)
        row.removed_at, row.removed_by = service.now(), actor.name
        session.flush()
        audit.record(session, service, actor, "special_day.remove", "special_day", row_id, _told_special(row, None), None)


def counts(service: Service, actor: Actor) -> tuple[Count, ...]:
    """The counts per day that forecasts may use, by name."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        found = [_count(row, key) for row, key in store.present(session, DriverRow, actor.organisation_id)]
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))


def put_counts(
    service: Service, actor: Actor, name: str, content: bytes, queue: str | None = None, row_version: int = 0, *, typed: bool = False
) -> int:
    """Keep a count per day out of a CSV with the columns `day` and `count`; days of a count that is there already are added to it.

    Parameters
    ----------
    name
        What is counted, at most 80 characters.
    content, typed
        As for `read_counts`.
    queue
        Key of the queue; None for all.
    row_version
        As in the `Count` that was looked at; 0 for one that is new.

    Returns
    -------
    Days that the count has now.

    Raises
    ------
    UnreadableFile
        With line and reason for everything that cannot be used; nothing is stored then.
    Conflict
        When somebody else changed the count meanwhile.
    InvalidInput
        When the file is no such CSV, the count would have more than 8,000 days, or special days of the same queue that are to be learned
        have that name.
    NotFound
        When there is no such queue.
    """
    require(actor, "forecast.change")
    name = fields.note("name", name, NAME)
    values = read_counts(content, typed=typed)
    with service.database.transaction() as session:
        service.database.lock(session, "driver", actor.organisation_id)
        queue_id = _queue_id(session, actor, queue)
        _refuse_namesake(session, actor, SpecialDayRow, name, queue_id)
        rows = [row for row, _ in store.present(session, DriverRow, actor.organisation_id) if (row.name, row.queue_id) == (name, queue_id)]
        if (rows[0].row_version if rows else 0) != row_version:
            who = f"{rows[0].changed_by} changed" if rows else "somebody removed"
            raise Conflict(f"{who} the count {name!r} meanwhile; look at it again, then upload")
        row = rows[0] if rows else DriverRow(organisation_id=actor.organisation_id, queue_id=queue_id, name=name, counts={}, row_version=0)
        row.counts = {**row.counts, **values}
        if len(row.counts) > MOST_DAYS:
            raise InvalidInput(f"a count may have {MOST_DAYS:,} days, got {len(row.counts):,}")
        row.row_version, row.changed_at, row.changed_by = row.row_version + 1, service.now(), actor.name
        session.add(row)
        session.flush()
        after = {"name": name, "queue": queue, "days": len(values), "first": min(values), "last": max(values)}
        audit.record(session, service, actor, "driver.put", "driver", row.id, None, after)
        return len(row.counts)


def remove_counts(service: Service, actor: Actor, row_id: int, row_version: int) -> None:
    """Take a count out of the coming forecasts.

    Parameters
    ----------
    row_id, row_version
        As in the `Count` that was looked at.

    Raises
    ------
    NotFound
        When it is not there, or gone already.
    Conflict
        When somebody else changed it meanwhile.
    """
    require(actor, "forecast.change")
    with service.database.transaction() as session:
        row = store.one(session, DriverRow, actor.organisation_id, row_id)
        if row.row_version != row_version:
            raise Conflict(f"{row.changed_by} changed the count {row.name!r} meanwhile; look at it again, then remove it")
        row.removed_at, row.removed_by, row.row_version = service.now(), actor.name, row.row_version + 1
        session.flush()
        audit.record(session, service, actor, "driver.remove", "driver", row_id, {"name": row.name, "days": len(row.counts)}, None)


def read_counts(content: bytes, *, typed: bool = False) -> dict[str, float]:
    """Count by day, YYYY-MM-DD; other columns than `day` and `count` are not looked at.

    Parameters
    ----------
    content
        A CSV file in UTF-8 of at most 1,000,000 bytes; each day once, counts of 0 to 1,000,000,000.
    typed
        True for lines without a header, the day first and the count behind it.

    Raises
    ------
    UnreadableFile
        With line, column and reason for everything that cannot be used.
    InvalidInput
        When it is too large, no CSV in UTF-8, lacks a column or has no rows.

    Examples
    --------
    >>> read_counts(b"day,count\\n2026-06-08,120\\n")
    {'2026-06-08': 120.0}
    """
    found: dict[str, float] = {}
    lines: dict[str, int] = {}
    problems: list[LineProblem] = []
    for line, row in _rows(content, list(COLUMNS) if typed else None):
        day, value, wrong = _row(line, row)
        problems += wrong
        if day is not None and day in lines:
            problems.append(LineProblem(line, "day", f"must stand once in the file, got {day}, which stands on line {lines[day]}"))
        if day is not None:
            lines.setdefault(day, line)
            found[day] = value
    if problems:
        raise planner_lines.refused(problems)
    if not found:
        raise InvalidInput("the file has no rows")
    return found


def _rows(content: bytes, names: list[str] | None) -> list[tuple[int, dict[str | None, Any]]]:
    """Every row with the line on which it ends; `names` of the columns where the file has no header."""
    if len(content) > MOST_BYTES:
        raise InvalidInput(f"a file of counts may have {MOST_BYTES:,} bytes, got {len(content):,}")
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), names)
        rows: list[tuple[int, dict[str | None, Any]]] = [(reader.line_num, dict(row)) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"the file must be a CSV file in UTF-8: {error}") from error
    header = list(reader.fieldnames or ())
    if set(COLUMNS) - set(header):
        raise InvalidInput(f"the file needs the columns day and count; it has {', '.join(header or ['none'])}")
    twice = [name for name in COLUMNS if header.count(name) > 1]
    if twice:
        raise InvalidInput(f"the file must have the column {twice[0]} once, got it {header.count(twice[0])} times")
    return rows


def _row(line: int, row: Mapping[str | None, Any]) -> tuple[str | None, float, list[LineProblem]]:
    """Day (None where it is none), count and what is wrong with them."""
    day, value, problems = None, 0.0, []
    try:
        day = planner_lines.day_in(row["day"]).isoformat()
    except InvalidInput as error:
        problems.append(LineProblem(line, "day", str(error)))
    try:
        value = planner_lines.number_in(row["count"], MOST_COUNT)
    except InvalidInput as error:
        problems.append(LineProblem(line, "count", str(error)))
    if None in row:
        more = ",".join(row[None])
        reason = f"must have as many cells as the header, got {planner_lines.shown(more)} besides; a comma in a number begins a new cell"
        problems.append(LineProblem(line, "", reason))
    return day, value, problems


def told(session: Session, organisation_id: int, queue_id: int) -> tuple[tuple[Event, ...], tuple[Driver, ...]]:
    """What the forecast of a queue is told; days of one name whose effect is to be learned are one event.

    A count of the queue's own comes before one of the same name for all; one that has the name of days to learn is left out.
    """
    from wfm.forecast import Driver
    from wfm.forecast.events import events_over

    rows = [row for row, _ in store.present(session, SpecialDayRow, organisation_id) if row.queue_id in (None, queue_id)]
    events = events_over((row.name, row.first_day, row.last_day, row.effect) for row in rows)
    taken = {event.name for event in events if event.effect is None}
    drivers: dict[str, Driver] = {}
    for driver, _ in store.present(session, DriverRow, organisation_id):
        if driver.queue_id in (None, queue_id) and driver.name not in taken and (driver.queue_id or driver.name not in drivers):
            drivers[driver.name] = Driver(driver.name, {date.fromisoformat(day): value for day, value in driver.counts.items()})
    return events, tuple(drivers.values())


def _refuse_namesake(session: Session, actor: Actor, table: type[store.Told], name: str, queue_id: int | None) -> None:
    """What forecasts learn is told apart by its name: a count and special days to learn may not share one where they share a queue."""
    for row, key in store.present(session, table, actor.organisation_id):
        shares = row.queue_id is None or queue_id in (None, row.queue_id)
        learned = not isinstance(row, SpecialDayRow) or row.effect is None
        if row.name == name and shares and learned:
            where = f"queue {key}" if key else "all queues"
            what = "special days whose effect is learned" if isinstance(row, SpecialDayRow) else "a count per day"
            raise InvalidInput(f"{name!r} is the name of {what}, for {where}; choose another name, so that forecasts can tell them apart")


def _queue_id(session: Session, actor: Actor, key: str | None) -> int | None:
    return None if key is None else staff.queue(session, actor.organisation_id, key).id


def _special(row: SpecialDayRow, key: str | None) -> SpecialDays:
    return SpecialDays(row.id, key, row.name, row.first_day, row.last_day, row.effect, row.made_at, row.made_by)


def _count(row: DriverRow, key: str | None) -> Count:
    first, last = date.fromisoformat(min(row.counts)), date.fromisoformat(max(row.counts))
    return Count(row.id, key, row.name, len(row.counts), first, last, row.row_version, row.changed_at, row.changed_by)


def _told_special(row: SpecialDayRow, queue: str | None) -> dict[str, Any]:
    span = {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
    return {"name": row.name, "queue": queue, "effect": row.effect, **span}
