"""Every impossible week is explained by a smallest conflict, with ways out that work and are priced; pins are kept or named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from tests.unit.domain.test_rules import CONTRACT, MONDAY, at, shift
from tests.unit.scheduler.test_repairing import ANA, BEN, LOOSE, TUESDAY, centre, heads
from tests.unit.scheduler.test_search_and_bound import frozen_clock
from wfm.domain.roster import RosterProblem
from wfm.domain.rules.nights import NightsInARow
from wfm.domain.rules.shifts_of_kind import MostOfKind
from wfm.domain.staff import FixedActivity
from wfm.errors import Infeasible
from wfm.scheduler import check, explain, solve
from wfm.scheduler.facts import Case, can_hold, facts_of, without

DAYS = [MONDAY + timedelta(n) for n in range(7)]
NEEDS = heads(*((day, 8, 12, 1.0) for day in range(7)))

IMPOSSIBLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "days off against hours": ({"days_off": frozenset(DAYS[:6])}, {}),
    "two contradictory activities": (
        {"fixed": (FixedActivity(at(1, 8), at(1, 9), "training"), FixedActivity(at(1, 20), at(1, 21), "meeting"))}, {}
    ),
    "an activity on leave": ({"fixed": (FixedActivity(at(1, 8), at(1, 9), "training"),), "unavailable": ((at(1, 6), at(1, 12)),)}, {}),
    "hours that no lengths add up to": ({}, {"week_minutes": (500, 700)}),
    "more days than the run allows": ({"days_worked_before": 3, "days_off": frozenset(DAYS[2:])}, {}),
    "no time left in the day": ({"earliest_start_minutes": 19 * 60}, {}),
    "two conflicts at once": (
        {
            "fixed": (FixedActivity(at(1, 8), at(1, 9), "training"),),
            "unavailable": ((at(1, 6), at(1, 12)),),
            "days_off": frozenset(DAYS[2:]),
        },
        {"week_days": (3, 5)},
    ),
    "a rule of the contract against days off": (
        {"days_off": frozenset(DAYS[2:])}, {"rules": (MostOfKind(0, 6 * 60, 22 * 60),)}
    ),
    "a rule of one's own": ({"rules": (MostOfKind(1, 6 * 60, 22 * 60),)}, {}),
    "a rule and what was worked before": (
        {"carried": (("nights_in_a_row", 1),), "rules": (NightsInARow(2, 6 * 60, 22 * 60),), "days_off": frozenset(DAYS[2:])}, {}
    ),
}


def impossible(name: str) -> RosterProblem:
    agent, contract = IMPOSSIBLE[name]
    return centre(replace(ANA, **agent), BEN, needs=NEEDS, contract=replace(CONTRACT, **contract))


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_every_fact_of_a_conflict_is_needed(name: str) -> None:
    """Of all facts only those of the conflict are kept: they contradict each other, and no longer do when any one is gone."""
    problem = impossible(name)
    conflicts = [conflict for conflict in explain(problem) if conflict.agent == "ana"]
    assert conflicts
    case = Case(problem.agents[0], problem.contracts[0])
    facts = facts_of(problem, case)
    for conflict in conflicts:
        others = [fact for fact in facts if fact.text not in conflict.facts]
        alone = without(case, others)
        assert can_hold(problem, [alone]) == [False]
        mine = [fact for fact in facts if fact.text in conflict.facts]
        assert all(can_hold(problem, [without(alone, [fact]) for fact in mine]))


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_ways_out_work_are_smallest_and_cheapest_first(name: str) -> None:
    problem = impossible(name)
    case = Case(problem.agents[0], problem.contracts[0])
    facts = {fact.text: fact for fact in facts_of(problem, case)}
    ways = explain(problem, clock=frozen_clock)[0].relaxations
    assert ways
    sizes = {len(way.facts) for way in ways}
    assert len(sizes) == 1
    assert all(can_hold(problem, [without(case, [facts[text] for text in way.facts]) for way in ways]))
    fewer = [without(case, some) for some in combinations(facts.values(), sizes.pop() - 1)]
    assert not any(can_hold(problem, fewer))
    prices = [way.objective for way in ways if way.objective is not None]
    assert len(prices) == len(ways)
    assert prices == sorted(prices)


def test_a_way_out_is_priced_as_the_solver_finds_it() -> None:
    """With Ben alone the price is that of the small problem solved with the fact given up."""
    problem = impossible("days off against hours")
    way = explain(problem, clock=frozen_clock)[0].relaxations[0]
    assert way.facts == ("day off Mon 02 Mar",)
    less = replace(problem.agents[0], days_off=frozenset(DAYS[1:6]))
    relaxed = replace(problem, agents=(less, problem.agents[1]))
    best = solve(relaxed, 5, clock=frozen_clock)
    assert way.objective is not None
    assert way.objective == pytest.approx(best.objective, rel=0.05)
    assert way.objective >= best.objective - 1e-6


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("a rule of the contract against days off", ("rule 'shifts of a kind' (most 0, from 06:00, until 22:00, per week)",)),
        ("a rule of one's own", ("rule 'shifts of a kind' (most 1, from 06:00, until 22:00, per week)",)),
        ("a rule and what was worked before", ("rule 'nights in a row' (most 2", "1 nights in a row carried over")),
    ],
)
def test_a_listed_rule_is_named_with_its_figures(name: str, texts: tuple[str, ...]) -> None:
    told = str(explain(impossible(name))[0])
    assert all(text in told for text in texts)


def test_people_with_the_same_conflict_are_told_together() -> None:
    agent, contract = IMPOSSIBLE["hours that no lengths add up to"]
    problem = centre(*(replace(ANA, id=f"a{n}", **agent) for n in range(5)), needs=NEEDS, contract=replace(CONTRACT, **contract))
    (conflict,) = explain(problem)
    assert conflict.agents == ("a0", "a1", "a2", "a3", "a4")
    assert "a0 and 4 others" in str(conflict)


def test_a_contract_that_fits_nowhere_has_no_facts_to_give_up() -> None:
    problem = centre(ANA, needs=NEEDS, contract=replace(CONTRACT, start_step_minutes=1440, earliest_start_minutes=60))
    (conflict,) = explain(problem)
    assert str(conflict).startswith("ana cannot work a legal week: ")


def test_pins_stay_to_the_minute() -> None:
    problem = centre(ANA, BEN, needs=NEEDS, contract=LOOSE)
    pins = (shift(1, 15, 30, break_after=105), shift(3, 6, agent="ben", break_after=90))
    roster = solve(problem, 2, pinned=pins)
    assert set(pins) <= set(roster.shifts)
    assert check(problem, roster).violations == ()


def test_pins_against_each_other_or_a_day_off_are_named() -> None:
    problem = centre(replace(ANA, days_off=frozenset({TUESDAY})), replace(BEN), needs=NEEDS, contract=LOOSE)
    pins = (shift(1, 8), shift(2, 17, agent="ben"), shift(3, 6, agent="ben"))
    with pytest.raises(Infeasible) as caught:
        solve(problem, 2, pinned=pins)
    told = "\n".join(caught.value.conflicts)
    assert "pinned shift from Tue 03 Mar 08:00 to 12:30; day off Tue 03 Mar" in told
    assert "pinned shift from Wed 04 Mar 17:00 to 21:30; pinned shift from Thu 05 Mar 06:00 to 10:30; 660 minutes of rest" in told


@pytest.mark.parametrize(
    ("pin", "text"),
    [
        (shift(1, 8, 10), "not on the 15-minute grid"),
        (shift(1, 8, minutes=300), "300 minutes long"),
        (shift(1, 8, break_after=None), "0 breaks, 1 due"),
        (shift(1, 8, agent="zoe"), "no such agent"),
    ],
)
def test_a_pin_that_is_no_shift_of_its_contract_is_named(pin: Any, text: str) -> None:
    problem = centre(ANA, needs=NEEDS, contract=LOOSE)
    with pytest.raises(Infeasible, match=text):
        solve(problem, 2, pinned=(pin,))
    assert text in str(explain(problem, pinned=(pin,))[0])
