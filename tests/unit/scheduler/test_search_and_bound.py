"""The bound never exceeds the optimum, the search knows its own objective, and its small moves keep every rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numba.core.event import trigger_event

from tests.unit.domain.test_rules import AGENT, problem
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.scheduler import check, solve
from wfm.scheduler.bound import Ascent
from wfm.scheduler.cooling import days_are_apart, draw_parts, unit_of_heat
from wfm.scheduler.instance import CALENDAR, build_instance
from wfm.scheduler.jit import without_compiling
from wfm.scheduler.search import Search, Watch
from wfm.scheduler.trial import WORST, walk

BOTH = {"dear": 1.0, "cheap": 1.0}


def frozen_clock() -> float:
    """A clock that never runs out: the work ends the search, however slow the machine."""
    return 0.0


def small(seed: int, agents: int = 2, over_cost: float = 1.0) -> RosterProblem:
    """A problem of few people and two queues with random demand in the day time."""
    rng = np.random.default_rng(seed)
    base = problem(contract={"week_days": (0, 5), "week_minutes": (0, 2400)})
    hour = np.zeros(base.grid.count)
    hour[32:72] = 1.0
    needs = tuple(
        Requirement(name, price, tuple((hour * rng.uniform(0, 1.2, base.grid.count)).round(2).tolist()))
        for name, price in (("dear", 120.0), ("cheap", 60.0))
    )
    skills = [BOTH, {"dear": 1.1}, {"cheap": 0.8}]
    people = tuple(replace(AGENT, id=f"a{k}", queues=skills[int(rng.integers(3))]) for k in range(agents))
    return replace(base, requirements=needs, agents=people, over_cost=over_cost)


def judged(of: RosterProblem, shifts: tuple[Shift, ...]) -> float:
    return check(of, Roster(of.id, shifts, 0.0, None, RosterStatus.FEASIBLE, "by hand", 0, 0.0)).objective


def searched(of: RosterProblem, seed: int = 0) -> Search:
    search = Search(build_instance(of), seed, Watch(frozen_clock, 1.0), lambda _: None)
    search.first()
    return search


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_never_exceeds_the_optimum_of_one_person(seed: int) -> None:
    """One person's best tour against fixed demand is exact, so that best responses alone find the optimum."""
    alone = small(seed, agents=1)
    search = searched(alone)
    search.polish()
    ascent = Ascent(search.instance)
    ascent.climb(800, 12.0, lambda: False)
    assert search.best is not None
    assert ascent.proven() <= search.best.objective + 1e-9
    assert ascent.proven() >= 0.9 * search.best.objective


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), agents=st.integers(1, 5), over_cost=st.sampled_from([0.0, 2.0]))
def test_search_and_checker_agree_on_every_roster(seed: int, agents: int, over_cost: float) -> None:
    from wfm.scheduler.cooling import cool
    from wfm.scheduler.result import shifts_of

    given_problem = small(seed, agents, over_cost)
    search = searched(given_problem, seed)
    cool(search, 0.02)
    shifts = shifts_of(search.instance, search.plan.tours)
    told = check(given_problem, Roster(given_problem.id, shifts, 0.0, None, RosterStatus.FEASIBLE, "", 0, 0.0))
    assert told.violations == ()
    assert search.objective() == pytest.approx(told.objective, abs=1e-6)


def test_a_tour_is_legal_where_it_is_a_path_through_its_calendar() -> None:
    search = searched(small(1))
    calendars, number = search.instance.calendars, search.instance.agent[0, CALENDAR]
    chosen = search.plan.tours.option[0].copy()
    assert walk(calendars, number, chosen) == 0.0
    works = np.array([calendars.row[number * 7 + day, 0] for day in range(7)])
    assert walk(calendars, number, works) == WORST


def test_threads_share_neither_people_nor_days() -> None:
    parts = draw_parts(np.random.default_rng(0), 9, 7, apart=True)
    for one in range(2):
        assert not set(parts[0][one]) & set(parts[1][one])
    assert len(draw_parts(np.random.default_rng(0), 9, 7, apart=False)) == 1


def test_shifts_past_midnight_keep_days_together() -> None:
    base = small(1)
    assert days_are_apart(build_instance(base))
    late = tuple(replace(c, earliest_start_minutes=0, latest_end_minutes=2 * 1440) for c in base.contracts)
    nights = replace(base, contracts=late)
    assert not days_are_apart(build_instance(nights))
    assert check(nights, solve(nights, 0.5)).violations == ()


def test_heat_is_told_in_prices_of_missing_heads() -> None:
    instance = build_instance(small(1))
    assert 60 * 0.25 <= unit_of_heat(instance) <= 120 * 0.25


def test_a_slow_clock_leaves_work_out_and_says_so() -> None:
    now = [0.0]
    watch = Watch(lambda: now[0], 10.0)
    assert watch.hurry(0.0) == 0.0
    assert not watch.hurried
    now[0] = 9.0
    assert watch.hurry(0.5) == pytest.approx(1.0)
    assert watch.hurried


def test_the_clock_of_a_search_stands_still_while_a_kernel_compiles() -> None:
    now = [0.0]
    with without_compiling(lambda: now[0]) as clock:
        now[0] = 1.0
        with trigger_event("numba:compile"), trigger_event("numba:compile"):
            now[0] = 31.0
            assert clock() == 1.0
        now[0] = 32.0
        assert clock() == 2.0


def test_people_with_different_speeds_get_the_exact_cost_told() -> None:
    base = small(3)
    names = [part.queue for part in base.requirements]
    uneven = replace(base, agents=tuple(replace(a, queues={name: 1.0 - 0.2 * k for k, name in enumerate(names)}) for a in base.agents))
    roster = solve(uneven, 2.0)
    assert roster.objective == pytest.approx(check(uneven, roster).objective)
