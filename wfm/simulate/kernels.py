"""The event loops, compiled. Times in seconds from the start of the horizon.

One contact in hand per agent. Arrivals follow a Poisson process whose expected count grows linearly inside an interval; its times, patience
and handle times come from one stream per queue, drawn in the order of arrival, so that two plans with the same seed meet the same contacts.

Counts per queue and interval of arrival (columns of `counts`): see the constants. A contact that is still waiting when nobody is left to
serve it counts as abandoned at the end of the horizon.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

OFFERED, ANSWERED, IN_TIME, ABANDONED, SHORT, WAIT_ANSWERED_S, WAIT_ALL_S, HANDLE_S, WAITED = range(9)
COLUMNS = 9
NOBODY = -1


@njit(cache=True)
def sift_down(times: Any, owners: Any, size: int) -> None:
    """Put the root of a heap of `size` entries where it belongs."""
    at = 0
    time, owner = times[0], owners[0]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and times[child + 1] < times[child]:
            child += 1
        if times[child] >= time:
            break
        times[at], owners[at] = times[child], owners[child]
        at = child
    times[at], owners[at] = time, owner


@njit(cache=True)
def sift_up(times: Any, owners: Any, at: int) -> None:
    """Put the last entry of a heap where it belongs."""
    time, owner = times[at], owners[at]
    while at > 0:
        parent = (at - 1) // 2
        if times[parent] <= time:
            break
        times[at], owners[at] = times[parent], owners[parent]
        at = parent
    times[at], owners[at] = time, owner


@njit(cache=True)
def handle_time(rng: Any, aht_s: float, sigma: float) -> float:
    """A handle time: exponential where `sigma` is negative, lognormal of that sigma otherwise."""
    if sigma < 0.0:
        return float(aht_s * rng.standard_exponential())
    return float(aht_s * np.exp(sigma * rng.standard_normal() - 0.5 * sigma * sigma))


@njit(cache=True)
def arrivals(rng: Any, cumulative: Any, interval_s: float, aht_s: float, sigma: float, patience_s: float) -> Any:
    """Arrival time, patience and handle time of every contact of one queue; rows of a (contacts, 3) array."""
    intervals = len(cumulative) - 1
    total = cumulative[intervals]
    rows = np.empty((int(total + 6.0 * np.sqrt(total)) + 16, 3))
    count, interval, reached = 0, 0, 0.0
    while True:
        reached += rng.standard_exponential()
        if reached >= total:
            return rows[:count]
        while cumulative[interval + 1] <= reached:
            interval += 1
        if count == len(rows):
            longer = np.empty((2 * count, 3))
            longer[:count] = rows
            rows = longer
        inside = (reached - cumulative[interval]) / (cumulative[interval + 1] - cumulative[interval])
        rows[count, 0] = (interval + inside) * interval_s
        rows[count, 1] = patience_s * rng.standard_exponential()
        rows[count, 2] = handle_time(rng, aht_s, sigma)
        count += 1


@njit(cache=True)
def record(counts: Any, queue: int, interval: int, wait: float, awt_s: float, answered: bool, handle_s: float) -> None:
    """Count one contact in the cell of its arrival once its fate is known: how long it waited, and whether for an answer."""
    counts[queue, interval, OFFERED] += 1.0
    if wait > 0.0:
        counts[queue, interval, WAITED] += 1.0
    if answered:
        counts[queue, interval, ANSWERED] += 1.0
        counts[queue, interval, WAIT_ANSWERED_S] += wait
        counts[queue, interval, WAIT_ALL_S] += wait
        counts[queue, interval, HANDLE_S] += handle_s
        if wait <= awt_s:
            counts[queue, interval, IN_TIME] += 1.0
    else:
        counts[queue, interval, ABANDONED] += 1.0
        counts[queue, interval, WAIT_ALL_S] += wait
        if wait <= awt_s:
            counts[queue, interval, SHORT] += 1.0


@njit(cache=True)
def add_busy(busy: Any, group: int, start: float, end: float, interval_s: float) -> None:
    """Spread a stretch of work over the intervals that it touches."""
    interval = int(start / interval_s)
    while start < end and interval < busy.shape[1]:
        edge = min(end, (interval + 1) * interval_s)
        busy[group, interval] += edge - start
        start, interval = edge, interval + 1


@njit(cache=True)
def change_shift(free: Any, owners: Any, size: int, leave: int, join: int, now: float) -> int:
    """Those free first leave (they end the contact in hand), others join at `now`; the new number of agents."""
    for _ in range(leave):
        size -= 1
        free[0], owners[0] = free[size], owners[size]
        sift_down(free, owners, size)
    for _ in range(join):
        free[size] = now
        sift_up(free, owners, size)
        size += 1
    return size


@njit(cache=True)
def one_queue(
    rng: Any,
    cumulative: Any,
    interval_s: float,
    aht_s: float,
    sigma: float,
    patience_s: float,
    awt_s: float,
    leaving: Any,
    joining: Any,
    counts: Any,
    busy: Any,
) -> None:
    """One queue, like agents, first come first served.

    A contact meets the agent who is free first, so the heap of times at which agents become free is the whole state. A change of staff is
    carried out as soon as nobody can begin before it: later contacts cannot begin before it either.
    """
    intervals = len(cumulative) - 1
    total, end = cumulative[intervals], intervals * interval_s
    size, interval, change, reached = 0, 0, 0, 0.0
    free, owners = np.empty(int(joining.sum()) + 1), np.zeros(int(joining.sum()) + 1, np.int64)
    while True:
        reached += rng.standard_exponential()
        if reached >= total:
            return
        while cumulative[interval + 1] <= reached:
            interval += 1
        arrived = (interval + (reached - cumulative[interval]) / (cumulative[interval + 1] - cumulative[interval])) * interval_s
        patience = patience_s * rng.standard_exponential()
        handle_s = handle_time(rng, aht_s, sigma)
        while change < intervals and (size == 0 or max(arrived, free[0]) >= change * interval_s):
            size = change_shift(free, owners, size, leaving[change], joining[change], change * interval_s)
            change += 1
        wait = max(0.0, free[0] - arrived) if size > 0 else end - arrived
        if size == 0 or wait > patience:
            left_after = min(wait, patience)
            record(counts, 0, interval, left_after, awt_s, False, 0.0)
            continue
        record(counts, 0, interval, wait, awt_s, True, handle_s)
        add_busy(busy, 0, arrived + wait, arrived + wait + handle_s, interval_s)
        free[0] = arrived + wait + handle_s
        sift_down(free, owners, size)
