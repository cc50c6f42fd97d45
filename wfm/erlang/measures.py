"""Erlang B, C and A: the stationary measures of one queue with equal agents.

`B` and `C` take real numbers of agents, so that prices and derivatives can be formed; `A` too, with `C` as its limit for endless patience.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.erlang._inputs import FloatOrArray, Floats, flat, numbers, plain, queue_inputs, together


@dataclass(frozen=True, slots=True)
class QueueMeasures:
    """What happens to the contacts of a queue in the long run; floats, or arrays of one shape.

    Parameters
    ----------
    wait_probability
        Share of offered contacts that enter and do not find a free agent.
    abandon_probability
        Share of offered contacts that leave unanswered.
    block_probability
        Share of offered contacts that find every line taken.
    mean_wait_s
        Mean wait of the contacts that enter, answered or not, s; infinite where the queue grows without end.
    asa_s
        Mean wait of answered contacts, s; infinite where nobody answers.
    service_level
        Answered within the threshold, over offered.
    service_level_of_answered
        Answered within the threshold, over answered.
    service_level_excluding_short_abandons
        Answered within the threshold, over offered less those who left within it.
    service_level_counting_short_abandons
        Answered or left within the threshold, over offered.
    occupancy
        Share of time on queue spent handling.
    mean_queue
        Mean number of contacts that wait.
    """

    wait_probability: FloatOrArray
    abandon_probability: FloatOrArray
    block_probability: FloatOrArray
    mean_wait_s: FloatOrArray
    asa_s: FloatOrArray
    service_level: FloatOrArray
    service_level_of_answered: FloatOrArray
    service_level_excluding_short_abandons: FloatOrArray
    service_level_counting_short_abandons: FloatOrArray
    occupancy: FloatOrArray
    mean_queue: FloatOrArray


def erlang_b(load: FloatOrArray, agents: FloatOrArray) -> FloatOrArray:
    """Probability that all agents are busy when nobody waits: blocked calls are lost.

    `1/B = load * integral_0^inf exp(-load v) (1 + v)^agents dv` (Jagerman 1974), which is the inverse recursion for whole agents.

    Parameters
    ----------
    load
        Offered load in erlang, at least 0.
    agents
        Agents or lines, at least 0, fractions allowed; broadcast with `load`.

    Returns
    -------
    share
        Blocking probability in [0, 1].

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> round(erlang_b(8.108, 15), 4)
    0.01
    """
    from wfm.erlang import _kernels

    loads, heads = together(load=numbers("load", load, at_least=0), agents=numbers("agents", agents, at_least=0))
    out = np.empty(loads.size)
    _kernels.fill_blocking(flat(loads), flat(heads), out)
    return plain(out.reshape(loads.shape))  # type: ignore[no-any-return]


def erlang_c(arrival_rate: FloatOrArray, aht_s: FloatOrArray, agents: FloatOrArray, awt_s: FloatOrArray = 20.0) -> QueueMeasures:
    """Measures of a queue whose customers never leave.

    `C = n B / (n - a (1 - B))`, `P(W > t) = C exp(-(n - a) t / aht)` (Erlang 1917).

    Parameters
    ----------
    arrival_rate
        Contacts per second, at least 0.
    aht_s
        Mean handle time, s, above 0.
    agents
        Agents on queue, at least 0, fractions allowed.
    awt_s
        Acceptable waiting time of the service level, s, at least 0. All four broadcast.

    Returns
    -------
    measures
        With load at or above the agents the queue grows without end: service level 0, waits infinite.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> round(erlang_c(100 / 1800, 180, 14, 20).service_level, 5)
    0.88835
    """
    return erlang_a(arrival_rate, aht_s, agents, np.inf, awt_s)


def erlang_a(
    arrival_rate: FloatOrArray, aht_s: FloatOrArray, agents: FloatOrArray, patience_s: FloatOrArray, awt_s: FloatOrArray = 20.0
) -> QueueMeasures:
    """Measures of a queue whose customers leave after an exponential patience: M/M/n+M, exactly.

    `P(W > 0) = S / (1/B - 1 + S)` with `S = x * integral_0^inf exp(-x t + y (1 - exp(-t))) dt`, `x = n patience/aht`,
    `y = arrival_rate * patience` (Garnett, Mandelbaum and Reiman 2002; Mandelbaum and Zeltyn 2007).

    Parameters
    ----------
    arrival_rate
        Contacts per second, at least 0.
    aht_s
        Mean handle time, s, above 0.
    agents
        Agents on queue, at least 0, fractions allowed.
    patience_s
        Mean time that a customer is willing to wait, s, above 0; infinite for Erlang C.
    awt_s
        Acceptable waiting time of the service level, s, at least 0. All five broadcast.

    Returns
    -------
    measures
        Without contacts nobody waits: service level 1, waits 0.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> measures = erlang_a(48 / 60, 60, 50, 120)
    >>> round(measures.abandon_probability, 3), round(measures.mean_wait_s, 1), round(measures.occupancy, 2)
    (0.031, 3.7, 0.93)
    """
    from wfm.erlang import _kernels

    rate, aht, patience, awt, heads = queue_inputs(arrival_rate, aht_s, patience_s, awt_s, agents)
    rows = np.empty((5, rate.size))
    _kernels.fill_waiting(flat(heads), flat(aht), flat(rate), flat(patience), flat(awt), rows)
    return from_waiting(rows.reshape(5, *heads.shape), rate, aht, heads, patience)


def from_waiting(rows: Floats, rate: Floats, aht: Floats, heads: Floats, patience: Floats) -> QueueMeasures:
    """The measures that follow from the five probabilities of `_kernels.waiting` for a queue without a limit of lines."""
    wait, abandoned, late, staying, wait_s = rows
    answered = 1.0 - abandoned
    served = np.maximum(answered - late, 0.0)
    anybody = rate > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        asa_s = np.where(answered > 0, wait_s / answered, np.inf)
        mean_wait_s = np.where(np.isinf(patience), wait_s, abandoned * patience)
        occupancy = np.where(heads > 0, np.minimum(rate * aht / heads * answered, 1.0), np.where(anybody, 1.0, 0.0))
        mean_queue = np.where(anybody, rate * mean_wait_s, 0.0)
        of_answered = np.where(served > 0, served / answered, 0.0)
        excluding = np.where(served > 0, served / (served + staying), 0.0)
    return QueueMeasures(
        wait_probability=plain(wait),
        abandon_probability=plain(abandoned),
        block_probability=plain(np.zeros_like(wait)),
        mean_wait_s=plain(mean_wait_s),
        asa_s=plain(asa_s),
        service_level=plain(served),
        service_level_of_answered=plain(of_answered),
        service_level_excluding_short_abandons=plain(excluding),
        service_level_counting_short_abandons=plain(1.0 - staying),
        occupancy=plain(occupancy),
        mean_queue=plain(mean_queue),
    )
