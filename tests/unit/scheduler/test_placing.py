"""Activities are placed inside shifts where they hurt least, at the price that the checker finds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.unit.domain.test_rules import AGENT, GRID, at, problem, shift
from wfm.domain.activities import Activity, with_activities
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus
from wfm.errors import InvalidInput
from wfm.scheduler import check
from wfm.scheduler.placing import place_activities

SHIFTS = (shift(0, 8), shift(0, 9, agent="ben"), shift(1, 8))


def clinic() -> RosterProblem:
    """Two heads needed until 11:00 on Monday, one after it."""
    heads = np.zeros(GRID.count)
    heads[32:44], heads[44:60] = 2.0, 1.0
    base = problem(contract={"week_days": (0, 5), "week_minutes": (0, 1200)})
    return replace(base, requirements=(Requirement("calls", 40.0, tuple(heads)),), agents=(AGENT, replace(AGENT, id="ben")))


def session(*people: str, minutes: int = 30, name: str = "coaching") -> Activity:
    return Activity(name, name, people, minutes, at(0, 0), at(1, 0))


def cost(of: RosterProblem) -> float:
    judged = check(of, Roster(of.id, SHIFTS, 0.0, None, RosterStatus.FEASIBLE, "", 0, 0.0))
    assert judged.violations == ()
    return judged.objective


def test_a_one_to_one_goes_where_it_costs_least_and_costs_what_the_checker_says() -> None:
    of = clinic()
    (placed,), unplaced = place_activities(of, SHIFTS, [session("ana")])
    assert unplaced == ()
    assert placed.start >= at(0, 11)
    assert placed.cost == pytest.approx(cost(with_activities(of, [placed])) - cost(of))


def test_several_activities_never_overlap_and_all_lie_on_queue() -> None:
    of = clinic()
    wanted = [session("ana", "ben"), session("ana", minutes=60, name="training"), session("ben", minutes=45, name="review")]
    placed, unplaced = place_activities(of, SHIFTS, wanted)
    assert (len(placed), unplaced) == (3, ())
    mine = sorted((one.start, one.end) for one in placed if "ana" in one.activity.people)
    assert all(before[1] <= after[0] for before, after in pairwise(mine))
    assert cost(with_activities(of, placed)) >= cost(of)


def test_what_cannot_be_placed_says_why() -> None:
    of = clinic()
    wanted = [session("ana", minutes=240), session("ana", "ben", minutes=120, name="long")]
    placed, unplaced = place_activities(of, SHIFTS, wanted)
    assert placed == ()
    assert "ana has no 240 minutes" in unplaced[0].reason
    assert "never on queue together" in unplaced[1].reason


def test_bad_activities_are_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="is not in the problem"):
        place_activities(clinic(), SHIFTS, [session("nobody")])
    with pytest.raises(InvalidInput, match="multiple of 15"):
        place_activities(clinic(), SHIFTS, [session("ana", minutes=20)])
    with pytest.raises(InvalidInput, match="at least one person"):
        session()
