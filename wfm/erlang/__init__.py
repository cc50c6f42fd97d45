"""Queueing formulas and the smallest number of agents for a target."""

from wfm.domain.demand import ServiceTarget
from wfm.erlang.capacity import rate_within_target
from wfm.erlang.chat import chat
from wfm.erlang.deferred import Backlog, DeferredDay, DeferredPlan, deferred_day, deferred_profile
from wfm.erlang.explain import RequirementReason, TargetNeed, why_required
from wfm.erlang.limited import erlang_x
from wfm.erlang.measures import QueueMeasures, erlang_a, erlang_b, erlang_c
from wfm.erlang.movable import MovablePlan, spread_movable
from wfm.erlang.priority import priority_classes, required_for_classes
from wfm.erlang.staffing import gross_up, patience_from_data, required_agents, with_minimum
from wfm.erlang.timevarying import DayOutlook, modified_offered_load, over_day, required_over_day
from wfm.erlang.uncertainty import expected_service, rate_with_chance, required_with_probability, required_with_uncertainty

__all__ = [
    "Backlog",
    "DayOutlook",
    "DeferredDay",
    "DeferredPlan",
    "MovablePlan",
    "QueueMeasures",
    "RequirementReason",
    "ServiceTarget",
    "TargetNeed",
    "chat",
    "deferred_day",
    "deferred_profile",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "erlang_x",
    "expected_service",
    "gross_up",
    "modified_offered_load",
    "over_day",
    "patience_from_data",
    "priority_classes",
    "rate_with_chance",
    "rate_within_target",
    "required_agents",
    "required_for_classes",
    "required_over_day",
    "required_with_probability",
    "required_with_uncertainty",
    "spread_movable",
    "why_required",
    "with_minimum",
]
