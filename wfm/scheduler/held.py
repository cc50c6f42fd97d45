"""What stays of a roster when it is repaired: the past, what must be kept, and people whose shifts break a rule already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from wfm import units
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.staff import Agent
from wfm.scheduler.changes import Keep, broken, day_of
from wfm.scheduler.standing import idle


def with_begun(old: Shift, new: Shift, now: datetime) -> Shift:
    """A shift in the place of one that has begun: breaks that have begun stay."""
    begun = tuple(pause for pause in old.breaks if pause.start < now)
    return replace(new, breaks=(*begun, *new.breaks[len(begun) :]))


class Held:
    """What stays of a roster: the past, what must be kept, and people whose shifts break a rule already.

    Parameters
    ----------
    problem, shifts
        The roster.
    people
        Those who may be asked at all.
    keep, now
        As `repair` takes them.
    """

    def __init__(self, problem: RosterProblem, shifts: Sequence[Shift], people: Sequence[str], keep: Keep, now: datetime | None) -> None:
        self.whole, self.keep, self.now = problem, keep, now
        self.shifts: dict[str, list[Shift]] = {agent.id: [] for agent in problem.agents}
        for shift in sorted(shifts, key=lambda shift: shift.start):
            self.shifts[shift.agent].append(shift)
        illegal = {found.agent for found in broken(problem, shifts, people)}
        legal = [agent for agent in people if agent not in illegal]
        self.movable = [agent for agent in legal if not self._all_held(agent)]
        self.running = {agent: shift for agent in legal for shift in self.shifts[agent] if self._may_grow(shift)}

    def _all_held(self, agent: str) -> bool:
        return all(self._day_held(agent, day) for day in self.whole.grid.dates)

    def _may_grow(self, shift: Shift) -> bool:
        """True for a shift that has begun, is not over, and need not stay as it is."""
        kept = self.keep.holds(shift.agent, day_of(self.whole, shift))
        return self.now is not None and shift.start < self.now < shift.end and not kept

    def _day_held(self, agent: str, day: date) -> bool:
        return self.keep.holds(agent, day) or (self.now is not None and self._past(agent, day, self.now))

    def _past(self, agent: str, day: date, now: datetime) -> bool:
        """True where the day is over, or the agent's shift of that day has begun."""
        if self.whole.grid.instant(day, units.MINUTES_PER_DAY) <= now:
            return True
        return any(day_of(self.whole, shift) == day and shift.start < now for shift in self.shifts[agent])

    def pins(self, also: frozenset[str] = frozenset()) -> list[Shift]:
        """Shifts that stay, of the people who may move and of those in `also`."""
        people = [*self.movable, *sorted(also)]
        return [shift for agent in people for shift in self.shifts[agent] if self._day_held(agent, day_of(self.whole, shift))]

    def problem(self, also: frozenset[str] = frozenset()) -> RosterProblem:
        """The problem with the choices that are left: days off that stay are days off, and nobody starts in the past."""
        free = set(self.movable) | also
        agents = tuple(self._left(agent) if agent.id in free else idle(agent, self.whole) for agent in self.whole.agents)
        return replace(self.whole, agents=agents)

    def _left(self, agent: Agent) -> Agent:
        worked = {day_of(self.whole, shift) for shift in self.shifts[agent.id]}
        off = {day for day in self.whole.grid.dates if day not in worked and self._day_held(agent.id, day)}
        return replace(agent, days_off=agent.days_off | off, unavailable=(*agent.unavailable, *self._gone(agent.id)))

    def _gone(self, agent: str) -> Iterator[tuple[datetime, datetime]]:
        """Time that is over and free of shifts, as far as a new shift could still begin in it."""
        if self.now is None or self.now <= self.whole.grid.begin:
            return
        begun = [shift for shift in self.shifts[agent] if shift.start < self.now]
        begin = max([self.now - timedelta(days=1), self.whole.grid.begin, *(shift.end for shift in begun)])
        if begin < self.now:
            yield begin, self.now
