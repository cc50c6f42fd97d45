"""The queues of a problem as the kernels want them: one price each, and the same people from the first day to the last.

A minimum makes the under-cost of a queue piecewise: its first heads are dearer than the rest. As the dearer piece is always filled first,
two queues that the same people serve mean exactly the same. A licence that begins or ends inside the horizon changes who may serve a
queue; a queue for each span of days between such changes, empty on all others, keeps everybody of one kind all along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from wfm.domain.roster import Requirement, RosterProblem


@dataclass(frozen=True, slots=True)
class Column:
    """A queue of the cover.

    Parameters
    ----------
    requirement
        Position of the problem's requirement that it is a part of.
    first_day
        Number of a day on which it may be served: who may serve it on that day may do so wherever it needs anybody.
    under_cost
        Price of a missing head-hour.
    required
        Heads per interval.
    """

    requirement: int
    first_day: int
    under_cost: float
    required: tuple[float, ...]


class Arc(NamedTuple):
    """That somebody serves a column, how fast, and whether only as a second choice."""

    column: int
    speed: float
    secondary: bool


def columns_of(problem: RosterProblem) -> tuple[Column, ...]:
    """The queues of the cover, in the order of the problem's."""
    return tuple(
        Column(position, first, price, _only(problem, heads, first, end))
        for position, need in enumerate(problem.requirements)
        for first, end in pairwise([*_changes(problem, need), problem.grid.days])
        for price, heads in _levels(need)
    )


def arcs_of(problem: RosterProblem, columns: Sequence[Column]) -> list[tuple[Arc, ...]]:
    """What each agent serves."""
    dates, needs = problem.grid.dates, problem.requirements
    return [
        tuple(
            Arc(number, float(agent.queues[needs[column.requirement].queue]), needs[column.requirement].queue in agent.secondary)
            for number, column in enumerate(columns)
            if needs[column.requirement].served_by(agent, dates[column.first_day], problem.compact)
        )
        for agent in problem.agents
    ]


def _levels(need: Requirement) -> list[tuple[float, tuple[float, ...]]]:
    """Price and heads of each piece of the under-cost, the dearer first."""
    if not need.minimum:
        return [(need.under_cost, need.required)]
    rest = tuple(max(r - m, 0.0) for r, m in zip(need.required, need.minimum, strict=True))
    return [(need.under_cost + need.minimum_cost, need.minimum), (need.under_cost, rest)]


def _changes(problem: RosterProblem, need: Requirement) -> list[int]:
    """Days, from the first, on which somebody begins or ceases to be allowed to serve the queue."""
    if not need.licence:
        return [0]
    people = [agent for agent in problem.agents if need.queue in agent.queues]
    able = [tuple(need.served_by(agent, day, problem.compact) for agent in people) for day in problem.grid.dates]
    return [0, *(day for day in range(1, len(able)) if able[day] != able[day - 1])]


def _only(problem: RosterProblem, heads: tuple[float, ...], first: int, end: int) -> tuple[float, ...]:
    """The heads of days [first, end), nobody on the others."""
    if (first, end) == (0, problem.grid.days):
        return heads
    begin, stop = problem.grid.day_bounds[first][0], problem.grid.day_bounds[end - 1][1]
    return tuple(h if begin <= t < stop else 0.0 for t, h in enumerate(heads))
