"""The smallest numbers of people, by channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from wfm import erlang
from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.errors import InvalidInput
from wfm.service.people_needed import _keeps, aht_by_concurrency, people_needed

VOLUME = np.array([0.0, 3.0, 40.0, 120.0, 0.0])
AHT = np.full(5, 240.0)


def queue(**fields: object) -> Queue:
    return Queue("q", "Q", **fields)  # type: ignore[arg-type]


def test_a_telephone_queue_with_patience_follows_erlang_a() -> None:
    need = people_needed(queue(patience_s=180.0), 1_800, VOLUME, AHT)
    expected = erlang.required_agents(VOLUME / 1_800, 240.0, ServiceTarget(), 180.0)
    np.testing.assert_array_equal(need.on_queue, expected)
    np.testing.assert_allclose(need.offered_load, VOLUME * 240 / 1_800)


def test_customers_who_never_leave_need_more_people() -> None:
    patient = people_needed(queue(), 1_800, VOLUME, AHT).on_queue
    np.testing.assert_array_equal(patient, erlang.required_agents(VOLUME / 1_800, 240.0, ServiceTarget()))
    assert (patient >= people_needed(queue(patience_s=180.0), 1_800, VOLUME, AHT).on_queue).all()


def test_an_uncertain_volume_needs_more_people_than_a_certain_one() -> None:
    certain = people_needed(queue(patience_s=180.0), 1_800, VOLUME, AHT).on_queue
    uncertain = people_needed(queue(patience_s=180.0), 1_800, VOLUME, AHT, np.full(5, 0.25)).on_queue
    assert (uncertain >= certain).all()
    assert uncertain[3] > certain[3]


@pytest.mark.parametrize(("way", "weighting"), [("call_weighted", "call"), ("mean_service", "interval")])
def test_a_service_level_over_what_may_come_is_weighed_as_the_target_says(way: str, weighting: Literal["call", "interval"]) -> None:
    target, cv = ServiceTarget(planned_by=way), np.full(5, 0.25)
    need = people_needed(queue(patience_s=180.0, target=target), 1_800, VOLUME, AHT, cv).on_queue
    expected = erlang.required_with_uncertainty(VOLUME / 1_800, cv, AHT, ServiceTarget(), 180.0, weighting=weighting)
    np.testing.assert_array_equal(need, expected)


@pytest.mark.parametrize("chance", [0.5, 0.9, 0.99])
def test_a_target_is_kept_with_the_chance_that_it_names(chance: float) -> None:
    target, cv = ServiceTarget(max_occupancy=0.9, planned_by="kept_with_chance", kept_chance=chance), np.full(5, 0.25)
    need = people_needed(queue(patience_s=180.0, target=target), 1_800, VOLUME, AHT, cv).on_queue
    plain = ServiceTarget(max_occupancy=0.9)
    np.testing.assert_array_equal(need, erlang.required_with_probability(VOLUME / 1_800, cv, AHT, plain, 180.0, probability=chance))


def test_the_ways_of_planning_differ_and_a_certain_volume_makes_them_one() -> None:
    targets = [ServiceTarget(planned_by=way) for way in ("mean_service", "call_weighted", "kept_with_chance")]

    def heads(cv: float) -> list[int]:
        one = np.array([120.0])
        return [int(people_needed(queue(target=t, patience_s=180.0), 1_800, one, AHT[:1], np.array([cv])).on_queue[0]) for t in targets]

    mean, weighted, kept = heads(0.3)
    assert mean < weighted < kept
    assert len(set(heads(0.0))) == 1


def test_chats_are_planned_in_every_way_too() -> None:
    chats = queue(channel=Channel.CHAT, concurrency=2, patience_s=180.0)

    def heads(volume: float, cv: float, **way: object) -> int:
        asked = replace(chats, target=replace(chats.target, **way))  # type: ignore[arg-type]
        return int(people_needed(asked, 1_800, np.array([volume]), AHT[:1], np.array([cv])).on_queue[0])

    assert heads(120.0, 0.3, planned_by="mean_service") < heads(120.0, 0.3)
    busy = float(erlang.rate_with_chance(120.0, 0.3, 0.9))
    assert heads(120.0, 0.3, planned_by="kept_with_chance", kept_chance=0.9) == heads(busy, 0.0)


def test_a_closed_interval_needs_nobody_and_an_open_one_the_minimum() -> None:
    need = people_needed(queue(minimum_agents=4), 1_800, VOLUME, AHT)
    assert need.on_queue[[0, 4]].tolist() == [0, 0]
    assert need.on_queue[1] == 4


def test_shrinkage_grosses_up_exactly() -> None:
    need = people_needed(queue(minimum_agents=21, shrinkage=0.3), 1_800, np.array([1.0]), np.array([60.0]))
    assert (need.on_queue.tolist(), need.scheduled.tolist()) == ([21], [30])


def test_an_unknown_handle_time_takes_the_mean_weighted_by_contacts() -> None:
    aht_s = np.array([np.nan, 100.0, 300.0, np.nan, np.nan])
    volume = np.array([0.0, 10.0, 30.0, 60.0, 0.0])
    need = people_needed(queue(), 1_800, volume, aht_s)
    assert need.offered_load[3] == pytest.approx(60 * 250 / 1_800)


def test_a_queue_without_any_handle_time_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="queue q has no handle times"):
        people_needed(queue(), 1_800, VOLUME, np.full(5, np.nan))


def test_a_second_chat_lowers_the_need_by_less_than_half() -> None:
    volume, aht_s = np.array([5.0, 20.0, 60.0, 200.0]), np.full(4, 600.0)
    one = people_needed(queue(channel=Channel.CHAT), 1_800, volume, aht_s / 1.3)
    two = people_needed(queue(channel=Channel.CHAT, concurrency=2), 1_800, volume, aht_s)
    assert (two.on_queue < one.on_queue).all()
    assert (2 * two.on_queue > one.on_queue).all()


@pytest.mark.parametrize("rate_cv", [0.0, 0.2])
@pytest.mark.parametrize("occupancy", [None, 0.8])
def test_one_chat_agent_fewer_would_break_the_promise(rate_cv: float, occupancy: float | None) -> None:
    chats = queue(channel=Channel.CHAT, concurrency=3, patience_s=300.0, target=ServiceTarget(0.8, 60.0, max_occupancy=occupancy))
    volume, aht_s, cv = np.array([2.0, 11.0, 47.0, 130.0]), np.full(4, 540.0), np.full(4, rate_cv)
    heads = people_needed(chats, 1_800, volume, aht_s, cv).on_queue
    assert _keeps(chats, volume / 1_800, aht_s, cv, heads).all()
    assert not _keeps(chats, volume / 1_800, aht_s, cv, np.maximum(heads - 1, 0))[heads > 1].any()


def test_chats_take_longer_the_more_are_held() -> None:
    times = aht_by_concurrency(np.array([540.0]), 3)[0]
    assert times[-1] == 540.0
    assert (np.diff(times) > 0).all()


def test_deferred_work_is_done_while_people_work_and_in_time() -> None:
    mail = queue(channel=Channel.EMAIL, response_s=4 * 3_600.0)
    volume, aht_s = np.full(48, 6.0), np.full(48, 300.0)
    staffed = (np.arange(48) >= 16) & (np.arange(48) < 36)
    need = people_needed(mail, 1_800, volume, aht_s, staffed=staffed)
    assert (need.on_queue[~staffed] == 0).all()
    capacity = need.on_queue.sum() * 1_800 / 300
    assert capacity >= volume[:28].sum()  # what came until four hours before people leave is due today
    assert need.backlog[15] == pytest.approx(16 * 6.0)


def test_deferred_work_without_a_response_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="needs a response time"):
        people_needed(queue(channel=Channel.EMAIL), 1_800, VOLUME, AHT)


def test_a_queue_without_contacts_needs_nobody() -> None:
    nothing = people_needed(queue(minimum_agents=2), 1_800, np.zeros(5), np.full(5, np.nan))
    assert not nothing.on_queue.any()
