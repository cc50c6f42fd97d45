"""Multi-skill people needed interval by interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from wfm import units
from wfm.errors import Cancelled, InvalidInput
from wfm.simulate.model import SimulatedQueue, Skill
from wfm.simulate.pooling import PooledRequirement, pooled_requirement


def pooled_day(
    queues: Sequence[SimulatedQueue],
    groups: Mapping[str, Sequence[Skill]],
    start: Sequence[Mapping[str, int]],
    interval_s: float = 3600.0,
    hours: float = 100.0,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    at_most: Mapping[str, int] | None = None,
    most_trials: int = 200,
) -> tuple[PooledRequirement, ...]:
    """`pooled_requirement` of every interval by itself, at its own steady rates.

    Parameters
    ----------
    queues
        Volumes of every interval; one without contacts in an interval needs nobody there.
    groups, interval_s, hours, seed, at_most, most_trials
        As in `pooled_requirement`.
    start
        Heads by group to begin with, for every interval.
    progress
        Called with the share done.
    cancelled
        Asked between intervals.

    Returns
    -------
    tuple of PooledRequirement
        One for each interval; without heads where nothing arrives.

    Raises
    ------
    InvalidInput
        When the lengths differ.
    UnreachableTarget
        When no group can take a queue.
    Cancelled
        When `cancelled` says so.
    """
    count = len(start)
    units.whole("intervals", count, at_least=1)
    for queue in queues:
        if len(queue.volume) != count:
            raise InvalidInput(f"volume of {queue.id} must have {count} intervals, got {len(queue.volume)}")
    found = []
    for t in range(count):
        if cancelled is not None and cancelled():
            raise Cancelled(f"stopped after {t} of {count} intervals")
        busy = [replace(queue, volume=(queue.volume[t],)) for queue in queues if queue.volume[t] > 0]
        found.append(pooled_requirement(busy, groups, start[t], interval_s, hours, seed, at_most=at_most, most_trials=most_trials))
        if progress is not None:
            progress((t + 1) / count)
    return tuple(found)
