"""Queues, targets, contracts, agents: every bound has a row that breaks it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.roster import Requirement, Shift
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.errors import InvalidInput

TARGET, QUEUE = ServiceTarget(), Queue("appointments_en", "Appointments")
CONTRACT = Contract("full", (2400, 2400), (5, 5), (ShiftShape(480, (BreakRule(15, True, 90, 150), BreakRule(30, False, 210, 300))),))


@pytest.mark.parametrize(
    ("thing", "change"),
    [
        (TARGET, {"level": 80}),
        (TARGET, {"level": 1.0}),
        (TARGET, {"level": 0.0}),
        (TARGET, {"level": "0.8"}),
        (TARGET, {"level": None}),
        (TARGET, {"awt_s": -1}),
        (TARGET, {"max_asa_s": -1}),
        (TARGET, {"max_abandonment": 0}),
        (TARGET, {"max_occupancy": 1.2}),
        (TARGET, {"definition": "handled"}),
        (TARGET, {"planned_by": "guess"}),
        (TARGET, {"kept_chance": 0.49}),
        (TARGET, {"kept_chance": 0.991}),
        (TARGET, {"kept_chance": 90}),
        (QUEUE, {"id": " "}),
        (QUEUE, {"response_s": 0}),
        (QUEUE, {"patience_s": 0}),
        (QUEUE, {"concurrency": 0}),
        (QUEUE, {"shrinkage": 1}),
        (QUEUE, {"minimum_agents": -1}),
        (QUEUE, {"under_cost": 0}),
        (CONTRACT, {"week_minutes": (2400, 1200)}),
        (CONTRACT, {"week_days": (-1, 5)}),
        (CONTRACT, {"shifts": ()}),
        (CONTRACT, {"start_step_minutes": 0}),
        (CONTRACT, {"max_consecutive_days": 0}),
        (CONTRACT, {"cost_per_hour": -1}),
    ],
    ids=str,
)
def test_a_value_outside_its_bounds_is_refused(thing: Any, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(thing, **change)


def test_types_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        QUEUE.name = "x"  # type: ignore[misc]


def test_a_shift_lasts_its_paid_minutes_and_its_unpaid_breaks() -> None:
    assert CONTRACT.shifts[0].minutes == 510


def test_mail_may_wait_and_voice_may_not() -> None:
    assert [channel for channel in Channel if not channel.deferred] == [Channel.VOICE, Channel.CHAT]


def test_a_break_window_must_not_end_before_it_begins() -> None:
    with pytest.raises(InvalidInput):
        BreakRule(15, True, 90, 60)


def test_an_agent_needs_a_speed_above_zero() -> None:
    with pytest.raises(InvalidInput, match="speed of agent a1 on q"):
        Agent("a1", "full", {"q": 0})


def test_a_shift_ends_after_it_starts_and_a_requirement_has_a_price() -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="end after it starts"):
        Shift("a1", noon, noon)
    with pytest.raises(InvalidInput, match="under_cost of q"):
        Requirement("q", -1, (1.0,))
