"""Whoever can fill a gap is found, priced and ranked; whoever cannot is told why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.domain.test_rules import MONDAY, at, shift
from tests.unit.scheduler.test_repairing import ANA, BEN, DAN, EVE, LOOSE, TUESDAY, centre, heads, roster
from wfm.domain.roster import Requirement
from wfm.domain.staff import Agent
from wfm.errors import InvalidInput
from wfm.scheduler import FillKind, Gap, Keep, Swap, check, check_swap, who_can_fill

MORNING = Gap("calls", at(1, 8), at(1, 12))


def test_everybody_is_a_candidate_or_told_why_not() -> None:
    """Ben is free, Eve gives up Saturday, Dan would work overtime; Ana works already, Zoe is off and Mo has no skill."""
    zoe = Agent("zoe", "part", {"calls": 1.0}, days_off=frozenset({TUESDAY}))
    mo = Agent("mo", "part", {"chat": 1.0})
    full = (*(shift(day, 8, agent="dan") for day in (0, 2, 4)),)
    of = centre(ANA, BEN, EVE, DAN, zoe, mo, needs=heads((1, 8, 12, 2.0), (0, 8, 12, 1.0), (2, 8, 12, 2.0), (4, 8, 12, 2.0)))
    of = replace(of, requirements=(*of.requirements, Requirement("chat", 1.0, heads())))
    plan = roster(of, shift(1, 8, break_after=None), *full, *(shift(day, 8, agent="eve") for day in (2, 4, 5)))
    found = who_can_fill(of, plan, MORNING)
    assert [(one.agent, one.kind) for one in found.candidates] == [
        ("eve", FillKind.OTHER_DAY),
        ("ben", FillKind.EXTRA),
        ("dan", FillKind.OTHER_DAY),
        ("dan", FillKind.OVERTIME),
        ("eve", FillKind.OVERTIME),
    ]
    assert {one.agent: one.rule for one in found.others} == {"ana": "on duty", "zoe": "day off", "mo": "skill"}
    assert found.short_hours == pytest.approx(4.0)


def test_what_a_candidate_costs_is_what_the_checker_says() -> None:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0), (1, 12, 14, 1.0)))
    plan = roster(of, shift(1, 9, agent="ana"))
    found = who_can_fill(of, plan, MORNING)
    before = check(of, plan).objective
    for one in found.candidates:
        shifts = [s for s in plan.shifts if s.agent != one.agent] + [move.after for move in one.moves if move.after is not None]
        judged = check(of, replace(plan, shifts=tuple(shifts)))
        assert judged.violations == ()
        assert judged.objective - before == pytest.approx(one.objective_change)


def test_overtime_is_told_in_minutes_beyond_the_contract() -> None:
    of = centre(BEN, needs=heads(*((day, 8, 12, 1.0) for day in range(4))), contract=replace(LOOSE, max_consecutive_days=6))
    plan = roster(of, *(shift(day, 8, agent="ben") for day in range(3)))
    found = who_can_fill(of, plan, Gap("calls", at(3, 8), at(3, 12)))
    over = [one for one in found.candidates if one.kind is FillKind.OVERTIME]
    assert [one.overtime_minutes for one in over] == [240]


def test_a_longer_shift_fills_the_hour_after_it() -> None:
    longer = replace(LOOSE, shifts=(*LOOSE.shifts, replace(LOOSE.shifts[0], paid_minutes=360)), week_minutes=(0, 720))
    of = centre(BEN, needs=heads((1, 8, 14, 1.0)), contract=longer)
    found = who_can_fill(of, roster(of, shift(1, 8, agent="ben")), Gap("calls", at(1, 13), at(1, 14)))
    (ben,) = found.candidates
    assert ben.kind is FillKind.LONGER
    assert ben.hours == pytest.approx(1.0)


def test_a_shift_that_has_begun_may_only_grow() -> None:
    longer = replace(LOOSE, shifts=(*LOOSE.shifts, replace(LOOSE.shifts[0], paid_minutes=360)), week_minutes=(0, 720))
    of = centre(BEN, EVE, needs=heads((1, 8, 16, 1.0)), contract=longer)
    plan = roster(of, shift(1, 8, agent="ben"))
    found = who_can_fill(of, plan, Gap("calls", at(1, 13), at(1, 16)), now=at(1, 11))
    starts = {one.agent: one.moves[0].after.start for one in found.candidates if one.moves[0].after is not None}
    assert starts["ben"] == at(1, 8)
    assert starts["eve"] >= at(1, 11)
    pauses = next(one.moves[0].after for one in found.candidates if one.agent == "ben")
    assert pauses is not None
    assert pauses.breaks == plan.shifts[0].breaks


def test_days_that_must_stay_are_not_offered() -> None:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0)))
    found = who_can_fill(of, roster(of, shift(0, 8)), MORNING, Keep(days=frozenset({TUESDAY})))
    assert found.candidates == ()
    assert {one.rule for one in found.others} == {"keep"}


@pytest.mark.parametrize("gap", [Gap("chat", at(1, 8), at(1, 12)), Gap("calls", at(1, 12), at(1, 8)), Gap("calls", at(6, 8), at(7, 8))])
def test_a_gap_that_does_not_exist_is_refused(gap: Gap) -> None:
    of = centre(ANA, needs=heads())
    with pytest.raises(InvalidInput):
        who_can_fill(of, roster(of), gap)


def test_a_swap_is_judged_without_being_done() -> None:
    of = centre(ANA, replace(BEN, days_off=frozenset({MONDAY})), needs=heads((0, 8, 12, 1.0), (2, 8, 12, 1.0)))
    plan = roster(of, shift(0, 8), shift(1, 8), shift(2, 8, agent="ben"))
    good = check_swap(of, plan, Swap("ana", TUESDAY, "ben", MONDAY + timedelta(2)))
    assert good.allowed
    assert good.objective_change == pytest.approx(0.0)
    assert [move.words(of.grid.zone_name) for move in good.moves] == [
        "ana Tue 03 Mar: has the day off instead of 08:00 to 12:30",
        "ana Wed 04 Mar: works 08:00 to 12:30",
        "ben Tue 03 Mar: works 08:00 to 12:30",
        "ben Wed 04 Mar: has the day off instead of 08:00 to 12:30",
    ]
    bad = check_swap(of, plan, Swap("ana", MONDAY, "ben", TUESDAY))
    assert {one.rule for one in bad.violations} == {"day off"}
    with pytest.raises(InvalidInput, match="no shift to swap"):
        check_swap(of, plan, Swap("ana", MONDAY + timedelta(5), "ben", MONDAY + timedelta(5)))
