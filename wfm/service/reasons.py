"""Why a shift of a draft is where it is, and who could fill a gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from wfm.domain.roster import Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.timegrid import zone
from wfm.service import centre
from wfm.service.context import Actor, Service
from wfm.service.draft_view import shift_of
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.storage import drafts as store

if TYPE_CHECKING:
    from wfm.scheduler import Filling, ShiftReasons


@dataclass(frozen=True, slots=True)
class Clocked:
    """A span on the draft's clock."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class CoveredTime:
    """Hours that a shift spends on a queue."""

    queue: str
    hours: float


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another place of a shift.

    Parameters
    ----------
    place
        earlier, later, other day, day off or working.
    day, span
        Where; no span for a day off.
    rules
        What it would break, in words.
    objective_change, short_change
        Rise of the objective and of the hours short.
    """

    place: str
    day: date
    span: Clocked | None
    rules: tuple[str, ...]
    objective_change: float
    short_change: float


@dataclass(frozen=True, slots=True)
class WhyShift:
    """Why somebody works as they do on a day."""

    covers: tuple[CoveredTime, ...]
    binding: tuple[str, ...]
    others: tuple[OtherWay, ...]


@dataclass(frozen=True, slots=True)
class Filler:
    """Somebody who could fill a gap.

    Parameters
    ----------
    kind
        longer shift, moved shift, moved breaks, extra shift, shift from another day or overtime.
    old, new
        The shift that goes and the one that comes; one of them may be missing.
    old_start_s, row_version
        The key of the shift that goes, for an edit.
    hours
        Hours of the gap that are filled.
    overtime_minutes
        Paid minutes beyond the contract.
    """

    agent: str
    name: str
    kind: str
    old: Clocked | None
    new: Clocked | None
    old_start_s: int | None
    row_version: int | None
    hours: float
    objective_change: float
    overtime_minutes: int


@dataclass(frozen=True, slots=True)
class WhoCouldFill:
    """Who could fill a gap in a queue, the best first, and why not the others (name, reason)."""

    queue: str
    gap: Clocked
    short_hours: float
    fillers: tuple[Filler, ...]
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    problem: RosterProblem
    shifts: tuple[Shift, ...]
    versions: dict[tuple[str, datetime], int]
    queues: dict[str, str]

    @property
    def roster(self) -> Roster:
        return Roster(self.problem.id, self.shifts, 0.0, None, RosterStatus.FEASIBLE, "draft", 0, 0.0)

    def name(self, agent: str) -> str:
        return self.problem.agent_of[agent].name or agent

    def clocked(self, shift: Shift | None) -> Clocked | None:
        here = zone(self.problem.grid.zone_name)
        return None if shift is None else Clocked(shift.start.astimezone(here), shift.end.astimezone(here))


def why_shift(service: Service, actor: Actor, draft_number: int, agent: str, day: date) -> WhyShift:
    """What a shift covers, which rules bind it, and what moving it would cost.

    Raises
    ------
    InvalidInput
        When the draft has no such person or day.
    """
    from wfm import scheduler

    loaded = _load(service, actor, draft_number)
    return _why(loaded, scheduler.why_this_shift(loaded.problem, loaded.roster, agent, day))


def who_could_fill(service: Service, actor: Actor, draft_number: int, queue: str, start: datetime, end: datetime) -> WhoCouldFill:
    """The people who could fill a gap, ranked, and why not the others; pinned shifts and what has begun stay.

    Raises
    ------
    InvalidInput
        When the queue is unknown or the gap lies outside the days of the draft.
    """
    from wfm import scheduler

    loaded = _load(service, actor, draft_number)
    found = scheduler.who_can_fill(loaded.problem, loaded.roster, scheduler.Gap(queue, start, end), now=service.now())
    return _who(loaded, found)


def _load(service: Service, actor: Actor, number: int) -> _Loaded:
    require(actor, "schedule.read")
    queues = {view.key: view.queue.name for view in centre.queues(service, actor)}
    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, number)
        rows = store.shifts(session, row)
        versions = {(agent.key, one.start): one.row_version for one, agent in rows}
        return _Loaded(unpacked(row.problem), tuple(shift_of(one, agent.key) for one, agent in rows), versions, queues)


def _why(loaded: _Loaded, found: ShiftReasons) -> WhyShift:
    hours: dict[str, float] = {}
    for part in found.covers:
        hours[part.queue] = hours.get(part.queue, 0.0) + part.hours
    covers = sorted(hours.items(), key=lambda item: -item[1])
    others = tuple(
        OtherWay(
            str(other.place),
            other.day,
            loaded.clocked(other.shift),
            tuple(line.text for line in other.violations),
            other.objective_change,
            sum(other.short_hours_change.values()),
        )
        for other in found.alternatives
    )
    return WhyShift(tuple(CoveredTime(loaded.queues.get(queue, queue), spent) for queue, spent in covers), found.binding, others)


def _who(loaded: _Loaded, found: Filling) -> WhoCouldFill:
    here = zone(loaded.problem.grid.zone_name)
    fillers = []
    for one in found.candidates:
        old = next((move.before for move in one.moves if move.before is not None), None)
        new = next((move.after for move in one.moves if move.after is not None), None)
        key = None if old is None else loaded.versions.get((one.agent, old.start))
        old_s = None if old is None else int(old.start.timestamp())
        fillers.append(
            Filler(
                one.agent, loaded.name(one.agent), str(one.kind), loaded.clocked(old), loaded.clocked(new), old_s, key, one.hours,
                one.objective_change, one.overtime_minutes,
            )
        )
    others = tuple((loaded.name(one.agent), one.text) for one in found.others)
    gap = Clocked(found.gap.start.astimezone(here), found.gap.end.astimezone(here))
    return WhoCouldFill(loaded.queues.get(found.gap.queue, found.gap.queue), gap, found.short_hours, tuple(fillers), others)
