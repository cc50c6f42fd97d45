"""Erlang A the slow way, by its birth-death chain, so that the demo centre's size is judged without the project's own formulas."""

from __future__ import annotations

from functools import cache

import numpy as np

from wfm.domain.demand import Queue


def smallest_agents(rate: float, aht_s: float, queue: Queue) -> int:
    """Fewest agents that keep the queue's service level and occupancy cap."""
    target = queue.target
    assert queue.patience_s is not None
    assert target.level is not None
    return _smallest(round(rate, 5), aht_s, queue.patience_s, target.awt_s, target.level, target.max_occupancy or 1.0)


@cache
def _smallest(rate: float, aht_s: float, patience_s: float, awt_s: float, level: float, cap: float) -> int:
    agents = max(1, int(0.7 * rate * aht_s))
    while rate > 0:
        served, occupancy = _measures(rate, aht_s, patience_s, awt_s, agents)
        if served >= level and occupancy <= cap:
            return agents
        agents += 1
    return 0


def _measures(rate: float, aht_s: float, patience_s: float, awt_s: float, agents: int) -> tuple[float, float]:
    """Share answered in time of all offered, and occupancy."""
    states = np.arange(1, agents + 400)
    leaving = np.minimum(states, agents) / aht_s + np.maximum(0, states - agents) / patience_s
    logs = np.concatenate([[0.0], np.cumsum(np.log(rate / leaving))])
    share = np.exp(logs - logs.max())
    share /= share.sum()
    waits = np.linspace(0, awt_s, 200)
    density = rate * share[agents - 1] * np.exp(rate * patience_s * (1 - np.exp(-waits / patience_s)) - agents * waits / aht_s)
    served = share[:agents].sum() + np.trapezoid(density * np.exp(-waits / patience_s), waits)
    abandoned = (np.maximum(0, np.arange(share.size) - agents) * share).sum() / patience_s / rate
    return float(served), float(rate * aht_s * (1 - abandoned) / agents)
