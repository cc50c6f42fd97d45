"""Drafts as pages show them: who works when, and how that covers what is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.activities import key_of
from wfm.domain.roster import Break, RosterProblem, Shift
from wfm.domain.staff import Agent
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import NotFound
from wfm.service import centre
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.storage import drafts as store
from wfm.storage.series import unpack

if TYPE_CHECKING:
    from wfm.storage.tables import DraftRow, DraftShiftRow

_SHORT = 0.05  # heads; less is rounding

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """One draft in a list; `gap` says in words how far it can be from the best possible."""

    number: int
    requirement: int | None
    zone: str
    first_day: date
    days: int
    made_at: datetime
    made_by: str
    shift_count: int
    objective: float
    lower_bound: float | None
    gap: str
    row_version: int


@dataclass(frozen=True, slots=True)
class Span:
    """A break inside a shift, local time."""

    start: datetime
    end: datetime
    paid: bool


@dataclass(frozen=True, slots=True)
class ActivitySpan:
    """An activity inside a shift, local time; `session` is what it has in common with those of others who take part."""

    start: datetime
    end: datetime
    name: str
    kind: str
    session: str


@dataclass(frozen=True, slots=True)
class ShiftView:
    """One shift, local time of the draft.

    Parameters
    ----------
    day
        The local day on which it starts.
    row_version
        Given back with a change.
    pinned
        Whether it stays to the minute when the rest is built or repaired.
    activities
        What is done in it off queue.
    """

    day: date
    start: datetime
    end: datetime
    breaks: tuple[Span, ...]
    paid_minutes: int
    row_version: int
    pinned: bool = False
    activities: tuple[ActivitySpan, ...] = ()

    @property
    def start_s(self) -> int:
        """Its start, s since 1970 UTC."""
        return int(self.start.timestamp())

    @property
    def minutes(self) -> int:
        """From start to end."""
        return int((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class DraftAgent:
    """A person with the shifts shown; `lengths` are those that the contract allows, minutes from start to end, none where the draft
    cannot schedule the person."""

    key: str
    name: str
    site: str | None
    contract: str
    languages: tuple[str, ...]
    queues: tuple[str, ...]
    shifts: tuple[ShiftView, ...]
    paid_hours: float
    lengths: tuple[int, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueCoverage:
    """One queue over the intervals shown, heads.

    Parameters
    ----------
    needed
        Heads required on queue, what is added for unplanned shrinkage included.
    scheduled
        Heads that the best split gives it.
    missing
        The difference, at least 0.
    short_hours, needed_hours
        Sums over the intervals shown.
    """

    key: str
    name: str
    needed: tuple[float, ...]
    scheduled: tuple[float, ...]
    missing: tuple[float, ...]
    needed_hours: float
    short_hours: float


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft, one day of it or all.

    Parameters
    ----------
    day
        The local day shown; None for the whole draft.
    clocks
        Start of the intervals shown, HH:MM on the draft's clock.
    start_s
        The same, s since 1970 UTC.
    spare
        Heads on duty that no queue needs, by interval.
    short_text
        Where most is missing, in words; empty where nothing is.
    rules_broken
        Rules that the shifts break; empty for what the solver made.
    broken
        The same as key of the person, local time or week, and what is wrong.
    """

    summary: DraftSummary
    day: date | None
    clocks: tuple[str, ...]
    start_s: tuple[int, ...]
    agents: tuple[DraftAgent, ...]
    queues: tuple[QueueCoverage, ...]
    spare: tuple[float, ...]
    on_duty: tuple[float, ...]
    needed_hours: float
    short_hours: float
    short_text: str
    rules_broken: tuple[str, ...]
    notes: tuple[str, ...]
    broken: tuple[tuple[str, str, str], ...] = ()

    @property
    def shift_count(self) -> int:
        """Shifts of the whole draft."""
        return self.summary.shift_count

    @property
    def gap(self) -> str:
        """How far it can be from the best possible, in words."""
        return self.summary.gap


def drafts(service: Service, actor: Actor, limit: int = 30) -> tuple[DraftSummary, ...]:
    """The newest drafts, newest in front."""
    require(actor, "schedule.read")
    with service.database.reading() as session:
        rows = store.drafts(session, actor.organisation_id, limit)
        counts = store.shift_counts(session, [row.id for row in rows])
        numbers = store.requirement_numbers(session, actor.organisation_id)
        return tuple(summary(row, counts.get(row.id, 0), numbers) for row in rows)


def draft(service: Service, actor: Actor, number: int | None = None, day: date | None = None) -> DraftView:
    """One draft, the newest where none is named; `day` narrows it to one local day.

    Raises
    ------
    NotFound
        When there is no such draft, or it does not have that day.
    """
    require(actor, "schedule.read")
    people = {view.key: view for view in centre.agents(service, actor)}
    names = {view.key: view.queue.name for view in centre.queues(service, actor)}
    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, number)
        problem, arrays = unpacked(row.problem), unpack(row.coverage)
        shown = _shown(problem.grid, day)
        shifts = store.shifts(session, row, *(_edges(problem.grid, shown) if day else ()))
        count = store.shift_counts(session, [row.id]).get(row.id, 0)
        made = summary(row, count, store.requirement_numbers(session, actor.organisation_id))
        agents = _agents(problem, people, shifts, day)
        report = dict(row.report)
    queues = _queues(problem, names, arrays, shown)
    starts = problem.grid.local_starts[shown]
    return DraftView(
        summary=made,
        day=day,
        clocks=tuple(f"{start:%H:%M}" for start in starts),
        start_s=tuple(int(start.timestamp()) for start in starts),
        agents=agents,
        queues=queues,
        spare=_numbers(arrays["spare"][shown]),
        on_duty=_numbers(arrays["on_duty"][shown]),
        needed_hours=sum(queue.needed_hours for queue in queues),
        short_hours=sum(queue.short_hours for queue in queues),
        short_text=_short_text(problem.grid, queues, starts),
        rules_broken=tuple(report.get("rules_broken", ())),
        notes=tuple(report.get("notes", ())),
        broken=tuple((str(agent), str(when), str(text)) for agent, when, text in report.get("broken", ())),
    )


def draft_summary(service: Service, actor: Actor, number: int) -> DraftSummary:
    """One draft as in a list.

    Raises
    ------
    NotFound
        When there is none of that number.
    """
    require(actor, "schedule.read")
    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, number)
        count = store.shift_counts(session, [row.id]).get(row.id, 0)
        return summary(row, count, store.requirement_numbers(session, actor.organisation_id))


def summary(row: DraftRow, shift_count: int, requirement_numbers: Mapping[int, int]) -> DraftSummary:
    """A stored draft in a list."""
    return DraftSummary(
        number=row.number,
        requirement=None if row.requirement_id is None else requirement_numbers.get(row.requirement_id),
        zone=row.zone,
        first_day=row.first_day,
        days=row.days,
        made_at=row.made_at,
        made_by=row.made_by,
        shift_count=shift_count,
        objective=row.objective,
        lower_bound=row.lower_bound,
        gap=str(row.report.get("gap", "")),
        row_version=row.row_version,
    )


def breaks_document(breaks: Sequence[Break]) -> list[dict[str, Any]]:
    """Breaks as a shift's row keeps them: UTC, ISO 8601."""
    return [{"start": pause.start.isoformat(), "end": pause.end.isoformat(), "paid": pause.paid} for pause in breaks]


def shift_of(row: DraftShiftRow, agent_key: str) -> Shift:
    """A stored shift as the scheduler sees it."""
    breaks = tuple(Break(datetime.fromisoformat(b["start"]), datetime.fromisoformat(b["end"]), bool(b["paid"])) for b in row.breaks)
    return Shift(agent_key, row.start, row.end, breaks)


def _shown(grid: TimeGrid, day: date | None) -> slice:
    if day is None:
        return slice(0, grid.count)
    if day not in grid.dates:
        raise NotFound(f"this draft covers {grid.dates[0]} to {grid.dates[-1]}, not {day}")
    return slice(*grid.day_bounds[grid.dates.index(day)])


def _edges(grid: TimeGrid, shown: slice) -> tuple[datetime, datetime]:
    """The time that is shown."""
    step = timedelta(minutes=grid.interval_minutes)
    return grid.begin + step * shown.start, grid.begin + step * shown.stop


def _agents(
    problem: RosterProblem, people: Mapping[str, centre.AgentView], shifts: Sequence[tuple[DraftShiftRow, store.Holder]], day: date | None
) -> tuple[DraftAgent, ...]:
    here = zone(problem.grid.zone_name)
    of_agent: dict[str, list[ShiftView]] = {}
    for row, agent in shifts:
        view = _shift_view(row, here, problem.agent_of.get(agent.key))
        if day is None or view.day == day:
            of_agent.setdefault(agent.key, []).append(view)
    found = []
    for person in people.values():
        mine = tuple(of_agent.get(person.key, ()))
        queues, hours = tuple(sorted(person.agent.queues)), sum(shift.paid_minutes for shift in mine) / 60
        lengths = _lengths(problem, person.key)
        who = person.key, person.name, person.site, person.contract, person.languages
        found.append(DraftAgent(*who, queues, mine, hours, lengths, person.skills))
    return tuple(found)


def _lengths(problem: RosterProblem, key: str) -> tuple[int, ...]:
    agent = problem.agent_of.get(key)
    return () if agent is None else tuple(sorted({shape.minutes for shape in problem.contract_of[agent.contract].shifts}))


def _shift_view(row: DraftShiftRow, here: Any, agent: Agent | None) -> ShiftView:
    shift = shift_of(row, "")
    spans = tuple(Span(pause.start.astimezone(here), pause.end.astimezone(here), pause.paid) for pause in shift.breaks)
    unpaid = sum(int((span.end - span.start).total_seconds()) // 60 for span in spans if not span.paid)
    start = row.start.astimezone(here)
    times = start.date(), start, row.end.astimezone(here), spans, shift.minutes - unpaid
    return ShiftView(*times, row.row_version, row.pinned, _activities(agent, shift, here))


def _activities(agent: Agent | None, shift: Shift, here: Any) -> tuple[ActivitySpan, ...]:
    """What is fixed for somebody in the time of a shift, as far as it lies inside."""
    parts = [(agent, part) for part in agent.fixed if part.start < shift.end and shift.start < part.end] if agent else []
    return tuple(
        ActivitySpan(
            max(part.start, shift.start).astimezone(here),
            min(part.end, shift.end).astimezone(here),
            part.activity,
            part.kind,
            key_of(who, part),
        )
        for who, part in parts
    )


def _queues(
    problem: RosterProblem, names: Mapping[str, str], arrays: Mapping[str, NDArray[Any]], shown: slice
) -> tuple[QueueCoverage, ...]:
    hours = problem.grid.interval_s / units.SECONDS_PER_HOUR
    found = []
    for part in problem.requirements:
        needed = np.array(part.needed[shown], np.float64)
        missing = arrays[f"missing {part.queue}"][shown].astype(np.float64)
        found.append(
            QueueCoverage(
                key=part.queue,
                name=names.get(part.queue, part.queue),
                needed=_numbers(needed),
                scheduled=_numbers(needed - missing),
                missing=_numbers(missing),
                needed_hours=float(needed.sum()) * hours,
                short_hours=float(missing.sum()) * hours,
            )
        )
    return tuple(found)


def _short_text(grid: TimeGrid, queues: Sequence[QueueCoverage], starts: Sequence[datetime]) -> str:
    """The queue that misses most, and its longest run of missing intervals."""
    worst = max(queues, key=lambda queue: queue.short_hours, default=None)
    total = sum(queue.short_hours for queue in queues)
    if worst is None or total < 0.25:
        return ""
    first, last = _longest_run([missing > _SHORT for missing in worst.missing])
    if first is None or last is None:
        return f"short by {total:.1f} h"
    when = f"{starts[first]:%a %H:%M}–{starts[last] + timedelta(seconds=grid.interval_s):%H:%M}"
    return f"short by {total:.1f} h, most in {worst.name}, {when}"


def _longest_run(flags: Sequence[bool]) -> tuple[int | None, int | None]:
    best: tuple[int | None, int | None] = (None, None)
    longest, begin = 0, 0
    for i, flag in enumerate([*flags, False]):
        if flag:
            continue
        if i - begin > longest:
            longest, best = i - begin, (begin, i - 1)
        begin = i + 1
    return best


def _numbers(values: NDArray[Any]) -> tuple[float, ...]:
    return tuple(round(float(value), 2) for value in values)
