"""Names on tours: people of one contract and the same skills exchange whole tours where wishes, soft rules and fairness gain by it.

Whoever works a tour of the group serves the same queues at the same speeds, so the cover stays as it is; a tour is only given to somebody
whose own rules, absences and rest it keeps. Each group is an assignment problem.
"""

from __future__ import annotations

import numpy as np

from wfm.scheduler.instance import (
    ACTION,
    ACTIONS,
    BUSY,
    BUSY_END,
    CALENDAR,
    FIRST_SLOT,
    KIND,
    NEXT,
    OFF,
    OFFS,
    OPTIONS,
    OPTIONS_END,
    READY,
    SHAPE,
    SLOT,
    START,
    Calendars,
    Floats,
    Instance,
    Ints,
)
from wfm.scheduler.jit import entry, inner
from wfm.scheduler.plan import Model, Tours, make_model

FORBIDDEN = 1e9
LARGEST = 400


def exchanged(instance: Instance, tours: Tours) -> tuple[Tours, float]:
    """The tours with the best names, and by how much they cost less."""
    prices = make_model(instance)
    option, breaks, duty = tours.option.copy(), tours.breaks.copy(), tours.duty.copy()
    saved = 0.0
    for group in _groups(instance):
        options = tours.option[group]
        matrix = np.zeros((len(group), len(group)))
        price_tours(prices, group, options, matrix)
        order, gain = _assigned(matrix)
        if gain > 1e-9:
            chosen = np.array([_own_options(instance, int(a), tours.option[group[j]]) for a, j in zip(group, order, strict=True)])
            option[group], breaks[group], duty[group] = chosen, tours.breaks[group[order]], tours.duty[group[order]]
            saved += gain
    return Tours(option, breaks, duty), saved


def _groups(instance: Instance) -> list[Ints]:
    """Agents whose tours may be exchanged: same kind and contract, no fixed activity; at most `LARGEST` together."""
    head = instance.calendars.head
    found: dict[tuple[int, str], list[int]] = {}
    for k, agent in enumerate(instance.problem.agents):
        calendar = instance.agent[k, CALENDAR]
        if head[calendar, BUSY] == head[calendar, BUSY_END]:
            found.setdefault((int(instance.agent[k, KIND]), agent.contract), []).append(k)
    whole = [np.array(people, dtype=np.int64) for people in found.values()]
    return [part for people in whole for part in np.array_split(people, -(-len(people) // LARGEST)) if len(part) > 1]


def _assigned(matrix: Floats) -> tuple[Ints, float]:
    """Whose tour each agent gets, and what that saves; everybody keeps the own one where nothing is saved."""
    from scipy.optimize import linear_sum_assignment

    now = np.arange(len(matrix))
    if np.ptp(matrix) == 0:
        return now, 0.0
    _, order = linear_sum_assignment(matrix)
    return order.astype(np.int64), float(matrix[now, now].sum() - matrix[now, order].sum())


def _own_options(instance: Instance, agent: int, options: Ints) -> Ints:
    """The options of somebody's tour by the numbers of another agent's calendar."""
    calendars, calendar = instance.calendars, int(instance.agent[agent, CALENDAR])
    return np.array([own_option(calendars, calendar, day, int(o)) for day, o in enumerate(options)], dtype=np.int64)


@entry
def own_option(calendars: Calendars, calendar: int, day: int, option: int) -> int:
    """The number that an option has in another calendar, `OFF` where it is not there."""
    return _same_option(calendars, calendar, day, option)


@inner
def _same_option(calendars: Calendars, calendar: int, day: int, option: int) -> int:
    if option == OFF:
        return OFF
    row = calendars.row[calendar * calendars.days + day]
    for o in range(row[OPTIONS], row[OPTIONS_END]):
        if calendars.option[o, START] == calendars.option[option, START] and calendars.option[o, SHAPE] == calendars.option[option, SHAPE]:
            return o
    return OFF


@inner
def _price(model: Model, agent: int, options: Ints) -> float:
    """Wishes, paid hours and soft rules if `agent` worked these options; `FORBIDDEN` where a rule does not let it."""
    calendars, calendar = model.calendars, model.agent[agent, CALENDAR]
    slot, node, price = calendars.head[calendar, FIRST_SLOT], 0, 0.0
    for day in range(calendars.days):
        row = calendars.row[calendar * calendars.days + day]
        o = _same_option(calendars, calendar, day, options[day])
        if o == OFF and options[day] != OFF:
            return FORBIDDEN
        action = 0
        if o == OFF:
            slot = calendars.off_slot[row[OFFS] + slot]
        else:
            if slot > calendars.option[o, SLOT]:
                return FORBIDDEN
            action, slot = calendars.option[o, ACTION], calendars.option[o, READY]
            price += model.wish[agent, day] + calendars.cost[o]
        arc = row[NEXT] + node * row[ACTIONS] + action
        node = calendars.next_node[arc]
        if node < 0:
            return FORBIDDEN
        price += calendars.arc_cost[arc]
    return price


@entry
def price_tours(model: Model, group: Ints, options: Ints, matrix: Floats) -> None:
    """What each agent of the group (rows) would cost on each tour of the group (columns)."""
    for i in range(len(group)):
        for j in range(len(group)):
            matrix[i, j] = _price(model, group[i], options[j])
