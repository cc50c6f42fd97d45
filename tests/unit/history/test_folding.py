from __future__ import annotations

import numpy as np
import pytest

from tests.unit.history.files import day_lines, many_days, read, refused

AUTUMN_WEEK = many_days("2026-10-19", 13, (0, 24))
BOTH_HOURS = [*day_lines("2026-11-01", (0, 2)), *day_lines("2026-11-01", (1, 24), volume=7)]
ONE_HOUR = day_lines("2026-11-01", (0, 24))


def test_two_sets_of_the_repeated_hour_are_told_apart_by_their_order() -> None:
    file = read(AUTUMN_WEEK + BOTH_HOURS)
    assert set(np.diff(file.start_utc).tolist()) == {1800}
    assert len(file) == 13 * 48 + 50
    last_day = file.volume[-50:].tolist()
    assert last_day[2:6] == [5.0, 5.0, 7.0, 7.0]


def test_sets_that_alternate_by_time_are_told_apart_too() -> None:
    lines = sorted(BOTH_HOURS, key=lambda line: line[:16])
    assert read(AUTUMN_WEEK + lines).volume[-50:].tolist() == read(AUTUMN_WEEK + BOTH_HOURS).volume[-50:].tolist()


def test_a_file_with_its_newest_rows_first_gives_the_same_rows() -> None:
    forwards, backwards = read(AUTUMN_WEEK + BOTH_HOURS), read((AUTUMN_WEEK + BOTH_HOURS)[::-1])
    assert forwards.start_utc.tolist() == backwards.start_utc.tolist()
    assert forwards.volume.tolist() == backwards.volume.tolist()


def test_a_third_row_of_the_repeated_hour_is_a_duplicate() -> None:
    problems = refused([*AUTUMN_WEEK, *BOTH_HOURS, "2026-11-01 01:00,billing,5,200"])
    assert len(problems) == 1
    assert "a queue's interval must stand once" in problems[0]


def test_one_set_of_the_repeated_hour_is_refused_with_its_level() -> None:
    single, doubled = refused(AUTUMN_WEEK + ONE_HOUR), refused(AUTUMN_WEEK + day_lines("2026-11-01", (0, 24), volume=10))
    assert len(single) == len(doubled) == 2
    assert "2026-11-01 01:00 comes twice in America/Chicago" in single[0]
    assert "1.0 times its usual volume (one left out, it seems)" in single[0]
    assert "2.0 times its usual volume (both added up, it seems)" in doubled[0]


def test_one_set_can_be_taken_for_the_first_hour() -> None:
    file = read(AUTUMN_WEEK + ONE_HOUR, repeated_hour="first")
    assert len(file) == 14 * 48
    assert np.diff(file.start_utc).max() == 5400
    assert "intervals of the repeated autumn hour that stand once, counted for the first hour, the second unknown: 2" in file.warnings


def test_one_set_can_be_split_and_totals_stay() -> None:
    file = read(AUTUMN_WEEK + ONE_HOUR, repeated_hour="split")
    assert len(file) == 14 * 48 + 2
    assert file.totals["billing"] == 14 * 48 * 5
    assert file.handle_s is not None
    assert file.handle_s.sum() == 14 * 48 * 5 * 200
    assert set(np.diff(file.start_utc).tolist()) == {1800}


def test_an_empty_repeated_hour_is_no_question() -> None:
    quiet = [line.replace(",5,", ",0,") if " 01:" in line else line for line in ONE_HOUR]
    assert len(read(AUTUMN_WEEK + quiet)) == 14 * 48


def test_the_missing_hour_is_refused_where_it_has_contacts() -> None:
    problems = refused(many_days("2026-03-02", 7, (0, 24)))
    assert [problem.split(",")[0] for problem in problems] == ["line 294", "line 295"]
    assert "2026-03-08 02:00 does not exist in America/Chicago" in problems[0]


def test_zeros_in_the_missing_hour_are_left_out_with_a_warning() -> None:
    lines = [line.replace(",5,", ",0,") if line.startswith("2026-03-08 02") else line for line in many_days("2026-03-02", 7, (0, 24))]
    file = read(lines)
    assert len(file) == 7 * 48 - 2
    assert set(np.diff(file.start_utc).tolist()) == {1800}
    assert "rows without contacts in the missing spring hour, left out: 2" in file.warnings


def test_an_hour_that_reaches_beyond_a_half_hour_change_keeps_its_contacts() -> None:
    file = read(many_days("2026-10-01", 7, (0, 24), step=60), zone="Australia/Lord_Howe")
    assert file.totals["billing"] == 7 * 24 * 5
    assert len(np.unique(file.start_utc)) == 7 * 24


def test_daily_rows_span_a_change_without_a_question() -> None:
    days = [f"2026-{month:02d}-{day:02d},billing,50,200" for month, day in ((10, 30), (10, 31), (11, 1), (11, 2))]
    assert np.diff(read(days).start_utc).tolist() == [86_400, 86_400, 90_000]


@pytest.mark.parametrize("zone", ["America/Phoenix", "Asia/Kolkata", "UTC"])
def test_zones_without_changes_read_every_hour_as_it_stands(zone: str) -> None:
    file = read(many_days("2026-03-02", 7, (0, 24)), zone=zone)
    assert set(np.diff(file.start_utc).tolist()) == {1800}
