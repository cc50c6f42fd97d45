"""A roster on the kernels: its objective, and what any other shifts of one person would change.

Rules are those of `domain.rules`, cover is the split of `coverage`; the roster itself may break rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import Tour, broken_wishes, on_duty, paid_minutes, prices, tours
from wfm.domain.staff import Agent
from wfm.scheduler.coverage import arrays_of, make_split, split_cost
from wfm.scheduler.instance import KIND, LENGTH, OFF, OPTIONS, OPTIONS_END, SHAPE, START, Floats, Instance, Ints, build_instance
from wfm.scheduler.plan import Flags, make_model, make_plan, make_room, raise_everybody
from wfm.scheduler.replies import UNKNOWN, make_hand, replies, rise_of_cover, set_duty, worth_of_kind
from wfm.scheduler.result import shift_of_option
from wfm.scheduler.tours import NEVER


def tour_price(tour: Tour) -> float:
    """Wishes broken, paid hours and soft rules of a tour."""
    soft = sum(one.cost or 0.0 for one in prices(tour))
    return broken_wishes(tour) + paid_minutes(tour) / 60 * tour.contract.cost_per_hour + soft


def duty_of(tour: Tour) -> Flags:
    """Intervals on queue."""
    flags = np.zeros(tour.grid.count, dtype=np.bool_)
    for first, last in on_duty(tour):
        flags[first:last] = True
    return flags


def idle(agent: Agent, problem: RosterProblem) -> Agent:
    """The agent without any choice, so that all such agents of a contract share one calendar."""
    return Agent(
        agent.id,
        agent.contract,
        agent.queues,
        days_off=frozenset(problem.grid.dates),
        site=agent.site,
        team=agent.team,
        skills=agent.skills,
        licences=agent.licences,
        secondary=agent.secondary,
    )


def cover_only(problem: RosterProblem) -> Instance:
    """Arrays with which people's duty can be priced, but no tours found: made in no time."""
    return build_instance(replace(problem, agents=tuple(idle(agent, problem) for agent in problem.agents)))


@dataclass(frozen=True)
class Saved:
    """A state to which a standing roster can go back."""

    duty: Flags
    arrays: tuple[Floats | Ints, ...]
    tour: Mapping[str, Tour]
    price: float
    present: Ints | None


@dataclass(frozen=True, slots=True)
class Reply:
    """The best other tour of one agent: its shifts, and by how much the priced objective falls."""

    agent: str
    shifts: tuple[Shift, ...]
    gain: float


class Standing:
    """A roster whose people can be moved one at a time.

    Parameters
    ----------
    problem
        What the roster answers.
    shifts
        The roster.
    instance
        The arrays to search on: the problem's own, or those of a problem with fewer choices but the same agents in the same order.
    """

    def __init__(self, problem: RosterProblem, shifts: Sequence[Shift], instance: Instance | None = None) -> None:
        self.problem = problem
        self.instance = build_instance(problem) if instance is None else instance
        self.model, self.plan, self.room = make_model(self.instance), make_plan(self.instance), make_room(self.instance)
        self.number = {agent.id: k for k, agent in enumerate(problem.agents)}
        self.tour = dict(tours(problem, shifts))
        for name, tour in self.tour.items():
            self.plan.tours.duty[self.number[name]] = duty_of(tour)
        raise_everybody(self.model, self.plan.tours.duty, self.plan.split, self.room.paths)
        self.price = sum(tour_price(tour) for tour in self.tour.values())
        self._present: Ints | None = None

    def use(self, instance: Instance) -> None:
        """Searches on other arrays of the same problem from now on: same kinds, other choices."""
        self.instance, self.model, self.room = instance, make_model(instance), make_room(instance)
        self._present = None

    def become(self, problem: RosterProblem, shifts: Sequence[Shift], people: Iterable[str], heads: Floats) -> None:
        """Turns into another problem and roster that differ for `people` and in the heads required only."""
        named = sorted(people)
        found = tours(replace(problem, agents=tuple(problem.agent_of[name] for name in named)), shifts)
        self.problem = problem
        for name in named:
            self._put(name, found[name])
        if (heads != self.instance.required).any():
            self.instance = replace(self.instance, required=heads)
            for mine, fresh in zip(arrays_of(self.plan.split), arrays_of(make_split(self.instance)), strict=True):
                mine[:] = fresh
            raise_everybody(self.model, self.plan.tours.duty, self.plan.split, self.room.paths)
            self.plan.worth.now[:] = self.plan.worth.now[-1] + 1 + np.arange(len(self.plan.worth.now))

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """All shifts, by agent and start."""
        return tuple(shift for tour in self.tour.values() for shift in tour.shifts)

    @property
    def objective(self) -> float:
        """As `roster-format` defines it."""
        return split_cost(self.model.cover, self.plan.split) + self.price

    @property
    def missing(self) -> Floats:
        """Missing heads, intervals by queues of the problem."""
        belongs = self.instance.queue_of[:, None] == np.arange(len(self.problem.requirements))
        return np.asarray(self.plan.split.miss @ belongs.astype(float))

    @property
    def short_hours(self) -> float:
        """Head-hours missing."""
        return float(self.plan.split.miss.sum()) * self.model.cover.hours

    def duty(self, agent: str) -> Flags:
        """Intervals in which the agent is on queue now; not to be changed."""
        row: Flags = self.plan.tours.duty[self.number[agent]]
        return row

    def tour_with(self, agent: str, shifts: Sequence[Shift]) -> Tour:
        """The agent's tour if it worked these shifts."""
        mine = self.tour[agent]
        return Tour(mine.grid, mine.agent, mine.contract, tuple(sorted(shifts, key=lambda shift: shift.start)))

    def rise(self, agent: str, shifts: Sequence[Shift]) -> float:
        """Rise of the objective if the agent worked these shifts and no other; nothing is changed."""
        tour = self.tour_with(agent, shifts)
        cover = rise_of_cover(self.model, self.plan, self.number[agent], duty_of(tour), self.room)
        return float(cover + tour_price(tour) - tour_price(self.tour[agent]))

    def give(self, agent: str, shifts: Sequence[Shift]) -> None:
        """Makes these the agent's shifts."""
        self._put(agent, self.tour_with(agent, shifts))

    def _put(self, agent: str, tour: Tour) -> None:
        set_duty(self.model, self.plan, self.number[agent], duty_of(tour), self.room)
        self.price += tour_price(tour) - tour_price(self.tour[agent])
        self.tour[agent] = tour
        if self._present is not None:
            self._present[self.number[agent]] = self._options(agent)

    def save(self) -> Saved:
        """The present state."""
        present = None if self._present is None else self._present.copy()
        return Saved(self.plan.tours.duty.copy(), tuple(array.copy() for array in self._arrays()), dict(self.tour), self.price, present)

    def go_back(self, saved: Saved) -> None:
        """Makes a saved state the present one; worths of then are valid again."""
        self.plan.tours.duty[:] = saved.duty
        for mine, kept in zip(self._arrays(), saved.arrays, strict=True):
            mine[:] = kept
        self.tour, self.price = dict(saved.tour), saved.price
        self._present = None if saved.present is None else saved.present.copy()

    def _arrays(self) -> tuple[Floats | Ints, ...]:
        return (*arrays_of(self.plan.split), self.plan.worth.now[:-1])

    def present(self) -> Ints:
        """Option of every agent and day; `UNKNOWN` for a shift that the instance does not offer."""
        if self._present is None:
            rows = [self._options(agent.id) for agent in self.problem.agents]
            self._present = np.array(rows, dtype=np.int64).reshape(-1, self.instance.calendars.days)
        return self._present

    def _options(self, agent: str) -> list[int]:
        calendars, grid = self.instance.calendars, self.problem.grid
        calendar = int(self.instance.agent[self.number[agent], 1])
        found = [OFF] * calendars.days
        for shift, local in zip(self.tour[agent].shifts, self.tour[agent].days, strict=True):
            day = (local - grid.first_day).days
            first, last = calendars.row[calendar * calendars.days + day, [OPTIONS, OPTIONS_END]]
            options = calendars.option[first:last]
            length = self.instance.shapes.table[options[:, SHAPE], LENGTH]
            same = np.flatnonzero((options[:, START] == grid.index(shift.start)) & (length == shift.minutes // grid.interval_minutes))
            found[day] = int(first + same[0]) if len(same) else UNKNOWN
        return found

    def replies(self, agents: Sequence[str], price: float) -> list[Reply]:
        """Best other tours of these agents, each against all others, at a price per day that changes; those without one are left out.

        Days whose shift stays keep their breaks unless moving them is worth the price too.
        """
        ask = np.array([self.number[agent] for agent in agents], dtype=np.int64)
        days, breaks = self.instance.calendars.days, self.instance.most_breaks
        option, places = np.full((len(ask), days), OFF), np.zeros((len(ask), days, breaks), np.int64)
        gain = np.zeros(len(ask))
        replies(self.model, self.plan, ask, self.present(), price, self.room, make_hand(days), option, places, gain)
        found = []
        for i in np.flatnonzero(gain > NEVER).tolist():
            changed = (option[i] != self.present()[ask[i]]).any() or gain[i] > max(price, 0.0)
            if changed:
                found.append(Reply(agents[i], self._shifts(agents[i], option[i], places[i]), float(gain[i])))
        return found

    def _shifts(self, agent: str, option: Ints, places: Ints) -> tuple[Shift, ...]:
        days = zip(option.tolist(), places.tolist(), strict=True)
        return tuple(shift_of_option(self.instance, agent, number, breaks) for number, breaks in days if number != OFF)

    def settled(self, reply: Reply, price: float) -> tuple[Shift, ...]:
        """The reply's shifts, with the old breaks back wherever moving them alone is worth less than `price`."""
        shifts = list(reply.shifts)
        old = {(shift.start, shift.end): shift for shift in self.tour[reply.agent].shifts}
        for place, shift in enumerate(shifts):
            kept = old.get((shift.start, shift.end), shift)
            if kept == shift:
                continue
            back = [*shifts[:place], kept, *shifts[place + 1 :]]
            if self.rise(reply.agent, back) - self.rise(reply.agent, shifts) < price:
                shifts = back
        return tuple(shifts)

    def kind_of(self, agent: str) -> int:
        """Number of the agent's kind: those who serve the same queues at the same speeds."""
        return int(self.instance.agent[self.number[agent], KIND])

    def worth(self, kind: int) -> tuple[Floats, Floats]:
        """What one head of that kind more is worth in every interval, and what one fewer costs."""
        more, fewer = np.zeros(self.instance.intervals), np.zeros(self.instance.intervals)
        worth_of_kind(self.model, self.plan, kind, self.room, more, fewer)
        return more, fewer
