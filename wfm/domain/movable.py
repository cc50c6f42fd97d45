"""Work that may be done at any time of a window: reminder calls, follow-up calls, chart work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wfm import units
from wfm.domain.shrinkage import EVERY_DAY, check_weekdays
from wfm.domain.timegrid import local_midnight, zone
from wfm.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class MovableWindow:
    """One piece of movable work on one day, for whoever places it.

    Parameters
    ----------
    queue, name
        Queue whose people do it, and what it is.
    start, due
        Aware instants between which it must be done.
    hours
        Work, h.
    """

    queue: str
    name: str
    start: datetime
    due: datetime
    hours: float


@dataclass(frozen=True, slots=True)
class MovableWork:
    """Movable work that comes back on weekdays: 400 reminder calls between 09:00 and 17:00.

    Parameters
    ----------
    name
        What people read.
    contacts
        Contacts to make on each of its days, at least 0.
    aht_s
        Mean handle time of a contact that reaches somebody, s, above 0.
    from_minutes, due_minutes
        Window on the queue's wall clock, minutes after midnight; `due_minutes` may lie on the next day, at most 2,880.
    weekdays
        Days of the week that have it, 0 for Monday.
    reached_share
        Share of contacts that reach somebody, in (0, 1].
    attempt_s
        Time spent on one that does not, s, at least 0.
    """

    name: str
    contacts: float
    aht_s: float
    from_minutes: int
    due_minutes: int
    weekdays: tuple[int, ...] = EVERY_DAY
    reached_share: float = 1.0
    attempt_s: float = 0.0

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidInput("movable work needs a name, got a blank")
        units.not_negative(f"contacts of {self.name}", self.contacts)
        units.positive(f"aht_s of {self.name}", self.aht_s)
        units.share(f"reached_share of {self.name}", self.reached_share, above_zero=True)
        units.not_negative(f"attempt_s of {self.name}", self.attempt_s)
        begin, due = (units.whole(name, getattr(self, name)) for name in ("from_minutes", "due_minutes"))
        if not begin < due <= 2 * units.MINUTES_PER_DAY or begin >= units.MINUTES_PER_DAY:
            allowed = "it must begin before 24:00 and be due after it begins, by 48:00 at the latest"
            raise InvalidInput(f"the window of {self.name} is {units.clock(begin)} to {units.clock(due)}; {allowed}")
        check_weekdays(self.name, self.weekdays)

    @property
    def work_s(self) -> float:
        """Work of one day, s.

        Examples
        --------
        >>> MovableWork("reminders", 400, 240, 540, 1020).work_s / 3600
        26.666666666666668
        """
        each = self.reached_share * self.aht_s + (1.0 - self.reached_share) * self.attempt_s
        return self.contacts * each

    def windows(self, queue: str, zone_name: str, first_day: date, days: int) -> tuple[MovableWindow, ...]:
        """The pieces of some local days, in order.

        Parameters
        ----------
        queue
            Id of the queue.
        zone_name
            IANA zone of its wall clock.
        first_day, days
            First local day, and how many.

        Examples
        --------
        >>> work = MovableWork("reminders", 400, 240, 540, 1020, weekdays=(0, 1, 2, 3, 4))
        >>> [f"{window.start:%a %H:%M} to {window.due:%H:%M}" for window in work.windows("q", "UTC", date(2026, 6, 6), 3)]
        ['Mon 09:00 to 17:00']
        """
        chosen = [day for day in (first_day + timedelta(n) for n in range(days)) if day.weekday() in self.weekdays]
        hours = self.work_s / units.SECONDS_PER_HOUR
        edges = [(_at(day, self.from_minutes, zone_name), _at(day, self.due_minutes, zone_name)) for day in chosen]
        return tuple(MovableWindow(queue, self.name, start, due, hours) for start, due in edges)


def _at(day: date, minutes: int, zone_name: str) -> datetime:
    """A wall clock time, past midnight too."""
    midnight = local_midnight(day + timedelta(minutes // units.MINUTES_PER_DAY), zone_name)
    wall = midnight.astimezone(zone(zone_name)).replace(tzinfo=None) + timedelta(minutes=minutes % units.MINUTES_PER_DAY)
    return wall.replace(tzinfo=zone(zone_name))
