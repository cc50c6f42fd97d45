"""Two people exchange work: what neither of them could do alone while the other stays.

Where as many come as are needed, one who moves to another day leaves a hole for a whole shift and is one too many there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wfm.scheduler.instance import CALENDAR, OFF, OPTIONS, OPTIONS_END, START, Ints
from wfm.scheduler.jit import inner
from wfm.scheduler.plan import Model, Plan, Room
from wfm.scheduler.tours import NEVER, WORST
from wfm.scheduler.trial import Dice, accepts, adopt, below, fall_of, put, rise_of_rules, throw

CLOSE = 2
"""How many options the hours taken over may be away from those given."""


@inner
def _like(model: Model, agent: int, day: int, o: int, state: NDArray[np.uint64]) -> int:
    """An option of the agent that starts near option `o` of somebody else; OFF where that is OFF or there is none."""
    row = model.calendars.row[model.agent[agent, CALENDAR] * model.calendars.days + day]
    low, high = row[OPTIONS], row[OPTIONS_END]
    if o == OFF or high == low:
        return OFF
    at = low
    while at + 1 < high and model.calendars.option[at, START] < model.calendars.option[o, START]:
        at += 1
    return int(min(max(at - CLOSE + below(state, 2 * CLOSE + 1), low), high - 1))


@inner
def _take_over(model: Model, plan: Plan, agent: int, other: int, dice: Dice) -> None:
    """A tour for `agent` with the work of `other` on the days of `dice.changed`, into `dice.chosen`."""
    for d in range(len(dice.chosen)):
        dice.chosen[d] = plan.tours.option[agent, d]
    for day in dice.changed:
        dice.chosen[day] = _like(model, agent, day, plan.tours.option[other, day], dice.state)


@inner
def _partner(plan: Plan, agent: int, one: int, two: int, people: Ints, state: NDArray[np.uint64]) -> int:
    """Somebody who is off on day `one` and works on day `two`, or works on both where they are the same day; -1 where nobody does."""
    at = below(state, len(people))
    for _ in range(len(people)):
        other = people[at]
        works = plan.tours.option[other, two] != OFF
        if other != agent and works and (one == two or plan.tours.option[other, one] == OFF):
            return int(other)
        at = at + 1 if at + 1 < len(people) else 0
    return -1


@inner
def _draw(plan: Plan, agent: int, people: Ints, days: Ints, dice: Dice) -> int:
    """Two days into `dice.changed`, of which `agent` works the first alone, or one that it works twice, and a partner; -1 for nobody."""
    one, two = days[below(dice.state, len(days))], days[below(dice.state, len(days))]
    if plan.tours.option[agent, one] == OFF:
        one, two = two, one
    if plan.tours.option[agent, one] == OFF or (one != two and plan.tours.option[agent, two] != OFF):
        return -1
    dice.changed[0], dice.changed[1] = one, two
    return _partner(plan, agent, one, two, people, dice.state)


@inner
def _remember(plan: Plan, agent: int, dice: Dice) -> None:
    for i in range(2):
        dice.before[i] = plan.tours.option[agent, dice.changed[i]]
        for b in range(dice.breaks.shape[1]):
            dice.breaks[i, b] = plan.tours.breaks[agent, dice.changed[i], b]


@inner
def _restore(model: Model, plan: Plan, agent: int, count: int, dice: Dice, room: Room) -> None:
    for i in range(count):
        dice.chosen[dice.changed[i]] = dice.before[i]
        for b in range(dice.breaks.shape[1]):
            room.breaks[i, b] = dice.breaks[i, b]
    put(model, plan, agent, dice.changed, count, dice, room)


@inner
def exchange(model: Model, plan: Plan, agent: int, people: Ints, days: Ints, heat: float, dice: Dice, room: Room) -> float:
    """`agent` and one of `people` take over each other's work on two of `days` that one of them works each, or each other's hours on one.

    The first of them moves before the second is priced, so that the price of both is exact; where it is refused the first moves back.
    Returns the fall of the objective.
    """
    other = _draw(plan, agent, people, days, dice)
    if other < 0:
        return 0.0
    one, two = dice.changed[0], dice.changed[1]
    count = 1 if one == two else 2
    _take_over(model, plan, other, agent, dice)
    theirs, then, rise = dice.chosen[one], dice.chosen[two], rise_of_rules(model, plan, other, dice)
    _take_over(model, plan, agent, other, dice)
    price = rise_of_rules(model, plan, agent, dice)
    if rise >= WORST or price >= WORST:
        return 0.0
    luck, fall = throw(dice.state), fall_of(model, plan, agent, count, dice, room, True) - price
    if fall <= NEVER:
        return 0.0
    _remember(plan, agent, dice)
    adopt(model, plan, agent, dice.changed, count, dice, room)
    for d in range(len(dice.chosen)):
        dice.chosen[d] = plan.tours.option[other, d]
    dice.chosen[one], dice.chosen[two] = theirs, then
    fall += fall_of(model, plan, other, count, dice, room, True) - rise
    if accepts(luck, -fall, heat):
        adopt(model, plan, other, dice.changed, count, dice, room)
        return fall
    for d in range(len(dice.chosen)):
        dice.chosen[d] = plan.tours.option[agent, d]
    _restore(model, plan, agent, count, dice, room)
    return 0.0
