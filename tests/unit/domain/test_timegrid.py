"""The grid counts elapsed time; people read the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.domain.timegrid import TimeGrid, is_missing, is_repeated, local_midnight, zone
from wfm.errors import InvalidInput

ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC"]


@pytest.mark.parametrize(("day", "quarters"), [(date(2026, 3, 7), 96), (date(2026, 3, 8), 92), (date(2026, 11, 1), 100)])
def test_a_day_has_92_96_or_100_quarter_hours(day: date, quarters: int) -> None:
    assert TimeGrid("America/Chicago", day, 1, 15).count == quarters


def test_lord_howe_moves_its_clock_by_half_an_hour() -> None:
    assert TimeGrid("Australia/Lord_Howe", date(2026, 10, 4), 1, 15).count == 94
    assert TimeGrid("Australia/Lord_Howe", date(2026, 4, 5), 1, 15).count == 98


def test_the_weeks_of_the_clock_changes_have_668_and_676_quarter_hours() -> None:
    assert TimeGrid("America/Chicago", date(2026, 3, 2), 7, 15).count == 668
    assert TimeGrid("America/Chicago", date(2026, 10, 26), 7, 15).count == 676


@given(st.sampled_from(ZONES), st.dates(date(2020, 1, 1), date(2030, 12, 1)), st.integers(1, 15), st.sampled_from([15, 30]))
def test_days_tile_the_grid_and_starts_are_equally_apart(zone_name: str, first_day: date, days: int, minutes: int) -> None:
    grid = TimeGrid(zone_name, first_day, days, minutes)
    assert grid.day_bounds[0][0] == 0
    assert grid.day_bounds[-1][1] == grid.count
    assert all(a[1] == b[0] for a, b in zip(grid.day_bounds, grid.day_bounds[1:], strict=False))
    assert len(grid.starts) == grid.count
    assert {b - a for a, b in zip(grid.starts, grid.starts[1:], strict=False)} == {timedelta(minutes=minutes)}
    assert [start.astimezone(zone(zone_name)).date() for start in (grid.starts[0], grid.starts[-1])] == [grid.dates[0], grid.dates[-1]]


@given(st.sampled_from(ZONES), st.dates(date(2020, 1, 1), date(2030, 12, 1)), st.integers(0, 1439))
def test_index_undoes_instant(zone_name: str, day: date, minutes: int) -> None:
    grid = TimeGrid(zone_name, day, 1, 15)
    instant = grid.instant(day, minutes)
    assert grid.starts[grid.index(instant)] <= instant < grid.starts[grid.index(instant)] + timedelta(minutes=15)


def test_clock_times_past_midnight_count_on() -> None:
    grid = TimeGrid("America/Chicago", date(2026, 3, 7), 2, 15)
    assert grid.instant(date(2026, 3, 7), 30 * 60) == datetime(2026, 3, 8, 11, tzinfo=UTC)  # 06:00 local, after the change


def test_the_missing_and_the_repeated_hour_are_known() -> None:
    assert is_missing(datetime(2026, 3, 8, 2), "America/Chicago")
    assert not is_missing(datetime(2026, 3, 8, 3), "America/Chicago")
    assert is_repeated(datetime(2026, 11, 1, 1, 59), "America/Chicago")
    assert not is_repeated(datetime(2026, 11, 1, 2), "America/Chicago")


@pytest.mark.parametrize(
    "arguments",
    [
        ("Mars/Base", date(2026, 1, 5), 7, 15),
        ("UTC", date(2026, 1, 5), 0, 15),
        ("UTC", date(2026, 1, 5), 7, 7),
        ("UTC", date(2026, 1, 5), True, 15),
    ],
)
def test_a_grid_outside_its_bounds_is_refused(arguments: tuple[str, date, int, int]) -> None:
    with pytest.raises(InvalidInput):
        TimeGrid(*arguments)


def test_a_time_without_its_offset_is_refused() -> None:
    with pytest.raises(InvalidInput, match="UTC offset"):
        TimeGrid("UTC", date(2026, 1, 5), 7).position(datetime(2026, 1, 5))


def test_an_instant_before_the_grid_has_a_negative_index() -> None:
    grid = TimeGrid("UTC", date(2026, 1, 5), 1)
    assert grid.index(grid.begin - timedelta(minutes=1)) == -1
    assert local_midnight(date(2026, 1, 6), "UTC") == grid.end
