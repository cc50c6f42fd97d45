"""Simulated annealing over whole tours by small moves: a shift's start or length, its day, one break, two people's work exchanged.

What a move is worth is told by `trial`; a refused move changes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wfm.scheduler.exchange import exchange
from wfm.scheduler.instance import (
    CALENDAR,
    EARLY,
    FIRST,
    LAST,
    LATE,
    LENGTH,
    MINUTES,
    OFF,
    OPTIONS,
    OPTIONS_END,
    SHAPE,
    START,
    STRETCH,
    Ints,
)
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.plan import Model, Plan, Room
from wfm.scheduler.tours import NEVER, WORST
from wfm.scheduler.trial import Dice, accepts, adopt, below, fall_of, gain_of, rise_of_rules, switch, throw

NEAR = 6
SLACK = 2.0
PAIR, SHIFT, DAY, BREAK = 0.15, 0.52, 0.78, 1.01
"""Cumulated shares of the moves: two people's work exchanged, another shift on the same day, another day, a break."""
MOST_TO_PAIR = 150
"""Among more people than these somebody alone finds a better move sooner than two who exchange."""


@inner
def _near(model: Model, agent: int, day: int, o: int, state: NDArray[np.uint64]) -> int:
    """A random option of the day, near `o` if that is one of the day; OFF where the day has none."""
    row = model.calendars.row[model.agent[agent, CALENDAR] * model.calendars.days + day]
    low, high = row[OPTIONS], row[OPTIONS_END]
    if o != OFF:
        low, high = max(low, o - NEAR), min(high, o + NEAR + 1)
    return low + below(state, high - low) if high > low else OFF


@inner
def _move_days(model: Model, plan: Plan, agent: int, count: int, heat: float, dice: Dice, room: Room) -> float:
    """Tries the options of `dice.chosen` on the first `count` days of `dice.changed`; returns the fall of the objective."""
    price = rise_of_rules(model, plan, agent, dice)
    if price >= WORST:
        return 0.0
    luck, fall = throw(dice.state), 0.0
    for fresh in (False, True):
        fall = fall_of(model, plan, agent, count, dice, room, fresh) - price
        if fall <= NEVER or not accepts(luck, -fall - (0.0 if fresh else SLACK * heat), heat):
            return 0.0
    adopt(model, plan, agent, dice.changed, count, dice, room)
    return fall


@inner
def _move_shift(model: Model, plan: Plan, agent: int, days: Ints, heat: float, dice: Dice, room: Room) -> float:
    """Another shift on one of `days` that the agent works."""
    at = below(dice.state, len(days))
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
    dice.chosen[day] = _near(model, agent, day, now if throw(dice.state) < 0.7 else OFF, dice.state)
    dice.changed[0] = day
    return _move_days(model, plan, agent, 1, heat, dice, room)


@inner
def _move_day(model: Model, plan: Plan, agent: int, days: Ints, heat: float, dice: Dice, room: Room) -> float:
    """Works another of `days` instead, or one more or fewer, or changes the shifts of two of them."""
    for d in range(len(dice.chosen)):
        dice.chosen[d] = plan.tours.option[agent, d]
    one, two = days[below(dice.state, len(days))], days[below(dice.state, len(days))]
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
    day = days[below(dice.state, len(days))]
    o = tours.option[agent, day]
    if o == OFF:
        return 0.0
    shape, start = model.calendars.option[o, SHAPE], model.calendars.option[o, START]
    first, last, stretch = shapes.table[shape, FIRST], shapes.table[shape, LAST], shapes.table[shape, STRETCH]
    if first == last:
        return 0.0
    b = first + below(dice.state, last - first)
    minutes, early, late = shapes.breaks[b, MINUTES], shapes.breaks[b, EARLY], shapes.breaks[b, LATE]
    before, at = tours.breaks[agent, day, b - first], start + early + below(dice.state, late - early + 1)
    low = start if b == first else tours.breaks[agent, day, b - first - 1] + shapes.breaks[b - 1, MINUTES]
    high = start + shapes.table[shape, LENGTH] if b == last - 1 else tours.breaks[agent, day, b - first + 1]
    if at == before or at < low + stretch or at + minutes + stretch > high:
        return 0.0
    luck, fall = throw(dice.state), 0.0
    for fresh in (False, True):
        fall = 0.0
        for t in range(before, before + minutes):
            if not at <= t < at + minutes:
                fall += gain_of(model, plan, agent, t, room, dice.muted, fresh)
        for t in range(at, at + minutes):
            if not before <= t < before + minutes:
                fall -= gain_of(model, plan, agent, t, room, dice.muted, fresh)
        if not accepts(luck, -fall - (0.0 if fresh else SLACK * heat), heat):
            return 0.0
    tours.breaks[agent, day, b - first] = at
    calendar = model.agent[agent, CALENDAR]
    for t in range(min(at, before), max(at, before) + minutes):
        on = not at <= t < at + minutes and not dice.muted[calendar, t]
        if (before <= t < before + minutes or at <= t < at + minutes) and on != tours.duty[agent, t]:
            switch(model, plan, agent, t, on, dice.stamp, room)
    return fall


@entry
def anneal(model: Model, plan: Plan, people: Ints, days: Ints, work: int, heat: float, dice: Dice, room: Room) -> int:
    """Random moves of `people` on `days` at `heat` (cost) until they took `work` searches for paths or moves; returns how many they took.

    Calls that share neither people nor intervals may run side by side on one plan, each with its own `dice` and `room`.
    """
    if len(people) == 0 or len(days) == 0:
        return 0
    moves, start = 0, room.paths.seen[-1]
    least = 0.0 if len(people) <= MOST_TO_PAIR else PAIR
    while moves + room.paths.seen[-1] - start < work:
        moves += 1
        agent, kind = people[below(dice.state, len(people))], least + (1.0 - least) * throw(dice.state)
        if kind < PAIR:
            exchange(model, plan, agent, people, days, heat, dice, room)
        elif kind < SHIFT:
            _move_shift(model, plan, agent, days, heat, dice, room)
        elif kind < DAY:
            _move_day(model, plan, agent, days, heat, dice, room)
        else:
            _move_break(model, plan, agent, days, heat, dice, room)
    return int(moves + room.paths.seen[-1] - start)
