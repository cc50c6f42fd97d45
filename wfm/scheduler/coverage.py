"""The best split of people over queues, interval by interval, kept optimal while single heads come and go.

One interval is a small generalised transportation problem: kind k has n[k] heads, a head on arc (k, q) covers `speed` of queue q,
what is missing costs `under_cost`, a head that no queue needs costs `over_cost`. `raise_head` and `lower_head` re-optimise after one
head more or less along best augmenting paths; their results are exact, so that an agent's worth in an interval is exact too.

Names: w[q] price of a unit of cover at q, `via[q]` the arc that is displaced (or drawn upon) at q and `then[q]` where that kind goes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wfm.scheduler.instance import KIND, QUEUE, Cover, Floats, Instance, Ints
from wfm.scheduler.jit import entry, inner

EPS = 1e-9
TOL = 1e-9
NONE = -1
LOW = -1e18


class Split(NamedTuple):
    """A split of all intervals: heads on each arc, spare heads per kind, missing cover per queue; T rows each."""

    flow: Floats
    spare: Floats
    miss: Floats


class Paths(NamedTuple):
    """Scratch room for the search of one interval."""

    w: Floats
    via: Ints
    then: Ints
    flow: Floats
    spare: Floats
    miss: Floats


def make_split(instance: Instance) -> Split:
    """Nobody on duty: all that is required is missing."""
    cover, count = instance.cover, instance.intervals
    return Split(
        np.zeros((count, len(cover.arc))), np.zeros((count, len(cover.kind_first) - 1)), instance.required.copy()
    )


def make_paths(instance: Instance) -> Paths:
    """Scratch room for `raise_head` and `lower_head`."""
    cover = instance.cover
    arcs, kinds, queues = len(cover.arc), len(cover.kind_first) - 1, len(cover.under_cost)
    return Paths(
        np.zeros(queues), np.zeros(queues, np.int64), np.zeros(queues, np.int64), np.zeros(arcs), np.zeros(kinds), np.zeros(queues)
    )


@entry
def split_cost(cover: Cover, split: Split) -> float:
    """Cost of missing and spare heads over all intervals."""
    total = 0.0
    for t in range(split.miss.shape[0]):
        for q in range(split.miss.shape[1]):
            total += cover.under_cost[q] * split.miss[t, q]
        for k in range(split.spare.shape[1]):
            total += cover.over_cost * split.spare[t, k]
    return total * cover.hours


@inner
def _price_of_more(cover: Cover, flow: Floats, miss: Floats, paths: Paths) -> None:
    """What one more unit of cover at each queue is worth: fill what is missing, or displace somebody who is worth more elsewhere."""
    w, via, then = paths.w, paths.via, paths.then
    queues = len(w)
    for q in range(queues):
        w[q] = cover.under_cost[q] if miss[q] > EPS else LOW
        via[q] = NONE
        then[q] = NONE
    for _ in range(queues + 2):
        changed = False
        for k in range(len(cover.kind_first) - 1):
            price, choice = -cover.over_cost, NONE
            first, last = cover.kind_first[k], cover.kind_first[k + 1]
            for a in range(first, last):
                there = cover.speed[a] * w[cover.arc[a, QUEUE]]
                if there > price + TOL:
                    price, choice = there, a
            for a in range(first, last):
                if flow[a] > EPS:
                    q = cover.arc[a, QUEUE]
                    here = price / cover.speed[a]
                    if here > w[q] + TOL:
                        w[q] = here
                        via[q] = a
                        then[q] = choice
                        changed = True
        if not changed:
            return


@inner
def _best_arc(cover: Cover, kind: int, w: Floats) -> int:
    price, choice = -cover.over_cost, NONE
    for a in range(cover.kind_first[kind], cover.kind_first[kind + 1]):
        there = cover.speed[a] * w[cover.arc[a, QUEUE]]
        if there > price + TOL:
            price, choice = there, a
    return choice


@inner
def _push(cover: Cover, arc: int, left: float, flow: Floats, spare: Floats, miss: Floats, paths: Paths) -> float:
    """Sends up to `left` heads along the path that starts with `arc`; returns how many went, 0 where the path closes on itself."""
    most, share = left, 1.0
    a, steps = arc, 0
    while a != NONE:
        q = cover.arc[a, QUEUE]
        share *= cover.speed[a]
        moved = paths.via[q]
        if moved == NONE:
            most = min(most, miss[q] / share)
            break
        share /= cover.speed[moved]
        most = min(most, flow[moved] / share)
        a = paths.then[q]
        steps += 1
        if steps > len(miss):
            return 0.0
    a, heads = arc, most
    while a != NONE:
        q = cover.arc[a, QUEUE]
        flow[a] += heads
        moved = paths.via[q]
        if moved == NONE:
            miss[q] = max(miss[q] - heads * cover.speed[a], 0.0)
            break
        heads *= cover.speed[a] / cover.speed[moved]
        flow[moved] = max(flow[moved] - heads, 0.0)
        a = paths.then[q]
        if a == NONE:
            spare[cover.arc[moved, KIND]] += heads
    return most


@inner
def raise_head(cover: Cover, kind: int, flow: Floats, spare: Floats, miss: Floats, paths: Paths) -> float:
    """Adds one head of `kind` to an interval and re-optimises it; returns the fall of its cost per hour (negative: it rises)."""
    left, gain = 1.0, 0.0
    while left > EPS:
        _price_of_more(cover, flow, miss, paths)
        arc = _best_arc(cover, kind, paths.w)
        price = -cover.over_cost if arc == NONE else cover.speed[arc] * paths.w[cover.arc[arc, QUEUE]]
        went = _push(cover, arc, left, flow, spare, miss, paths) if arc != NONE else 0.0
        if went <= 0.0:
            spare[kind] += left
            return gain - cover.over_cost * left
        gain += price * went
        left -= went
    return gain


@inner
def _price_of_less(cover: Cover, flow: Floats, spare: Floats, paths: Paths) -> None:
    """What one unit of cover less at each queue costs: leave it missing, or draw upon spare heads or cheaper queues."""
    w, via, then = paths.w, paths.via, paths.then
    queues = len(w)
    for q in range(queues):
        w[q] = cover.under_cost[q]
        via[q] = NONE
        then[q] = NONE
    for _ in range(queues + 2):
        changed = False
        for k in range(len(cover.kind_first) - 1):
            first, last = cover.kind_first[k], cover.kind_first[k + 1]
            price, choice = -LOW, NONE
            if spare[k] > EPS:
                price = -cover.over_cost
            else:
                for a in range(first, last):
                    if flow[a] > EPS:
                        there = cover.speed[a] * w[cover.arc[a, QUEUE]]
                        if there < price - TOL:
                            price, choice = there, a
            if price < -LOW:
                for a in range(first, last):
                    q = cover.arc[a, QUEUE]
                    here = price / cover.speed[a]
                    if a != choice and here < w[q] - TOL:
                        w[q] = here
                        via[q] = a
                        then[q] = choice
                        changed = True
        if not changed:
            return


@inner
def _pull(cover: Cover, arc: int, left: float, flow: Floats, spare: Floats, miss: Floats, paths: Paths) -> float:
    """Withdraws up to `left` heads from `arc`, replaced along the path that `_price_of_less` found; returns how many went."""
    most, share = min(left, flow[arc]), 1.0
    a, steps = arc, 0
    while True:
        q = cover.arc[a, QUEUE]
        share *= cover.speed[a]
        drawn = paths.via[q]
        if drawn == NONE:
            break
        share /= cover.speed[drawn]
        a = paths.then[q]
        most = min(most, (spare[cover.arc[drawn, KIND]] if a == NONE else flow[a]) / share)
        if a == NONE:
            break
        steps += 1
        if steps > len(miss):
            return 0.0
    a, heads = arc, most
    flow[a] = max(flow[a] - heads, 0.0)
    while True:
        q = cover.arc[a, QUEUE]
        drawn = paths.via[q]
        if drawn == NONE:
            miss[q] += heads * cover.speed[a]
            break
        heads *= cover.speed[a] / cover.speed[drawn]
        flow[drawn] += heads
        a = paths.then[q]
        if a == NONE:
            k = cover.arc[drawn, KIND]
            spare[k] = max(spare[k] - heads, 0.0)
            break
        flow[a] = max(flow[a] - heads, 0.0)
    return most


@inner
def lower_head(cover: Cover, kind: int, flow: Floats, spare: Floats, miss: Floats, paths: Paths) -> float:
    """Takes one head of `kind` from an interval and re-optimises it; returns the rise of its cost per hour."""
    took = min(1.0, spare[kind])
    spare[kind] -= took
    left, loss = 1.0 - took, -cover.over_cost * took
    while left > EPS:
        _price_of_less(cover, flow, spare, paths)
        price, arc = -LOW, NONE
        for a in range(cover.kind_first[kind], cover.kind_first[kind + 1]):
            there = cover.speed[a] * paths.w[cover.arc[a, QUEUE]]
            if flow[a] > EPS and there < price:
                price, arc = there, a
        if arc == NONE:
            return loss
        went = _pull(cover, arc, left, flow, spare, miss, paths)
        if went <= 0.0:
            paths.via[cover.arc[arc, QUEUE]] = NONE
            went = _pull(cover, arc, left, flow, spare, miss, paths)
            price = cover.speed[arc] * cover.under_cost[cover.arc[arc, QUEUE]]
        loss += price * went
        left -= went
    return loss


@inner
def _copy_interval(t: int, split: Split, paths: Paths) -> None:
    for a in range(len(paths.flow)):
        paths.flow[a] = split.flow[t, a]
    for k in range(len(paths.spare)):
        paths.spare[k] = split.spare[t, k]
    for q in range(len(paths.miss)):
        paths.miss[q] = split.miss[t, q]


@inner
def worth_of_more(cover: Cover, t: int, kind: int, split: Split, paths: Paths) -> float:
    """Fall of the interval's cost per hour if one head of `kind` came; nothing is changed."""
    _copy_interval(t, split, paths)
    return raise_head(cover, kind, paths.flow, paths.spare, paths.miss, paths)


@inner
def worth_of_last(cover: Cover, t: int, kind: int, split: Split, paths: Paths) -> float:
    """Rise of the interval's cost per hour if one head of `kind` left; nothing is changed."""
    _copy_interval(t, split, paths)
    return lower_head(cover, kind, paths.flow, paths.spare, paths.miss, paths)
