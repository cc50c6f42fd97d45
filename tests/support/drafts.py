"""Drafts for tests, without a solver."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wfm.domain.roster import Break, Shift
from wfm.service.context import Actor, Service
from wfm.storage import publications, staff
from wfm.storage.numbering import next_number
from wfm.storage.tables import DraftRow, DraftShiftRow

ZONE = "America/Chicago"
MONDAY = date(2026, 6, 15)


def shift(agent: str, day: date, start: float = 8.0, hours: float = 8.5, breaks: bool = True, zone: str = ZONE) -> Shift:
    """A shift at a local hour, with a paid break after two hours and an unpaid one of 30 minutes after four."""
    begin = datetime(day.year, day.month, day.day, int(start), int(start % 1 * 60), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    pauses = (
        Break(begin + timedelta(hours=2), begin + timedelta(hours=2.25)),
        Break(begin + timedelta(hours=4), begin + timedelta(hours=4.5), paid=False),
    )
    return Shift(agent, begin, begin + timedelta(hours=hours), pauses if breaks else ())


def week(*agents: str, start: float = 8.0, first_day: date = MONDAY) -> list[Shift]:
    """Monday to Friday."""
    return [shift(agent, first_day + timedelta(n), start) for agent in agents for n in range(5)]


def draft(service: Service, actor: Actor, shifts: Iterable[Shift], first_day: date = MONDAY, days: int = 7, **report: Any) -> int:
    """A stored draft; its number."""
    owner = actor.organisation_id
    with service.database.transaction() as session:
        row = DraftRow(
            organisation_id=owner,
            number=next_number(session, DraftRow, owner),
            requirement_id=None,
            zone=ZONE,
            first_day=first_day,
            days=days,
            made_at=service.now(),
            made_by=actor.name,
            problem=b"",
            coverage=b"",
            objective=0.0,
            lower_bound=0.0,
            report={"rules_broken": [], **report},
        )
        session.add(row)
        session.flush()
        ids = staff.agent_ids(session, owner)
        session.add_all(
            DraftShiftRow(
                organisation_id=owner,
                draft_id=row.id,
                agent_id=ids[one.agent],
                start=one.start,
                end=one.end,
                breaks=publications.breaks_of(one),
            )
            for one in shifts
        )
        return row.number
