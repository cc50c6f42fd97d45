from __future__ import annotations

import pytest

from tests.unit.history.files import CHICAGO, many_days, read
from wfm.errors import PersonalData
from wfm.history import preview, read_history
from wfm.history.guard import cell_kind, header_kind

LINES = [f"2026-03-02 {hour:02d}:00,billing,5" for hour in range(24)]


def file_with(header: str, cells: list[str]) -> bytes:
    rows = [f"{line},{cells[n % len(cells)]}" for n, line in enumerate(LINES)]
    return "\n".join([f"timestamp,queue,volume,{header}", *rows, ""]).encode()


@pytest.mark.parametrize(
    "header",
    [
        "Patient Name",
        "Name",
        "first_name",
        "DOB",
        "Date of Birth",
        "SSN",
        "Social Security No",
        "MRN",
        "Medical Record #",
        "MemberID",
        "Policy",
        "ANI",
        "Caller",
        "Phone",
        "Phone Number",
        "E-Mail",
        "email address",
        "Street",
        "Diagnosis",
        "ICD10",
        "Recording URL",
        "Transcript",
        "Notes",
        "callerId",
    ],
)
def test_headers_that_name_people_are_refused(header: str) -> None:
    with pytest.raises(PersonalData, match=r"column 4 .* seems to hold .*; remove the column and upload again, nothing was kept"):
        read_history(file_with(header, ["1"]), zone=CHICAGO)


@pytest.mark.parametrize(
    "header",
    [
        "Queue ID",
        "Skill Name",
        "Agent Name",
        "Site name",
        "Email offered",
        "Phone calls",
        "Channel",
        "Abandoned",
        "Service Level",
        "Team Name",
    ],
)
def test_headers_of_ordinary_reports_pass(header: str) -> None:
    assert header_kind(header) is None
    assert len(read_history(file_with(header, ["1"]), zone=CHICAGO)) == 24


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("078-05-1120", "social security numbers"),
        ("(512) 555-0134", "telephone numbers"),
        ("512-555-0134", "telephone numbers"),
        ("+15125550134", "telephone numbers"),
        ("jane.roe@example.org", "e-mail addresses"),
        ("1961-07-04", "dates of birth"),
        ("07/04/1961", "dates of birth"),
        ("J45.901", "diagnoses"),
        ("12 Elm Grove Road", "addresses"),
    ],
)
def test_cells_shaped_like_identifiers_are_refused_and_never_repeated(cell: str, kind: str) -> None:
    content = file_with("extra", ["", "ordinary", cell])
    with pytest.raises(PersonalData) as caught:
        read_history(content, zone=CHICAGO)
    told = str(caught.value) + "".join(map(str, caught.value.problems))
    assert kind in told
    assert cell not in told
    assert caught.value.problems[0].line == 4
    assert caught.value.problems[0].column == "extra"


def test_digits_that_differ_from_row_to_row_are_record_numbers() -> None:
    with pytest.raises(PersonalData, match="record or member numbers"):
        read_history(file_with("extra", [str(700_003 + 71 * n) for n in range(24)]), zone=CHICAGO)


@pytest.mark.parametrize(
    ("header", "cells"), [("extra", ["1000001", "1000002"]), ("Talk Time", [str(700_003 + 71 * n) for n in range(24)])]
)
def test_digits_that_repeat_or_measure_something_are_none(header: str, cells: list[str]) -> None:
    assert len(read_history(file_with(header, cells), zone=CHICAGO)) == 24


def test_a_queue_may_be_called_by_its_mailbox_or_number() -> None:
    lines = many_days("2026-03-02", 3, queue="billing@clinic.example") + many_days("2026-03-02", 3, queue="512-555-0134")
    assert len(read(lines)) == 24


def test_a_queue_column_of_callers_is_refused() -> None:
    lines = [f"2026-03-02 {hour:02d}:00,512-555-{hour:04d},1,60" for hour in range(24)]
    with pytest.raises(PersonalData, match="telephone numbers"):
        read(lines)


def test_an_identifier_in_a_column_that_is_used_is_refused_too() -> None:
    lines = many_days("2026-03-02", 1)
    lines[2] = "2026-03-02 09:00,billing,078-05-1120,200"
    with pytest.raises(PersonalData, match="column 3 'volume' seems to hold social security numbers"):
        read(lines)


def test_a_file_without_header_does_not_give_its_first_row_away() -> None:
    content = b"timestamp,queue,volume,078-05-1120\n2026-03-02 08:00,a,1,219-09-9999\n"
    with pytest.raises(PersonalData) as caught:
        read_history(content, zone=CHICAGO)
    assert "078" not in str(caught.value) + str(caught.value.problems)


def test_a_name_in_a_number_column_is_not_repeated() -> None:
    lines = many_days("2026-03-02", 1)
    lines[2] = "2026-03-02 09:00,billing,Jane Roe,200"
    seen = preview("\n".join(["timestamp,queue,volume,aht", *lines]).encode(), CHICAGO)
    assert "Jane" not in str(seen)
    assert "got text" in str(seen.problems[0])


def test_a_preview_of_personal_data_shows_no_row() -> None:
    seen = preview(file_with("extra", ["078-05-1120"]), CHICAGO)
    assert (seen.rows, seen.ready, seen.problem_count) == ((), False, 1)
    assert "078-05-1120" not in str(seen)


@pytest.mark.parametrize("cell", ["240", "00:04:05", "2026-03-02 08:30", "billing", "12.5", "100%", "A12", "Room 12"])
def test_ordinary_cells_identify_nobody(cell: str) -> None:
    assert cell_kind(cell, 2026) is None
