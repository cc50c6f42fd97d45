"""Simulated annealing over whole tours by small moves: a shift's start or length, its day, one break.

Intervals are apart from each other, so the price of a move is the sum of what single heads are worth in the intervals that it touches;
worths are kept from move to move until their interval changes, and a refused move changes nothing. A changed tour is legal where it is
a path through its calendar, the one truth of the hard rules.
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
    EARLY,
    FIRST,
    FIRST_SLOT,
    KIND,
    LAST,
    LATE,
    LENGTH,
    MINUTES,
    NEXT,
    OFF,
    OFFS,
    OPTIONS,
    OPTIONS_END,
    READY,
    SHAPE,
    SLOT,
    START,
    STRETCH,
    Calendars,
    Cover,
    Instance,
    Ints,
)
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.plan import FEWER, MORE, Flags, Model, Plan, Room
from wfm.scheduler.tours import NEVER, WORST, place_breaks, rule_price, shift_worth

NEAR = 6
SLACK = 2.0
SHIFT, DAY, BREAK = 0.45, 0.75, 1.01
"""Cumulated shares of the moves: another shift on the same day, another day, a break."""


class Dice(NamedTuple):
    """Scratch of one thread.

    state: of its random numbers; chosen, changed: a tour under trial, and the days that it changes; muted: intervals of fixed
    activities, calendars by intervals; stamp: the last one given to an interval, from a range that no other thread uses.
    """

    state: NDArray[np.uint64]
    chosen: Ints
    changed: Ints
    muted: Flags
    stamp: Ints


def make_dice(instance: Instance, seed: int, thread: int = 0) -> Dice:
    """Scratch room for `anneal` in one of several threads, numbered from 0; the same seed throws the same numbers."""
    calendars = instance.calendars
    muted = np.zeros(calendars.touched.shape, np.bool_)
    for c, (first, last) in enumerate(calendars.head[:, [BUSY, BUSY_END]].tolist()):
        muted[c, calendars.busy[first:last]] = True
    state = np.random.SeedSequence((seed, thread)).generate_state(1, np.uint64).astype(np.uint64)
    return Dice(state, np.full(calendars.days, OFF), np.zeros(2, np.int64), muted, np.array([(thread + 1) << 50]))


@inner
def _throw(state: NDArray[np.uint64]) -> float:
    """Uniform in [0, 1): splitmix64 (Steele, Lea and Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inner
def _below(state: NDArray[np.uint64], count: int) -> int:
    """A whole number from 0 to `count` - 1."""
    return int(_throw(state) * count)


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
def _gain(model: Model, plan: Plan, agent: int, t: int, room: Room, muted: Flags, fresh: bool) -> float:
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
def _value_now(model: Model, plan: Plan, agent: int, day: int, room: Room, muted: Flags, fresh: bool) -> float:
    """Value of the agent's present shift of a day, 0 for a day off."""
    o = plan.tours.option[agent, day]
    if o == OFF:
        return 0.0
    option, total = model.calendars.option[o], 0.0
    for t in range(option[START], option[START] + model.shapes.table[option[SHAPE], LENGTH]):
        if plan.tours.duty[agent, t]:
            total += _gain(model, plan, agent, t, room, muted, fresh)
    return float(total - model.wish[agent, day] - model.calendars.cost[o])


@inner
def _value_of(model: Model, plan: Plan, agent: int, day: int, o: int, room: Room, muted: Flags, fresh: bool) -> float:
    """Value of option `o` with its breaks in their best places, which `room.desk` is left ready to tell."""
    if o == OFF:
        return 0.0
    option, sums = model.calendars.option[o], room.desk.sums
    first = option[START]
    sums[first] = 0.0
    for t in range(first, first + model.shapes.table[option[SHAPE], LENGTH]):
        sums[t + 1] = sums[t] + _gain(model, plan, agent, t, room, muted, fresh)
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
def _switch(model: Model, plan: Plan, agent: int, t: int, on: bool, stamp: Ints, room: Room) -> None:
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
            _switch(model, plan, agent, t, room.duty[t], stamp, room)


@inner
def _forget(model: Model, o: int, room: Room) -> None:
    """Clears the marks of option `o`."""
    if o != OFF:
        option = model.calendars.option[o]
        for t in range(option[START], option[START] + model.shapes.table[option[SHAPE], LENGTH]):
            room.duty[t] = False


@inner
def _adopt(model: Model, plan: Plan, agent: int, days: Ints, count: int, dice: Dice, room: Room) -> None:
    """Gives the agent the options of `dice.chosen` on the first `count` days of `days`."""
    tours, muted = plan.tours, dice.muted
    for i in range(count):
        o = dice.chosen[days[i]]
        if o != OFF:
            _value_of(model, plan, agent, days[i], o, room, muted, True)
            option = model.calendars.option[o]
            place_breaks(model.shapes, option[SHAPE], option[START], room.desk, room.breaks[i])
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
def _accepts(luck: float, rise: float, heat: float) -> bool:
    return bool(rise <= 0.0 or (rise < 30.0 * heat and luck < np.exp(-rise / heat)))


@inner
def _near(model: Model, agent: int, day: int, o: int, state: NDArray[np.uint64]) -> int:
    """A random option of the day, near `o` if that is one of the day; OFF where the day has none."""
    row = model.calendars.row[model.agent[agent, CALENDAR] * model.calendars.days + day]
    low, high = row[OPTIONS], row[OPTIONS_END]
    if o != OFF:
        low, high = max(low, o - NEAR), min(high, o + NEAR + 1)
    return low + _below(state, high - low) if high > low else OFF


@inner
def _move_days(model: Model, plan: Plan, agent: int, count: int, heat: float, dice: Dice, room: Room) -> float:
    """Tries the options of `dice.chosen` on the first `count` days of `dice.changed`; returns the fall of the objective."""
    calendar = model.agent[agent, CALENDAR]
    price = walk(model.calendars, calendar, dice.chosen)
    if price >= WORST:
        return 0.0
    price -= rule_price(model.calendars, calendar, plan.tours.option[agent])
    luck, fall = _throw(dice.state), 0.0
    for fresh in (False, True):
        fall = -price
        for i in range(count):
            day = dice.changed[i]
            worth = _value_of(model, plan, agent, day, dice.chosen[day], room, dice.muted, fresh)
            if worth <= NEVER:
                return 0.0
            fall += worth - _value_now(model, plan, agent, day, room, dice.muted, fresh)
        if not _accepts(luck, -fall - (0.0 if fresh else SLACK * heat), heat):
            return 0.0
    _adopt(model, plan, agent, dice.changed, count, dice, room)
    return fall


@inner
def _move_shift(model: Model, plan: Plan, agent: int, days: Ints, heat: float, dice: Dice, room: Room) -> float:
    """Another shift on one of `days` that the agent works."""
    at = _below(dice.state, len(days))
    for _ in range(len(days)):
        if plan.tours.option[agent, days[at]] != OFF:
            break
        at = at + 1 if at + 1 < len(days) else 0
    day = days[at]
    now = plan.tours.option[agent, day]
    if now == OFF:
        return 0.0
    for d in range(len(dice.chosen)):
        dice.chosen[d] = plan.tours.option[agent, d]
    dice.chosen[day] = _near(model, agent, day, now if _throw(dice.state) < 0.7 else OFF, dice.state)
    dice.changed[0] = day
    return _move_days(model, plan, agent, 1, heat, dice, room)


@inner
def _move_day(model: Model, plan: Plan, agent: int, days: Ints, heat: float, dice: Dice, room: Room) -> float:
    """Works another of `days` instead, or one more or fewer, or changes the shifts of two of them."""
    for d in range(len(dice.chosen)):
        dice.chosen[d] = plan.tours.option[agent, d]
    one, two = days[_below(dice.state, len(days))], days[_below(dice.state, len(days))]
    a, b = dice.chosen[one], dice.chosen[two]
    dice.changed[0], dice.changed[1] = one, two
    if one == two:
        dice.chosen[one] = _near(model, agent, one, OFF, dice.state) if a == OFF else OFF
        return _move_days(model, plan, agent, 1, heat, dice, room)
    if a == OFF and b == OFF:
        return 0.0
    dice.chosen[one] = OFF if a != OFF and b == OFF else _near(model, agent, one, a, dice.state)
    dice.chosen[two] = OFF if b != OFF and a == OFF else _near(model, agent, two, b, dice.state)
    return _move_days(model, plan, agent, 2, heat, dice, room)


@inner
def _move_break(model: Model, plan: Plan, agent: int, days: Ints, heat: float, dice: Dice, room: Room) -> float:
    """Another place for one break of a shift."""
    tours, shapes = plan.tours, model.shapes
    day = days[_below(dice.state, len(days))]
    o = tours.option[agent, day]
    if o == OFF:
        return 0.0
    shape, start = model.calendars.option[o, SHAPE], model.calendars.option[o, START]
    first, last, stretch = shapes.table[shape, FIRST], shapes.table[shape, LAST], shapes.table[shape, STRETCH]
    if first == last:
        return 0.0
    b = first + _below(dice.state, last - first)
    minutes, early, late = shapes.breaks[b, MINUTES], shapes.breaks[b, EARLY], shapes.breaks[b, LATE]
    before, at = tours.breaks[agent, day, b - first], start + early + _below(dice.state, late - early + 1)
    low = start if b == first else tours.breaks[agent, day, b - first - 1] + shapes.breaks[b - 1, MINUTES]
    high = start + shapes.table[shape, LENGTH] if b == last - 1 else tours.breaks[agent, day, b - first + 1]
    if at == before or at < low + stretch or at + minutes + stretch > high:
        return 0.0
    luck, fall = _throw(dice.state), 0.0
    for fresh in (False, True):
        fall = 0.0
        for t in range(before, before + minutes):
            if not at <= t < at + minutes:
                fall += _gain(model, plan, agent, t, room, dice.muted, fresh)
        for t in range(at, at + minutes):
            if not before <= t < before + minutes:
                fall -= _gain(model, plan, agent, t, room, dice.muted, fresh)
        if not _accepts(luck, -fall - (0.0 if fresh else SLACK * heat), heat):
            return 0.0
    tours.breaks[agent, day, b - first] = at
    calendar = model.agent[agent, CALENDAR]
    for t in range(min(at, before), max(at, before) + minutes):
        on = not at <= t < at + minutes and not dice.muted[calendar, t]
        if (before <= t < before + minutes or at <= t < at + minutes) and on != tours.duty[agent, t]:
            _switch(model, plan, agent, t, on, dice.stamp, room)
    return fall


@entry
def anneal(model: Model, plan: Plan, people: Ints, days: Ints, work: int, heat: float, dice: Dice, room: Room) -> int:
    """Random moves of `people` on `days` at `heat` (cost) until they took `work` searches for paths or moves; returns how many they took.

    Calls that share neither people nor intervals may run side by side on one plan, each with its own `dice` and `room`.
    """
    if len(people) == 0 or len(days) == 0:
        return 0
    moves, start = 0, room.paths.seen[-1]
    while moves + room.paths.seen[-1] - start < work:
        moves += 1
        agent, kind = people[_below(dice.state, len(people))], _throw(dice.state)
        if kind < SHIFT:
            _move_shift(model, plan, agent, days, heat, dice, room)
        elif kind < DAY:
            _move_day(model, plan, agent, days, heat, dice, room)
        else:
            _move_break(model, plan, agent, days, heat, dice, room)
    return int(moves + room.paths.seen[-1] - start)
