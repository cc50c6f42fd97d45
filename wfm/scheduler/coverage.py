"""The best split of people over queues, interval by interval, kept optimal while single heads come and go.

One interval is a small transportation problem: a head of kind k covers `speed` of a queue that it serves, what is missing costs
`under_cost`, a head that no queue needs costs `over_cost`. `raise_head` and `lower_head` re-optimise after one head more or less along
best augmenting paths; their results are exact, so that an agent's worth in an interval is exact too. They want every kind to be equally
fast on all its queues; where one is not, or time on some queue has a price, `gains` keeps the split.

Paths: `via[q]` is the arc that changes at queue q, `then[q]` the arc of the queue before, or NONE at the path's start.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from wfm.scheduler.gains import Bases, Basis, Slope, copy_basis, first_reach, make_bases, make_slope, shift_head
from wfm.scheduler.instance import KIND, QUEUE, Cover, Floats, Instance, Ints
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.presence import count_heads, presence_gain, presence_price

EPS = 1e-9
NONE = -1


class Split(NamedTuple):
    """A split of all intervals, T rows each: cover on each arc, spare heads per kind, missing cover per queue, heads per group.

    `bases` is what `gains` needs, and None where the cover is even: kernels are then compiled without it.
    """

    flow: Floats
    spare: Floats
    miss: Floats
    present: Floats
    bases: Bases | None


class Paths(NamedTuple):
    """Scratch room for the search of one interval; `seen` holds the number of the last search per queue and kind, and the last given.

    `flow`, `spare`, `miss` and `bases` (of one row) hold an interval under trial.
    """

    via: Ints
    then: Ints
    order: Ints
    seen: Ints
    flow: Floats
    spare: Floats
    miss: Floats
    bases: Bases
    slope: Slope


def make_split(instance: Instance, cover: Cover | None = None) -> Split:
    """Nobody on duty: all that is required is missing; `cover` where its prices are not those of the instance."""
    cover, count = cover or instance.cover, instance.intervals
    spare, present = np.zeros((count, len(cover.kind_first) - 1)), np.zeros((count, len(cover.group_cost)))
    bases = None if cover.even else make_bases(cover, count)
    return Split(np.zeros((count, len(cover.arc))), spare, instance.required.copy(), present, bases)


def arrays_of(split: Split) -> tuple[Floats | Ints, ...]:
    """Everything that a split holds."""
    return (*split[:-1], *(split.bases or ()))


def make_paths(instance: Instance) -> Paths:
    """Scratch room for `raise_head` and `lower_head`."""
    cover = instance.cover
    arcs, kinds, queues = len(cover.arc), len(cover.kind_first) - 1, len(cover.under_cost)
    whole = [np.zeros(n, np.int64) for n in (queues, queues, queues, queues + kinds + 1)]
    flow, spare, miss = (np.zeros(n) for n in (arcs, kinds, queues))
    return Paths(whole[0], whole[1], whole[2], whole[3], flow, spare, miss, make_bases(cover, 1), make_slope(cover))


@entry
def split_cost(cover: Cover, split: Split) -> float:
    """Cost of missing and spare heads, and of groups, over all intervals."""
    total = 0.0
    for t in range(split.miss.shape[0]):
        for q in range(split.miss.shape[1]):
            total += cover.under_cost[q] * split.miss[t, q]
        for k in range(split.spare.shape[1]):
            total += cover.over_cost * split.spare[t, k]
        for a in range(0 if cover.even else split.flow.shape[1]):
            total += cover.extra[a] * split.flow[t, a] / cover.speed[a]
        total += presence_price(cover, t, split.present[t])
    return total * cover.hours


@inner
def _dearest_missing(cover: Cover, miss: Floats) -> float:
    dearest = -1.0
    for q in range(len(miss)):
        if miss[q] > EPS and cover.under_cost[q] > dearest:
            dearest = cover.under_cost[q]
    return dearest


@inner
def _search_more(cover: Cover, kind: int, flow: Floats, miss: Floats, dearest: float, paths: Paths) -> tuple[int, int]:
    """Queues that a head of `kind` can reach by moving others on: the dearest one missing, and the arc of the fastest head displaced."""
    via, then, order, seen, queues = paths.via, paths.then, paths.order, paths.seen, len(miss)
    seen[-1] += 1
    now, count = seen[-1], 0
    target, displaced, fastest = NONE, NONE, cover.speed[cover.kind_first[kind]]
    seen[queues + kind] = now
    for a in range(cover.kind_first[kind], cover.kind_first[kind + 1]):
        q = cover.arc[a, QUEUE]
        via[q], then[q], seen[q], order[count] = a, NONE, now, q
        count += 1
        if miss[q] > EPS and (target == NONE or cover.under_cost[q] > cover.under_cost[target]):
            target = q
    at = 0
    while at < count and (target == NONE or cover.under_cost[target] < dearest):
        for i in range(cover.into_first[order[at]], cover.into_first[order[at] + 1]):
            b = cover.into[i]
            k = cover.arc[b, KIND]
            if flow[b] <= EPS or seen[queues + k] == now:
                continue
            seen[queues + k] = now
            if cover.speed[b] > fastest:
                fastest, displaced = cover.speed[b], b
            for c in range(cover.kind_first[k], cover.kind_first[k + 1]):
                q = cover.arc[c, QUEUE]
                if seen[q] == now:
                    continue
                via[q], then[q], seen[q], order[count] = c, b, now, q
                count += 1
                if miss[q] > EPS and (target == NONE or cover.under_cost[q] > cover.under_cost[target]):
                    target = q
        at += 1
    return target, displaced


@inner
def _push(cover: Cover, queue: int, most: float, flow: Floats, paths: Paths) -> float:
    """Sends up to `most` cover along the path to `queue`; returns how much went."""
    q = queue
    while paths.then[q] != NONE:
        most = min(most, flow[paths.then[q]])
        q = cover.arc[paths.then[q], QUEUE]
    q = queue
    while True:
        flow[paths.via[q]] += most
        b = paths.then[q]
        if b == NONE:
            return most
        flow[b] -= most
        q = cover.arc[b, QUEUE]


@inner
def raise_head(cover: Cover, kind: int, flow: Floats, spare: Floats, miss: Floats, paths: Paths) -> float:
    """Adds one head of `kind` to an interval and re-optimises it; returns the fall of its cost per hour (negative: it rises)."""
    first = cover.kind_first[kind]
    if first == cover.kind_first[kind + 1]:
        spare[kind] += 1.0
        return -cover.over_cost
    speed = cover.speed[first]
    left, gain = speed, 0.0
    while left > EPS:
        dearest = _dearest_missing(cover, miss)
        target, displaced = _search_more(cover, kind, flow, miss, dearest, paths)
        if target != NONE:
            went = _push(cover, target, min(left, miss[target]), flow, paths)
            miss[target] -= went
            gain += cover.under_cost[target] * went
        elif displaced != NONE:
            went = _push(cover, cover.arc[displaced, QUEUE], min(left, flow[displaced]), flow, paths)
            flow[displaced] -= went
            spare[cover.arc[displaced, KIND]] += went / cover.speed[displaced]
            gain -= cover.over_cost * went / cover.speed[displaced]
        else:
            spare[kind] += left / speed
            return float(gain - cover.over_cost * left / speed)
        left -= went
    return gain


@inner
def _search_less(cover: Cover, kind: int, flow: Floats, spare: Floats, paths: Paths) -> tuple[int, int]:
    """Queues that can give when a head of `kind` goes: the arc to the slowest spare head that can step in, and the cheapest queue."""
    via, then, order, seen, queues = paths.via, paths.then, paths.order, paths.seen, len(paths.via)
    seen[-1] += 1
    now, count = seen[-1], 0
    target, stand_in = NONE, NONE
    seen[queues + kind] = now
    for a in range(cover.kind_first[kind], cover.kind_first[kind + 1]):
        q = cover.arc[a, QUEUE]
        if flow[a] > EPS:
            via[q], then[q], seen[q], order[count] = a, NONE, now, q
            count += 1
            if target == NONE or cover.under_cost[q] < cover.under_cost[target]:
                target = q
    at = 0
    while at < count:
        for i in range(cover.into_first[order[at]], cover.into_first[order[at] + 1]):
            c = cover.into[i]
            k = cover.arc[c, KIND]
            if seen[queues + k] == now:
                continue
            seen[queues + k] = now
            if spare[k] > EPS and (stand_in == NONE or cover.speed[c] < cover.speed[stand_in]):
                stand_in = c
            for d in range(cover.kind_first[k], cover.kind_first[k + 1]):
                q = cover.arc[d, QUEUE]
                if flow[d] <= EPS or seen[q] == now:
                    continue
                via[q], then[q], seen[q], order[count] = d, c, now, q
                count += 1
                if cover.under_cost[q] < cover.under_cost[target]:
                    target = q
        at += 1
    return target, stand_in


@inner
def _pull(cover: Cover, queue: int, most: float, flow: Floats, paths: Paths) -> float:
    """Takes up to `most` cover from `queue` along the path that leads to it; returns how much went."""
    q = queue
    while True:
        most = min(most, flow[paths.via[q]])
        if paths.then[q] == NONE:
            break
        q = cover.arc[paths.then[q], QUEUE]
    q = queue
    while True:
        flow[paths.via[q]] -= most
        c = paths.then[q]
        if c == NONE:
            return most
        flow[c] += most
        q = cover.arc[c, QUEUE]


@inner
def lower_head(cover: Cover, kind: int, flow: Floats, spare: Floats, miss: Floats, paths: Paths) -> float:
    """Takes one head of `kind` from an interval and re-optimises it; returns the rise of its cost per hour."""
    took = min(1.0, spare[kind])
    spare[kind] -= took
    loss = -cover.over_cost * took
    first = cover.kind_first[kind]
    if first == cover.kind_first[kind + 1]:
        return float(loss)
    left = (1.0 - took) * cover.speed[first]
    while left > EPS:
        target, stand_in = _search_less(cover, kind, flow, spare, paths)
        if stand_in != NONE:
            k, speed = cover.arc[stand_in, KIND], cover.speed[stand_in]
            went = _pull(cover, cover.arc[stand_in, QUEUE], min(left, spare[k] * speed), flow, paths)
            flow[stand_in] += went
            spare[k] -= went / speed
            loss -= cover.over_cost * went / speed
        elif target != NONE:
            went = _pull(cover, target, left, flow, paths)
            miss[target] += went
            loss += cover.under_cost[target] * went
        else:
            return float(loss)
        left -= went
    return float(loss)


@inner
def copy_interval(t: int, source: Split, target: Split) -> None:
    """Interval t of one split into another."""
    for a in range(source.flow.shape[1]):
        target.flow[t, a] = source.flow[t, a]
    for k in range(source.spare.shape[1]):
        target.spare[t, k] = source.spare[t, k]
    for q in range(source.miss.shape[1]):
        target.miss[t, q] = source.miss[t, q]
    for g in range(source.present.shape[1]):
        target.present[t, g] = source.present[t, g]
    _copy_bases(t, source.bases, target.bases)


@inner
def _copy_bases(t: int, source: Bases | None, target: Any) -> None:
    """Row t of one table into another; both are None or neither."""
    if source is None:
        return
    copy_basis(t, source, t, target)


@inner
def lift(t: int, split: Split, paths: Paths) -> None:
    """Interval t into the scratch room, where it can be changed freely."""
    for a in range(len(paths.flow)):
        paths.flow[a] = split.flow[t, a]
    for k in range(len(paths.spare)):
        paths.spare[k] = split.spare[t, k]
    for q in range(len(paths.miss)):
        paths.miss[q] = split.miss[t, q]


@inner
def _basis(t: int, split: Split, bases: Bases) -> Basis:
    return Basis(split.flow[t], split.spare[t], split.miss[t], bases.inverse[t], bases.price[t], bases.column[t], bases.key[t])


@inner
def _rise(cover: Cover, t: int, kind: int, way: float, split: Split, bases: Bases, paths: Paths) -> float:
    """Rise of the cost per hour of an interval that is not even if a head of `kind` came (way 1) or left (-1)."""
    paths.seen[-1] += 1
    rise = first_reach(cover, kind, way, _basis(t, split, bases), paths.slope)
    if rise < np.inf:
        return rise
    lift(t, split, paths)
    trial = paths.bases
    copy_basis(t, bases, 0, trial)
    basis = Basis(paths.flow, paths.spare, paths.miss, trial.inverse[0], trial.price[0], trial.column[0], trial.key[0])
    return shift_head(cover, kind, way, basis, paths.slope)


@inner
def _gain_of_more(cover: Cover, t: int, kind: int, split: Split, bases: Bases | None, paths: Paths) -> float:
    if bases is None:
        lift(t, split, paths)
        return raise_head(cover, kind, paths.flow, paths.spare, paths.miss, paths)
    return -_rise(cover, t, kind, 1.0, split, bases, paths)


@inner
def _loss_of_last(cover: Cover, t: int, kind: int, split: Split, bases: Bases | None, paths: Paths) -> float:
    if bases is None:
        lift(t, split, paths)
        return lower_head(cover, kind, paths.flow, paths.spare, paths.miss, paths)
    return _rise(cover, t, kind, -1.0, split, bases, paths)


@inner
def _add(cover: Cover, t: int, kind: int, split: Split, bases: Bases | None, paths: Paths) -> float:
    if bases is None:
        return raise_head(cover, kind, split.flow[t], split.spare[t], split.miss[t], paths)
    paths.seen[-1] += 1
    return -shift_head(cover, kind, 1.0, _basis(t, split, bases), paths.slope)


@inner
def _take(cover: Cover, t: int, kind: int, split: Split, bases: Bases | None, paths: Paths) -> float:
    if bases is None:
        return lower_head(cover, kind, split.flow[t], split.spare[t], split.miss[t], paths)
    paths.seen[-1] += 1
    return shift_head(cover, kind, -1.0, _basis(t, split, bases), paths.slope)


@inner
def worth_of_more(cover: Cover, t: int, kind: int, split: Split, paths: Paths) -> float:
    """Fall of the interval's cost per hour if one head of `kind` came; nothing is changed."""
    gain = presence_gain(cover, t, kind, split.present[t], 1.0)
    return gain + _gain_of_more(cover, t, kind, split, split.bases, paths)


@inner
def worth_of_last(cover: Cover, t: int, kind: int, split: Split, paths: Paths) -> float:
    """Rise of the interval's cost per hour if one head of `kind` left; nothing is changed."""
    gain = presence_gain(cover, t, kind, split.present[t], -1.0)
    return _loss_of_last(cover, t, kind, split, split.bases, paths) - gain


@inner
def come(cover: Cover, t: int, kind: int, split: Split, paths: Paths) -> float:
    """One head of `kind` comes to interval t; returns the fall of its cost per hour."""
    gain = presence_gain(cover, t, kind, split.present[t], 1.0)
    count_heads(cover, kind, split.present[t], 1.0)
    return gain + _add(cover, t, kind, split, split.bases, paths)


@inner
def leave(cover: Cover, t: int, kind: int, split: Split, paths: Paths) -> float:
    """One head of `kind` leaves interval t; returns the rise of its cost per hour."""
    gain = presence_gain(cover, t, kind, split.present[t], -1.0)
    count_heads(cover, kind, split.present[t], -1.0)
    return _take(cover, t, kind, split, split.bases, paths) - gain
