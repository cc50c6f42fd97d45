"""How many agents: the smallest number that keeps a promise, and how many to schedule for it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.domain.demand import ServiceLevelDefinition, ServiceTarget
from wfm.erlang._inputs import FloatOrArray, Floats, flat, mask, numbers, plain, queue_inputs, together
from wfm.errors import InvalidInput, UnreachableTarget

Heads = NDArray[np.int64]
LARGEST_LOAD = 1e9


def required_agents(arrival_rate: FloatOrArray, aht_s: FloatOrArray, target: ServiceTarget, patience_s: FloatOrArray = np.inf) -> Heads:
    """Smallest number of agents that keeps every part of the target.

    With exponential patience the offered wait falls in the likelihood-ratio order as agents are added, so every measure of a target
    improves with every agent and the answer is proved by itself and its neighbour: it meets the target, one fewer does not.
    The search goes below the offered load where abandonment allows. A limit is met to a relative 1e-12.

    Parameters
    ----------
    arrival_rate
        Contacts per second, at least 0.
    aht_s
        Mean handle time, s, above 0; the offered load may reach 1e9 erlang.
    target
        The promise; every part that is not None must hold.
    patience_s
        Mean time that a customer is willing to wait, s, above 0; infinite for Erlang C, whose queue must be stable.

    Returns
    -------
    agents
        int64, of the broadcast shape; 0 where nothing arrives, else at least 1: a queue that nobody answers keeps no promise.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    UnreachableTarget
        When no number of agents keeps a part, such as a mean wait of 0 s.

    Examples
    --------
    >>> int(required_agents(100 / 180, 180, ServiceTarget(level=0.8, awt_s=20), patience_s=180))
    99
    """
    from wfm.erlang import _kernels

    limits = target_limits(target)
    rate, aht, patience, _, _ = queue_inputs(arrival_rate, aht_s, patience_s)
    load = numbers("offered load in erlang", rate * aht, at_most=LARGEST_LOAD)
    refuse_unreachable(target, load)
    # each search begins where the one before ended, so neighbours in the queue should be neighbours in load
    order = np.argsort(load, axis=None)
    found, out = np.empty(load.size, dtype=np.int64), np.empty(load.size, dtype=np.int64)
    _kernels.fill_required(flat(rate)[order], flat(aht)[order], flat(patience)[order], float(target.awt_s), limits, found)
    out[order] = found
    return out.reshape(load.shape)[()]


def target_limits(target: ServiceTarget) -> Floats:
    """The target as the compiled search reads it: definition, largest miss, ASA, mean wait, abandonment, occupancy."""
    if not isinstance(target, ServiceTarget):
        raise InvalidInput(f"target must be a ServiceTarget, got {target!r}")
    kind = [str(definition) for definition in ServiceLevelDefinition].index(target.definition)
    miss = np.inf if target.level is None else 1.0 - target.level
    parts = (target.max_asa_s, target.max_mean_wait_s, target.max_abandonment, target.max_occupancy)
    return np.array([kind, miss, *(np.inf if part is None else part for part in parts)], dtype=np.float64)


def refuse_unreachable(target: ServiceTarget, load: Floats) -> None:
    """Raise where a part of the target would need infinitely many agents."""
    for name in ("max_asa_s", "max_mean_wait_s"):
        if getattr(target, name) == 0 and np.any(load > 0):
            raise UnreachableTarget(
                f"no number of agents gives {name} = 0: somebody always finds all agents busy; "
                f"allowed is any time above 0 s, given was 0 s at a load of {float(np.max(load)):g} erlang"
            )


def gross_up(agents: ArrayLike, shrinkage: ArrayLike) -> Heads:
    """Agents to schedule so that `agents` are on queue after shrinkage, rounded up exactly.

    The smallest whole `m` with `m (1 - shrinkage) >= agents`, where shrinkage is the decimal that was written: 21 agents at 0.30 are
    30, although the nearest float of `21 / (1 - 0.30)` lies above 30.

    Parameters
    ----------
    agents
        Agents on queue, at least 0, fractions allowed.
    shrinkage
        Share of paid time not available on queue, in [0, 1); broadcast with `agents`.

    Returns
    -------
    scheduled
        int64, of the broadcast shape.

    Raises
    ------
    InvalidInput
        For anything outside these bounds, or a result beyond 2**53.

    Examples
    --------
    >>> gross_up([21, 100, 0], 0.30).tolist()
    [30, 143, 0]
    """
    heads, share = together(
        agents=numbers("agents", agents, at_least=0), shrinkage=numbers("shrinkage", shrinkage, at_least=0, below=1)
    )
    quotient = np.asarray(heads / (1.0 - share))
    numbers("agents / (1 - shrinkage)", quotient, at_most=2.0**53)
    scheduled = np.array(np.ceil(quotient))
    # float division errs by a few units in the last place, more where the shrinkage is near 1: decide those cases with fractions
    doubtful = np.abs(quotient - np.round(quotient)) <= quotient * 1e-15 / (1.0 - share)
    if doubtful.any():
        pairs, inverse = np.unique(np.stack([heads[doubtful], share[doubtful]]), axis=1, return_inverse=True)
        exact = [_exact_gross_up(n, s) for n, s in pairs.T.tolist()]
        scheduled[doubtful] = np.array(exact, dtype=np.float64)[inverse.reshape(-1)]
    return scheduled.astype(np.int64)[()]


def _exact_gross_up(agents: float, shrinkage: float) -> int:
    return -(-Fraction(repr(agents)) // (1 - Fraction(repr(shrinkage))))


def with_minimum(agents: ArrayLike, minimum_agents: ArrayLike, is_open: ArrayLike = True) -> Heads:
    """Agents on queue, at least `minimum_agents` in every open interval and none in a closed one.

    Parameters
    ----------
    agents
        Agents that the targets ask for, whole, at least 0.
    minimum_agents
        Fewest agents in any open interval, whole, at least 0.
    is_open
        Booleans: is the queue open in the interval? All three broadcast.

    Raises
    ------
    InvalidInput
        For anything outside these bounds, or agents asked for in a closed interval.

    Examples
    --------
    >>> with_minimum([0, 1, 5], 2, [False, True, True]).tolist()
    [0, 2, 5]
    """
    opened = mask("is_open", is_open)
    heads, fewest, working = together(
        agents=numbers("agents", agents, at_least=0, whole=True),
        minimum_agents=numbers("minimum_agents", minimum_agents, at_least=0, whole=True),
        is_open=opened.astype(np.float64),
    )
    if np.any((working == 0) & (heads > 0)):
        raise InvalidInput("agents must be 0 where the queue is closed; contacts were forecast outside the opening hours")
    return np.where(working == 1, np.maximum(heads, fewest), 0).astype(np.int64)[()]


def patience_from_data(total_wait_s: ArrayLike, abandoned: ArrayLike) -> FloatOrArray:
    """Mean patience from records: total waiting time of all contacts over the number that abandoned.

    The maximum-likelihood estimate for exponential patience, of which the answered contacts show only a lower bound
    (Brown and others 2005).

    Parameters
    ----------
    total_wait_s
        Waiting time of answered and abandoned contacts together, s, at least 0.
    abandoned
        Contacts that left unanswered, at least 0; broadcast with `total_wait_s`.

    Returns
    -------
    patience_s
        Seconds; infinite where nobody abandoned.

    Raises
    ------
    InvalidInput
        For anything outside these bounds, or contacts that abandoned without any waiting time.

    Examples
    --------
    >>> patience_from_data(5_400, 30)
    180.0
    """
    wait_s, left = together(
        total_wait_s=numbers("total_wait_s", total_wait_s, at_least=0), abandoned=numbers("abandoned", abandoned, at_least=0)
    )
    if np.any((wait_s == 0) & (left > 0)):
        raise InvalidInput("total_wait_s must be above 0 where contacts abandoned; was the waiting time of abandoned contacts recorded?")
    patience = np.full(wait_s.shape, np.inf)
    np.divide(wait_s, left, out=patience, where=left > 0)
    return plain(patience)  # type: ignore[no-any-return]
