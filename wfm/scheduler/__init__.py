"""Rosters by whole tours and queue prices, with a proven bound.

Nothing heavy is imported until a function is called: `import wfm.scheduler` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wfm.scheduler.checker import Judgement, check
    from wfm.scheduler.conflicts import Conflict, explain
    from wfm.scheduler.formats import read_problem, read_roster, write_roster
    from wfm.scheduler.solver import solve

__all__ = ["Conflict", "Judgement", "check", "explain", "read_problem", "read_roster", "solve", "write_roster"]

_HOME = {
    "Conflict": "conflicts",
    "Judgement": "checker",
    "check": "checker",
    "explain": "conflicts",
    "read_problem": "formats",
    "read_roster": "formats",
    "solve": "solver",
    "write_roster": "formats",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
