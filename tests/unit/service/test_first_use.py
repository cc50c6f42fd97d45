"""After `warm_room` nothing is left to compile for ordinary work."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from tests.unit.scheduler.test_gains import uneven
from tests.unit.scheduler.test_search_and_bound import small
from wfm import scheduler
from wfm.domain.demand import ServiceTarget
from wfm.domain.roster import RosterProblem
from wfm.erlang import chat, required_agents, required_over_day
from wfm.scheduler import check, solve
from wfm.service import first_use
from wfm.simulate import SimulatedQueue, Simulation, simulate, staff

SELDOM = {"wfm.scheduler.trial.walk", "wfm.scheduler.names.own_option"}  # the first inside others, the second for contracts alike


SCHEDULER = tuple(part.name for part in pkgutil.iter_modules(scheduler.__path__, "wfm.scheduler."))


def kernels(modules: Iterable[str]) -> dict[str, Any]:
    """Every kernel of these modules that Python calls, by its name."""
    found = {}
    for module in map(import_module, modules):
        for name, one in vars(module).items():
            if isinstance(one, Dispatcher) and one.__module__ == module.__name__ and not one.targetoptions.get("no_cpython_wrapper"):
                found[f"{module.__name__}.{name}"] = one
    return found


def versions(modules: Iterable[str] = SCHEDULER) -> dict[str, int]:
    return {name: len(kernel.signatures) for name, kernel in kernels(modules).items()}


@pytest.mark.parametrize("room", ["scheduler", "uneven speeds"])
def test_a_schedule_compiles_nothing_that_is_not_compiled_before(room: str) -> None:
    first_use.warm_room(room)
    before = versions()
    assert len(before) > 10
    assert {name for name, count in before.items() if not count} <= SELDOM
    solve(small(2, agents=5) if room == "scheduler" else uneven(2, agents=5), 1.0)
    assert versions() == before


def plan_a_day() -> None:
    required_agents(np.array([0.05, 0.2]), np.array([200.0, 300.0]), ServiceTarget(0.9, 30.0), 90.0)
    required_over_day((0.05, 0.2, 0.1), 200.0, ServiceTarget(0.9, 30.0), 90.0)
    chat(0.05, (150.0, 170.0, 200.0), 9, 90.0)


def simulate_a_day() -> None:
    simulate(Simulation(1_800, (SimulatedQueue("queue", (30.0, 40.0), 240.0, 90.0),), staff(9, 2)), 3, 1)


@pytest.mark.parametrize(
    ("room", "entries", "work"),
    [
        ("erlang", ("erlang._kernels.fill_required", "erlang._chain_kernels.fill_day", "erlang._chain_kernels.fill_chat"), plan_a_day),
        ("simulate", ("simulate.kernels.one_queue", "simulate.skills.several_queues"), simulate_a_day),
    ],
)
def test_ordinary_work_compiles_nothing_in_a_room_that_was_warmed(room: str, entries: Sequence[str], work: Callable[[], None]) -> None:
    modules = {f"wfm.{entry}".rpartition(".")[0] for entry in entries}
    first_use.warm_room(room)
    before = versions(modules)
    assert all(before[f"wfm.{entry}"] for entry in entries)
    work()
    assert versions(modules) == before


@pytest.mark.parametrize("problem", [first_use.tiny_problem(), first_use.uneven_problem()], ids=["even", "uneven"])
def test_the_tiny_problem_has_a_legal_roster(problem: RosterProblem) -> None:
    assert check(problem, solve(problem, 0.5)).violations == ()


def test_progress_reaches_the_last_room(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(first_use, "warm_room", lambda name: None)
    first_use.warm(1, seen.append)
    assert seen == [0, 1, 2, 3]
