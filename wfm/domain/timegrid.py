"""Equal intervals of elapsed time over whole local days.

A grid runs from local midnight to local midnight. Its intervals are equal pieces of elapsed time, so a day has 92, 96 or 100 quarter
hours where clocks change by an hour. Instants are aware `datetime` values in UTC; people read `local` ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from wfm import units
from wfm.errors import InvalidInput

INTERVAL_MINUTES = (5, 10, 15, 20, 30, 60)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name.

    Raises
    ------
    InvalidInput
        When there is no such zone.

    Examples
    --------
    >>> zone("America/Chicago").key
    'America/Chicago'
    """
    if name not in _zone_names():
        raise InvalidInput(f"time zone must be an IANA name such as America/Chicago, got {name!r}")
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def local_midnight(day: date, zone_name: str) -> datetime:
    """The first instant of a local day, in UTC.

    Examples
    --------
    >>> local_midnight(date(2026, 3, 8), "America/Chicago").isoformat()
    '2026-03-08T06:00:00+00:00'
    """
    return datetime.combine(day, time(), tzinfo=zone(zone_name)).astimezone(UTC)


def is_missing(wall: datetime, zone_name: str) -> bool:
    """True for a wall clock time that the spring change skips.

    Examples
    --------
    >>> is_missing(datetime(2026, 3, 8, 2, 30), "America/Chicago")
    True
    """
    there = wall.replace(tzinfo=zone(zone_name))
    return there.astimezone(UTC).astimezone(zone(zone_name)).replace(tzinfo=None) != wall.replace(tzinfo=None)


def is_repeated(wall: datetime, zone_name: str) -> bool:
    """True for a wall clock time that the autumn change shows twice.

    Examples
    --------
    >>> is_repeated(datetime(2026, 11, 1, 1, 30), "America/Chicago")
    True
    """
    first = wall.replace(tzinfo=zone(zone_name), fold=0)
    second = wall.replace(tzinfo=zone(zone_name), fold=1)
    return first.utcoffset() != second.utcoffset() and not is_missing(wall, zone_name)


@dataclass(frozen=True)
class TimeGrid:
    """Equal intervals over whole local days.

    Parameters
    ----------
    zone_name
        IANA zone of the wall clock.
    first_day
        First local day.
    days
        Number of local days, at least 1.
    interval_minutes
        Length of an interval, minutes: 5, 10, 15, 20, 30 or 60.

    Examples
    --------
    >>> [TimeGrid("America/Chicago", date(2026, 3, d), 1, 15).count for d in (7, 8)]
    [96, 92]
    >>> TimeGrid("America/Chicago", date(2026, 11, 1), 1, 15).count
    100
    """

    zone_name: str
    first_day: date
    days: int
    interval_minutes: int = 15

    def __post_init__(self) -> None:
        zone(self.zone_name)
        units.whole("days", self.days, at_least=1)
        if self.interval_minutes not in INTERVAL_MINUTES:
            raise InvalidInput(f"interval_minutes must be one of {INTERVAL_MINUTES}, got {self.interval_minutes!r}")

    @property
    def interval_s(self) -> int:
        """Length of an interval, s."""
        return self.interval_minutes * units.SECONDS_PER_MINUTE

    @cached_property
    def begin(self) -> datetime:
        """First instant of the grid, UTC."""
        return local_midnight(self.first_day, self.zone_name)

    @cached_property
    def end(self) -> datetime:
        """First instant after the grid, UTC."""
        return local_midnight(self.first_day + timedelta(self.days), self.zone_name)

    @cached_property
    def count(self) -> int:
        """Number of intervals."""
        return int((self.end - self.begin).total_seconds() // self.interval_s)

    @cached_property
    def starts(self) -> tuple[datetime, ...]:
        """Start of every interval, UTC; length `count`."""
        step = timedelta(minutes=self.interval_minutes)
        return tuple(self.begin + step * i for i in range(self.count))

    @cached_property
    def local_starts(self) -> tuple[datetime, ...]:
        """Start of every interval as aware local time; length `count`."""
        here = zone(self.zone_name)
        return tuple(start.astimezone(here) for start in self.starts)

    @property
    def dates(self) -> tuple[date, ...]:
        """The local days; length `days`."""
        return tuple(self.first_day + timedelta(d) for d in range(self.days))

    @cached_property
    def day_bounds(self) -> tuple[tuple[int, int], ...]:
        """First and one-past-last interval of every local day; length `days`."""
        edges = [self.index(local_midnight(self.first_day + timedelta(d), self.zone_name)) for d in range(self.days)]
        return tuple(zip(edges, [*edges[1:], self.count], strict=True))

    def position(self, instant: datetime) -> float:
        """Intervals from the first instant to `instant`; whole on a boundary, any sign.

        Raises
        ------
        InvalidInput
            When the instant has no UTC offset.
        """
        if instant.tzinfo is None:
            raise InvalidInput(f"a time needs its UTC offset, got {instant.isoformat()}")
        return (instant - self.begin).total_seconds() / self.interval_s

    def index(self, instant: datetime) -> int:
        """The interval that holds `instant`; it may lie outside the grid (below 0 or from `count` on)."""
        return int(self.position(instant) // 1)

    def instant(self, day: date, minutes: int) -> datetime:
        """The instant that stands `minutes` of wall clock after local midnight of `day`; may run past 24:00.

        The missing spring hour moves on by an hour; the first of a repeated autumn hour is taken.

        Examples
        --------
        >>> TimeGrid("America/Chicago", date(2026, 3, 2), 7).instant(date(2026, 3, 2), 1800).isoformat()
        '2026-03-03T12:00:00+00:00'
        """
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)  # wall arithmetic, then the zone
        return wall.replace(tzinfo=zone(self.zone_name)).astimezone(UTC)
