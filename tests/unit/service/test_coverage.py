"""The split of people over queues, against hand-made cases and an independent checker."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wfm.domain.roster import Break, Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import Agent, Contract, FixedActivity, Licence, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.scheduler import check
from wfm.service.coverage import cover, duty_by_kind
from wfm.service.gap import cost_unserved, gap_in_words, gap_of_demand
from wfm.service.problem_document import document, packed, unpacked

GRID = TimeGrid("America/Chicago", date(2026, 6, 8), 7, 15)
CONTRACT = Contract("full", (0, 3_000), (0, 7), (ShiftShape(480),))


def problem(required: dict[str, float], *agents: Agent, over_cost: float = 2.0) -> RosterProblem:
    def of_day(heads: float) -> tuple[float, ...]:
        return tuple(heads if 32 <= t < 64 else 0.0 for t in range(GRID.count))

    needs = tuple(Requirement(queue, 60.0, of_day(heads)) for queue, heads in required.items())
    return RosterProblem("p", GRID, over_cost, needs, (CONTRACT,), agents)


def shift(agent: str, hour: float = 8.0, hours: float = 8.0, day: int = 0, *breaks: tuple[float, float]) -> Shift:
    start = GRID.begin + timedelta(days=day, hours=hour)
    spans = tuple(Break(start + timedelta(hours=a), start + timedelta(hours=b)) for a, b in breaks)
    return Shift(agent, start, start + timedelta(hours=hours), spans)


def test_nobody_on_duty_misses_everything() -> None:
    one = problem({"calls": 2.0}, Agent("a", "full", {"calls": 1.0}))
    found = cover(one, [])
    assert found.missing["calls"].sum() == 64.0
    assert found.cost == cost_unserved(one) == 60.0 * 16


def test_people_who_are_not_needed_are_spare() -> None:
    one = problem({"calls": 1.0}, Agent("a", "full", {"calls": 1.0}), Agent("b", "full", {"calls": 1.0}))
    found = cover(one, [shift("a"), shift("b", 12.0)])
    assert found.missing["calls"].sum() == 0
    assert found.spare.sum() == 32.0
    assert found.cost == pytest.approx(2.0 * 8)
    assert found.on_duty.max() == 2


def test_somebody_with_two_skills_goes_where_it_is_needed() -> None:
    both = Agent("both", "full", {"calls": 1.0, "chats": 1.0})
    found = cover(problem({"calls": 1.0, "chats": 1.0}, both, Agent("c", "full", {"calls": 1.0})), [shift("both"), shift("c")])
    assert found.cost == pytest.approx(0.0)
    assert found.served["chats"][40] == pytest.approx(1.0)


def test_a_fast_person_covers_more_than_one_head() -> None:
    found = cover(problem({"calls": 1.2}, Agent("a", "full", {"calls": 1.2})), [shift("a")])
    assert found.missing["calls"].sum() == pytest.approx(0.0)


def test_breaks_and_fixed_activities_are_off_duty() -> None:
    start = GRID.begin + timedelta(hours=8)
    meeting = FixedActivity(start + timedelta(hours=2), start + timedelta(hours=2, minutes=20), "meeting")
    agent = Agent("a", "full", {"calls": 1.0}, fixed=(meeting,))
    (rows,) = duty_by_kind(problem({"calls": 1.0}, agent), [shift("a", 8.0, 8.0, 0, (1.0, 1.25))]).values()
    assert rows[36] == 0.0  # the break
    assert rows[40:43].tolist() == [0.0, 0.0, 1.0]  # the meeting takes both intervals that it touches
    assert rows.sum() == 32 - 1 - 2


def test_what_lies_outside_the_horizon_counts_for_nothing() -> None:
    agent = Agent("a", "full", {"calls": 1.0})
    (rows,) = duty_by_kind(problem({"calls": 1.0}, agent), [shift("a", 22.0, 8.0, 6), shift("a", -4.0, 8.0)]).values()
    assert rows.sum() == 8 + 16


def test_a_part_of_the_horizon_gives_the_same_split() -> None:
    one = problem({"calls": 1.0}, Agent("a", "full", {"calls": 1.0}))
    whole, part = cover(one, [shift("a", 9.0)]), cover(one, [shift("a", 9.0)], range(30, 40))
    np.testing.assert_allclose(part.missing["calls"], whole.missing["calls"][30:40])


def test_minima_licences_and_second_choices_count_as_the_checker_counts_them() -> None:
    """A licence that ends on Tuesday, a minimum above what is required, and a queue that is only a second choice."""
    base = problem({"calls": 2.0, "chats": 1.0})
    needs = (
        replace(base.requirements[0], minimum=(3.0,) * GRID.count, minimum_cost=25.0),
        replace(base.requirements[1], licence="IL", required=(1.0,) * GRID.count, under_cost=100.0),
    )
    ann = Agent("ann", "full", {"calls": 1.0, "chats": 1.0}, licences=(Licence("IL", None, GRID.dates[1]),))
    bob = Agent("bob", "full", {"calls": 1.0, "chats": 1.0}, secondary=frozenset({"calls"}))
    one = replace(base, requirements=needs, agents=(ann, bob), secondary_cost=5.0)
    shifts = [shift(name, 8.0, 8.0, day) for name in ("ann", "bob") for day in range(4)]
    judged = check(one, Roster(one.id, tuple(shifts), 0.0, None, RosterStatus.FEASIBLE, "", 0, 0.0))
    found = cover(one, shifts)
    assert min(judged.minimum_cost, judged.secondary_cost) > 0
    assert found.cost == pytest.approx(judged.under_cost + judged.over_cost + judged.minimum_cost + judged.secondary_cost)
    assert {queue: gone.sum() / 4 for queue, gone in found.missing.items()} == pytest.approx(judged.under_hours_by_queue)
    assert found.missing["chats"][96 * 1 + 40] < found.missing["chats"][96 * 2 + 40] == 1.0


def test_a_problem_comes_back_from_its_bytes() -> None:
    one = problem({"calls": 1.5}, Agent("a", "full", {"calls": 1.1}, name="Ann", days_off=frozenset([date(2026, 6, 9)])))
    assert unpacked(packed(one)) == one
    assert packed(one) == packed(one)


@pytest.mark.parametrize("seed", range(3))
def test_cost_agrees_with_the_independent_checker(seed: int) -> None:
    checker = shared_tool("check_roster")
    rng = np.random.default_rng(seed)
    queues = ["calls", "chats", "mails"]
    agents = [
        Agent(f"a{k}", "full", {q: float(rng.choice([0.8, 1.0, 1.1])) for q in rng.choice(queues, rng.integers(1, 4), replace=False)})
        for k in range(12)
    ]
    one = problem({q: float(rng.integers(1, 5)) for q in queues}, *agents)
    shifts = [shift(agent.id, float(rng.integers(7, 12)), 8.0, int(day)) for agent in agents for day in rng.choice(7, 4, replace=False)]
    on_duty = np.zeros((len(agents), GRID.count), np.bool_)
    for s in shifts:
        on_duty[one.agents.index(one.agent_of[s.agent]), GRID.index(s.start) : GRID.index(s.end)] = True
    _, over, under = checker.coverage(document(one), on_duty, GRID.count)
    told = (60.0 * sum(under) + 2.0 * over) / 4
    assert cover(one, shifts).cost == pytest.approx(told, rel=1e-9)


def shared_tool(name: str) -> Any:
    folder = Path(os.environ.get("WFM_SHARED") or Path(__file__).resolve().parents[3].parent / "shared")
    path = folder / "tools" / f"{name}.py"
    if not path.exists():
        pytest.skip(f"the independent checker is not here ({path})")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_gap_is_told_in_words() -> None:
    one = problem({"calls": 2.0}, Agent("a", "full", {"calls": 1.0}))
    assert gap_of_demand(one, 109.6, 100.0) == pytest.approx(0.01)
    assert gap_in_words(one, 109.6, 100.0) == "within 1.00 % of the best possible"
    assert gap_in_words(one, 100.0, 100.0) == "the best possible"
    assert gap_in_words(one, 100.0, None) == "nothing is proven about the best possible"
    assert json.dumps(document(one))
