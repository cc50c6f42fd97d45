"""Meetings, one-to-ones, coaching, training and movable work on a draft: look for the best time, place, move, take away.

Every change is one edit of the draft: measured, audited, undone and done again like the edits of its shifts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wfm.domain import activities as domain
from wfm.domain.activities import Activity, ActivityKind, Session
from wfm.domain.roster import Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import FixedActivity
from wfm.domain.timegrid import zone
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import edit_effect, fields, movable_work
from wfm.service.activity_views import ActivityPlace, ActivityPreview, ActivityWish, ChannelBlock, SessionView
from wfm.service.context import Actor, Service
from wfm.service.draft_state import Change, DraftState, apply
from wfm.service.draft_view import shift_of
from wfm.service.editing import EditView, edit_view
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.storage import drafts as store
from wfm.storage.series import unpack

if TYPE_CHECKING:
    from wfm.scheduler import MovableLeft, MovablePlaced

__all__ = [
    "ActivityKind",
    "ActivityPlace",
    "ActivityPreview",
    "ActivityWish",
    "ChannelBlock",
    "SessionView",
    "channel_blocks",
    "move_session",
    "place",
    "place_movable_work",
    "preview",
    "remove_session",
    "sessions",
]

MOST_MINUTES = 12 * 60
MOST_PEOPLE = 500
SHOWN_TIMES = 5
TOGETHER = 6  # people named in one edit; more are counted


@dataclass(frozen=True, slots=True)
class Loaded:
    """A draft that is looked at."""

    problem: RosterProblem
    shifts: tuple[Shift, ...]
    objective: float
    coverage: bytes
    row_version: int


def sessions(service: Service, actor: Actor, draft_number: int, day: date | None = None) -> tuple[SessionView, ...]:
    """What is placed in a draft, by start; on one local day or on all."""
    require(actor, "schedule.read")
    problem = loaded(service, actor, draft_number).problem
    here = zone(problem.grid.zone_name)
    found = (_session_view(problem, one) for one in domain.sessions(problem))
    return tuple(one for one in found if day is None or one.start.astimezone(here).date() == day)


def preview(service: Service, actor: Actor, draft_number: int, wish: ActivityWish) -> ActivityPreview:
    """The best time for an activity, what it costs in cover, and other times; nothing is changed.

    Raises
    ------
    InvalidInput
        When somebody is not in the draft, or length, times or count do not fit it.
    """
    require(actor, "schedule.change")
    from wfm import scheduler

    draft = loaded(service, actor, draft_number)
    wanted = _wanted(draft, wish)
    placed, unplaced = scheduler.place_activities(draft.problem, draft.shifts, wanted)
    others = scheduler.cheapest_times(draft.problem, draft.shifts, wanted[0], SHOWN_TIMES + 1) if len(wanted) == 1 and placed else ()
    effect = _effect(draft, domain.with_activities(draft.problem, placed)) if placed else None
    return ActivityPreview(
        places=tuple(_place_view(draft.problem, one) for one in placed),
        unplaced=tuple((_who(draft.problem, one.activity), _reason(draft.problem, one.reason)) for one in unplaced),
        others=tuple(_place_view(draft.problem, one) for one in others if one.start != placed[0].start)[:SHOWN_TIMES],
        effect=effect,
        row_version=draft.row_version,
    )


def place(
    service: Service,
    actor: Actor,
    draft_number: int,
    wish: ActivityWish,
    places: Sequence[tuple[Sequence[str], datetime]],
    row_version: int | None = None,
) -> EditView:
    """Place an activity where a preview, or somebody's own mind, has it: one edit for all its sessions.

    Parameters
    ----------
    places
        For every session its people and its start (aware, or on the draft's clock).
    row_version
        State of the draft that was looked at; None takes what is there.

    Raises
    ------
    Conflict
        When the draft changed meanwhile.
    InvalidInput
        When somebody is not at work then, has a break or another activity.
    """
    require(actor, "schedule.change")
    if not places:
        raise InvalidInput("an activity needs a time; look for one first")
    with service.database.transaction() as session:
        state = DraftState(session, actor, draft_number)
        if row_version is not None and state.row.row_version != row_version:
            raise Conflict(f"draft {draft_number} was changed meanwhile; look for a time again")
        everybody = tuple(dict.fromkeys(agent for people, _ in places for agent in people))
        name = _checked(state.problem, wish, everybody)
        problem, number = state.problem, free_number(state.problem)
        due = _due(state, wish)
        for n, (people, given) in enumerate(places):
            start = state.instant(given)
            part = FixedActivity(start, start + timedelta(minutes=wish.minutes), name, wish.kind, f"{number + n}", wish.lead, due)
            problem = _with(problem, people, part, state.shifts, state)
        after = state.instant(places[0][1]), state.instant(places[0][1]) + timedelta(minutes=wish.minutes)
        told = told_of(name, everybody, len(places), None, after)
        heads_minutes = wish.minutes * sum(len(people) for people, _ in places)
        change = Change("activity", (), (), problem, told, bound_with(state, heads_minutes / 60))
        return edit_view(apply(service, actor, session, state, change), state)


def move_session(service: Service, actor: Actor, draft_number: int, key: str, start: datetime) -> EditView:
    """Give a placed activity another start.

    Raises
    ------
    InvalidInput
        When somebody is not at work then, has a break or another activity.
    NotFound
        When it is not there any more.
    """
    require(actor, "schedule.change")
    with service.database.transaction() as session:
        state = DraftState(session, actor, draft_number)
        one = session_of(state.problem, key)
        begin, old = state.instant(start), one.fixed
        if begin == old.start:
            raise InvalidInput(f"{old.activity} stands there already; give another start")
        moved = replace(old, start=begin, end=begin + (old.end - old.start), session=old.session or f"{free_number(state.problem)}")
        problem = _with(domain.without(state.problem, key), one.people, moved, state.shifts, state)
        told = told_of(old.activity, one.people, 1, (old.start, old.end), (moved.start, moved.end))
        return edit_view(apply(service, actor, session, state, Change("activity moved", (), (), problem, told)), state)


def remove_session(service: Service, actor: Actor, draft_number: int, key: str) -> EditView:
    """Take a placed activity away: its people are on queue again.

    Raises
    ------
    NotFound
        When it is not there any more.
    """
    require(actor, "schedule.change")
    with service.database.transaction() as session:
        state = DraftState(session, actor, draft_number)
        one = session_of(state.problem, key)
        told = told_of(one.fixed.activity, one.people, 1, (one.fixed.start, one.fixed.end), None)
        change = Change("activity removed", (), (), domain.without(state.problem, key), told)
        return edit_view(apply(service, actor, session, state, change), state)


def place_movable_work(service: Service, actor: Actor, draft_number: int, most_cost_per_hour: float = 0.0) -> EditView:
    """Place the outbound and other movable work of the queues into the troughs of a draft; its `activity` says what does not fit.

    Work that is placed already goes first, so that placing again starts anew.

    Parameters
    ----------
    most_cost_per_hour
        What an hour of it may cost in the objective; 0 takes time that no queue needs.

    Raises
    ------
    InvalidInput
        When the queues have no movable work on these days, or none of it fits.
    """
    require(actor, "schedule.change")
    from wfm import scheduler

    with service.database.transaction() as session:
        state = DraftState(session, actor, draft_number)
        cleared = _without_movable(state.problem)
        known = {part.queue for part in cleared.requirements}
        wanted = [w for w in movable_work.workload(service, actor, state.row.first_day, state.row.days) if w.queue in known]
        if not wanted:
            raise InvalidInput("no queue has movable work on these days; add it with the queue's figures under People needed")
        placed, left = scheduler.place_movable(cleared, _roster(cleared, state.shifts), wanted, most_cost_per_hour)
        if not placed:
            raise InvalidInput(f"nobody can be spared for {_hours_left(left):.1f} h of movable work; allow it to cost something")
        told = _told_of_movable(placed) | {"left_hours": _hours_left(left)}
        change = Change("movable work", (), (), _with_movable(cleared, placed), told)
        return edit_view(apply(service, actor, session, state, change), state)


def channel_blocks(service: Service, actor: Actor, draft_number: int, day: date) -> Mapping[str, tuple[ChannelBlock, ...]]:
    """Who takes which queue when on a local day, in stable blocks; by key of the person."""
    require(actor, "schedule.read")
    from wfm import scheduler

    draft = loaded(service, actor, draft_number)
    here, grid = zone(draft.problem.grid.zone_name), draft.problem.grid
    if day not in grid.dates:
        raise NotFound(f"this draft covers {grid.dates[0]} to {grid.dates[-1]}, not {day}")
    that_day = [shift for shift in draft.shifts if shift.start.astimezone(here).date() == day]
    found = scheduler.channel_blocks(draft.problem, _roster(draft.problem, that_day)).blocks
    return {
        agent: tuple(ChannelBlock(block.start.astimezone(here), block.end.astimezone(here), block.queues) for block in blocks)
        for agent, blocks in found.items()
        if blocks
    }


def loaded(service: Service, actor: Actor, number: int) -> Loaded:
    """A draft with its problem and shifts.

    Raises
    ------
    NotFound
        When there is no such draft.
    Conflict
        When it was stored without its problem.
    """
    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, number)
        if not row.problem:
            raise Conflict(f"draft {number} was stored without its problem; build a new one")
        shifts = tuple(shift_of(one, agent.key) for one, agent in store.shifts(session, row))
        return Loaded(unpacked(row.problem), shifts, row.objective, row.coverage, row.row_version)


def _checked(problem: RosterProblem, wish: ActivityWish, everybody: Sequence[str]) -> str:
    """What people read of it; refuses a wish that no draft can hold."""
    step = problem.grid.interval_minutes
    if not 0 < wish.minutes <= MOST_MINUTES or wish.minutes % step:
        raise InvalidInput(f"an activity lasts a multiple of {step} minutes, at most {MOST_MINUTES}, got {wish.minutes}")
    if not 0 < len(everybody) <= MOST_PEOPLE:
        raise InvalidInput(f"an activity has 1 to {MOST_PEOPLE} people, got {len(everybody)}")
    unknown = [key for key in everybody if key not in problem.agent_of]
    if unknown:
        raise NotFound(f"this draft has nobody {unknown[0]!r}")
    return fields.text("name", wish.name, 80)


def _people(wish: ActivityWish) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*((wish.lead,) if wish.lead else ()), *wish.people)))


def _wanted(draft: Loaded, wish: ActivityWish) -> list[Activity]:
    """The sessions of a wish, with their people."""
    from wfm import scheduler

    problem = draft.problem
    name, number = _checked(problem, wish, _people(wish)), free_number(problem)
    earliest, due = (max(problem.grid.begin, min(_instant(problem, moment), problem.grid.end)) for moment in (wish.earliest, wish.due))
    if due <= earliest:
        days = f"{problem.grid.dates[0]} to {problem.grid.dates[-1]}"
        raise InvalidInput(f"the activity must be due after its earliest time and within {days}")
    always = (wish.lead,) if wish.lead else ()

    def one(n: int, people: tuple[str, ...]) -> Activity:
        return Activity(f"{number + n}", name, people, wish.minutes, earliest, due, wish.kind, wish.lead)

    others = tuple(key for key in _people(wish) if key != wish.lead)
    if wish.separately:
        return [one(n, (*always, key)) for n, key in enumerate(others[: wish.count])]
    if wish.count is None or not others:
        return [one(0, (*always, *others))]
    chosen = scheduler.cheapest_people(problem, draft.shifts, one(0, others), always, wish.count)
    if chosen is None:
        raise InvalidInput(f"there are never {wish.count} of these people on queue together for {wish.minutes} minutes before it is due")
    return [chosen]


def _instant(problem: RosterProblem, moment: datetime) -> datetime:
    """An aware time as it is; a naive one on the clock of the problem."""
    return moment if moment.tzinfo else problem.grid.instant(moment.date(), moment.hour * 60 + moment.minute)


def _due(state: DraftState, wish: ActivityWish) -> datetime | None:
    """When it is due, where that is inside the draft."""
    due = _instant(state.problem, wish.due)
    return due if due < state.problem.grid.end else None


def free_number(problem: RosterProblem) -> int:
    """The number after the highest of all sessions."""
    used = [int(part.session) for agent in problem.agents for part in agent.fixed if part.session.isdecimal()]
    return max(used, default=0) + 1


def _with(problem: RosterProblem, people: Iterable[str], part: FixedActivity, shifts: Sequence[Shift], state: DraftState) -> RosterProblem:
    """The problem with an activity of some people; refused where somebody cannot be there."""
    some = list(dict.fromkeys(people))
    for key in some:
        found = domain.hindrance(problem.agent_of[key], shifts, part.start, part.end)
        if found:
            raise InvalidInput(f"{hindered(state, key, found, part)}; take another time")
    return domain.with_fixed(problem, {key: (*problem.agent_of[key].fixed, part) for key in some})


def hindered(state: DraftState, key: str, reason: str, part: FixedActivity) -> str:
    """Why somebody cannot be at an activity, in words and on the draft's clock."""
    begin, end = (moment.astimezone(zone(state.row.zone)) for moment in (part.start, part.end))
    return f"{state.agent(key).name or key} {reason} ({begin:%a %H:%M}–{end:%H:%M})"


def bound_with(state: DraftState, hours: float) -> float | None:
    """A lower bound with activities of so many head-hours more.

    Every head that they take away can have saved its price as a spare one, and that of every limit to the people present.
    """
    known, price = state.row.lower_bound, state.problem.over_cost + sum(rule.cost for rule in state.problem.rules)
    return None if known is None else known - price * hours


def session_of(problem: RosterProblem, key: str) -> Session:
    """A session by its key.

    Raises
    ------
    NotFound
        When it is not there any more.
    """
    found = next((one for one in domain.sessions(problem) if one.key == key), None)
    if found is None:
        raise NotFound("this activity is not there any more; look again")
    return found


def _effect(draft: Loaded, problem: RosterProblem) -> edit_effect.Effect:
    return edit_effect.measure(draft.problem, problem, draft.objective, unpack(draft.coverage), draft.shifts, draft.shifts).effect


def _roster(problem: RosterProblem, shifts: Sequence[Shift]) -> Roster:
    return Roster(problem.id, tuple(shifts), 0.0, None, RosterStatus.FEASIBLE, "draft", 0, 0.0)


def _without_movable(problem: RosterProblem) -> RosterProblem:
    left = {agent.id: [part for part in agent.fixed if part.kind != ActivityKind.MOVABLE] for agent in problem.agents}
    return domain.with_fixed(problem, {key: parts for key, parts in left.items() if len(parts) != len(problem.agent_of[key].fixed)})


def _with_movable(problem: RosterProblem, placed: Sequence[MovablePlaced]) -> RosterProblem:
    number = free_number(problem)
    mine: dict[str, list[FixedActivity]] = {}
    for n, one in enumerate(placed):
        part = FixedActivity(one.start, one.end, one.window.name, ActivityKind.MOVABLE, f"{number + n}", due=one.window.due)
        mine.setdefault(one.agent, list(problem.agent_of[one.agent].fixed)).append(part)
    return domain.with_fixed(problem, mine)


def _hours_left(left: Sequence[MovableLeft]) -> float:
    return sum(one.hours for one in left)


def _told_of_movable(placed: Sequence[MovablePlaced]) -> dict[str, Any]:
    names = ", ".join(dict.fromkeys(one.window.name for one in placed))
    first = min(placed, key=lambda one: one.start)
    return told_of(names, dict.fromkeys(one.agent for one in placed), len(placed), None, (first.start, first.end))


def told_of(
    name: str, people: Iterable[str], count: int, before: tuple[datetime, datetime] | None, after: tuple[datetime, datetime] | None
) -> dict[str, Any]:
    """An edit of activities as the draft keeps it: what, for whom, how many sessions, and the times of the first before and after."""
    edges = {side: span and [moment.isoformat() for moment in span] for side, span in (("before", before), ("after", after))}
    return {"activity": name, "people": list(people), "sessions": count, **edges}


def _session_view(problem: RosterProblem, one: Session) -> SessionView:
    here, part = zone(problem.grid.zone_name), one.fixed
    lead = problem.agent_of[part.lead].name or part.lead if part.lead in problem.agent_of else part.lead
    due = part.due and part.due.astimezone(here)
    edges = part.start.astimezone(here), part.end.astimezone(here)
    return SessionView(one.key, part.kind, part.activity, one.people, _names(problem, one.people), lead, *edges, due)


def _place_view(problem: RosterProblem, one: domain.Placed) -> ActivityPlace:
    here, people = zone(problem.grid.zone_name), one.activity.people
    return ActivityPlace(people, _names(problem, people), one.start.astimezone(here), one.end.astimezone(here), one.cost)


def _names(problem: RosterProblem, people: Iterable[str]) -> tuple[str, ...]:
    return tuple(problem.agent_of[key].name or key for key in people)


def _who(problem: RosterProblem, activity: Activity) -> str:
    names = _names(problem, (key for key in activity.people if key != activity.lead or len(activity.people) == 1))
    return ", ".join(names[:TOGETHER]) + (f" +{len(names) - TOGETHER}" if len(names) > TOGETHER else "")


def _reason(problem: RosterProblem, reason: str) -> str:
    """The scheduler's reason with names instead of keys."""
    keys, has, rest = reason.partition(" has no ")
    if not has:
        return reason
    return ", ".join(_names(problem, (key for key in keys.split(", ") if key in problem.agent_of))) + has + rest
