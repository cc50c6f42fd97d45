"""Kernels that ask and answer: what one person's other duty would change, and everybody's best reply at a price per changed day."""

from __future__ import annotations

import numpy as np

from wfm.scheduler.coverage import come, leave, worth_of_last, worth_of_more
from wfm.scheduler.instance import (
    CALENDAR,
    FIRST,
    KIND,
    LAST,
    LENGTH,
    MINUTES,
    OFF,
    OPTIONS,
    OPTIONS_END,
    SHAPE,
    START,
    Floats,
    Ints,
)
from wfm.scheduler.jit import allocating, entry, inner
from wfm.scheduler.plan import Flags, Model, Plan, Room, lay_out, read_gain
from wfm.scheduler.tours import NEVER, best_tour, place_breaks, rule_price

UNKNOWN = -2
"""Option number of a present shift that the calendar does not have; whatever replaces it has no price."""


@entry
def rise_of_cover(model: Model, plan: Plan, agent: int, duty: Flags, room: Room) -> float:
    """Rise of the cost of cover if `agent` were on duty as in `duty` (one flag per interval); nothing is changed."""
    kind, now, rise = model.agent[agent, KIND], plan.tours.duty[agent], 0.0
    for t in range(len(duty)):
        if duty[t] and not now[t]:
            rise -= worth_of_more(model.cover, t, kind, plan.split, room.paths)
        elif now[t] and not duty[t]:
            rise += worth_of_last(model.cover, t, kind, plan.split, room.paths)
    return rise * model.cover.hours


@entry
def set_duty(model: Model, plan: Plan, agent: int, duty: Flags, room: Room) -> None:
    """Puts `agent` on duty as in `duty`, keeping the split optimal."""
    kind, split, stamp = model.agent[agent, KIND], plan.split, plan.worth.now
    for t in range(len(duty)):
        if duty[t] == plan.tours.duty[agent, t]:
            continue
        if duty[t]:
            come(model.cover, t, kind, split, room.paths)
        else:
            leave(model.cover, t, kind, split, room.paths)
        stamp[-1] += 1
        stamp[t] = stamp[-1]
        plan.tours.duty[agent, t] = duty[t]


@entry
def worth_of_kind(model: Model, plan: Plan, kind: int, room: Room, more: Floats, fewer: Floats) -> None:
    """What one head of `kind` more is worth in every interval, and what one fewer costs, into `more` and `fewer`."""
    for t in range(len(more)):
        more[t] = worth_of_more(model.cover, t, kind, plan.split, room.paths) * model.cover.hours
        fewer[t] = worth_of_last(model.cover, t, kind, plan.split, room.paths) * model.cover.hours


@allocating
def replies(
    model: Model, plan: Plan, agents: Ints, present: Ints, price: float, room: Room, option: Ints, breaks: Ints, gain: Floats
) -> None:
    """The best tour of each of `agents` against all others, where every day that differs from `present` costs `price`.

    present: option per agent of the problem and day (`OFF`, or `UNKNOWN` for a shift outside the calendar); option, breaks: the tours
    found, a row per asked agent; gain: how much better than the present tour they are, `NEVER` where there is none.
    """
    calendars, days = model.calendars, model.calendars.days
    wish, stays = np.zeros(days), np.zeros(days, np.int64)
    for i in range(len(agents)):
        agent = agents[i]
        calendar = model.agent[agent, CALENDAR]
        read_gain(model, plan, agent, room)
        now = 0.0
        for t in range(len(room.gain)):
            if plan.tours.duty[agent, t]:
                now += room.gain[t]
        for day in range(days):
            stay = present[agent, day]
            wish[day] = model.wish[agent, day]
            stays[day] = max(stay, OFF)
            if stay >= 0:
                now -= model.wish[agent, day] + calendars.cost[stay] - price
                wish[day] -= price
            _add_cost(model, calendar, day, stay, price)
        now -= rule_price(calendars, calendar, stays)
        best = best_tour(calendars, model.shapes, calendar, room.gain, wish, room.desk, room.chosen)
        for day in range(days):
            _add_cost(model, calendar, day, present[agent, day], -price)
        gain[i] = NEVER
        if best <= NEVER:
            continue
        gain[i] = best - now
        lay_out(model.shapes, calendars, calendar, room)
        for day in range(days):
            option[i, day] = room.chosen[day]
            for b in range(breaks.shape[2]):
                breaks[i, day, b] = room.breaks[day, b]


@allocating
def possible(model: Model, room: Room, found: Flags) -> None:
    """Whether each agent has any tour that keeps its calendar's rules, into `found`."""
    wish = np.zeros(model.calendars.days)
    for t in range(len(room.gain)):
        room.gain[t] = 0.0
    for agent in range(len(found)):
        calendar = model.agent[agent, CALENDAR]
        best = best_tour(model.calendars, model.shapes, calendar, room.gain, wish, room.desk, room.chosen)
        found[agent] = best > NEVER


@entry
def lay_options(model: Model, options: Ints, gain: Floats, room: Room, breaks: Ints, duty: Flags) -> None:
    """Places the breaks of each of `options` where they cost least at `gain`; a row per option of break starts and intervals on queue."""
    shapes, sums = model.shapes, room.desk.sums
    sums[0] = 0.0
    for t in range(len(gain)):
        sums[t + 1] = sums[t] + gain[t]
    for i in range(len(options)):
        shape, start = model.calendars.option[options[i], SHAPE], model.calendars.option[options[i], START]
        for t in range(start, start + shapes.table[shape, LENGTH]):
            duty[i, t] = True
        first, last = shapes.table[shape, FIRST], shapes.table[shape, LAST]
        if first < last:
            place_breaks(shapes, shape, start, room.desk, breaks[i])
        for b in range(first, last):
            for t in range(breaks[i, b - first], breaks[i, b - first] + shapes.breaks[b, MINUTES]):
                duty[i, t] = False


@inner
def _add_cost(model: Model, calendar: int, day: int, stay: int, price: float) -> None:
    """Makes every option of the day but `stay` dearer."""
    row = model.calendars.row[calendar * model.calendars.days + day]
    if stay == UNKNOWN:
        return
    for o in range(row[OPTIONS], row[OPTIONS_END]):
        if o != stay:
            model.calendars.cost[o] += price
