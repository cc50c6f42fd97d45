from __future__ import annotations

import pytest

from tests.unit.history.files import many_days, read, refused


@pytest.mark.parametrize("step", [5, 10, 15, 20, 30, 60])
def test_the_length_of_intervals_is_found(step: int) -> None:
    assert read(many_days("2026-03-02", 2, step=step)).interval_minutes == step


def test_quiet_intervals_that_were_left_out_do_not_hide_the_length() -> None:
    lines = [line for n, line in enumerate(many_days("2026-03-02", 7, (8, 18), step=15)) if n % 3]
    assert read(lines, gaps="unknown").interval_minutes == 15


@pytest.mark.parametrize(("usual", "other"), [(30, 15), (30, 60), (15, 30)])
def test_a_queue_with_another_length_is_told_once_with_its_first_line(usual: int, other: int) -> None:
    lines = many_days("2026-03-02", 14, (8, 18), step=usual)
    problems = refused(lines + many_days("2026-03-02", 5, (8, 18), queue="refills", step=other))
    assert len(problems) == 1
    assert problems[0].startswith(
        f"line {len(lines) + 2}, timestamp: all intervals must be equally long, got {other} minutes for queue 'refills'"
    )


def test_a_length_that_changes_within_a_queue_is_found() -> None:
    lines = many_days("2026-01-05", 84, (8, 18), step=30) + many_days("2026-03-30", 56, (8, 18), step=60)
    problems = refused(lines)
    assert any("got 60 minutes for queue 'billing' from here and 30 minutes elsewhere" in problem for problem in problems)


def test_a_sparse_queue_is_no_mixture() -> None:
    sparse = [line for n, line in enumerate(many_days("2026-03-02", 14, (8, 18), queue="night", step=30)) if (n * 7919) % 11 < 4]
    assert len(read(many_days("2026-03-02", 14, (8, 18)) + sparse, gaps="unknown")) == 280 + len(sparse)


def test_offsets_of_half_hours_do_not_put_hours_off_the_grid() -> None:
    lines = [f"2026-03-02T{hour:02d}:00:00+05:30,billing,5,200" for hour in range(8, 18)]
    assert read(lines, zone="Asia/Kolkata").interval_minutes == 60
