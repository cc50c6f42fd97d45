"""A queue through a day as it really runs: what waits at the end of an interval is carried into the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Channel, Queue
from wfm.service.need_reasons import LEVEL_OF
from wfm.service.staffing_view import DayCells

LEAST_WAITING = 0.5


@dataclass(frozen=True, slots=True)
class CarriedInterval:
    """One interval of a telephone queue.

    Parameters
    ----------
    start_s, clock
        Start, s since 1970 UTC, and on the queue's wall clock.
    planned
        Heads for the waiting line in the plan, the volume being uncertain.
    by_interval, over_day
        Heads at the expected volume: each interval as if it lasted for ever, and with what the intervals before leave behind.
    level_by_interval, level_over_day
        Service level with the planned heads, in both ways.
    waiting_at_end
        Contacts that wait at its end with the planned heads: the backlog carried over.
    """

    start_s: int
    clock: str
    planned: int
    by_interval: int
    over_day: int
    level_by_interval: float
    level_over_day: float
    waiting_at_end: float

    @property
    def more(self) -> int:
        """People who are missing in the plan because of what is carried over."""
        return max(0, self.over_day - self.planned)


@dataclass(frozen=True, slots=True)
class CarriedStretch:
    """Intervals in a row that need more people than planned; `waiting` contacts are carried into the first."""

    begin: str
    end: str
    more: int
    waiting: float


@dataclass(frozen=True, slots=True)
class DayCarried:
    """One day; `stretches` are where interval-by-interval figures fall short, `differ` how many intervals differ at all."""

    day: date
    intervals: tuple[CarriedInterval, ...]
    stretches: tuple[CarriedStretch, ...]
    differ: int
    worst_gap: float


def follows_day(queue: Queue) -> bool:
    """Whether a queue has a waiting line that the day's engine follows: telephone, one contact at a time."""
    return not queue.channel.deferred and not (queue.channel is Channel.CHAT and queue.concurrency > 1)


def carried(queue: Queue, interval_s: int, cells: DayCells) -> DayCarried | None:
    """Follow one local day with the planned heads; None where nothing is expected or no handle time is known."""
    arrays = cells.arrays
    volume, aht_s = arrays["volume"], arrays["aht_s"]
    usable = (volume > 0) & ~np.isnan(aht_s)
    if not usable.any():
        return None
    mean_s = float(np.average(aht_s[usable], weights=volume[usable]))
    planned = (arrays["on_queue"] - arrays["movable"]).astype(np.int64)
    rows = _figures(queue, interval_s, volume / interval_s, mean_s, planned)
    intervals = tuple(
        CarriedInterval(int(start.timestamp()), f"{start:%H:%M}", *(rows[name][t].item() for name in _NAMES))
        for t, start in enumerate(cells.starts)
    )
    gap = np.abs(rows["level_over_day"] - rows["level_by_interval"])[volume > 0]
    differ = int((rows["by_interval"] != rows["over_day"]).sum())
    return DayCarried(cells.day, intervals, _stretches(intervals, cells.starts, interval_s), differ, float(gap.max()))


_NAMES = ("planned", "by_interval", "over_day", "level_by_interval", "level_over_day", "waiting_at_end")


def _figures(queue: Queue, interval_s: int, rate: NDArray[Any], aht_s: float, planned: NDArray[np.int64]) -> Mapping[str, NDArray[Any]]:
    from wfm.erlang import erlang_a, over_day, required_agents, required_over_day

    patience_s, target, level = queue.patience_s or np.inf, queue.target, LEVEL_OF[str(queue.target.definition)]
    outlook = over_day(rate, aht_s, planned, patience_s, target.awt_s, float(interval_s))
    return {
        "planned": planned,
        "by_interval": np.asarray(required_agents(rate, aht_s, target, patience_s)),
        "over_day": np.asarray(required_over_day(rate, aht_s, target, patience_s, float(interval_s))),
        "level_by_interval": np.asarray(getattr(erlang_a(rate, aht_s, planned.astype(np.float64), patience_s, target.awt_s), level)),
        "level_over_day": np.asarray(getattr(outlook.measures, level)),
        "waiting_at_end": np.asarray(outlook.waiting_at_end),
    }


def _stretches(intervals: tuple[CarriedInterval, ...], starts: tuple[datetime, ...], interval_s: int) -> tuple[CarriedStretch, ...]:
    found: list[CarriedStretch] = []
    begin: int | None = None
    for t, one in enumerate((*intervals, None)):
        if one is not None and one.more > 0:
            begin = t if begin is None else begin
        elif begin is not None:
            some = intervals[begin:t]
            last_s = starts[t - 1].timestamp() + interval_s
            end = datetime.fromtimestamp(last_s, starts[0].tzinfo)
            before = intervals[begin - 1].waiting_at_end if begin else 0.0
            found.append(CarriedStretch(some[0].clock, f"{end:%H:%M}", max(each.more for each in some), before))
            begin = None
    return tuple(found)
