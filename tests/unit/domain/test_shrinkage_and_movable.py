"""Shrinkage by activity and weekday, and work with a window."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from wfm.domain.demand import Queue
from wfm.domain.movable import MovableWork
from wfm.domain.shrinkage import ShrinkagePart, share_on
from wfm.erlang import gross_up
from wfm.errors import InvalidInput
from wfm.storage import definitions

TABLE = (
    ShrinkagePart("breaks", 0.1),
    ShrinkagePart("coaching", 0.05, weekdays=(1, 3)),
    ShrinkagePart("sickness", 0.07, planned=False),
    ShrinkagePart("late", 0.03, planned=False, weekdays=(0,)),
)


@pytest.mark.parametrize(("weekday", "exact"), [(0, "0.19"), (1, "0.2095"), (2, "0.163"), (6, "0.163")])
def test_planned_and_unplanned_shares_multiply(weekday: int, exact: str) -> None:
    assert share_on(weekday, TABLE) == float(exact)


def test_the_gross_up_of_every_table_is_exact() -> None:
    for tenths in range(1, 10):
        for hundredths in range(1, 30):
            parts = [ShrinkagePart("a", tenths / 10), ShrinkagePart("b", hundredths / 100, planned=False)]
            left = (1 - Fraction(tenths, 10)) * (1 - Fraction(hundredths, 100))
            for heads in (1, 7, 21, 63):
                assert gross_up(heads, share_on(0, parts)) == -(-heads // left)


def test_a_queue_takes_its_table_where_it_has_one() -> None:
    assert Queue("q", "Q", shrinkage=0.3).shrinkage_on(1) == 0.3
    assert Queue("q", "Q", shrinkage=0.3, shrinkage_parts=TABLE).shrinkage_on(1) == 0.2095


@pytest.mark.parametrize(
    "parts",
    [
        [{"activity": " ", "share": 0.1}],
        [{"activity": "a", "share": 1.0}],
        [{"activity": "a", "share": 30}],
        [{"activity": "a", "share": 0.1, "weekdays": ()}],
        [{"activity": "a", "share": 0.1, "weekdays": (7,)}],
        [{"activity": "a", "share": 0.1, "planned": 1}],
        [{"activity": "a", "share": 0.6}, {"activity": "b", "share": 0.4}],
    ],
)
def test_a_table_that_leaves_nobody_or_means_nothing_is_refused(parts: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidInput):
        Queue("q", "Q", shrinkage_parts=tuple(ShrinkagePart(**part) for part in parts))  # type: ignore[arg-type]


def test_work_counts_attempts_that_reach_nobody() -> None:
    work = MovableWork("reminders", 400, 240, 540, 1_020, reached_share=0.5, attempt_s=60)
    assert work.work_s == 400 * (0.5 * 240 + 0.5 * 60)


def test_a_window_follows_the_wall_clock_through_a_change_of_the_clock() -> None:
    work = MovableWork("reminders", 30, 240, 60, 17 * 60)
    day = work.windows("q", "America/Chicago", date(2026, 11, 1), 1)[0]
    instants = (day.start.astimezone(UTC), day.due.astimezone(UTC))
    assert instants == (datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 11, 1, 23, tzinfo=UTC))
    assert day.hours == 2.0


def test_a_window_may_end_on_the_next_day() -> None:
    work = MovableWork("follow-up", 30, 240, 20 * 60, 34 * 60, weekdays=(4,))
    window = work.windows("q", "UTC", date(2026, 6, 1), 7)[0]
    assert (window.start, window.due) == (datetime(2026, 6, 5, 20, tzinfo=UTC), datetime(2026, 6, 6, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""}, {"contacts": -1}, {"contacts": True}, {"aht_s": 0}, {"from_minutes": 1_020}, {"due_minutes": 3_000},
        {"from_minutes": 1_440, "due_minutes": 1_500}, {"reached_share": 0}, {"reached_share": 60}, {"weekdays": (1, 1)}, {"attempt_s": -1},
    ],
)  # fmt: skip
def test_work_that_means_nothing_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        MovableWork(**{"name": "r", "contacts": 1, "aht_s": 60, "from_minutes": 540, "due_minutes": 1_020} | change)  # type: ignore[arg-type]


def test_tables_and_movable_work_come_back_from_storage() -> None:
    queue = Queue("q", "Q", shrinkage_parts=TABLE, movable=(MovableWork("r", 400, 240, 540, 1_020, (0, 4)),), priority=2)
    assert definitions.queue("q", "Q", definitions.queue_definition(queue)) == queue
