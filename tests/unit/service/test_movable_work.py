"""Movable work on a queue's own clock."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from wfm.domain.demand import Channel, Queue
from wfm.domain.movable import MovableWork
from wfm.domain.shrinkage import ShrinkagePart
from wfm.domain.timegrid import TimeGrid
from wfm.erlang import gross_up
from wfm.service.movable_work import LocalClock, laid, shrinkage_by_day, windows
from wfm.service.people_needed import people_needed

ZONE = "America/Chicago"
CALLS = MovableWork("reminders", 400, 240, 9 * 60, 17 * 60, (0, 1, 2, 3, 4))


def clock(first_day: date, days: int, minutes: int = 30) -> LocalClock:
    grid = TimeGrid(ZONE, first_day, days, minutes)
    return LocalClock(np.array([int(start.timestamp()) for start in grid.starts]), ZONE)


def volume(here: LocalClock, opened: tuple[int, int] = (8, 18)) -> np.ndarray:
    hour = (here.start_s - here.start_s[0]) / 3600 % 24
    return np.where((hour >= opened[0]) & (hour < opened[1]), 30 + 20 * np.sin(hour), 0.0)


def test_the_weekday_follows_the_wall_clock_over_a_change_of_the_clock() -> None:
    here = clock(date(2026, 3, 7), 3)
    assert here.weekday.tolist() == [5] * 48 + [6] * 46 + [0] * 48


def test_reminder_calls_by_five_are_laid_between_nine_and_five_on_weekdays() -> None:
    here = clock(date(2026, 6, 5), 4)
    queue = Queue("q", "Q", movable=(CALLS,), patience_s=180)
    calls = volume(here)
    plain = people_needed(Queue("q", "Q", patience_s=180), 1_800, calls, np.full(len(calls), 240.0), clock=here)
    need = people_needed(queue, 1_800, calls, np.full(len(calls), 240.0), clock=here)
    np.testing.assert_array_equal(need.on_queue - need.movable, plain.on_queue)
    by_day = need.movable.reshape(4, 48)
    assert by_day.sum(axis=1).tolist() == [54, 0, 0, 54]  # 26.7 h in half hours
    assert by_day[:, :18].sum() == by_day[:, 34:].sum() == 0
    assert need.on_queue.max() < plain.on_queue.max() + 4


def test_work_is_done_while_the_queue_is_open_unless_its_window_never_is() -> None:
    here = clock(date(2026, 6, 8), 1)
    live = people_needed(Queue("q", "Q"), 1_800, volume(here, (12, 18)), np.full(48, 240.0), clock=here).on_queue
    assert laid(Queue("q", "Q", movable=(CALLS,)), here, 1_800, live).added[:24].sum() == 0
    closed = np.zeros(48, np.int64)
    assert laid(Queue("q", "Q", movable=(CALLS,)), here, 1_800, closed).added[18:34].sum() == 54


def test_a_window_that_the_days_do_not_hold_whole_is_left_out() -> None:
    overnight = MovableWork("overnight", 30, 240, 20 * 60, 32 * 60)
    here = clock(date(2026, 6, 8), 1)
    assert laid(Queue("q", "Q", movable=(overnight,)), here, 1_800, np.ones(48, np.int64)).added.sum() == 0
    assert laid(Queue("q", "Q", movable=(overnight,)), clock(date(2026, 6, 8), 2), 1_800, np.ones(96, np.int64)).added.sum() == 4


def test_windows_of_a_queue_come_in_order() -> None:
    early = MovableWork("early", 10, 60, 8 * 60, 10 * 60, (0,))
    found = windows(Queue("q", "Q", movable=(CALLS, early)), ZONE, date(2026, 6, 8), 2)
    assert [window.name for window in found] == ["early", "reminders", "reminders"]


def test_the_shrinkage_of_each_weekday_grosses_up_its_own_heads() -> None:
    queue = Queue("q", "Q", shrinkage_parts=(ShrinkagePart("coaching", 0.2, weekdays=(1,)), ShrinkagePart("sickness", 0.1, planned=False)))
    here = clock(date(2026, 6, 8), 2)
    assert set(shrinkage_by_day(queue, here)[:48]) == {0.1}
    assert set(shrinkage_by_day(queue, here)[48:]) == {0.28}
    need = people_needed(queue, 1_800, volume(here), np.full(96, 240.0), clock=here)
    np.testing.assert_array_equal(need.scheduled, gross_up(need.on_queue, np.repeat([0.1, 0.28], 48)))


def test_deferred_work_tells_the_age_of_its_oldest_contact() -> None:
    queue = Queue("q", "Q", Channel.EMAIL, response_s=4 * 3600.0)
    arrivals = np.zeros(16)
    arrivals[0] = 40.0
    need = people_needed(queue, 1_800, arrivals, np.full(16, 300.0), staffed=np.ones(16, np.bool_))
    assert need.backlog[:7].min() > 0
    assert need.oldest_age_s[need.backlog < 1e-6].max() == 0
    assert need.oldest_age_s[0] == pytest.approx(1_800, abs=1_800)
    assert need.oldest_age_s.max() <= 4 * 3600
