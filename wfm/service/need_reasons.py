"""Why an interval needs so many people: every step from the contacts to the heads, for the page's drawer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.domain.demand import Queue, ServiceTarget
from wfm.domain.shrinkage import ShrinkagePart
from wfm.service.people_needed import aht_by_concurrency, bare_heads

if TYPE_CHECKING:
    from wfm.erlang import QueueMeasures

UNCERTAIN = "uncertain_volume"
MINIMUM = "minimum_agents"
NOTHING = "no_volume"
PARTS = ("level", "max_asa_s", "max_mean_wait_s", "max_abandonment", "max_occupancy")
LEVEL_OF = {
    "offered": "service_level",
    "answered": "service_level_of_answered",
    "excluding_short_abandons": "service_level_excluding_short_abandons",
    "counting_short_abandons": "service_level_counting_short_abandons",
}


@dataclass(frozen=True, slots=True)
class PartNeed:
    """What one part of the promise asks for by itself, at the expected volume; `part` is a field of `ServiceTarget`."""

    part: str
    limit: float
    agents: int


@dataclass(frozen=True, slots=True)
class NeedReason:
    """The steps of one interval of a live queue.

    Parameters
    ----------
    needs
        One entry for each part of the target.
    over_volumes
        Heads that keep the promise over all the volumes that may come.
    minimum_agents
        Fewest heads in an open interval.
    live
        Heads for the waiting line: the larger of the last two.
    binding
        What decides: a part of the target, `uncertain_volume`, `minimum_agents` or `no_volume`.
    target
        The promise.
    service_level, service_level_one_fewer
        As the target defines it, with `live` heads and with one fewer, at the expected volume; None without heads.
    occupancy, abandon_probability, asa_s
        With `live` heads at the expected volume.
    """

    needs: tuple[PartNeed, ...]
    over_volumes: int
    minimum_agents: int
    live: int
    binding: str
    target: ServiceTarget
    service_level: float | None
    service_level_one_fewer: float | None
    occupancy: float
    abandon_probability: float
    asa_s: float


def reason_of(queue: Queue, interval_s: int, cell: Mapping[str, float]) -> NeedReason | None:
    """The steps behind a stored interval; None for deferred channels, which have no waiting line, and without a handle time.

    Parameters
    ----------
    queue
        As it was when people needed were computed.
    cell
        `volume`, `aht_s` and `rate_cv` of the interval.
    """
    if queue.channel.deferred or np.isnan(cell["aht_s"]):
        return None
    rate, aht_s = cell["volume"] / interval_s, cell["aht_s"]
    if rate == 0:
        return NeedReason((), 0, queue.minimum_agents, 0, NOTHING, queue.target, None, None, 0.0, 0.0, 0.0)
    needs = tuple(_need(queue, part, rate, aht_s) for part in PARTS if getattr(queue.target, part) is not None)
    over = _heads(queue, rate, aht_s, cell["rate_cv"])
    live = max(over, queue.minimum_agents)
    found = _measured(queue, rate, aht_s, live)
    fewer = None if live < 2 else _level(queue, _measured(queue, rate, aht_s, live - 1))
    return NeedReason(
        needs=needs,
        over_volumes=over,
        minimum_agents=queue.minimum_agents,
        live=live,
        binding=_binding(needs, over, queue.minimum_agents),
        target=queue.target,
        service_level=_level(queue, found),
        service_level_one_fewer=fewer,
        occupancy=float(found.occupancy),
        abandon_probability=float(found.abandon_probability),
        asa_s=float(found.asa_s),
    )


def shrinkage_lines(queue: Queue, weekday: int) -> tuple[ShrinkagePart, ...]:
    """The lines of the shrinkage table that count on a weekday."""
    return tuple(part for part in queue.shrinkage_parts if weekday in part.weekdays)


def _need(queue: Queue, part: str, rate: float, aht_s: float) -> PartNeed:
    others: dict[str, Any] = {other: None for other in PARTS if other != part}
    alone = replace(queue, target=replace(queue.target, **others))
    return PartNeed(part, float(getattr(queue.target, part)), _heads(alone, rate, aht_s, 0.0))


def _heads(queue: Queue, rate: float, aht_s: float, rate_cv: float) -> int:
    return int(bare_heads(queue, np.array([rate]), np.array([aht_s]), np.array([rate_cv]))[0])


def _binding(needs: tuple[PartNeed, ...], over_volumes: int, minimum: int) -> str:
    if minimum > over_volumes:
        return MINIMUM
    most = max(need.agents for need in needs)
    return UNCERTAIN if over_volumes > most else next(need.part for need in needs if need.agents == most)


def _measured(queue: Queue, rate: float, aht_s: float, heads: int) -> QueueMeasures:
    from wfm.erlang import chat, erlang_a

    patience_s, awt_s = queue.patience_s or np.inf, queue.target.awt_s
    if queue.concurrency > 1:
        return chat(rate, aht_by_concurrency(np.array([aht_s]), queue.concurrency)[0], heads, patience_s, awt_s)
    return erlang_a(rate, aht_s, heads, patience_s, awt_s)


def _level(queue: Queue, found: QueueMeasures) -> float:
    return float(getattr(found, LEVEL_OF[str(queue.target.definition)]))
