"""Rosters by whole tours and queue prices, with a proven bound.

Nothing heavy is imported until a function is called: `import wfm.scheduler` costs next to nothing. No module may be named like a public
function: once imported, it would stand in its place.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wfm.scheduler.attendance import cheapest_people, cheapest_times
    from wfm.scheduler.blocks import Block, ChannelPlan, channel_blocks
    from wfm.scheduler.change_formats import Order, parse_changes
    from wfm.scheduler.changes import (
        Absence,
        Availability,
        ChangeKind,
        Changes,
        Keep,
        NewRequirement,
        ShiftChange,
        Swap,
        apply_changes,
    )
    from wfm.scheduler.checker import Judgement, check
    from wfm.scheduler.conflicts import Conflict, Relaxation, explain
    from wfm.scheduler.formats import read_problem, read_roster, write_roster
    from wfm.scheduler.gap import Candidate, CannotFill, Filling, FillKind, Gap, who_can_fill
    from wfm.scheduler.movable import MovableLeft, MovablePlaced, place_movable
    from wfm.scheduler.parts import solve_in_parts
    from wfm.scheduler.placing import place_activities
    from wfm.scheduler.repairing import Repair, RepairOption, repair
    from wfm.scheduler.solver import solve
    from wfm.scheduler.swapping import SwapCheck, check_swap
    from wfm.scheduler.unserved import Shortfall, WayToFill, Whereabouts, shortfalls, unmeetable
    from wfm.scheduler.why import Alternative, Covered, OtherPlace, ShiftReasons, why_this_shift

__all__ = [
    "Absence",
    "Alternative",
    "Availability",
    "Block",
    "Candidate",
    "CannotFill",
    "ChangeKind",
    "Changes",
    "ChannelPlan",
    "Conflict",
    "Covered",
    "FillKind",
    "Filling",
    "Gap",
    "Judgement",
    "Keep",
    "MovableLeft",
    "MovablePlaced",
    "NewRequirement",
    "Order",
    "OtherPlace",
    "Relaxation",
    "Repair",
    "RepairOption",
    "ShiftChange",
    "ShiftReasons",
    "Shortfall",
    "Swap",
    "SwapCheck",
    "WayToFill",
    "Whereabouts",
    "apply_changes",
    "channel_blocks",
    "cheapest_people",
    "cheapest_times",
    "check",
    "check_swap",
    "explain",
    "parse_changes",
    "place_activities",
    "place_movable",
    "read_problem",
    "read_roster",
    "repair",
    "shortfalls",
    "solve",
    "solve_in_parts",
    "unmeetable",
    "who_can_fill",
    "why_this_shift",
    "write_roster",
]

_ROOMS = {
    "attendance": ("cheapest_people", "cheapest_times"),
    "blocks": ("Block", "ChannelPlan", "channel_blocks"),
    "change_formats": ("Order", "parse_changes"),
    "changes": ("Absence", "Availability", "ChangeKind", "Changes", "Keep", "NewRequirement", "ShiftChange", "Swap", "apply_changes"),
    "checker": ("Judgement", "check"),
    "conflicts": ("Conflict", "Relaxation", "explain"),
    "formats": ("read_problem", "read_roster", "write_roster"),
    "gap": ("Candidate", "CannotFill", "FillKind", "Filling", "Gap", "who_can_fill"),
    "movable": ("MovableLeft", "MovablePlaced", "place_movable"),
    "parts": ("solve_in_parts",),
    "placing": ("place_activities",),
    "repairing": ("Repair", "RepairOption", "repair"),
    "unserved": ("Shortfall", "WayToFill", "Whereabouts", "shortfalls", "unmeetable"),
    "solver": ("solve",),
    "swapping": ("SwapCheck", "check_swap"),
    "why": ("Alternative", "Covered", "OtherPlace", "ShiftReasons", "why_this_shift"),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
