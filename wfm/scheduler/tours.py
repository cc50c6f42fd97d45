"""The best tour of one agent at given prices, exactly: breaks inside shifts, shifts inside days, days inside the rules.

`gain[t]` is what the agent's time on queue in interval t is worth. A shift is worth its gain minus that of its breaks in their best
places (a small dynamic programme over the windows); a tour is the best path through the calendar's automaton (see `instance`), where
slots keep the rest between shifts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wfm.scheduler.instance import (
    ACTION,
    ACTIONS,
    EARLY,
    FIRST,
    FIRST_SLOT,
    LAST,
    LATE,
    LENGTH,
    MINUTES,
    NEXT,
    NEXT_NODES,
    NEXT_SLOTS,
    NODES,
    OFF,
    OFFS,
    OPTIONS,
    OPTIONS_END,
    READY,
    SHAPE,
    SLOT,
    SLOTS,
    START,
    STRETCH,
    Calendars,
    Floats,
    Instance,
    Ints,
    Shapes,
)
from wfm.scheduler.jit import inner

NEVER = -1e300
WORST = 1e300


class Desk(NamedTuple):
    """Scratch room of the tour kernel, one per thread.

    sums: prefix sums of the gain; value: layers by nodes by slots; best, arg: the best value up to a slot and where it stands;
    back: option, node and slot that led to a value; near, here, place: the breaks of one shift.
    """

    sums: Floats
    value: Floats
    best: Floats
    arg: Ints
    back: Ints
    near: Floats
    here: Floats
    place: Ints


def make_desk(instance: Instance) -> Desk:
    """Scratch room large enough for every calendar of `instance`."""
    row, breaks = instance.calendars.row, instance.shapes.breaks
    nodes = max(int(row[:, [NODES, NEXT_NODES]].max(initial=1)), 1)
    slots = max(int(row[:, [SLOTS, NEXT_SLOTS]].max(initial=1)), 1)
    days = instance.calendars.days
    width = int((breaks[:, LATE] - breaks[:, EARLY]).max(initial=0)) + 2
    return Desk(
        sums=np.zeros(instance.intervals + 1),
        value=np.zeros((days + 1, nodes, slots)),
        best=np.zeros((nodes, slots)),
        arg=np.zeros((nodes, slots), np.int64),
        back=np.zeros((days + 1, nodes, slots, 3), np.int64),
        near=np.zeros(width),
        here=np.zeros(width),
        place=np.zeros((instance.most_breaks + 1, width), np.int64),
    )


@inner
def shift_worth(shapes: Shapes, shape: int, start: int, desk: Desk) -> float:
    """Gain of a shift with its breaks where they cost least; `desk.sums` are prefix sums of the gain.

    `desk.place` is left holding, per break and place, the best place of the break before; its last row the best place of the last one.
    """
    sums, near, here = desk.sums, desk.near, desk.here
    length, stretch = shapes.table[shape, LENGTH], shapes.table[shape, STRETCH]
    total = sums[start + length] - sums[start]
    first, last = shapes.table[shape, FIRST], shapes.table[shape, LAST]
    if first == last:
        return float(total)
    before, low, count = stretch, 0, 0
    for b in range(first, last):
        minutes, early, late = shapes.breaks[b, MINUTES], shapes.breaks[b, EARLY], shapes.breaks[b, LATE]
        cheapest, which, fed = WORST, -1, 0
        for i in range(late - early + 1):
            x = early + i
            if b == first and x >= before:
                cheapest = 0.0
            while fed < count and low + fed + before <= x:
                if near[fed] < cheapest:
                    cheapest, which = near[fed], fed
                fed += 1
            fits = cheapest < WORST and x + minutes + stretch <= length
            here[i] = cheapest + sums[start + x + minutes] - sums[start + x] if fits else WORST
            desk.place[b - first, i] = which
        near, here = here, near
        low, count, before = early, late - early + 1, minutes + stretch
    least, at = WORST, 0
    for i in range(count):
        if near[i] < least:
            least, at = near[i], i
    desk.place[last - first, 0] = at
    return total - least if least < WORST else NEVER


@inner
def place_breaks(shapes: Shapes, shape: int, start: int, desk: Desk, out: Ints) -> None:
    """Starts of the breaks (interval numbers) that `shift_worth` has in mind, into `out`."""
    shift_worth(shapes, shape, start, desk)
    first, last = shapes.table[shape, FIRST], shapes.table[shape, LAST]
    at = desk.place[last - first, 0]
    for b in range(last - 1, first - 1, -1):
        out[b - first] = start + shapes.breaks[b, EARLY] + at
        at = desk.place[b - first, at]


@inner
def best_tour(calendars: Calendars, shapes: Shapes, calendar: int, gain: Floats, wish: Floats, desk: Desk, chosen: Ints) -> float:
    """Value of the best tour at these gains, less wishes broken, paid hours and what soft rules cost; its options per day go into `chosen`.

    Where the calendar admits no tour the value is `NEVER`.
    """
    desk.sums[0] = 0.0
    for t in range(len(gain)):
        desk.sums[t + 1] = desk.sums[t] + gain[t]
    for r in range(desk.value.shape[2]):
        desk.value[0, 0, r] = NEVER
    if calendars.row[calendar * calendars.days, NODES] == 0:
        return NEVER
    desk.value[0, 0, calendars.head[calendar, FIRST_SLOT]] = 0.0
    for day in range(calendars.days):
        _stay_off(calendars, calendar, day, desk)
        _work(calendars, shapes, calendar, day, wish[day], desk)
    return _read_back(calendars, calendar, desk, chosen)


@inner
def _stay_off(calendars: Calendars, calendar: int, day: int, desk: Desk) -> None:
    """Fills the next layer with days off, and `desk.best` with the best value up to each slot of this one."""
    row = calendars.row[calendar * calendars.days + day]
    value, best, arg, back = desk.value, desk.best, desk.arg, desk.back
    for v in range(row[NEXT_NODES]):
        for r in range(row[NEXT_SLOTS]):
            value[day + 1, v, r] = NEVER
    for u in range(row[NODES]):
        most, at = NEVER, 0
        v, cost = calendars.next_node[row[NEXT] + u * row[ACTIONS]], calendars.arc_cost[row[NEXT] + u * row[ACTIONS]]
        for r in range(row[SLOTS]):
            here = value[day, u, r]
            if here > most:
                most, at = here, r
            best[u, r] = most
            arg[u, r] = at
            if v >= 0:
                q = calendars.off_slot[row[OFFS] + r]
                if here - cost > value[day + 1, v, q]:
                    value[day + 1, v, q] = here - cost
                    back[day + 1, v, q, 0] = OFF
                    back[day + 1, v, q, 1] = u
                    back[day + 1, v, q, 2] = r


@inner
def _work(calendars: Calendars, shapes: Shapes, calendar: int, day: int, wish: float, desk: Desk) -> None:
    """Adds every shift of the day to the next layer."""
    row = calendars.row[calendar * calendars.days + day]
    value, best, back, option = desk.value, desk.best, desk.back, calendars.option
    for o in range(row[OPTIONS], row[OPTIONS_END]):
        worth = shift_worth(shapes, option[o, SHAPE], option[o, START], desk) - wish - calendars.cost[o]
        r, q = option[o, SLOT], option[o, READY]
        for u in range(row[NODES]):
            arc = row[NEXT] + u * row[ACTIONS] + option[o, ACTION]
            v = calendars.next_node[arc]
            if v >= 0 and best[u, r] > NEVER:
                there = best[u, r] + worth - calendars.arc_cost[arc]
                if there > value[day + 1, v, q]:
                    value[day + 1, v, q] = there
                    back[day + 1, v, q, 0] = o
                    back[day + 1, v, q, 1] = u
                    back[day + 1, v, q, 2] = desk.arg[u, r]


@inner
def rule_price(calendars: Calendars, calendar: int, chosen: Ints) -> float:
    """What soft rules charge for a tour given by its options per day; 0 for the tour of somebody who has none yet."""
    price, u = 0.0, 0
    for day in range(calendars.days):
        row = calendars.row[calendar * calendars.days + day]
        action = 0 if chosen[day] == OFF else calendars.option[chosen[day], ACTION]
        arc = row[NEXT] + u * row[ACTIONS] + action
        u = calendars.next_node[arc]
        if u < 0:
            return 0.0
        price += calendars.arc_cost[arc]
    return price


@inner
def _read_back(calendars: Calendars, calendar: int, desk: Desk, chosen: Ints) -> float:
    days = calendars.days
    last = calendars.row[calendar * days + days - 1]
    most, node, slot = NEVER, -1, -1
    for v in range(last[NEXT_NODES]):
        for r in range(last[NEXT_SLOTS]):
            if desk.value[days, v, r] > most:
                most, node, slot = desk.value[days, v, r], v, r
    if node < 0:
        return NEVER
    for day in range(days, 0, -1):
        chosen[day - 1] = desk.back[day, node, slot, 0]
        node, slot = desk.back[day, node, slot, 1], desk.back[day, node, slot, 2]
    return most
