"""Every roster of two and three people is priced, one by one: no bound lies above the cheapest, and the search finds it.

Shifts are drawn from the clock and kept where `domain.rules` finds nothing; an interval is priced by a linear programme of its own.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from functools import reduce

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from tests.unit.scheduler.test_search_and_bound import frozen_clock, judged
from tests.unit.scheduler.test_whole_heads import climbed
from wfm.domain.roster import Break, Requirement, RosterProblem, Shift
from wfm.domain.rules import violations
from wfm.domain.rules.presence import AlwaysPresent
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.scheduler import solve
from wfm.scheduler.bound import Ascent
from wfm.scheduler.instance import build_instance
from wfm.service.first_use import MONDAY

Floats = NDArray[np.float64]
OPEN = range(9, 14)
HOUR = timedelta(hours=1)
SKILLS = ({"dear": 1.0, "cheap": 1.0}, {"dear": 1.1}, {"cheap": 0.8}, {"dear": 1.0})
SHAPES = (ShiftShape(120), ShiftShape(180, (BreakRule(60, False, 60, 120),)))


def tiny(seed: int, agents: int) -> RosterProblem:
    """A week of whole hours in which people may work on two days, once or twice, and somebody has to be there."""
    rng = np.random.default_rng(seed)
    grid = TimeGrid("UTC", MONDAY, 7, 60)
    busy = np.isin(np.arange(grid.count) % 24, OPEN) & (np.arange(grid.count) < 48)
    needs = tuple(
        Requirement(name, price, tuple((busy * rng.uniform(0, 0.5 * agents, grid.count)).round(2).tolist()))
        for name, price in (("dear", 120.0), ("cheap", 60.0))
    )
    contract = Contract("c", (0, 360), (0, 2), SHAPES, 9 * 60, 14 * 60, 60, 60, cost_per_hour=20.0, min_work_stretch_minutes=60)
    off = frozenset(grid.dates[2:])
    people = tuple(
        Agent(f"a{k}", "c", SKILLS[int(rng.integers(len(SKILLS)))], days_off=off, skills=frozenset({"nurse"} if k else ()))
        for k in range(agents)
    )
    return RosterProblem("tiny", grid, 5.0, needs, (contract,), people, rules=(AlwaysPresent("nurse", 1, 30.0, 11 * 60, 12 * 60),))


def every_tour(of: RosterProblem, agent: Agent) -> list[tuple[Shift, ...]]:
    """All legal tours: any start, any end and any break of an hour, on each of two days."""
    alone = replace(of, agents=(agent,), rules=())
    days = [[(), *_shifts_of(of, agent.id, day)] for day in range(2)]
    return [(*a, *b) for a, b in itertools.product(*days) if not violations(alone, (*a, *b))]


def _shifts_of(of: RosterProblem, agent: str, day: int) -> list[tuple[Shift, ...]]:
    clock = [of.grid.begin + HOUR * (24 * day + hour) for hour in range(OPEN.start, OPEN.stop + 1)]
    found = []
    for start, end in itertools.combinations(clock, 2):
        pauses = [(), *((Break(at, at + HOUR, False),) for at in clock if start < at < end)]
        found += [(Shift(agent, start, end, breaks),) for breaks in pauses]
    return found


def on_duty(of: RosterProblem, tour: tuple[Shift, ...]) -> NDArray[np.int64]:
    duty = np.zeros(of.grid.count, np.int64)
    for shift in tour:
        duty[of.grid.index(shift.start) : of.grid.index(shift.end)] = 1
        for pause in shift.breaks:
            duty[of.grid.index(pause.start)] = 0
    return duty


def price_of_hours(of: RosterProblem) -> Floats:
    """What an hour costs, by interval and by the set of people on duty, person k as bit k."""
    required = np.array([need.required for need in of.requirements])
    price = np.zeros((of.grid.count, 2 ** len(of.agents)))
    for t, some in itertools.product(range(of.grid.count), range(price.shape[1])):
        if required[:, t].any():  # nobody can be there at other hours
            price[t, some] = _price_of_hour(of, required[:, t], [a for k, a in enumerate(of.agents) if some >> k & 1])
        clock = 60 * (t % 24)
        heads = sum("nurse" in a.skills for k, a in enumerate(of.agents) if some >> k & 1)
        price[t, some] += sum(rule.cost * rule.breach(heads, clock) for rule in of.rules)
    return price


def _price_of_hour(of: RosterProblem, required: Floats, people: list[Agent]) -> float:
    """Missing heads and idle ones of the best split: time of each person on each queue, at most the whole of it."""
    names = [need.queue for need in of.requirements]
    speed = np.array([[agent.queues.get(name, 0.0) for name in names] for agent in people]).reshape(len(people), len(names))
    under = np.array([need.under_cost for need in of.requirements])
    base = float(under @ required) + of.over_cost * len(people)
    if not people:
        return base
    gain = -(speed * under + of.over_cost * (speed > 0)).ravel()
    served = np.hstack([np.diag(row) for row in speed])
    time = np.kron(np.eye(len(people)), np.ones(len(names)))
    solved = linprog(gain, A_ub=np.vstack([served, time]), b_ub=[*required, *np.ones(len(people))], bounds=(0, 1))
    return base + float(solved.fun)


def best_of_all(of: RosterProblem) -> tuple[float, tuple[Shift, ...], int]:
    """Cost of the cheapest roster, the roster, and how many there are."""
    price, hours = price_of_hours(of), np.arange(of.grid.count)
    tours = [every_tour(of, agent) for agent in of.agents]
    duty = [np.array([on_duty(of, tour) for tour in mine]) << k for k, mine in enumerate(tours)]
    paid = [20.0 * (rows > 0).sum(axis=1) for rows in duty]  # breaks are unpaid
    cost = np.concatenate([
        price[hours, reduce(np.bitwise_or, [rows[i] for rows, i in zip(duty, chosen, strict=False)]) | duty[-1]].sum(axis=1)
        + (sum(pay[i] for pay, i in zip(paid, chosen, strict=False)) + paid[-1])
        for chosen in itertools.product(*(range(len(mine)) for mine in tours[:-1]))
    ])  # fmt: skip
    at = np.unravel_index(int(cost.argmin()), [len(mine) for mine in tours])
    return float(cost.min()), tuple(s for mine, i in zip(tours, at, strict=True) for s in mine[i]), len(cost)


@pytest.mark.parametrize(("agents", "seed"), [(2, 0), (2, 1), (2, 2), (3, 0)])
def test_no_bound_exceeds_the_cheapest_of_all_rosters_which_is_what_the_search_finds(agents: int, seed: int) -> None:
    of = tiny(seed, agents)
    best, roster, count = best_of_all(of)
    assert count > 100
    assert judged(of, roster) == pytest.approx(best)
    instance = build_instance(of)
    ascent = Ascent(instance)
    ascent.climb(300, 12.0, lambda: False)
    for bound in (ascent.proven(), climbed(instance).proven()):
        assert 0.5 * best <= bound <= best + 1e-9
    answers = [solve(of, 0.2, start, clock=frozen_clock) for start in range(5)]
    assert all(answer.lower_bound is not None and answer.lower_bound <= best + 1e-9 for answer in answers)
    assert all(answer.objective >= best - 1e-6 for answer in answers)
    assert min(answer.objective for answer in answers) == pytest.approx(best)  # one start may end in a place that no small move leaves
