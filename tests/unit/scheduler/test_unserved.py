"""Demand that stays unserved is explained: who qualifies, where they are, and what serving it would cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.domain.test_rules import at, shift
from tests.unit.scheduler.test_repairing import ANA, BEN, DAN, EVE, LOOSE, TUESDAY, centre, heads, roster
from wfm.domain.roster import RosterProblem
from wfm.domain.staff import FixedActivity
from wfm.scheduler import check, shortfalls, unmeetable

LEAVE = ((at(0, 0), at(3, 0)),)


def short_of_speakers() -> RosterProblem:
    """Three qualify, two of them are on leave, two are needed."""
    people = (ANA, replace(BEN, unavailable=LEAVE), replace(EVE, unavailable=LEAVE))
    return centre(*people, needs=heads((1, 18, 20, 2.0)))


def test_what_nobody_can_serve_is_told_in_a_sentence() -> None:
    (found,) = unmeetable(short_of_speakers())
    assert found.words("America/Chicago") == (
        "Tuesday 03 Mar 18:00 to 20:00 needs 2 on calls, 2.0 hours stay unserved; "
        "3 qualify: 1 can be there but does not suffice, 2 are on leave"
    )
    assert [way.text for way in found.ways] == ["ben comes although on leave", "eve comes although on leave"]
    assert [way.objective_change for way in found.ways] == pytest.approx([-20.0, -20.0])


def test_people_shared_between_queues_are_counted_once() -> None:
    both = centre(replace(ANA, queues={"calls": 1.0, "chat": 1.0}), needs=heads((1, 9, 10, 1.0)))
    asked = replace(both, requirements=(*both.requirements, replace(both.requirements[0], queue="chat", under_cost=4.0)))
    (found,) = unmeetable(asked)
    assert (found.queue, found.short_hours, found.cost) == ("chat", pytest.approx(1.0), pytest.approx(4.0))


def test_demand_that_can_be_met_is_not_told() -> None:
    assert unmeetable(centre(ANA, BEN, needs=heads((1, 9, 11, 2.0)))) == ()
    assert unmeetable(centre(needs=heads((1, 9, 10, 1.0))))[0].whereabouts == ()


def test_a_gap_of_a_roster_tells_where_everybody_is() -> None:
    """Ana is on duty, Ben has worked his hours, Dan is off, Eve is in training over half of it."""
    people = (
        ANA,
        BEN,
        replace(DAN, days_off=frozenset({TUESDAY})),
        replace(EVE, fixed=(FixedActivity(at(1, 8), at(1, 10), "training"),)),
    )
    of = centre(*people, needs=heads((1, 8, 10, 3.0)), contract=replace(LOOSE, week_minutes=(0, 480), week_days=(0, 6)))
    plan = roster(of, shift(1, 8), shift(1, 8, agent="eve"), *(shift(day, 8, agent="ben") for day in (0, 3)))
    (found,) = shortfalls(of, plan)
    assert found.words("America/Chicago").endswith(
        "3 on calls, 4.0 hours stay unserved; 4 qualify: 1 is at work already, 1 is in training, 1 is off that day, 1 could be moved"
    )
    assert found.short_hours == pytest.approx(check(of, plan).under_hours)
    best = found.ways[0]
    assert best.text == "ben Mon 02 Mar: has the day off instead of 08:00 to 12:30, ben Tue 03 Mar: works 06:00 to 10:30"
    assert best.objective_change == pytest.approx(-2.0 * 10.0 - 2.0)
    assert any(way.text.startswith("240 minutes of overtime, ben Tue 03 Mar: works 06:00") for way in found.ways)
    assert any(way.text.startswith("dan in spite of: works on a day off") for way in found.ways)


def test_the_dearest_gaps_come_first_and_no_more_than_asked() -> None:
    of = centre(ANA, needs=heads((0, 8, 9, 1.0), (1, 8, 12, 1.0), (2, 8, 10, 1.0)))
    found = shortfalls(of, roster(of), most=2)
    assert [one.start for one in found] == [at(1, 8), at(2, 8)]
