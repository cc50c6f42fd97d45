"""A draft as its page shows it: coverage strip and Gantt of a day, or the shifts of a week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from web import filters
from web.planner import gantt
from web.planner.gantt import COLUMN, Axis, Bit, Block, Letters, Look
from wfm.domain import timegrid
from wfm.service.draft_view import DraftAgent, DraftView, QueueCoverage, ShiftView

NARROW_COLUMNS = 72  # where more stand side by side, a half hour cannot hold its number
SHORT = 0.25  # heads: less is a fraction of a head that no schedule can give
WHOLE = 0.05


@dataclass(frozen=True, slots=True)
class StripCell:
    """A half hour or an hour of one queue: mean heads; `state` is closed, short or met; its edges are s since 1970."""

    column: int
    span: int
    needed: float
    scheduled: float
    missing: float
    state: str
    start_s: int
    end_s: int
    clock: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One queue above the Gantt."""

    coverage: QueueCoverage
    cells: tuple[StripCell, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One person of the Gantt; no bits on a day off."""

    agent: DraftAgent
    shift: ShiftView | None
    bits: tuple[Bit, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """People under one heading; "" without grouping."""

    name: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One person's shifts, day by day."""

    agent: DraftAgent
    days: tuple[tuple[ShiftView, ...], ...]

    @property
    def paid_minutes(self) -> int:
        """Paid minutes of the days."""
        return sum(shift.paid_minutes for shifts in self.days for shift in shifts)


@dataclass(frozen=True, slots=True)
class DaySums:
    """Hours of one day over the queues shown."""

    day: date
    needed: float
    short: float


def axis_of(view: DraftView, day: date, agents: Iterable[DraftAgent]) -> Axis:
    """The hours shown: those worked and those in which anything is needed."""
    starts = [filters.instant(start_s) for start_s in view.start_s]
    needed = [any(queue.needed[i] for queue in view.queues) for i in range(len(starts))]
    busy = [moment for start, wanted in zip(starts, needed, strict=True) if wanted for moment in (start, start + COLUMN)]
    return gantt.axis_of(day, view.summary.zone, (shift for agent in agents for shift in agent.shifts), busy)


def strips_of(view: DraftView, axis: Axis, keys: Sequence[str]) -> tuple[Strip, ...]:
    """The strip of each chosen queue, on the axis."""
    starts = [filters.instant(start_s) for start_s in view.start_s]
    return tuple(Strip(queue, tuple(_cells(queue, starts, axis))) for queue in view.queues if queue.key in keys)


def _cells(queue: QueueCoverage, starts: Sequence[datetime], axis: Axis) -> Iterable[StripCell]:
    end = axis.begin + COLUMN * axis.columns
    shown = [i for i, start in enumerate(starts) if axis.begin <= start < end]
    span = gantt.HOUR // 2 if axis.columns <= NARROW_COLUMNS else gantt.HOUR
    for at in range(0, len(shown), span):
        some = shown[at : at + span]
        needed, scheduled, missing = (sum(row[i] for i in some) / len(some) for row in (queue.needed, queue.scheduled, queue.missing))
        begin, last = starts[some[0]], starts[some[-1]] + COLUMN
        edges = int(begin.timestamp()), int(last.timestamp()), filters.clock(begin, axis.zone_name)
        yield StripCell(axis.column(begin), len(some), needed, scheduled, missing, _state(needed, missing), *edges)


def _state(needed: float, missing: float) -> str:
    return "closed" if not needed else "short" if missing > SHORT else "met"


def heads(value: float) -> str:
    """Heads in a narrow cell: whole where they are whole or many, else with one decimal."""
    return filters.number(value, 0 if value >= 9.95 or abs(value - round(value)) < WHOLE else 1)


def lanes_of(
    agents: Iterable[DraftAgent],
    axis: Axis,
    letters: Letters,
    blocks: Mapping[str, Sequence[Block]] | None = None,
    look: Callable[[Sequence[str]], Look] | None = None,
) -> tuple[Lane, ...]:
    """One lane per shift, by start, then the people who are off; `blocks` of the people cut the time on queue."""
    known = blocks or {}
    lanes = [
        Lane(agent, shift, gantt.bits_of(shift, axis, letters, known.get(agent.key, ()), look))
        for agent in agents
        for shift in agent.shifts
    ]
    lanes += [Lane(agent, None, ()) for agent in agents if not agent.shifts]
    return tuple(sorted(lanes, key=lambda lane: (lane.shift is None, lane.agent.name)))


def grouped(lanes: Iterable[Lane], heading: Callable[[DraftAgent], str]) -> tuple[Group, ...]:
    """Lanes under headings, in the order of the headings."""
    ordered = sorted(lanes, key=lambda lane: heading(lane.agent))
    return tuple(Group(name, tuple(some)) for name, some in groupby(ordered, key=lambda lane: heading(lane.agent)))


def week_of(agents: Iterable[DraftAgent], days: Sequence[date]) -> tuple[WeekRow, ...]:
    """What everybody works on some days."""
    return tuple(
        WeekRow(agent, tuple(tuple(shift for shift in agent.shifts if shift.day == day) for day in days)) for agent in agents
    )


def days_of(view: DraftView) -> tuple[date, ...]:
    """The local days of the draft."""
    return tuple(view.summary.first_day + timedelta(n) for n in range(view.summary.days))


def sums_by_day(view: DraftView, keys: Sequence[str], wanted: Sequence[date]) -> tuple[DaySums, ...]:
    """Hours needed and hours short of each wanted day, over the chosen queues."""
    days = [start.astimezone(timegrid.zone(view.summary.zone)).date() for start in map(filters.instant, view.start_s)]
    hour = COLUMN / timedelta(hours=1)
    found = []
    for day in wanted:
        some = [i for i, one in enumerate(days) if one == day]
        chosen = [queue for queue in view.queues if queue.key in keys]
        needed = hour * sum(queue.needed[i] for queue in chosen for i in some)
        found.append(DaySums(day, needed, hour * sum(queue.missing[i] for queue in chosen for i in some)))
    return tuple(found)
