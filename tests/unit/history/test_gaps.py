from __future__ import annotations

import numpy as np
import pytest

from tests.unit.history.files import many_days, read, refused
from wfm.errors import UnreadableFile

# Monday 2 March 2026 on: 14 days of 08:00 to 10:00, four rows a day from line 2
FORTNIGHT = many_days("2026-03-02", 14)


def test_a_missing_interval_is_told_with_the_line_before_it() -> None:
    [problem] = refused(FORTNIGHT[:5] + FORTNIGHT[6:])
    assert problem.startswith(
        "line 6: after this line 1 interval is missing for queue 'billing', from 2026-03-03 08:30 to 2026-03-03 09:00"
    )
    assert 'gaps="unknown"' in problem
    assert 'gaps="zero"' in problem


def test_a_missing_day_is_one_gap() -> None:
    [problem] = refused(FORTNIGHT[:32] + FORTNIGHT[36:])
    assert "4 intervals are missing for queue 'billing', from 2026-03-10 08:00 to 2026-03-10 10:00" in problem


def test_a_gap_runs_on_over_closed_hours() -> None:
    [problem] = refused(FORTNIGHT[:30] + FORTNIGHT[34:])
    assert "4 intervals are missing for queue 'billing', from 2026-03-09 09:00 to 2026-03-10 09:00" in problem


def test_gaps_can_be_left_unknown() -> None:
    file = read(FORTNIGHT[:5] + FORTNIGHT[6:], gaps="unknown")
    assert len(file) == 55
    assert "intervals without a row (gaps: 1), left out as unknown: 1" in file.warnings


def test_gaps_can_count_as_zero_in_rows_that_have_no_line() -> None:
    file = read(FORTNIGHT[:5] + FORTNIGHT[6:], gaps="zero")
    assert len(file) == 56
    made = file.line == 0
    assert (file.volume[made].tolist(), file.start_utc[made].tolist()) == ([0.0], [1_772_460_000 + 86_400 + 1800])
    assert file.handle_s is not None
    assert file.handle_s[made].tolist() == [0.0]


def test_zeros_fill_both_sets_of_a_repeated_hour() -> None:
    nights = [line for line in many_days("2026-10-11", 29, (0, 3)) if not (line.startswith("2026-11-01") and " 01:" in line)]
    file = read(nights, gaps="zero", zone="America/Chicago")
    assert int((file.line == 0).sum()) == 4
    assert len(np.unique(file.start_utc)) == len(file)


def test_closed_weekdays_and_hours_are_no_gaps() -> None:
    weekdays = [line for line in FORTNIGHT if line[:10] not in ("2026-03-07", "2026-03-08", "2026-03-14", "2026-03-15")]
    assert len(read(weekdays)) == 40


def test_a_time_that_is_mostly_without_rows_is_not_open() -> None:
    month = many_days("2026-03-02", 28)
    rare = [line for line in month if " 09:30" not in line or line.startswith("2026-03-09")]
    assert len(read(rare)) == 28 * 3 + 1


def test_the_missing_spring_hour_is_no_gap() -> None:
    nights = [line for line in many_days("2026-02-16", 28, (0, 4)) if not (line.startswith("2026-03-08") and " 02:" in line)]
    assert len(read(nights)) == 28 * 8 - 2


def test_a_queue_that_starts_later_has_no_gap_before_its_first_row() -> None:
    late = many_days("2026-03-09", 7, queue="refills")
    assert len(read(FORTNIGHT + late)) == 84


def test_every_queue_is_judged_by_its_own_hours() -> None:
    other = many_days("2026-03-02", 14, (12, 14), queue="refills")
    [problem] = refused(FORTNIGHT + other[:5] + other[6:])
    assert "queue 'refills', from 2026-03-03 12:30 to 2026-03-03 13:00" in problem


def test_many_gaps_are_counted() -> None:
    holes = [line for n, line in enumerate(many_days("2026-01-05", 700, (8, 12))) if n % 16 != 3]
    with pytest.raises(UnreadableFile, match="350 problems; the first 200 are listed"):
        read(holes, zone="UTC")
