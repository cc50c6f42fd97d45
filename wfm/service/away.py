"""People who are on the schedule and not on queue: as many as the plan expects, at all times, changing every hour.

Who was away is not recorded. Taking away exactly the planned share of the people on duty, skill group by skill group, adds no chance of
its own to a replay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.roster import RosterProblem

if TYPE_CHECKING:
    from wfm.simulate import SimulatedAgent

Floats = NDArray[np.float64]


def without_those_away(
    problem: RosterProblem, agents: Sequence[SimulatedAgent], away: Mapping[str, Floats], seed: int
) -> list[SimulatedAgent]:
    """The agents, each hour a share of those on duty away: whole people, the number at any time within one of the share.

    Parameters
    ----------
    away
        By queue, the share of its people that is away by interval, in [0, 1]; queues that are not named lose nobody. Somebody with
        several queues is away as often as what they require says on average.
    seed
        The same seed takes the same people away.
    """
    if not any(share.any() for share in away.values()):
        return list(agents)
    order = sorted(range(len(agents)), key=lambda k: [(skill.queue, skill.speed, skill.rank) for skill in agents[k].skills])
    on_duty = np.array([agents[k].on_queue for k in order], dtype=bool).reshape(len(order), problem.grid.count)
    gone = np.where(on_duty, _shares(problem, [agents[k] for k in order], away), 0.0)
    hour = np.arange(problem.grid.count) * problem.grid.interval_s // units.SECONDS_PER_HOUR
    passed = np.cumsum(gone, axis=0) + np.random.default_rng(seed).random(int(hour[-1]) + 1)[hour]
    here = on_duty & (np.floor(passed) <= np.floor(passed - gone))
    return [replace(agents[k], on_queue=tuple(row)) for k, row in sorted(zip(order, here.tolist(), strict=True))]


def _shares(problem: RosterProblem, agents: Sequence[SimulatedAgent], away: Mapping[str, Floats]) -> Floats:
    """Share away by agent and interval: the mean over the agent's queues, weighted by what they require."""
    nothing = np.zeros(problem.grid.count)
    wanted = {need.queue: np.maximum(np.array(need.required), 1e-9) for need in problem.requirements}
    found: dict[frozenset[str], Floats] = {}
    rows = []
    for agent in agents:
        queues = frozenset(skill.queue for skill in agent.skills if skill.queue in wanted)
        if queues not in found:
            total = sum((wanted[name] for name in queues), nothing)
            lost = sum((wanted[name] * away.get(name, nothing) for name in queues), nothing)
            found[queues] = lost / np.maximum(total, 1e-9)
        rows.append(found[queues])
    return np.array(rows).reshape(-1, problem.grid.count)
