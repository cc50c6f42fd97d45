from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.unit.history.files import CHICAGO, as_file, many_days, read, refused
from wfm.errors import InvalidInput, UnreadableFile
from wfm.history import read_history


def test_importing_the_room_loads_no_pandas() -> None:
    code = "import sys, wfm.history; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_rows_come_out_sorted_in_utc_with_totals_instead_of_averages() -> None:
    file = read(["2026-03-02 08:30,refills,6,100", "2026-03-02 08:00,refills,2,50", "2026-03-02 08:00,billing,0,"])
    assert file.queues == ("billing", "refills")
    assert list(file.rows()) == [
        ("billing", 1_772_460_000, 0.0, 0.0, 4),
        ("refills", 1_772_460_000, 2.0, 100.0, 3),
        ("refills", 1_772_461_800, 6.0, 600.0, 2),
    ]
    assert file.first == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert file.interval_minutes == 30


def test_a_file_knows_its_hash_its_days_and_its_totals() -> None:
    content = as_file(many_days("2026-03-02", 3) + many_days("2026-03-02", 3, queue="refills", volume=2))
    file = read_history(content, zone=CHICAGO, name="march.csv")
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.days, len(file), dict(file.totals), file.name) == (3, 24, {"billing": 60.0, "refills": 24.0}, "march.csv")
    assert file.bounds["refills"] == slice(12, 24)


def test_arrays_cannot_be_written_to() -> None:
    file = read(many_days("2026-03-02", 1))
    with pytest.raises(ValueError, match="read-only"):
        file.volume[0] = 99


def test_without_a_duration_column_there_is_no_handle_time_and_a_warning_says_so() -> None:
    file = read(["2026-03-02 08:00,billing,2", "2026-03-02 08:30,billing,2"], header="timestamp,queue,volume")
    assert file.handle_s is None
    assert file.warnings == ("the file has no column for AHT or handle time",)


def test_a_total_handle_time_column_is_taken_as_it_is() -> None:
    file = read(
        ["2026-03-02 08:00,billing,4,900", "2026-03-02 08:30,billing,3,"], header="timestamp,queue,volume,Total Handle Time (Seconds)"
    )
    assert file.handle_s is not None
    assert file.handle_s[0] == 900.0
    assert np.isnan(file.handle_s[1])
    assert "rows with contacts and no handle time: 1" in file.warnings


def test_minutes_and_milliseconds_follow_the_unit_in_the_header() -> None:
    for header, cells in (("AHT (min)", ("4.2", "5")), ("aht_ms", ("252000", "300000"))):
        file = read(
            [f"2026-03-02 08:00,billing,1,{cells[0]}", f"2026-03-02 08:30,billing,1,{cells[1]}"], header=f"timestamp,queue,volume,{header}"
        )
        assert file.handle_s is not None
        assert file.handle_s.tolist() == pytest.approx([252.0, 300.0])


def test_an_aht_of_days_is_taken_for_milliseconds_without_a_unit() -> None:
    [problem] = refused(["2026-03-02 08:00,billing,1,252000", "2026-03-02 08:30,billing,1,300000"])
    assert "milliseconds" in problem


def test_offsets_are_honoured_row_by_row() -> None:
    file = read(["2026-03-02T08:00:00-06:00,billing,1,60", "2026-03-02T14:30:00Z,billing,1,60", "2026-03-02 16:00+01:00,billing,1,60"])
    assert file.start_utc.tolist() == [1_772_460_000, 1_772_461_800, 1_772_463_600]
    assert file.interval_minutes == 30


def test_a_file_with_some_offsets_is_read_with_a_warning() -> None:
    file = read(["2026-03-02 14:00Z,refills,1,60", "2026-03-02 08:00,billing,1,60", "2026-03-02 08:30,billing,1,60"])
    assert "times with a UTC offset, while the other 2 were read on the local clock: 1" in file.warnings
    assert file.start_utc[file.bounds["refills"]].tolist() == file.start_utc[file.bounds["billing"]][:1].tolist()


def test_every_queue_can_have_its_own_zone() -> None:
    lines = many_days("2026-03-02", 1, queue="denver") + many_days("2026-03-02", 1, queue="houston")
    file = read(lines, queue_zones={"denver": "America/Denver"})
    starts = {name: int(file.start_utc[rows][0]) for name, rows in file.bounds.items()}
    assert starts["denver"] - starts["houston"] == 3600
    assert file.zone_of("denver") == "America/Denver"


def test_a_file_without_a_queue_column_needs_a_name_for_its_queue() -> None:
    lines = ["2026-03-02 08:00,4", "2026-03-02 08:30,5"]
    with pytest.raises(UnreadableFile, match="needs a column for queue; found 'timestamp', 'volume'"):
        read(lines, header="timestamp,volume")
    assert dict(read(lines, header="timestamp,volume", queue="front desk").totals) == {"front desk": 9.0}


def test_missing_columns_are_named_beside_those_that_were_found() -> None:
    with pytest.raises(UnreadableFile, match="needs a column for timestamp and queue; found 'when', 'who', 'volume'"):
        read(["x,y,1"], header="when,who,volume")


def test_a_first_line_of_values_is_not_repeated_as_columns() -> None:
    with pytest.raises(UnreadableFile, match="found no header line"):
        read_history(b"2026-03-02 08:00,Jane Roe,4\n2026-03-02 08:30,Jane Roe,4\n", zone=CHICAGO)


def test_the_header_may_stand_below_titles_and_totals_at_the_end_are_left_out() -> None:
    text = "Interval report;;\n\nTime;Queue Name;Calls Offered\n2026-03-02 08:00;billing;4\n2026-03-02 08:30;billing;5\nTotal;;9\n"
    file = read_history(text.encode(), zone=CHICAGO)
    assert dict(file.totals) == {"billing": 9.0}
    assert file.line.tolist() == [4, 5]
    assert "lines with totals, averages or a repeated header, left out: 1" in file.warnings


def test_a_header_repeated_on_every_printed_page_is_left_out() -> None:
    lines = many_days("2026-03-02", 1)
    assert len(read([*lines[:2], "timestamp,queue,volume,aht_seconds", *lines[2:]])) == len(lines)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("-2", "got '-2'"),
        ("many", "got text"),
        ("NaN", "got 'NaN'"),
        ("inf", "got 'inf'"),
        ("1.240", "got '1.240'"),
        ("5551234567", "from 0 to 1,000,000"),
    ],
)
def test_a_volume_that_is_no_count_is_refused_with_its_line(cell: str, reason: str) -> None:
    lines = many_days("2026-03-02", 1)
    lines[2] = f"2026-03-02 09:00,billing,{cell},200"
    [problem] = refused(lines)
    assert problem.startswith("line 4, volume: ")
    assert reason in problem


def test_a_blank_volume_is_unknown_and_never_zero_unless_somebody_says_so() -> None:
    lines = many_days("2026-03-02", 1)
    lines[1] = "2026-03-02 08:30,billing,,"
    [problem] = refused(lines)
    assert problem.startswith("line 3, volume: is blank; write 0")
    assert len(read(lines, gaps="unknown")) == 3
    zero = read(lines, gaps="zero")
    assert (len(zero), zero.volume.sum(), zero.handle_s is not None and bool(np.isfinite(zero.handle_s).all())) == (4, 15.0, True)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("02/03/2026 08:30,billing,5,200", "line 3, timestamp: must be a time such as 2026-03-02 08:30"),
        ("2026-02-30 08:30,billing,5,200", "line 3, timestamp: must be a time"),
        ("2026-03-02 08:30,,5,200", "line 3, queue: must be a name of 1 to 80 printable characters, got a blank"),
        ("2026-03-02 08:30,billing,5,-1", "line 3, aht_seconds: must be a duration of at least 0"),
        ("2026-03-02 08:31,billing,5,200", "line 3, timestamp: must stand on the grid of 30 minutes that the other rows use, got 08:31"),
        ("2026-03-02 08:00,billing,5,200", "line 3, timestamp: a queue's interval must stand once, this one stands on line 2 already"),
        ("2026-03-02 08:30,billing", "line 3: the line must have 4 cells, got 2"),
        ("2026-03-02 08:30,billing,5,200,1", "line 3: the line must have 4 cells, got 5; quote cells that hold the delimiter"),
        ('2026-03-02 08:30,billing,5,"200\n1"', "line 3: a quoted cell runs over several lines"),
    ],
)
def test_each_broken_line_is_told_with_its_number_and_column(line: str, problem: str) -> None:
    lines = many_days("2026-03-02", 1)
    lines[1] = line
    assert any(found.startswith(problem) for found in refused(lines))


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    lines = many_days("2026-03-02", 1)
    lines[0] = lines[0].replace(",5,", ",-5,")
    lines[3] = lines[3].replace(",5,", ",x,")
    lines.insert(2, lines[1])
    assert [problem.split(",")[0] for problem in refused(lines)] == ["line 2", "line 4", "line 6"]


def test_only_200_problems_are_listed_and_the_rest_counted() -> None:
    lines = many_days("2026-03-02", 150, volume=-1)
    with pytest.raises(UnreadableFile, match="cannot be read, 600 problems; the first 200 are listed") as caught:
        read(lines)
    assert len(caught.value.problems) == 200


@pytest.mark.parametrize("content", [b"", b"  \n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="the file is empty"):
        read_history(content, zone=CHICAGO)


def test_a_header_without_rows_is_refused() -> None:
    assert refused([]) == ["line 1: the file must hold rows below its header, got none that can be used"]


def test_a_single_row_cannot_tell_how_long_an_interval_is() -> None:
    assert "cannot be told" in refused(["2026-03-02 08:30,billing,5,200"])[0]


def test_a_slip_in_the_year_is_found_before_half_a_century_of_gaps() -> None:
    lines = [*many_days("2026-03-02", 2), "1996-03-04 08:00,billing,5,200"]
    assert refused(lines)[0].startswith("line 10, timestamp: a file must span at most 20 years, got 30")


def test_whole_days_are_an_interval_of_1440_minutes() -> None:
    file = read([f"2026-03-{day:02d},billing,50,200" for day in range(1, 15)])
    assert (file.interval_minutes, file.days, len(file)) == (1440, 14, 14)
    assert np.diff(file.start_utc).max() == 86_400
    assert np.diff(file.start_utc).min() == 82_800


@pytest.mark.parametrize("arguments", [{"zone": "Mars/Olympus"}, {"gaps": "maybe"}, {"repeated_hour": "both"}, {"queue_zones": {"a": "X"}}])
def test_arguments_outside_what_is_allowed_are_named(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=r"must be (one of|an IANA name)"):
        read(many_days("2026-03-02", 1), **arguments)


def test_fractions_and_capital_letters_are_worth_a_warning() -> None:
    file = read(["2026-03-02 08:00,billing,2.5,200", "2026-03-02 08:30,billing,2,200", "2026-03-02 08:00,Billing,2,200"])
    assert "volumes that are fractions of contacts: 1" in file.warnings
    assert "queue names that differ from another one by capital letters only: 1" in file.warnings


def test_an_aht_of_a_second_or_two_hours_is_worth_a_warning() -> None:
    file = read(["2026-03-02 08:00,billing,2,1", "2026-03-02 08:30,billing,2,7200", "2026-03-02 09:00,billing,2,200"])
    assert "rows with an AHT outside 20 s to 60 min: 2" in file.warnings
