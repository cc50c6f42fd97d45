"""Whole columns of wall clock times to UTC and back, with every clock change in sight.

`timegrid` speaks of single instants; files hold hundreds of thousands of them. A wall time is counted in seconds since 1970-01-01 00:00
of the wall clock, as if the wall clock were UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from wfm.domain import timegrid

SECONDS_PER_DAY = 86_400

Seconds = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class WallClock:
    """The clock changes of a zone over a span of time.

    Parameters
    ----------
    zone_name
        IANA zone.
    changes
        Instants of the clock changes, s since 1970 UTC, ascending; length n.
    offsets
        Seconds by which the wall clock is ahead of UTC before, between and after the changes; length n + 1.
    """

    zone_name: str
    changes: Seconds
    offsets: Seconds

    @property
    def missing_spans(self) -> tuple[Seconds, Seconds]:
        """Begin and end of every span of wall time that a change skips; an end is the first wall time after it."""
        forward = self.offsets[1:] > self.offsets[:-1]
        return (self.changes + self.offsets[:-1])[forward], (self.changes + self.offsets[1:])[forward]

    @property
    def repeated_spans(self) -> tuple[Seconds, Seconds]:
        """Begin and end of every span of wall time that a change shows twice."""
        back = self.offsets[1:] < self.offsets[:-1]
        return (self.changes + self.offsets[1:])[back], (self.changes + self.offsets[:-1])[back]

    def to_wall(self, instants: Seconds) -> Seconds:
        """Wall times of UTC instants.

        Examples
        --------
        >>> clock = wall_clock("America/Chicago", 1_772_000_000, 1_774_000_000)
        >>> clock.to_wall(np.array([1_772_956_799, 1_772_956_800])) - 1_772_956_800
        array([-21601, -18000])
        """
        return instants + self.offsets[np.searchsorted(self.changes, instants, side="right")]

    def to_utc(self, walls: Seconds, second: Mask | None = None) -> Seconds:
        """UTC instants of wall times; a missing wall time moves on, as Python's own zones do.

        Parameters
        ----------
        walls
            Wall times, s.
        second
            True where the second of a repeated wall time is meant; None for the first everywhere. It means nothing elsewhere.
        """
        settled = self.changes + np.maximum(self.offsets[1:], self.offsets[:-1])
        index = np.searchsorted(settled, walls, side="right")
        if second is not None and self.changes.size:
            index = index + (second & _inside(walls, self.repeated_spans))
        return walls - self.offsets[index]

    def is_missing(self, walls: Seconds) -> Mask:
        """True for wall times that a change skips."""
        return _inside(walls, self.missing_spans)

    def is_repeated(self, walls: Seconds) -> Mask:
        """True for wall times that a change shows twice."""
        return _inside(walls, self.repeated_spans)


def wall_clock(zone_name: str, first_s: int, last_s: int) -> WallClock:
    """The clock of a zone from two days before `first_s` to two days after `last_s`.

    Parameters
    ----------
    zone_name
        IANA zone.
    first_s, last_s
        Instants or wall times, s since 1970; `last_s` at least `first_s`.

    Raises
    ------
    InvalidInput
        When there is no such zone.

    Examples
    --------
    >>> clock = wall_clock("America/Chicago", 1_772_000_000, 1_774_000_000)
    >>> [datetime.fromtimestamp(int(s), UTC).isoformat() for s in clock.changes]
    ['2026-03-08T08:00:00+00:00']
    """
    here = timegrid.zone(zone_name)
    days = range(first_s - 2 * SECONDS_PER_DAY, last_s + 3 * SECONDS_PER_DAY, SECONDS_PER_DAY)
    offsets = [_offset(here, second) for second in days]
    changes, kept = [], [offsets[0]]
    for day, before, after in zip(days, offsets, offsets[1:], strict=False):
        if before != after:
            changes.append(_change(here, day, day + SECONDS_PER_DAY, before))
            kept.append(after)
    return WallClock(zone_name, np.array(changes, dtype=np.int64), np.array(kept, dtype=np.int64))


def _offset(here: ZoneInfo, second: int) -> int:
    moved = datetime.fromtimestamp(second, UTC).astimezone(here).utcoffset()
    return int(moved.total_seconds()) if moved is not None else 0


def _change(here: ZoneInfo, low: int, high: int, before: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(here, middle) == before else (low, middle)
    return high


def _inside(walls: Seconds, spans: tuple[Seconds, Seconds]) -> Mask:
    begins, ends = spans
    if not begins.size:
        return np.zeros(walls.shape, dtype=np.bool_)
    index = np.searchsorted(begins, walls, side="right") - 1
    return (index >= 0) & (walls < ends[np.maximum(index, 0)])
