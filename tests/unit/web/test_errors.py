"""Errors as people, htmx and programs get them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.access import public
from wfm.errors import Conflict, Infeasible, LineProblem, TooManyAttempts, Unavailable, UnreadableFile, WfmError
from wfm.service.context import Service

CASES = [
    (Conflict("taken by somebody else"), 409, "taken by somebody else"),
    (TooManyAttempts("wait a little"), 429, "wait a little"),
    (Unavailable("the database does not answer"), 503, "the database does not answer"),
    (UnreadableFile("2 lines cannot be used", [LineProblem(3, "volume", "must be a number")]), 422, "line 3, volume: must be a number"),
    (Infeasible("no roster", ["these 14 intervals need Spanish"]), 422, "these 14 intervals need Spanish"),
    (ZeroDivisionError("secret 4711"), 500, "on our side"),
]


def _raising(app: Flask, error: Exception) -> None:
    @public
    def view() -> str:
        raise error

    app.view_functions["failing"] = view
    app.add_url_rule("/failing", "failing", view)
    app.add_url_rule("/api/failing", "failing", view)


@pytest.mark.parametrize(("error", "status", "words"), CASES)
def test_people_get_a_page_that_says_what_to_change(app: Flask, error: WfmError, status: int, words: str) -> None:
    _raising(app, error)
    answer = app.test_client().get("/failing")
    assert answer.status_code == status
    assert words in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize(("error", "status", "words"), CASES)
def test_programs_get_one_json_body(app: Flask, error: WfmError, status: int, words: str) -> None:
    _raising(app, error)
    answer = app.test_client().get("/api/failing")
    body = answer.get_json()["error"]
    assert answer.status_code == status
    assert set(body) == {"code", "message", "details", "request_id"}
    assert words in json.dumps(body)


@pytest.mark.parametrize(("error", "status", "words"), CASES)
def test_htmx_gets_a_notice_for_the_message_area(app: Flask, error: WfmError, status: int, words: str) -> None:
    _raising(app, error)
    answer = app.test_client().get("/failing", headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert answer.headers["HX-Retarget"] == "#messages"
    assert words in answer.text
    assert "<html" not in answer.text


def test_no_answer_shows_a_trace_or_what_the_error_held(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    _raising(app, ZeroDivisionError("secret 4711"))
    answer = app.test_client().get("/failing")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "secret" not in "".join(capfd.readouterr())


def test_an_unknown_address_is_a_404_page(browser: FlaskClient) -> None:
    assert "There is no such page" in browser.get("/nowhere").text


def test_a_database_that_is_gone_is_503_and_comes_back(planner: FlaskClient, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("the database does not answer; try again in a moment")

    with monkeypatch.context() as broken:
        broken.setattr(type(service.database), "reading", gone)
        assert planner.get("/today").status_code == 503
        assert planner.get("/ready").status_code == 503
        assert planner.get("/health").status_code == 200
    assert planner.get("/today").status_code == 200
    assert planner.get("/ready").status_code == 200


def test_htmx_is_sent_to_the_sign_in_when_the_session_is_over(browser: FlaskClient) -> None:
    answer = browser.get("/today", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/schedule?day=2026-06-09"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/schedule?day%3D2026-06-09"


def test_the_request_line_names_route_and_user_and_no_values(
    planner: FlaskClient, app: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from web import request_log

    monkeypatch.setitem(app.extensions, "wfm_log", request_log.make_log(20))
    capfd.readouterr()
    planner.get("/people?name=Rosa")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["route"], line["status"], line["method"]) == ("/people", 200, "GET")
    assert isinstance(line["user_id"], int)
    assert "Rosa" not in json.dumps(lines)
    assert set(line) == {"event", "level", "timestamp", "request_id", "method", "route", "status", "ms", "user_id"}


def test_nothing_is_written_about_one_time_links(app: Flask, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    app.test_client().get("/once/supersecrettoken")
    assert "supersecrettoken" not in "".join(capfd.readouterr())


def test_start_up_loads_no_computing_package(run_python: Callable[[str], str]) -> None:
    loaded = run_python("import sys, web.app, web.auth, web.planner, web.agent, web.admin, web.api; print(*sorted(sys.modules))").split()
    assert not {"pandas", "scipy", "statsmodels", "prophet", "lightgbm", "numba", "pulp", "highspy", "apscheduler"} & set(loaded)
