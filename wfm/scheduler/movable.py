"""Movable work placed in the troughs of a roster: whole runs of people whom the queues can spare, at the exact price of their absence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.movable import MovableWindow
from wfm.domain.roster import Roster, RosterProblem
from wfm.errors import InvalidInput
from wfm.scheduler.instance import Floats
from wfm.scheduler.placing import Board, change_heads, price_absence

Mask = NDArray[np.bool_]
EPS = 1e-9


@dataclass(frozen=True, slots=True)
class MovablePlaced:
    """Movable work that somebody does (UTC).

    Parameters
    ----------
    window
        Which piece.
    agent
        Who does it.
    start, end
        When, whole intervals.
    hours
        Work that gets done: the time, times the speed on the window's queue.
    cost
        What it costs in the objective; below 0 where the time is spare and spare time has a price.
    """

    window: MovableWindow
    agent: str
    start: datetime
    end: datetime
    hours: float
    cost: float


@dataclass(frozen=True, slots=True)
class MovableLeft:
    """Movable work for which nobody can be spared in time, h."""

    window: MovableWindow
    hours: float


def place_movable(
    problem: RosterProblem, roster: Roster, windows: Sequence[MovableWindow], most_cost_per_hour: float = 0.0
) -> tuple[tuple[MovablePlaced, ...], tuple[MovableLeft, ...]]:
    """Who does the movable work when, and what does not fit.

    What is due first comes first; each piece takes the longest run that costs nothing, until it is done. Only then, and only up to
    `most_cost_per_hour`, it takes time that the queues need: the cheapest first. The last interval of a piece may have time left over.

    Parameters
    ----------
    problem, roster
        Who is on queue when; the requirement without the movable work.
    windows
        Pieces of movable work.
    most_cost_per_hour
        What an hour of it may cost in the objective, at least 0; 0 for spare time only.

    Raises
    ------
    InvalidInput
        When a window's queue is not in the problem, or an argument is out of its range.
    """
    units.not_negative("most_cost_per_hour", most_cost_per_hour)
    known = {need.queue for need in problem.requirements}
    for window in windows:
        if window.queue not in known:
            raise InvalidInput(f"movable work {window.name}: queue must be one of {', '.join(sorted(known))}, got {window.queue!r}")
    board = _Troughs(problem, roster, most_cost_per_hour)
    placed: list[MovablePlaced] = []
    left: list[MovableLeft] = []
    for window in sorted(windows, key=lambda one: (one.due, one.start, one.queue, one.name)):
        done = board.place(window)
        rest = window.hours - sum(one.hours for one in done)
        placed += done
        left += [MovableLeft(window, rest)] if rest > EPS else []
    return tuple(sorted(placed, key=lambda one: (one.start, one.agent))), tuple(left)


class _Troughs:
    """Who can be spared, as movable work takes people off queue."""

    def __init__(self, problem: RosterProblem, roster: Roster, most_cost_per_hour: float) -> None:
        self.problem, self.board = problem, Board(problem, roster.shifts)
        self.grid, self.hours = problem.grid, problem.grid.interval_s / units.SECONDS_PER_HOUR
        self.most = most_cost_per_hour * self.hours

    def place(self, window: MovableWindow) -> list[MovablePlaced]:
        """Runs of people for one piece, the longest free ones first."""
        begin, end = self._span(window)
        allowed = self._allowed(window.queue, begin, end)
        found: list[MovablePlaced] = []
        left = window.hours
        for limit in (0.0, self.most):
            while left > EPS and (run := self._run(window, allowed, (begin, end), left, limit)) is not None:
                found.append(run)
                left -= run.hours
        return _joined(found)

    def _span(self, window: MovableWindow) -> tuple[int, int]:
        """Intervals that lie wholly inside the window."""
        first = max(-int(-self.grid.position(window.start) // 1), 0)
        return first, max(min(int(self.grid.position(window.due) // 1), self.grid.count), first)

    def _allowed(self, queue: str, begin: int, end: int) -> dict[int, Mask]:
        """For each agent of the queue the intervals in which the work may be done, licences looked at."""
        need = next(one for one in self.problem.requirements if one.queue == queue)
        found = {}
        for k, agent in enumerate(self.problem.agents):
            if queue not in agent.queues:
                continue
            mask = np.zeros(self.grid.count, bool)
            for day, (first, last) in zip(self.grid.dates, self.grid.day_bounds, strict=True):
                mask[max(first, begin) : min(last, end)] = need.served_by(agent, day, self.problem.compact)
            found[k] = mask
        return found

    def _run(
        self, window: MovableWindow, allowed: dict[int, Mask], span: tuple[int, int], left: float, limit: float
    ) -> MovablePlaced | None:
        """The best run of one person at no more than `limit` an interval: the longest, of equals the cheapest, then the earliest."""
        prices: dict[int, Floats] = {}
        best: tuple[tuple[float, ...], int, int, int] | None = None
        for k, mask in allowed.items():
            kind = int(self.board.kind[k])
            if kind not in prices:
                prices[kind] = self._prices(kind, span)
            speed = self.problem.agents[k].queues[window.queue]
            most = max(1, int(-(-left / (speed * self.hours) // 1)))
            for first, last in _runs(mask & self.board.duty[k] & (prices[kind] <= limit + EPS)):
                last = min(last, first + most) if limit <= 0 else first + 1
                cost = round(float(prices[kind][first:last].sum()), 9)
                rank = (first - last, cost, first) if limit <= 0 else (cost / speed, first)
                if best is None or rank < best[0]:
                    best = rank, k, first, last
        if best is None:
            return None
        _, k, first, last = best
        return self._take(window, k, first, last, float(prices[int(self.board.kind[k])][first:last].sum()))

    def _prices(self, kind: int, span: tuple[int, int]) -> Floats:
        prices, kinds = np.zeros(self.grid.count), np.array([kind], np.int64)
        price_absence(self.board.cover, kinds, np.arange(*span), self.board.split, self.board.scratch, self.board.paths, prices)
        return prices

    def _take(self, window: MovableWindow, k: int, first: int, last: int, cost: float) -> MovablePlaced:
        agent = self.problem.agents[k]
        self.board.duty[k, first:last] = False
        change_heads(self.board.cover, self.board.kind[k : k + 1], np.arange(first, last), self.board.split, self.board.paths, False)
        step = timedelta(seconds=self.grid.interval_s)
        hours = (last - first) * self.hours * agent.queues[window.queue]
        return MovablePlaced(window, agent.id, self.grid.begin + step * first, self.grid.begin + step * last, hours, cost)


def _runs(mask: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _joined(found: Sequence[MovablePlaced]) -> list[MovablePlaced]:
    """Pieces of one person that follow one another as one."""
    joined: list[MovablePlaced] = []
    for one in sorted(found, key=lambda one: (one.agent, one.start)):
        if joined and joined[-1].agent == one.agent and joined[-1].end == one.start:
            last = joined.pop()
            one = MovablePlaced(one.window, one.agent, last.start, one.end, last.hours + one.hours, last.cost + one.cost)
        joined.append(one)
    return joined
