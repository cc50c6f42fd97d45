"""Why the service kept differs from the service planned: four causes whose parts add up exactly.

The part of a cause is its Shapley value: what it changes when planned is replaced by actual, averaged over all orders of replacing
(Shapley 1953). Levels are exact Erlang A, interval by interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import ServiceTarget
from wfm.service.need_reasons import LEVEL_OF

Floats = NDArray[np.float64]
CAUSES = ("volume", "aht", "shrinkage", "schedule")
_NOBODY = 1e-9  # heads that only rounding leaves


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """What an interval meets, as planned or as it came; arrays of one length.

    Parameters
    ----------
    volume
        Contacts per interval, at least 0.
    aht_s
        Mean handle time, s, above 0.
    """

    volume: Floats
    aht_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """Heads on queue, fractions allowed: planned, on the schedule, and those who were there."""

    planned: Floats
    scheduled: Floats
    present: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Service level by interval as planned and as it came, and the part of each of `CAUSES`: `planned + sum(parts) = actual`."""

    planned: Floats
    actual: Floats
    parts: Mapping[str, Floats]


def explain(
    planned: Conditions, actual: Conditions, heads: Heads, target: ServiceTarget, patience_s: float, interval_s: float
) -> Explained:
    """Split the difference between the planned and the actual service level over its causes.

    Parameters
    ----------
    patience_s
        Mean patience, s; infinite for customers who never leave.
    interval_s
        Length of an interval, s.
    """
    level = {}
    for size in range(len(CAUSES) + 1):
        for chosen in combinations(CAUSES, size):
            level[frozenset(chosen)] = _level(frozenset(chosen), planned, actual, heads, target, patience_s, interval_s)
    parts = {cause: _part(cause, level) for cause in CAUSES}
    return Explained(level[frozenset()], level[frozenset(CAUSES)], parts)


def _level(
    came: frozenset[str],
    planned: Conditions,
    actual: Conditions,
    heads: Heads,
    target: ServiceTarget,
    patience_s: float,
    interval_s: float,
) -> Floats:
    """Service level where the causes in `came` are as they came and the others as planned."""
    from wfm.erlang import erlang_a

    volume = actual.volume if "volume" in came else planned.volume
    aht_s = actual.aht_s if "aht" in came else planned.aht_s
    people = heads.planned
    if "schedule" in came:
        people = people + heads.scheduled - heads.planned
    if "shrinkage" in came:
        people = people + heads.present - heads.scheduled
    there = np.where(people < _NOBODY, 0.0, people)
    found = erlang_a(volume / interval_s, aht_s, there, patience_s, target.awt_s)
    return np.asarray(getattr(found, LEVEL_OF[str(target.definition)]))


def _part(cause: str, level: Mapping[frozenset[str], Floats]) -> Floats:
    count = len(CAUSES)
    total = np.zeros_like(level[frozenset()])
    for before in (some for some in level if cause not in some):
        orders = factorial(len(before)) * factorial(count - len(before) - 1) / factorial(count)
        total = total + orders * (level[before | {cause}] - level[before])
    return total
