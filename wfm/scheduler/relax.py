"""The relaxation kernel: what everybody would do at given queue prices, and what that proves."""

from __future__ import annotations

from typing import NamedTuple

from wfm.scheduler.instance import CALENDAR, KIND, QUEUE, Floats, Ints
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.plan import Model, Room, lay_out, mute
from wfm.scheduler.tours import best_tour


class Crowd(NamedTuple):
    """Agents of one type stand for each other: one of them, and how many they are."""

    agent: Ints
    count: Floats


class Answer(NamedTuple):
    """What a crowd does at prices: heads by interval and kind, and the price per interval that each kind sees."""

    heads: Floats
    price: Floats
    best: Ints


@entry
def answer(model: Model, crowd: Crowd, w: Floats, room: Room, out: Answer) -> float:
    """Sum over agents of the value of their best tours at queue prices `w` (intervals by queues, per hour)."""
    _kind_prices(model, w, out)
    total = 0.0
    for i in range(len(crowd.agent)):
        agent = crowd.agent[i]
        kind, calendar = model.agent[agent, KIND], model.agent[agent, CALENDAR]
        for t in range(len(room.gain)):
            room.gain[t] = out.price[t, kind]
        mute(model.calendars, calendar, room.gain)
        value = best_tour(model.calendars, model.shapes, calendar, room.gain, model.wish[agent], room.desk, room.chosen)
        lay_out(model.shapes, model.calendars, calendar, room)
        for t in range(len(room.gain)):
            if room.duty[t]:
                out.heads[t, kind] += crowd.count[i]
        total += crowd.count[i] * value
    return total


@inner
def _kind_prices(model: Model, w: Floats, out: Answer) -> None:
    cover = model.cover
    for t in range(w.shape[0]):
        for k in range(len(cover.kind_first) - 1):
            price, best = -cover.over_cost, -1
            for a in range(cover.kind_first[k], cover.kind_first[k + 1]):
                there = cover.speed[a] * w[t, cover.arc[a, QUEUE]]
                if there > price:
                    price, best = there, a
            out.price[t, k] = price * cover.hours
            out.best[t, k] = best
            out.heads[t, k] = 0.0
