"""People on queue that a roster gives, in the intervals of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from wfm.domain.roster import RosterProblem
from wfm.service.demand_grid import for_roster, planned_break_share

Floats = NDArray[np.float64]


def on_queue(problem: RosterProblem, heads: Floats, starts: Sequence[datetime], interval_s: int, shrinkage: Floats) -> Floats:
    """Mean heads at the desk in each interval of a queue: those on duty, less what absence and training usually take.

    Parameters
    ----------
    heads
        On duty for the queue, over the problem's grid.
    starts, interval_s
        Intervals of the queue; those outside the grid have nobody.
    shrinkage
        Of the queue in each of them.
    """
    grid = problem.grid
    per = max(1, interval_s // grid.interval_s)
    at = [grid.index(start) for start in starts]
    mean = np.array([float(heads[t : t + per].mean()) if 0 <= t < grid.count else 0.0 for t in at])
    return mean / for_roster(np.ones(len(mean)), shrinkage, planned_break_share(problem.agents, problem.contracts))
