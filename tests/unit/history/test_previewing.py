from __future__ import annotations

from datetime import date

from tests.unit.history.files import CHICAGO, as_file, many_days
from wfm.history import preview

FORTNIGHT = many_days("2026-03-02", 14)


def test_a_preview_shows_what_the_file_would_become() -> None:
    seen = preview(as_file(FORTNIGHT), CHICAGO, name="march.csv")
    assert seen.ready
    assert (seen.row_count, seen.interval_minutes, seen.delimiter, seen.encoding, seen.zone) == (56, 30, ",", "utf-8", CHICAGO)
    assert seen.columns == {"timestamp": "timestamp", "queue": "queue", "volume": "volume", "aht": "aht_seconds"}
    assert (len(seen.rows), seen.rows[0].line, seen.rows[0].volume, seen.rows[0].aht_s) == (20, 2, 5.0, 200.0)
    assert seen.rows[0].start.isoformat() == "2026-03-02T08:00:00-06:00"
    assert seen.first is not None
    assert seen.last is not None
    assert (seen.first.isoformat(), seen.last.isoformat()) == ("2026-03-02T08:00:00-06:00", "2026-03-15T09:30:00-05:00")
    assert seen.per_day[0] == (date(2026, 3, 2), 20.0)
    assert len(seen.per_day) == 14
    assert seen.totals == {"billing": 280.0}


def test_bad_lines_are_listed_and_the_good_ones_shown() -> None:
    lines = list(FORTNIGHT)
    lines[0] = lines[0].replace(",5,", ",-5,")
    del lines[9:11]
    seen = preview(as_file(lines), CHICAGO)
    assert not seen.ready
    assert (seen.problem_count, seen.gap_count, seen.row_count) == (2, 2, 53)
    assert seen.rows[0].line == 3


def test_choices_show_in_the_preview() -> None:
    seen = preview(as_file(FORTNIGHT[:9] + FORTNIGHT[11:]), CHICAGO, gaps="zero")
    assert (seen.ready, seen.row_count, seen.gap_count) == (True, 56, 2)


def test_unused_columns_are_named() -> None:
    seen = preview(b"timestamp,queue,volume,Service Level\n2026-03-02 08:00,a,1,80\n2026-03-02 08:30,a,1,80\n", CHICAGO)
    assert seen.unused == ("Service Level",)


def test_the_repeated_hour_is_counted() -> None:
    assert preview(as_file(many_days("2026-10-19", 14, (0, 24))), CHICAGO).repeated_hour_count == 2


def test_a_file_that_cannot_be_opened_is_one_problem() -> None:
    for content in (b"", b"PK\x03\x04", b"a,b\n1,2\n", b"\x1f\x8b\x08"):
        seen = preview(content, CHICAGO)
        assert (seen.ready, seen.rows, seen.problem_count) == (False, (), 1)
