"""Two people exchange work where neither can move alone, and what is refused changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.domain.test_rules import AGENT, problem
from tests.unit.scheduler.test_search_and_bound import searched, small
from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.staff import DayOffWish
from wfm.scheduler.anneal import anneal
from wfm.scheduler.coverage import split_cost
from wfm.scheduler.instance import CALENDAR, EARLY, FIRST, LENGTH, MINUTES, OFF, OPTIONS, SHAPE, START
from wfm.scheduler.search import Search
from wfm.scheduler.trial import make_dice

COLD = 1e-6


def locked() -> RosterProblem:
    """Each works one day: the first wants anybody, the second `ana` a little less, and `bob` would rather not work the first."""
    contract = {"week_days": (1, 1), "week_minutes": (240, 240), "earliest_start_minutes": 540, "latest_end_minutes": 810}
    base = problem(contract=contract)
    day = np.arange(base.grid.count) // 96
    needs = (Requirement("any", 60.0, tuple(1.0 * (day == 0))), Requirement("hers", 60.0, tuple(0.9 * (day == 1))))
    wish = DayOffWish(base.grid.first_day, 5.0)
    people = (replace(AGENT, queues={"any": 1.0, "hers": 1.0}), replace(AGENT, id="bob", queues={"any": 1.0}, wishes=(wish,)))
    return replace(base, requirements=needs, agents=people)


def put_on(search: Search, agent: int, day: int) -> None:
    """The agent works its only shift of that day and no other, the break as early as can be."""
    calendars, shapes, tours = search.instance.calendars, search.instance.shapes, search.plan.tours
    o = calendars.row[search.instance.agent[agent, CALENDAR] * calendars.days + day, OPTIONS]
    start, shape = calendars.option[o, START], calendars.option[o, SHAPE]
    pause = shapes.breaks[shapes.table[shape, FIRST]]
    tours.option[agent], tours.duty[agent] = OFF, False
    tours.option[agent, day], tours.breaks[agent, day, 0] = o, start + pause[EARLY]
    tours.duty[agent, start : start + shapes.table[shape, LENGTH]] = True
    tours.duty[agent, start + pause[EARLY] : start + pause[EARLY] + pause[MINUTES]] = False


def moved(search: Search, work: int, seed: int = 0) -> None:
    instance = search.instance
    anneal(
        search.model, search.plan, np.arange(instance.agents), np.arange(7), work, COLD, make_dice(instance, seed), search.room
    )  # fmt: skip


def test_two_people_exchange_days_where_neither_can_move_alone() -> None:
    search = searched(locked())
    put_on(search, 0, 0)
    put_on(search, 1, 1)
    search.resplit()
    before = search.objective()
    moved(search, 2_000)
    assert [int(np.flatnonzero(option != OFF)[0]) for option in search.plan.tours.option] == [1, 0]
    hours = 4.0
    gain = 60.0 * 0.9 * hours + 1.0 * 0.9 * hours  # `hers` served, and so much less time of anybody unused
    assert before - search.objective() == pytest.approx(gain - 5.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_moves_in_the_cold_never_raise_the_objective_and_what_is_refused_leaves_no_trace(seed: int) -> None:
    search = searched(small(seed, agents=5), seed)
    for turn in range(20):
        before = search.objective()
        moved(search, 300, 100 * seed + turn)
        assert search.objective() <= before + 1e-3
    told = split_cost(search.model.cover, search.plan.split)
    search.resplit()
    assert split_cost(search.model.cover, search.plan.split) == pytest.approx(told, abs=1e-6)
