"""People needed on one queue, interval by interval; no database, so that files and rows take the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Channel, PlannedBy, Queue, ServiceTarget
from wfm.errors import InvalidInput
from wfm.service.movable_work import LocalClock, laid, shrinkage_by_day

if TYPE_CHECKING:
    import pandas as pd

    from wfm.erlang.uncertainty import Weighting

# Somebody with several chats answers each more slowly: so much longer for every further chat, as a share of a chat held alone.
CHAT_SLOWDOWN = 0.3
# Where only the history tells the opening hours, a line is closed when nine of ten such half hours see no contact.
LEAST_OPEN_HALF_HOUR = 0.1
_NODES = 7
_MOST_STEPS = 10_000

Floats = NDArray[np.float64]
Heads = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PeopleNeeded:
    """People needed on one queue; all arrays of one length.

    Parameters
    ----------
    offered_load
        Volume times handle time over the interval, erlang.
    on_queue
        Heads at the desk; 0 where the queue is closed.
    scheduled
        Heads on the schedule so that `on_queue` are there after shrinkage.
    backlog
        Deferred contacts unfinished at the end of the interval; 0 elsewhere.
    movable
        Heads among `on_queue` for movable work.
    oldest_age_s
        Age of the oldest deferred contact at the end of the interval, s; 0 without backlog and elsewhere.
    shrinkage
        Share of paid time not available on queue.
    """

    offered_load: Floats
    on_queue: Heads
    scheduled: Heads
    backlog: Floats
    movable: Heads
    oldest_age_s: Floats
    shrinkage: Floats


def people_needed(
    queue: Queue,
    interval_s: int,
    volume: Floats,
    aht_s: Floats,
    rate_cv: Floats | None = None,
    staffed: Mask | None = None,
    clock: LocalClock | None = None,
) -> PeopleNeeded:
    """The smallest numbers of people that keep the queue's promise, and those for its movable work.

    Telephone queues follow Erlang A where customers have a patience, else Erlang C; chats their own chain; deferred work the smallest
    profile that answers in time. An interval without expected contacts is closed and needs nobody; in an open one at least
    `queue.minimum_agents` are needed. The promise holds over the volumes that may come in the way of `queue.target.planned_by`.

    Parameters
    ----------
    volume
        Expected contacts per interval, at least 0.
    aht_s
        Expected handle time, s; NaN takes the mean over the known ones, weighted by contacts.
    rate_cv
        Standard deviation of the contact rate over its mean, at least 0; None takes the volume for certain.
    staffed
        When people work on deferred contacts; None for whenever contacts come.
    clock
        When the intervals are; None leaves movable work out and takes the shrinkage of a Monday.

    Raises
    ------
    InvalidInput
        When contacts are expected and no handle time is known, or deferred work has no response time.
    UnreachableTarget
        When no number of people keeps the promise.
    """
    from wfm.erlang import gross_up, with_minimum

    times = _filled(queue, volume, aht_s)
    is_open = volume > 0
    backlog, oldest_age_s, bare = np.zeros_like(volume), np.zeros_like(volume), np.zeros(len(volume), np.int64)
    if queue.channel.deferred:
        is_open = is_open if staffed is None else staffed
        bare, backlog, oldest_age_s = _deferred(queue, interval_s, volume, times, is_open)
    elif is_open.any():
        cv = np.zeros_like(volume) if rate_cv is None else np.asarray(rate_cv, np.float64)
        bare[is_open] = bare_heads(queue, volume[is_open] / interval_s, times[is_open], cv[is_open])
    live = np.asarray(with_minimum(bare, queue.minimum_agents, is_open), dtype=np.int64)
    movable = np.zeros_like(live) if clock is None else laid(queue, clock, interval_s, live).added
    shrinkage = np.full(len(volume), queue.shrinkage_on(0)) if clock is None else shrinkage_by_day(queue, clock)
    on_queue = live + movable
    scheduled = np.asarray(gross_up(on_queue, shrinkage), dtype=np.int64)
    return PeopleNeeded(volume * times / interval_s, on_queue, scheduled, backlog, movable, oldest_age_s, shrinkage)


def bare_heads(queue: Queue, rate: Floats, aht_s: Floats, rate_cv: Floats) -> Heads:
    """Heads that the promise of a live queue asks for, before its minimum; `rate` in contacts per second, all above 0."""
    from wfm.erlang import rate_with_chance

    if queue.target.planned_by == PlannedBy.KEPT_WITH_CHANCE:
        rate, rate_cv = rate_with_chance(rate, rate_cv, queue.target.kept_chance), np.zeros_like(rate)
    return (_chats if queue.channel is Channel.CHAT and queue.concurrency > 1 else _calls)(queue, rate, aht_s, rate_cv)


def agents_for(
    history: pd.DataFrame,
    targets: pd.DatetimeIndex,
    country: str | None,
    subdivision: str | None,
    aht_s: float,
    patience_s: float,
    level: float,
    awt_s: float,
) -> pd.Series[int]:
    """See `wfm.service.plan_agents`; a line is open where the history says so, as no planner's hours are given."""
    import pandas as pd

    from wfm.forecast import forecast_with_report

    made = forecast_with_report(history, targets, country, subdivision)
    stamps = np.unique(pd.DatetimeIndex(targets).to_numpy().astype("datetime64[s]").astype(np.int64))
    interval_s = int(np.diff(stamps).min()) if len(stamps) > 1 else 1_800
    queue = Queue("queue", "Queue", target=ServiceTarget(level, awt_s), patience_s=patience_s)
    mean, rate_cv = made.frame["mean"].to_numpy(np.float64), made.rate_cv.to_numpy(np.float64)
    mean = np.where(mean * 1_800 < LEAST_OPEN_HALF_HOUR * interval_s, 0.0, mean)
    need = people_needed(queue, interval_s, mean, np.full(len(mean), float(aht_s)), rate_cv)
    return pd.Series(need.on_queue, index=targets, name="agents")


def _filled(queue: Queue, volume: Floats, aht_s: Floats) -> Floats:
    known = ~np.isnan(aht_s) & (aht_s > 0)
    if known.all() or not (volume > 0).any():
        return np.where(known, aht_s, 1.0)
    if not known.any():
        raise InvalidInput(f"queue {queue.id} has no handle times; import a file with them (AHT or total handle time)")
    weight = np.where(volume[known] > 0, volume[known], 1e-9)
    return np.where(known, aht_s, float(np.average(aht_s[known], weights=weight)))


def _calls(queue: Queue, rate: Floats, aht_s: Floats, rate_cv: Floats) -> Heads:
    from wfm.erlang import required_agents, required_with_uncertainty

    patience_s, target = queue.patience_s or np.inf, queue.target
    if target.level is None or target.definition != "offered" or not rate_cv.any():
        return np.asarray(required_agents(rate, aht_s, target, patience_s), dtype=np.int64)
    weighting: Weighting = "interval" if target.planned_by == PlannedBy.MEAN_SERVICE else "call"
    return np.asarray(required_with_uncertainty(rate, rate_cv, aht_s, target, patience_s, weighting=weighting), dtype=np.int64)


def _chats(queue: Queue, rate: Floats, aht_s: Floats, rate_cv: Floats) -> Heads:
    """Downwards from a number that is enough: as many slots as a telephone queue of the same load needs agents."""
    enough = -(-_calls(queue, rate, aht_s, rate_cv) // queue.concurrency)
    heads = np.maximum(enough, 1)
    found = ~_keeps(queue, rate, aht_s, rate_cv, heads)
    heads[found] = _upwards(queue, rate[found], aht_s[found], rate_cv[found], heads[found])
    trying = ~found & (heads > 1)
    for _ in range(_MOST_STEPS):
        if not trying.any():
            break
        fewer = _keeps(queue, rate[trying], aht_s[trying], rate_cv[trying], heads[trying] - 1)
        place = np.flatnonzero(trying)
        heads[place[fewer]] -= 1
        trying[place[~fewer]] = False
        trying &= heads > 1
    return heads


def _upwards(queue: Queue, rate: Floats, aht_s: Floats, rate_cv: Floats, heads: Heads) -> Heads:
    for _ in range(_MOST_STEPS):
        short = ~_keeps(queue, rate, aht_s, rate_cv, heads)
        if not short.any():
            break
        heads = heads + short
    return heads


def _keeps(queue: Queue, rate: Floats, aht_s: Floats, rate_cv: Floats, heads: Heads) -> Mask:
    """Whether so many people keep every part of the promise; the service level over the rates that may come, the rest at the mean."""
    from wfm.erlang import chat

    if not len(rate):
        return np.zeros(0, np.bool_)
    target, patience_s = queue.target, queue.patience_s or np.inf
    times = aht_by_concurrency(aht_s, queue.concurrency)
    seats = heads.astype(np.float64)
    at_mean = chat(rate, times, seats, patience_s, target.awt_s)
    kept = np.ones(len(rate), np.bool_)
    for limit, reached in (
        (target.max_asa_s, at_mean.asa_s),
        (target.max_mean_wait_s, at_mean.mean_wait_s),
        (target.max_abandonment, at_mean.abandon_probability),
        (target.max_occupancy, at_mean.occupancy),
    ):
        if limit is not None:
            kept &= np.asarray(reached) <= limit
    if target.level is None:
        return kept
    rates, weights = _rates(rate, rate_cv, by_contacts=target.planned_by != PlannedBy.MEAN_SERVICE)
    measured = chat(rates, times[:, None, :], seats[:, None], patience_s, target.awt_s)
    level = np.asarray(getattr(measured, _LEVELS[target.definition]), np.float64)
    return np.asarray(kept & ((weights * level).sum(axis=1) >= target.level))


_LEVELS = {
    "offered": "service_level",
    "answered": "service_level_of_answered",
    "excluding_short_abandons": "service_level_excluding_short_abandons",
    "counting_short_abandons": "service_level_counting_short_abandons",
}


def aht_by_concurrency(aht_s: Floats, concurrency: int) -> Floats:
    """Handle time of a chat by the number of chats that its agent holds, s; shape (n, concurrency).

    The observed handle time belongs to agents with all their chats, as most contacts come when people are busy.

    Examples
    --------
    >>> aht_by_concurrency(np.array([390.0]), 2).round(6).tolist()
    [[300.0, 390.0]]
    """
    held = 1.0 + CHAT_SLOWDOWN * np.arange(concurrency)
    return np.asarray(aht_s[:, None] * (held / held[-1]))


def _rates(rate: Floats, rate_cv: Floats, by_contacts: bool) -> tuple[Floats, Floats]:
    """Rates that may come and their weights, shape (n, nodes): equal parts of a gamma distribution, at their medians."""
    from scipy.stats import gamma

    if not rate_cv.any():
        return rate[:, None], np.ones((len(rate), 1))
    shape = (1.0 / np.maximum(rate_cv, 1e-3) ** 2)[:, None]
    rates = np.asarray(gamma.ppf((np.arange(_NODES) + 0.5) / _NODES, shape, scale=rate[:, None] / shape), np.float64)
    weights = rates if by_contacts else np.ones_like(rates)
    return rates, weights / weights.sum(axis=1, keepdims=True)


def _deferred(queue: Queue, interval_s: int, volume: Floats, aht_s: Floats, is_open: Mask) -> tuple[Heads, Floats, Floats]:
    """The response time runs while people work; round the clock where they always do."""
    from wfm.erlang import deferred_profile

    if queue.response_s is None:
        raise InvalidInput(f"queue {queue.id} is answered later ({queue.channel}) and needs a response time, got none")
    if not is_open.any():
        age_s = interval_s * (np.arange(len(volume)) + 1 - int(np.argmax(volume > 0)))
        return np.zeros(len(volume), np.int64), np.cumsum(volume), np.where(np.cumsum(volume) > 0, age_s, 0).astype(np.float64)
    most = queue.target.max_occupancy or 1.0
    response_s = max(queue.response_s, float(interval_s))
    plan = deferred_profile(volume, aht_s, response_s, is_open, float(interval_s), clock="open", max_occupancy=most)
    return np.where(is_open, plan.agents, 0), plan.day.backlog, plan.day.oldest_age_s
