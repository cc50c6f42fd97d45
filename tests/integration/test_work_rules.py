"""Work rules, licences and the compact as data: checked, kept, taken away, brought back, and used by the next build."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.support.planned import problem
from tests.support.service import Client
from web.planner.rule_forms import FORMS
from wfm.domain.rules import KINDS
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, centre, work_rules
from wfm.service.context import Role, Service

WEEKENDS = {"kind": "weekends", "most": 2}


def test_a_rule_for_everybody_binds_the_contracts(service: Service, clinic: Client) -> None:
    made = work_rules.add_rule(service, clinic.planner, "everybody", WEEKENDS)
    assert (made.number, made.kind, made.definition["cost"]) == (1, "weekends", None)
    used = work_rules.applied(service, clinic.planner, problem())
    assert [rule.kind for rule in used.contracts[0].rules] == ["weekends"]
    assert audit.entries(service, clinic.administrator, action="rule.add").entries[0].object_id == "1"


def test_a_rule_of_a_group_binds_its_people(service: Service, clinic: Client) -> None:
    work_rules.add_rule(service, clinic.planner, "site:South", {"kind": "minor", "latest_end": "20:00", "cost": 5})
    work_rules.add_rule(service, clinic.planner, "agent:a1", {"kind": "nights_in_a_row", "most": 2})
    work_rules.add_rule(service, clinic.planner, "contract:full", {"kind": "minimum_run", "of": "off", "days": 2})
    used = work_rules.applied(service, clinic.planner, problem())
    assert [[rule.kind for rule in agent.rules] for agent in used.agents] == [["nights_in_a_row"], [], ["minor"]]
    assert [rule.kind for rule in used.contracts[0].rules] == ["minimum_run"]


def test_seats_count_the_people_of_a_site(service: Service, clinic: Client) -> None:
    work_rules.add_rule(service, clinic.planner, "everybody", {"kind": "seats", "site": "North", "seats": 1, "cost": 30})
    work_rules.add_rule(service, clinic.planner, "everybody", {"kind": "always_present", "skill": "en", "heads": 1, "cost": 30})
    used = work_rules.applied(service, clinic.planner, problem())
    assert [agent.site for agent in used.agents] == ["North", "North", "South"]
    assert [rule.belongs(used.agents[0]) for rule in used.rules] == [True, True]
    assert [rule.belongs(used.agents[2]) for rule in used.rules] == [False, True]


def test_licences_open_a_queue_from_day_to_day(service: Service, clinic: Client) -> None:
    add = work_rules.add_rule
    add(service, clinic.planner, "queue:visits", {"kind": "queue_licence", "state": "tx"})
    add(service, clinic.planner, "agent:a1", {"kind": "licence", "state": "TX", "last_day": "2026-06-16"})
    add(service, clinic.planner, "agent:a2", {"kind": "licence", "state": "LA", "multistate": True})
    add(service, clinic.planner, "everybody", {"kind": "compact", "state": "TX", "since": "2018-01-19"})
    add(service, clinic.planner, "everybody", {"kind": "compact", "state": "LA", "since": "2026-06-17"})
    used = work_rules.applied(service, clinic.planner, problem())
    (need,) = used.requirements
    may = [[need.served_by(agent, date(2026, 6, day), used.compact) for day in (16, 17)] for agent in used.agents]
    assert may == [[True, False], [False, True], [False, False]]


def test_a_rule_is_taken_away_and_brought_back(service: Service, clinic: Client) -> None:
    work_rules.add_rule(service, clinic.planner, "everybody", WEEKENDS)
    gone = work_rules.remove_rule(service, clinic.planner, 1)
    assert gone.removed_by == "Planner of Clinic"
    assert work_rules.applied(service, clinic.planner, problem()) == problem()
    with pytest.raises(Conflict, match="rule 1 is taken away already"):
        work_rules.remove_rule(service, clinic.planner, 1)
    assert work_rules.restore_rule(service, clinic.planner, 1).removed_at is None
    assert work_rules.applied(service, clinic.planner, problem()).contracts[0].rules
    with pytest.raises(Conflict, match="this is rule 1 already"):
        work_rules.add_rule(service, clinic.planner, "everybody", WEEKENDS)


@pytest.mark.parametrize(
    ("scope", "definition", "words"),
    [
        ("everybody", {"kind": "lunch"}, "kind of a rule must be one of"),
        ("everybody", {"kind": "weekends"}, "most must be given"),
        ("everybody", {"kind": "weekends", "most": -1}, "most must be"),
        ("everybody", {"kind": "minor", "latest_end": "8 pm"}, "rule minor"),
        ("site:North", {"kind": "seats", "site": "North", "seats": 3, "cost": 1}, "its scope is everybody"),
        ("everybody", {"kind": "licence", "state": "TX"}, "belongs to one person"),
        ("agent:a1", {"kind": "licence", "state": "Texas"}, "two letters"),
        ("agent:a1", {"kind": "licence", "state": "TX", "first_day": "2026-07-01", "last_day": "2026-06-01"}, "must end on or after"),
        ("everybody", {"kind": "compact", "state": "TX", "since": "soon"}, "since must be a day"),
        ("team", WEEKENDS, "a group is one of"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_words(service: Service, clinic: Client, scope: str, definition: dict, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        work_rules.add_rule(service, clinic.planner, scope, definition)
    assert work_rules.rules(service, clinic.planner) == ()


def test_a_rule_needs_somebody_whom_it_binds(service: Service, clinic: Client) -> None:
    for scope, definition in (
        ("agent:a9", WEEKENDS),
        ("site:West", WEEKENDS),
        ("queue:nothing", {"kind": "queue_licence", "state": "TX"}),
        ("everybody", {"kind": "seats", "site": "West", "seats": 3, "cost": 1}),
    ):
        with pytest.raises(NotFound):
            work_rules.add_rule(service, clinic.planner, scope, definition)


def test_a_supervisor_sees_rules_of_the_own_site_alone(service: Service, clinic: Client) -> None:
    work_rules.add_rule(service, clinic.planner, "agent:a3", WEEKENDS)
    work_rules.add_rule(service, clinic.planner, "agent:a1", WEEKENDS)
    seen = work_rules.rules(service, replace(clinic.actors[Role.SUPERVISOR], site_id=_north(service, clinic)))
    assert [one.scope for one in seen] == ["agent:a1"]


def _north(service: Service, clinic: Client) -> int:
    return next(site.id for site in centre.sites(service, clinic.planner) if site.name == "North")


def test_every_kind_of_rule_has_a_form() -> None:
    assert set(FORMS) == set(KINDS) | {work_rules.LICENCE, work_rules.QUEUE_LICENCE, work_rules.COMPACT}
