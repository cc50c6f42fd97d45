"""Names are put on tours by wishes, soft rules and fairness, and the cover stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.unit.domain.test_rules import AGENT, GRID, MONDAY, problem, shift
from tests.unit.scheduler.test_search_and_bound import frozen_clock
from wfm.domain.ledger import carried_on, ledger_after, shared_evenly
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import DayOffWish
from wfm.scheduler import check, solve
from wfm.scheduler.instance import build_instance
from wfm.scheduler.names import exchanged
from wfm.scheduler.plan import Tours
from wfm.scheduler.result import shifts_of
from wfm.scheduler.search import Search, Watch

FREE = {"week_days": (1, 5), "week_minutes": (0, 2400), "max_consecutive_days": 7}


def clinic(*agents: object) -> RosterProblem:
    """One head all day, every day."""
    day = np.zeros(GRID.count)
    day[32:72] = 1.0
    heads = np.max([np.roll(day, 96 * n)[: GRID.count] for n in range(6)], axis=0)
    return replace(problem(contract=FREE), requirements=(Requirement("calls", 40.0, tuple(heads)),), agents=agents)  # type: ignore[arg-type]


def tours_without_wishes(of: RosterProblem) -> Tours:
    """A first roster that knows of no wish."""
    deaf = replace(of, agents=tuple(replace(agent, wishes=()) for agent in of.agents))
    search = Search(build_instance(deaf), 3, Watch(lambda: 0.0, 1.0), lambda _: None)
    search.first()
    assert search.best is not None
    return search.best.tours


def made(of: RosterProblem, shifts: tuple[Shift, ...]) -> Roster:
    return Roster(of.id, shifts, 0.0, None, RosterStatus.FEASIBLE, "", 0, 0.0)


def test_exchanging_names_saves_what_the_checker_says() -> None:
    days = [MONDAY + timedelta(n) for n in range(7)]
    people = [replace(AGENT, id=f"p{n}", wishes=(DayOffWish(days[(4 - 2 * n) % 6], 30.0),)) for n in range(6)]
    people[0] = replace(people[0], days_off=frozenset({days[2]}))
    of = clinic(*people)
    of = replace(of, contracts=(replace(of.contracts[0], week_days=(2, 2)),))
    tours = tours_without_wishes(of)
    instance = build_instance(of)
    named, saved = exchanged(instance, tours)
    before, after = (check(of, made(of, shifts_of(instance, one))) for one in (tours, named))
    assert saved > 0
    assert after.violations == ()
    assert after.under_cost + after.over_cost == pytest.approx(before.under_cost + before.over_cost)
    assert after.objective == pytest.approx(before.objective - saved)
    again, nothing = exchanged(instance, named)
    assert nothing == 0.0
    assert (again.option == named.option).all()


def test_a_tour_is_never_given_to_somebody_it_does_not_suit() -> None:
    away = replace(AGENT, id="ben", unavailable=((GRID.begin, GRID.begin + timedelta(days=6)),), wishes=())
    keen = replace(AGENT, wishes=tuple(DayOffWish(MONDAY + timedelta(n), 50.0) for n in range(6)))
    of = clinic(keen, away)
    assert check(of, solve(of, 2)).violations == ()


def test_the_ledger_counts_on_and_the_next_week_is_shared_evenly() -> None:
    of = clinic(AGENT, replace(AGENT, id="ben"))
    first = (shift(5, 8), shift(6, 8), shift(0, 17), shift(0, 8, agent="ben"))
    ledger = ledger_after(of, first, holidays=[MONDAY])
    assert dict(ledger["ana"]) == {"holidays": 1, "lates": 1, "nights": 0, "nights_in_a_row": 0, "weekends": 1, "weekends_in_month": 1}
    assert dict(ledger["ben"])["weekends"] == 0
    morning = np.zeros(GRID.count)
    morning[[*range(32, 48), *range(5 * 96 + 32, 5 * 96 + 48)]] = 1.0  # Monday and Saturday
    short = replace(of.contracts[0], week_days=(1, 1))
    next_week = replace(of, requirements=(Requirement("calls", 40.0, tuple(morning)),), contracts=(short,))
    after = shared_evenly(carried_on(next_week, ledger), 20.0, ["weekends"])
    roster = solve(after, 3, clock=frozen_clock)
    assert [(one.agent, one.start.weekday()) for one in roster.shifts] == [("ana", 0), ("ben", 5)]
    assert check(after, roster).objective == pytest.approx(roster.objective)


def test_an_empty_ledger_changes_nothing() -> None:
    of = clinic(AGENT)
    assert carried_on(of, {}) == of
