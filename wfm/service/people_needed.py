"""People needed on one queue, interval by interval; no database, so that files and rows take the same way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Queue
from wfm.errors import InvalidInput

Floats = NDArray[np.float64]
Heads = NDArray[np.int64]


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
    """

    offered_load: Floats
    on_queue: Heads
    scheduled: Heads


def people_needed(queue: Queue, interval_s: int, volume: Floats, aht_s: Floats, rate_cv: Floats | None = None) -> PeopleNeeded:
    """The smallest numbers of people that keep the queue's promise.

    An interval without expected contacts is closed and needs nobody; in an open one at least `queue.minimum_agents` are needed.

    Parameters
    ----------
    volume
        Expected contacts per interval, at least 0.
    aht_s
        Expected handle time, s; NaN takes the mean over the known ones, weighted by contacts.
    rate_cv
        Standard deviation of the contact rate over its mean, at least 0; None takes the volume for certain.

    Raises
    ------
    InvalidInput
        When contacts are expected and no handle time is known.
    UnreachableTarget
        When no number of people keeps the promise.
    """
    from wfm.erlang import gross_up, with_minimum

    times = _filled(queue, volume, aht_s)
    load = volume * times / interval_s
    is_open = volume > 0
    bare = _smallest(queue, interval_s, volume, times, np.zeros_like(volume) if rate_cv is None else rate_cv)
    on_queue = np.asarray(with_minimum(np.where(is_open, bare, 0), queue.minimum_agents, is_open), dtype=np.int64)
    return PeopleNeeded(load, on_queue, np.asarray(gross_up(on_queue, queue.shrinkage), dtype=np.int64))


def _filled(queue: Queue, volume: Floats, aht_s: Floats) -> Floats:
    known = ~np.isnan(aht_s)
    if known.all() or not (volume > 0).any():
        return np.where(known, aht_s, 1.0)
    if not known.any():
        raise InvalidInput(f"queue {queue.id} has no handle times; import a file with them (AHT or total handle time)")
    weight = np.where(volume[known] > 0, volume[known], 1e-9)
    return np.where(known, aht_s, float(np.average(aht_s[known], weights=weight)))


def _smallest(queue: Queue, interval_s: int, volume: Floats, aht_s: Floats, rate_cv: Floats) -> Heads:
    """By the waiting line of the channel; the promise is kept on average over the volumes that may come, weighted by contacts."""
    from wfm.erlang import required_agents, required_with_uncertainty

    rate, patience_s, target = volume / interval_s, queue.patience_s or np.inf, queue.target
    if target.level is None or target.definition != "offered" or not rate_cv.any():
        return np.asarray(required_agents(rate, aht_s, target, patience_s), dtype=np.int64)
    return np.asarray(required_with_uncertainty(rate, rate_cv, aht_s, target, patience_s), dtype=np.int64)
