"""Edit a draft: every edit is saved at once, measured, can be undone, and never touches what is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.domain.roster import Break, Shift
from wfm.domain.timegrid import zone
from wfm.errors import Conflict, InvalidInput
from wfm.service import audit, edit_effect
from wfm.service.break_places import place_breaks
from wfm.service.context import Actor, Service
from wfm.service.draft_state import Change, DraftState, Placed, ShiftKey, apply, change_of, from_document, replace_shifts
from wfm.service.edit_effect import Effect
from wfm.service.policy import require
from wfm.storage import drafts as store
from wfm.storage import staff
from wfm.storage.series import unpack

if TYPE_CHECKING:
    from wfm.storage.tables import DraftEditRow

__all__ = [
    "EditView",
    "EditedActivity",
    "EditedShift",
    "History",
    "ShiftKey",
    "add_shift",
    "change_shift",
    "copy_shift",
    "edit_many",
    "history",
    "move_breaks",
    "pin_shift",
    "redo",
    "remove_shift",
    "undo",
]

MANY_ACTIONS = ("move", "remove", "pin", "unpin")


@dataclass(frozen=True, slots=True)
class EditedShift:
    """One side of an edit, on the draft's clock."""

    agent: str
    name: str
    start: datetime
    end: datetime
    pinned: bool


@dataclass(frozen=True, slots=True)
class EditedActivity:
    """What an edit of activities was about, on the draft's clock.

    Parameters
    ----------
    name
        What people read of it.
    people
        Names of those who take part.
    sessions
        How many there are: one-to-ones are placed together.
    before, after
        Where the first of them was, and where it is; None where it was not or is not any more.
    left_hours
        Movable work for which there was no room, h.
    added, removed
        Names of those who came and went, where the edit changed who takes part.
    """

    name: str
    people: tuple[str, ...]
    sessions: int
    before: tuple[datetime, datetime] | None
    after: tuple[datetime, datetime] | None
    left_hours: float = 0.0
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditView:
    """One edit as people see it.

    Parameters
    ----------
    number
        Give it to `undo` or `redo`.
    kind
        move, resize, breaks, copy, add, remove, pin, unpin or repair; activity, activity moved, activity people,
        activity removed or movable work.
    before, after
        Shifts that went and shifts that came.
    undone
        True where it can be done again.
    activity
        What an edit of activities was about.
    """

    number: int
    kind: str
    made_at: datetime
    made_by: str
    before: tuple[EditedShift, ...]
    after: tuple[EditedShift, ...]
    effect: Effect
    undone: bool
    activity: EditedActivity | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The edits of a draft, newest in front; `undo` and `redo` are those that would be taken back or done again next."""

    edits: tuple[EditView, ...]

    @property
    def undo(self) -> EditView | None:
        """The newest that is not undone."""
        return next((one for one in self.edits if not one.undone), None)

    @property
    def redo(self) -> EditView | None:
        """The oldest that is undone."""
        return next((one for one in reversed(self.edits) if one.undone), None)


def change_shift(
    service: Service,
    actor: Actor,
    draft_number: int,
    key: ShiftKey,
    start: datetime | None = None,
    minutes: int | None = None,
    agent: str | None = None,
) -> EditView:
    """Move a shift, give it another length, or another person.

    Parameters
    ----------
    start
        New start, aware or on the draft's clock; None keeps it.
    minutes
        New length from start to end; None keeps it.
    agent
        Whose it becomes; None keeps the person.

    Raises
    ------
    Conflict
        When somebody changed the shift meanwhile.
    InvalidInput
        When nothing would change, or the shift would overlap another one or leave the days of the draft.
    """

    def made(state: DraftState) -> Change:
        begin, who = state.instant(start or key.start), state.agent(agent or key.agent)
        old = state.held(key, _said(state, begin, minutes))
        length = minutes or old.shift.minutes
        if (who.id, begin, length) == (key.agent, key.start, old.shift.minutes):
            raise InvalidInput(f"the shift stands at {state.said(old.shift)} already; give another start, length or person")
        new = _shift(state, who.id, begin, length, old.shift)
        return Change("move" if length == old.shift.minutes else "resize", (old,), (Placed(new, old.pinned),))

    return _edit(service, actor, draft_number, made)


def move_breaks(service: Service, actor: Actor, draft_number: int, key: ShiftKey, starts: Sequence[datetime]) -> EditView:
    """Give the breaks of a shift other starts, in the order of the day.

    Raises
    ------
    Conflict
        When somebody changed the shift meanwhile.
    InvalidInput
        When there is not one start for each break, or a break would leave the shift or meet another one.
    """

    def made(state: DraftState) -> Change:
        old = state.held(key, "other breaks")
        if len(starts) != len(old.shift.breaks):
            raise InvalidInput(f"this shift has {len(old.shift.breaks)} breaks; give a start for each, got {len(starts)}")
        begins = [_after(state, old.shift.start, moment) for moment in starts]
        lasts = [(part.end - part.start, part.paid) for part in old.shift.breaks]
        parts = (Break(begin, begin + length, paid) for begin, (length, paid) in zip(begins, lasts, strict=True))
        breaks = tuple(sorted(parts, key=lambda part: part.start))
        edges = [old.shift.start, *(edge for part in breaks for edge in (part.start, part.end)), old.shift.end]
        if edges != sorted(edges):
            raise InvalidInput(f"breaks lie inside the shift {state.said(old.shift)} and do not meet")
        if breaks == old.shift.breaks:
            raise InvalidInput("the breaks stand there already; give at least one another start")
        return Change("breaks", (old,), (Placed(replace(old.shift, breaks=breaks), old.pinned),))

    return _edit(service, actor, draft_number, made)


def add_shift(service: Service, actor: Actor, draft_number: int, agent: str, start: datetime, minutes: int) -> EditView:
    """A new shift for somebody; its breaks go where they hurt least.

    Parameters
    ----------
    start
        Aware, or on the draft's clock.
    minutes
        From start to end.
    """

    def made(state: DraftState) -> Change:
        new = _shift(state, state.agent(agent).id, state.instant(start), minutes, None)
        return Change("add", (), (Placed(new),))

    return _edit(service, actor, draft_number, made)


def copy_shift(
    service: Service, actor: Actor, draft_number: int, key: ShiftKey, start: datetime | None = None, agent: str | None = None
) -> EditView:
    """The same shift for another person, or at another time; the first one stays."""

    def made(state: DraftState) -> Change:
        begin, who = state.instant(start or key.start), state.agent(agent or key.agent)
        old = state.held(key, f"a copy of it at {_said(state, begin, None)}")
        return Change("copy", (), (Placed(_shift(state, who.id, begin, old.shift.minutes, old.shift)),))

    return _edit(service, actor, draft_number, made)


def remove_shift(service: Service, actor: Actor, draft_number: int, key: ShiftKey) -> EditView:
    """Take a shift away."""
    return _edit(service, actor, draft_number, lambda state: Change("remove", (state.held(key, "to take it away"),), ()))


def pin_shift(service: Service, actor: Actor, draft_number: int, key: ShiftKey, pinned: bool = True) -> EditView:
    """Pin a shift, so that it stays to the minute when the rest is built or repaired; or let it go again."""

    def made(state: DraftState) -> Change:
        old = state.held(key, "to pin it" if pinned else "to unpin it")
        if old.pinned == pinned:
            raise InvalidInput(f"the shift is {'pinned' if pinned else 'not pinned'} already")
        return Change("pin" if pinned else "unpin", (old,), (replace(old, pinned=pinned),))

    return _edit(service, actor, draft_number, made)


def edit_many(
    service: Service, actor: Actor, draft_number: int, keys: Sequence[ShiftKey], action: str, by_minutes: int = 0
) -> EditView:
    """The same for several shifts, as one edit: all of it or nothing.

    Parameters
    ----------
    keys
        The shifts that were looked at.
    action
        move, remove, pin or unpin.
    by_minutes
        How much later (above 0) or earlier they start; for a move.

    Raises
    ------
    Conflict
        When somebody changed one of them meanwhile.
    InvalidInput
        When nothing would change, or a shift would overlap another one or leave the days of the draft.
    """
    if action not in MANY_ACTIONS:
        raise InvalidInput(f"action must be one of {', '.join(MANY_ACTIONS)}, got {action!r}")
    if not keys:
        raise InvalidInput("choose at least one shift")
    if action == "move" and not by_minutes:
        raise InvalidInput("say by how many minutes the shifts move")

    def made(state: DraftState) -> Change:
        old = tuple(state.held(key, f"to {action} it") for key in dict.fromkeys(keys))
        new = tuple(found for one in old if (found := _one_of_many(state, one, action, by_minutes)) is not None)
        if new == old:
            raise InvalidInput(f"these shifts are {'pinned' if action == 'pin' else 'not pinned'} already")
        return Change(action, old, new)

    return _edit(service, actor, draft_number, made)


def _one_of_many(state: DraftState, one: Placed, action: str, by_minutes: int) -> Placed | None:
    if action == "remove":
        return None
    if action == "move":
        begin = state.instant(one.shift.start + timedelta(minutes=by_minutes))
        return Placed(_shift(state, one.shift.agent, begin, one.shift.minutes, one.shift), one.pinned)
    return replace(one, pinned=action == "pin")


def undo(service: Service, actor: Actor, draft_number: int, edit_number: int) -> EditView:
    """Take the newest edit back: shifts, pins, absences and objective are as they were before it.

    Parameters
    ----------
    edit_number
        The edit that was looked at.

    Raises
    ------
    Conflict
        When there is nothing to undo, or somebody made another edit meanwhile.
    """
    return _turn(service, actor, draft_number, edit_number, back=True)


def redo(service: Service, actor: Actor, draft_number: int, edit_number: int) -> EditView:
    """Do the edit again that was undone last.

    Raises
    ------
    Conflict
        When there is nothing to do again, or somebody made another edit meanwhile.
    """
    return _turn(service, actor, draft_number, edit_number, back=False)


def history(service: Service, actor: Actor, draft_number: int) -> History:
    """The edits of a draft."""
    require(actor, "schedule.read")
    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, draft_number)
        names = {agent.key: agent.name for agent, *_ in staff.agents(session, actor.organisation_id)}
        return History(tuple(_view(one, names, row.zone) for one in reversed(store.edits(session, row))))


def _edit(service: Service, actor: Actor, draft_number: int, made: Callable[[DraftState], Change]) -> EditView:
    require(actor, "schedule.change")
    with service.database.transaction() as session:
        state = DraftState(session, actor, draft_number)
        row = apply(service, actor, session, state, made(state))
        return edit_view(row, state)


def edit_view(row: DraftEditRow, state: DraftState) -> EditView:
    """An edit as people see it, by the names of its draft."""
    return _view(row, {agent.id: agent.name for agent in state.problem.agents}, state.row.zone)


def _turn(service: Service, actor: Actor, draft_number: int, edit_number: int, *, back: bool) -> EditView:
    require(actor, "schedule.change")
    with service.database.transaction() as session:
        state = DraftState(session, actor, draft_number)
        edits = store.edits(session, state.row)
        able = [one for one in edits if one.undone is not back]
        if not able:
            raise Conflict("there is nothing to undo" if back else "there is nothing to do again")
        edit = able[-1] if back else able[0]
        if edit.number != edit_number:
            raise Conflict(f"{edit.made_by} made another edit meanwhile; look at the list again, then decide")
        change = change_of(edit, back=back)
        problem = state.row.problem
        replace_shifts(session, state, change, edit.effect["objective"][0 if back else 1], edit.effect.get("proven" if back else "bound"))
        edit.undone, edit.other_problem = back, problem if edit.other_problem is not None else None
        told = {"edit": edit.number, "kind": edit.kind}
        audit.record(session, service, actor, "draft.undo" if back else "draft.redo", "draft", state.row.number, None, told)
        return edit_view(edit, state)


def _said(state: DraftState, begin: datetime, minutes: int | None) -> str:
    here = begin.astimezone(zone(state.row.zone))
    return f"{here:%H:%M}" if minutes is None else f"{here:%H:%M}–{here + timedelta(minutes=minutes):%H:%M}"


def _after(state: DraftState, start: datetime, moment: datetime) -> datetime:
    """A time of day on the draft's clock as the first instant after `start`; an aware one as it is."""
    if moment.tzinfo is not None:
        return state.instant(moment)
    found = state.instant(moment)
    return found if found >= start else state.instant(moment + timedelta(1))


def _shift(state: DraftState, agent: str, begin: datetime, minutes: int, like: Shift | None) -> Shift:
    """A shift of that length; its breaks move along with those of `like` where they can, else they go where they hurt least."""
    if minutes <= 0 or minutes % state.problem.grid.interval_minutes:
        raise InvalidInput(f"a shift lasts a multiple of {state.problem.grid.interval_minutes} minutes, got {minutes}")
    contract = state.problem.contract_of[state.problem.agent_of[agent].contract]
    shape = next((one for one in contract.shifts if one.minutes == minutes), None)
    end = begin + timedelta(minutes=minutes)
    same = like is not None and like.minutes == minutes and state.problem.agent_of[like.agent].contract == contract.id
    if like is not None and (same or shape is None):
        moved = begin - like.start
        breaks = (Break(part.start + moved, part.end + moved, part.paid) for part in like.breaks)
        return Shift(agent, begin, end, tuple(part for part in breaks if part.end <= end))
    if shape is None:
        return Shift(agent, begin, end)
    step = state.problem.grid.interval_minutes
    return Shift(agent, begin, end, place_breaks(contract, shape, begin, step, _worth(state, agent, begin, minutes // step)))


def _worth(state: DraftState, agent: str, begin: datetime, count: int) -> list[float]:
    """What the person is worth on queue in each interval from `begin` on: most where own queues are short, least where some are spare."""
    problem, coverage = state.problem, unpack(state.row.coverage)
    prices = {part.queue: part.under_cost for part in problem.requirements}
    value = -problem.over_cost * np.minimum(coverage["spare"].astype(np.float64), 1.0)
    for queue, speed in problem.agent_of[agent].queues.items():
        if queue in prices:
            value = np.maximum(value, prices[queue] * speed * np.minimum(coverage[f"missing {queue}"], 1.0))
    first = problem.grid.index(begin)
    return [float(value[t]) if 0 <= t < len(value) else 0.0 for t in range(first, first + count)]


def _view(row: DraftEditRow, names: dict[str, str], zone_name: str) -> EditView:
    here = zone(zone_name)

    def shown(side: Sequence[Mapping[str, Any]]) -> tuple[EditedShift, ...]:
        placed = [from_document(content) for content in side]
        return tuple(
            EditedShift(s.agent, names.get(s.agent) or s.agent, s.start.astimezone(here), s.end.astimezone(here), one.pinned)
            for one, s in ((one, one.shift) for one in placed)
        )

    def activity(told: Mapping[str, Any]) -> EditedActivity:
        people, added, removed = (tuple(names.get(one) or one for one in told.get(side, ())) for side in ("people", "added", "removed"))
        before, after = (_span(told[side], here) for side in ("before", "after"))
        return EditedActivity(told["activity"], people, told["sessions"], before, after, told.get("left_hours", 0.0), added, removed)

    effect = edit_effect.from_document(row.effect)
    about = activity(row.effect["told"]) if "told" in row.effect else None
    return EditView(row.number, row.kind, row.made_at, row.made_by, shown(row.before), shown(row.after), effect, row.undone, about)


def _span(edges: Sequence[str] | None, here: tzinfo) -> tuple[datetime, datetime] | None:
    if not edges:
        return None
    begin, end = (datetime.fromisoformat(edge).astimezone(here) for edge in edges)
    return begin, end
