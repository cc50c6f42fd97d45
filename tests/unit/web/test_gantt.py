"""Shifts and coverage on one time axis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from web.planner import gantt
from wfm.domain.roster import Break, Shift

CHICAGO = "America/Chicago"
DAY = date(2026, 6, 9)


def at(hour: int, minute: int = 0, day: int = 9) -> datetime:
    """Chicago's summer clock as an instant."""
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


SHIFT = Shift("a", at(8, 30), at(17), (Break(at(10), at(10, 15)), Break(at(12), at(12, 30), paid=False)))


def test_the_axis_runs_from_full_hour_to_full_hour() -> None:
    axis = gantt.axis_of(DAY, CHICAGO, [SHIFT])
    assert (axis.begin, axis.columns) == (at(8), 36)
    assert [tick.label for tick in axis.ticks] == ["08", "09", "10", "11", "12", "13", "14", "15", "16"]
    assert {tick.span for tick in axis.ticks} == {4}


def test_the_axis_reaches_over_needs_and_past_midnight() -> None:
    night = Shift("b", at(22), at(6, day=10))
    axis = gantt.axis_of(DAY, CHICAGO, [night], [at(6, 30)])
    assert axis.begin == at(6)
    assert axis.columns == 4 * 24
    assert axis.ticks[-1].label == "05"


def test_a_day_without_anything_still_has_an_axis() -> None:
    assert gantt.axis_of(DAY, CHICAGO, []).columns == 40


def test_a_shift_is_cut_at_its_breaks() -> None:
    axis = gantt.axis_of(DAY, CHICAGO, [SHIFT])
    bits = gantt.bits_of(SHIFT, axis, gantt.Letters("B", "L", {}))
    assert [(bit.kind, bit.column, bit.span, bit.label) for bit in bits] == [
        ("on", 3, 6, "08:30"),
        ("break", 9, 1, "B"),
        ("on", 10, 7, ""),
        ("lunch", 17, 2, "L"),
        ("on", 19, 18, "17:00"),
    ]


def test_the_bits_of_a_shift_touch_and_never_overlap() -> None:
    axis = gantt.axis_of(DAY, CHICAGO, [SHIFT])
    bits = gantt.bits_of(SHIFT, axis, gantt.Letters("B", "L", {}))
    assert all(one.column + one.span == after.column for one, after in pairwise(bits))


def test_what_lies_outside_the_axis_is_kept_inside_it() -> None:
    axis = gantt.Axis(at(9), 8, CHICAGO)
    assert axis.column(at(7)) == 1
    assert axis.column(at(20)) == 9
    assert axis.span(at(8), at(8, 5)) == 1


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_a_day_of_a_clock_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    begin = gantt.local_midnight(day, CHICAGO)
    shift = Shift("a", begin, gantt.local_midnight(day + timedelta(1), CHICAGO))
    axis = gantt.axis_of(day, CHICAGO, [shift])
    assert axis.columns == 4 * hours
    assert len(axis.ticks) == hours
