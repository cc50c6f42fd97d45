"""Multi-skill people needed, found by simulation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from wfm.domain.demand import ServiceTarget
from wfm.domain.roster import Break, Requirement, RosterProblem, Shift
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.erlang import required_agents
from wfm.errors import Cancelled, InvalidInput, UnreachableTarget
from wfm.simulate import SimulatedQueue, Skill, agents_on_queue, pooled_day, pooled_requirement
from wfm.simulate.pooling import connected

QUEUES = [SimulatedQueue(name, (volume,), 300.0, 180.0) for name, volume in (("english", 40.0), ("spanish", 15.0))]
APART = {"en": [Skill("english")], "es": [Skill("spanish")]}
POOLED = {"both": [Skill("spanish"), Skill("english")]}


def test_people_who_speak_both_languages_save_heads_and_every_queue_keeps_its_target() -> None:
    apart = pooled_requirement(QUEUES, APART, {"en": 9, "es": 5}, hours=200)
    pooled = pooled_requirement(QUEUES, POOLED, {"both": 14}, hours=200)
    assert pooled.total < apart.total
    assert min(*apart.service_level.values(), *pooled.service_level.values()) >= 0.8


def test_the_answer_does_not_hang_on_a_generous_or_a_poor_start() -> None:
    totals = {pooled_requirement(QUEUES, APART, start, hours=200).total for start in ({"en": 1, "es": 0}, {"en": 30, "es": 20})}
    assert len(totals) == 1


def test_a_queue_that_nobody_can_take_is_said() -> None:
    with pytest.raises(UnreachableTarget, match="no skill group can take spanish"):
        pooled_requirement(QUEUES, {"en": [Skill("english")]}, {"en": 9})
    with pytest.raises(InvalidInput, match="start must name the skill groups"):
        pooled_requirement(QUEUES, APART, {"en": 9})


def test_a_roster_puts_people_on_queue_between_their_breaks() -> None:
    grid = TimeGrid("UTC", date(2026, 1, 5), 7, 60)
    contract = Contract("c", (0, 600), (0, 7), (ShiftShape(240),))
    problem = RosterProblem("p", grid, 1.0, (Requirement("q", 1.0, (0.0,) * grid.count),), (contract,), (Agent("a", "c", {"q": 1.1}),))
    shift = Shift("a", grid.starts[8], grid.starts[12], (Break(grid.starts[10], grid.starts[11]),))
    (agent,) = agents_on_queue(problem, [shift])
    assert [hour for hour, here in enumerate(agent.on_queue) if here] == [8, 9, 11]
    assert agent.skills == (Skill("q", 1.1),)


def test_flexible_people_are_found_although_the_start_has_none() -> None:
    groups = APART | {"both": [Skill("english"), Skill("spanish")]}
    mixed = pooled_requirement(QUEUES, groups, {"en": 9, "es": 5, "both": 0}, hours=200)
    assert mixed.total <= pooled_requirement(QUEUES, POOLED, {"both": 14}, hours=200).total


def test_no_more_of_a_group_are_asked_for_than_there_are() -> None:
    groups = APART | {"both": [Skill("english"), Skill("spanish")]}
    found = pooled_requirement(QUEUES, groups, {"en": 9, "es": 5, "both": 0}, hours=200, at_most={"en": 99, "es": 99, "both": 3})
    assert found.heads["both"] <= 3


def test_queues_that_share_nobody_are_solved_apart() -> None:
    parts = connected(QUEUES, APART | {"idle": []})
    assert [([queue.id for queue in some], names) for some, names in parts] == [(["english"], ("en",)), (["spanish"], ("es",))]
    assert len(connected(QUEUES, APART | POOLED)) == 1


@pytest.mark.parametrize(("part", "limit"), [("max_occupancy", 0.6), ("max_asa_s", 3.0), ("max_abandonment", 0.01)])
def test_every_part_of_a_target_is_kept(part: str, limit: float) -> None:
    queues = [replace(QUEUES[0], target=ServiceTarget(0.5, 60, **{part: limit}))]
    strict = pooled_requirement(queues, {"en": [Skill("english")]}, {"en": 9}, hours=200)
    lax = pooled_requirement([replace(QUEUES[0], target=ServiceTarget(0.5, 60))], {"en": [Skill("english")]}, {"en": 9}, hours=200)
    exact = required_agents(40 / 1_800, 300.0, ServiceTarget(0.5, 60, **{part: limit}), 180.0)
    assert strict.total > lax.total
    assert abs(strict.total - int(exact)) <= 1


def test_one_queue_alone_needs_what_erlang_says() -> None:
    found = pooled_requirement(QUEUES[:1], {"en": [Skill("english")]}, {"en": 9}, hours=400)
    assert abs(found.total - int(required_agents(40 / 1_800, 300.0, ServiceTarget(), 180.0))) <= 1


def test_a_day_is_answered_interval_by_interval() -> None:
    queues = [replace(queue, volume=(queue.volume[0], 0.0, 2 * queue.volume[0])) for queue in QUEUES]
    found = pooled_day(queues, POOLED, [{"both": 14}] * 3, 1_800, hours=100)
    assert found[1].total == 0
    assert found[0].total < found[2].total < 2 * found[0].total
    with pytest.raises(InvalidInput, match="volume of english must have 2 intervals, got 3"):
        pooled_day(queues, POOLED, [{"both": 14}] * 2)
    with pytest.raises(Cancelled, match="stopped after 0 of 3 intervals"):
        pooled_day(queues, POOLED, [{"both": 14}] * 3, cancelled=lambda: True)


def test_an_hour_in_which_one_queue_is_closed_asks_nobody_for_it() -> None:
    queues = [QUEUES[0], replace(QUEUES[1], volume=(0.0,))]
    (found,) = pooled_day(queues, APART | POOLED, [{"en": 9, "es": 0, "both": 0}], 1_800, hours=100)
    assert found.heads["es"] == 0
    assert list(found.service_level) == ["english"]
