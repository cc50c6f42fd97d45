"""Priority classes that share agents: who is more urgent is answered first, contacts in hand are finished.

Letters, after Kella and Yechiali (1985): `m = agents / aht` the rate of a full room, `r_k` the arrival rate of classes 1 to k over `m`.
The agents being busy, the wait of class k is a geometric number (ratio `r_k`) of stages, each of which is a busy period of the classes
above it: `E[W_k] = C / (m (1 - r_{k-1}) (1 - r_k))`, with `C` the Erlang C probability of all classes together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.domain.demand import ServiceTarget
from wfm.erlang._inputs import MOST, SHORTEST_AHT_S, Floats, numbers
from wfm.erlang._search import smallest_enough
from wfm.erlang.measures import QueueMeasures, erlang_c
from wfm.erlang.staffing import LARGEST_LOAD, refuse_unreachable, required_agents, target_limits
from wfm.errors import InvalidInput

# The inversion adds up Fourier terms on the line of real part A / (2 t): what it neglects is exp(-A) of the result.
_LINE = 26.0
_TERMS = 38
_AVERAGED = 16


def priority_classes(arrival_rates: ArrayLike, aht_s: float, agents: float, awt_s: ArrayLike = 20.0) -> QueueMeasures:
    """Measures of every class of M/M/n with non-preemptive priorities and one handle time, whose customers never leave.

    Exact in probabilities of waiting and means (Kella and Yechiali 1985); service levels to 1e-9, by numerical inversion of the
    transform of the wait (Abate and Whitt 1995). Classes with patience or handle times of their own are simulated (`wfm.simulate`).

    Parameters
    ----------
    arrival_rates
        Contacts per second by class, the most urgent first, each at least 0.
    aht_s
        Mean handle time of all classes, s.
    agents
        Agents on queue, above 0, fractions allowed.
    awt_s
        Acceptable waiting time, s, at least 0; one number or one by class.

    Returns
    -------
    measures
        Arrays by class; `occupancy` is that of the agents. A class that the more urgent ones leave no room waits without end.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> measures = priority_classes([0.02, 0.06], 180, 17, 20)
    >>> measures.service_level.round(4).tolist(), measures.mean_wait_s.round(2).tolist()
    ([0.9071, 0.6809], [5.53, 36.17])
    """
    rates, handle_s, heads, awt = _checked(arrival_rates, aht_s, agents, awt_s)
    together = erlang_c(float(rates.sum()), handle_s, heads)
    delayed = float(together.wait_probability)
    full = heads / handle_s
    share = np.cumsum(rates) / full
    above = np.concatenate([[0.0], share[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        wait_s = np.where(share < 1.0, delayed / (full * (1.0 - above) * (1.0 - share)), np.inf)
    late = np.array([delayed * _still_waiting(full, *case) for case in zip(above, share, awt, strict=True)])
    wait_s, served = np.where(rates > 0, wait_s, 0.0), np.where(rates > 0, 1.0 - late, 1.0)
    nobody, row = np.zeros_like(rates), np.ones_like(rates)
    return QueueMeasures(
        wait_probability=np.where(rates > 0, delayed, 0.0),
        abandon_probability=nobody,
        block_probability=nobody,
        mean_wait_s=wait_s,
        asa_s=wait_s,
        service_level=served,
        service_level_of_answered=served,
        service_level_excluding_short_abandons=served,
        service_level_counting_short_abandons=served,
        occupancy=float(together.occupancy) * row,
        mean_queue=np.where(rates > 0, rates * np.where(rates > 0, wait_s, 0.0), 0.0),
    )


def required_for_classes(arrival_rates: ArrayLike, aht_s: float, targets: Sequence[ServiceTarget]) -> int:
    """Smallest number of agents for which every priority class keeps its own target, as `priority_classes` has them.

    Parameters
    ----------
    arrival_rates, aht_s
        As in `priority_classes`.
    targets
        One promise for each class; an occupancy cap counts for all agents.

    Returns
    -------
    agents
        0 where nothing arrives.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    UnreachableTarget
        As in `required_agents`.

    Examples
    --------
    >>> urgent, routine = ServiceTarget(level=0.95, awt_s=10), ServiceTarget(level=0.8, awt_s=60)
    >>> required_for_classes([0.02, 0.06], 180, [urgent, routine])
    20
    """
    awts = [target.awt_s for target in targets]
    rates, handle_s, _, _ = _checked(arrival_rates, aht_s, 1.0, awts or 0.0)
    if len(targets) != rates.size:
        raise InvalidInput(f"targets must have one entry for each of {rates.size} classes, got {len(targets)}")
    limits = [target_limits(target) for target in targets]
    for target, rate in zip(targets, rates, strict=True):
        refuse_unreachable(target, np.array(rate * handle_s))
    if rates.sum() == 0:
        return 0

    def enough(heads: int) -> bool:
        found = priority_classes(rates, handle_s, heads, awts)
        return all(_keeps(found, k, limit) for k, limit in enumerate(limits) if rates[k] > 0)

    low, high = int(np.floor(rates.sum() * handle_s)), int(required_agents(rates.sum(), handle_s, ServiceTarget()))
    return smallest_enough(enough, low, high)


def _keeps(found: QueueMeasures, place: int, limits: Floats) -> bool:
    """Does the class keep the limits of `target_limits`, to a relative 1e-9, the accuracy of a service level?"""
    level, wait_s, occupancy = (float(np.asarray(row)[place]) for row in (found.service_level, found.mean_wait_s, found.occupancy))
    miss = 1.0 - level <= limits[1] + 1e-9
    return bool(miss and wait_s <= limits[2] and wait_s <= limits[3] and occupancy <= limits[5] * (1.0 + 1e-12))


def _checked(arrival_rates: ArrayLike, aht_s: float, agents: float, awt_s: ArrayLike) -> tuple[Floats, float, float, Floats]:
    rates = numbers("arrival_rates", arrival_rates, at_least=0)
    if rates.ndim != 1 or rates.size == 0:
        raise InvalidInput(f"arrival_rates must be a row with one entry for each class, got shape {rates.shape}")
    handle_s = numbers("aht_s", aht_s, at_least=SHORTEST_AHT_S, at_most=MOST)
    heads = numbers("agents", agents, above=0, at_most=MOST)
    if handle_s.ndim or heads.ndim:
        raise InvalidInput("aht_s and agents must be one number for all classes, got arrays")
    numbers("offered load in erlang", rates.sum() * handle_s, at_most=LARGEST_LOAD)
    awt = numbers("awt_s", awt_s, at_least=0, at_most=MOST)
    if awt.ndim > 1 or awt.size not in (1, rates.size):
        raise InvalidInput(f"awt_s must be one number or one for each of {rates.size} classes, got shape {awt.shape}")
    return rates, float(handle_s), float(heads), np.broadcast_to(awt, rates.shape)


def _still_waiting(full: float, above: float, share: float, awt_s: float) -> float:
    """Probability that a class that found all agents busy still waits after `awt_s`."""
    if share >= 1.0 or awt_s == 0.0:
        return 1.0
    if above == 0.0:
        return math.exp(-full * (1.0 - share) * awt_s)
    return float(np.clip(_inverted(full * awt_s, above, share), 0.0, 1.0))


def _inverted(time: float, above: float, share: float) -> float:
    """The tail of the wait at `time` stages, by Euler summation of its Fourier series."""
    terms = np.arange(_TERMS + _AVERAGED + 1)
    values = _tail((_LINE + 2j * np.pi * terms) / (2.0 * time), above, share).real
    values[0] *= 0.5
    sums = np.cumsum(np.where(terms % 2, -values, values))[_TERMS:]
    weights = np.array([math.comb(_AVERAGED, k) for k in range(_AVERAGED + 1)]) / 2.0**_AVERAGED
    return float(math.exp(_LINE / 2.0) / time * (weights @ sums))


def _tail(s: NDArray[Any], above: float, share: float) -> NDArray[Any]:
    """Transform of the tail: a busy period of the classes above for each stage (arrivals `above`, departures 1, both per stage)."""
    total = 1.0 + above + s
    stage = 2.0 / (total + np.sqrt(total * total - 4.0 * above))
    return np.asarray((1.0 - (1.0 - share) * stage / (1.0 - share * stage)) / s)
