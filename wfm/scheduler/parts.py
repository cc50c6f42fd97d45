"""`solve_in_parts`: the staff divided into parts that are solved side by side, wherever their caller lets them run.

The prices of the whole problem divide the demand of shared queues among the parts (`sharing`). The parts are solved, what the roster
put together still misses is divided anew, they are solved once more from where they stand, and at last the whole roster is polished by
everybody's small moves. The bound is that of the whole problem: its climb begins at the same prices.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wfm.domain.roster import Roster, RosterProblem, Shift
from wfm.errors import InvalidInput
from wfm.scheduler.bound import Ascent, Climber, step_seconds, steps_within
from wfm.scheduler.cooling import cool
from wfm.scheduler.coverage import make_split
from wfm.scheduler.instance import CALENDAR, KIND, Floats, Instance, Ints
from wfm.scheduler.jit import without_compiling
from wfm.scheduler.plan import Tours, make_room, raise_everybody
from wfm.scheduler.search import Search, Watch
from wfm.scheduler.sharing import instance_of_part, kinds_by_part, numbered, served_at_prices, shares_of_rest, shares_of_service
from wfm.scheduler.solver import solve_by

PRICED = 0.08
"""Share of the time for the prices that divide demand, on one core."""
ROUNDS = ((0.5, None), (0.15, 0.1))
"""Rounds of the parts: share of the time, and heat at the start (None for a beginning from chaos)."""
POLISH_HEAT = 0.05
"""Heat at the start of the polish of the whole, in prices of one head that is missing in one interval."""
START_S = 3.0
"""Seconds kept of a round for new processes to load their kernels."""
AVERAGED = 0.3
"""Share of the steps of the prices whose answers are averaged."""
TRIES = 2
LATE = 1.3
"""A round that takes so many times its share of the time is ended."""
LOST = "The processes of {lost} of {all} parts ended before they were done, twice: these parts were left to the search of the whole."


class Workers(Protocol):
    """Does work side by side: `work(item)` of every item with its item, in any order.

    `tick` is called now and then with the number of items done; what it raises stops the rest. A worker that dies raises
    `BrokenExecutor`.
    """

    def __call__(
        self, work: Callable[[PartTask], PartAnswer], items: Iterable[PartTask], tick: Callable[[int], None]
    ) -> Iterator[tuple[PartTask, PartAnswer]]:
        """Yields pairs of item and answer."""


@dataclass(frozen=True)
class PartTask:
    """A part as it goes to a worker: whom it has (row numbers of the whole), what it is asked for, where it stands, its time and heat."""

    number: int
    people: Ints
    instance: Instance
    tours: Tours
    seed: int
    limit_s: float
    hot: float | None


@dataclass(frozen=True)
class PartAnswer:
    """Tours of a part's people, and whether the clock cut the search short."""

    tours: Tours
    cut: bool


def tours_of(tours: Tours, people: Ints) -> Tours:
    """A copy of some people's tours."""
    return Tours(tours.option[people], tours.breaks[people], tours.duty[people])


def solve_part(
    task: PartTask, cancelled: Callable[[], bool] | None = None, clock: Callable[[], float] = time.monotonic
) -> PartAnswer:
    """The best tours of a part for what it is asked for; on one thread."""
    with without_compiling(clock) as running:
        search = Search(task.instance, task.seed, Watch(running, running() + task.limit_s, cancelled), lambda _: None)
        search.start_from(task.tours)
        cool(search, task.limit_s, task.hot, threads=1)
        search.polish()
    assert search.best is not None
    return PartAnswer(search.best.tours, search.watch.late or search.watch.hurried)


def solve_in_parts(
    problem: RosterProblem,
    parts: str,
    time_limit_s: float = 60.0,
    seed: int = 0,
    progress: Callable[[Roster], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    pinned: Sequence[Shift] = (),
    workers: Workers | None = None,
    at_once: int = 1,
    clock: Callable[[], float] = time.monotonic,
) -> Roster:
    """A roster for `problem` whose parts are solved side by side; otherwise as `solve`.

    Parameters
    ----------
    parts
        "site" or "team" of the agents, or a number of parts, at least 2, of like size and skills.
    workers
        What runs the parts, see `Workers`; None to solve them here, one after the other.
    at_once
        How many parts `workers` run at the same time, at least 1; with another number another roster may be found.

    Raises
    ------
    InvalidInput
        When an argument is out of bounds, or all agents are of one part.
    Infeasible
        As `solve`.
    """
    from wfm import units

    units.whole("at_once", at_once, at_least=1)
    part_of_agents(problem, parts)  # a wrong word is refused before anything is built

    def way(search: Search) -> None:
        part, count = divided(problem, search.instance, parts)
        Together(search, part, count, workers, at_once, time_limit_s).run()

    return solve_by(way, problem, time_limit_s, seed, progress, cancelled, pinned, clock)


def part_of_agents(problem: RosterProblem, parts: str) -> list[str] | int:
    """The part of each agent by name, or how many parts of like size are asked for.

    Raises
    ------
    InvalidInput
        When `parts` cannot be understood or does not divide the agents.
    """
    people = len(problem.agents)
    if parts in ("site", "team"):
        names = [str(getattr(agent, parts)) for agent in problem.agents]
        if len(set(names)) < 2:
            raise InvalidInput(f"parts by {parts} need agents of at least 2 {parts}s, got {len(set(names) - {''})}; give a number of parts")
        return names
    if not parts.isdigit() or not 2 <= int(parts) <= people:
        raise InvalidInput(f"parts must be site, team or a whole number from 2 to {people} (the number of agents), got {parts!r}")
    return int(parts)


def divided(problem: RosterProblem, instance: Instance, parts: str) -> tuple[Ints, int]:
    """The part of each agent as a number from 0, and how many parts there are."""
    found = part_of_agents(problem, parts)
    if not isinstance(found, int):
        return numbered(found)
    part = np.empty(instance.agents, dtype=np.int64)
    part[np.lexsort((instance.agent[:, CALENDAR], instance.agent[:, KIND]))] = np.arange(instance.agents) % found
    return part, found


class _Enough(Exception):
    """It is time to stop waiting for parts."""


class Together:
    """One search of the whole that is made of parts.

    Parameters
    ----------
    search
        Of the whole.
    part
        Part of each agent.
    count
        How many parts.
    workers, at_once
        What runs them, and how many at the same time.
    limit_s
        Seconds that the whole may take.
    """

    def __init__(self, search: Search, part: Ints, count: int, workers: Workers | None, at_once: int, limit_s: float) -> None:
        self.search, self.part, self.count, self.workers, self.at_once, self.limit_s = search, part, count, workers, at_once, limit_s
        self.people = [np.flatnonzero(part == k) for k in range(count)]
        self.whole = kinds_by_part(search.instance, part, count)

    def run(self) -> None:
        """The whole search, and the bound beside it."""
        search = self.search
        with ThreadPoolExecutor(1) as aside:
            priced = aside.submit(self._priced)
            search.first()
            ascent, required = priced.result()
        climber = Climber(search.instance, self.limit_s, search.watch.over)
        climber.ascent.best_w, climber.ascent.best = ascent.best_w, ascent.best
        with climber:
            search.bound = climber.proven
            for number, (share, hot) in enumerate(ROUNDS):
                if search.watch.stop():
                    break
                self._round(number, share * self.limit_s, hot, required)
                required = self._rest()
            search.go_back()
            left = 1.0 - PRICED - sum(share for share, _ in ROUNDS)
            cool(search, left * self.limit_s, POLISH_HEAT)
            search.polish()
        search.go_back()

    def _priced(self) -> tuple[Ascent, Floats]:
        """Prices of the whole, and what each part is asked for at them."""
        stop, ascent = self.search.watch.over, Ascent(self.whole)
        climb = max(int(steps_within(self.limit_s, step_seconds(ascent)) * PRICED), 10)
        ascent.climb(climb, 0.03 * float(ascent.high.max(initial=0.0)), stop)
        served = served_at_prices(ascent, int(AVERAGED * climb), stop)
        return ascent, shares_of_service(self.whole, served, self.part, self.count)

    def _rest(self) -> Floats:
        """What each part is asked for next, by who serves what in the best roster so far."""
        assert self.search.best is not None
        split = make_split(self.whole)
        raise_everybody(self.search.model._replace(cover=self.whole.cover, agent=self.whole.agent), self.search.best.tours.duty, split,
                        make_room(self.whole).paths)  # fmt: skip
        return shares_of_rest(self.whole, split, self.part, self.count)

    def _round(self, number: int, budget_s: float, hot: float | None, required: Floats) -> None:
        """Solves every part once and puts the roster together; parts whose workers died or came too late stay as they are."""
        search = self.search
        search.go_back()
        waves = math.ceil(self.count / self.at_once)
        limit_s = max(budget_s - START_S, 0.5 * budget_s) / waves
        tasks = [self._task(k, number, limit_s, hot, required[k]) for k in range(self.count)]
        answers = self._answers(tasks, search.watch.clock() + LATE * budget_s)
        search.watch.hurried |= len(answers) < len(tasks) or any(answer.cut for answer in answers.values())
        search.start_from(self._put_together(answers))

    def _answers(self, tasks: list[PartTask], end: float) -> dict[int, PartAnswer]:
        """Answers by part; a worker that dies is tried once more."""
        answers: dict[int, PartAnswer] = {}
        for _ in range(TRIES):
            todo = [task for task in tasks if task.number not in answers]
            try:
                for task, answer in self._side_by_side(todo, end):
                    answers[task.number] = answer
                return answers
            except _Enough:
                return answers
            except BrokenExecutor:
                continue
        self.search.notes += (LOST.format(lost=len(tasks) - len(answers), all=len(tasks)),)
        return answers

    def _side_by_side(self, tasks: list[PartTask], end: float) -> Iterator[tuple[PartTask, PartAnswer]]:
        watch = self.search.watch

        def tick(_: int) -> None:
            if watch.stop() or watch.clock() > end:
                raise _Enough

        if self.workers is not None:
            yield from self.workers(solve_part, tasks, tick)
            return
        for done, task in enumerate(tasks):
            tick(done)
            yield task, solve_part(task, watch.stop)

    def _task(self, k: int, number: int, limit_s: float, hot: float | None, required: Floats) -> PartTask:
        people = self.people[k]
        seed = int(np.random.SeedSequence((self.search.seed, number, k)).generate_state(1)[0])
        tours = tours_of(self.search.plan.tours, people)
        return PartTask(k, people, instance_of_part(self.search.instance, people, required), tours, seed, limit_s, hot)

    def _put_together(self, answers: dict[int, PartAnswer]) -> Tours:
        tours = tours_of(self.search.plan.tours, np.arange(len(self.part)))
        for k, answer in sorted(answers.items()):
            for table, mine in zip(tours, answer.tours, strict=True):
                table[self.people[k]] = mine
        return tours
