"""Multi-skill people needed, found by simulation."""

from __future__ import annotations

from datetime import date

import pytest

from wfm.domain.roster import Break, Requirement, RosterProblem, Shift
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput, UnreachableTarget
from wfm.simulate import SimulatedQueue, Skill, agents_on_queue, pooled_requirement

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
