"""How far a roster can be from the best one, in words."""

from __future__ import annotations

from wfm import units
from wfm.domain.roster import RosterProblem


def cost_unserved(problem: RosterProblem) -> float:
    """Cost of leaving all demand unserved."""
    hours = problem.grid.interval_s / units.SECONDS_PER_HOUR
    return sum(part.under_cost * sum(part.needed) + part.minimum_cost * sum(part.minimum) for part in problem.requirements) * hours


def gap_of_demand(problem: RosterProblem, objective: float, lower_bound: float | None) -> float | None:
    """(objective - proven bound) / cost of leaving all demand unserved, as a share; None where nothing was proven or needed."""
    unserved = cost_unserved(problem)
    return None if lower_bound is None or unserved <= 0 else max(0.0, objective - lower_bound) / unserved


def gap_in_words(problem: RosterProblem, objective: float, lower_bound: float | None) -> str:
    """What is proven about a roster, as a sentence; per cent of the cost of leaving all demand unserved."""
    gap = gap_of_demand(problem, objective, lower_bound)
    if gap is None:
        return "nothing is proven about the best possible"
    return "the best possible" if gap < 5e-6 else f"within {100 * gap:.2f} % of the best possible"
