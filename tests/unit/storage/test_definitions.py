"""Definitions come back from JSON as they were."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.rules import rule_from
from wfm.domain.staff import Agent, BreakRule, Contract, DayOffWish, FixedActivity, Licence, ShiftShape
from wfm.storage import definitions

AT = datetime(2026, 6, 8, 14, 15, tzinfo=UTC)
FULL_QUEUE = Queue(
    "mail",
    "E-mail",
    Channel.EMAIL,
    "nurse",
    "es",
    ServiceTarget(None, 0.0, 30.0, 40.0, 0.05, 0.85, "answered"),
    response_s=14_400,
    patience_s=180.5,
    concurrency=2,
    shrinkage=0.3,
    minimum_agents=2,
    under_cost=80,
)
FULL_CONTRACT = Contract(
    "night",
    (1200, 2400),
    (3, 5),
    (ShiftShape(480, (BreakRule(15, True, 60, 120), BreakRule(30, False, 200, 300))), ShiftShape(240)),
    earliest_start_minutes=1_320,
    latest_end_minutes=1_860,
    start_step_minutes=30,
    min_rest_minutes=600,
    max_consecutive_days=4,
    min_work_stretch_minutes=45,
    cost_per_hour=21.5,
    rules=(rule_from({"kind": "nights_in_a_row", "most": 3}), rule_from({"kind": "overtime", "normal_week_minutes": 2400, "cost": 9.0})),
)
FULL_AGENT = Agent(
    "a7",
    "night",
    {"mail": 1.1, "visits": 1.0},
    480,
    1_320,
    frozenset({date(2026, 6, 9), date(2026, 6, 12)}),
    ((AT, AT.replace(hour=18)),),
    (FixedActivity(AT, AT.replace(minute=45), "coaching"),),
    (DayOffWish(date(2026, 6, 11), 40.0),),
    AT,
    3,
    "Ana",
    (rule_from({"kind": "minor", "weekdays": [0, 1, 2], "cost": 4.0}),),
    (("nights_in_a_row", 2), ("weekends", 1)),
    "West",
    frozenset({"nurse", "es"}),
    (Licence("TX", date(2026, 1, 1), None, True), Licence("PA")),
    frozenset({"mail"}),
)


def _stored(definition: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(definition, allow_nan=False))  # type: ignore[no-any-return]


@pytest.mark.parametrize("queue", [FULL_QUEUE, Queue("visits", "Visits")])
def test_a_queue_comes_back(queue: Queue) -> None:
    assert definitions.queue(queue.id, queue.name, _stored(definitions.queue_definition(queue))) == queue


@pytest.mark.parametrize("contract", [FULL_CONTRACT, Contract("part", (0, 600), (0, 3), (ShiftShape(240),))])
def test_a_contract_comes_back(contract: Contract) -> None:
    assert definitions.contract(contract.id, _stored(definitions.contract_definition(contract))) == contract


@pytest.mark.parametrize("agent", [FULL_AGENT, Agent("a1", "full", {"visits": 1.0}), Agent("a2", "full", {}, 0, 0)])
def test_an_agent_comes_back(agent: Agent) -> None:
    back = definitions.agent(agent.id, agent.name, agent.contract, _stored(definitions.agent_definition(agent)))
    assert back == agent
    assert back.name == agent.name
