"""The other way round: how fast contacts may come before a given number of agents breaks the promise.

Every measure worsens as the rate grows, so the rates that keep a target reach from 0 to one largest rate. It is found by halving over
`required_agents`, which is exact, and needs no derivative of any formula.
"""

from __future__ import annotations

import numpy as np

from wfm.domain.demand import ServiceTarget
from wfm.erlang._inputs import FloatOrArray, Floats, flat, numbers, plain, together
from wfm.erlang.staffing import required_agents

MOST_OVERLOAD = 64.0
_HALVINGS = 40


def rate_within_target(
    agents: FloatOrArray, aht_s: FloatOrArray, target: ServiceTarget, patience_s: FloatOrArray = np.inf
) -> FloatOrArray:
    """Largest arrival rate at which this many agents keep the whole target.

    Parameters
    ----------
    agents
        Agents on queue, at least 0; fractions count as the whole number below.
    aht_s
        Mean handle time, s, above 0.
    target
        The promise; every part that is not None must hold.
    patience_s
        Mean patience, s, above 0; infinite for Erlang C.

    Returns
    -------
    arrival_rate
        Contacts per second, of the broadcast shape, right to one part in 10^9; 0 without agents, and at most `MOST_OVERLOAD` times what
        the agents can handle.

    Raises
    ------
    InvalidInput, UnreachableTarget
        As in `required_agents`.

    Examples
    --------
    >>> rate = rate_within_target(99, 180, ServiceTarget(0.8, 20), 180)
    >>> round(rate * 180, 2), int(required_agents(rate, 180, ServiceTarget(0.8, 20), 180))
    (100.44, 99)
    """
    heads, aht, patience = together(
        agents=numbers("agents", agents, at_least=0),
        aht_s=numbers("aht_s", aht_s, above=0),
        patience_s=numbers("patience_s", patience_s, above=0, infinite=True),
    )
    shape, heads, aht, patience = heads.shape, np.floor(flat(heads)), flat(aht), flat(patience)
    low, high = np.zeros_like(heads), MOST_OVERLOAD * heads / aht
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        kept = _needed(middle, aht, target, patience) <= heads
        low, high = np.where(kept, middle, low), np.where(kept, high, middle)
    return plain(low.reshape(shape))  # type: ignore[no-any-return]


def _needed(rate: Floats, aht: Floats, target: ServiceTarget, patience: Floats) -> Floats:
    return np.asarray(required_agents(rate, aht, target, patience), np.float64)
