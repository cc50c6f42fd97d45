"""Repair a draft after an absence: a worker finds what touching 0, 1, 2, 3 people recovers, a person takes one of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wfm.domain.roster import Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.timegrid import zone
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import work
from wfm.service.context import Actor, Service
from wfm.service.draft_state import Change, DraftState, Placed, apply, document, from_document
from wfm.service.draft_view import shift_of
from wfm.service.editing import EditView, edit_view
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.service.progress import Progress
from wfm.service.work import JobView, Kind
from wfm.storage import drafts as store

if TYPE_CHECKING:
    from wfm.scheduler import Changes, RepairOption

MOST_PEOPLE = 3
LIMIT_S = 30.0  # it ends by itself long before; on a new machine kernels are compiled first


@dataclass(frozen=True, slots=True)
class RepairMove:
    """What a suggestion changes for one person on one day, on the draft's clock; None where there is no shift."""

    agent: str
    name: str
    kind: str
    before: tuple[datetime, datetime] | None
    after: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The best that can be done by touching so many other people.

    Parameters
    ----------
    number
        Give it to `accept_repair`.
    people
        Others touched.
    short_hours, recovered_hours
        Head-hours short afterwards, and how many fewer these are than when nobody is touched.
    moves
        What changes for whom, the absent person first.
    suggested
        True for the one in which every further person touched recovers more than that is worth.
    """

    number: int
    people: int
    short_hours: float
    recovered_hours: float
    objective: float
    moves: tuple[RepairMove, ...]
    suggested: bool


@dataclass(frozen=True, slots=True)
class Repairs:
    """What a search for repairs found.

    Parameters
    ----------
    draft, row_version
        The state of the draft that it looked at.
    name, start, end
        Who is away, and when, on the draft's clock.
    short_before
        Hours short before the absence.
    suggestions
        By how many people they touch; the first touches nobody.
    """

    draft: int
    row_version: int
    name: str
    start: datetime
    end: datetime
    short_before: float
    suggestions: tuple[Suggestion, ...]


def want_repairs(service: Service, actor: Actor, draft_number: int, agent: str, start: datetime, end: datetime) -> JobView:
    """Have a worker look for repairs of an absence.

    Parameters
    ----------
    start, end
        When the person is away, aware or on the draft's clock.

    Raises
    ------
    InvalidInput
        When the time is empty or lies outside the days of the draft.
    NotFound
        When the draft does not have that person.
    """
    require(actor, "schedule.change")
    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, draft_number)
        grid, known = unpacked(row.problem).grid, unpacked(row.problem).agent_of
    if agent not in known:
        raise NotFound(f"draft {draft_number} has nobody {agent!r}")
    begin, finish = (_clocked(moment, grid.zone_name) for moment in (start, end))
    if not grid.begin <= begin < finish <= grid.end:
        raise InvalidInput(f"an absence begins before it ends and lies in {grid.dates[0]} to {grid.dates[-1]}; got {start} to {end}")
    payload = {"draft": draft_number, "agent": agent, "start": begin.isoformat(), "end": finish.isoformat()}
    return work.enqueue(service, actor, Kind.REPAIR, payload)


def find_repairs(
    service: Service, actor: Actor, progress: Progress, draft_number: int, agent: str, start: datetime, end: datetime
) -> None:
    """Find what touching 0 to 3 people recovers, and keep it with the job. Heavy: for worker processes.

    Pinned shifts and what has begun already stay.
    """
    require(actor, "schedule.change")
    progress.say(0.1, "reading the draft")
    from wfm import scheduler

    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, draft_number)
        problem, rows = unpacked(row.problem), store.shifts(session, row)
        placed = [Placed(shift_of(one, person.key), one.pinned) for one, person in rows]
        state = {"draft": row.number, "row_version": row.row_version, "agent": agent}
    here = zone(problem.grid.zone_name)
    keep = scheduler.Keep(shifts=frozenset((p.shift.agent, p.shift.start.astimezone(here).date()) for p in placed if p.pinned))
    progress.note(0.3, "asking who could help")
    found = scheduler.repair(
        problem, _roster(problem, placed), _changes(agent, start, end), keep, service.now(), MOST_PEOPLE, time_limit_s=LIMIT_S
    )
    told = {
        **state,
        "start": start.isoformat(),
        "end": end.isoformat(),
        "short_before": found.short_hours_before,
        "options": [_option(option, placed) for option in found.frontier],
        "chosen": found.frontier.index(found.chosen),
    }
    with service.database.transaction() as session:
        progress.finish(session, repairs=told)


def repairs(service: Service, actor: Actor, job_id: int) -> Repairs | None:
    """What a search found; None while it goes on.

    Raises
    ------
    NotFound
        When there is no such search.
    """
    require(actor, "schedule.read")
    told = _told(service, actor, job_id)
    if told is None:
        return None
    with service.database.reading() as session:
        problem = unpacked(store.draft(session, actor.organisation_id, int(told["draft"])).problem)
    return _view(told, problem)


def accept_repair(service: Service, actor: Actor, job_id: int, number: int) -> EditView:
    """Make a suggestion the new state of its draft: one edit, which can be undone.

    Raises
    ------
    Conflict
        When the draft changed since the search, or the search is not over.
    """
    require(actor, "schedule.change")
    told = _told(service, actor, job_id)
    if told is None:
        raise Conflict("the search for repairs is not over yet")
    if not 0 <= number < len(told["options"]):
        raise NotFound(f"this search has no suggestion {number}")
    from wfm import scheduler

    with service.database.transaction() as session:
        state = DraftState(session, actor, int(told["draft"]))
        if state.row.row_version != told["row_version"]:
            raise Conflict(f"draft {state.row.number} was changed after the search; look for repairs again")
        away = _changes(told["agent"], datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))
        problem = scheduler.apply_changes(state.problem, state.shifts, away).problem
        option = told["options"][number]
        gone, came = (tuple(map(from_document, option[side])) for side in ("gone", "came"))
        row = apply(service, actor, session, state, Change("repair", gone, came, problem))
        return edit_view(row, state)


def _changes(agent: str, start: datetime, end: datetime) -> Changes:
    from wfm import scheduler

    return scheduler.Changes(absences=(scheduler.Absence(agent, start, end),))


def _roster(problem: RosterProblem, placed: list[Placed]) -> Roster:
    return Roster(problem.id, tuple(one.shift for one in placed), 0.0, None, RosterStatus.FEASIBLE, "draft", 0, 0.0)


def _option(option: RepairOption, placed: list[Placed]) -> dict[str, Any]:
    old = {one.shift: one for one in placed}
    new = set(option.shifts)
    return {
        "people": option.people,
        "short_hours": option.short_hours,
        "objective": option.objective,
        "moves": [
            {"agent": move.agent, "kind": str(move.kind), "before": _span(move.before), "after": _span(move.after)}
            for move in option.moves
        ],
        "gone": [document(one) for shift, one in old.items() if shift not in new],
        "came": [document(Placed(shift)) for shift in option.shifts if shift not in old],
    }


def _span(shift: Shift | None) -> list[str] | None:
    return None if shift is None else [shift.start.isoformat(), shift.end.isoformat()]


def _told(service: Service, actor: Actor, job_id: int) -> Mapping[str, Any] | None:
    job = work.job(service, actor, job_id)
    if job.kind != Kind.REPAIR:
        raise NotFound(f"job {job_id} is no search for repairs")
    found: Mapping[str, Any] | None = (job.result or {}).get("repairs")
    return found


def _view(told: Mapping[str, Any], problem: RosterProblem) -> Repairs:
    here = zone(problem.grid.zone_name)

    def name(agent: str) -> str:
        return problem.agent_of[agent].name or agent

    def span(given: list[str] | None) -> tuple[datetime, datetime] | None:
        if given is None:
            return None
        begin, end = (datetime.fromisoformat(one).astimezone(here) for one in given)
        return begin, end

    least = told["options"][0]["short_hours"]
    suggestions = tuple(
        Suggestion(
            number,
            option["people"],
            option["short_hours"],
            least - option["short_hours"],
            option["objective"],
            tuple(RepairMove(m["agent"], name(m["agent"]), m["kind"], span(m["before"]), span(m["after"])) for m in option["moves"]),
            number == told["chosen"],
        )
        for number, option in enumerate(told["options"])
    )
    start, end = (datetime.fromisoformat(told[edge]).astimezone(here) for edge in ("start", "end"))
    return Repairs(told["draft"], told["row_version"], name(told["agent"]), start, end, told["short_before"], suggestions)


def _clocked(moment: datetime, zone_name: str) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone(zone_name))
