"""An edit as a planner asks for it: its bounds, and the stretch of time on which it counts. No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from wfm import units
from wfm.domain.timegrid import TimeGrid, local_midnight
from wfm.errors import InvalidInput
from wfm.service import fields
from wfm.service.edited import EditKind

LARGEST_SHARE, MOST_CONTACTS = 20.0, 1e7
LONGEST_DAYS = 62


@dataclass(frozen=True, slots=True)
class EditWish:
    """An edit as a planner types it.

    Parameters
    ----------
    value
        A share for a percentage (0.1 is 10 % more), else contacts.
    first_day, last_day
        Local days of the queue, both included; a total and an interval have one.
    begin_minutes, end_minutes
        Wall clock of a part of one day, minutes after midnight; an interval needs the first, and lasts as long as the forecast's do.
    name, reason
        What people call it, and why.
    """

    queue: str
    kind: EditKind
    value: float
    first_day: date
    last_day: date
    name: str
    reason: str
    begin_minutes: int | None = None
    end_minutes: int | None = None


def check(wish: EditWish) -> None:
    """Refuse an edit that is out of bounds."""
    least = -1.0 if wish.kind is EditKind.PERCENT else 0.0
    most = LARGEST_SHARE if wish.kind is EditKind.PERCENT else MOST_CONTACTS
    value = units.real("value", wish.value)
    if not least <= value <= most:
        what = "a percentage must lie in -100 to 2000 %" if wish.kind is EditKind.PERCENT else "contacts must lie in 0 to 10,000,000"
        given = f"{value * 100:g} %" if wish.kind is EditKind.PERCENT else f"{value:g}"
        raise InvalidInput(f"{what}, got {given}")
    first, last = fields.day("first day", wish.first_day), fields.day("last day", wish.last_day)
    if not timedelta(0) <= last - first < timedelta(LONGEST_DAYS):
        raise InvalidInput(f"the last day must be the first or one of the {LONGEST_DAYS - 1} after it, got {first} to {last}")
    timed = wish.begin_minutes is not None or wish.end_minutes is not None
    if first != last and (timed or wish.kind is not EditKind.PERCENT):
        raise InvalidInput("a total, an interval and clock times belong to one day: give the same first and last day")
    if wish.kind is EditKind.INTERVAL and wish.begin_minutes is None:
        raise InvalidInput("one interval needs the time at which it begins")


def stretch(wish: EditWish, zone_name: str, interval_minutes: int) -> tuple[datetime, datetime]:
    """The instants between which the edit counts; clock times lie on the queue's intervals."""
    if wish.begin_minutes is None and wish.end_minutes is None:
        return local_midnight(wish.first_day, zone_name), local_midnight(wish.last_day + timedelta(1), zone_name)
    first = wish.begin_minutes or 0
    last = first + interval_minutes if wish.kind is EditKind.INTERVAL else wish.end_minutes if wish.end_minutes is not None else 24 * 60
    if not 0 <= first < last <= 24 * 60 or first % interval_minutes or last % interval_minutes:
        raise InvalidInput(f"times must lie on the intervals of {interval_minutes} minutes, the first before the second, 00:00 to 24:00")
    grid = TimeGrid(zone_name, wish.first_day, 1, interval_minutes)
    return grid.instant(wish.first_day, first).astimezone(UTC), grid.instant(wish.first_day, last).astimezone(UTC)
