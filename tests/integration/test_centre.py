"""Setting up a centre: loading, changing targets, what supervisors see."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.service import CONTRACT, Client
from wfm.domain.demand import Channel, Queue
from wfm.domain.staff import Agent
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, centre
from wfm.service.context import Service

NEW_QUEUE = centre.QueueInput(Queue("labs", "Lab results", Channel.EMAIL, response_s=14_400), "America/Denver", "West")
NEW_AGENT = centre.AgentInput(Agent("a9", "full", {"labs": 1.1, "visits": 1.0}, name="Ana"), "West", ("en", "es"), ("nurse",))
WEST = centre.SiteInput("West", "America/Denver")


def test_what_was_loaded_is_there(service: Service, clinic: Client) -> None:
    assert [(view.key, view.zone, view.site, view.row_version) for view in centre.queues(service, clinic.planner)] == [
        ("refills", "America/Chicago", "North", 1),
        ("visits", "America/Chicago", "North", 1),
    ]
    assert centre.contracts(service, clinic.planner) == (CONTRACT,)
    assert [site.name for site in centre.sites(service, clinic.planner)] == ["North", "South"]
    agent = centre.agents(service, clinic.planner)[0]
    assert (agent.key, agent.site, agent.contract, agent.agent.queues) == ("a1", "North", "full", {"visits": 1.0})
    view = centre.organisation(service, clinic.agent)
    assert (view.name, view.zone, view.country, view.subdivision, view.is_demo) == ("Clinic", "America/Chicago", "US", "IL", False)


def test_loading_adds_and_changes_and_the_second_time_nothing(service: Service, clinic: Client) -> None:
    longer = replace(CONTRACT, max_consecutive_days=5)

    def load(dry_run: bool) -> centre.LoadCounts:
        return centre.load_centre(service, clinic.planner, [WEST], [NEW_QUEUE], [longer], [NEW_AGENT], dry_run=dry_run)

    before = audit.verify(service, clinic.id).rows
    dry = load(dry_run=True)
    assert (dry.added, dry.changed, dry.same) == (3, 1, 0)
    assert audit.verify(service, clinic.id).rows == before
    assert load(dry_run=False) == dry
    again = load(dry_run=False)
    assert (again.added, again.changed, again.same) == (0, 0, 4)
    assert audit.verify(service, clinic.id).rows == before + 1
    loaded = next(view for view in centre.agents(service, clinic.planner) if view.key == "a9")
    assert (loaded.agent, loaded.zone, loaded.languages, loaded.skills) == (NEW_AGENT.agent, "America/Denver", ("en", "es"), ("nurse",))
    assert centre.queue(service, clinic.planner, "labs").queue == NEW_QUEUE.queue
    assert centre.contracts(service, clinic.planner)[0].max_consecutive_days == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"agents": [NEW_AGENT]}, "queue 'labs'"),
        ({"queues": [NEW_QUEUE]}, "site 'West'"),
        ({"sites": [WEST], "queues": [NEW_QUEUE, NEW_QUEUE]}, "given twice"),
        ({"sites": [centre.SiteInput("West", "Mars")]}, "time zone"),
        ({"sites": [centre.SiteInput("x" * 81, "UTC")]}, "at most 80"),
        ({"agents": [centre.AgentInput(Agent("a8", "other", {}))]}, "contract 'other'"),
    ],
)
def test_a_load_that_does_not_fit_stores_nothing(standing: Client, given: dict[str, list[object]], message: str) -> None:
    before = audit.verify(standing.service, standing.id).rows
    for dry_run in (True, False):
        with pytest.raises(InvalidInput, match=message):
            centre.load_centre(standing.service, standing.planner, dry_run=dry_run, **given)  # type: ignore[arg-type]
    assert audit.verify(standing.service, standing.id).rows == before
    assert len(centre.sites(standing.service, standing.planner)) == 2


def test_five_hundred_agents_load_in_one_go(service: Service, clinic: Client) -> None:
    many = [centre.AgentInput(Agent(f"n{number}", "full", {"visits": 1.0}), "North") for number in range(500)]
    assert centre.load_centre(service, clinic.planner, agents=many).added == 500
    assert len(centre.agents(service, clinic.planner)) == 503


def test_a_target_is_changed_and_written_down(service: Service, clinic: Client) -> None:
    view = centre.change_target(service, clinic.planner, "visits", 1, level=0.9, shrinkage=0.3, name="Visits by phone")
    assert (view.queue.target.level, view.queue.shrinkage, view.queue.name, view.row_version) == (0.9, 0.3, "Visits by phone", 2)
    assert centre.queue(service, clinic.planner, "visits") == view
    entry = audit.entries(service, clinic.administrator, action="queue.").entries[0]
    assert entry.before == {"level": 0.8, "shrinkage": 0.0, "name": "Visits"}
    assert entry.after == {"level": 0.9, "shrinkage": 0.3, "name": "Visits by phone"}
    assert centre.change_target(service, clinic.planner, "visits", 2, level=0.9) == view


def test_a_change_of_something_that_moved_on_is_a_conflict(service: Service, clinic: Client) -> None:
    def change(number: int) -> bool:
        try:
            centre.change_target(service, clinic.planner, "visits", 1, minimum_agents=number + 1)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(change, range(6))) == 1
    assert centre.queue(service, clinic.planner, "visits").row_version == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"level": 80}, "level must be in"),
        ({"id": "x"}, "no field"),
        ({"sla": 1}, "no field"),
        ({"awt_s": -1}, "awt_s"),
        ({"name": ""}, "blank"),
        ({"level": None}, "at least one of"),
        ({"concurrency": "many"}, "concurrency"),
    ],
)
def test_a_change_out_of_bounds_is_refused(standing: Client, fields: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        centre.change_target(standing.service, standing.planner, "visits", 1, **fields)
    assert centre.queue(standing.service, standing.planner, "visits").row_version == 1


def test_a_queue_that_is_not_there_is_not_found(service: Service, clinic: Client) -> None:
    with pytest.raises(NotFound, match="'none'"):
        centre.change_target(service, clinic.planner, "none", 1, level=0.9)


def test_a_roster_problem_sets_up_what_it_names(service: Service, clinic: Client) -> None:
    document = json.loads((Path(__file__).resolve().parents[2] / "data" / "samples" / "small_roster.json").read_text())
    before = {view.key for view in centre.queues(service, clinic.planner)}
    counts = centre.load_problem(service, clinic.planner, document)
    assert counts.added == len(document["queues"]) + len(document["contracts"]) + len(document["agents"])
    assert {view.key for view in centre.queues(service, clinic.planner)} == before | {part["id"] for part in document["queues"]}
    loaded = {view.key: view.agent for view in centre.agents(service, clinic.planner)}
    assert all(dict(loaded[part["id"]].queues) == part["queues"] for part in document["agents"])
    again = centre.load_problem(service, clinic.planner, document)
    assert (again.added, again.changed) == (0, 0)
    with pytest.raises(InvalidInput):
        centre.load_problem(service, clinic.planner, document | {"format": "other"})


def test_a_supervisor_sees_the_people_of_the_own_site(service: Service, clinic: Client) -> None:
    supervisor = next(actor for role, actor in clinic.actors.items() if role == "supervisor")
    assert {view.key for view in centre.agents(service, supervisor)} == {"a1", "a2"}
    assert centre.agents(service, replace(supervisor, site_id=None)) == ()


def test_organisations_have_names_of_their_own(service: Service) -> None:
    with pytest.raises(Conflict, match="already"):
        centre.create_organisation(service, "Clinic", "UTC")
    made = centre.create_organisation(service, "Third", "Europe/Paris", "fr", is_demo=True)
    assert [view.name for view in centre.every_organisation(service)] == ["Clinic", "Rival", "Third"]
    assert centre.every_organisation(service)[2] == centre.OrganisationView(made, "Third", "Europe/Paris", "FR", None, True)
