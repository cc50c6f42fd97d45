"""Log lines are JSON with ids, and without anything personal."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from wfm import logs
from wfm.settings import Settings


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_carries_process_time_and_the_ids_that_are_bound(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), "worker")
    with logs.bound(job_id=7, request_id="r"):
        logs.get("wfm.jobs").info("job started", kind="night")
    logs.get("wfm.jobs").warning("outside")
    inside, outside = written(capsys)
    assert (inside["job_id"], inside["request_id"], inside["process"], inside["kind"]) == (7, "r", "worker", "night")
    assert inside["timestamp"]
    assert "job_id" not in outside


def test_keys_that_are_not_allowed_and_addresses_do_not_pass(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), "web")
    logs.get("x").error("sent to pat.planner+x@clinic.example.org", email="pat@x.org", name="Pat", password="p", reason="for a@b.de")
    (line,) = written(capsys)
    assert line["event"] == "sent to ***"
    assert line["reason"] == "for ***"
    assert not {"email", "name", "password"} & set(line)


def test_an_exception_is_one_field_with_addresses_masked(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), "job")
    try:
        raise ValueError("no account pat@x.org")
    except ValueError:
        logs.get("x").exception("job failed")
    (line,) = written(capsys)
    assert "ValueError" in str(line["exception"])
    assert "pat@x.org" not in str(line)


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_level="WARNING"), "web")
    logs.get("x").info("quiet")
    assert written(capsys) == []
