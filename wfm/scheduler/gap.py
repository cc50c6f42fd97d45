"""`who_can_fill`: for a gap in one queue, the people who could fill it, ranked by what it costs, and why the others cannot.

Every shift that an agent's contract allows and that reaches into the gap is priced exactly; the cheapest that keeps every rule counts.
Where only the hours of the week stand against it, a shift from another day is tried, and overtime is priced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

import numpy as np

from wfm.domain.roster import Roster, RosterProblem, Shift
from wfm.domain.rules import Tour, Violation
from wfm.domain.rules.overtime import Overtime
from wfm.errors import InvalidInput
from wfm.scheduler.changes import Keep, ShiftChange, broken, day_of, difference
from wfm.scheduler.held import with_begun
from wfm.scheduler.instance import Floats
from wfm.scheduler.menu import Choices, Menu
from wfm.scheduler.plan import Flags
from wfm.scheduler.standing import Standing, cover_only, duty_of

NOTHING = Keep()
HOURS = frozenset({"paid time a week", "days a week"})
OF_THE_WEEK = HOURS | {"days in a row", "rest"}
OF_THE_DAY = frozenset({"day off", "days a week", "days in a row"})
"""Rules that any shift of a free day breaks where one of them does."""
TRIED = 8


class FillKind(StrEnum):
    """How somebody fills a gap."""

    LONGER = "longer shift"
    MOVED = "moved shift"
    BREAKS = "moved breaks"
    EXTRA = "extra shift"
    OTHER_DAY = "shift from another day"
    OVERTIME = "overtime"


@dataclass(frozen=True, slots=True)
class Gap:
    """Time in which a queue is short of heads (UTC instants)."""

    queue: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could fill a gap.

    Parameters
    ----------
    agent, kind
        Who, and how.
    moves
        What would change.
    hours
        Hours of the gap in which the agent would be on duty anew.
    objective_change
        Rise of the objective, pay included; negative where the roster gets better.
    overtime_minutes
        Paid minutes more beyond the normal week: that of the contract's rule of overtime, or else its most.
    """

    agent: str
    kind: FillKind
    moves: tuple[ShiftChange, ...]
    hours: float
    objective_change: float
    overtime_minutes: int = 0


@dataclass(frozen=True, slots=True)
class CannotFill:
    """Somebody who cannot fill a gap.

    Parameters
    ----------
    agent
        Who.
    rule, text
        The rule that binds, and how, in words.
    objective_change
        Rise of the objective if the rule were given up; None where that would not help or is out of the question.
    """

    agent: str
    rule: str
    text: str
    objective_change: float | None = None


@dataclass(frozen=True, slots=True)
class Filling:
    """Who can fill a gap, the best first, overtime last, and why not the others.

    `short_hours` are the head-hours missing in the gap now.
    """

    gap: Gap
    short_hours: float
    candidates: tuple[Candidate, ...]
    others: tuple[CannotFill, ...]


def who_can_fill(problem: RosterProblem, roster: Roster, gap: Gap, keep: Keep = NOTHING, now: datetime | None = None) -> Filling:
    """The people who could fill `gap`, and why not the others.

    Parameters
    ----------
    problem, roster
        What is planned.
    gap
        Where people are missing.
    keep, now
        What must not move, as `repair` takes them.

    Raises
    ------
    InvalidInput
        When the queue is unknown or the gap lies outside the horizon.
    """
    return Filler(problem, roster.shifts, keep, now).fill(gap)


class Filler:
    """Answers for many gaps of one roster."""

    def __init__(self, problem: RosterProblem, shifts: Sequence[Shift], keep: Keep = NOTHING, now: datetime | None = None) -> None:
        self.problem, self.keep, self.now = problem, keep, now
        self.standing = Standing(problem, shifts, cover_only(problem))
        self.menu = Menu(problem)
        self.queue = {need.queue: q for q, need in enumerate(problem.requirements)}
        self.known: dict[str, frozenset[Violation]] = {}
        self.rows: dict[str, Flags] = {}
        self.worth: dict[int, tuple[Floats, Floats]] = {}
        self.drops: dict[tuple[str, Shift], float] = {}

    def fill(self, gap: Gap) -> Filling:
        """As `who_can_fill`."""
        first, last = self.span(gap)
        short = float(self.standing.missing[first:last, self.queue[gap.queue]].sum()) * self.standing.model.cover.hours
        search = _GapSearch(self, gap, first, last)
        found: list[Candidate] = []
        others: list[CannotFill] = []
        for agent in self.problem.agents:
            mine, why = search.ask(agent.id)
            found += mine
            if why is not None:
                others.append(why)
        found.sort(key=lambda one: (one.kind is FillKind.OVERTIME, one.objective_change, one.agent))
        return Filling(gap, short, tuple(found), tuple(others))

    def span(self, gap: Gap) -> tuple[int, int]:
        """First and one past last interval of a gap.

        Raises
        ------
        InvalidInput
            When the problem has no such queue or time.
        """
        grid = self.problem.grid
        if gap.queue not in self.queue:
            raise InvalidInput(f"the gap's queue must be one of {', '.join(self.queue)}, got {gap.queue!r}")
        first, last = grid.index(gap.start), -int(-grid.position(gap.end) // 1)
        if not 0 <= first < last <= grid.count:
            raise InvalidInput(f"the gap must lie inside the horizon, got {gap.start.isoformat()} to {gap.end.isoformat()}")
        return first, last

    def new_violations(self, agent: str, shifts: Sequence[Shift]) -> tuple[Violation, ...]:
        """Rules that these shifts would break and that the agent's present ones do not."""
        if agent not in self.known:
            self.known[agent] = frozenset(broken(self.problem, self.standing.tour[agent].shifts, [agent]))
        return tuple(one for one in broken(self.problem, shifts, [agent]) if one not in self.known[agent])


    def by_day(self, agent: str) -> Flags:
        """Present duty by the local day of the shift; days by intervals."""
        if agent not in self.rows:
            tour = self.standing.tour[agent]
            rows: Flags = np.zeros((tour.grid.days, tour.grid.count), np.bool_)
            for shift, day in zip(tour.shifts, tour.days, strict=True):
                rows[(day - tour.grid.first_day).days] |= duty_of(replace(tour, shifts=(shift,)))
            self.rows[agent] = rows
        return self.rows[agent]

    def rise_without(self, agent: str, shift: Shift) -> float:
        """Rise of the objective if the agent did not work that shift."""
        if (agent, shift) not in self.drops:
            kept = [one for one in self.standing.tour[agent].shifts if one != shift]
            self.drops[agent, shift] = self.standing.rise(agent, kept)
        return self.drops[agent, shift]


def overtime_minutes(tour: Tour) -> int:
    """Paid minutes beyond the normal week: that of the rule of overtime, or else the contract's most."""
    rules = [rule for rule in (*tour.contract.rules, *tour.agent.rules) if isinstance(rule, Overtime)]
    normal = min([tour.contract.week_minutes[1], *(rule.normal_week_minutes for rule in rules)])
    paid: dict[int, int] = {}
    for work, day in zip(tour.works, tour.setting.days, strict=True):
        paid[day.number // 7] = paid.get(day.number // 7, 0) + (work.paid_minutes if work else 0)
    return sum(max(minutes - normal, 0) for minutes in paid.values())


class _GapSearch:
    """One gap, agent by agent."""

    def __init__(self, filler: Filler, gap: Gap, first: int, last: int) -> None:
        self.filler, self.gap, self.first, self.last = filler, gap, first, last
        self.standing, self.menu = filler.standing, filler.menu
        self.worth = filler.worth
        self.choices: dict[tuple[str, int], Choices] = {}

    def ask(self, agent: str) -> tuple[list[Candidate], CannotFill | None]:
        """What the agent could do, or why nothing."""
        tour = self.standing.tour[agent]
        if self.gap.queue not in tour.agent.queues:
            return [], CannotFill(agent, "skill", f"does not serve {self.gap.queue}")
        if self.standing.duty(agent)[self.first : self.last].all():
            return [], CannotFill(agent, "on duty", "is on duty all that time already")
        found: list[Candidate] = []
        refused: list[tuple[tuple[Violation, ...], tuple[Shift, ...]]] = []
        closed: set[date] = set()
        for shifts, day in self._offers(agent, tour):
            if day in closed or len(refused) == TRIED:
                continue
            wrong = self.filler.new_violations(agent, shifts)
            if not wrong:
                return [self._candidate(agent, shifts, self._kind(tour, shifts, day))], None
            refused.append((wrong, shifts))
            rules = {one.rule for one in wrong}
            if rules & OF_THE_DAY and day not in tour.days:
                closed.add(day)
            if not found and rules <= OF_THE_WEEK:
                found = list(self._beyond_the_week(agent, shifts, day, rules))
        if found:
            return found, None
        return [], self._why_not(agent, refused)

    def _offers(self, agent: str, tour: Tour) -> Iterator[tuple[tuple[Shift, ...], date]]:
        """Tours with another shift that reaches into the gap, the cheapest first, and its day."""
        choices, order = self._ranked(agent, tour)
        dates = self.filler.problem.grid.dates
        for i in order[: 4 * TRIED]:
            day = dates[int(choices.day[i])]
            made = self._with(agent, tour, self.menu.shift(agent, choices, i), day)
            if made is not None:
                yield made, day

    def _ranked(self, agent: str, tour: Tour) -> tuple[Choices, list[int]]:
        kind = self.standing.kind_of(agent)
        choices = self._choices(tour.contract.id, kind)
        if not len(choices.option):
            return choices, []
        more, fewer = self.worth[kind]
        low, high = int(choices.start.min()), int((choices.start + choices.length).max())
        old: Flags = self.filler.by_day(agent)[choices.day]
        new, was = choices.duty[:, low:high], old[:, low:high]
        rise = self.menu.cost(choices) - (new & ~was) @ more[low:high] + (was & ~new) @ fewer[low:high]
        fills = (choices.duty & ~old)[:, self.first : self.last].sum(axis=1)
        order = np.argsort(rise, kind="stable")
        return choices, order[fills[order] > 0].tolist()

    def _choices(self, contract: str, kind: int) -> Choices:
        if kind not in self.worth:
            self.worth[kind] = self.standing.worth(kind)
        if (contract, kind) not in self.choices:
            options = self.menu.options(contract, self.first, self.last)
            self.choices[contract, kind] = self.menu.choices(options, self.worth[kind][0])
        return self.choices[contract, kind]

    def _with(self, agent: str, tour: Tour, shift: Shift, day: date) -> tuple[Shift, ...] | None:
        """The tour with `shift` on its day; None where what is past or must stay forbids it."""
        if self.filler.keep.holds(agent, day):
            return None
        now = self.filler.now
        old = next((mine for mine, local in zip(tour.shifts, tour.days, strict=True) if local == day), None)
        if now is not None and (shift.start < now or (old is not None and old.start < now)):
            if old is None or shift.start != old.start or shift.end < now:
                return None
            shift = with_begun(old, shift, now)
        kept = [mine for mine, local in zip(tour.shifts, tour.days, strict=True) if local != day]
        return tuple(sorted([*kept, shift], key=lambda one: one.start))

    def _beyond_the_week(self, agent: str, shifts: Sequence[Shift], day: date, rules: set[str]) -> Iterator[Candidate]:
        """Where only the week stands against it: the best other day to give up, and overtime."""
        gone = [one for one in shifts if day_of(self.filler.problem, one) != day and self._may_drop(agent, one)]
        for drop in sorted(gone, key=lambda one: self.filler.rise_without(agent, one)):
            left = tuple(one for one in shifts if one is not drop)
            if not self.filler.new_violations(agent, left):
                yield self._candidate(agent, left, FillKind.OTHER_DAY)
                break
        if rules <= HOURS and self._overtime(agent, shifts):
            yield self._candidate(agent, shifts, FillKind.OVERTIME)

    def _may_drop(self, agent: str, shift: Shift) -> bool:
        now = self.filler.now
        return not self.filler.keep.holds(agent, day_of(self.filler.problem, shift)) and (now is None or shift.start >= now)

    def _overtime(self, agent: str, shifts: Sequence[Shift]) -> int:
        """Paid minutes beyond the normal week that the agent would work more than now."""
        tour = self.standing.tour_with(agent, shifts)
        return max(overtime_minutes(tour) - overtime_minutes(self.standing.tour[agent]), 0)

    def _kind(self, tour: Tour, shifts: Sequence[Shift], day: date) -> FillKind:
        old = next((mine for mine, local in zip(tour.shifts, tour.days, strict=True) if local == day), None)
        new = next(shift for shift in shifts if day_of(self.filler.problem, shift) == day)
        if old is None:
            return FillKind.EXTRA
        if (new.start, new.end) == (old.start, old.end):
            return FillKind.BREAKS
        return FillKind.LONGER if new.start <= old.start and old.end <= new.end else FillKind.MOVED

    def _candidate(self, agent: str, shifts: Sequence[Shift], kind: FillKind) -> Candidate:
        tour = self.standing.tour[agent]
        anew = duty_of(self.standing.tour_with(agent, shifts)) & ~self.standing.duty(agent)
        hours = float(anew[self.first : self.last].sum()) * self.standing.model.cover.hours
        moves = difference(self.filler.problem, tour.shifts, shifts)
        over = self._overtime(agent, shifts)
        return Candidate(agent, FillKind.OVERTIME if over else kind, moves, hours, self.standing.rise(agent, shifts), over)

    def _why_not(self, agent: str, refused: Sequence[tuple[tuple[Violation, ...], tuple[Shift, ...]]]) -> CannotFill:
        if not refused:
            held = any(self.filler.keep.holds(agent, day) for day in self._days())
            if held:
                return CannotFill(agent, "keep", "that day must stay as it is")
            return CannotFill(agent, "start window", "no shift of the contract can reach into that time")
        nearest, shifts = min(refused, key=lambda one: len(one[0]))
        told = "; ".join(dict.fromkeys(one.text for one in nearest))
        return CannotFill(agent, nearest[0].rule, told, self.standing.rise(agent, shifts))

    def _days(self) -> tuple[date, ...]:
        bounds, dates = self.filler.problem.grid.day_bounds, self.filler.problem.grid.dates
        return tuple(day for day, (first, last) in zip(dates, bounds, strict=True) if first < self.last and self.first < last)


