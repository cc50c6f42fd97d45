"""Weeks at the edge of what makes sense are answered, and by the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.unit.domain.test_rules import MONDAY, at
from tests.unit.scheduler.test_search_and_bound import frozen_clock, judged, small
from wfm.domain.roster import RosterProblem
from wfm.domain.rules import rule_from, violations
from wfm.domain.timegrid import zone
from wfm.errors import Infeasible
from wfm.scheduler import check, explain, solve

LATE_THEN_EARLY = {
    "kind": "forbidden_succession",
    "after_from": "14:00",
    "after_until": "24:00",
    "then_from": "05:00",
    "then_until": "12:00",
}


def starts(of: RosterProblem) -> dict[str, list[int]]:
    """Minutes of the local clock at which everybody's shifts of the first day start, once all the work of a second is done."""
    found: dict[str, list[int]] = {agent.id: [] for agent in of.agents}
    for shift in solve(of, 1.0, clock=frozen_clock).shifts:
        local = shift.start.astimezone(zone(of.grid.zone_name))
        if local.date() == of.grid.first_day:
            found[shift.agent].append(local.hour * 60 + local.minute)
    return found


def test_one_person_is_scheduled_and_the_bound_holds() -> None:
    alone = small(1, agents=1)
    roster = solve(alone, 1)
    assert violations(alone, roster.shifts) == ()
    assert roster.lower_bound is not None
    assert roster.lower_bound <= roster.objective == pytest.approx(judged(alone, roster.shifts))


def test_a_window_of_no_length_is_explained() -> None:
    base = small(2)
    shut = replace(base.agents[0], earliest_start_minutes=600, latest_end_minutes=600)
    contract = replace(base.contracts[0], week_days=(1, 5))
    impossible = replace(base, agents=(shut, *base.agents[1:]), contracts=(contract, *base.contracts[1:]))
    with pytest.raises(Infeasible):
        solve(impossible, 1)
    assert shut.id in {conflict.agent for conflict in explain(impossible)}


def test_shifts_over_midnight_keep_every_rule_on_the_night_of_a_clock_change() -> None:
    base = small(3)
    night = np.zeros(base.grid.count)
    night[np.arange(base.grid.count) % 96 >= 84] = night[np.arange(base.grid.count) % 96 < 24] = 0.8
    nights = replace(
        base,
        contracts=tuple(replace(one, earliest_start_minutes=1200, latest_end_minutes=2160) for one in base.contracts),
        requirements=tuple(replace(need, required=tuple(night.tolist())) for need in base.requirements),
    )
    roster = solve(nights, 1, clock=frozen_clock)
    assert roster.shifts
    assert check(nights, roster).violations == ()
    here = zone(nights.grid.zone_name)
    assert any(shift.start.astimezone(here).date() != shift.end.astimezone(here).date() for shift in roster.shifts)


def test_the_shift_before_the_horizon_forbids_an_early_one_on_its_first_day() -> None:
    base = small(4, agents=1)
    early = np.zeros(base.grid.count)
    early[28:48] = 1.0
    contract = replace(base.contracts[0], rules=(rule_from(LATE_THEN_EARLY),))
    needs = tuple(replace(need, required=tuple(early.tolist())) for need in base.requirements)
    of = replace(base, contracts=(contract, *base.contracts[1:]), requirements=needs)
    assert min(starts(of)["a0"]) < 720
    late = replace(of, agents=(replace(of.agents[0], last_shift_start=at(0, 15) - timedelta(1)),))
    assert not [start for start in starts(late)["a0"] if start < 720]
    long_ago = replace(of, agents=(replace(of.agents[0], last_shift_start=at(0, 15) - timedelta(2)),))
    assert min(starts(long_ago)["a0"]) < 720
    assert of.grid.first_day == MONDAY
