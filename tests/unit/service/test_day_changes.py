"""The smallest change of today's shifts, on days small enough to see the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from wfm.domain.roster import Break, Requirement, RosterProblem, Shift
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.service.day_changes import Board, go_home, smallest_change

WEEK = TimeGrid("UTC", date(2026, 6, 8), 7, 15)
DAY = TimeGrid("UTC", date(2026, 6, 8), 1, 15)
CONTRACT = Contract("full", (0, 3_000), (0, 7), (ShiftShape(480),))


def board(required: dict[tuple[float, float], float], *shifts: Shift, soonest: float = 10.0, rules: tuple[object, ...] = ()) -> Board:
    """A Monday with one queue that needs so many heads between two hours."""
    heads = np.zeros(DAY.count)
    for (begin, end), count in required.items():
        heads[int(begin * 4) : int(end * 4)] = count
    agents = tuple(Agent(name, "full", {"calls": 1.0}, rules=rules) for name in sorted({one.agent for one in shifts}))  # type: ignore[arg-type]
    day = RosterProblem("p", DAY, 2.0, (Requirement("calls", 60.0, tuple(heads.tolist())),), (CONTRACT,), agents)
    names = {agent.id: agent.id.title() for agent in agents}
    return Board(replace(day, grid=WEEK, requirements=()), day, shifts, DAY.begin + timedelta(hours=soonest), names)


def shift(agent: str, begin: float = 8.0, end: float = 16.0, *pauses: float) -> Shift:
    spans = tuple(Break(DAY.begin + timedelta(hours=at), DAY.begin + timedelta(hours=at + 0.5)) for at in pauses)
    return Shift(agent, DAY.begin + timedelta(hours=begin), DAY.begin + timedelta(hours=end), spans)


def test_somebody_is_asked_to_stay_while_people_are_short() -> None:
    (offer,) = smallest_change(board({(8, 17): 1.0}, shift("ada")))
    assert (offer.name, offer.kind, offer.hours, offer.recovered_hours) == ("Ada", "longer", 1.0, pytest.approx(1.0))


def test_a_break_moves_before_anybody_is_asked_for_overtime() -> None:
    (offer,) = smallest_change(board({(8, 12): 1.0, (12, 12.5): 2.0, (12.5, 16): 1.0}, shift("ada", 8, 16, 12.0), shift("bob")))
    assert offer.kind == "break"
    assert offer.hours == 0
    assert offer.moved_break is not None


def test_what_begins_before_people_can_be_told_is_left_alone() -> None:
    assert smallest_change(board({(8, 17): 1.0}, shift("ada"), soonest=16.5)) == ()


def test_nobody_is_asked_twice_and_nothing_is_proposed_where_nothing_is_short() -> None:
    offers = smallest_change(board({(8, 16): 1.0, (16, 17): 3.0}, shift("ada"), shift("bob")))
    assert sorted(offer.agent for offer in offers) == ["ada", "bob"]
    assert smallest_change(board({(8, 16): 1.0}, shift("ada"))) == ()


def test_the_spare_may_go_home_and_nobody_else() -> None:
    quiet = board({(8, 14): 2.0, (14, 16): 1.0}, shift("ada"), shift("bob"))
    (offer,) = go_home(quiet, frozenset())
    assert (offer.kind, offer.hours) == ("home", -2.0)
    assert go_home(board({(8, 16): 2.0}, shift("ada"), shift("bob")), frozenset()) == ()
    (other,) = go_home(quiet, frozenset({"ada"}))
    assert other.agent == "bob"


def test_sums_are_those_of_the_rest_of_the_day() -> None:
    one = board({(8, 18): 1.0}, shift("ada"))
    assert one.covered(DAY.begin + timedelta(hours=17)).short_hours == pytest.approx(1.0)
    assert one.changed(smallest_change(one)).covered(DAY.begin).short_hours == pytest.approx(0.0)
