"""`repair`: a roster after an absence, a swap or new requirements, with as few people touched as can be.

Everybody who may move is asked for the best other tour against all others, exactly, at a price per day that changes; the best
answers are tried together, one person after the other (a beam over 1, 2, 3 people). A price per person touched decides how far it goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

import numpy as np

from wfm import units
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import Agent, Contract
from wfm.errors import Infeasible
from wfm.scheduler.changes import Changed, Changes, Keep, ShiftChange, apply_changes, broken, difference, with_moves
from wfm.scheduler.columns import columns_of
from wfm.scheduler.held import Held, with_begun
from wfm.scheduler.instance import Floats, build_instance, required_heads
from wfm.scheduler.menu import Menu
from wfm.scheduler.plan import Flags
from wfm.scheduler.standing import Reply, Saved, Standing, cover_only, duty_of

NOTHING = Keep()
BEAM, TRIED, POOL, MOST_ASKED = 4, 12, 48, 800
TINY = 1e-6
SHARE_TO_SEARCH = 0.5
"""Share of the time limit that the search has for certain, even where kernels had to be compiled first."""
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
    units.positive("time_limit_s", time_limit_s)
    usual = mean_under_cost(problem)
    price = usual if price_per_person is None else units.not_negative("price_per_person", price_per_person)
    changed = apply_changes(problem, roster.shifts, changes)
    search = _Search(problem, roster.shifts, changed, usual * SHARE_PER_DAY, clock)
    search.prepare(keep, now)
    search.end = max(began + time_limit_s, clock() + SHARE_TO_SEARCH * time_limit_s)
    frontier = tuple(search.option(best) for best in search.run(most_people))
    chosen = min(frontier, key=lambda option: option.objective + price * option.people)
    made = Roster(
        problem=problem.id,
        shifts=chosen.shifts,
        objective=chosen.objective,
        lower_bound=carried_bound(problem, roster, changed),
        status=RosterStatus.FEASIBLE,
        solver="repair",
        seed=roster.seed,
        seconds=clock() - began,
    )
    return Repair(changed.problem, made, chosen, frontier, search.objective_before, search.short_hours_before, price, made.seconds)


def carried_bound(problem: RosterProblem, roster: Roster, changed: Changed) -> float | None:
    """The roster's bound where it still holds after the changes: they leave nobody more freedom and no queue needs less.

    An absence with hours credited gives freedom, so that it takes the bound away.
    Somebody absent for a part of a shift is not on duty without need either, which may save `over_cost` for that time.
    """
    old, new = problem, changed.problem
    pairs = list(zip(old.agents, new.agents, strict=True))
    looser = any(_bound_by(old, a) != _bound_by(new, b) or set(a.fixed) - set(b.fixed) for a, b in pairs)
    missed = [one for a, b in pairs for one in set(b.fixed) - set(a.fixed)]
    looser = looser or bool(missed and problem.rules)
    if roster.lower_bound is None or looser or any(less(a, b) for a, b in zip(new.requirements, old.requirements, strict=True)):
        return None
    hours = sum((one.end - one.start).total_seconds() for one in missed) / units.SECONDS_PER_HOUR
    return roster.lower_bound - problem.over_cost * hours


def less(new: Requirement, old: Requirement) -> bool:
    """Whether a requirement asks for fewer heads somewhere."""
    return any(a < b for a, b in zip(new.required, old.required, strict=True))


def _bound_by(problem: RosterProblem, agent: Agent) -> Contract:
    return replace(problem.contract_of[agent.contract], id="", rules=(*problem.contract_of[agent.contract].rules, *agent.rules))


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
        self, problem: RosterProblem, shifts: Sequence[Shift], changed: Changed, per_day: float, clock: Callable[[], float]
    ) -> None:
        self.problem, self.shifts, self.changed, self.per_day, self.clock = problem, shifts, changed, per_day, clock
        self.end = float("inf")
        self.standing = Standing(problem, shifts, cover_only(problem))
        self.objective_before, self.short_hours_before = self.standing.objective, self.standing.short_hours
        self.before = self.standing.save()
        needed = self.standing.instance.required
        heads = required_heads(changed.problem, columns_of(changed.problem))
        self.standing.become(changed.problem, changed.shifts, changed.concerned, heads)
        was, now = self.before.duty, self.standing.plan.tours.duty
        self.short = _more(was & ~now, self.standing.instance.required > needed)
        self.spare = _more(now & ~was, self.standing.instance.required < needed)

    def prepare(self, keep: Keep, now: datetime | None) -> None:
        """Finds out who may be asked, gives people whose shifts no longer fit other ones, and measures what the others could do before."""
        changed, people = self.changed, self._able()
        held = Held(changed.problem, changed.shifts, people, keep, now)
        self.standing.use(build_instance(held.problem(changed.must_move), held.pins(changed.must_move)))
        for agent in sorted(changed.must_move):
            self._move(agent)
        self.movable = frozenset(held.movable)
        self.asked = [agent for agent in people if agent in self.movable or agent in held.running]
        self.longer = _Longer(self.standing, held, self.short)
        after = self.standing.save()
        self.standing.go_back(self.before)
        self.base = {reply.agent: reply.gain for reply in self.standing.replies(self._free(self.asked), self.per_day)}
        self.standing.go_back(after)
        for agent in self.asked[:1]:
            self.standing.rise(agent, self.standing.tour[agent].shifts)  # compiles, so that the search itself does not

    def late(self) -> bool:
        """True from the moment on at which the search has to end."""
        return self.clock() >= self.end

    def _able(self) -> list[str]:
        """People who could help where heads were lost, or leave where there are more than before; at most `MOST_ASKED`, the best kinds."""
        others = [agent.id for agent in self.problem.agents if agent.id not in self.changed.concerned]
        kinds = {self.standing.kind_of(agent) for agent in others}
        worth = {kind: float(np.maximum(self.standing.worth(kind)[0][self.short], 0.0).sum()) for kind in kinds} if self.short.any() else {}
        able = [agent for agent in others if self.spare.any() or worth.get(self.standing.kind_of(agent), 0.0) > TINY]
        able.sort(key=lambda agent: -worth.get(self.standing.kind_of(agent), 0.0))
        return able[:MOST_ASKED]

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
        free = self.standing.replies(self._free(agents), self.per_day)
        found = [replace(reply, gain=reply.gain - self.base.get(reply.agent, 0.0)) for reply in free]
        found += [replace(reply, gain=reply.gain - self.per_day) for reply in self.longer.replies(agents)]
        return sorted((reply for reply in found if reply.gain > 1e-6), key=lambda reply: (-reply.gain, reply.agent))

    def _free(self, agents: Sequence[str]) -> list[str]:
        return [agent for agent in agents if agent in self.movable]

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


def _more(duty: Flags, required: Flags) -> Flags:
    """Intervals in which anybody's duty, or any queue's need, is flagged."""
    return np.asarray(duty.any(axis=0) | required.any(axis=1))


class _Longer:
    """People whose shift has begun and can go on into the intervals that lost heads."""

    def __init__(self, standing: Standing, held: Held, short: Flags) -> None:
        self.standing, self.held, self.short = standing, held, short
        self.menu = Menu(standing.problem) if held.running else None
        self.more: dict[int, Floats] = {}
        self.offers = {agent: self._offers(agent, old) for agent, old in held.running.items()}

    def replies(self, agents: Sequence[str]) -> list[Reply]:
        """The best longer shift of everybody who has one."""
        return [self._best(agent) for agent in agents if self.offers.get(agent)]

    def _best(self, agent: str) -> Reply:
        old, mine = self.held.running[agent], self.standing.tour[agent].shifts
        tours = [tuple(new if shift == old else shift for shift in mine) for new in self.offers[agent]]
        rise, best = min((self.standing.rise(agent, shifts), i) for i, shifts in enumerate(tours))
        return Reply(agent, tours[best], -rise)

    def _offers(self, agent: str, old: Shift) -> list[Shift]:
        """Shifts of the contract that start like the old one and last longer."""
        assert self.menu is not None
        assert self.held.now is not None
        grid, contract = self.standing.problem.grid, self.standing.tour[agent].contract.id
        first, last = grid.index(old.start), grid.index(old.end)
        options = self.menu.options(contract, first, first + 1)
        choices = self.menu.choices(options, self._worth(self.standing.kind_of(agent)))
        ends = choices.start + choices.length
        grows = [i for i in range(len(options)) if choices.start[i] == first and self.short[last : int(ends[i])].any()]
        return [with_begun(old, self.menu.shift(agent, choices, i), self.held.now) for i in grows]

    def _worth(self, kind: int) -> Floats:
        if kind not in self.more:
            self.more[kind] = self.standing.worth(kind)[0]
        return self.more[kind]
