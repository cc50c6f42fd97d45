"""People needed when queues share people: the sum of single-skill Erlangs beside the simulated, pooled requirement, hour by hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.demand import Channel, Queue
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput
from wfm.service.demand_grid import on_grid

if TYPE_CHECKING:
    from wfm.simulate import PooledRequirement, SimulatedQueue, Skill

HOUR_S = units.SECONDS_PER_HOUR
TRIED_HOURS = 100.0
MOST_TRIALS = 150

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SharedQueue:
    """A live queue with its expected contacts; arrays of one length, `start_s` in s since 1970 UTC."""

    queue: Queue
    start_s: NDArray[np.int64]
    interval_s: int
    volume: Floats
    aht_s: Floats


@dataclass(frozen=True, slots=True)
class PooledHour:
    """One hour: heads if every queue had its own people, heads when they are shared, these by group of skills, and service levels.

    Parameters
    ----------
    start
        Local start.
    single, pooled
        Heads on queue.
    by_group
        Pooled heads by the queues that a group takes, joined by " + ".
    service_level
        Simulated, by queue.
    """

    start: datetime
    single: int
    pooled: int
    by_group: Mapping[str, int]
    service_level: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PooledDay:
    """A day; `left_out` says why a queue is not in it."""

    hours: tuple[PooledHour, ...]
    left_out: Mapping[str, str]


def pooled_hours(
    queues: Sequence[SharedQueue],
    people: Iterable[Iterable[str]],
    grid: TimeGrid,
    hours: Iterable[int] | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PooledDay:
    """Both requirements for the hours of a local day, at the expected volumes.

    Groups are the different sets of queues that people take; at most each group's share of the staff is on queue, unless nobody else
    can take a queue. Priorities are those of the queues.

    Parameters
    ----------
    people
        Queues of every person.
    grid
        One local day in hours.
    hours
        Positions in the grid; None for all in which contacts come.

    Raises
    ------
    InvalidInput
        When no queue can be simulated, or nobody takes one.
    Cancelled
        When `cancelled` says so.
    """
    from wfm.simulate import pooled_day

    fit, left_out = _fit(queues)
    groups = Counter(tuple(sorted(set(taken) & set(fit))) for taken in people)
    del groups[()]
    for key in [key for key in fit if not any(key in group for group in groups)]:
        left_out[key] = f"nobody takes {key}"
        del fit[key]
    if not fit:
        raise InvalidInput("no queue can be pooled: " + "; ".join(left_out.values()))
    volume = {key: _hourly(grid, one, one.volume) for key, one in fit.items()}
    wanted = range(grid.count) if hours is None else hours
    chosen = [t for t in wanted if any(row[t] > 0 for row in volume.values())]
    if not chosen:
        return PooledDay((), left_out)
    simulated = [_simulated(one, volume[key][chosen], grid) for key, one in fit.items()]
    single = [{queue.id: _alone(queue, t) for queue in simulated} for t in range(len(chosen))]
    names = {" + ".join(group): group for group in groups}
    skills = {name: _skills(group) for name, group in names.items()}
    start = [_start(names, needs) for needs in single]
    most = max(sum(needs.values()) for needs in single)
    at_most = {name: ceil(most * groups[group] / groups.total()) for name, group in names.items()}
    found = pooled_day(
        simulated, skills, start, float(HOUR_S), TRIED_HOURS, seed, progress, cancelled, at_most=at_most, most_trials=MOST_TRIALS
    )
    made = zip(chosen, single, start, found, strict=True)
    return PooledDay(tuple(_hour(grid.local_starts[t], needs, alone, one) for t, needs, alone, one in made), left_out)


def _hour(start: datetime, needs: Mapping[str, int], alone: Mapping[str, int], one: PooledRequirement) -> PooledHour:
    """People who share can always keep to one queue each, so that chance in a simulation never makes sharing dearer."""
    single = sum(needs.values())
    heads = one.heads if one.total <= single else alone
    return PooledHour(start, single, sum(heads.values()), {name: n for name, n in heads.items() if n}, one.service_level)


def _fit(queues: Sequence[SharedQueue]) -> tuple[dict[str, SharedQueue], dict[str, str]]:
    fit, left_out = {}, {}
    for one in queues:
        key, channel = one.queue.id, one.queue.channel
        if channel.deferred:
            left_out[key] = f"{key} is answered later and has no waiting line"
        elif channel is Channel.CHAT and one.queue.concurrency > 1:
            left_out[key] = f"{key} holds several chats at once, which is not simulated"
        elif not (~np.isnan(one.aht_s) & (one.volume > 0)).any():
            left_out[key] = f"{key} has no handle times or no contacts"
        else:
            fit[key] = one
    return fit, left_out


def _hourly(grid: TimeGrid, one: SharedQueue, values: Floats) -> Floats:
    """Contacts an hour."""
    return on_grid(grid, one.start_s, one.interval_s, values) * HOUR_S / one.interval_s


def _simulated(one: SharedQueue, volume: Floats, grid: TimeGrid) -> SimulatedQueue:
    from wfm.simulate import SimulatedQueue

    here = (one.start_s >= grid.begin.timestamp()) & (one.start_s < grid.end.timestamp())
    known = ~np.isnan(one.aht_s) & (one.volume > 0)
    weighed = known & here if (known & here).any() else known
    aht_s = float(np.average(one.aht_s[weighed], weights=one.volume[weighed]))
    queue = one.queue
    patience_s = queue.patience_s or float("inf")
    return SimulatedQueue(queue.id, tuple(volume.tolist()), aht_s, patience_s, queue.target, priority=queue.priority)


def _alone(queue: SimulatedQueue, t: int) -> int:
    from wfm.erlang import required_agents

    return int(required_agents(queue.volume[t] / HOUR_S, queue.aht_s, queue.target, queue.patience_s))


def _skills(group: Sequence[str]) -> tuple[Skill, ...]:
    from wfm.simulate import Skill

    return tuple(Skill(queue) for queue in group)


def _start(names: Mapping[str, Sequence[str]], needs: Mapping[str, int]) -> dict[str, int]:
    """Every queue's own heads in the group with the fewest skills that takes it."""
    heads = dict.fromkeys(names, 0)
    for queue, count in needs.items():
        heads[min((name for name, group in names.items() if queue in group), key=lambda name: len(names[name]))] += count
    return heads
