"""Intervals that ought to be there: missing is neither closed nor zero.

When a queue is open is learned from the file: a time of a weekday counts as open when it has a row on at least half of these weekdays
between the queue's first and last row. An open time without a row is a gap, whole days included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from wfm.domain.wallclock import SECONDS_PER_DAY, WallClock

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """A run of open intervals without a row.

    Parameters
    ----------
    queue
        Index of the queue.
    walls
        Local starts of the missing intervals, s since 1970 of the wall clock, ascending.
    line
        Line of the queue's last row before the gap.
    """

    queue: int
    walls: Ints
    line: int

    def describe(self, name: str, interval_minutes: int) -> str:
        """The gap in words, for a message about the queue called `name`."""
        many = "1 interval is" if self.walls.size == 1 else f"{self.walls.size} intervals are"
        end = int(self.walls[-1]) + interval_minutes * 60
        return f"after this line {many} missing for queue {name!r}, from {_at(int(self.walls[0]))} to {_at(end)}"


def find_gaps(walls: Ints, lines: Ints, queue: int, interval_minutes: int, clock: WallClock) -> list[Gap]:
    """The gaps of one queue.

    Parameters
    ----------
    walls
        Local starts of its rows, s since 1970 of the wall clock, any order.
    lines
        Line of every row.
    queue
        Index of the queue, for the result.
    interval_minutes
        Length of the intervals.
    clock
        The queue's wall clock; hours that it skips are never missing.

    Examples
    --------
    >>> from wfm.domain.wallclock import wall_clock
    >>> rows = np.array([day * 86_400 + hour * 3_600 for day in range(28) for hour in (9, 10, 11) if (day, hour) != (8, 10)])
    >>> [gap] = find_gaps(rows, np.arange(rows.size) + 2, 0, 60, wall_clock("UTC", 0, 28 * 86_400))
    >>> gap.describe("billing", 60)
    "after this line 1 interval is missing for queue 'billing', from 1970-01-09 10:00 to 1970-01-09 11:00"
    """
    if not walls.size:
        return []
    step = interval_minutes * 60
    order = np.argsort(walls, kind="stable")
    observed = np.unique(walls // step)
    expected = _expected(observed, SECONDS_PER_DAY // step)
    expected = expected[~clock.is_missing(expected * step)]
    missing = ~np.isin(expected, observed, assume_unique=True)
    return [
        Gap(queue, expected[run] * step, int(lines[order][np.searchsorted(walls[order] // step, expected[run[0]]) - 1])) for run in
        _runs(missing)
    ]


def _expected(observed: Ints, slots: int) -> Ints:
    """Open slots (counted from 1970) between the first and the last observed one."""
    first, last = int(observed[0]), int(observed[-1])
    days = np.arange(first // slots, last // slots + 1)
    day, slot = observed // slots, observed % slots
    seen = np.bincount((day % 7) * slots + slot, minlength=7 * slots).reshape(7, slots)
    weekdays = np.bincount(days % 7, minlength=7)
    is_open = (2 * seen >= weekdays[:, None]) & (seen > 0)
    parts = [(days[days % 7 == weekday][:, None] * slots + np.flatnonzero(is_open[weekday])[None, :]).ravel() for weekday in range(7)]
    expected = np.sort(np.concatenate(parts))
    return expected[(expected >= first) & (expected <= last)]


def _runs(missing: npt.NDArray[np.bool_]) -> list[Ints]:
    """Positions of every unbroken run of True."""
    hits = np.flatnonzero(missing)
    return np.split(hits, np.flatnonzero(np.diff(hits) > 1) + 1) if hits.size else []


def _at(wall: int) -> str:
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%d %H:%M")
