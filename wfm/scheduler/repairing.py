"""`repair`: a roster after an absence, a swap or new requirements, with as few people touched as can be.

Everybody who may move is asked for the best other tour against all others, exactly, at a price per day that changes; the best
answers are tried together, one person after the other (a beam over 1, 2, 3 people). A price per person touched decides how far it goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations

import numpy as np

from wfm import units
from wfm.domain.roster import Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import Agent
from wfm.errors import Infeasible
from wfm.scheduler.changes import Changed, Changes, Keep, ShiftChange, apply_changes, broken, day_of, difference, with_moves
from wfm.scheduler.instance import build_instance, required_heads
from wfm.scheduler.plan import Flags
from wfm.scheduler.standing import Reply, Saved, Standing, duty_of, idle

NOTHING = Keep()
BEAM, TRIED, POOL = 4, 12, 48
SHARE_PER_DAY = 0.25
"""Price of one changed day, as a share of that of one missing head-hour."""


@dataclass(frozen=True, slots=True)
class RepairOption:
    """The best that can be done by touching so many other people.

    Parameters
    ----------
    people
        Others touched, those apart whom the changes name.
    touched
        Who they are.
    moves
        What changed for everybody, the people named by the changes included.
    objective
        As `roster-format` defines it.
    short_hours
        Head-hours missing in all queues.
    shifts
        The whole roster.
    """

    people: int
    touched: tuple[str, ...]
    moves: tuple[ShiftChange, ...]
    objective: float
    short_hours: float
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired roster.

    Parameters
    ----------
    problem
        The problem as the changes leave it; the roster is to be judged against it.
    roster
        The roster chosen.
    chosen
        What it stands for.
    frontier
        The best of 0, 1, 2, 3 people touched; a number of people that helps no further is left out. The first one touches nobody.
    objective_before, short_hours_before
        Of the old roster under the old problem.
    price_per_person
        Fall of the objective for which one more person was touched.
    seconds
        Time taken.
    """

    problem: RosterProblem
    roster: Roster
    chosen: RepairOption
    frontier: tuple[RepairOption, ...]
    objective_before: float
    short_hours_before: float
    price_per_person: float
    seconds: float

    @property
    def moves(self) -> tuple[ShiftChange, ...]:
        """What changed for whom."""
        return self.chosen.moves

    @property
    def touched(self) -> tuple[str, ...]:
        """The other people touched."""
        return self.chosen.touched

    def roster_of(self, option: RepairOption) -> Roster:
        """The roster of another choice of the frontier."""
        return replace(self.roster, shifts=option.shifts, objective=option.objective)


def repair(
    problem: RosterProblem,
    roster: Roster,
    changes: Changes,
    keep: Keep = NOTHING,
    now: datetime | None = None,
    most_people: int = 3,
    price_per_person: float | None = None,
    time_limit_s: float = 5.0,
    clock: Callable[[], float] = time.monotonic,
) -> Repair:
    """The roster after `changes`, with as few people touched as can be.

    Parameters
    ----------
    problem, roster
        What was planned. People whose shifts break a rule already are not asked.
    changes
        What happened.
    keep
        What must not move.
    now
        Nothing that starts before this instant moves, and nobody starts before it anew; None where all of it is still to come.
    most_people
        Other people who may be touched, from 0 on.
    price_per_person
        A further person is touched where the objective falls by more than this; None for the mean price of one missing head-hour.
    time_limit_s
        Seconds after which the best so far is returned, above 0.
    clock
        Monotonic seconds.

    Raises
    ------
    InvalidInput
        When the changes do not fit the problem.
    Infeasible
        When a swap breaks a rule, or somebody has no legal tour after the changes.
    """
    began = clock()
    units.whole("most_people", most_people)
    end = began + units.positive("time_limit_s", time_limit_s)
    usual = mean_under_cost(problem)
    price = usual if price_per_person is None else units.not_negative("price_per_person", price_per_person)
    changed = apply_changes(problem, roster.shifts, changes)
    held = Held(changed.problem, changed.shifts, keep, now)
    search = _Search(problem, roster.shifts, changed, held, usual * SHARE_PER_DAY, lambda: clock() >= end)
    frontier = tuple(search.option(best) for best in search.run(most_people))
    chosen = min(frontier, key=lambda option: option.objective + price * option.people)
    made = Roster(
        problem=problem.id,
        shifts=chosen.shifts,
        objective=chosen.objective,
        lower_bound=None,
        status=RosterStatus.FEASIBLE,
        solver="repair",
        seed=roster.seed,
        seconds=clock() - began,
    )
    return Repair(changed.problem, made, chosen, frontier, search.before.objective, search.before.short_hours, price, made.seconds)


def mean_under_cost(problem: RosterProblem) -> float:
    """Price of one missing head-hour, the mean over all demand; 0 where there is none."""
    heads = [sum(need.required) for need in problem.requirements]
    total = sum(heads)
    return sum(need.under_cost * n for need, n in zip(problem.requirements, heads, strict=True)) / total if total else 0.0


@dataclass(frozen=True)
class _State:
    """A roster in the search: who has been touched, and what it costs."""

    saved: Saved
    touched: frozenset[str]
    objective: float
    short_hours: float


class _Search:
    """The beam over people touched.

    An answer counts for what it is worth beyond the best that the same person could have done before the changes, so that a roster which
    was not the best one possible is repaired and not rebuilt.
    """

    def __init__(
        self, problem: RosterProblem, shifts: Sequence[Shift], changed: Changed, held: Held, per_day: float, late: Callable[[], bool]
    ) -> None:
        self.problem, self.shifts, self.changed, self.per_day, self.late = problem, shifts, changed, per_day, late
        instance = build_instance(held.problem(changed.must_move), held.pins(changed.must_move))
        self.standing = Standing(changed.problem, changed.shifts, instance)
        self.before = Standing(problem, shifts, replace(instance, required=required_heads(problem)))
        for agent in sorted(changed.must_move):
            self._move(agent)
        old, new = self.before, self.standing
        self.short, self.spare = _hurt(old, new), _hurt(new, old)
        self.asked = [agent for agent in held.movable if agent not in changed.concerned] if (self.short | self.spare).any() else []
        self.base = {reply.agent: reply.gain for reply in old.replies(self.asked, per_day)}

    def _move(self, agent: str) -> None:
        """Gives somebody whose shifts are illegal now the best legal ones."""
        found = self.standing.replies([agent], self.per_day)
        if not found:
            raise Infeasible(f"{agent} has no legal week after the changes")
        self.standing.give(agent, self.standing.settled(found[0], self.per_day))

    def run(self, most_people: int) -> Iterator[_State]:
        """The best state of every number of people that helps."""
        beam = [self._state(frozenset())]
        best = beam[0]
        yield best
        pool = self.asked
        for _ in range(most_people):
            found: dict[frozenset[str], _State] = {}
            for state in beam:
                self.standing.go_back(state.saved)
                answers = self._answers([agent for agent in pool if agent not in state.touched])
                if len(pool) > POOL:
                    pool = [reply.agent for reply in answers[:POOL]]
                for reply in answers[:TRIED]:
                    self._try(state, reply, found)
            beam = sorted(found.values(), key=lambda state: (state.objective, sorted(state.touched)))[:BEAM]
            if not beam or beam[0].objective > best.objective - 1e-6:
                return
            best = beam[0]
            yield best

    def _answers(self, agents: Sequence[str]) -> list[Reply]:
        if self.late():
            return []
        found = [replace(reply, gain=reply.gain - self.base.get(reply.agent, 0.0)) for reply in self.standing.replies(agents, self.per_day)]
        return sorted((reply for reply in found if reply.gain > 1e-6), key=lambda reply: (-reply.gain, reply.agent))

    def _try(self, state: _State, reply: Reply, found: dict[frozenset[str], _State]) -> None:
        if self.late():
            return
        self.standing.go_back(state.saved)
        shifts = self._needed(reply.agent, self.standing.settled(reply, self.per_day))
        if shifts is None:
            return
        self.standing.give(reply.agent, shifts)
        made = self._state(state.touched | {reply.agent})
        known = found.get(made.touched)
        if known is None or made.objective < known.objective:
            found[made.touched] = made

    def _needed(self, agent: str, shifts: Sequence[Shift]) -> tuple[Shift, ...] | None:
        """Of a new tour the changes that meet what was hurt, and as few others as the rules ask for; None where nothing is left."""
        mine = self.standing.tour[agent].shifts
        moves = difference(self.changed.problem, mine, shifts)
        serving = [move for move in moves if self._serves(agent, move)]
        others = [move for move in moves if move not in serving]
        if not serving:
            return None
        for count in range(len(others) + 1):
            for some in combinations(others, count):
                made = with_moves(self.changed.problem, mine, (*serving, *some))
                if not broken(self.changed.problem, made, [agent]):
                    return made
        return None

    def _serves(self, agent: str, move: ShiftChange) -> bool:
        """True where the agent comes in an interval that lost heads, or goes in one that has more than before."""
        before, after = (duty_of(self.standing.tour_with(agent, [shift] if shift else [])) for shift in (move.before, move.after))
        return bool((after & ~before & self.short | before & ~after & self.spare).any())

    def _state(self, touched: frozenset[str]) -> _State:
        return _State(self.standing.save(), touched, self.standing.objective, self.standing.short_hours)

    def option(self, state: _State) -> RepairOption:
        """A state as people see it."""
        shifts = tuple(shift for tour in state.saved.tour.values() for shift in tour.shifts)
        told = {(move.agent, move.day): move for move in self.changed.moves}
        moves = dict(told)
        for move in difference(self.problem, self.shifts, shifts):
            known = told.get((move.agent, move.day))
            moves[move.agent, move.day] = move if known is None else replace(move, kind=known.kind)
        ordered = tuple(moves[place] for place in sorted(moves))
        return RepairOption(len(state.touched), tuple(sorted(state.touched)), ordered, state.objective, state.short_hours, shifts)


def _hurt(before: Standing, after: Standing) -> Flags:
    """Intervals in which somebody is no longer on duty, or more is required than before."""
    gone = before.plan.tours.duty & ~after.plan.tours.duty
    return np.asarray(gone.any(axis=0) | (after.instance.required > before.instance.required).any(axis=1))


class Held:
    """What stays of a roster: the past, what must be kept, and people whose shifts break a rule already.

    Parameters
    ----------
    problem, shifts
        The roster.
    keep, now
        As `repair` takes them.
    """

    def __init__(self, problem: RosterProblem, shifts: Sequence[Shift], keep: Keep, now: datetime | None) -> None:
        self.whole, self.keep, self.now = problem, keep, now
        self.shifts: dict[str, list[Shift]] = {agent.id: [] for agent in problem.agents}
        for shift in sorted(shifts, key=lambda shift: shift.start):
            self.shifts[shift.agent].append(shift)
        illegal = {found.agent for found in broken(problem, shifts, self.shifts)}
        self.movable = [agent.id for agent in problem.agents if agent.id not in illegal and not self._all_held(agent.id)]

    def _all_held(self, agent: str) -> bool:
        return all(self._day_held(agent, day) for day in self.whole.grid.dates)

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
