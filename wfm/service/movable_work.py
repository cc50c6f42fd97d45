"""Movable work of a queue on its own clock: the pieces that somebody must place, and the people that they add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.demand import Queue
from wfm.domain.movable import MovableWindow
from wfm.domain.shrinkage import EVERY_DAY
from wfm.domain.timegrid import zone
from wfm.domain.wallclock import wall_clock

if TYPE_CHECKING:
    from wfm.erlang import MovablePlan
    from wfm.service.context import Actor, Service

_SECONDS_PER_DAY = units.MINUTES_PER_DAY * units.SECONDS_PER_MINUTE
_THURSDAY = 3  # 1 January 1970


@dataclass(frozen=True, slots=True, eq=False)
class LocalClock:
    """When intervals are: starts, s since 1970 UTC, ascending, and the IANA zone of the queue."""

    start_s: NDArray[np.int64]
    zone_name: str

    @property
    def weekday(self) -> NDArray[np.int64]:
        """Day of the week of every interval, 0 for Monday."""
        if not len(self.start_s):
            return np.zeros(0, np.int64)
        clock = wall_clock(self.zone_name, int(self.start_s[0]), int(self.start_s[-1]))
        return np.asarray((clock.to_wall(self.start_s) // _SECONDS_PER_DAY + _THURSDAY) % 7)


def shrinkage_by_day(queue: Queue, clock: LocalClock) -> NDArray[np.float64]:
    """Shrinkage of every interval."""
    return np.array([queue.shrinkage_on(day) for day in EVERY_DAY])[clock.weekday]


def windows(queue: Queue, zone_name: str, first_day: date, days: int) -> tuple[MovableWindow, ...]:
    """The pieces of movable work of one queue over some local days, in order of their start."""
    found = [window for work in queue.movable for window in work.windows(queue.id, zone_name, first_day, days)]
    return tuple(sorted(found, key=lambda window: (window.start, window.due)))


def workload(service: Service, actor: Actor, first_day: date, days: int) -> tuple[MovableWindow, ...]:
    """All movable work that becomes possible in some local days, over all queues: what a roster has to find room for.

    Parameters
    ----------
    first_day, days
        First local day of each queue's clock, and how many.
    """
    from wfm.service import centre

    found = [window for one in centre.queues(service, actor) for window in windows(one.queue, one.zone, first_day, days)]
    return tuple(sorted(found, key=lambda window: (window.start, window.queue, window.due)))


def laid(queue: Queue, clock: LocalClock, interval_s: int, live: NDArray[np.int64]) -> MovablePlan:
    """The queue's movable work laid into its windows where it adds the fewest people.

    Work is done while the queue is open, where its window is open at all; a window that reaches beyond the intervals is left out, as
    the rest of it may have more room.
    """
    from wfm.erlang import spread_movable

    pieces, places = [], []
    for window in _reached(queue, clock, interval_s):
        places.append(_between(clock, interval_s, window))
        pieces.append(window.hours * units.SECONDS_PER_HOUR)
    is_open = live > 0
    for begin, end in places:
        if not is_open[begin:end].any():
            is_open[begin:end] = True
    return spread_movable(live, pieces, places, float(interval_s), is_open=is_open)


def _reached(queue: Queue, clock: LocalClock, interval_s: int) -> list[MovableWindow]:
    if not queue.movable or not len(clock.start_s):
        return []
    begin_s, end_s = int(clock.start_s[0]), int(clock.start_s[-1]) + interval_s
    first = _day(begin_s, clock.zone_name)
    days = (_day(end_s, clock.zone_name) - first).days + 1
    found = windows(queue, clock.zone_name, first - timedelta(1), days + 1)
    return [window for window in found if begin_s <= window.start.timestamp() and window.due.timestamp() <= end_s]


def _day(start_s: int, zone_name: str) -> date:
    from datetime import datetime

    return datetime.fromtimestamp(start_s, zone(zone_name)).date()


def _between(clock: LocalClock, interval_s: int, window: MovableWindow) -> tuple[int, int]:
    """First interval that starts in the window, and the one after the last that ends in it; at least one."""
    begin = int(np.searchsorted(clock.start_s, window.start.timestamp()))
    end = int(np.searchsorted(clock.start_s, window.due.timestamp() - interval_s, side="right"))
    return begin, max(end, begin + 1)
