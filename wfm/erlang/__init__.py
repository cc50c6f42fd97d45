"""Queueing formulas and the smallest number of agents for a target."""

from wfm.domain.demand import ServiceTarget
from wfm.erlang.explain import RequirementReason, TargetNeed, why_required
from wfm.erlang.measures import QueueMeasures, erlang_a, erlang_b, erlang_c
from wfm.erlang.staffing import gross_up, patience_from_data, required_agents, with_minimum

__all__ = [
    "QueueMeasures",
    "RequirementReason",
    "ServiceTarget",
    "TargetNeed",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "gross_up",
    "patience_from_data",
    "required_agents",
    "why_required",
    "with_minimum",
]
