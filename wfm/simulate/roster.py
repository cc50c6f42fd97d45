"""From a roster to the agents of a simulation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.timegrid import TimeGrid
from wfm.simulate.model import SimulatedAgent, Skill


def agents_on_queue(problem: RosterProblem, shifts: Iterable[Shift]) -> tuple[SimulatedAgent, ...]:
    """Agents with their skills, on queue where a shift says so and neither a break nor a fixed activity takes them away.

    Parameters
    ----------
    problem
        Agents, queues and grid.
    shifts
        The roster's shifts.

    Returns
    -------
    tuple of SimulatedAgent
        One per agent of the problem, in its order; a partly worked interval counts as worked.
    """
    present = {agent.id: np.zeros(problem.grid.count, dtype=bool) for agent in problem.agents}
    for shift in shifts:
        _mark(problem.grid, present[shift.agent], shift.start, shift.end, True)
        for pause in shift.breaks:
            _mark(problem.grid, present[shift.agent], pause.start, pause.end, False)
    for agent in problem.agents:
        for fixed in agent.fixed:
            _mark(problem.grid, present[agent.id], fixed.start, fixed.end, False)
    return tuple(
        SimulatedAgent(agent.id, tuple(Skill(queue, speed) for queue, speed in agent.queues.items()), tuple(present[agent.id].tolist()))
        for agent in problem.agents
    )


def _mark(grid: TimeGrid, row: np.ndarray[tuple[int], np.dtype[np.bool_]], start: datetime, end: datetime, value: bool) -> None:
    first, last = grid.position(start), grid.position(end)
    row[max(0, int(first // 1)) : max(0, int(-(-last // 1)))] = value
