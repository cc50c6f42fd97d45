"""A plan while it is being made: who is on duty when, the best split of them, and what each kind is worth in each interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.scheduler.coverage import Paths, Split, come, copy_interval, leave, make_paths, make_split, worth_of_last, worth_of_more
from wfm.scheduler.instance import (
    BUSY,
    BUSY_END,
    CALENDAR,
    FIRST,
    KIND,
    LAST,
    LENGTH,
    MINUTES,
    OFF,
    SHAPE,
    START,
    Calendars,
    Cover,
    Floats,
    Instance,
    Ints,
    Shapes,
)
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.tours import NEVER, Desk, best_tour, make_desk, place_breaks, rule_price

MORE, FEWER = 0, 1
MOST_RUINED = 64
LEAST = 1e-7

Flags = NDArray[np.bool_]


class Model(NamedTuple):
    """What never changes; see `instance.Instance`."""

    shapes: Shapes
    calendars: Calendars
    cover: Cover
    agent: Ints
    wish: Floats


class Tours(NamedTuple):
    """Per agent: the option of each day, the starts of its breaks, and the intervals on queue."""

    option: Ints
    breaks: Ints
    duty: Flags


class Worth(NamedTuple):
    """What one head MORE is worth, or one FEWER costs, by kind and interval; valid where its `stamp` is `now` of the interval.

    `now` has one entry more than there are intervals: the last stamp given out.
    """

    value: Floats
    stamp: Ints
    now: Ints


class Undo(NamedTuple):
    """How the intervals and agents changed in the present trial were before it.

    `mark[t]` is the trial that saved interval t last, its last entry the present trial; `place` lists the intervals saved and
    `saved` how many they are; the rows of `tours` belong to the agents of the trial, in order.
    """

    split: Split
    now: Ints
    mark: Ints
    place: Ints
    saved: Ints
    tours: Tours


class Plan(NamedTuple):
    """A plan under way."""

    tours: Tours
    split: Split
    worth: Worth
    undo: Undo


class Room(NamedTuple):
    """Scratch room of one thread."""

    desk: Desk
    paths: Paths
    gain: Floats
    chosen: Ints
    breaks: Ints
    duty: Flags


def make_model(instance: Instance) -> Model:
    """The constant part of every kernel call."""
    return Model(instance.shapes, instance.calendars, instance.cover, instance.agent, instance.wish)


def make_plan(instance: Instance) -> Plan:
    """Nobody works."""
    kinds, count = len(instance.cover.kind_first) - 1, instance.intervals
    worth = Worth(np.zeros((2, kinds, count)), np.zeros((2, kinds, count), np.int64), np.ones(count + 1, np.int64))
    undo = Undo(
        make_split(instance), np.zeros(count, np.int64), np.zeros(count + 1, np.int64), np.zeros(count, np.int64), np.zeros(1, np.int64),
        _no_tours(instance, MOST_RUINED),
    )
    return Plan(_no_tours(instance, instance.agents), make_split(instance), worth, undo)


def _no_tours(instance: Instance, agents: int) -> Tours:
    days, count = instance.calendars.days, instance.intervals
    return Tours(
        np.full((agents, days), OFF), np.zeros((agents, days, instance.most_breaks), np.int64), np.zeros((agents, count), np.bool_)
    )


def make_room(instance: Instance) -> Room:
    """Scratch room for one thread."""
    days, count = instance.calendars.days, instance.intervals
    breaks = np.zeros((days, instance.most_breaks), np.int64)
    return Room(make_desk(instance), make_paths(instance), np.zeros(count), np.full(days, OFF), breaks, np.zeros(count, np.bool_))


@inner
def mute(calendars: Calendars, calendar: int, gain: Floats) -> None:
    """Takes the worth from intervals of fixed activities."""
    for i in range(calendars.head[calendar, BUSY], calendars.head[calendar, BUSY_END]):
        gain[calendars.busy[i]] = 0.0


@inner
def read_gain(model: Model, plan: Plan, agent: int, room: Room) -> None:
    """Worth of every interval to `agent`, itself apart, into `room.gain`: exact for its next tour as a whole."""
    kind, calendar = model.agent[agent, KIND], model.agent[agent, CALENDAR]
    worth, touched, hours = plan.worth, model.calendars.touched, model.cover.hours
    for t in range(len(room.gain)):
        room.gain[t] = 0.0
        if not touched[calendar, t]:
            continue
        way = FEWER if plan.tours.duty[agent, t] else MORE
        if worth.stamp[way, kind, t] != worth.now[t]:
            if way == FEWER:
                worth.value[way, kind, t] = worth_of_last(model.cover, t, kind, plan.split, room.paths) * hours
            else:
                worth.value[way, kind, t] = worth_of_more(model.cover, t, kind, plan.split, room.paths) * hours
            worth.stamp[way, kind, t] = worth.now[t]
        room.gain[t] = worth.value[way, kind, t]
    mute(model.calendars, calendar, room.gain)


@inner
def tour_price(model: Model, tours: Tours, agent: int) -> float:
    """Wishes broken, paid hours and soft rules of an agent's tour."""
    price = rule_price(model.calendars, model.agent[agent, CALENDAR], tours.option[agent])
    for day in range(tours.option.shape[1]):
        o = tours.option[agent, day]
        if o != OFF:
            price += model.wish[agent, day] + model.calendars.cost[o]
    return price


@entry
def price_of_tours(model: Model, tours: Tours) -> float:
    """Wishes broken, paid hours and soft rules of everybody's tour."""
    price = 0.0
    for agent in range(tours.option.shape[0]):
        price += tour_price(model, tours, agent)
    return price


@inner
def tour_value(model: Model, tours: Tours, agent: int, gain: Floats) -> float:
    """Value of an agent's present tour at these gains."""
    total = -tour_price(model, tours, agent)
    for t in range(len(gain)):
        if tours.duty[agent, t]:
            total += gain[t]
    return total


@inner
def lay_out(shapes: Shapes, calendars: Calendars, calendar: int, room: Room) -> None:
    """Places the breaks of `room.chosen` at the sums of `room.desk` and marks the intervals on queue in `room.duty`."""
    for t in range(len(room.duty)):
        room.duty[t] = False
    for day in range(len(room.chosen)):
        o = room.chosen[day]
        if o == OFF:
            continue
        shape, start = calendars.option[o, SHAPE], calendars.option[o, START]
        for t in range(start, start + shapes.table[shape, LENGTH]):
            room.duty[t] = True
        first, last = shapes.table[shape, FIRST], shapes.table[shape, LAST]
        if first < last:
            place_breaks(shapes, shape, start, room.desk, room.breaks[day])
        for b in range(first, last):
            at = room.breaks[day, b - first]
            for t in range(at, at + shapes.breaks[b, MINUTES]):
                room.duty[t] = False
    for i in range(calendars.head[calendar, BUSY], calendars.head[calendar, BUSY_END]):
        room.duty[calendars.busy[i]] = False


@inner
def save_interval(plan: Plan, t: int) -> None:
    """Keeps interval t as it was before the present trial."""
    undo, split = plan.undo, plan.split
    if undo.mark[t] == undo.mark[-1]:
        return
    undo.mark[t] = undo.mark[-1]
    undo.place[undo.saved[0]] = t
    undo.saved[0] += 1
    undo.now[t] = plan.worth.now[t]
    copy_interval(t, split, undo.split)


@inner
def start_trial(plan: Plan) -> None:
    """From here on changes can be taken back."""
    plan.undo.mark[-1] += 1
    plan.undo.saved[0] = 0


@inner
def copy_tour(source: Tours, i: int, target: Tours, j: int) -> None:
    """Row i of one table of tours into row j of another."""
    for day in range(source.option.shape[1]):
        target.option[j, day] = source.option[i, day]
        for b in range(source.breaks.shape[2]):
            target.breaks[j, day, b] = source.breaks[i, day, b]
    for t in range(source.duty.shape[1]):
        target.duty[j, t] = source.duty[i, t]


@inner
def take_back(plan: Plan, group: Ints) -> None:
    """Undoes the present trial, in which only the agents of `group` moved; worths of before are valid again."""
    undo = plan.undo
    for i in range(undo.saved[0]):
        t = undo.place[i]
        copy_interval(t, undo.split, plan.split)
        plan.worth.now[t] = undo.now[t]
    for i in range(len(group)):
        copy_tour(undo.tours, i, plan.tours, group[i])


@inner
def take_tour(model: Model, plan: Plan, agent: int, room: Room) -> None:
    """Gives `agent` the tour in `room`, keeping the split optimal."""
    kind, tours, split, now = model.agent[agent, KIND], plan.tours, plan.split, plan.worth.now
    for t in range(len(room.duty)):
        if tours.duty[agent, t] == room.duty[t]:
            continue
        save_interval(plan, t)
        if room.duty[t]:
            come(model.cover, t, kind, split, room.paths)
        else:
            leave(model.cover, t, kind, split, room.paths)
        now[-1] += 1
        now[t] = now[-1]
        tours.duty[agent, t] = room.duty[t]
    for day in range(len(room.chosen)):
        tours.option[agent, day] = room.chosen[day]
        for b in range(room.breaks.shape[1]):
            tours.breaks[agent, day, b] = room.breaks[day, b]


@inner
def respond(model: Model, plan: Plan, agent: int, room: Room, least: float) -> float:
    """Gives `agent` its best tour against all others if that is better by more than `least`; returns the fall of the objective.

    For an agent without a tour the value of the new one is returned; `NEVER` where there is none.
    """
    calendar = model.agent[agent, CALENDAR]
    read_gain(model, plan, agent, room)
    best = best_tour(model.calendars, model.shapes, calendar, room.gain, model.wish[agent], room.desk, room.chosen)
    if best <= NEVER:
        return NEVER
    now = tour_value(model, plan.tours, agent, room.gain)
    if best <= now + least:
        return 0.0
    lay_out(model.shapes, model.calendars, calendar, room)
    take_tour(model, plan, agent, room)
    return best - now


@inner
def drop_tour(model: Model, plan: Plan, agent: int, room: Room) -> float:
    """Sends `agent` home; returns the rise of the cost of cover, less what the tour cost."""
    read_gain(model, plan, agent, room)
    value = tour_value(model, plan.tours, agent, room.gain)
    for t in range(len(room.duty)):
        room.duty[t] = False
    for day in range(len(room.chosen)):
        room.chosen[day] = OFF
    take_tour(model, plan, agent, room)
    return value + tour_price(model, plan.tours, agent)


@inner
def rebuild(model: Model, plan: Plan, group: Ints, rounds: int, room: Room, worst: float) -> float:
    """Sends the agents of `group` home, gives them new tours one by one and lets them answer each other `rounds` times.

    Keeps the outcome where the objective falls, or rises by at most `worst`; returns its fall.
    """
    start_trial(plan)
    fall = 0.0
    for i in range(len(group)):
        copy_tour(plan.tours, group[i], plan.undo.tours, i)
        fall -= drop_tour(model, plan, group[i], room)
    for agent in group:
        fall += respond(model, plan, agent, room, NEVER)
    for _ in range(rounds):
        more = 0.0
        for agent in group:
            more += respond(model, plan, agent, room, LEAST)
        fall += more
        if more <= LEAST:
            break
    if fall < -worst:
        take_back(plan, group)
        return 0.0
    return fall


@entry
def improve(model: Model, plan: Plan, groups: Ints, rounds: int, room: Room, worst: Floats) -> float:
    """Best responses of groups of one, ruin and recreation of larger groups (padded with -1); returns the fall of the objective."""
    total = 0.0
    for g in range(groups.shape[0]):
        size = 0
        while size < groups.shape[1] and groups[g, size] >= 0:
            size += 1
        if size == 1:
            total += respond(model, plan, groups[g, 0], room, LEAST)
        elif size > 1:
            total += rebuild(model, plan, groups[g, :size], rounds, room, worst[g])
    return total


@entry
def settle(model: Model, plan: Plan, order: Ints, room: Room, batch: int) -> int:
    """Gives everybody in `order` a tour, worths being read anew only after every `batch` people; returns how many have none.

    The quick way to a first roster: the split is exact at all times, only the choices are made on old news.
    """
    without, now, count = 0, plan.worth.now, len(room.gain)
    for i in range(len(order)):
        for t in range(count):
            plan.undo.now[t] = now[t]
        if respond(model, plan, order[i], room, NEVER) <= NEVER:
            without += 1
        for t in range(count):
            if i % batch == batch - 1:
                now[-1] += 1
                now[t] = now[-1]
            else:
                now[t] = plan.undo.now[t]
    for t in range(count):
        now[-1] += 1
        now[t] = now[-1]
    return without


@entry
def raise_everybody(model: Model, duty: Flags, split: Split, paths: Paths) -> None:
    """Fills an empty split with everybody on duty."""
    for agent in range(duty.shape[0]):
        kind = model.agent[agent, KIND]
        for t in range(duty.shape[1]):
            if duty[agent, t]:
                come(model.cover, t, kind, split, paths)
