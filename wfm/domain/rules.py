"""Work rules as data: each finds its own violations, in words for people.

A rule looks at one agent's tour. The checker, the editor's warnings and the check of swaps all go through `violations`; a new rule is one
class here, one line in `RULES` and its test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid, zone
from wfm.units import clock


@dataclass(frozen=True)
class Tour:
    """One agent's shifts over the horizon, in order of their starts."""

    grid: TimeGrid
    agent: Agent
    contract: Contract
    shifts: tuple[Shift, ...]

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Local day on which each shift starts."""
        return tuple(self.local(shift.start).date() for shift in self.shifts)

    def local(self, instant: datetime) -> datetime:
        """The instant on the wall clock."""
        return instant.astimezone(zone(self.grid.zone_name))

    def shape(self, shift: Shift) -> ShiftShape | None:
        """The contract's shape of that length, or None."""
        lengths = {shape.minutes: shape for shape in self.contract.shifts}
        return lengths.get(shift.minutes)

    def week_of(self, day: date) -> int:
        """Week of the horizon, from 0."""
        return (day - self.grid.first_day).days // 7

    @property
    def weeks(self) -> range:
        """Weeks of the horizon."""
        return range(self.grid.days // 7)


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a tour breaks: whose, when (local, ISO), and what is wrong in words."""

    rule: str
    agent: str
    when: str
    text: str

    def __str__(self) -> str:
        return f"{self.agent} {self.when}: {self.text}"


Finding = tuple[str, str]


class Rule(Protocol):
    """One testable statement about a tour."""

    name: str

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """When and what is wrong, for every place where the rule is broken."""


def _at(tour: Tour, instant: datetime) -> str:
    return tour.local(instant).isoformat(timespec="minutes")


def _minutes(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 60


class InsideHorizon:
    """A shift lies inside the horizon."""

    name = "horizon"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for shift in tour.shifts:
            if not tour.grid.begin <= shift.start < shift.end <= tour.grid.end:
                yield _at(tour, shift.start), "outside the horizon"


class OnGrid:
    """Starts, ends and breaks stand on the interval grid."""

    name = "grid"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for shift in tour.shifts:
            edges = [shift.start, shift.end, *(pause.start for pause in shift.breaks)]
            if any(tour.grid.position(edge) % 1 for edge in edges):
                yield _at(tour, shift.start), f"not on the {tour.grid.interval_minutes}-minute grid"


class StartGrid:
    """Starts stand on the contract's grid of the wall clock."""

    name = "start grid"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        step = tour.contract.start_step_minutes
        for shift in tour.shifts:
            local = tour.local(shift.start)
            if (local.hour * 60 + local.minute) % step or local.second:
                yield _at(tour, shift.start), f"starts off the {step}-minute start grid"


class ClockWindow:
    """A shift keeps to the earliest start and the latest end of contract and agent."""

    name = "start window"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for shift, day in zip(tour.shifts, tour.days, strict=True):
            begin, end = tour.local(shift.start), tour.local(shift.end)
            start = begin.hour * 60 + begin.minute
            finish = end.hour * 60 + end.minute + 1440 * (end.date() - day).days
            for holder in (tour.contract, tour.agent):
                if holder.earliest_start_minutes is not None and start < holder.earliest_start_minutes:
                    yield _at(tour, shift.start), f"starts at {clock(start)}, before {clock(holder.earliest_start_minutes)}"
                if holder.latest_end_minutes is not None and finish > holder.latest_end_minutes:
                    yield _at(tour, shift.start), f"ends at {clock(finish)}, after {clock(holder.latest_end_minutes)}"


class ShiftLength:
    """A shift has one of the contract's lengths."""

    name = "shift length"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for shift in tour.shifts:
            if tour.shape(shift) is None:
                allowed = ", ".join(str(shape.minutes) for shape in tour.contract.shifts)
                yield _at(tour, shift.start), f"{shift.minutes} minutes long; contract {tour.contract.id} allows {allowed}"


class Breaks:
    """A shift has the breaks of its shape, each in its window."""

    name = "breaks"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for shift in tour.shifts:
            shape = tour.shape(shift)
            if shape is None:
                continue
            due = sorted(shape.breaks, key=lambda rule: rule.earliest_minutes)
            if len(shift.breaks) != len(due):
                yield _at(tour, shift.start), f"{len(shift.breaks)} breaks, {len(due)} due"
            for pause, rule in zip(sorted(shift.breaks, key=lambda pause: pause.start), due, strict=False):
                yield from self._one(tour, _minutes(shift.start, pause.start), _minutes(pause.start, pause.end), rule, pause.start)

    def _one(self, tour: Tour, offset: float, length: float, rule: BreakRule, start: datetime) -> Iterator[Finding]:
        if length != rule.minutes:
            yield _at(tour, start), f"a break of {length:.0f} minutes where {rule.minutes} are due"
        if not rule.earliest_minutes <= offset <= rule.latest_minutes:
            yield _at(tour, start), f"a break {offset:.0f} minutes in; allowed {rule.earliest_minutes} to {rule.latest_minutes}"


class WorkStretch:
    """Before, between and after breaks somebody works at least the contract's least stretch."""

    name = "work stretch"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        least = tour.contract.min_work_stretch_minutes
        for shift in tour.shifts:
            pauses = sorted(shift.breaks, key=lambda pause: pause.start)
            begins = [shift.start, *(pause.end for pause in pauses)]
            ends = [*(pause.start for pause in pauses), shift.end]
            for begin, end in zip(begins, ends, strict=True):
                if _minutes(begin, end) < least:
                    yield _at(tour, begin), f"only {_minutes(begin, end):.0f} minutes of work, {least} due"


class OneShiftADay:
    """At most one shift starts on a day."""

    name = "one shift a day"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for before, day in zip(tour.days, tour.days[1:], strict=False):
            if before == day:
                yield day.isoformat(), "two shifts on one day"


class DaysOff:
    """No shift starts on a day off."""

    name = "day off"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for day in tour.days:
            if day in tour.agent.days_off:
                yield day.isoformat(), "works on a day off"


class Availability:
    """No shift overlaps a time at which the agent is not available."""

    name = "availability"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for shift in tour.shifts:
            for start, end in tour.agent.unavailable:
                if shift.start < end and start < shift.end:
                    yield _at(tour, shift.start), f"not available from {_at(tour, start)} to {_at(tour, end)}"


class Rest:
    """Between two shifts lies the contract's rest, the last shift before the horizon included."""

    name = "rest"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        before, due = tour.agent.last_shift_end, tour.contract.min_rest_minutes
        for shift in tour.shifts:
            if before is not None and _minutes(before, shift.start) < due:
                yield _at(tour, shift.start), f"{_minutes(before, shift.start):.0f} minutes of rest, {due} due"
            before = shift.end


class WeekMinutes:
    """Paid minutes of every week lie in the contract's limits."""

    name = "paid time a week"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        paid: dict[int, int] = defaultdict(int)
        for shift, day in zip(tour.shifts, tour.days, strict=True):
            shape = tour.shape(shift)
            paid[tour.week_of(day)] += shape.paid_minutes if shape else 0
        least, most = tour.contract.week_minutes
        for week in tour.weeks:
            if not least <= paid[week] <= most:
                yield f"week {week + 1}", f"{paid[week]} paid minutes, {least} to {most} due"


class WeekDays:
    """Working days of every week lie in the contract's limits."""

    name = "days a week"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        least, most = tour.contract.week_days
        for week in tour.weeks:
            count = len({day for day in tour.days if tour.week_of(day) == week})
            if not least <= count <= most:
                yield f"week {week + 1}", f"{count} days, {least} to {most} due"


class ConsecutiveDays:
    """No run of working days is longer than the contract allows, days before the horizon included."""

    name = "days in a row"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        run, worked = tour.agent.days_worked_before, set(tour.days)
        for day in tour.grid.dates:
            run = run + 1 if day in worked else 0
            if run > tour.contract.max_consecutive_days:
                yield day.isoformat(), f"{run} days in a row, {tour.contract.max_consecutive_days} allowed"


class FixedActivities:
    """Every fixed activity lies inside a shift."""

    name = "fixed activity"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        for fixed in tour.agent.fixed:
            if not any(shift.start <= fixed.start and fixed.end <= shift.end for shift in tour.shifts):
                yield _at(tour, fixed.start), f"{fixed.activity} lies outside any shift"


RULES: tuple[Rule, ...] = (
    InsideHorizon(),
    OnGrid(),
    StartGrid(),
    ClockWindow(),
    ShiftLength(),
    Breaks(),
    WorkStretch(),
    OneShiftADay(),
    DaysOff(),
    Availability(),
    Rest(),
    WeekMinutes(),
    WeekDays(),
    ConsecutiveDays(),
    FixedActivities(),
)


def tours(problem: RosterProblem, shifts: Sequence[Shift]) -> Mapping[str, Tour]:
    """Every agent's tour, those without a shift included."""
    mine: dict[str, list[Shift]] = {agent.id: [] for agent in problem.agents}
    for shift in sorted(shifts, key=lambda shift: shift.start):
        if shift.agent in mine:
            mine[shift.agent].append(shift)
    return {
        agent.id: Tour(problem.grid, agent, problem.contract_of[agent.contract], tuple(mine[agent.id])) for agent in problem.agents
    }


def violations(problem: RosterProblem, shifts: Sequence[Shift], rules: Sequence[Rule] = RULES) -> tuple[Violation, ...]:
    """Every rule that the shifts break, agent by agent; a shift of somebody unknown included."""
    known = problem.agent_of
    strangers = [Violation("agent", shift.agent, shift.start.isoformat(), "no such agent") for shift in shifts if shift.agent not in known]
    found = [
        Violation(rule.name, name, when, text)
        for name, tour in tours(problem, shifts).items()
        for rule in rules
        for when, text in rule.findings(tour)
    ]
    return (*strangers, *found)


def paid_minutes(tour: Tour) -> int:
    """Paid minutes of a tour; shifts of no known shape count nothing."""
    return sum(shape.paid_minutes for shape in map(tour.shape, tour.shifts) if shape is not None)


def broken_wishes(tour: Tour) -> float:
    """Price of the wishes that a tour does not grant."""
    return sum(wish.cost for wish in tour.agent.wishes if wish.day in tour.days)


def on_duty(tour: Tour) -> Iterator[tuple[int, int]]:
    """Stretches of intervals, [first, one past last), on which the agent is present, on no break and in no fixed activity."""
    for shift in tour.shifts:
        edges = [shift.start]
        away = sorted(
            [(pause.start, pause.end) for pause in shift.breaks]
            + [(fixed.start, fixed.end) for fixed in tour.agent.fixed if fixed.start < shift.end and shift.start < fixed.end]
        )
        for start, end in away:
            yield from _stretch(tour.grid, edges[-1], start)
            edges.append(max(edges[-1], end))
        yield from _stretch(tour.grid, edges[-1], shift.end)


def _stretch(grid: TimeGrid, start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
    first, last = -int(-grid.position(start) // 1), grid.index(end)
    if first < last:
        yield max(first, 0), min(last, grid.count)


