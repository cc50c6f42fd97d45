"""`check_swap`: whether two agents may exchange shifts, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass

from wfm.domain.roster import Roster, RosterProblem
from wfm.domain.rules import Violation
from wfm.scheduler.changes import ShiftChange, Swap, broken, swap_shifts
from wfm.scheduler.standing import Standing, cover_only


@dataclass(frozen=True, slots=True)
class SwapCheck:
    """What a swap would do.

    Parameters
    ----------
    violations
        Rules that it would break and that are kept now; empty where it is allowed.
    moves
        What would change for the two.
    objective_change, short_hours_change
        Rise of the objective, and of head-hours missing.
    """

    violations: tuple[Violation, ...]
    moves: tuple[ShiftChange, ...]
    objective_change: float
    short_hours_change: float

    @property
    def allowed(self) -> bool:
        """True where no rule stands against it."""
        return not self.violations


def check_swap(problem: RosterProblem, roster: Roster, swap: Swap) -> SwapCheck:
    """Judge a swap without doing it.

    Raises
    ------
    InvalidInput
        When somebody is unknown, or neither of the two works on the days named.
    """
    after, moves = swap_shifts(problem, roster.shifts, swap)
    pair = (swap.first, swap.second)
    known = set(broken(problem, roster.shifts, pair))
    found = tuple(one for one in broken(problem, after, pair) if one not in known)
    standing = Standing(problem, roster.shifts, cover_only(problem))
    objective, short = standing.objective, standing.short_hours
    for agent in dict.fromkeys(pair):
        standing.give(agent, [shift for shift in after if shift.agent == agent])
    return SwapCheck(found, moves, standing.objective - objective, standing.short_hours - short)
