"""Movable work takes time that the queues can spare, before it is due, and says what does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.domain.test_rules import AGENT, GRID, at, problem, shift
from wfm.domain.movable import MovableWindow
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus
from wfm.domain.staff import FixedActivity
from wfm.errors import InvalidInput
from wfm.scheduler import MovablePlaced, check, place_movable

SHIFTS = (shift(0, 8), shift(0, 8, agent="ben"))


def clinic() -> RosterProblem:
    """Two heads needed until 11:00 on Monday, one after it."""
    heads = np.zeros(GRID.count)
    heads[32:44], heads[44:60] = 2.0, 1.0
    base = problem(contract={"week_days": (0, 5), "week_minutes": (0, 1200)})
    return replace(base, requirements=(Requirement("calls", 40.0, tuple(heads)),), agents=(AGENT, replace(AGENT, id="ben")))


def roster(of: RosterProblem) -> Roster:
    return Roster(of.id, SHIFTS, 0.0, None, RosterStatus.FEASIBLE, "", 0, 0.0)


def reminders(hours: float, due_hour: int = 17, queue: str = "calls") -> MovableWindow:
    return MovableWindow(queue, "reminders", at(0, 8), at(0, due_hour), hours)


def cost(of: RosterProblem, placed: tuple[MovablePlaced, ...] = ()) -> float:
    def spans(name: str) -> tuple[FixedActivity, ...]:
        return tuple(FixedActivity(one.start, one.end, one.window.name) for one in placed if one.agent == name)

    fixed = replace(of, agents=tuple(replace(agent, fixed=spans(agent.id)) for agent in of.agents))
    return check(fixed, roster(of)).objective


def test_it_fills_the_trough_and_makes_the_roster_cheaper() -> None:
    of = clinic()
    placed, left = place_movable(of, roster(of), [reminders(1.5)])
    assert left == ()
    assert sum(one.hours for one in placed) == pytest.approx(1.5)
    assert min(one.start for one in placed) >= at(0, 11)
    assert len(placed) == 1
    assert cost(of, placed) - cost(of) == pytest.approx(sum(one.cost for one in placed))
    assert cost(of, placed) < cost(of)


def test_what_does_not_fit_before_it_is_due_is_told() -> None:
    of = clinic()
    placed, (left,) = place_movable(of, roster(of), [reminders(3.0, 12)])
    assert sum(one.hours for one in placed) + left.hours == pytest.approx(3.0)
    assert all(at(0, 11) <= one.start and one.end <= at(0, 12) for one in placed)
    assert left.hours == pytest.approx(2.0)


def test_needed_time_is_taken_only_up_to_its_price() -> None:
    of = clinic()
    assert place_movable(of, roster(of), [reminders(3.0)], most_cost_per_hour=30.0)[1] != ()
    placed, left = place_movable(of, roster(of), [reminders(3.0)], most_cost_per_hour=40.0)
    assert left == ()
    assert cost(of, placed) - cost(of) == pytest.approx(sum(one.cost for one in placed))


def test_what_is_due_first_comes_first() -> None:
    of = clinic()
    late, early = reminders(1.0), replace(reminders(1.0, 12), name="urgent")
    placed, _ = place_movable(of, roster(of), [late, early])
    assert [one.window.name for one in placed if one.start < at(0, 12)] == ["urgent"]


def test_a_queue_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInput, match="queue must be one of calls"):
        place_movable(clinic(), roster(clinic()), [reminders(1.0, queue="mails")])
