"""A repair touches as few people as can be, moves nothing that stays, and keeps every rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.unit.domain.test_rules import CONTRACT, GRID, MONDAY, at, shift
from tests.unit.scheduler.test_search_and_bound import frozen_clock
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import Agent
from wfm.errors import Infeasible, InvalidInput
from wfm.scheduler import (
    Absence,
    Availability,
    ChangeKind,
    Changes,
    Keep,
    NewRequirement,
    Repair,
    Swap,
    check,
)
from wfm.scheduler import repair as repair_in_time

TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(day) for day in (1, 2, 3))
LOOSE = replace(CONTRACT, week_minutes=(0, 720), week_days=(0, 3), cost_per_hour=1.0)
CALLS = {"calls": 1.0}
repair = partial(repair_in_time, clock=frozen_clock)
ANA, BEN, EVE, DAN = (Agent(name, "part", CALLS) for name in ("ana", "ben", "eve", "dan"))


def heads(*spans: tuple[int, int, int, float]) -> tuple[float, ...]:
    """Heads required: day, from hour, to hour, how many."""
    needed = np.zeros(GRID.count)
    for day, first, last, count in spans:
        needed[day * 96 + first * 4 : day * 96 + last * 4] += count
    return tuple(needed.tolist())


def centre(*agents: Agent, needs: tuple[float, ...], contract: Any = LOOSE) -> RosterProblem:
    return RosterProblem("p", GRID, 1.0, (Requirement("calls", 10.0, needs),), (contract,), agents)


def roster(of: RosterProblem, *shifts: Shift) -> Roster:
    return Roster(of.id, shifts, 0.0, None, RosterStatus.FEASIBLE, "by hand", 0, 0.0)


def away(day: int, agent: str = "ana") -> Changes:
    return Changes(absences=(Absence(agent, at(day, 0), at(day + 1, 0)),))


def judged(found: Repair) -> None:
    """The roster keeps every rule of the changed problem, and costs what the repair says."""
    answer = check(found.problem, found.roster)
    assert answer.violations == ()
    assert answer.objective == pytest.approx(found.roster.objective)
    assert answer.under_hours == pytest.approx(found.chosen.short_hours)


def test_the_one_colleague_who_is_free_steps_in() -> None:
    """Ana alone works Tuesday; Ben has hours left, Eve has none."""
    worked = (shift(1, 8), *(shift(day, 8, agent="eve") for day in (0, 2, 4)))
    needs = heads((1, 8, 12, 1.0), *((day, 8, 12, 1.0) for day in (0, 2, 4)))
    of = centre(ANA, BEN, EVE, needs=needs)
    found = repair(of, roster(of, *worked), away(1))
    assert found.touched == ("ben",)
    assert [(move.agent, move.kind) for move in found.moves] == [("ana", ChangeKind.ABSENT), ("ben", ChangeKind.ADDED)]
    assert found.short_hours_before == pytest.approx(found.chosen.short_hours)
    judged(found)


def test_nobody_is_touched_where_nobody_is_missed() -> None:
    of = centre(ANA, BEN, needs=heads((2, 8, 12, 1.0)))
    found = repair(of, roster(of, shift(1, 8), shift(2, 8, agent="ben")), away(1))
    assert found.touched == ()
    assert [option.people for option in found.frontier] == [0]
    judged(found)


def test_two_absences_bring_two_people_one_by_one() -> None:
    """Two heads are missing for four hours each: the frontier shows what one and what two people recover."""
    of = centre(ANA, BEN, EVE, DAN, needs=heads((1, 8, 12, 2.0)))
    both = Changes(absences=tuple(Absence(name, at(1, 0), at(2, 0)) for name in ("ana", "ben")))
    found = repair(of, roster(of, shift(1, 8), shift(1, 8, agent="ben")), both)
    assert found.touched == ("dan", "eve")
    assert [option.people for option in found.frontier] == [0, 1, 2]
    assert [option.short_hours for option in found.frontier] == pytest.approx([8.0, 4.5, 1.0])
    judged(found)


def test_a_higher_price_leaves_people_alone() -> None:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0)))
    found = repair(of, roster(of, shift(1, 8)), away(1), price_per_person=1000.0)
    assert found.touched == ()
    assert found.frontier[1].touched == ("ben",)
    assert found.roster_of(found.frontier[1]).shifts[0].agent == "ben"


@pytest.mark.parametrize(
    "keep", [Keep(days=frozenset({TUESDAY})), Keep(people=frozenset({"ben"})), Keep(shifts=frozenset({("ben", TUESDAY)}))]
)
def test_what_must_not_move_stays(keep: Keep) -> None:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0)))
    found = repair(of, roster(of, shift(1, 8), shift(3, 9, agent="ben")), away(1), keep)
    assert found.touched == ()
    assert [s for s in found.roster.shifts if s.agent == "ben"] == [shift(3, 9, agent="ben")]


def test_time_that_is_over_is_left_alone() -> None:
    """At ten on Tuesday nobody can begin at eight any more; the best start left is ten."""
    of = centre(ANA, BEN, needs=heads((1, 8, 14, 1.0)))
    found = repair(of, roster(of, shift(1, 8)), away(1), now=at(1, 10))
    assert min(s.start for s in found.roster.shifts) >= at(1, 10)
    assert found.touched == ("ben",)
    gone = repair(of, roster(of, shift(1, 8)), away(1), now=at(2, 10))
    assert gone.touched == ()


def test_somebody_at_work_stays_longer_where_nobody_else_can_come() -> None:
    """Ana goes home at noon; Ben, who began at eight, can stay until two with the breaks that he has had."""
    longer = replace(LOOSE, shifts=(*LOOSE.shifts, replace(LOOSE.shifts[0], paid_minutes=360)))
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 2.0), (1, 12, 14, 1.0)), contract=longer)
    plan = roster(of, shift(1, 10), shift(1, 8, agent="ben"))
    found = repair(of, plan, Changes(absences=(Absence("ana", at(1, 12), at(2, 0)),)), now=at(1, 12))
    (move,) = [move for move in found.moves if move.agent == "ben"]
    assert move.kind is ChangeKind.LONGER
    assert move.after is not None
    assert (move.after.start, move.after.end, move.after.breaks) == (at(1, 8), at(1, 14, 30), plan.shifts[1].breaks)
    judged(found)


def test_an_absence_for_a_part_of_a_shift_leaves_the_rest() -> None:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0)))
    worked = roster(of, shift(1, 8))
    found = repair(of, worked, Changes(absences=(Absence("ana", at(1, 11), at(1, 18)),)), most_people=0)
    assert found.roster.shifts == worked.shifts
    assert [move.kind for move in found.moves] == [ChangeKind.ABSENT]
    assert found.chosen.short_hours == pytest.approx(0.5 + 1.0)
    judged(found)


def test_hours_of_an_absence_are_credited() -> None:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0)), contract=replace(LOOSE, week_minutes=(480, 720), week_days=(2, 3)))
    plan = roster(of, shift(1, 8), shift(3, 8), shift(0, 8, agent="ben"), shift(4, 8, agent="ben"))
    found = repair(of, plan, away(1), most_people=0)
    assert [s.start for s in found.roster.shifts if s.agent == "ana"] == [at(3, 8)]
    judged(found)


def test_new_requirements_are_met_by_moving_a_shift_of_that_day() -> None:
    of = centre(ANA, needs=heads((1, 8, 12, 1.0)))
    evening = NewRequirement("calls", 96, heads((0, 16, 20, 1.0))[:96])
    found = repair(of, roster(of, shift(1, 8)), Changes(requirements=(evening,)))
    assert [(move.kind, move.day) for move in found.moves] == [(ChangeKind.MOVED, TUESDAY)]
    judged(found)


def test_a_swap_is_done_or_refused_with_the_rule() -> None:
    of = centre(ANA, replace(BEN, days_off=frozenset({THURSDAY})), needs=heads((1, 8, 12, 1.0)))
    plan = roster(of, shift(1, 8), shift(3, 8), shift(2, 8, agent="ben"))
    found = repair(of, plan, Changes(swaps=(Swap("ana", TUESDAY, "ben", WEDNESDAY),)))
    assert {(s.agent, s.start) for s in found.roster.shifts} == {("ben", at(1, 8)), ("ana", at(2, 8)), ("ana", at(3, 8))}
    judged(found)
    with pytest.raises(Infeasible, match="day off"):
        repair(of, plan, Changes(swaps=(Swap("ana", THURSDAY, "ben", WEDNESDAY),)))


def test_somebody_who_can_no_longer_come_early_comes_later() -> None:
    of = centre(ANA, needs=heads((1, 8, 12, 1.0)))
    later = Changes(availability=(Availability("ana", earliest_start_minutes=9 * 60),))
    found = repair(of, roster(of, shift(1, 8)), later)
    assert [s.start for s in found.roster.shifts] == [at(1, 9)]
    assert found.touched == ()
    judged(found)


def test_changes_that_do_not_fit_are_all_named() -> None:
    of = centre(ANA, needs=heads())
    wrong = Changes(absences=(Absence("zoe", at(1, 0), at(0, 0)),), requirements=(NewRequirement("chat", 0, (-1.0,)),))
    with pytest.raises(InvalidInput) as caught:
        repair(of, roster(of), wrong)
    for word in ("zoe", "chat", "-1.0", "must end after it starts"):
        assert word in str(caught.value)
