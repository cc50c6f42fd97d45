"""The queue as it changes over a day: load that rises and falls, backlog that is carried over, staffing that knows both.

Interval-by-interval formulas assume that every interval lasts for ever. Here the number in system follows its birth-death equations
through the day, with rate and staff constant within an interval. Where staff leave, contacts in hand go back to the head of the queue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wfm import units
from wfm.domain.demand import ServiceTarget
from wfm.erlang._inputs import MOST, Floats, flat, numbers
from wfm.erlang.measures import QueueMeasures
from wfm.erlang.staffing import Heads, refuse_unreachable, required_agents, target_limits
from wfm.errors import InvalidInput

MOST_STATES = 4_000_000
SHORTEST_S = 0.1  # the work of following a day grows with the events in it
_SLIGHTLY = 1e-9


@dataclass(frozen=True, slots=True)
class DayOutlook:
    """A queue through a day, by interval.

    Parameters
    ----------
    measures
        Of the contacts that arrive in the interval, if staffing stayed as they find it; occupancy and queue are means over time.
    waiting_at_end
        Mean number waiting at the end of the interval: the backlog carried into the next.
    state
        Probabilities of the number in system at the end of the day, to start the next with.
    """

    measures: QueueMeasures
    waiting_at_end: Floats
    state: Floats


def modified_offered_load(arrival_rate: ArrayLike, aht_s: float, interval_s: float = 900.0, *, start: float = 0.0) -> Floats:
    """Mean load in each interval if nobody ever had to wait: it follows the arrivals with a lag of one handle time.

    `da/dt = rate - a / aht` (Jennings, Mandelbaum, Massey and Whitt 1996).

    Parameters
    ----------
    arrival_rate
        Contacts per second by interval, at least 0.
    aht_s
        Mean handle time, s, above 0.
    interval_s
        Length of an interval, s, above 0.
    start
        Contacts in hand at the beginning, at least 0.

    Returns
    -------
    load
        Erlang by interval.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> modified_offered_load([0.1, 0.1, 0.0], 300, 900).round(1).tolist()
    [20.5, 29.5, 9.5]
    """
    rate, handle_s, length = _row("arrival_rate", arrival_rate), _handle_time(aht_s), units.positive("interval_s", interval_s)
    load, decay = np.empty_like(rate), np.exp(-length / handle_s)
    now = units.not_negative("start", start)
    for t, full in enumerate(rate * handle_s):
        load[t] = full + (now - full) * (1 - decay) * handle_s / length
        now = full + (now - full) * decay
    return load


def over_day(
    arrival_rate: ArrayLike,
    aht_s: float,
    agents: ArrayLike,
    patience_s: float = np.inf,
    awt_s: float = 20.0,
    interval_s: float = 900.0,
    *,
    start: ArrayLike = (1.0,),
) -> DayOutlook:
    """Measures of every interval of a day, with what the intervals before left behind.

    Solved by uniformization (Jensen 1953) to about 1e-10; the work grows with the number of arrivals times the square root of the load.

    Parameters
    ----------
    arrival_rate
        Contacts per second by interval, at least 0.
    aht_s
        Mean handle time, s, at least 0.1.
    agents
        Agents on queue by interval, whole, at least 0.
    patience_s
        Mean patience, s, at least 0.1; infinite for customers who never leave.
    awt_s
        Acceptable waiting time, s, at least 0.
    interval_s
        Length of an interval, s, above 0.
    start
        Probabilities of 0, 1, 2, ... contacts in the system at the beginning; empty by default.

    Returns
    -------
    outlook
        By interval.

    Raises
    ------
    InvalidInput
        For anything outside these bounds, or a queue that can grow beyond 4 million.

    Examples
    --------
    >>> outlook = over_day([0.05, 0.12, 0.05], 180, [12, 18, 12])
    >>> outlook.measures.service_level.round(3).tolist(), outlook.waiting_at_end.round(2).tolist()
    ([0.92, 0.388, 0.151], [0.57, 16.59, 10.56])
    """
    day = _Day(_row("arrival_rate", arrival_rate), _handle_time(aht_s), *_scalars(patience_s, awt_s, interval_s))
    heads = _row("agents", agents, whole=True)
    if heads.shape != day.rate.shape:
        raise InvalidInput(f"agents must have one entry for each of {day.rate.size} intervals, got {heads.size}")
    rows, state = day.follow(day.rate, heads, _start(start))
    return DayOutlook(day.measures(rows, day.rate, heads), rows[7], state)


def required_over_day(
    arrival_rate: ArrayLike,
    aht_s: float,
    target: ServiceTarget,
    patience_s: float = np.inf,
    interval_s: float = 900.0,
    *,
    start: ArrayLike = (1.0,),
) -> Heads:
    """Smallest number of agents in each interval in turn that keeps the target for its arrivals, backlog and lag included.

    Goes through the day forwards: each interval takes the fewest agents that suffice after those chosen before it.

    Parameters
    ----------
    arrival_rate, aht_s, patience_s, interval_s, start
        As in `over_day`.
    target
        The promise, kept in every interval that has arrivals.

    Returns
    -------
    agents
        int64 by interval; 0 where nothing arrives.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    UnreachableTarget
        As in `required_agents`.

    Examples
    --------
    >>> required_over_day([0.05, 0.12, 0.05], 180, ServiceTarget(level=0.8, awt_s=20)).tolist()
    [11, 24, 17]
    """
    limits = target_limits(target)
    day = _Day(_row("arrival_rate", arrival_rate), _handle_time(aht_s), *_scalars(patience_s, target.awt_s, interval_s))
    refuse_unreachable(target, day.rate * day.aht_s)
    load = modified_offered_load(day.rate, day.aht_s, day.interval_s)
    guess = np.asarray(required_agents(load / day.aht_s, day.aht_s, target, day.patience_s))
    found, state = np.zeros(day.rate.size, dtype=np.int64), _start(start)
    for t in range(day.rate.size):
        rate = day.rate[t : t + 1]

        def enough(n: int, rate: Floats = rate, state: Floats = state) -> bool:
            heads = np.array([float(n)])
            rows, _ = day.follow(rate, heads, state)
            return _keeps(day.measures(rows, rate, heads), limits)

        found[t] = _smallest(enough, int(guess[t])) if rate[0] > 0 else 0
        _, state = day.follow(rate, np.array([float(found[t])]), state)
    return found


def _smallest(enough: Callable[[int], bool], guess: int) -> int:
    """Smallest n >= 1 that is enough, by doubling steps from the guess and bisection."""
    high, low, step = max(guess, 1), 0, 1
    while not enough(high):
        low, high, step = high, high + step, 2 * step
    if low == 0:
        step = 1
        while high - step > 0 and enough(high - step):
            high, step = high - step, 2 * step
        low = max(high - step, 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _keeps(found: QueueMeasures, limits: Floats) -> bool:
    """Does the one interval keep the limits of `target_limits`?"""
    levels = (
        found.service_level,
        found.service_level_of_answered,
        found.service_level_excluding_short_abandons,
        found.service_level_counting_short_abandons,
    )
    figures = (1.0 - np.asarray(levels[int(limits[0])]), found.asa_s, found.mean_wait_s, found.abandon_probability, found.occupancy)
    return all(bool(np.all(np.asarray(figure) <= limit * (1 + _SLIGHTLY))) for figure, limit in zip(figures, limits[1:], strict=True))


@dataclass(frozen=True, slots=True)
class _Day:
    """What stays the same while staffing is tried."""

    rate: Floats
    aht_s: float
    patience_s: float
    awt_s: float
    interval_s: float

    def follow(self, rate: Floats, heads: Floats, state: Floats) -> tuple[Floats, Floats]:
        """Rows of `fill_day` and the state at the end, with as many states as turn out to matter."""
        from wfm.erlang import _chain_kernels

        reached = np.flatnonzero(state)[-1] + 1
        size = int(reached + 2 * np.max(rate * self.aht_s) + np.max(heads) + 200)
        while True:
            if size > MOST_STATES:
                raise InvalidInput(f"the queue may not grow beyond {MOST_STATES} contacts; give patience_s or more agents")
            end, rows = np.zeros(size), np.zeros((8, rate.size))
            end[:reached] = state[:reached]
            edge = _chain_kernels.fill_day(rate, heads, self.aht_s, 1.0 / self.patience_s, self.awt_s, self.interval_s, end, rows)
            if edge < 1e-12:
                return rows, np.trim_zeros(end, "b")
            size *= 2

    def measures(self, rows: Floats, rate: Floats, heads: Floats) -> QueueMeasures:
        wait, abandoned, late, staying, wait_s, queue, busy, _ = np.where((rate > 0) | (np.arange(8) > 4)[:, None], rows, 0.0)
        answered = 1.0 - abandoned
        served = np.maximum(answered - late, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return QueueMeasures(
                wait_probability=wait,
                abandon_probability=abandoned,
                block_probability=np.zeros_like(wait),
                mean_wait_s=wait_s if np.isinf(self.patience_s) else abandoned * self.patience_s,
                asa_s=np.where(answered > 0, wait_s / answered, np.inf),
                service_level=served,
                service_level_of_answered=np.where(served > 0, served / answered, 0.0),
                service_level_excluding_short_abandons=np.where(served > 0, served / (served + staying), 0.0),
                service_level_counting_short_abandons=1.0 - staying,
                occupancy=np.where(heads > 0, np.minimum(busy / heads, 1.0), np.where(queue > 0, 1.0, 0.0)),
                mean_queue=queue,
            )


def _row(name: str, value: ArrayLike, *, whole: bool = False) -> Floats:
    row = numbers(name, value, at_least=0, at_most=MOST, whole=whole)
    if row.ndim != 1 or row.size == 0:
        raise InvalidInput(f"{name} must be a row with one entry for each interval, got shape {row.shape}")
    return flat(row)


def _handle_time(aht_s: float) -> float:
    return float(numbers("aht_s", units.real("aht_s", aht_s), at_least=SHORTEST_S, at_most=MOST))


def _scalars(patience_s: float, awt_s: float, interval_s: float) -> tuple[float, float, float]:
    patience = numbers("patience_s", patience_s, above=0, at_least=SHORTEST_S, infinite=True)
    if patience.ndim:
        raise InvalidInput(f"patience_s must be one number for the whole day, got shape {patience.shape}")
    return float(patience), units.not_negative("awt_s", awt_s), units.positive("interval_s", interval_s)


def _start(start: ArrayLike) -> Floats:
    state = _row("start", start)
    if not np.isclose(state.sum(), 1.0, rtol=0, atol=1e-9):
        raise InvalidInput(f"start must be probabilities that sum to 1, got a sum of {state.sum():g}")
    return np.asarray(state / state.sum())
