"""Edits of a draft: saved at once, measured, undone one by one, and never in two hands at the same time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.support.drafts import MONDAY, shift
from tests.support.planned import planned
from tests.support.service import Client
from wfm.errors import Conflict, InvalidInput, NotAllowed, NotFound
from wfm.service import audit, editing, publishing, scheduling
from wfm.service.context import Role, Service
from wfm.service.draft_view import DraftView, ShiftView
from wfm.service.editing import EditView, ShiftKey

TUESDAY = MONDAY + timedelta(1)
NINE = datetime(2026, 6, 15, 9)


def view(service: Service, clinic: Client, day: date | None = MONDAY) -> DraftView:
    return scheduling.draft(service, clinic.planner, 1, day)


def shown(service: Service, clinic: Client, agent: str = "a1", day: date = MONDAY) -> ShiftView:
    (found,) = next(one for one in view(service, clinic, day).agents if one.key == agent).shifts
    return found


def key(service: Service, clinic: Client, agent: str = "a1", day: date = MONDAY) -> ShiftKey:
    found = shown(service, clinic, agent, day)
    return ShiftKey(agent, found.start, found.row_version)


def everything(service: Service, clinic: Client) -> Any:
    """All that a reader sees, without the counters of changes."""
    seen = view(service, clinic, None)
    agents = [(a.key, [(s.start, s.end, s.breaks, s.pinned) for s in a.shifts]) for a in seen.agents]
    return agents, seen.queues, seen.spare, seen.rules_broken, seen.summary.objective, seen.summary.gap


@pytest.fixture
def draft(service: Service, clinic: Client) -> int:
    return planned(service, clinic.planner)


def test_a_shift_moves_with_its_breaks_and_tells_what_that_does(service: Service, clinic: Client, draft: int) -> None:
    before = view(service, clinic)
    edit = editing.change_shift(service, clinic.planner, draft, key(service, clinic), NINE)
    moved = shown(service, clinic)
    assert (moved.start.hour, moved.end.hour, moved.end.minute) == (9, 17, 30)
    assert [(pause.start.hour, pause.start.minute) for pause in moved.breaks] == [(11, 0), (13, 0)]
    assert (edit.kind, edit.before[0].start.hour, edit.after[0].start.hour) == ("move", 8, 9)
    after = view(service, clinic)
    short = edit.effect.short["visits"]
    assert short[1] - short[0] == pytest.approx(after.short_hours - before.short_hours, abs=1e-3)
    assert edit.effect.short_change < 0  # the last hour was short of two
    assert after.summary.objective - before.summary.objective == pytest.approx(edit.effect.objective_change)
    assert edit.effect.warnings == ()


def test_the_patched_coverage_is_the_one_of_a_fresh_count(service: Service, clinic: Client, draft: int) -> None:
    editing.change_shift(service, clinic.planner, draft, key(service, clinic), NINE)
    editing.remove_shift(service, clinic.planner, draft, key(service, clinic, "a2", TUESDAY))
    edited = view(service, clinic, None)
    shifts = [shift("a1", MONDAY, 9.0), *(shift("a1", MONDAY + timedelta(n)) for n in range(1, 5))]
    shifts += [shift("a2", MONDAY + timedelta(n)) for n in (0, 2, 3, 4)] + [shift("a3", MONDAY + timedelta(n)) for n in range(5)]
    fresh = scheduling.draft(service, clinic.planner, planned(service, clinic.planner, shifts), None)
    assert edited.summary.objective == pytest.approx(fresh.summary.objective)
    assert edited.short_hours == pytest.approx(fresh.short_hours, abs=1e-3)
    assert edited.spare == fresh.spare


def test_rules_are_warned_of_at_once_and_keep_the_draft_from_being_published(service: Service, clinic: Client, draft: int) -> None:
    late = editing.change_shift(service, clinic.planner, draft, key(service, clinic), datetime(2026, 6, 15, 15, 30))
    early = editing.change_shift(service, clinic.planner, draft, key(service, clinic, day=TUESDAY), datetime(2026, 6, 16, 7))
    assert late.effect.warnings == (("a1", "2026-06-16T08:00-05:00", "480 minutes of rest, 660 due"),)
    assert [line[2] for line in early.effect.warnings] == ["420 minutes of rest, 660 due"]
    assert view(service, clinic).rules_broken == ("a1 2026-06-16T07:00-05:00: 420 minutes of rest, 660 due",)
    with pytest.raises(Conflict, match="420 minutes of rest"):
        publishing.publish(service, clinic.planner, draft, "x")
    editing.undo(service, clinic.planner, draft, 2)
    editing.undo(service, clinic.planner, draft, 1)
    assert publishing.publish(service, clinic.planner, draft, "x").shifts == 15


def test_a_shorter_shift_has_the_breaks_of_its_length(service: Service, clinic: Client, draft: int) -> None:
    edit = editing.change_shift(service, clinic.planner, draft, key(service, clinic), minutes=360)
    new = shown(service, clinic)
    assert (edit.kind, new.minutes, len(new.breaks)) == ("resize", 360, 1)
    assert timedelta(minutes=60) <= new.breaks[0].start - new.start <= timedelta(minutes=240)
    assert edit.effect.warnings == ()


def test_a_length_that_the_contract_does_not_know_is_warned_of(service: Service, clinic: Client, draft: int) -> None:
    edit = editing.change_shift(service, clinic.planner, draft, key(service, clinic), minutes=300)
    assert any("300 minutes long" in text for _, _, text in edit.effect.warnings)


def test_breaks_move_alone(service: Service, clinic: Client, draft: int) -> None:
    starts = [datetime(2026, 6, 15, 9, 30), datetime(2026, 6, 15, 12, 30)]
    edit = editing.move_breaks(service, clinic.planner, draft, key(service, clinic), starts)
    assert edit.kind == "breaks"
    assert [pause.start.hour for pause in shown(service, clinic).breaks] == [9, 12]
    with pytest.raises(InvalidInput, match="do not meet"):
        editing.move_breaks(service, clinic.planner, draft, key(service, clinic), [starts[0], datetime(2026, 6, 15, 9, 30)])
    with pytest.raises(InvalidInput, match="2 breaks"):
        editing.move_breaks(service, clinic.planner, draft, key(service, clinic), starts[:1])


def test_shifts_are_added_copied_given_away_and_taken_away(service: Service, clinic: Client, draft: int) -> None:
    saturday = MONDAY + timedelta(5)
    added = editing.add_shift(service, clinic.planner, draft, "a1", datetime(2026, 6, 20, 9), 510)
    assert (added.kind, shown(service, clinic, day=saturday).paid_minutes) == ("add", 480)
    assert any("6 days" in text for _, _, text in added.effect.warnings)
    copied = editing.copy_shift(service, clinic.planner, draft, key(service, clinic, day=saturday), agent="a2")
    assert copied.after[0].name == "Agent 2"
    assert shown(service, clinic, "a2", saturday).breaks == shown(service, clinic, "a1", saturday).breaks
    given = editing.change_shift(service, clinic.planner, draft, key(service, clinic, day=saturday), agent="a3")
    assert (given.before[0].agent, given.after[0].agent) == ("a1", "a3")
    editing.remove_shift(service, clinic.planner, draft, key(service, clinic, "a3", saturday))
    assert view(service, clinic).shift_count == 16


def test_a_pin_stays_through_a_move(service: Service, clinic: Client, draft: int) -> None:
    edit = editing.pin_shift(service, clinic.planner, draft, key(service, clinic))
    assert (edit.kind, shown(service, clinic).pinned, edit.effect.objective_change) == ("pin", True, 0)
    editing.change_shift(service, clinic.planner, draft, key(service, clinic), NINE)
    assert shown(service, clinic).pinned
    assert editing.pin_shift(service, clinic.planner, draft, key(service, clinic), False).kind == "unpin"
    with pytest.raises(InvalidInput, match="not pinned already"):
        editing.pin_shift(service, clinic.planner, draft, key(service, clinic), False)


def test_twenty_edits_undone_one_by_one_restore_the_exact_state(service: Service, clinic: Client, draft: int) -> None:
    states = [everything(service, clinic)]
    for n in range(20):
        agent, day = f"a{1 + n % 3}", MONDAY + timedelta(n % 5)
        start = shown(service, clinic, agent, day).start + timedelta(minutes=15 * (1 + n % 4))
        if n % 7 == 6:
            pinned = shown(service, clinic, agent, day).pinned
            editing.pin_shift(service, clinic.planner, draft, key(service, clinic, agent, day), not pinned)
        else:
            editing.change_shift(service, clinic.planner, draft, key(service, clinic, agent, day), start)
        states.append(everything(service, clinic))
    for n in range(20, 0, -1):
        editing.undo(service, clinic.planner, draft, n)
        assert everything(service, clinic) == states[n - 1]
    with pytest.raises(Conflict, match="nothing to undo"):
        editing.undo(service, clinic.planner, draft, 1)
    for n in range(1, 21):
        editing.redo(service, clinic.planner, draft, n)
    assert everything(service, clinic) == states[20]
    with pytest.raises(Conflict, match="nothing to do again"):
        editing.redo(service, clinic.planner, draft, 20)


def test_a_new_edit_after_an_undo_leaves_nothing_to_do_again(service: Service, clinic: Client, draft: int) -> None:
    editing.change_shift(service, clinic.planner, draft, key(service, clinic), NINE)
    editing.undo(service, clinic.planner, draft, 1)
    seen = editing.history(service, clinic.planner, draft)
    assert (seen.undo, seen.redo and seen.redo.number) == (None, 1)
    editing.remove_shift(service, clinic.planner, draft, key(service, clinic))
    (only,) = editing.history(service, clinic.planner, draft).edits
    assert (only.number, only.kind, only.undone) == (2, "remove", False)


def test_two_planners_at_one_shift_are_told_of_each_other(service: Service, clinic: Client, draft: int) -> None:
    seen = key(service, clinic)
    editing.change_shift(service, clinic.planner, draft, seen, NINE)
    with pytest.raises(Conflict) as told:
        editing.change_shift(service, clinic.administrator, draft, seen, datetime(2026, 6, 15, 10), 360)
    assert "no shift any more" not in str(told.value)
    assert "now 09:00–17:30" in str(told.value)
    assert "you wanted 10:00–16:00" in str(told.value)
    editing.remove_shift(service, clinic.planner, draft, key(service, clinic))
    with pytest.raises(Conflict, match="no shift any more"):
        editing.remove_shift(service, clinic.administrator, draft, seen)


def test_another_shift_of_the_same_draft_can_be_changed_meanwhile(service: Service, clinic: Client, draft: int) -> None:
    mine, theirs = key(service, clinic), key(service, clinic, "a2")
    editing.change_shift(service, clinic.planner, draft, mine, NINE)
    editing.change_shift(service, clinic.administrator, draft, theirs, NINE)
    with pytest.raises(Conflict, match="made another edit meanwhile"):
        editing.undo(service, clinic.planner, draft, 1)


IMPOSSIBLE: dict[str, tuple[Callable[[Service, Client, ShiftKey], EditView], str]] = {
    "an overlap": (lambda s, c, k: editing.add_shift(s, c.planner, 1, "a1", datetime(2026, 6, 15, 12), 510), "overlap"),
    "outside the week": (lambda s, c, k: editing.change_shift(s, c.planner, 1, k, datetime(2026, 6, 14, 9)), "lies outside"),
    "over the end": (lambda s, c, k: editing.add_shift(s, c.planner, 1, "a1", datetime(2026, 6, 21, 20), 510), "lies outside"),
    "off the grid": (lambda s, c, k: editing.change_shift(s, c.planner, 1, k, datetime(2026, 6, 15, 9, 7)), "15-minute grid, got 09:07"),
    "an odd length": (lambda s, c, k: editing.change_shift(s, c.planner, 1, k, minutes=500), "multiple of 15 minutes, got 500"),
    "nothing new": (lambda s, c, k: editing.change_shift(s, c.planner, 1, k), "already"),
    "no length": (lambda s, c, k: editing.add_shift(s, c.planner, 1, "a1", datetime(2026, 6, 20, 8), -15), "multiple of 15"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_no_draft_may_hold_is_refused_and_changes_nothing(service: Service, clinic: Client, draft: int, case: str) -> None:
    before = everything(service, clinic)
    with pytest.raises(InvalidInput, match=IMPOSSIBLE[case][1]):
        IMPOSSIBLE[case][0](service, clinic, key(service, clinic))
    assert everything(service, clinic) == before
    assert editing.history(service, clinic.planner, draft).edits == ()


def test_nobody_and_other_organisations_are_not_found(service: Service, clinic: Client, rival: Client, draft: int) -> None:
    with pytest.raises(NotFound, match="nobody 'a9'"):
        editing.add_shift(service, clinic.planner, draft, "a9", NINE, 510)
    with pytest.raises(NotFound):
        editing.change_shift(service, rival.planner, draft, key(service, clinic), NINE)
    with pytest.raises(NotFound):
        editing.history(service, rival.planner, draft)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.AGENT])
def test_only_planners_edit(service: Service, clinic: Client, draft: int, role: Role) -> None:
    with pytest.raises(NotAllowed):
        editing.remove_shift(service, clinic.actors[role], draft, key(service, clinic))
    with pytest.raises(NotAllowed):
        editing.undo(service, clinic.actors[role], draft, 1)


def test_editing_a_published_draft_leaves_what_agents_see(service: Service, clinic: Client, draft: int) -> None:
    publishing.publish(service, clinic.planner, draft)
    before = publishing.published_shifts(service, clinic.planner, MONDAY, 7)
    editing.change_shift(service, clinic.planner, draft, key(service, clinic), NINE)
    assert publishing.published_shifts(service, clinic.planner, MONDAY, 7) == before
    assert publishing.publication(service, clinic.planner, 1).intact
    assert publishing.diff(service, clinic.planner, draft).totals.moved == 1


def test_every_edit_stands_in_the_trail(service: Service, clinic: Client, draft: int) -> None:
    editing.change_shift(service, clinic.planner, draft, key(service, clinic), NINE)
    editing.undo(service, clinic.planner, draft, 1)
    rows = audit.entries(service, clinic.administrator, action="draft.").entries
    assert [row.action for row in rows] == ["draft.undo", "draft.edit", "draft.make"]
    before, after = rows[1].before or {}, rows[1].after or {}
    assert before["shifts"][0]["start"] != after["shifts"][0]["start"]
    assert audit.verify(service, clinic.id).ok


def test_several_shifts_are_one_edit_and_one_undo(service: Service, clinic: Client, draft: int) -> None:
    before = everything(service, clinic)
    keys = [key(service, clinic, agent) for agent in ("a1", "a2", "a3")]
    moved = editing.edit_many(service, clinic.planner, draft, keys, "move", 60)
    assert (moved.kind, len(moved.before), len(moved.after)) == ("move", 3, 3)
    assert {shown(service, clinic, agent).start.hour for agent in ("a1", "a2", "a3")} == {9}
    pinned = editing.edit_many(service, clinic.planner, draft, [key(service, clinic, agent) for agent in ("a1", "a2")], "pin")
    assert [shown(service, clinic, agent).pinned for agent in ("a1", "a2", "a3")] == [True, True, False]
    removed = editing.edit_many(service, clinic.planner, draft, [key(service, clinic, "a3")], "remove")
    for edit in (removed, pinned, moved):
        editing.undo(service, clinic.planner, draft, edit.number)
    assert everything(service, clinic) == before


def test_several_shifts_change_together_or_not_at_all(service: Service, clinic: Client, draft: int) -> None:
    first, second = key(service, clinic), key(service, clinic, "a2")
    editing.change_shift(service, clinic.planner, draft, second, NINE)
    before = everything(service, clinic)
    with pytest.raises(Conflict, match="meanwhile"):
        editing.edit_many(service, clinic.planner, draft, [first, second], "remove")
    for keys, action, by, words in (
        ([first], "fly", 0, "action must be one of"),
        ([], "pin", 0, "at least one shift"),
        ([first], "move", 0, "by how many minutes"),
        ([first], "unpin", 0, "not pinned already"),
        ([first], "move", 7, "grid"),
    ):
        with pytest.raises(InvalidInput, match=words):
            editing.edit_many(service, clinic.planner, draft, keys, action, by)
    assert everything(service, clinic) == before
