"""Chat: agents who handle several contacts at once, more slowly each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wfm.erlang._inputs import MOST, SHORTEST_AHT_S, FloatOrArray, flat, numbers, plain, queue_inputs
from wfm.erlang.measures import QueueMeasures, from_waiting
from wfm.errors import InvalidInput


def chat(
    arrival_rate: FloatOrArray,
    aht_by_concurrency_s: ArrayLike,
    agents: FloatOrArray,
    patience_s: FloatOrArray,
    awt_s: FloatOrArray = 60.0,
) -> QueueMeasures:
    """Measures of a chat queue, exactly: the least busy agent gets the next chat, and one waits only when every slot is taken.

    An agent with j chats finishes them at the total rate `j / aht_by_concurrency_s[j-1]`. With x chats in hand agents hold floor(x/n)
    or ceil(x/n), so x is a birth-death chain. Concurrency one is Erlang A.

    Parameters
    ----------
    arrival_rate
        Chats per second, at least 0.
    aht_by_concurrency_s
        Mean time from accepting to closing a chat, s, above 0, by the number of chats that the agent holds: one entry for each allowed
        number along the last axis; the axes before it broadcast with the other arguments.
    agents
        Agents on queue, whole, at least 0.
    patience_s
        Mean time that a customer is willing to wait for a slot, s, above 0 or infinite.
    awt_s
        Acceptable waiting time of the service level, s, at least 0.

    Returns
    -------
    measures
        Of waiting for a slot. `occupancy` is the share of agents with at least one chat.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> measures = chat(0.05, [300, 420, 600], 12, 240)
    >>> round(measures.service_level, 4), round(measures.occupancy, 4)
    (0.9929, 0.9851)
    """
    from wfm.erlang import _chain_kernels, _kernels

    aht = np.atleast_1d(numbers("aht_by_concurrency_s", aht_by_concurrency_s, at_least=SHORTEST_AHT_S, at_most=MOST))
    if aht.shape[-1] == 0:
        raise InvalidInput("aht_by_concurrency_s must have at least one entry, got none")
    rate, full_aht, patience, awt, heads = queue_inputs(arrival_rate, aht[..., -1], patience_s, awt_s, agents)
    numbers("agents", heads, whole=True)
    most = aht.shape[-1]
    slots, by_number = heads * most, np.broadcast_to(aht, (*rate.shape, most))
    below, busy, rows = np.empty(rate.size), np.empty(rate.size), np.empty((5, rate.size))
    _chain_kernels.fill_chat(flat(rate), flat(heads), np.array(by_number).reshape(-1, most), below, busy)
    _kernels.fill_waiting_above(below, flat(slots), flat(full_aht), flat(rate), flat(patience), flat(awt), rows)
    measures = from_waiting(rows.reshape(5, *rate.shape), rate, full_aht, slots, patience)
    return replace(measures, occupancy=_occupancy(measures, busy.reshape(rate.shape), heads, rate))


def _occupancy(measures: QueueMeasures, busy: Any, heads: Any, rate: Any) -> FloatOrArray:
    wait = np.asarray(measures.wait_probability)
    return plain(np.where(heads > 0, wait + (1.0 - wait) * busy, np.where(rate > 0, 1.0, 0.0)))  # type: ignore[no-any-return]
