"""`why_this_shift`: what a shift covers, which rules bind it, and what moving it would cost.

Every other place of the shift is judged by the rules and priced exactly against everybody else's shifts as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np

from wfm.domain.roster import Break, Roster, RosterProblem, Shift
from wfm.domain.rules import Tour, Violation
from wfm.errors import InvalidInput
from wfm.scheduler.changes import broken
from wfm.scheduler.instance import QUEUE
from wfm.scheduler.menu import Menu
from wfm.scheduler.plan import Flags
from wfm.scheduler.standing import Standing, cover_only, duty_of


class OtherPlace(StrEnum):
    """Where a shift could be instead."""

    EARLIER = "earlier"
    LATER = "later"
    OTHER_DAY = "other day"
    OFF = "day off"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Covered:
    """A queue that the agent serves from `start` to `end` (UTC), with the hours spent on it: less than the span where shared."""

    queue: str
    start: datetime
    end: datetime
    hours: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another place of a shift.

    Parameters
    ----------
    place, day
        Where to, and the local day on which it would start.
    shift
        The shift there, breaks placed as well as can be; None for a day off.
    violations
        Rules that it would break and that are kept now; empty where it is legal.
    objective_change
        Rise of the objective; negative where the roster would get better.
    short_hours_change
        Rise of the head-hours missing by queue, those apart that do not change.
    """

    place: OtherPlace
    day: date
    shift: Shift | None
    violations: tuple[Violation, ...]
    objective_change: float
    short_hours_change: dict[str, float]


@dataclass(frozen=True, slots=True)
class ShiftReasons:
    """Why somebody works when they do.

    Parameters
    ----------
    agent, day
        Whose day.
    shift
        The shift of that day; None where it is off.
    covers
        What it serves, in the order of time.
    alternatives
        One step earlier and later, other days, a day off; for a day off the best shift of that day.
    """

    agent: str
    day: date
    shift: Shift | None
    covers: tuple[Covered, ...]
    alternatives: tuple[Alternative, ...]

    @property
    def binding(self) -> tuple[str, ...]:
        """Names of the rules that stand against some other place."""
        return tuple(dict.fromkeys(one.rule for other in self.alternatives for one in other.violations))


def why_this_shift(problem: RosterProblem, roster: Roster, agent: str, day: date) -> ShiftReasons:
    """Why `agent` works as it does on `day`.

    Parameters
    ----------
    problem, roster
        What is planned.
    agent
        Id of the agent.
    day
        Local day of the horizon on which the shift starts.

    Raises
    ------
    InvalidInput
        When the agent or the day is not in the problem.
    """
    if agent not in problem.agent_of:
        raise InvalidInput(f"agent {agent!r} is not in the problem")
    if day not in problem.grid.dates:
        raise InvalidInput(f"day must be one of {problem.grid.first_day} to {problem.grid.dates[-1]}, got {day}")
    return _Why(problem, roster.shifts, agent, day).answer()


class _Why:
    def __init__(self, problem: RosterProblem, shifts: Sequence[Shift], agent: str, day: date) -> None:
        self.problem, self.agent, self.day = problem, agent, day
        self.standing = Standing(problem, shifts, cover_only(problem))
        self.tour: Tour = self.standing.tour[agent]
        self.known = set(broken(problem, self.tour.shifts, [agent]))
        self.shift = next((shift for shift, local in zip(self.tour.shifts, self.tour.days, strict=True) if local == day), None)
        self.rest = [shift for shift in self.tour.shifts if shift is not self.shift]

    def answer(self) -> ShiftReasons:
        covers = tuple(self._covers()) if self.shift is not None else ()
        others = self._of_day_off() if self.shift is None else self._of_shift(self.shift)
        return ShiftReasons(self.agent, self.day, self.shift, covers, tuple(others))

    def _covers(self) -> Iterator[Covered]:
        """Spans of time on each queue: the agent takes its part in what its kind does."""
        grid, cover = self.problem.grid, self.standing.instance.cover
        kind = self.standing.kind_of(self.agent)
        peers = self.standing.instance.agent[:, 0] == kind
        heads = self.standing.plan.tours.duty[peers].sum(axis=0)
        mine = self._duty(self.shift)
        found = []
        for a in range(cover.kind_first[kind], cover.kind_first[kind + 1]):
            share = np.where(mine, self.standing.plan.split.flow[:, a] / cover.speed[a] / np.maximum(heads, 1), 0.0)
            queue = self.problem.requirements[int(self.standing.instance.queue_of[cover.arc[a, QUEUE]])].queue
            for first, last in stretches(share > 1e-9):
                end = grid.end if last == grid.count else grid.starts[last]
                found.append(Covered(queue, grid.starts[first], end, float(share[first:last].sum()) * cover.hours))
        yield from sorted(found, key=lambda one: (one.start, one.queue))

    def _duty(self, shift: Shift | None) -> Flags:
        return duty_of(self.standing.tour_with(self.agent, [] if shift is None else [shift]))

    def _of_shift(self, shift: Shift) -> Iterator[Alternative]:
        step = timedelta(minutes=max(self.tour.contract.start_step_minutes, self.problem.grid.interval_minutes))
        yield self._other(OtherPlace.EARLIER, self.day, self._at(shift, shift.start - step))
        yield self._other(OtherPlace.LATER, self.day, self._at(shift, shift.start + step))
        local = self.tour.local(shift.start)
        for day in self.problem.grid.dates:
            if day not in self.tour.days:
                start = self.problem.grid.instant(day, local.hour * 60 + local.minute)
                yield self._other(OtherPlace.OTHER_DAY, day, self._at(shift, start))
        yield self._other(OtherPlace.OFF, self.day, None)

    def _of_day_off(self) -> Iterator[Alternative]:
        """The shift of that day that would be best, the legal ones first."""
        first, last = self.problem.grid.day_bounds[self.problem.grid.dates.index(self.day)]
        found = [self._other(OtherPlace.WORKING, self.day, shift) for shift in self._menu(first, last)]
        if found:
            yield min(found, key=lambda other: (len(other.violations), other.objective_change))

    def _menu(self, first: int, last: int) -> list[Shift]:
        """Shifts of the contract that start in intervals [first, last), breaks where they are missed least."""
        menu = Menu(self.problem)
        saved = self.standing.save()
        self.standing.give(self.agent, self.rest)
        more, _ = self.standing.worth(self.standing.kind_of(self.agent))
        self.standing.go_back(saved)
        choices = menu.choices(menu.options(self.tour.contract.id, first, last), more)
        return [menu.shift(self.agent, choices, i) for i in np.flatnonzero((choices.start >= first) & (choices.start < last)).tolist()]

    def _at(self, shift: Shift, start: datetime) -> Shift:
        """A shift of that length at another start, breaks placed anew where the contract knows it."""
        index = self.problem.grid.index(start)
        same = [one for one in self._menu(index, index + 1) if one.minutes == shift.minutes and one.start == start]
        if same:
            return same[0]
        by = start - shift.start
        breaks = tuple(Break(pause.start + by, pause.end + by, pause.paid) for pause in shift.breaks)
        return Shift(self.agent, start, shift.end + by, breaks)

    def _other(self, place: OtherPlace, day: date, shift: Shift | None) -> Alternative:
        shifts = [*self.rest, *([] if shift is None else [shift])]
        found = tuple(one for one in broken(self.problem, shifts, [self.agent]) if one not in self.known)
        saved, objective, short = self.standing.save(), self.standing.objective, self.standing.missing.sum(axis=0)
        self.standing.give(self.agent, shifts)
        rise, more = self.standing.objective - objective, (self.standing.missing.sum(axis=0) - short) * self.standing.model.cover.hours
        self.standing.go_back(saved)
        by_queue = {need.queue: float(hours) for need, hours in zip(self.problem.requirements, more, strict=True) if abs(hours) > 1e-6}
        return Alternative(place, day, shift, found, rise, by_queue)


def stretches(flags: Flags) -> Iterator[tuple[int, int]]:
    """Runs of True, [first, one past last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
