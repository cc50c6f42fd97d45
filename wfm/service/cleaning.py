"""Outages and outliers in the history of a queue: proposed, accepted or rejected by people, taken back one by one or all at once.

What was imported is never changed: forecasts read the history without the stretches that a standing decision leaves out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from wfm import units
from wfm.domain.timegrid import TimeGrid, local_midnight, zone
from wfm.domain.wallclock import wall_clock
from wfm.errors import Conflict, InvalidInput
from wfm.service import audit, centre, fields, special_days
from wfm.service.context import Actor, Service
from wfm.service.observations import observed
from wfm.service.policy import require
from wfm.service.queue_forecast import Observed
from wfm.storage import cleanings as store
from wfm.storage import organisations, staff
from wfm.storage.numbering import next_number
from wfm.storage.tables import CleaningRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.forecast import Flag
    from wfm.forecast.calendar import Calendar

REASON = 500
LONGEST_DAYS = 62


class StretchKind(StrEnum):
    """What a stretch is: contacts fell away, far more than ever, or a planner said so."""

    OUTAGE = "outage"
    SPIKE = "spike"
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of history that may say nothing about demand.

    Parameters
    ----------
    volume, expected
        Contacts seen, and usual for these intervals; None where nobody knows.
    """

    begin: datetime
    end: datetime
    kind: StretchKind
    volume: float
    expected: float | None


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A decision on a stretch; `accepted` leaves it out of forecasts, else it stays. `reason` is what a planner typed, or empty."""

    number: int
    stretch: Stretch
    accepted: bool
    reason: str
    made_at: datetime
    made_by: str
    undone_at: datetime | None
    undone_by: str | None


class DayMark(StrEnum):
    """What a day of the calendar is shown as."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    USUAL = "usual"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CleaningView:
    """The history of a queue and what is thought of it.

    Parameters
    ----------
    first_day, last_day
        Local days of the history; None where there is none.
    marks, volumes
        By local day: what it is shown as, and the contacts that came.
    proposals
        What waits for a decision, newest first.
    decisions
        All decisions, newest first.
    """

    queue: centre.QueueView
    first_day: date | None
    last_day: date | None
    marks: Mapping[date, DayMark]
    volumes: Mapping[date, float]
    proposals: tuple[Stretch, ...]
    decisions: tuple[Cleaning, ...]


def view(service: Service, actor: Actor, queue_key: str) -> CleaningView:
    """The calendar of a queue: proposals and decisions."""
    require(actor, "history.read")
    queue = centre.queue(service, actor, queue_key)
    seen = observed(service, actor.organisation_id, queue.id)
    with service.database.reading() as session:
        decisions = tuple(map(_cleaning, store.of_queue(session, actor.organisation_id, queue.id)))
        proposals = _proposals(session, actor, queue, seen, decisions)
    volumes = volume_by_day(seen, queue.zone)
    first, last = (min(volumes), max(volumes)) if volumes else (None, None)
    marks = _marks(volumes, proposals, decisions, queue.zone)
    return CleaningView(queue, first, last, marks, volumes, tuple(reversed(proposals)), decisions)


def decide(service: Service, actor: Actor, queue_key: str, begins: Collection[datetime] | None, *, accept: bool) -> tuple[Cleaning, ...]:
    """Accept or reject proposals.

    Parameters
    ----------
    begins
        Where the proposals begin; None for all that wait.

    Raises
    ------
    Conflict
        When one of them waits no longer: somebody decided, or the history changed. Nothing is stored then.
    InvalidInput
        When there is nothing to decide.
    """
    require(actor, "history.change")
    queue = centre.queue(service, actor, queue_key)
    seen = observed(service, actor.organisation_id, queue.id)
    with service.database.transaction() as session:
        service.database.lock(session, "cleaning", actor.organisation_id)
        standing = [_cleaning(row) for row in store.standing(session, actor.organisation_id, queue.id)]
        waiting = {one.begin: one for one in _proposals(session, actor, queue, seen, standing)}
        wanted = list(waiting if begins is None else dict.fromkeys(begins))
        gone = [begin for begin in wanted if begin not in waiting]
        if gone:
            when = gone[0].astimezone(zone(queue.zone))
            raise Conflict(f"nothing is proposed at {when:%Y-%m-%d %H:%M} any more; look at the list again")
        if not wanted:
            raise InvalidInput("nothing was chosen; choose at least one proposal")
        rows = [_put(session, service, actor, queue.id, waiting[begin], accept, "") for begin in sorted(wanted)]
        return _kept(session, service, actor, queue.key, rows)


def mark(
    service: Service,
    actor: Actor,
    queue_key: str,
    first_day: date,
    last_day: date,
    reason: str,
    begin_minutes: int | None = None,
    end_minutes: int | None = None,
) -> Cleaning:
    """Leave days, or a part of one, out of forecasts because a planner knows that they were not usual.

    Parameters
    ----------
    begin_minutes, end_minutes
        Wall clock of a part of one day, minutes after midnight.

    Raises
    ------
    InvalidInput
        When the stretch is out of bounds, or nothing was observed in it.
    """
    require(actor, "history.change")
    queue = centre.queue(service, actor, queue_key)
    reason = fields.note("reason", reason, REASON)
    begin, end = _typed(queue.zone, fields.day("first day", first_day), fields.day("last day", last_day), begin_minutes, end_minutes)
    seen = observed(service, actor.organisation_id, queue.id)
    inside = (seen.start_s >= begin.timestamp()) & (seen.start_s < end.timestamp())
    if not inside.any():
        raise InvalidInput(f"queue {queue.key} has no history from {first_day} to {last_day}; choose days that have come")
    stretch = Stretch(begin, end, StretchKind.MARKED, float(seen.volume[inside].sum()), None)
    with service.database.transaction() as session:
        service.database.lock(session, "cleaning", actor.organisation_id)
        return _kept(session, service, actor, queue.key, [_put(session, service, actor, queue.id, stretch, True, reason)])[0]


def undo(service: Service, actor: Actor, number: int) -> Cleaning:
    """Take a decision back: an accepted stretch counts again, and what is still unusual is proposed again.

    Raises
    ------
    NotFound
        When there is none of that number.
    Conflict
        When it is taken back already.
    """
    require(actor, "history.change")
    with service.database.transaction() as session:
        row = store.numbered(session, actor.organisation_id, units.whole("number", number, at_least=1))
        if row.undone_at is not None:
            raise Conflict(f"{row.undone_by} took cleaning {number} back already, at {row.undone_at:%Y-%m-%d %H:%M} UTC")
        return _undone(session, service, actor, staff.queue_key(session, row.queue_id), [row])[0]


def undo_all(service: Service, actor: Actor, queue_key: str) -> tuple[Cleaning, ...]:
    """Take every standing decision on a queue back; forecasts read the history as it was imported again."""
    require(actor, "history.change")
    with service.database.transaction() as session:
        service.database.lock(session, "cleaning", actor.organisation_id)
        queue = staff.queue(session, actor.organisation_id, queue_key)
        rows = list(store.standing(session, actor.organisation_id, queue.id))
        return _undone(session, service, actor, queue.key, rows) if rows else ()


def cleaned(service: Service, organisation_id: int, queue_id: int) -> Observed:
    """What forecasts may read of a queue: what was observed, without the stretches that were accepted."""
    seen = observed(service, organisation_id, queue_id)
    with service.database.reading() as session:
        spans = [(row.begin_s, row.end_s) for row in store.standing(session, organisation_id, queue_id) if row.accepted]
    return without(seen, spans)


def kept(session: Session, organisation_id: int, queue_id: int) -> tuple[tuple[int, int], ...]:
    """Stretches [begin, end) that a planner looked at and keeps, s since 1970 UTC."""
    return tuple((row.begin_s, row.end_s) for row in store.standing(session, organisation_id, queue_id) if not row.accepted)


def without(seen: Observed, spans: Iterable[tuple[float, float]]) -> Observed:
    """What was observed outside of `spans` [begin, end), s since 1970 UTC."""
    keep = np.ones(len(seen.start_s), dtype=bool)
    for begin_s, end_s in spans:
        keep &= (seen.start_s < begin_s) | (seen.start_s >= end_s)
    return seen if keep.all() else seen.only(keep)


def _typed(zone_name: str, first: date, last: date, begin_minutes: int | None, end_minutes: int | None) -> tuple[datetime, datetime]:
    if not timedelta(0) <= last - first < timedelta(LONGEST_DAYS):
        raise InvalidInput(f"the last day must be the first or one of the {LONGEST_DAYS - 1} after it, got {first} to {last}")
    if begin_minutes is None and end_minutes is None:
        return local_midnight(first, zone_name), local_midnight(last + timedelta(1), zone_name)
    begin, end = begin_minutes or 0, units.MINUTES_PER_DAY if end_minutes is None else end_minutes
    if first != last or not 0 <= begin < end <= units.MINUTES_PER_DAY:
        raise InvalidInput("clock times belong to one day, the first before the second: give the same first and last day")
    grid = TimeGrid(zone_name, first, 1)
    return grid.instant(first, begin).astimezone(UTC), grid.instant(first, end).astimezone(UTC)


def _proposals(
    session: Session, actor: Actor, queue: centre.QueueView, seen: Observed, decisions: Iterable[Cleaning]
) -> tuple[Stretch, ...]:
    """What looks wrong and nobody has decided about, oldest first."""
    if not seen.start_s.size:
        return ()
    taken = [one.stretch for one in decisions if one.undone_at is None]
    found = _flags(session, actor, queue, seen)
    return tuple(one for one in found if not any(one.begin < other.end and one.end > other.begin for other in taken))


def _flags(session: Session, actor: Actor, queue: centre.QueueView, seen: Observed) -> list[Stretch]:
    from wfm.forecast.cleaning import find_flags
    from wfm.forecast.grid import past_grid

    clock = wall_clock(queue.zone, int(seen.start_s[0]), int(seen.start_s[-1]))
    past = past_grid(clock.to_wall(seen.start_s).astype("datetime64[s]").astype("datetime64[m]"), seen.volume)
    return [_stretch(flag, queue.zone) for flag in find_flags(past, _calendar(session, actor, queue, past.days))]


def _calendar(session: Session, actor: Actor, queue: centre.QueueView, days: np.ndarray[tuple[int], np.dtype[np.datetime64]]) -> Calendar:
    """Holidays and special days: on these nothing is proposed, whether their effect is typed or learned."""
    from wfm.forecast import Event
    from wfm.forecast.calendar import calendar_for

    owner = organisations.organisation(session, actor.organisation_id)
    events, _ = special_days.told(session, actor.organisation_id, queue.id)
    return calendar_for(days, owner.country, owner.subdivision, [Event(event.name, event.days) for event in events])


def _stretch(flag: Flag, zone_name: str) -> Stretch:
    here = zone(zone_name)
    begin, end = (moment.replace(tzinfo=here).astimezone(UTC) for moment in (flag.start, flag.end))
    return Stretch(begin, end, StretchKind(flag.kind), flag.volume, flag.expected)


def volume_by_day(seen: Observed, zone_name: str) -> dict[date, float]:
    """Contacts of each local day on which anything was observed."""
    if not seen.start_s.size:
        return {}
    clock = wall_clock(zone_name, int(seen.start_s[0]), int(seen.start_s[-1]))
    days, place = np.unique(clock.to_wall(seen.start_s).astype("datetime64[s]").astype("datetime64[D]"), return_inverse=True)
    return dict(zip(days.tolist(), np.bincount(place, seen.volume).tolist(), strict=True))


def _marks(volumes: Iterable[date], proposals: Iterable[Stretch], decisions: Iterable[Cleaning], zone_name: str) -> dict[date, DayMark]:
    """A day with a decision on one part and a proposal on another is shown as proposed."""
    marks = dict.fromkeys(volumes, DayMark.USUAL)
    standing = [one for one in decisions if one.undone_at is None]
    painted = [(one.stretch, DayMark.REJECTED) for one in standing if not one.accepted]
    painted += [(one.stretch, DayMark.ACCEPTED) for one in standing if one.accepted]
    for stretch, found in (*painted, *((one, DayMark.PROPOSED) for one in proposals)):
        for day in days_of(stretch, zone_name):
            if day in marks:
                marks[day] = found
    return marks


def days_of(stretch: Stretch, zone_name: str) -> list[date]:
    """The local days that a stretch touches."""
    here = zone(zone_name)
    first, last = stretch.begin.astimezone(here).date(), (stretch.end - timedelta(seconds=1)).astimezone(here).date()
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _put(session: Session, service: Service, actor: Actor, queue_id: int, stretch: Stretch, accepted: bool, reason: str) -> CleaningRow:
    row = CleaningRow(
        organisation_id=actor.organisation_id,
        queue_id=queue_id,
        number=next_number(session, CleaningRow, actor.organisation_id),
        begin_s=int(stretch.begin.timestamp()),
        end_s=int(stretch.end.timestamp()),
        kind=str(stretch.kind),
        accepted=accepted,
        volume=stretch.volume,
        expected=stretch.expected,
        reason=reason,
        made_at=service.now(),
        made_by=actor.name,
    )
    session.add(row)
    session.flush()
    return row


def _kept(session: Session, service: Service, actor: Actor, key: str, rows: list[CleaningRow]) -> tuple[Cleaning, ...]:
    for row in rows:
        verb = "accept" if row.accepted else "reject"
        audit.record(session, service, actor, f"cleaning.{verb}", "cleaning", row.number, None, _told(key, row))
    return tuple(map(_cleaning, rows))


def _undone(session: Session, service: Service, actor: Actor, key: str, rows: list[CleaningRow]) -> tuple[Cleaning, ...]:
    for row in rows:
        row.undone_at, row.undone_by = service.now(), actor.name
    session.flush()
    for row in rows:
        audit.record(session, service, actor, "cleaning.undo", "cleaning", row.number, _told(key, row), None)
    return tuple(map(_cleaning, rows))


def _told(key: str, row: CleaningRow) -> dict[str, object]:
    return {"queue": key, "kind": row.kind, "begin_s": row.begin_s, "end_s": row.end_s, "accepted": row.accepted, "reason": row.reason}


def _cleaning(row: CleaningRow) -> Cleaning:
    begin, end = (datetime.fromtimestamp(instant, UTC) for instant in (row.begin_s, row.end_s))
    stretch = Stretch(begin, end, StretchKind(row.kind), row.volume, row.expected)
    made = row.accepted, row.reason, row.made_at, row.made_by
    return Cleaning(row.number, stretch, *made, row.undone_at, row.undone_by)
