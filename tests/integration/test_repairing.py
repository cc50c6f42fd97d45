"""An absence in a draft or in the published week: what others recover, and what taking a suggestion changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.support.drafts import MONDAY, week
from tests.support.planned import planned, problem
from tests.support.service import Client
from wfm.errors import Conflict, InvalidInput, NotAllowed, NotFound
from wfm.jobs import run
from wfm.service import draft_comparison, editing, publishing, reasons, redrafting, repairing, scheduling, work
from wfm.service.context import Role, Service
from wfm.service.editing import ShiftKey
from wfm.service.repairing import Repairs
from wfm.service.work import Kind

TUESDAY = MONDAY + timedelta(1)
NIGHT, NEXT_NIGHT = datetime(2026, 6, 16), datetime(2026, 6, 17)
EVEN = {"a1": 9.5, "a2": 8.0, "a3": 8.0}


@pytest.fixture
def draft(service: Service, clinic: Client) -> int:
    """Two people from 8 to 16:30, one from 9:30 to 18 o'clock; one is needed from 8 to 18."""
    shifts = [one for agent, start in EVEN.items() for one in week(agent, start=start)]
    return planned(service, clinic.planner, shifts, problem(needed=1.0))


def searched(service: Service, clinic: Client, draft: int, agent: str = "a1") -> tuple[int, Repairs]:
    job = repairing.want_repairs(service, clinic.planner, draft, agent, NIGHT, NEXT_NIGHT)
    claim = work.claim(service, "test worker", [Kind.REPAIR])
    assert claim is not None
    run.run(service, claim)
    found = repairing.repairs(service, clinic.planner, job.id)
    assert found is not None
    return job.id, found


def test_a_search_offers_what_each_number_of_people_recovers(service: Service, clinic: Client, draft: int) -> None:
    _, found = searched(service, clinic, draft)
    nobody, *more = found.suggestions
    assert (found.name, nobody.people, nobody.recovered_hours) == ("Agent 1", 0, 0)
    assert [(move.name, move.after) for move in nobody.moves] == [("Agent 1", None)]
    assert more[0].people == 1
    assert more[0].recovered_hours > 1
    assert all(one.short_hours < nobody.short_hours for one in more)


def test_a_suggestion_taken_is_one_edit_that_can_be_undone(service: Service, clinic: Client, draft: int) -> None:
    before = scheduling.draft(service, clinic.planner, draft)
    job, found = searched(service, clinic, draft)
    edit = repairing.accept_repair(service, clinic.planner, job, 1)
    after = scheduling.draft(service, clinic.planner, draft)
    assert edit.kind == "repair"
    assert after.short_hours == pytest.approx(found.suggestions[1].short_hours, abs=0.01)
    assert after.rules_broken == ()
    assert not next(one for one in scheduling.draft(service, clinic.planner, draft, TUESDAY).agents if one.key == "a1").shifts
    again = editing.add_shift(service, clinic.planner, draft, "a1", datetime(2026, 6, 16, 8), 510)
    assert any("not available" in text for _, _, text in again.effect.warnings)
    editing.undo(service, clinic.planner, draft, again.number)
    editing.undo(service, clinic.planner, draft, edit.number)
    undone = scheduling.draft(service, clinic.planner, draft)
    assert undone.summary.objective == before.summary.objective
    assert undone.summary.gap == before.summary.gap
    assert [agent.shifts == old.shifts for agent, old in zip(undone.agents, before.agents, strict=True)].count(True) >= 1
    editing.redo(service, clinic.planner, draft, edit.number)
    assert scheduling.draft(service, clinic.planner, draft).short_hours == pytest.approx(after.short_hours)


def test_pinned_shifts_are_not_asked(service: Service, clinic: Client, draft: int) -> None:
    for agent in ("a2", "a3"):
        found = next(one for one in scheduling.draft(service, clinic.planner, draft, TUESDAY).agents if one.key == agent).shifts[0]
        editing.pin_shift(service, clinic.planner, draft, ShiftKey(agent, found.start, found.row_version))
    _, found_repairs = searched(service, clinic, draft)
    moved = {(move.agent, move.before) for one in found_repairs.suggestions for move in one.moves if move.agent != "a1"}
    assert not [span for _, span in moved if span and span[0].date() == TUESDAY]


def test_a_draft_that_changed_since_the_search_is_left_alone(service: Service, clinic: Client, draft: int) -> None:
    job, _ = searched(service, clinic, draft)
    editing.add_shift(service, clinic.planner, draft, "a2", datetime(2026, 6, 20, 8), 510)
    with pytest.raises(Conflict, match="changed after the search"):
        repairing.accept_repair(service, clinic.planner, job, 1)


def test_what_is_published_stays_and_the_repair_becomes_a_new_version(service: Service, clinic: Client, draft: int) -> None:
    publishing.publish(service, clinic.planner, draft)
    copy = redrafting.draft_of_published(service, clinic.planner, MONDAY)
    assert publishing.diff(service, clinic.planner, copy).changes == ()
    job, _ = searched(service, clinic, copy)
    repairing.accept_repair(service, clinic.planner, job, 1)
    changes = publishing.diff(service, clinic.planner, copy).changes
    assert {change.name for change in changes} >= {"Agent 1 of Clinic"}
    assert len(publishing.published_shifts(service, clinic.planner, MONDAY, 7)) == 15
    assert publishing.publish(service, clinic.planner, copy, "a1 is ill").number == 2
    assert len(publishing.published_shifts(service, clinic.planner, TUESDAY, 1)) == 2
    beside = draft_comparison.compare_drafts(service, clinic.planner, copy)
    assert (beside.before.number, beside.after.number) == (draft, copy)
    assert beside.people >= 2


def test_nothing_published_gives_no_draft(service: Service, clinic: Client) -> None:
    with pytest.raises(NotFound, match="nothing is published"):
        redrafting.draft_of_published(service, clinic.planner, MONDAY)


LATER, LONG_AGO = datetime(2026, 7, 1), datetime(2020, 1, 1)


@pytest.mark.parametrize(("start", "end"), [(NEXT_NIGHT, NIGHT), (NIGHT, NIGHT), (NIGHT, LATER), (LONG_AGO, NIGHT)])
def test_an_absence_lies_in_the_days_of_the_draft(service: Service, clinic: Client, draft: int, start: datetime, end: datetime) -> None:
    with pytest.raises(InvalidInput, match="begins before it ends"):
        repairing.want_repairs(service, clinic.planner, draft, "a1", start, end)


def test_others_find_and_take_nothing(service: Service, clinic: Client, rival: Client, draft: int) -> None:
    job, _ = searched(service, clinic, draft)
    with pytest.raises(NotFound):
        repairing.repairs(service, rival.planner, job)
    with pytest.raises(NotFound):
        repairing.accept_repair(service, rival.planner, job, 1)
    with pytest.raises(NotAllowed):
        repairing.accept_repair(service, clinic.actors[Role.SUPERVISOR], job, 1)
    with pytest.raises(NotFound):
        repairing.want_repairs(service, rival.planner, draft, "a1", NIGHT, NEXT_NIGHT)


def test_a_shift_says_what_it_covers_and_what_moving_costs(service: Service, clinic: Client, draft: int) -> None:
    why = reasons.why_shift(service, clinic.planner, draft, "a1", TUESDAY)
    assert why.covers[0].queue == "Visits"
    assert 0 < why.covers[0].hours <= 7.75
    assert {other.place for other in why.others} >= {"earlier", "later", "day off"}
    off = next(other for other in why.others if other.place == "day off")
    assert off.short_change > 0 or off.rules


def test_a_gap_says_who_could_fill_it_and_why_not_the_others(service: Service, clinic: Client) -> None:
    asked = problem(needed=3.0)
    draft = planned(service, clinic.planner, of=asked)
    start = datetime.fromisoformat("2026-06-16T16:30:00-05:00")
    who = reasons.who_could_fill(service, clinic.planner, draft, "visits", start, start + timedelta(hours=1))
    assert who.short_hours == pytest.approx(3.0)
    assert {one.name for one in who.fillers} | {name for name, _ in who.others} == {"Agent 1", "Agent 2", "Agent 3"}
    moved = next(one for one in who.fillers if one.kind == "moved shift")
    assert moved.row_version == 1
    assert moved.new is not None
    assert moved.hours > 0
    assert moved.new.end > start
