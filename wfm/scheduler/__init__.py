"""Rosters by whole tours and queue prices, with a proven bound.

Nothing heavy is imported until a function is called: `import wfm.scheduler` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from wfm.scheduler.conflicts import Conflict, explain
    from wfm.scheduler.formats import read_problem, read_roster, write_roster
    from wfm.scheduler.repairing import Repair, RepairOption, repair
    from wfm.scheduler.solver import solve

__all__ = [
    "Absence",
    "Availability",
    "ChangeKind",
    "Changes",
    "Conflict",
    "Judgement",
    "Keep",
    "NewRequirement",
    "Repair",
    "RepairOption",
    "ShiftChange",
    "Swap",
    "apply_changes",
    "check",
    "explain",
    "read_problem",
    "read_roster",
    "repair",
    "solve",
    "write_roster",
]

_ROOMS = {
    "changes": ("Absence", "Availability", "ChangeKind", "Changes", "Keep", "NewRequirement", "ShiftChange", "Swap", "apply_changes"),
    "checker": ("Judgement", "check"),
    "conflicts": ("Conflict", "explain"),
    "formats": ("read_problem", "read_roster", "write_roster"),
    "repairing": ("Repair", "RepairOption", "repair"),
    "solver": ("solve",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
