"""A day that is followed shows where interval-by-interval figures fall short."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.timegrid import TimeGrid
from wfm.service.day_outlook import carried, follows_day
from wfm.service.staffing_view import DayCells

QUEUE = Queue("q", "Q", target=ServiceTarget(0.8, 20))
GRID = TimeGrid("UTC", date(2026, 6, 8), 1, 30)


def cells(volume: np.ndarray, on_queue: np.ndarray, aht_s: float = 300.0, **more: Any) -> DayCells:
    nothing = np.zeros(48, np.int64)
    arrays = {"volume": volume, "aht_s": np.full(48, aht_s), "on_queue": on_queue, "movable": nothing} | more
    return DayCells(GRID.first_day, GRID.local_starts, arrays)


def test_after_an_overload_the_next_half_hours_need_more_people() -> None:
    volume = np.zeros(48)
    volume[16:24] = 40.0
    volume[18] = 90.0
    heads = np.where(volume > 0, 10, 0)
    found = carried(QUEUE, 1_800, cells(volume, heads))
    assert found is not None
    (stretch,) = [one for one in found.stretches if one.begin <= "09:30" <= one.end]
    assert stretch.begin == "09:00"
    after = found.intervals[19]
    assert found.intervals[18].waiting_at_end > 5
    assert after.level_over_day < 0.6 < after.level_by_interval
    assert after.over_day > after.by_interval


def test_a_plan_with_room_to_spare_has_no_stretches() -> None:
    volume = np.zeros(48)
    volume[16:36] = 40.0
    found = carried(QUEUE, 1_800, cells(volume, np.where(volume > 0, 20, 0)))
    assert found is not None
    assert found.stretches == ()
    assert found.worst_gap < 0.01


def test_people_on_movable_work_do_not_answer() -> None:
    volume = np.where(np.arange(48) == 20, 40.0, 0.0)
    heads = np.where(volume > 0, 10, 0)
    alone = carried(QUEUE, 1_800, cells(volume, heads))
    beside = carried(QUEUE, 1_800, cells(volume, heads + 3 * (heads > 0), movable=3 * (heads > 0)))
    assert alone == beside


def test_nothing_to_follow_gives_nothing() -> None:
    assert carried(QUEUE, 1_800, cells(np.zeros(48), np.zeros(48, np.int64))) is None
    assert carried(QUEUE, 1_800, cells(np.ones(48), np.ones(48, np.int64), aht_s=np.nan)) is None


@pytest.mark.parametrize(
    ("queue", "follows"),
    [
        (QUEUE, True),
        (Queue("c", "C", Channel.CHAT), True),
        (Queue("c", "C", Channel.CHAT, concurrency=2), False),
        (Queue("e", "E", Channel.EMAIL, response_s=3600), False),
    ],
)
def test_only_waiting_lines_of_one_contact_at_a_time_are_followed(queue: Queue, follows: bool) -> None:
    assert follows_day(queue) is follows
