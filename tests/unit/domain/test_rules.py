"""Every work rule with a roster that keeps it and one that breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from wfm.domain.roster import Break, Requirement, RosterProblem, Shift
from wfm.domain.rules import RULES, broken_wishes, on_duty, paid_minutes, tours, violations
from wfm.domain.staff import Agent, BreakRule, Contract, DayOffWish, FixedActivity, ShiftShape
from wfm.domain.timegrid import TimeGrid

MONDAY = date(2026, 3, 2)
GRID = TimeGrid("America/Chicago", MONDAY, 7, 15)
SHAPE = ShiftShape(240, (BreakRule(30, False, 90, 150),))
CONTRACT = Contract("part", (480, 1200), (2, 5), (SHAPE,), 6 * 60, 22 * 60, 30, 660, 3, 60, 20.0)
AGENT = Agent("ana", "part", {"calls": 1.0})


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return GRID.instant(MONDAY + timedelta(day), 60 * hour + minute)


def shift(day: int, hour: int, minute: int = 0, minutes: int = 270, break_after: int | None = 120, agent: str = "ana") -> Shift:
    start = at(day, hour, minute)
    away = None if break_after is None else start + timedelta(minutes=break_after)
    pauses = () if away is None else (Break(away, away + timedelta(minutes=30), False),)
    return Shift(agent, start, start + timedelta(minutes=minutes), pauses)


GOOD = (shift(0, 8), shift(1, 9), shift(3, 8))


def problem(agent: dict[str, Any] | None = None, contract: dict[str, Any] | None = None) -> RosterProblem:
    people = (replace(AGENT, **(agent or {})),)
    needs = (Requirement("calls", 1.0, (0.0,) * GRID.count),)
    return RosterProblem("p", GRID, 1.0, needs, (replace(CONTRACT, **(contract or {})),), people)


def test_a_good_tour_breaks_nothing() -> None:
    assert violations(problem(), GOOD) == ()


CASES: dict[str, list[tuple[dict[str, Any], dict[str, Any], tuple[Shift, ...], str]]] = {
    "horizon": [({}, {"latest_end_minutes": 2880}, (*GOOD, shift(6, 22)), "outside the horizon")],
    "grid": [({}, {"start_step_minutes": 5}, (*GOOD, shift(4, 8, 5)), "not on the 15-minute grid")],
    "start grid": [({}, {}, (*GOOD, shift(4, 8, 15)), "off the 30-minute start grid")],
    "start window": [
        ({}, {}, (*GOOD, shift(4, 5)), "starts at 05:00, before 06:00"),
        ({}, {}, (*GOOD, shift(4, 18)), "ends at 22:30, after 22:00"),
        ({"earliest_start_minutes": 8 * 60}, {}, (*GOOD, shift(4, 7)), "before 08:00"),
        ({"latest_end_minutes": 17 * 60}, {}, (*GOOD, shift(4, 13)), "after 17:00"),
    ],
    "shift length": [({}, {}, (*GOOD, shift(4, 8, minutes=285)), "285 minutes long; contract part allows 270")],
    "breaks": [
        ({}, {}, (shift(0, 8, break_after=None), *GOOD[1:]), "0 breaks, 1 due"),
        ({}, {}, (shift(0, 8, break_after=165), *GOOD[1:]), "165 minutes in; allowed 90 to 150"),
    ],
    "work stretch": [({}, {}, (shift(0, 8, break_after=30), *GOOD[1:]), "only 30 minutes of work, 60 due")],
    "one shift a day": [({}, {"min_rest_minutes": 0}, (*GOOD, shift(3, 14)), "two shifts on one day")],
    "day off": [({"days_off": frozenset({MONDAY})}, {}, GOOD, "works on a day off")],
    "availability": [({"unavailable": ((at(0, 12), at(0, 13)),)}, {}, GOOD, "not available from")],
    "rest": [
        ({}, {}, (shift(0, 17), shift(1, 6), shift(3, 8)), "510 minutes of rest, 660 due"),
        ({"last_shift_end": at(0, 0)}, {}, GOOD, "480 minutes of rest"),
    ],
    "paid time a week": [({}, {}, (shift(0, 8),), "240 paid minutes, 480 to 1200 due")],
    "days a week": [({}, {}, (shift(0, 8),), "1 days, 2 to 5 due")],
    "days in a row": [
        ({}, {}, tuple(shift(day, 8) for day in range(4)), "4 days in a row, 3 allowed"),
        ({"days_worked_before": 2}, {}, GOOD, "4 days in a row"),
    ],
    "fixed activity": [({"fixed": (FixedActivity(at(0, 14), at(0, 15), "training"),)}, {}, GOOD, "training lies outside any shift")],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_finds_what_breaks_it(rule: Any) -> None:
    for agent, contract, shifts, words in CASES[rule.name]:
        found = violations(problem(agent, contract), shifts, (rule,))
        assert [one.rule for one in found] == [rule.name]
        assert words in str(found[0])


def test_a_shift_of_somebody_unknown_is_said() -> None:
    (found,) = violations(problem(), (*GOOD, shift(4, 8, agent="nobody")))
    assert str(found).endswith("no such agent")


def test_a_shift_over_the_spring_change_keeps_its_elapsed_length() -> None:
    long = problem(contract={"earliest_start_minutes": 0, "latest_end_minutes": 2880, "week_days": (1, 5), "week_minutes": (0, 1200)})
    assert violations(long, (shift(6, 0),)) == ()
    assert (shift(6, 0).end - shift(6, 0).start) == timedelta(minutes=270)


def test_time_on_duty_leaves_out_breaks_and_fixed_activities() -> None:
    training = problem({"fixed": (FixedActivity(at(0, 8), at(0, 8, 30), "training"),)})
    tour = tours(training, (shift(0, 8),))["ana"]
    assert [(first - 32, last - 32) for first, last in on_duty(tour)] == [(2, 8), (10, 18)]


def test_paid_time_and_wishes_are_counted() -> None:
    wished = problem({"wishes": (DayOffWish(MONDAY, 8.0), DayOffWish(date(2026, 3, 4), 5.0))})
    tour = tours(wished, GOOD)["ana"]
    assert paid_minutes(tour) == 720
    assert broken_wishes(tour) == 8.0
