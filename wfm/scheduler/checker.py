"""Judge a roster without the solver's models: rules from `domain.rules`, cover by a linear programme of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.domain.roster import Roster, RosterProblem
from wfm.domain.rules import Tour, Violation, broken_wishes, on_duty, paid_minutes, prices, tours, violations
from wfm.errors import Unavailable

Floats = NDArray[np.float64]
BLOCK = 24
Kind = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a roster is worth.

    Parameters
    ----------
    violations
        Every hard rule that is broken.
    objective
        The costs together, as `roster-format` defines them, with those of soft rules where there are any; lower is better.
    under_cost, over_cost, preference_cost, paid_cost
        Its parts.
    under_hours, over_hours
        Head-hours missing, and on duty without need.
    under_hours_by_queue
        The missing ones by queue.
    required_hours
        Head-hours asked for.
    gap_of_demand
        (objective - lower bound) / cost of leaving all demand unserved; None where no bound is given.
    rule_cost
        Price of the soft rules that are broken, a part of the objective.
    prices
        Every soft rule that is broken, with its cost.
    """

    violations: tuple[Violation, ...]
    objective: float
    under_cost: float
    over_cost: float
    preference_cost: float
    paid_cost: float
    under_hours: float
    over_hours: float
    under_hours_by_queue: Mapping[str, float]
    required_hours: float
    gap_of_demand: float | None
    rule_cost: float = 0.0
    prices: tuple[Violation, ...] = ()


def check(problem: RosterProblem, roster: Roster) -> Judgement:
    """Judge a roster: its rules, its cover, its price."""
    walked = tours(problem, roster.shifts)
    missing, over = cover(problem, walked)
    hours = problem.grid.interval_minutes / 60
    dear = [requirement.under_cost for requirement in problem.requirements]
    under_cost = float(np.dot(dear, missing) * hours)
    over_cost = problem.over_cost * over * hours
    wishes = sum(broken_wishes(tour) for tour in walked.values())
    paid = sum(paid_minutes(tour) / 60 * tour.contract.cost_per_hour for tour in walked.values())
    soft = tuple(one for tour in walked.values() for one in prices(tour))
    rule_cost = sum(one.cost or 0.0 for one in soft)
    objective = under_cost + over_cost + wishes + paid + rule_cost
    needed = [sum(requirement.required) * hours for requirement in problem.requirements]
    unserved = float(np.dot(dear, needed))
    bound = roster.lower_bound
    return Judgement(
        violations(problem, roster.shifts),
        objective,
        under_cost,
        over_cost,
        wishes,
        paid,
        float(missing.sum() * hours),
        over * hours,
        {requirement.queue: float(gap * hours) for requirement, gap in zip(problem.requirements, missing, strict=True)},
        sum(needed),
        None if bound is None or unserved <= 0 else (objective - bound) / unserved,
        rule_cost,
        soft,
    )


def cover(problem: RosterProblem, walked: Mapping[str, Tour]) -> tuple[Floats, float]:
    """Missing heads by queue and unused heads, summed over intervals, under the best fractional split of those on duty."""
    kinds, staff = _staff(problem, walked)
    required = np.array([requirement.required for requirement in problem.requirements]).reshape(-1, problem.grid.count)
    prices = np.array([requirement.under_cost for requirement in problem.requirements])
    missing, over = np.zeros(len(required)), 0.0
    busy = np.flatnonzero(staff.any(axis=0)) if kinds else np.zeros(0, int)
    missing += required.sum(axis=1) - required[:, busy].sum(axis=1)
    for first in range(0, len(busy), BLOCK):
        at = busy[first : first + BLOCK]
        served, used = _split(kinds, staff[:, at], required[:, at], prices, problem.over_cost)
        missing += (required[:, at] - served).sum(axis=1)
        over += float(staff[:, at].sum() - used)
    return missing, over


def _staff(problem: RosterProblem, walked: Mapping[str, Tour]) -> tuple[list[Kind], Floats]:
    """Kinds of agents (queue and speed), and how many of each are on duty; shape (kinds, intervals)."""
    place = {requirement.queue: position for position, requirement in enumerate(problem.requirements)}
    rows: dict[Kind, Floats] = {}
    for tour in walked.values():
        kind = tuple(sorted((place[queue], speed) for queue, speed in tour.agent.queues.items()))
        row = rows.setdefault(kind, np.zeros(problem.grid.count))
        here = np.zeros(problem.grid.count, dtype=bool)
        for first, last in on_duty(tour):
            here[first:last] = True
        row += here
    return list(rows), np.array(list(rows.values())).reshape(-1, problem.grid.count)


def _split(kinds: list[Kind], staff: Floats, required: Floats, prices: Floats, over_cost: float) -> tuple[Floats, float]:
    """Heads served by queue and interval, and heads used, where `sum over_cost + speed * price` of the time spent is largest."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, identity, kron, vstack

    arcs = [(kind, queue, speed) for kind, owned in enumerate(kinds) for queue, speed in owned]
    count = staff.shape[1]
    if not arcs:
        return np.zeros_like(required), 0.0
    kind, queue = np.array([arc[0] for arc in arcs]), np.array([arc[1] for arc in arcs])
    speed, here = np.array([arc[2] for arc in arcs]), np.arange(len(arcs))
    of_kind = csr_matrix((np.ones(len(arcs)), (kind, here)), shape=(len(kinds), len(arcs)))
    of_queue = csr_matrix((speed, (queue, here)), shape=(len(required), len(arcs)))
    each = identity(count, format="csr")
    limits = np.concatenate([staff.T.ravel(), required.T.ravel()])
    rows = vstack([kron(each, of_kind), kron(each, of_queue)], format="csr")
    answer = linprog(-np.tile(over_cost + speed * prices[queue], count), A_ub=rows, b_ub=limits, bounds=(0, None), method="highs")
    if answer.status != 0:
        raise Unavailable(f"the cover of a roster could not be computed: {answer.message}")
    spent = np.asarray(answer.x).reshape(count, len(arcs))
    return (of_queue @ spent.T), float(spent.sum())
