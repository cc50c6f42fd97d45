"""Minimum cover, licences, secondary queues, seats and people who must be present: priced exactly, and kept where they can be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from data import small
from tests.unit.domain.test_rules import AGENT, GRID, MONDAY, problem, shift
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.rules import rule_from
from wfm.domain.staff import Agent, Licence
from wfm.errors import InvalidInput
from wfm.scheduler import check, solve
from wfm.scheduler.columns import arcs_of, columns_of
from wfm.scheduler.formats import parse_problem
from wfm.service import problem_document

FREE = {"week_days": (0, 7), "week_minutes": (0, 2400), "max_consecutive_days": 7, "cost_per_hour": 0.0}
NINE = np.zeros(GRID.count)
NINE[36:40] = 1.0  # Monday 09:00 to 10:00


def case(needs: tuple[Requirement, ...], *people: Agent, **further: Any) -> RosterProblem:
    return replace(problem(contract=FREE), requirements=needs, agents=people, over_cost=0.0, **further)


def priced(of: RosterProblem, *shifts: Shift) -> Any:
    return check(of, Roster(of.id, shifts, 0.0, None, RosterStatus.FEASIBLE, "by hand", 0, 0.0))


def test_the_first_heads_of_a_queue_are_dearer_than_the_rest() -> None:
    need = Requirement("calls", 10.0, tuple(1.5 * NINE), tuple(2.0 * NINE), 100.0)
    of = case((need,), AGENT, replace(AGENT, id="ben"))
    assert priced(of).objective == pytest.approx(2 * 10 + 2 * 100)
    assert priced(of, shift(0, 8)).objective == pytest.approx(10 + 100)
    both = priced(of, shift(0, 8), shift(0, 8, agent="ben"))
    assert (both.objective, both.minimum_cost) == (0.0, 0.0)


def test_heads_go_to_the_minimum_before_a_dearer_queue() -> None:
    dear, nurse = Requirement("calls", 30.0, tuple(NINE)), Requirement("nurse", 10.0, tuple(NINE), tuple(NINE), 100.0)
    of = case((dear, nurse), replace(AGENT, queues={"calls": 1.0, "nurse": 1.0}))
    assert priced(of, shift(0, 8)).under_hours_by_queue == pytest.approx({"calls": 1.0, "nurse": 0.0})
    assert solve(of, 2).objective == pytest.approx(30.0)


def test_a_licence_that_runs_out_ends_the_cover_of_its_queue() -> None:
    need = Requirement("nurse", 10.0, tuple(NINE + np.roll(NINE, 96)), licence="TX")
    until_monday = replace(AGENT, queues={"nurse": 1.0}, licences=(Licence("TX", None, MONDAY),))
    of = case((need,), until_monday)
    assert priced(of, shift(0, 8), shift(1, 8)).under_hours == pytest.approx(1.0)
    assert priced(replace(of, agents=(replace(until_monday, licences=()),)), shift(0, 8), shift(1, 8)).under_hours == pytest.approx(2.0)
    assert solve(of, 2).objective == pytest.approx(10.0)
    columns = columns_of(of)
    assert [column.first_day for column in columns] == [0, 1]
    assert [arc.column for arc in arcs_of(of, columns)[0]] == [0]


def test_a_multistate_licence_serves_states_of_the_compact_from_their_day_on() -> None:
    need = Requirement("nurse", 10.0, tuple(NINE + np.roll(NINE, 96)), licence="PA")
    nurse = replace(AGENT, queues={"nurse": 1.0}, licences=(Licence("TX", multistate=True),))
    of = case((need,), nurse, compact={"TX": date(2018, 1, 19), "PA": MONDAY + timedelta(1)})
    assert priced(of, shift(0, 8), shift(1, 8)).under_hours == pytest.approx(1.0)


def test_primary_queues_come_before_secondary_ones() -> None:
    both = replace(AGENT, queues={"a": 1.0, "b": 1.0}, secondary=frozenset({"b"}))
    needs = (Requirement("a", 10.0, tuple(NINE)), Requirement("b", 10.0, tuple(NINE)))
    of = case(needs, both, secondary_cost=2.0)
    assert (priced(of, shift(0, 8)).under_hours_by_queue, priced(of, shift(0, 8)).secondary_cost) == ({"a": 0.0, "b": 1.0}, 0.0)
    helped = case(needs, both, replace(AGENT, id="ben", queues={"a": 1.0}), secondary_cost=2.0)
    judged = priced(helped, shift(0, 8), shift(0, 8, agent="ben"))
    assert (judged.under_hours, judged.secondary_cost) == pytest.approx((0.0, 2.0))


def test_the_solver_keeps_a_speaker_present_and_a_site_within_its_seats() -> None:
    at = {"cost": 500.0, "from": "09:00", "until": "10:00"}
    speaks = rule_from({"kind": "always_present", "skill": "es", "heads": 1, **at})
    seats = rule_from({"kind": "seats", "site": "West", "seats": 1, "cost": 50.0})
    ana, ben = replace(AGENT, skills=frozenset({"es"}), site="West"), replace(AGENT, id="ben", skills=frozenset({"es"}), site="West")
    of = case((Requirement("calls", 1.0, tuple(0.0 * NINE)),), ana, ben, rules=(speaks, seats))
    roster = solve(of, 2)
    judged = check(of, roster)
    assert judged.prices == ()
    assert judged.objective == pytest.approx(0.0)
    assert roster.lower_bound == pytest.approx(0.0, abs=1e-6)


def test_the_bound_knows_the_price_of_people_who_cannot_be_present() -> None:
    speaks = rule_from({"kind": "always_present", "skill": "es", "heads": 3, "cost": 5.0, "from": "09:00", "until": "10:00"})
    of = case((Requirement("calls", 1.0, tuple(0.0 * NINE)),), replace(AGENT, skills=frozenset({"es"})), rules=(speaks,))
    roster = solve(of, 2)
    assert roster.objective == pytest.approx(2 * 7 * 5.0)
    assert roster.lower_bound == pytest.approx(70.0, rel=0.02)


def document(**further: Any) -> dict[str, Any]:
    return {**json.loads(small.roster_text()), **further}


def test_further_fields_of_a_problem_survive_the_document() -> None:
    given = document(
        secondary_cost=0.5, compact={"TX": "2018-01-19"}, rules=[{"kind": "seats", "site": "West", "seats": 4, "cost": 20.0}]
    )
    given["queues"][0] |= {"minimum": 2, "minimum_cost": 300.0, "licence": "TX"}
    given["contracts"][0]["rules"] = [{"kind": "weekends", "most": 2}, {"kind": "overtime", "normal_week_minutes": 1200, "cost": 9.0}]
    queue = next(iter(given["agents"][0]["queues"]))
    given["agents"][0] |= {
        "site": "West", "skills": ["es"], "licences": [{"state": "TX", "last_day": "2026-12-31"}], "secondary": [queue],
        "rules": [{"kind": "minor"}], "carried": {"weekends": 1},
    }  # fmt: skip
    read = parse_problem(given)
    assert read.requirements[0].minimum == (2.0,) * read.grid.count
    assert read.agents[0].licences == (Licence("TX", None, date(2026, 12, 31)),)
    assert problem_document.unpacked(problem_document.packed(read)) == read


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(rules=[{"kind": "weekends", "most": 1}]), "rules: weekends belongs to a contract or an agent"),
        (lambda d: d["contracts"][0].update(rules=[{"kind": "seats", "site": "W", "seats": 1, "cost": 1}]), "seats is about several"),
        (lambda d: d["agents"][0].update(secondary=["nowhere"]), "secondary queue 'nowhere' must be one of"),
        (lambda d: d.update(rules=[{"kind": "always_present", "skill": "rn", "heads": 2}]), "cost of always_present must be above 0"),
        (lambda d: d.update(rules=[{"kind": "always_present", "skill": "rn", "heads": 2, "cost": None}]), "never hard, it has a price"),
        (lambda d: d.update(rules=[{"kind": "seats", "site": "West", "seats": 2, "cost": None}]), "seats is never hard"),
        (lambda d: d["queues"][0].update(minimum=[1, 2]), "minimum must be one number or"),
        (lambda d: d["contracts"][0].update(rules=[{"kind": "weekends", "most": -1}]), "most must be a whole number"),
        (
            lambda d: d["agents"][0].update(licences=[{"state": "TX", "first_day": "2026-02-01", "last_day": "2026-01-01"}]),
            "licence of TX must end on or after 2026-02-01",
        ),
    ],
)
def test_further_fields_that_make_no_sense_are_named(change: Any, words: str) -> None:
    given = document()
    change(given)
    with pytest.raises(InvalidInput, match=words):
        parse_problem(given)
