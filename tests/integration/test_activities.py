"""Activities on a draft: placed where they hurt least, moved, taken away, undone; published, and seen by those who take part."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.support.drafts import MONDAY, week
from tests.support.planned import planned, problem
from tests.support.service import Client, Clock
from wfm.domain.movable import MovableWork
from wfm.domain.staff import FixedActivity
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import activities, activity_people, centre, editing, people_groups, pins, publishing, redrafting, scheduling
from wfm.service.activities import ActivityKind, ActivityWish
from wfm.service.context import Service
from wfm.service.editing import ShiftKey

EIGHT = datetime(2026, 6, 15, 8)
WISH = ActivityWish(ActivityKind.COACHING, "Coaching", ("a1", "a2"), 30, EIGHT, EIGHT + timedelta(days=5))


@pytest.fixture
def draft(service: Service, clinic: Client) -> int:
    """Three people from 8:00 to 16:30 where two are needed until 18:00."""
    return planned(service, clinic.planner)


def _placed(service: Service, clinic: Client, draft: int, wish: ActivityWish = WISH, at: datetime = EIGHT) -> editing.EditView:
    return activities.place(service, clinic.planner, draft, wish, [(wish.people, at)])


def test_one_person_is_placed_where_nobody_is_missed(service: Service, clinic: Client, draft: int) -> None:
    found = activities.preview(service, clinic.planner, draft, replace(WISH, people=("a1",)))
    (best,) = found.places
    assert best.names == ("Agent 1",)
    assert best.cost < 0  # three are there, two are needed
    assert found.effect is not None
    assert found.effect.short_change == 0
    assert all(other.cost >= best.cost - 1e-6 for other in found.others)
    assert activities.sessions(service, clinic.planner, draft) == ()


def test_two_at_once_cost_what_the_draft_then_costs_more(service: Service, clinic: Client, draft: int) -> None:
    found = activities.preview(service, clinic.planner, draft, WISH)
    before = scheduling.draft(service, clinic.planner, draft).summary.objective
    edit = activities.place(service, clinic.planner, draft, WISH, [(p.people, p.start) for p in found.places], found.row_version)
    after = scheduling.draft(service, clinic.planner, draft).summary.objective
    assert after - before == pytest.approx(found.places[0].cost)
    assert edit.effect.short["visits"][1] - edit.effect.short["visits"][0] == pytest.approx(0.5)
    assert edit.activity is not None
    assert (edit.kind, edit.activity.name, edit.activity.people) == ("activity", "Coaching", ("Agent 1", "Agent 2"))


def test_whom_it_hurts_least_is_chosen_and_the_trainer_comes_along(service: Service, clinic: Client) -> None:
    few = problem(needed=1.0)
    slow = replace(few.agents[2], queues={"visits": 0.5})
    draft = planned(service, clinic.planner, of=replace(few, agents=(*few.agents[:2], slow)), shifts=week("a1", "a2", "a3"))
    wish = replace(WISH, people=("a1", "a3"), lead="a2", count=1)
    (best,) = activities.preview(service, clinic.planner, draft, wish).places
    assert set(best.people) == {"a2", "a1"} or set(best.people) == {"a2", "a3"}
    with pytest.raises(InvalidInput, match="between 1 and 2, got 3"):
        activities.preview(service, clinic.planner, draft, replace(wish, count=3))


def test_a_session_for_each_person_keeps_the_trainer_from_being_in_two_places(service: Service, clinic: Client, draft: int) -> None:
    wish = replace(WISH, people=("a1", "a2"), lead="a3", separately=True)
    found = activities.preview(service, clinic.planner, draft, wish)
    first, second = sorted(found.places, key=lambda place: place.start)
    assert first.end <= second.start
    edit = activities.place(service, clinic.planner, draft, wish, [(p.people, p.start) for p in found.places])
    assert edit.activity is not None
    assert edit.activity.sessions == 2
    seen = activities.sessions(service, clinic.planner, draft)
    assert [one.lead for one in seen] == ["Agent 3", "Agent 3"]
    assert {name for one in seen for name in one.names} == {"Agent 1", "Agent 2", "Agent 3"}


def test_it_is_moved_taken_away_and_every_step_undone(service: Service, clinic: Client, draft: int) -> None:
    start = scheduling.draft(service, clinic.planner, draft).summary.objective
    _placed(service, clinic, draft)
    (one,) = activities.sessions(service, clinic.planner, draft, MONDAY)
    activities.move_session(service, clinic.planner, draft, one.key, EIGHT + timedelta(hours=1))
    (moved,) = activities.sessions(service, clinic.planner, draft)
    assert (moved.key, moved.start.hour, moved.minutes) == (one.key, 9, 30)
    removed = activities.remove_session(service, clinic.planner, draft, one.key)
    assert activities.sessions(service, clinic.planner, draft) == ()
    editing.undo(service, clinic.planner, draft, removed.number)
    assert activities.sessions(service, clinic.planner, draft) == (moved,)
    for edit in editing.history(service, clinic.planner, draft).edits[1:]:
        editing.undo(service, clinic.planner, draft, edit.number)
    assert scheduling.draft(service, clinic.planner, draft).summary.objective == pytest.approx(start)


def test_people_come_and_go_as_one_edit_that_is_undone(service: Service, clinic: Client, draft: int) -> None:
    first = _placed(service, clinic, draft, replace(WISH, lead="a1"))
    (one,) = activities.sessions(service, clinic.planner, draft)
    seen = activity_people.preview_people(service, clinic.planner, draft, one.key, ["a3", "a2"])
    assert (seen.added, seen.removed, seen.hindered) == (("Agent 3",), ("Agent 1",), ())
    assert activities.sessions(service, clinic.planner, draft) == (one,)
    edit = activity_people.change_people(service, clinic.planner, draft, one.key, ["a3", "a2"], seen.row_version)
    (after,) = activities.sessions(service, clinic.planner, draft)
    assert (after.key, after.people, after.start, after.lead) == (one.key, ("a2", "a3"), one.start, "")
    assert edit.effect == seen.effect
    assert edit.activity is not None
    assert (edit.activity.added, edit.activity.removed) == (("Agent 3",), ("Agent 1",))
    editing.undo(service, clinic.planner, draft, edit.number)
    assert activities.sessions(service, clinic.planner, draft) == (one,)
    assert editing.redo(service, clinic.planner, draft, edit.number).number == first.number + 1
    assert activities.sessions(service, clinic.planner, draft) == (after,)


def test_one_person_more_leaves_the_queue_and_a_bound_that_still_holds(service: Service, clinic: Client, draft: int) -> None:
    _placed(service, clinic, draft)
    (one,) = activities.sessions(service, clinic.planner, draft)
    before = scheduling.draft(service, clinic.planner, draft).summary
    edit = activity_people.change_people(service, clinic.planner, draft, one.key, [*one.people, "a3"])
    after = scheduling.draft(service, clinic.planner, draft).summary
    assert edit.effect.short["visits"][1] - edit.effect.short["visits"][0] == pytest.approx(0.5)
    assert after.objective > before.objective
    assert before.lower_bound is None or (after.lower_bound is not None and after.lower_bound <= before.lower_bound)


def test_an_activity_of_one_persons_own_gets_a_number_once_others_join(service: Service, clinic: Client) -> None:
    start = problem().grid.instant(MONDAY, 8 * 60)
    own = FixedActivity(start, start + timedelta(minutes=30), "Visit")
    of = problem()
    of = replace(of, agents=(replace(of.agents[0], fixed=(own,)), *of.agents[1:]))
    draft = planned(service, clinic.planner, of=of)
    (one,) = activities.sessions(service, clinic.planner, draft)
    activity_people.change_people(service, clinic.planner, draft, one.key, ["a1", "a2"])
    (both,) = activities.sessions(service, clinic.planner, draft)
    assert both.people == ("a1", "a2")


def test_who_cannot_come_is_named_and_nothing_is_changed(service: Service, clinic: Client, draft: int) -> None:
    _placed(service, clinic, draft, replace(WISH, people=("a1",)))
    _placed(service, clinic, draft, replace(WISH, people=("a2",), name="Talk"))
    first, _ = held = activities.sessions(service, clinic.planner, draft)
    seen = activity_people.preview_people(service, clinic.planner, draft, first.key, ["a1", "a2", "a3"])
    assert seen.hindered == (("Agent 2", "has Talk then"),)
    assert seen.added == ("Agent 3",)
    change = activity_people.change_people
    with pytest.raises(InvalidInput, match=r"Agent 2 has Talk then \(Mon 08:00–08:30\)"):
        change(service, clinic.planner, draft, first.key, ["a1", "a2", "a3"])
    with pytest.raises(Conflict, match="changed meanwhile"):
        change(service, clinic.planner, draft, first.key, ["a1", "a3"], seen.row_version - 1)
    with pytest.raises(InvalidInput, match="take part in Coaching already"):
        change(service, clinic.planner, draft, first.key, ["a1"])
    with pytest.raises(InvalidInput, match="1 to 500 people, got 0"):
        change(service, clinic.planner, draft, first.key, [])
    with pytest.raises(NotFound, match="nobody 'a9'"):
        change(service, clinic.planner, draft, first.key, ["a9"])
    assert activities.sessions(service, clinic.planner, draft) == held


def test_nobody_is_in_two_places_at_once(service: Service, clinic: Client, draft: int) -> None:
    _placed(service, clinic, draft)
    with pytest.raises(InvalidInput, match=r"Agent 1 has Coaching then \(Mon 08:15–08:45\)"):
        _placed(service, clinic, draft, at=EIGHT + timedelta(minutes=15))
    with pytest.raises(InvalidInput, match="has a break then"):
        _placed(service, clinic, draft, at=EIGHT + timedelta(hours=2))
    with pytest.raises(InvalidInput, match="is not at work all that time"):
        _placed(service, clinic, draft, at=EIGHT + timedelta(hours=9))


def test_a_break_does_not_move_onto_an_activity(service: Service, clinic: Client, draft: int) -> None:
    _placed(service, clinic, draft, at=EIGHT + timedelta(hours=1))
    shift = next(one for one in scheduling.draft(service, clinic.planner, draft, MONDAY).agents if one.key == "a1").shifts[0]
    with pytest.raises(InvalidInput, match="a break of Agent 1 would meet Coaching at 09:00"):
        editing.move_breaks(
            service, clinic.planner, draft, ShiftKey("a1", shift.start), [EIGHT + timedelta(hours=1), EIGHT + timedelta(hours=4)]
        )


def test_a_shift_that_leaves_its_activity_is_warned_of(service: Service, clinic: Client, draft: int) -> None:
    _placed(service, clinic, draft)
    shift = next(one for one in scheduling.draft(service, clinic.planner, draft, MONDAY).agents if one.key == "a1").shifts[0]
    edit = editing.change_shift(service, clinic.planner, draft, ShiftKey("a1", shift.start), EIGHT + timedelta(hours=1))
    assert [text for *_, text in edit.effect.warnings] == ["Coaching lies outside any shift"]


def test_what_no_draft_can_hold_is_refused(service: Service, clinic: Client, draft: int) -> None:
    preview = activities.preview
    with pytest.raises(InvalidInput, match="multiple of 15 minutes"):
        preview(service, clinic.planner, draft, replace(WISH, minutes=20))
    with pytest.raises(InvalidInput, match="1 to 500 people, got 0"):
        preview(service, clinic.planner, draft, replace(WISH, people=()))
    with pytest.raises(NotFound, match="nobody 'a9'"):
        preview(service, clinic.planner, draft, replace(WISH, people=("a9",)))
    with pytest.raises(InvalidInput, match="due after its earliest time"):
        preview(service, clinic.planner, draft, replace(WISH, due=EIGHT))
    found = preview(service, clinic.planner, draft, replace(WISH, minutes=480))
    assert found.places == ()
    assert "Agent 1, Agent 2" in found.unplaced[0][0]


def test_a_preview_that_grew_old_places_nothing(service: Service, clinic: Client, draft: int) -> None:
    found = activities.preview(service, clinic.planner, draft, WISH)
    _placed(service, clinic, draft)
    with pytest.raises(Conflict, match="changed meanwhile"):
        activities.place(service, clinic.planner, draft, WISH, [(found.places[0].people, found.places[0].start)], found.row_version)


def test_people_see_their_published_activities(service: Service, clinic: Client, clock: Clock, draft: int) -> None:
    plain = publishing.publish(service, clinic.planner, draft)
    wish = replace(WISH, people=("a1",), lead="a2")
    activities.place(service, clinic.planner, draft, wish, [(("a1", "a2"), EIGHT)])
    preview = publishing.diff(service, clinic.planner, draft)
    assert (preview.totals.activities, preview.totals.moved, preview.totals.breaks) == (2, 0, 0)
    version = publishing.publish(service, clinic.planner, draft)
    assert version.sha256 != plain.sha256
    assert publishing.publication(service, clinic.planner, version.number).intact
    shift = publishing.my_week(service, clinic.agent, MONDAY).days[0].shifts[0]
    first, then = shift.moments[:2]
    assert (first.kind, first.name, first.lead, first.end == then.start) == ("activity", "Coaching", "Agent 2 of Clinic", True)
    assert then.kind == "work"
    (published,) = (one for one in publishing.published_shifts(service, clinic.planner, MONDAY, 1) if one.agent == "a2")
    assert [(name, kind) for _, _, name, kind in published.activities] == [("Coaching", "coaching")]
    back = publishing.revert(service, clinic.planner, plain.number, "the coaching is off")
    assert back.sha256 == plain.sha256


def test_a_draft_of_what_is_published_has_its_activities(service: Service, clinic: Client, draft: int) -> None:
    edit = _placed(service, clinic, draft)
    publishing.publish(service, clinic.planner, draft)
    editing.undo(service, clinic.planner, draft, edit.number)
    again = redrafting.draft_of_published(service, clinic.planner, MONDAY)
    assert [one.name for one in activities.sessions(service, clinic.planner, again)] == ["Coaching"]
    assert publishing.diff(service, clinic.planner, again).changes == ()


def test_a_new_build_keeps_the_activities_of_the_draft_that_it_starts_from(service: Service, clinic: Client, draft: int) -> None:
    _placed(service, clinic, draft)
    kept = pins.with_activities(service, clinic.planner, draft, problem())
    assert [[part.activity for part in agent.fixed] for agent in kept.agents] == [["Coaching"], ["Coaching"], []]


def test_movable_work_fills_spare_time_and_says_what_is_left(service: Service, clinic: Client, draft: int) -> None:
    with pytest.raises(InvalidInput, match="no queue has movable work"):
        activities.place_movable_work(service, clinic.planner, draft)
    queue = centre.queue(service, clinic.planner, "visits")
    work = MovableWork("Reminders", 30, 240, 8 * 60, 17 * 60, weekdays=(0,))
    centre.change_target(service, clinic.planner, "visits", queue.row_version, movable=(work,))
    edit = activities.place_movable_work(service, clinic.planner, draft)
    assert edit.effect.short_change == 0
    assert edit.activity is not None
    assert edit.activity.left_hours == 0
    placed = [one for one in activities.sessions(service, clinic.planner, draft) if one.kind == ActivityKind.MOVABLE]
    assert sum(one.minutes for one in placed) == 120
    activities.place_movable_work(service, clinic.planner, draft)
    assert sum(one.minutes for one in activities.sessions(service, clinic.planner, draft)) == 120


def test_blocks_say_who_takes_which_queue(service: Service, clinic: Client, draft: int) -> None:
    blocks = activities.channel_blocks(service, clinic.planner, draft, MONDAY)
    assert set(blocks) == {"a1", "a2", "a3"}
    assert {block.queues for some in blocks.values() for block in some} == {("visits",)}


def test_groups_are_counted_and_have_members(service: Service, clinic: Client) -> None:
    found = {one.key: one.count for one in people_groups.groups(service, clinic.planner)}
    assert (found["site:North"], found["skill:general"], found["contract:full"], found["queue:visits"]) == (2, 3, 3, 3)
    assert people_groups.members(service, clinic.planner, "site:South") == ("a3",)
    with pytest.raises(InvalidInput, match="a group is one of site"):
        people_groups.members(service, clinic.planner, "everybody")
