from __future__ import annotations

import math

import numpy as np
import pytest

from wfm.history import values


@pytest.mark.parametrize(
    ("text", "wall", "offset"),
    [
        ("2026-03-02 08:30", 1_772_440_200, values.NO_OFFSET),
        ("2026-03-02T08:30", 1_772_440_200, values.NO_OFFSET),
        (" 2026-03-02 08:30:00.000 ", 1_772_440_200, values.NO_OFFSET),
        ("2026-03-02", 1_772_409_600, values.NO_OFFSET),
        ("2026-03-02T08:30:00Z", 1_772_440_200, 0),
        ("2026-03-02 08:30 UTC", 1_772_440_200, 0),
        ("2026-03-02T08:30:00-06:00", 1_772_440_200, -21_600),
        ("2026-03-02T08:30+0530", 1_772_440_200, 19_800),
        ("2026-03-02T08:30:15-06", 1_772_440_215, -21_600),
    ],
)
def test_iso_times_are_read_with_and_without_offset(text: str, wall: int, offset: int) -> None:
    walls, offsets = values.unpack_times(np.array([values.parse_time(text)]))
    assert (int(walls[0]), int(offsets[0])) == (wall, offset)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "03/02/2026 08:30",
        "2026-13-01",
        "2026-02-29 08:00",
        "2026-03-02 24:00",
        "2026-03-02 08:61",
        "2026-03-02 08:30:61",
        "1889-01-01 00:00",
        "2026-03-02T08:30+15:00",
        "2026-03-02 08:30:00.5",
        "٢٠٢٦-03-02 08:30",
        "2026-W10-1",
    ],
)
def test_what_is_no_iso_time_is_bad(text: str) -> None:
    assert values.parse_time(text) == values.BAD_TIME


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("12", 12),
        ("12.0", 12),
        (" 7 ", 7),
        ("1,240", 1240),
        ("1'240", 1240),
        ("1 240", 1240),
        ("1\u202f240", 1240),
        ("12,345,678", 12_345_678),
        ("2,5", 2.5),
        ("2.5", 2.5),
        ("1e3", 1000),
        ("+4", 4),
        ("1,240.5", 1240.5),
        ("1 240,5", 1240.5),
    ],
)
def test_counts_are_read_in_the_ways_people_write_them(text: str, count: float) -> None:
    assert values.parse_count(text) == count


@pytest.mark.parametrize("text", ["many", "NaN", "inf", "-inf", "1.240", "12.345.678", "(12)", "12 calls", "1e999", "0x10", "1_000", "१२"])
def test_what_is_no_count_is_bad(text: str) -> None:
    assert math.isnan(values.parse_count(text))


@pytest.mark.parametrize("text", ["", "  ", "-", "--", "n/a", "NULL"])
def test_a_blank_is_a_blank_and_no_zero(text: str) -> None:
    assert values.parse_count(text) == values.BLANK
    assert values.parse_duration(text) == values.BLANK


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("240", 240),
        ("240.5", 240.5),
        ("1,240", 1240),
        ("240s", 240),
        ("4:12", 252),
        ("04:12", 252),
        (":45", 45),
        ("00:04:12", 252),
        ("0:04:12", 252),
        ("1:02:03", 3723),
        ("00:04:12.345", 252.345),
        ("4m12s", 252),
        ("PT4M12S", 252),
        ("4,2", 4.2),
        ("1h", 3600),
        ("75:10", None),
        ("4:99", None),
        ("an hour", None),
        ("PT", None),
    ],
)
def test_durations_are_read_in_the_ways_systems_write_them(text: str, seconds: float | None) -> None:
    value = values.parse_duration(text)
    assert math.isnan(value) if seconds is None else value == pytest.approx(seconds)


def test_a_memo_understands_each_text_once_and_forgets_before_it_grows_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_MEMO_LIMIT", 3)
    asked: list[str] = []
    memo = values.Memo(lambda text: (asked.append(text), float(text))[1])
    assert [memo[text] for text in ("1", "1", "2", "3", "4", "5")] == [1, 1, 2, 3, 4, 5]
    assert asked == ["1", "2", "3", "4", "5"]
    assert len(memo) <= 4
