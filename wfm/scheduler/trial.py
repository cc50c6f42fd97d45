"""What a change of one tour is worth, and making it: what every move of the annealing is built from.

Intervals are apart from each other, so the price of a move is the sum of what single heads are worth in the intervals that it touches;
worths are kept from move to move until their interval changes. A changed tour is legal where it is a path through its calendar, the one
truth of the hard rules.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.scheduler.coverage import Paths, Split, come, leave, worth_of_last, worth_of_more
from wfm.scheduler.instance import (
    ACTION,
    ACTIONS,
    BUSY,
    BUSY_END,
    CALENDAR,
    FIRST,
    FIRST_SLOT,
    KIND,
    LAST,
    LENGTH,
    MINUTES,
    NEXT,
    OFF,
    OFFS,
    READY,
    SHAPE,
    SLOT,
    START,
    Calendars,
    Cover,
    Instance,
    Ints,
)
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.plan import FEWER, MORE, Flags, Model, Plan, Room
from wfm.scheduler.tours import NEVER, WORST, place_breaks, rule_price, shift_worth


class Dice(NamedTuple):
    """Scratch of one thread.

    state: of its random numbers; chosen, changed: a tour under trial, and the days that it changes; before, breaks: what stood on those
    days; muted: intervals of fixed activities, calendars by intervals; stamp: the last one given to an interval, from a range that no
    other thread uses.
    """

    state: NDArray[np.uint64]
    chosen: Ints
    changed: Ints
    before: Ints
    breaks: Ints
    muted: Flags
    stamp: Ints


def make_dice(instance: Instance, seed: int, thread: int = 0) -> Dice:
    """Scratch room for `anneal` in one of several threads, numbered from 0; the same seed throws the same numbers."""
    calendars = instance.calendars
    muted = np.zeros(calendars.touched.shape, np.bool_)
    for c, (first, last) in enumerate(calendars.head[:, [BUSY, BUSY_END]].tolist()):
        muted[c, calendars.busy[first:last]] = True
    state = np.random.SeedSequence((seed, thread)).generate_state(1, np.uint64).astype(np.uint64)
    chosen, changed, before = np.full(calendars.days, OFF), np.zeros(2, np.int64), np.full(2, OFF)
    breaks = np.zeros((2, instance.most_breaks), np.int64)
    return Dice(state, chosen, changed, before, breaks, muted, np.array([(thread + 1) << 50]))


@inner
def throw(state: NDArray[np.uint64]) -> float:
    """Uniform in [0, 1): splitmix64 (Steele, Lea and Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inner
def below(state: NDArray[np.uint64], count: int) -> int:
    """A whole number from 0 to `count` - 1."""
    return int(throw(state) * count)


@entry
def walk(calendars: Calendars, calendar: int, chosen: Ints) -> float:
    """What soft rules charge for the options of `chosen`, day by day; `WORST` where they are no path through the calendar."""
    node, slot, price = 0, calendars.head[calendar, FIRST_SLOT], 0.0
    for day in range(calendars.days):
        row, o, action = calendars.row[calendar * calendars.days + day], chosen[day], 0
        if o == OFF:
            slot = calendars.off_slot[row[OFFS] + slot]
        else:
            if slot > calendars.option[o, SLOT]:
                return WORST
            action, slot = calendars.option[o, ACTION], calendars.option[o, READY]
        arc = row[NEXT] + node * row[ACTIONS] + action
        node = calendars.next_node[arc]
        if node < 0:
            return WORST
        price += calendars.arc_cost[arc]
    return price


@inner
def _worth(cover: Cover, t: int, kind: int, way: int, split: Split, paths: Paths) -> float:
    """What a head of `kind` is worth in interval t."""
    if way == FEWER:
        return float(worth_of_last(cover, t, kind, split, paths) * cover.hours)
    return float(worth_of_more(cover, t, kind, split, paths) * cover.hours)


@inner
def gain_of(model: Model, plan: Plan, agent: int, t: int, room: Room, muted: Flags, fresh: bool) -> float:
    """What the agent's time on queue in interval t is worth, itself apart; as it was when last read, where it need not be `fresh`."""
    if muted[model.agent[agent, CALENDAR], t]:
        return 0.0
    kind, now = model.agent[agent, KIND], plan.worth.now[t]
    way = FEWER if plan.tours.duty[agent, t] else MORE
    stamp = plan.worth.stamp[way, kind, t]
    if stamp == 0 or (fresh and stamp != now):
        plan.worth.value[way, kind, t] = _worth(model.cover, t, kind, way, plan.split, room.paths)
        plan.worth.stamp[way, kind, t] = now
    return float(plan.worth.value[way, kind, t])


@inner
def value_now(model: Model, plan: Plan, agent: int, day: int, room: Room, muted: Flags, fresh: bool) -> float:
    """Value of the agent's present shift of a day, 0 for a day off."""
    o = plan.tours.option[agent, day]
    if o == OFF:
        return 0.0
    option, total = model.calendars.option[o], 0.0
    for t in range(option[START], option[START] + model.shapes.table[option[SHAPE], LENGTH]):
        if plan.tours.duty[agent, t]:
            total += gain_of(model, plan, agent, t, room, muted, fresh)
    return float(total - model.wish[agent, day] - model.calendars.cost[o])


@inner
def value_of(model: Model, plan: Plan, agent: int, day: int, o: int, room: Room, muted: Flags, fresh: bool) -> float:
    """Value of option `o` with its breaks in their best places, which `room.desk` is left ready to tell."""
    if o == OFF:
        return 0.0
    option, sums = model.calendars.option[o], room.desk.sums
    first = option[START]
    sums[first] = 0.0
    for t in range(first, first + model.shapes.table[option[SHAPE], LENGTH]):
        sums[t + 1] = sums[t] + gain_of(model, plan, agent, t, room, muted, fresh)
    worth = shift_worth(model.shapes, option[SHAPE], first, room.desk)
    return float(worth - model.wish[agent, day] - model.calendars.cost[o]) if worth > NEVER else NEVER


@inner
def _mark(model: Model, agent: int, o: int, breaks: Ints, room: Room, muted: Flags) -> None:
    """Marks in `room.duty` when option `o` with these breaks is on queue."""
    option = model.calendars.option[o]
    shape, start = option[SHAPE], option[START]
    for t in range(start, start + model.shapes.table[shape, LENGTH]):
        room.duty[t] = not muted[model.agent[agent, CALENDAR], t]
    first = model.shapes.table[shape, FIRST]
    for b in range(first, model.shapes.table[shape, LAST]):
        for t in range(breaks[b - first], breaks[b - first] + model.shapes.breaks[b, MINUTES]):
            room.duty[t] = False


@inner
def switch(model: Model, plan: Plan, agent: int, t: int, on: bool, stamp: Ints, room: Room) -> None:
    """Puts the agent on queue in interval t, or takes it off."""
    kind, split = model.agent[agent, KIND], plan.split
    if on:
        come(model.cover, t, kind, split, room.paths)
    else:
        leave(model.cover, t, kind, split, room.paths)
    plan.tours.duty[agent, t] = on
    stamp[0] += 1
    plan.worth.now[t] = stamp[0]


@inner
def _follow(model: Model, plan: Plan, agent: int, o: int, stamp: Ints, room: Room) -> None:
    """Makes the agent's duty that of `room.duty` over the span of option `o`, and clears the marks."""
    if o == OFF:
        return
    option = model.calendars.option[o]
    for t in range(option[START], option[START] + model.shapes.table[option[SHAPE], LENGTH]):
        if plan.tours.duty[agent, t] != room.duty[t]:
            switch(model, plan, agent, t, room.duty[t], stamp, room)


@inner
def _forget(model: Model, o: int, room: Room) -> None:
    """Clears the marks of option `o`."""
    if o != OFF:
        option = model.calendars.option[o]
        for t in range(option[START], option[START] + model.shapes.table[option[SHAPE], LENGTH]):
            room.duty[t] = False


@inner
def adopt(model: Model, plan: Plan, agent: int, days: Ints, count: int, dice: Dice, room: Room) -> None:
    """Gives the agent the options of `dice.chosen` on the first `count` days of `days`, breaks where they cost least."""
    for i in range(count):
        o = dice.chosen[days[i]]
        if o != OFF:
            value_of(model, plan, agent, days[i], o, room, dice.muted, True)
            option = model.calendars.option[o]
            place_breaks(model.shapes, option[SHAPE], option[START], room.desk, room.breaks[i])
    put(model, plan, agent, days, count, dice, room)


@inner
def put(model: Model, plan: Plan, agent: int, days: Ints, count: int, dice: Dice, room: Room) -> None:
    """Gives the agent the options of `dice.chosen` on the first `count` days of `days`, with the breaks of `room.breaks`."""
    tours, muted = plan.tours, dice.muted
    for i in range(count):
        _forget(model, tours.option[agent, days[i]], room)
    for i in range(count):
        if dice.chosen[days[i]] != OFF:
            _mark(model, agent, dice.chosen[days[i]], room.breaks[i], room, muted)
    for i in range(count):
        _follow(model, plan, agent, tours.option[agent, days[i]], dice.stamp, room)
        _follow(model, plan, agent, dice.chosen[days[i]], dice.stamp, room)
    for i in range(count):
        tours.option[agent, days[i]] = dice.chosen[days[i]]
        for b in range(room.breaks.shape[1]):
            tours.breaks[agent, days[i], b] = room.breaks[i, b]


@inner
def accepts(luck: float, rise: float, heat: float) -> bool:
    """Whether annealing takes a change that costs `rise` more at this heat; `luck` in [0, 1)."""
    return bool(rise <= 0.0 or (rise < 30.0 * heat and luck < np.exp(-rise / heat)))


@inner
def fall_of(model: Model, plan: Plan, agent: int, count: int, dice: Dice, room: Room, fresh: bool) -> float:
    """What the options of `dice.chosen` on the first `count` days of `dice.changed` are worth more; NEVER where one has no room."""
    fall = 0.0
    for i in range(count):
        day = dice.changed[i]
        worth = value_of(model, plan, agent, day, dice.chosen[day], room, dice.muted, fresh)
        if worth <= NEVER:
            return NEVER
        fall += worth - value_now(model, plan, agent, day, room, dice.muted, fresh)
    return fall


@inner
def rise_of_rules(model: Model, plan: Plan, agent: int, dice: Dice) -> float:
    """What soft rules charge more for the tour of `dice.chosen`; `WORST` where it is not legal."""
    calendar = model.agent[agent, CALENDAR]
    price = walk(model.calendars, calendar, dice.chosen)
    return price - rule_price(model.calendars, calendar, plan.tours.option[agent]) if price < WORST else WORST
