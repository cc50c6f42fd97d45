"""Files that wait for a decision."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.service import Client, Clock
from tests.unit.web.conftest import csrf, send
from wfm.service import importing, work
from wfm.service.context import Role, Service

GOOD = b"timestamp,queue,volume,aht_s\n2026-06-01 08:00,visits,5,200\n2026-06-01 08:30,visits,7,210\n"
BAD_LINE = GOOD + b"2026-06-01 09:00,visits,-3,200\n"
PATIENTS = b"timestamp,queue,volume,patient_name\n2026-06-01 08:00,visits,5,Rosa Diaz\n"


def _upload(browser: FlaskClient, content: bytes, name: str = "june.csv") -> TestResponse:
    fields = {"csrf_token": csrf(browser), "zone": "America/Chicago", "file": (io.BytesIO(content), name)}
    return browser.post("/data/upload", data=fields, content_type="multipart/form-data")


@pytest.fixture
def waiting(tmp_path: Path) -> Callable[[], list[Path]]:
    """The files in the folder of uploads."""
    return lambda: sorted((tmp_path / "uploads").glob("*"))


def test_a_file_is_shown_before_anything_is_stored(planner: FlaskClient, service: Service, centre: Client) -> None:
    page = planner.get(_upload(planner, GOOD).headers["Location"]).text
    assert "2026-06-01 08:30" in page
    assert "America/Chicago" in page
    assert importing.imports(service, centre.planner) == ()


def test_the_name_of_a_file_is_never_a_path(planner: FlaskClient, waiting: Callable[[], list[Path]]) -> None:
    assert _upload(planner, GOOD, "../../etc/june.csv").status_code == 303
    (path,) = waiting()
    assert len(path.name) == 32
    assert path.stat().st_mode & 0o077 == 0


def test_committing_makes_a_job_with_the_file_and_forgets_it(
    planner: FlaskClient, service: Service, centre: Client, waiting: Callable[[], list[Path]]
) -> None:
    address = _upload(planner, GOOD).headers["Location"]
    answer = send(planner, address, page=address, zone="America/Chicago", gaps="unknown", repeated_hour="refuse")
    (job,) = work.jobs(service, centre.planner)
    assert answer.headers["Location"] == f"/data?work={job.id}"
    assert job.kind == "import"
    assert waiting() == []
    assert "waiting for a worker" in planner.get(answer.headers["Location"]).text


def test_cancelling_leaves_nothing(planner: FlaskClient, service: Service, centre: Client, waiting: Callable[[], list[Path]]) -> None:
    address = _upload(planner, GOOD).headers["Location"]
    assert len(waiting()) == 1
    send(planner, f"{address}/cancel", page=address)
    assert waiting() == []
    assert work.jobs(service, centre.planner) == ()
    assert planner.get(address).status_code == 404


def test_a_file_of_patients_is_refused_and_never_touches_the_disk(planner: FlaskClient, waiting: Callable[[], list[Path]]) -> None:
    answer = _upload(planner, PATIENTS)
    assert answer.status_code == 422
    assert "personal data" in answer.text or "patient" in answer.text
    assert "Rosa" not in answer.text
    assert waiting() == []


def test_problems_are_listed_by_line_and_block_the_import(planner: FlaskClient) -> None:
    page = planner.get(_upload(planner, BAD_LINE).headers["Location"]).text
    assert "line 4, volume" in page
    assert ">Import</button>" not in page


def test_nobody_else_can_see_or_store_an_upload(planner: FlaskClient, signed_in: Callable[[Role], FlaskClient]) -> None:
    address = _upload(planner, GOOD).headers["Location"]
    other = signed_in(Role.ADMINISTRATOR)
    assert other.get(address).status_code == 404
    assert send(other, address, zone="UTC", gaps="refuse").status_code == 404


def test_uploads_are_swept_after_a_day(planner: FlaskClient, clock: Clock, waiting: Callable[[], list[Path]]) -> None:
    _upload(planner, GOOD)
    (old,) = waiting()
    long_ago = (clock() - timedelta(days=1, seconds=1)).timestamp()
    os.utime(old, (long_ago, long_ago))
    _upload(planner, GOOD, "later.csv")
    assert old not in waiting()
    assert len(waiting()) == 1


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x00", b"a,b\n1,2\n", b"PK\x03\x04broken", b"=cmd|' /C calc'!A0\n"])
def test_no_file_makes_a_server_error(planner: FlaskClient, content: bytes) -> None:
    assert _upload(planner, content).status_code == 422


def test_a_form_without_a_file_says_so(planner: FlaskClient) -> None:
    answer = send(planner, "/data/upload", zone="UTC")
    assert answer.status_code == 422
    assert "choose a file first" in answer.text
