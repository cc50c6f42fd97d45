"""Which night is due: one slot per organisation and local date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from wfm import units
from wfm.domain.timegrid import zone
from wfm.service import work
from wfm.service.context import Service, night
from wfm.storage import work as rows


def night_begins(day: date, zone_name: str, night_at: str) -> datetime:
    """The instant at which the night of a local date begins, UTC.

    A wall clock time that the spring change skips moves on by the hour; of a repeated one the first counts. So every date has one.

    Examples
    --------
    >>> night_begins(date(2026, 3, 8), "America/Chicago", "02:30").isoformat()
    '2026-03-08T08:30:00+00:00'
    >>> night_begins(date(2026, 11, 1), "America/Chicago", "01:30").isoformat()
    '2026-11-01T06:30:00+00:00'
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=units.clock_minutes(night_at))
    return wall.replace(tzinfo=zone(zone_name)).astimezone(UTC)


def due_night(now: datetime, zone_name: str, night_at: str) -> date:
    """The newest local date whose night has begun.

    Examples
    --------
    >>> due_night(datetime(2026, 3, 8, 8, 29, tzinfo=UTC), "America/Chicago", "02:30")
    datetime.date(2026, 3, 7)
    """
    today = now.astimezone(zone(zone_name)).date()
    return max(day for day in (today - timedelta(1), today, today - timedelta(2)) if night_begins(day, zone_name, night_at) <= now)


def next_night(now: datetime, zone_name: str, night_at: str) -> datetime:
    """The instant of the next night, UTC."""
    return night_begins(due_night(now, zone_name, night_at) + timedelta(1), zone_name, night_at)


def make_due(service: Service) -> int:
    """Want the newest due night of every organisation, where nobody has yet; the number that was wanted.

    Of several missed nights the newest is enough: it reads everything that came since. Safe from any number of processes at once, as
    organisation, kind and slot are unique.
    """
    with service.database.reading() as session:
        missing = [
            (row.id, slot)
            for row in rows.organisations(session)
            if (slot := _slot(service, row.zone, row.created_at)) and rows.by_slot(session, row.id, work.Kind.NIGHT, slot) is None
        ]
    for organisation_id, slot in missing:
        work.enqueue(service, night(organisation_id), work.Kind.NIGHT, {}, slot)
    return len(missing)


def _slot(service: Service, zone_name: str, created_at: datetime) -> str | None:
    night_at = service.settings.night_at
    day = due_night(service.now(), zone_name, night_at)
    return day.isoformat() if night_begins(day, zone_name, night_at) >= created_at else None
