"""Judge a roster without the solver's models: rules from `domain.rules`, cover by a linear programme of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wfm.domain.roster import Roster, RosterProblem
from wfm.domain.rules import Violation, broken_wishes, paid_minutes, presence_prices, prices, tours, violations
from wfm.scheduler.split import best_split, presence


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a roster is worth.

    Parameters
    ----------
    violations
        Every hard rule that is broken.
    objective
        All costs together, lower is better: the four of `roster-format`, and the further ones below where the problem asks for them.
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
        Every soft rule that is broken, with its cost; those of groups on duty included.
    minimum_cost
        Price of heads missing from the minima of queues, on top of `under_cost`.
    secondary_cost
        Price of time on secondary queues.
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
    minimum_cost: float = 0.0
    secondary_cost: float = 0.0


def check(problem: RosterProblem, roster: Roster) -> Judgement:
    """Judge a roster: its rules, its cover, its price."""
    walked = tours(problem, roster.shifts)
    split = best_split(problem, *presence(problem, walked))
    missing, over = split.missing.sum(axis=1), float(split.unused.sum())
    hours = problem.grid.interval_minutes / 60
    under_cost, over_cost, minimum_cost, secondary_cost = split.costs(problem)
    wishes = sum(broken_wishes(tour) for tour in walked.values())
    paid = sum(paid_minutes(tour) / 60 * tour.contract.cost_per_hour for tour in walked.values())
    soft = (*(one for tour in walked.values() for one in prices(tour)), *presence_prices(problem.grid, problem.rules, walked))
    rule_cost = sum(one.cost or 0.0 for one in soft)
    objective = under_cost + over_cost + wishes + paid + rule_cost + minimum_cost + secondary_cost
    needed = [sum(requirement.needed) * hours for requirement in problem.requirements]
    floor = [sum(requirement.minimum) * hours for requirement in problem.requirements]
    unserved = float(np.dot([requirement.under_cost for requirement in problem.requirements], needed))
    unserved += float(np.dot([requirement.minimum_cost for requirement in problem.requirements], floor))
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
        minimum_cost,
        secondary_cost,
    )
