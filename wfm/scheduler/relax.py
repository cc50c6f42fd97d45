"""The relaxation kernel: what everybody would do at given prices of time on queue."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wfm.scheduler.instance import CALENDAR, KIND, QUEUE, Cover, Floats, Instance, Ints
from wfm.scheduler.jit import entry
from wfm.scheduler.plan import Model, Room, lay_out, mute
from wfm.scheduler.tours import best_tour


class Crowd(NamedTuple):
    """Agents of one type stand for each other: one of them, and how many they are."""

    agent: Ints
    size: Floats


def make_crowd(instance: Instance) -> Crowd:
    """Agents of the same kind, calendar and wishes as one type."""
    if not instance.agents:
        return Crowd(np.zeros(0, np.int64), np.zeros(0))
    rows = np.column_stack([instance.agent.astype(float), instance.wish])
    _, first, count = np.unique(rows, axis=0, return_index=True, return_counts=True)
    return Crowd(first.astype(np.int64), count.astype(float))


@entry
def answer(model: Model, crowd: Crowd, price: Floats, room: Room, heads: Floats) -> float:
    """Sum over agents of the value of their best tours at `price` (kinds by intervals); `heads` (same shape) are who would be on duty."""
    total = 0.0
    for k in range(heads.shape[0]):
        for t in range(heads.shape[1]):
            heads[k, t] = 0.0
    for i in range(len(crowd.agent)):
        agent = crowd.agent[i]
        kind, calendar = model.agent[agent, KIND], model.agent[agent, CALENDAR]
        for t in range(len(room.gain)):
            room.gain[t] = price[kind, t]
        mute(model.calendars, calendar, room.gain)
        value = best_tour(model.calendars, model.shapes, calendar, room.gain, model.wish[agent], room.desk, room.chosen)
        lay_out(model.shapes, model.calendars, calendar, room)
        for t in range(len(room.gain)):
            if room.duty[t]:
                heads[kind, t] += crowd.size[i]
        total += crowd.size[i] * value
    return total


@entry
def price_heads(cover: Cover, required: Floats, w: Floats, price: Floats, share: Floats) -> None:
    """What one head of each kind is worth at queue prices `w` (intervals by queues), per interval, into `price` (kinds by intervals).

    A head earns ``speed * w + over_cost`` on each queue, dearest first, for at most ``required / speed`` of its time: nobody serves more
    than is required. `share` (intervals by arcs) is left with the time spent.
    """
    for k in range(price.shape[0]):
        first, last = cover.kind_first[k], cover.kind_first[k + 1]
        for t in range(price.shape[1]):
            for a in range(first, last):
                share[t, a] = 0.0
            left, total = 1.0, -cover.over_cost
            while left > 0.0:
                best, dearest = -1, 0.0
                for a in range(first, last):
                    q = cover.arc[a, QUEUE]
                    earns = cover.speed[a] * w[t, q] - cover.extra[a] + cover.over_cost
                    if share[t, a] == 0.0 and required[t, q] > 0.0 and earns > dearest:
                        best, dearest = a, earns
                if best < 0:
                    break
                share[t, best] = min(left, required[t, cover.arc[best, QUEUE]] / cover.speed[best])
                left -= share[t, best]
                total += share[t, best] * dearest
            price[k, t] = total * cover.hours


@entry
def count_served(cover: Cover, share: Floats, heads: Floats, served: Floats) -> None:
    """Cover by `heads` (kinds by intervals) who spend their `share` of time on each arc, into `served` (intervals by queues)."""
    for t in range(share.shape[0]):
        for a in range(len(cover.arc)):
            served[t, cover.arc[a, QUEUE]] += share[t, a] * cover.speed[a] * heads[cover.arc[a, KIND], t]
