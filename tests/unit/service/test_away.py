"""People away: the planned share at all times, whoever they are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.service.away import without_those_away
from wfm.simulate import SimulatedAgent
from wfm.simulate.model import Skill

GRID = TimeGrid("UTC", date(2026, 6, 8), 1, 15)
CONTRACT = Contract("c", (0, 2_400), (0, 7), (ShiftShape(240, ()),))


def problem(**required: float) -> RosterProblem:
    needs = tuple(Requirement(name, 60.0, (heads,) * GRID.count) for name, heads in required.items())
    return RosterProblem("p", GRID, 1.0, needs, (CONTRACT,), (Agent("a0", "c", dict.fromkeys(required, 1.0)),))


def people(count: int, *queues: str) -> list[SimulatedAgent]:
    return [SimulatedAgent(f"{'-'.join(queues)}{k}", tuple(map(Skill, queues)), (True,) * GRID.count) for k in range(count)]


def here(agents: list[SimulatedAgent]) -> np.ndarray:
    return np.array([agent.on_queue for agent in agents]).sum(axis=0)


def test_the_share_is_away_at_all_times_and_changes_with_the_hour() -> None:
    found = without_those_away(problem(calls=30), people(40, "calls"), {"calls": np.full(GRID.count, 0.25)}, 1)
    assert set(here(found).tolist()) == {30}
    rows = np.array([agent.on_queue for agent in found])
    assert all((rows[:, t] == rows[:, t + 1]).all() for t in range(GRID.count - 1) if (t + 1) % 4)
    assert rows.mean(axis=1).min() > 0.5
    assert [agent.id for agent in found] == [f"calls{k}" for k in range(40)]


def test_a_small_group_loses_its_share_over_the_day() -> None:
    agents = people(20, "calls") + people(3, "nurses")
    away = {name: np.full(GRID.count, 0.2) for name in ("calls", "nurses")}
    found = np.mean([here(without_those_away(problem(calls=20, nurses=3), agents, away, seed)[20:]).mean() for seed in range(20)])
    assert found == pytest.approx(2.4, abs=0.15)


def test_who_also_works_on_a_queue_that_is_left_out_is_there_for_the_rest() -> None:
    away = {"calls": np.zeros(GRID.count), "mail": np.ones(GRID.count)}
    found = without_those_away(problem(calls=3, mail=1), people(40, "calls", "mail"), away, 1)
    assert set(here(found).tolist()) == {30}


def test_nobody_is_away_where_no_share_is() -> None:
    agents = people(3, "calls")
    assert without_those_away(problem(calls=3), agents, {"calls": np.zeros(GRID.count)}, 1) == agents
