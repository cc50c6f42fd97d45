"""One figure opened: every step of the way from contacts to heads."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wfm.erlang import ServiceTarget, gross_up, required_agents, why_required
from wfm.errors import InvalidInput


def test_every_part_is_shown_with_its_own_need_and_the_largest_binds() -> None:
    target = ServiceTarget(level=0.8, max_asa_s=5.0, max_abandonment=0.05, max_occupancy=0.8)
    reason = why_required(400, 300, 1800, target, patience_s=240, minimum_agents=2, shrinkage=0.3)
    needs = {need.part: need.agents for need in reason.needs}
    assert set(needs) == {"level", "max_asa_s", "max_abandonment", "max_occupancy"}
    assert reason.agents_for_target == max(needs.values()) == int(required_agents(400 / 1800, 300, target, 240))
    assert needs[reason.binding] == reason.agents_for_target
    assert reason.offered_load == pytest.approx(400 * 300 / 1800)
    assert reason.agents_scheduled == gross_up(reason.agents_on_queue, 0.3)


def test_what_is_achieved_meets_the_target_and_one_fewer_does_not() -> None:
    reason = why_required(100, 180, 900, ServiceTarget(), patience_s=90)
    assert reason.one_fewer is not None
    assert reason.measures.service_level >= 0.8 > reason.one_fewer.service_level
    assert reason.binding == "level"


def test_the_minimum_binds_in_a_quiet_interval() -> None:
    reason = why_required(1, 180, 900, ServiceTarget(), minimum_agents=3)
    assert (reason.binding, reason.agents_on_queue) == ("minimum_agents", 3)
    assert reason.agents_for_target < 3


def test_no_volume_binds_nothing() -> None:
    reason = why_required(0, 180, 900, ServiceTarget(), shrinkage=0.3)
    assert (reason.binding, reason.agents_on_queue, reason.agents_scheduled, reason.one_fewer) == ("no_volume", 0, 0, None)
    assert why_required(0, 180, 900, ServiceTarget(), minimum_agents=2).binding == "minimum_agents"


def test_the_definition_of_the_service_level_is_kept() -> None:
    offered = why_required(300, 300, 900, ServiceTarget(level=0.9), patience_s=60)
    counting = why_required(300, 300, 900, ServiceTarget(level=0.9, definition="counting_short_abandons"), patience_s=60)
    assert counting.agents_on_queue < offered.agents_on_queue


def test_a_reason_cannot_be_changed() -> None:
    reason = why_required(100, 180, 900, ServiceTarget())
    with pytest.raises(dataclasses.FrozenInstanceError):
        reason.volume = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("volume", -1),
        ("interval_s", 0),
        ("shrinkage", 1),
        ("minimum_agents", 1.5),
        ("aht_s", 0),
        ("patience_s", np.nan),
        ("target", "80/20"),
    ],
)
def test_bad_input_is_refused_by_name(name: str, value: object) -> None:
    given = {"volume": 100, "aht_s": 180, "interval_s": 900, "target": ServiceTarget(), name: value}
    with pytest.raises(InvalidInput, match=name):
        why_required(**given)  # type: ignore[arg-type]
