"""A closer bound for small centres: in every interval somebody is on queue or is not, never in part.

Let ``C[t](m)`` be the least cost of cover per hour of interval t with m[k] heads of each kind on queue. For any prices p[k, t] of an hour
on queue no roster can cost less than

    sum of hours * min over whole m of (C[t](m) + p[:, t] . m)
    - sum over agents of max over legal tours of (sum on queue of hours * p - wishes - paid hours).

All m that can be best are written down once: heads stand in for each other, so what one more is worth falls with every head that is
there, and a head that no queue needs is not worth having at any price above `-over_cost`. Of the vectors reached by one head more at a
time, kinds in order, each is known by the one before it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.scheduler.climb import Climb, rounded_down
from wfm.scheduler.coverage import Paths, make_paths, raise_head
from wfm.scheduler.instance import CALENDAR, KIND, Cover, Floats, Instance, Ints
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.relax import answer

MOST_VECTORS = 30_000_000
"""Rows of the table at 9 bytes each; larger centres have the other bound."""
MOST_AGENTS = 60
ROUNDING = 1e-4
"""Cost per hour by which entries are lowered: more than their rounding to single precision."""


class Vectors(NamedTuple):
    """Head vectors of all intervals, those of interval t in rows first[t] to first[t + 1].

    A row is the row `before` with one head of `kind` more, its first in an interval nobody; `cost` is the cost of cover per hour.
    """

    first: Ints
    before: NDArray[np.int32]
    kind: NDArray[np.int8]
    cost: NDArray[np.float32]


class Ladder(NamedTuple):
    """Scratch of `write_vectors`, one rung for each head: its kind, the next kind to try, its row, cost and split; heads by kind."""

    kind: Ints
    next: Ints
    row: Ints
    cost: Floats
    flow: Floats
    spare: Floats
    miss: Floats
    heads: Ints


def fits(instance: Instance) -> bool:
    """True where this bound holds for the instance and can be had: few people, nobody faster on one queue, no rules of presence."""
    cover = instance.cover
    return 0 < instance.agents <= MOST_AGENTS and cover.even and len(cover.group_cost) == 0 and len(cover.kind_first) - 1 < 128


def most_heads(instance: Instance) -> Ints:
    """How many of each kind can be on queue, kinds by intervals."""
    most = np.zeros((len(instance.cover.kind_first) - 1, instance.intervals), np.int64)
    np.add.at(most, instance.agent[:, KIND], instance.calendars.touched[instance.agent[:, CALENDAR]])
    return most


def make_vectors(instance: Instance, stop: Callable[[], bool]) -> Vectors | None:
    """All head vectors that may be best; None where they are too many or it is time to stop."""
    vectors = Vectors(
        np.zeros(instance.intervals + 1, np.int64),
        np.zeros(MOST_VECTORS, np.int32),
        np.zeros(MOST_VECTORS, np.int8),
        np.zeros(MOST_VECTORS, np.float32),
    )
    ladder, paths, most = _ladder(instance), make_paths(instance), most_heads(instance)
    for t in range(instance.intervals):
        end = write_vectors(instance.cover, t, instance.required, most, ladder, paths, vectors)
        if end < 0 or stop():
            return None
        vectors.first[t + 1] = end
    return Vectors(vectors.first, vectors.before[:end], vectors.kind[:end], vectors.cost[:end])


def _ladder(instance: Instance) -> Ladder:
    cover, rungs = instance.cover, instance.agents + 2
    kinds, arcs, queues = len(cover.kind_first) - 1, len(cover.arc), len(cover.under_cost)
    whole = [np.zeros(n, np.int64) for n in (rungs, rungs, rungs, kinds)]
    splits = [np.zeros((rungs, n)) for n in (arcs, kinds, queues)]
    return Ladder(whole[0], whole[1], whole[2], np.zeros(rungs), splits[0], splits[1], splits[2], whole[3])


@inner
def _stand(cover: Cover, t: int, required: Floats, ladder: Ladder) -> None:
    """At the foot of the ladder: nobody is on queue."""
    ladder.next[0], ladder.cost[0] = 0, 0.0
    for a in range(ladder.flow.shape[1]):
        ladder.flow[0, a] = 0.0
    for k in range(len(ladder.heads)):
        ladder.spare[0, k], ladder.heads[k] = 0.0, 0
    for q in range(required.shape[1]):
        ladder.miss[0, q] = required[t, q]
        ladder.cost[0] += cover.under_cost[q] * required[t, q]


@inner
def _step_up(cover: Cover, kind: int, at: int, ladder: Ladder, paths: Paths) -> float:
    """Rung `at` + 1 is rung `at` with one head of `kind` more; returns what that head is worth per hour."""
    up = at + 1
    for a in range(ladder.flow.shape[1]):
        ladder.flow[up, a] = ladder.flow[at, a]
    for k in range(ladder.spare.shape[1]):
        ladder.spare[up, k] = ladder.spare[at, k]
    for q in range(ladder.miss.shape[1]):
        ladder.miss[up, q] = ladder.miss[at, q]
    worth = raise_head(cover, kind, ladder.flow[up], ladder.spare[up], ladder.miss[up], paths)
    ladder.cost[up] = ladder.cost[at] - worth
    ladder.kind[up], ladder.next[up] = kind, kind
    return float(worth)


@inner
def _write(at: int, row: int, ladder: Ladder, vectors: Vectors) -> None:
    ladder.row[at] = row
    vectors.cost[row] = ladder.cost[at]
    vectors.before[row] = ladder.row[at - 1] if at > 0 else -1
    vectors.kind[row] = ladder.kind[at] if at > 0 else -1


@entry
def write_vectors(cover: Cover, t: int, required: Floats, most: Ints, ladder: Ladder, paths: Paths, vectors: Vectors) -> int:
    """Writes the vectors of interval t behind those of the one before; returns the row after the last, -1 where there is no room."""
    _stand(cover, t, required, ladder)
    at, row = 0, vectors.first[t]
    if row >= len(vectors.cost):
        return -1
    _write(0, row, ladder, vectors)
    while at >= 0:
        kind = ladder.next[at]
        if kind == len(ladder.heads):
            if at > 0:
                ladder.heads[ladder.kind[at]] -= 1
            at -= 1
            continue
        ladder.next[at] += 1
        if ladder.heads[kind] == most[kind, t] or _step_up(cover, kind, at, ladder, paths) <= -cover.over_cost:
            continue
        at, row = at + 1, row + 1
        ladder.heads[kind] += 1
        if row >= len(vectors.cost):
            return -1
        _write(at, row, ladder, vectors)
    return int(row + 1)


@entry
def cheapest(vectors: Vectors, price: Floats, value: Floats, least: Floats, heads: Floats) -> None:
    """The least of ``cost + price . m`` of every interval into `least`, its vector into `heads` (kinds by intervals).

    `value` is scratch room for the vectors of one interval.
    """
    for t in range(len(least)):
        first, best, where = vectors.first[t], np.inf, vectors.first[t]
        for row in range(first, vectors.first[t + 1]):
            before = vectors.before[row]
            value[row - first] = value[before - first] + price[vectors.kind[row], t] if before >= 0 else 0.0
            if vectors.cost[row] + value[row - first] < best:
                best, where = vectors.cost[row] + value[row - first], row
        least[t] = best
        for k in range(heads.shape[0]):
            heads[k, t] = 0.0
        while vectors.before[where] >= 0:
            heads[vectors.kind[where], t] += 1.0
            where = vectors.before[where]


@entry
def mark_near(vectors: Vectors, price: Floats, width: float, value: Floats, near: NDArray[np.bool_]) -> None:
    """Marks in `near` the vectors at most `width` above the least ``cost + price . m`` of their interval, and those they come from.

    `value` is scratch room for the vectors of one interval; `near` has a flag per row, all False.
    """
    for t in range(len(vectors.first) - 1):
        first, end, least = vectors.first[t], vectors.first[t + 1], np.inf
        for row in range(first, end):
            before = vectors.before[row]
            value[row - first] = value[before - first] + price[vectors.kind[row], t] if before >= 0 else 0.0
            least = min(least, vectors.cost[row] + value[row - first])
        for row in range(end - 1, first - 1, -1):
            if row == first or near[row] or vectors.cost[row] + value[row - first] <= least + width:
                near[row] = True
                if vectors.before[row] >= 0:
                    near[vectors.before[row]] = True


def near_vectors(vectors: Vectors, price: Floats, width: float) -> Vectors:
    """The vectors that are at most `width` (cost per hour) above the best of their interval at `price`, and those they come from."""
    near = np.zeros(len(vectors.cost), np.bool_)
    mark_near(vectors, price, width, np.zeros(int(np.diff(vectors.first).max(initial=1))), near)
    number = np.zeros(len(near) + 1, np.int32)
    np.cumsum(near, out=number[1:])
    before = vectors.before[near]
    fresh = np.where(before >= 0, number[before], -1).astype(np.int32)
    return Vectors(number[vectors.first].astype(np.int64), fresh, vectors.kind[near], vectors.cost[near])


class WholeHeads(Climb):
    """Climbs the bound of whole heads; its prices are of an hour on queue, kinds by intervals.

    A climb asks only the vectors near the best since `narrow` was called last, which are a tenth of all or fewer; what it finds is proven
    against all of them.

    Parameters
    ----------
    instance
        What to bound; one that `fits`.
    vectors
        Its head vectors.
    price
        Where to begin, cost per hour, kinds by intervals.
    """

    def __init__(self, instance: Instance, vectors: Vectors, price: Floats) -> None:
        low = -instance.cover.over_cost
        high = float((instance.cover.under_cost.max(initial=0.0)) * instance.cover.speed.max(initial=1.0))
        super().__init__(instance, np.clip(price, low, high), np.full_like(price, low), np.full_like(price, high))
        self.vectors, self.asked, self.wanted = vectors, vectors, np.zeros_like(price)
        self.scratch = np.zeros(int(np.diff(vectors.first).max(initial=1)))
        self.least = np.zeros(instance.intervals)

    def narrow(self, width: float) -> None:
        """From now on a climb asks only the vectors at most `width` (cost per hour) above the best at the best prices so far."""
        self.asked, self.best = near_vectors(self.vectors, self.best_w, width), -np.inf

    def value(self, w: Floats) -> tuple[float, Floats]:
        """The bound at prices `w` as far as the vectors asked tell, and a subgradient."""
        hours = self.instance.cover.hours
        cheapest(self.asked, w, self.scratch, self.least, self.wanted)
        total = answer(self.model, self.crowd, w * hours, self.room, self.heads)
        return hours * float(self.least.sum()) - total, hours * (self.wanted - self.heads)

    def proven(self) -> float:
        """The bound at the best prices, rounded down at every step."""
        cheapest(self.vectors, self.best_w, self.scratch, self.least, self.wanted)
        hours = Fraction(self.instance.problem.grid.interval_minutes, 60)
        cover = hours * sum((Fraction(x) for x in (self.least - ROUNDING).tolist()), Fraction(0))
        return rounded_down(cover - self.worth_of_tours(self.best_w * self.instance.cover.hours))
