"""Cells that planners type: read, or refused with what they must be and what was given."""

from __future__ import annotations

import pytest

from wfm.errors import InvalidInput, LineProblem, UnreadableFile
from wfm.service.planner_lines import LISTED, day_in, instant_in, number_in, refused
from wfm.service.special_days import read_counts


@pytest.mark.parametrize("text", ["yesterday", "06/08/2026", "2026-02-30", "", None])
def test_a_day_that_is_none_is_told_with_an_example(text: str | None) -> None:
    given = repr(text) if text else "nothing"
    with pytest.raises(InvalidInput, match=rf"^must be a day of the calendar as YYYY-MM-DD, such as 2026-06-08, got {given}$"):
        day_in(text)


def test_a_day_beyond_the_calendars_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must be a day from 1970 to 2199, got '2601-06-08'"):
        day_in("2601-06-08")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-1", "must be a number of at least 0 and at most 1,000, got '-1'"),
        ("1001", "at most 1,000, got '1001'"),
        ("many", "at most 1,000, got 'many'"),
        ("1,200", "without thousands separators and with a decimal point, got '1,200'"),
        ("nan", "got 'nan'"),
        ("inf", "got 'inf'"),
        (" ", "got nothing"),
    ],
)
def test_a_number_out_of_bounds_is_told_with_its_bounds(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as told:
        number_in(text, 1_000.0)
    assert words in str(told.value)


@pytest.mark.parametrize("text", ["2026-06-08T09:00:00", "nine", ""])
def test_a_time_without_its_offset_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="must be a time with its UTC offset, such as"):
        instant_in(text)


def test_what_is_long_is_cut_before_it_is_repeated() -> None:
    with pytest.raises(InvalidInput) as told:
        day_in("x" * 500)
    assert len(str(told.value)) < 140


def test_of_very_many_faults_the_first_are_listed_and_all_lines_counted() -> None:
    error = refused([LineProblem(line, "day", "must be a day") for line in range(2, 5_002)])
    assert isinstance(error, UnreadableFile)
    assert len(error.problems) == LISTED
    assert str(error) == f"5,000 lines cannot be used, so nothing of the file is kept; the first {LISTED} faults are listed"


def test_every_wrong_cell_of_a_file_of_counts_is_told_by_line_and_column() -> None:
    content = b"day,count\n2026-06-08,120\nyesterday,-3\n2026-06-09,1,200\n2026-06-10\n\n2026-06-08,5\n"
    with pytest.raises(UnreadableFile, match=r"^4 lines cannot be used, so nothing of the file is kept$") as told:
        read_counts(content)
    assert [str(problem) for problem in told.value.problems] == [
        "line 3, day: must be a day of the calendar as YYYY-MM-DD, such as 2026-06-08, got 'yesterday'",
        "line 3, count: must be a number of at least 0 and at most 1,000,000,000, got '-3'",
        "line 4: must have as many cells as the header, got '200' besides; a comma in a number begins a new cell",
        "line 5, count: must be a number of at least 0 and at most 1,000,000,000, got nothing",
        "line 7, day: must stand once in the file, got 2026-06-08, which stands on line 2",
    ]


def test_typed_lines_have_no_header_and_are_counted_from_the_first() -> None:
    assert read_counts(b"2026-06-08,120\r\n2026-06-09,90", typed=True) == {"2026-06-08": 120.0, "2026-06-09": 90.0}
    with pytest.raises(UnreadableFile) as told:
        read_counts(b"2026-06-08,lots\n", typed=True)
    assert told.value.problems[0].line == 1


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must have the column count once, got it 2 times"):
        read_counts(b"day,count,count\n2026-06-08,1,2\n")
