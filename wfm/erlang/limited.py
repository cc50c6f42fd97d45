"""Erlang X: a limited number of lines, abandonment, and customers who try again."""

from __future__ import annotations

import numpy as np

from wfm.erlang._inputs import FloatOrArray, Floats, flat, numbers, plain, queue_inputs, together
from wfm.erlang.measures import QueueMeasures
from wfm.errors import InvalidInput

MOST_LINES = 10_000_000


def erlang_x(
    arrival_rate: FloatOrArray,
    aht_s: FloatOrArray,
    agents: FloatOrArray,
    patience_s: FloatOrArray,
    lines: FloatOrArray,
    redial_share: FloatOrArray = 0.0,
    awt_s: FloatOrArray = 20.0,
) -> QueueMeasures:
    """Measures of a queue with limited lines whose blocked and abandoned customers may redial: M/M/n/lines+M, exactly.

    A share of the lost attempts comes back as new attempts, so `rate = arrival_rate + redial_share * rate * (P(block) + P(abandon))`
    (after Koole 2013). Every figure is per attempt, redials included.

    Parameters
    ----------
    arrival_rate
        Fresh contacts per second, at least 0.
    aht_s
        Mean handle time, s, above 0.
    agents
        Agents on queue, whole, at least 0.
    patience_s
        Mean time that a customer is willing to wait, s, above 0 or infinite.
    lines
        Most contacts in the system, in service and waiting together, whole, at most 10 million; fewer than agents leave agents idle.
    redial_share
        Share of lost attempts that is tried again, in [0, 1].
    awt_s
        Acceptable waiting time of the service level, s, at least 0. All seven broadcast.

    Returns
    -------
    measures
        Per attempt; `mean_wait_s` over those that enter.

    Raises
    ------
    InvalidInput
        For anything outside these bounds, or where everybody redials and the agents cannot handle all.

    Examples
    --------
    >>> measures = erlang_x(0.1, 240, 22, 180, lines=30, redial_share=0.5)
    >>> round(measures.block_probability, 4), round(measures.service_level, 4)
    (0.0569, 0.3914)
    """
    from wfm.erlang import _chain_kernels

    rate, aht, patience, awt, heads, places, share = together(
        **dict(zip(_NAMES, queue_inputs(arrival_rate, aht_s, patience_s, awt_s, agents), strict=True)),
        lines=numbers("lines", lines, at_least=0, at_most=MOST_LINES, whole=True),
        redial_share=numbers("redial_share", redial_share, at_least=0, at_most=1),
    )
    numbers("agents", heads, whole=True)
    attempts, rows = np.empty(rate.size), np.zeros((6, rate.size))
    _chain_kernels.fill_limited(
        flat(rate), flat(aht), flat(heads), flat(patience), flat(places), flat(share), flat(awt), attempts, rows
    )
    if np.isnan(attempts).any():
        raise InvalidInput("redial_share must be below 1 where agents cannot handle all fresh contacts, got 1: attempts grow forever")
    return _per_attempt(rows.reshape(6, *rate.shape), attempts.reshape(rate.shape), aht, heads, patience)


_NAMES = ("arrival_rate", "aht_s", "patience_s", "awt_s", "agents")


def _per_attempt(rows: Floats, attempts: Floats, aht: Floats, heads: Floats, patience: Floats) -> QueueMeasures:
    wait, abandoned, blocked, late, staying, wait_s = rows
    answered = np.maximum(1.0 - blocked - abandoned, 0.0)
    served = np.maximum(answered - late, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        total_wait_s = np.where(np.isinf(patience), wait_s, abandoned * patience)
        mean_wait_s = np.where(blocked < 1, total_wait_s / (1.0 - blocked), 0.0)
        asa_s = np.where(answered > 0, wait_s / answered, np.inf)
        of_answered = np.where(served > 0, served / answered, 0.0)
        excluding = np.where(served > 0, served / (served + staying + blocked), 0.0)
        occupancy = np.where(heads > 0, np.minimum(attempts * aht / heads * answered, 1.0), np.where(attempts > 0, 1.0, 0.0))
    return QueueMeasures(
        wait_probability=plain(wait),
        abandon_probability=plain(abandoned),
        block_probability=plain(blocked),
        mean_wait_s=plain(mean_wait_s),
        asa_s=plain(asa_s),
        service_level=plain(served),
        service_level_of_answered=plain(of_answered),
        service_level_excluding_short_abandons=plain(excluding),
        service_level_counting_short_abandons=plain(np.maximum(1.0 - blocked - staying, 0.0)),
        occupancy=plain(occupancy),
        mean_queue=plain(attempts * total_wait_s),
    )
