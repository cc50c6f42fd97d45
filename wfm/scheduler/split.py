"""The best fractional split of people on duty over queues as a linear programme: what the checker, the channel plan and reports read.

It shares no code with the search, whose kernels keep the same split up to date head by head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.domain.roster import RosterProblem
from wfm.domain.rules import Tour, on_duty
from wfm.domain.staff import Agent
from wfm.errors import Unavailable

Floats = NDArray[np.float64]
BLOCK = 24


class Served(NamedTuple):
    """One queue of a kind of agents: its position among the requirements, the speed, and whether it is a second choice."""

    queue: int
    speed: float
    secondary: bool


Kind = tuple[Served, ...]


@dataclass(frozen=True)
class Split:
    """Who spends how much time where.

    Parameters
    ----------
    kinds
        Kinds of agents, as they may serve on the day in question.
    staff
        Heads on duty, kinds by intervals.
    arcs
        Kind and queue of every arc.
    spent
        Heads on every arc, arcs by intervals.
    missing
        Heads missing, queues by intervals.
    short
        Heads missing from the queues' minima, queues by intervals.
    unused
        Heads on duty that no queue needs, kinds by intervals.
    """

    kinds: tuple[Kind, ...]
    staff: Floats
    arcs: tuple[tuple[int, Served], ...]
    spent: Floats
    missing: Floats
    short: Floats
    unused: Floats

    def costs(self, problem: RosterProblem) -> tuple[float, float, float, float]:
        """Cost of missing heads, of unused ones, of the minima, and of time on secondary queues."""
        hours, needs = problem.grid.interval_minutes / 60, problem.requirements
        under = np.dot([need.under_cost for need in needs], self.missing.sum(axis=1))
        minimum = np.dot([need.minimum_cost for need in needs], self.short.sum(axis=1))
        second = sum(float(self.spent[i].sum()) for i, (_, served) in enumerate(self.arcs) if served.secondary)
        over = problem.over_cost * float(self.unused.sum())
        return float(under) * hours, over * hours, float(minimum) * hours, problem.secondary_cost * second * hours


def presence(problem: RosterProblem, walked: Mapping[str, Tour]) -> tuple[tuple[Kind, ...], Floats]:
    """Kinds of agents and how many of each are on duty, kinds by intervals; a licence that runs out changes the kind."""
    rows: dict[Kind, Floats] = {}
    for tour in walked.values():
        here = np.zeros(problem.grid.count, dtype=bool)
        for first, last in on_duty(tour):
            here[first:last] = True
        for day, (first, last) in zip(problem.grid.dates, problem.grid.day_bounds, strict=True):
            if here[first:last].any():
                kind = served_by(problem, tour.agent, day)
                rows.setdefault(kind, np.zeros(problem.grid.count))[first:last] += here[first:last]
    return tuple(rows), np.array(list(rows.values())).reshape(-1, problem.grid.count)


def served_by(problem: RosterProblem, agent: Agent, day: date) -> Kind:
    """What somebody may serve on a local day."""
    return tuple(
        Served(position, speed, need.queue in agent.secondary)
        for position, need in enumerate(problem.requirements)
        if need.served_by(agent, day, problem.compact) and (speed := agent.queues[need.queue])
    )


def best_split(problem: RosterProblem, kinds: tuple[Kind, ...], staff: Floats, intervals: Sequence[int] | None = None) -> Split:
    """The split of `staff` (kinds by intervals) that costs least.

    Parameters
    ----------
    problem, kinds, staff
        Who is there, and for what.
    intervals
        Only these, ascending; all arrays then have their length. None for all.

    Raises
    ------
    Unavailable
        When the linear programme cannot be solved.
    """
    chosen = np.arange(problem.grid.count) if intervals is None else np.asarray(intervals, np.int64)
    count = len(chosen)
    needed = np.array([need.needed for need in problem.requirements]).reshape(-1, problem.grid.count)[:, chosen]
    floor = np.array([need.minimum or (0.0,) * problem.grid.count for need in problem.requirements])
    floor = floor.reshape(-1, problem.grid.count)[:, chosen]
    arcs = tuple((k, served) for k, kind in enumerate(kinds) for served in kind)
    spent, missing, short = np.zeros((len(arcs), count)), needed.copy(), floor.copy()
    busy = np.flatnonzero(staff.any(axis=0)) if arcs else np.zeros(0, int)
    for first in range(0, len(busy), BLOCK):
        at = busy[first : first + BLOCK]
        spent[:, at] = _solved(problem, len(kinds), arcs, (staff[:, at], needed[:, at], floor[:, at]))
    for i, (_, served) in enumerate(arcs):
        missing[served.queue] -= served.speed * spent[i]
        short[served.queue] -= served.speed * spent[i]
    unused = staff.copy()
    for i, (k, _) in enumerate(arcs):
        unused[k] -= spent[i]
    return Split(kinds, staff, arcs, spent, missing, np.maximum(short, 0.0), unused)


def _solved(problem: RosterProblem, kinds: int, arcs: tuple[tuple[int, Served], ...], at: tuple[Floats, Floats, Floats]) -> Floats:
    """Heads on every arc in a few intervals.

    The most of `sum (over_cost + speed * under_cost - secondary_cost) x + sum minimum_cost e`, where x are heads on arcs, those of a kind
    at most its staff, and e is the part of a queue's minimum that is served: at most the minimum, at most what is served.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity, kron, vstack

    staff, needed, floor = at
    count, queues = staff.shape[1], len(needed)
    of_kind, of_queue = _matrices(kinds, queues, arcs)
    minima = [q for q in range(queues) if floor[q].any()]
    pick = csr_matrix((np.ones(len(minima)), (np.arange(len(minima)), minima)), shape=(len(minima), queues))
    each, one = identity(count, format="csr"), identity(len(minima), format="csr")
    none = csr_matrix((count * (kinds + queues), len(minima) * count))
    above = vstack([kron(each, of_kind), kron(each, of_queue), -kron(each, pick @ of_queue)])
    beside = vstack([none, kron(each, one)])
    limits = [staff.T.ravel(), needed.T.ravel(), np.zeros(len(minima) * count)]
    most = np.concatenate([np.full(len(arcs) * count, np.inf), floor[minima].T.ravel()])
    gain = np.concatenate([np.tile(_gains(problem, arcs), count), np.tile([problem.requirements[q].minimum_cost for q in minima], count)])
    answer = linprog(
        -gain,
        A_ub=hstack([above, beside], format="csr"),
        b_ub=np.concatenate(limits),
        bounds=[(0.0, top) for top in most.tolist()],
        method="highs",
    )
    if answer.status != 0:
        raise Unavailable(f"the cover of a roster could not be computed: {answer.message}")
    return np.asarray(answer.x)[: len(arcs) * count].reshape(count, len(arcs)).T


def _gains(problem: RosterProblem, arcs: tuple[tuple[int, Served], ...]) -> list[float]:
    """What an hour on each arc saves."""
    needs = problem.requirements
    return [
        problem.over_cost + served.speed * needs[served.queue].under_cost - problem.secondary_cost * served.secondary for _, served in arcs
    ]


def _matrices(kinds: int, queues: int, arcs: tuple[tuple[int, Served], ...]) -> tuple[Any, Any]:
    """Which arcs take time of each kind, and what they give to each queue."""
    from scipy.sparse import csr_matrix

    here = np.arange(len(arcs))
    kind, queue = np.array([k for k, _ in arcs]), np.array([served.queue for _, served in arcs])
    speed = np.array([served.speed for _, served in arcs])
    of_kind = csr_matrix((np.ones(len(arcs)), (kind, here)), shape=(kinds, len(arcs)))
    return of_kind, csr_matrix((speed, (queue, here)), shape=(queues, len(arcs)))
