"""The channel plan: who takes which queue when, in stable blocks instead of the flicker of the best split.

A block is a stretch on queue with one queue for at least so long. Everybody's blocks are the best ones against those of all others, by an
exact dynamic programme over the stretch with a price for every change, swept over the people until nothing gets better. A whole head on
one queue can serve less than a head that is split; where that costs more than the tolerance, people take all their queues as contacts
come: first those in whose stretches most is lost, about one person at a time of the day. With everybody so the plan serves what the best
split serves, so that the tolerance is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from wfm import units
from wfm.domain.roster import Roster, RosterProblem
from wfm.domain.rules import Tour, on_duty, tours
from wfm.scheduler.instance import Floats, Ints
from wfm.scheduler.jit import entry
from wfm.scheduler.split import Kind, Split, best_split, served_by

LEAST_MINUTES = 60
TOLERANCE = 0.02
SWITCH_COST = 2.0
SWEEPS = 6
MOST_SHARED = 0.5
FINEST = 100
EPS = 1e-9


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch on queue (UTC); several queues where the person takes whatever of them comes."""

    start: datetime
    end: datetime
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """Blocks of everybody, and what they serve.

    Parameters
    ----------
    blocks
        By agent, in order; agents without a time on queue have none.
    served_hours
        Head-hours of need that the blocks serve.
    best_hours
        Head-hours that the best split serves.
    """

    blocks: Mapping[str, tuple[Block, ...]]
    served_hours: float
    best_hours: float

    @property
    def lost_share(self) -> float:
        """Share of `best_hours` that the blocks do not serve."""
        return max(0.0, 1.0 - self.served_hours / self.best_hours) if self.best_hours > 0 else 0.0


class _Stretch(NamedTuple):
    agent: str
    first: int
    last: int
    kind: Kind


def channel_blocks(
    problem: RosterProblem,
    roster: Roster,
    least_minutes: int = LEAST_MINUTES,
    tolerance: float = TOLERANCE,
    switch_cost: float = SWITCH_COST,
) -> ChannelPlan:
    """Stable blocks for everybody on duty.

    Parameters
    ----------
    problem, roster
        What is asked, and who works when.
    least_minutes
        Least length of a block, above 0; a stretch between two breaks that is shorter is one block.
    tolerance
        Share of the head-hours of the best split that blocks may leave unserved, in [0, 1].
    switch_cost
        Price of a change of queue inside a stretch, in the money of the problem, at least 0.

    Raises
    ------
    InvalidInput
        When an argument is out of its range.
    """
    units.whole("least_minutes", least_minutes, at_least=1)
    units.share("tolerance", tolerance)
    units.not_negative("switch_cost", switch_cost)
    stretches = _stretches(problem, tours(problem, roster.shifts))
    least = -(-least_minutes // problem.grid.interval_minutes)
    chosen = _swept(problem, stretches, least, switch_cost)
    best = _split_of(problem, stretches, chosen, range(len(stretches)))
    mixed, split = _within(problem, stretches, chosen, best, tolerance)
    return ChannelPlan(_blocks(problem, stretches, chosen, mixed), _served(problem, split), _served(problem, best))


def _stretches(problem: RosterProblem, walked: Mapping[str, Tour]) -> list[_Stretch]:
    """Every time on duty without a pause, inside one local day of licences."""
    found = []
    for name, tour in walked.items():
        for first, last in on_duty(tour):
            for day, (begin, end) in zip(problem.grid.dates, problem.grid.day_bounds, strict=True):
                a, b = max(first, begin), min(last, end)
                if a < b and (kind := served_by(problem, tour.agent, day)):
                    found.append(_Stretch(name, a, b, kind))
    return found


class _Board:
    """Which queue everybody takes, and what is still needed beside it."""

    def __init__(self, problem: RosterProblem, stretches: Sequence[_Stretch], least: int, switch_cost: float) -> None:
        needs, count = problem.requirements, problem.grid.count
        self.hours, self.secondary_cost = problem.grid.interval_s / units.SECONDS_PER_HOUR, problem.secondary_cost
        self.left = np.array([need.needed for need in needs]).reshape(-1, count)
        self.floor = np.array([need.minimum or (0.0,) * count for need in needs]).reshape(-1, count)
        self.under, self.minimum = np.array([[need.under_cost, need.minimum_cost] for need in needs]).reshape(-1, 2).T
        self.stretches, self.least, self.switch_cost = stretches, least, switch_cost
        self.chosen: list[Ints] = [np.zeros(0, np.int64) for _ in stretches]

    def choose(self, i: int) -> bool:
        """Gives a stretch its best queues against all others; whether they are others than before."""
        one, old = self.stretches[i], self.chosen[i]
        queue, speed = np.array([served.queue for served in one.kind]), np.array([served.speed for served in one.kind])
        span = np.arange(one.first, one.last)
        if len(old):
            self._serve(queue[old], span, -speed[old])
        gain = self.under[queue, None] * np.clip(self.left[queue, one.first : one.last], 0.0, speed[:, None])
        gain += self.minimum[queue, None] * np.clip(self.floor[queue, one.first : one.last], 0.0, speed[:, None])
        gain -= self.secondary_cost * np.array([[served.secondary] for served in one.kind])
        new = np.zeros(len(span), np.int64)
        best_blocks(gain * self.hours, min(self.least, len(span)), self.switch_cost, _walk(len(span), len(queue)), new)
        self._serve(queue[new], span, speed[new])
        self.chosen[i] = new
        return not np.array_equal(old, new)

    def _serve(self, queue: Ints, span: Ints, heads: Floats) -> None:
        self.left[queue, span] -= heads
        self.floor[queue, span] -= heads


def _swept(problem: RosterProblem, stretches: Sequence[_Stretch], least: int, switch_cost: float) -> list[Ints]:
    """For each stretch the place of the queue, interval by interval, in its kind."""
    board = _Board(problem, stretches, least, switch_cost)
    order = sorted(range(len(stretches)), key=lambda i: (len(stretches[i].kind), stretches[i].first))
    for _ in range(SWEEPS):
        if not sum(map(board.choose, order)):
            break
        order = [i for i in order if len(stretches[i].kind) > 1]
    return board.chosen


class Walk(NamedTuple):
    """Scratch room of `best_blocks`, ends of blocks by queues: the best value, where the block begins, and the queue before it."""

    value: Floats
    begin: Ints
    before: Ints


def _walk(count: int, queues: int) -> Walk:
    shape = (count + 1, queues)
    return Walk(np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape, np.int64))


@entry
def best_blocks(gain: Floats, least: int, switch_cost: float, walk: Walk, chosen: Ints) -> None:
    """The queue of every interval that gains most (`gain`: queues by intervals), into `chosen`.

    `value[j, q] = max over i <= j - least of (max over p != q of value[i, p] - switch_cost) + sum of gain[q, i:j]`, and for i = 0 without
    the first part: every block is at least `least` intervals long.
    """
    queues, count = gain.shape
    for j in range(1, count + 1):
        for q in range(queues):
            walk.value[j, q], walk.begin[j, q], walk.before[j, q] = -np.inf, 0, q
            total = 0.0
            for i in range(j - 1, -1, -1):
                total += gain[q, i]
                if j - i < least or 0 < i < least:
                    continue
                if i == 0 and total > walk.value[j, q]:
                    walk.value[j, q], walk.begin[j, q] = total, 0
                for p in range(queues):
                    if i > 0 and p != q and walk.value[i, p] - switch_cost + total > walk.value[j, q]:
                        walk.value[j, q], walk.begin[j, q], walk.before[j, q] = walk.value[i, p] - switch_cost + total, i, p
    j, q = count, 0
    for p in range(queues):
        if walk.value[count, p] > walk.value[count, q] + EPS:
            q = p
    while j > 0:
        i, p = walk.begin[j, q], walk.before[j, q]
        for t in range(i, j):
            chosen[t] = q
        j, q = i, p


def _split_of(problem: RosterProblem, stretches: Sequence[_Stretch], chosen: Sequence[Ints], mixed: Iterable[int]) -> Split:
    """The best split where only the people of `mixed` stretches take all their queues."""
    rows: dict[Kind, Floats] = {}
    free = frozenset(mixed)
    for i, (one, places) in enumerate(zip(stretches, chosen, strict=True)):
        for k in [None] if i in free else range(len(one.kind)):
            here = np.ones(len(places), bool) if k is None else places == k
            kind = one.kind if k is None else (one.kind[k],)
            rows.setdefault(kind, np.zeros(problem.grid.count))[one.first : one.last] += here
    return best_split(problem, tuple(rows), np.array(list(rows.values())).reshape(-1, problem.grid.count))


def _within(
    problem: RosterProblem, stretches: Sequence[_Stretch], chosen: Sequence[Ints], best: Split, tolerance: float
) -> tuple[frozenset[int], Split]:
    """Stretches that take all their queues, as many as the tolerance asks for, and the split with them."""
    several = {i for i, one in enumerate(stretches) if len(one.kind) > 1}
    allowed = _served(problem, best) * (1.0 - tolerance) - EPS
    mixed: frozenset[int] = frozenset()
    split = _split_of(problem, stretches, chosen, mixed)
    while _served(problem, split) < allowed and len(mixed) < len(several):
        layer = _layer(stretches, several - mixed, (split.missing - best.missing).sum(axis=0))
        enough, too_few = len(layer), 0
        split = _split_of(problem, stretches, chosen, mixed.union(layer))
        while _served(problem, split) >= allowed and enough - too_few > 1 + len(several) // FINEST:
            half = (enough + too_few) // 2
            tried = _split_of(problem, stretches, chosen, mixed.union(layer[:half]))
            if _served(problem, tried) >= allowed:
                enough, split = half, tried
            else:
                too_few = half
        mixed = mixed.union(layer[:enough])
    return mixed, split


def _layer(stretches: Sequence[_Stretch], left: AbstractSet[int], lost: Floats) -> list[int]:
    """Stretches in which most is lost, about one at a time: nobody more of them helps before the first has."""
    sums = np.concatenate([[0.0], np.cumsum(lost)])
    taken = np.zeros(len(lost), bool)
    layer: list[int] = []
    for i in sorted(left, key=lambda i: (sums[stretches[i].first] - sums[stretches[i].last], i)):
        span = slice(stretches[i].first, stretches[i].last)
        if not layer or taken[span].mean() < MOST_SHARED:
            taken[span] = True
            layer.append(i)
    return layer


def _served(problem: RosterProblem, split: Split) -> float:
    needed = sum(sum(need.needed) for need in problem.requirements)
    return (needed - float(split.missing.sum())) * problem.grid.interval_s / units.SECONDS_PER_HOUR


def _blocks(
    problem: RosterProblem, stretches: Sequence[_Stretch], chosen: Sequence[Ints], mixed: frozenset[int]
) -> dict[str, tuple[Block, ...]]:
    found: dict[str, list[Block]] = {agent.id: [] for agent in problem.agents}
    step = timedelta(seconds=problem.grid.interval_s)
    for i, (one, places) in enumerate(zip(stretches, chosen, strict=True)):
        names = [problem.requirements[served.queue].queue for served in one.kind]
        cuts = [] if i in mixed else (np.flatnonzero(np.diff(places)) + 1).tolist()
        for a, b in pairwise([0, *cuts, len(places)]):
            start, end = (problem.grid.begin + step * (one.first + edge) for edge in (a, b))
            found[one.agent].append(Block(start, end, tuple(names) if i in mixed else (names[places[a]],)))
    return {name: tuple(blocks) for name, blocks in found.items()}
