"""After `warm_room` nothing is left to compile for ordinary work."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

import pytest
from numba.core.dispatcher import Dispatcher

from tests.unit.scheduler.test_gains import uneven
from tests.unit.scheduler.test_search_and_bound import small
from wfm import scheduler
from wfm.domain.roster import RosterProblem
from wfm.scheduler import check, solve
from wfm.service import first_use

SELDOM = {"wfm.scheduler.trial.walk", "wfm.scheduler.names.own_option"}  # the first inside others, the second for contracts alike


def kernels() -> dict[str, Any]:
    """Every kernel of the scheduler that Python calls, by its name."""
    found = {}
    for part in pkgutil.iter_modules(scheduler.__path__, "wfm.scheduler."):
        module = import_module(part.name)
        for name, one in vars(module).items():
            if isinstance(one, Dispatcher) and one.__module__ == module.__name__ and not one.targetoptions.get("no_cpython_wrapper"):
                found[f"{part.name}.{name}"] = one
    return found


def versions() -> dict[str, int]:
    return {name: len(kernel.signatures) for name, kernel in kernels().items()}


@pytest.mark.parametrize("room", ["scheduler", "uneven speeds"])
def test_a_schedule_compiles_nothing_that_is_not_compiled_before(room: str) -> None:
    first_use.warm_room(room)
    before = versions()
    assert len(before) > 10
    assert {name for name, count in before.items() if not count} <= SELDOM
    solve(small(2, agents=5) if room == "scheduler" else uneven(2, agents=5), 1.0)
    assert versions() == before


@pytest.mark.parametrize("room", ["erlang", "simulate"])
def test_every_room_can_be_warmed(room: str) -> None:
    first_use.warm_room(room)


@pytest.mark.parametrize("problem", [first_use.tiny_problem(), first_use.uneven_problem()], ids=["even", "uneven"])
def test_the_tiny_problem_has_a_legal_roster(problem: RosterProblem) -> None:
    assert check(problem, solve(problem, 0.5)).violations == ()


def test_progress_reaches_the_last_room(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(first_use, "warm_room", lambda name: None)
    first_use.warm(1, seen.append)
    assert seen == [0, 1, 2, 3]
