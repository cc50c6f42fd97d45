"""Why somebody works when they do: what the shift covers, what binds it, what moving it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.domain.test_rules import MONDAY, at, shift
from tests.unit.scheduler.test_repairing import ANA, BEN, LOOSE, TUESDAY, centre, heads, roster
from wfm.domain.roster import Requirement
from wfm.errors import InvalidInput
from wfm.scheduler import OtherPlace, check, why_this_shift


def test_a_shift_tells_which_queues_it_covers_and_when() -> None:
    both = {"calls": 1.0, "chat": 1.0}
    of = centre(replace(ANA, queues=both), needs=heads((1, 8, 10, 1.0)))
    of = replace(of, requirements=(*of.requirements, Requirement("chat", 5.0, heads((1, 10, 12, 0.5)))))
    found = why_this_shift(of, roster(of, shift(1, 8, break_after=120)), "ana", TUESDAY)
    told = [(one.queue, one.start, one.end, one.hours) for one in found.covers]
    assert told == [("calls", at(1, 8), at(1, 10), 2.0), ("chat", at(1, 10, 30), at(1, 12), 0.75)]


def test_a_shift_that_two_of_a_kind_share_is_shared_in_halves() -> None:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0)))
    found = why_this_shift(of, roster(of, shift(1, 8), shift(1, 8, agent="ben")), "ana", TUESDAY)
    assert sum(one.hours for one in found.covers) == pytest.approx(1.75)


def test_every_other_place_is_judged_and_priced() -> None:
    """An early start is against the contract, a late one leaves half an hour uncovered, and the day off leaves all of it."""
    of = centre(ANA, needs=heads((1, 6, 10, 1.0)), contract=replace(LOOSE, week_days=(1, 3)))
    plan = roster(of, shift(1, 6))
    found = why_this_shift(of, plan, "ana", TUESDAY)
    places = {(one.place, one.day): one for one in found.alternatives}
    assert {one.rule for one in places[OtherPlace.EARLIER, TUESDAY].violations} == {"start window"}
    later, off = places[OtherPlace.LATER, TUESDAY], places[OtherPlace.OFF, TUESDAY]
    assert later.violations == ()
    assert {one.rule for one in off.violations} == {"days a week"}
    assert off.short_hours_change == pytest.approx({"calls": 3.5})
    assert found.binding == ("start window", "days a week")
    before = check(of, plan).objective
    for other in found.alternatives:
        after = roster(of, *([other.shift] if other.shift else []))
        assert check(of, after).objective - before == pytest.approx(other.objective_change)


def test_a_day_off_tells_the_best_shift_of_that_day() -> None:
    of = centre(ANA, needs=heads((1, 9, 13, 1.0)))
    found = why_this_shift(of, roster(of, shift(0, 8)), "ana", TUESDAY)
    assert found.shift is None
    (other,) = found.alternatives
    assert other.place is OtherPlace.WORKING
    assert other.objective_change < 0
    assert other.violations == ()
    bound = centre(replace(ANA, days_off=frozenset({TUESDAY})), needs=heads((1, 9, 13, 1.0)))
    assert why_this_shift(bound, roster(bound), "ana", TUESDAY).binding == ("day off",)


def test_a_stranger_or_another_week_is_refused() -> None:
    of = centre(ANA, needs=heads())
    with pytest.raises(InvalidInput, match="zoe"):
        why_this_shift(of, roster(of), "zoe", TUESDAY)
    with pytest.raises(InvalidInput, match="2026-03-02 to 2026-03-08"):
        why_this_shift(of, roster(of), "ana", MONDAY + timedelta(9))
