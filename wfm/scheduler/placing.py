"""Activities placed where they hurt the cover least: the exact rise of the objective when their people leave the queues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from wfm.domain.activities import Activity, Placed, Unplaced
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import on_duty, tours
from wfm.errors import InvalidInput
from wfm.scheduler.coverage import Paths, Split, come, copy_interval, leave, make_paths, make_split
from wfm.scheduler.instance import KIND, Cover, Floats, Ints, build_instance
from wfm.scheduler.jit import entry

ROUNDS = 3


def place_activities(
    problem: RosterProblem, shifts: Sequence[Shift], activities: Sequence[Activity]
) -> tuple[tuple[Placed, ...], tuple[Unplaced, ...]]:
    """A time for every activity inside the shifts of all its people, at no break and beside no other activity.

    Those with the fewest possible times come first; then each is moved to the cheapest time against all others until nothing gets better.

    Raises
    ------
    InvalidInput
        When somebody is unknown, or a length does not fit the intervals.
    """
    _check(problem, activities)
    board = Board(problem, shifts)
    order = sorted(range(len(activities)), key=lambda n: len(board.times(activities[n])))
    at: dict[int, int] = {}
    for _ in range(ROUNDS):
        before = dict(at)
        for n in order:
            if n in at:
                board.move(activities[n], at.pop(n), True)
            cheapest = board.cheapest(activities[n])
            if cheapest is not None:
                at[n] = cheapest
                board.move(activities[n], cheapest, False)
        if at == before:
            break
    placed = tuple(board.placed(activities[n], at[n]) for n in sorted(at))
    return placed, tuple(Unplaced(one, board.reason(one)) for n, one in enumerate(activities) if n not in at)


def _check(problem: RosterProblem, activities: Sequence[Activity]) -> None:
    for one in activities:
        unknown = sorted(set(one.people) - set(problem.agent_of))
        if unknown:
            raise InvalidInput(f"activity {one.id}: agent {unknown[0]!r} is not in the problem")
        if one.minutes % problem.grid.interval_minutes:
            raise InvalidInput(f"minutes of {one.id} must be a multiple of {problem.grid.interval_minutes}, got {one.minutes}")


class Board:
    """Who is on queue when, and the best split of them, as activities come and go."""

    def __init__(self, problem: RosterProblem, shifts: Sequence[Shift]) -> None:
        instance = build_instance(problem)
        self.grid, self.cover = problem.grid, instance.cover
        self.split, self.scratch, self.paths = make_split(instance), make_split(instance), make_paths(instance)
        self.number = {agent.id: k for k, agent in enumerate(problem.agents)}
        self.kind = instance.agent[:, KIND].astype(np.int64)
        self.duty = np.zeros((len(problem.agents), problem.grid.count), dtype=bool)
        for k, tour in enumerate(tours(problem, shifts).values()):
            for first, last in on_duty(tour):
                self.duty[k, first:last] = True
            change_heads(self.cover, self.kind[k : k + 1], np.flatnonzero(self.duty[k]), self.split, self.paths, True)

    def _people(self, one: Activity) -> list[int]:
        return [self.number[name] for name in dict.fromkeys(one.people)]

    def _length(self, one: Activity) -> int:
        return one.minutes // self.grid.interval_minutes

    def times(self, one: Activity) -> Ints:
        """Intervals in which it can start: everybody on queue all along, inside its window."""
        return self.starts(one, one.people)

    def starts(self, one: Activity, names: Sequence[str]) -> Ints:
        """Intervals of its window in which it can start as far as these people are concerned."""
        people, length = [self.number[name] for name in dict.fromkeys(names)], self._length(one)
        free = self.duty[np.array(people, dtype=np.int64)].all(axis=0)
        begin, due = max(-int(-self.grid.position(one.earliest) // 1), 0), min(self.grid.index(one.due), self.grid.count)
        sums = np.concatenate([[0], np.cumsum(free)])
        starts = np.arange(begin, max(due - length + 1, begin))
        return np.asarray(starts[sums[starts + length] - sums[starts] == length], dtype=np.int64)

    def costs(self, one: Activity, starts: Ints) -> Floats:
        """Rise of the objective for each start."""
        prices, length = np.zeros(self.grid.count), self._length(one)
        touched = np.unique((starts[:, None] + np.arange(length)).ravel())
        price_absence(self.cover, self.kind[self._people(one)], touched, self.split, self.scratch, self.paths, prices)
        sums = np.concatenate([[0.0], np.cumsum(prices)])
        return np.asarray(sums[starts + length] - sums[starts])

    def cheapest(self, one: Activity) -> int | None:
        """The best start, the earliest of equals; None where there is none."""
        starts = self.times(one)
        return int(starts[int(np.argmin(np.round(self.costs(one, starts), 9)))]) if len(starts) else None

    def move(self, one: Activity, start: int, back: bool) -> None:
        """Takes its people off queue, or puts them back."""
        people, span = self._people(one), np.arange(start, start + self._length(one))
        self.duty[np.ix_(np.array(people), span)] = back
        change_heads(self.cover, self.kind[people], span, self.split, self.paths, back)

    def placed(self, one: Activity, start: int) -> Placed:
        """Where it stands, at what it costs against all others."""
        self.move(one, start, True)
        found = self.at(one, start)
        self.move(one, start, False)
        return found

    def at(self, one: Activity, start: int) -> Placed:
        """What it would be at a start, while its people are on queue."""
        cost = float(self.costs(one, np.array([start]))[0])
        begin = self.grid.starts[start]
        return Placed(one, begin, begin + timedelta(minutes=one.minutes), cost)

    def reason(self, one: Activity) -> str:
        """Why there is no time."""
        never = [name for name in one.people if not self.times(Activity(one.id, "", (name,), one.minutes, one.earliest, one.due)).size]
        if never:
            return f"{', '.join(never)} has no {one.minutes} minutes on queue in one piece before it is due"
        return f"its {len(one.people)} people are never on queue together for {one.minutes} minutes before it is due"


@entry
def change_heads(cover: Cover, kinds: Ints, span: Ints, split: Split, paths: Paths, back: bool) -> None:
    """One head of each of `kinds` comes to, or leaves, every interval of `span`."""
    for t in span:
        for kind in kinds:
            if back:
                come(cover, t, kind, split, paths)
            else:
                leave(cover, t, kind, split, paths)


@entry
def price_absence(cover: Cover, kinds: Ints, span: Ints, split: Split, scratch: Split, paths: Paths, prices: Floats) -> None:
    """Rise of the cost of each interval of `span` if one head of each of `kinds` left it; `split` stays as it is."""
    for t in span:
        copy_interval(t, split, scratch)
        for kind in kinds:
            prices[t] += leave(cover, t, kind, scratch, paths) * cover.hours
