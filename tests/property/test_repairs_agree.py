"""Whatever rules are on, a repaired roster keeps them, and an impossible week is explained by facts of which every one is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.property.test_rules_agree import GRID, problems
from wfm.domain.roster import Roster, RosterProblem
from wfm.errors import Infeasible
from wfm.scheduler import Absence, Changes, Keep, Repair, check, explain, repair, solve, why_this_shift
from wfm.scheduler.facts import Case, can_hold, facts_of, without

MOST = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def solved(problem: RosterProblem) -> Roster:
    try:
        return solve(problem, 0.1, seed=1)
    except Infeasible:
        assume(False)
        raise


@given(problems(), st.data())
@MOST
def test_a_repaired_roster_keeps_every_rule_and_what_must_stay(problem: RosterProblem, data: Any) -> None:
    roster = solved(problem)
    agent = data.draw(st.sampled_from(problem.agents)).id
    start = GRID.begin + timedelta(hours=data.draw(st.integers(0, GRID.count - 30)))
    kept = frozenset(data.draw(st.sets(st.sampled_from(GRID.dates), max_size=3)))
    now = GRID.begin + timedelta(hours=data.draw(st.integers(-5, 100)))
    away = Absence(agent, start, start + timedelta(hours=data.draw(st.integers(2, 30))))
    found = repair(problem, roster, Changes(absences=(away,)), Keep(days=kept), now)
    agrees(found)
    for move in found.moves:
        if move.agent == agent:
            continue
        assert move.day not in kept
        assert all(shift is None or shift.start >= now for shift in (move.before, move.after))


def agrees(found: Repair) -> None:
    for option in found.frontier:
        judged = check(found.problem, found.roster_of(option))
        assert judged.violations == ()
        assert judged.objective == pytest.approx(option.objective, abs=1e-6, rel=1e-9)
        assert judged.under_hours == pytest.approx(option.short_hours, abs=1e-6)
    bound = found.roster.lower_bound
    assert bound is None or bound <= found.roster.objective + 1e-6


@given(problems(), st.data())
@MOST
def test_other_places_of_a_shift_cost_what_the_checker_says(problem: RosterProblem, data: Any) -> None:
    roster = solved(problem)
    agent, day = data.draw(st.sampled_from(problem.agents)).id, data.draw(st.sampled_from(GRID.dates))
    why = why_this_shift(problem, roster, agent, day)
    before = check(problem, roster)
    assume(before.secondary_cost == 0.0)
    for other in why.alternatives:
        shifts = [shift for shift in roster.shifts if shift != why.shift] + ([] if other.shift is None else [other.shift])
        judged = check(problem, Roster(problem.id, tuple(shifts), 0.0, None, roster.status, "by hand", 0, 0.0))
        assert set(judged.violations) == set(other.violations)
        if judged.secondary_cost == 0.0:
            assert judged.objective - before.objective == pytest.approx(other.objective_change, abs=1e-6)


@given(problems())
@MOST
def test_every_fact_of_a_conflict_is_needed_whatever_rules_are_on(problem: RosterProblem) -> None:
    for conflict in explain(problem):
        case = Case(problem.agent_of[conflict.agent], problem.contracts[0])
        facts = facts_of(problem, case)
        alone = without(case, [fact for fact in facts if fact.text not in conflict.facts])
        assert can_hold(problem, [alone]) == [False]
        assert all(can_hold(problem, [without(alone, [fact]) for fact in facts if fact.text in conflict.facts]))
        for way in conflict.relaxations:
            assert can_hold(problem, [without(case, [fact for fact in facts if fact.text in way.facts])]) == [True]
