"""Why this many people: one figure opened down to what it is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wfm import units
from wfm.domain.demand import ServiceTarget
from wfm.erlang.measures import QueueMeasures, erlang_a
from wfm.erlang.staffing import gross_up, required_agents
from wfm.errors import InvalidInput

MINIMUM = "minimum_agents"
NOTHING = "no_volume"
_PARTS = ("level", "max_asa_s", "max_mean_wait_s", "max_abandonment", "max_occupancy")


@dataclass(frozen=True, slots=True)
class TargetNeed:
    """What one part of the promise asks for by itself.

    Parameters
    ----------
    part
        Field of `ServiceTarget`: level, max_asa_s, max_mean_wait_s, max_abandonment or max_occupancy.
    limit
        Its value in the target.
    agents
        Smallest number of agents that keeps this part alone.
    """

    part: str
    limit: float
    agents: int


@dataclass(frozen=True, slots=True)
class RequirementReason:
    """One people-needed figure from the contacts to the heads on the schedule.

    Parameters
    ----------
    volume, interval_s, aht_s, patience_s, target
        What went in; patience is infinite for customers who never leave.
    offered_load
        `volume * aht_s / interval_s`, erlang.
    needs
        One entry for each part of the target, the occupancy cap included.
    agents_for_target
        The largest of them: the smallest number that keeps all parts.
    minimum_agents
        Fewest agents allowed in an open interval.
    agents_on_queue
        The larger of the last two.
    binding
        The part of the target that decides, `minimum_agents`, or `no_volume` where nothing arrives.
    shrinkage
        Share of paid time not available on queue.
    agents_scheduled
        `agents_on_queue / (1 - shrinkage)`, rounded up exactly.
    measures
        What `agents_on_queue` will give.
    one_fewer
        What one agent less would give; None without agents.
    """

    volume: float
    interval_s: float
    aht_s: float
    patience_s: float
    target: ServiceTarget
    offered_load: float
    needs: tuple[TargetNeed, ...]
    agents_for_target: int
    minimum_agents: int
    agents_on_queue: int
    binding: str
    shrinkage: float
    agents_scheduled: int
    measures: QueueMeasures
    one_fewer: QueueMeasures | None


def why_required(
    volume: float,
    aht_s: float,
    interval_s: float,
    target: ServiceTarget,
    *,
    patience_s: float = np.inf,
    minimum_agents: int = 0,
    shrinkage: float = 0.0,
) -> RequirementReason:
    """Open one people-needed figure: volume, handle time, load, need of each target alone, minimum, shrinkage, heads.

    Parameters
    ----------
    volume
        Contacts offered in the interval, at least 0.
    aht_s
        Mean handle time, s, above 0.
    interval_s
        Length of the interval, s, above 0.
    target
        The promise.
    patience_s
        Mean patience, s, above 0; infinite for Erlang C.
    minimum_agents
        Fewest agents on queue while open, whole.
    shrinkage
        Share of paid time not available on queue, in [0, 1).

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    UnreachableTarget
        When no number of agents keeps a part of the target.

    Examples
    --------
    >>> reason = why_required(100, 180, 1800, ServiceTarget(level=0.8, max_occupancy=0.7), shrinkage=0.3)
    >>> [(need.part, need.agents) for need in reason.needs], reason.binding
    ([('level', 14), ('max_occupancy', 15)], 'max_occupancy')
    >>> reason.offered_load, reason.agents_on_queue, reason.agents_scheduled
    (10.0, 15, 22)
    """
    volume, interval_s = units.not_negative("volume", volume), units.positive("interval_s", interval_s)
    fewest, share = units.whole("minimum_agents", minimum_agents), units.share("shrinkage", shrinkage, below_one=True)
    rate = volume / interval_s
    needs = _needs(rate, aht_s, target, patience_s)
    for_target = max(need.agents for need in needs)
    heads = max(for_target, fewest)
    return RequirementReason(
        volume=volume,
        interval_s=interval_s,
        aht_s=float(aht_s),
        patience_s=float(patience_s),
        target=target,
        offered_load=volume * aht_s / interval_s,
        needs=needs,
        agents_for_target=for_target,
        minimum_agents=fewest,
        agents_on_queue=heads,
        binding=_binding(needs, for_target, fewest),
        shrinkage=share,
        agents_scheduled=int(gross_up(heads, share)),
        measures=erlang_a(rate, aht_s, heads, patience_s, target.awt_s),
        one_fewer=erlang_a(rate, aht_s, heads - 1, patience_s, target.awt_s) if heads else None,
    )


def _needs(rate: float, aht_s: float, target: ServiceTarget, patience_s: float) -> tuple[TargetNeed, ...]:
    if not isinstance(target, ServiceTarget):
        raise InvalidInput(f"target must be a ServiceTarget, got {target!r}")
    needs = []
    for part in _PARTS:
        limit = getattr(target, part)
        if limit is not None:
            others: dict[str, Any] = {other: None for other in _PARTS if other != part}
            alone = replace(target, **others)
            needs.append(TargetNeed(part, float(limit), int(required_agents(rate, aht_s, alone, patience_s))))
    return tuple(needs)


def _binding(needs: tuple[TargetNeed, ...], for_target: int, fewest: int) -> str:
    if fewest > for_target:
        return MINIMUM
    if for_target == 0:
        return NOTHING
    return next(need.part for need in needs if need.agents == for_target)
