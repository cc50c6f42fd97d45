"""Sign-in, sign-out and what a session is worth in between."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.service import Client, Clock
from tests.unit.web.conftest import csrf, send
from web.answers import wanted_page
from wfm.service import accounts
from wfm.service.context import Role, Service

PASSWORD = "violet harbour nine"


@pytest.fixture
def with_password(service: Service, centre: Client) -> None:
    accounts.change_password(service, centre.planner, None, PASSWORD)


def _token(browser: FlaskClient) -> str | None:
    cookie = browser.get_cookie("wfm")
    return cookie.value if cookie else None


@pytest.mark.usefixtures("with_password")
def test_the_token_changes_at_sign_in(browser: FlaskClient) -> None:
    browser.get("/sign-in")
    before = _token(browser)
    response = send(browser, "/sign-in", page="/sign-in", email="planner@clinic.org", password=PASSWORD)
    assert response.headers["Location"] == "/today"
    assert _token(browser) not in (None, before)


@pytest.mark.usefixtures("with_password")
def test_a_token_planted_before_the_sign_in_is_worth_nothing_after(browser: FlaskClient, app: Flask) -> None:
    browser.get("/sign-in")
    planted = _token(browser)
    send(browser, "/sign-in", page="/sign-in", email="planner@clinic.org", password=PASSWORD)
    thief = app.test_client()
    thief.set_cookie("wfm", planted or "")
    assert thief.get("/today").status_code == 303


@pytest.mark.usefixtures("with_password")
def test_wrong_password_and_unknown_name_look_the_same(browser: FlaskClient) -> None:
    known = send(browser, "/sign-in", page="/sign-in", email="planner@clinic.org", password="wrong one here")
    unknown = send(browser, "/sign-in", page="/sign-in", email="nobody@clinic.org", password="wrong one here")
    assert known.status_code == unknown.status_code == 401
    masked = [response.text.replace("planner@", "nobody@").split("csrf_token")[0] for response in (known, unknown)]
    assert masked[0] == masked[1]


@pytest.mark.usefixtures("with_password")
def test_too_many_tries_are_answered_with_429(browser: FlaskClient) -> None:
    token = csrf(browser, "/sign-in")
    fields = {"csrf_token": token, "email": "planner@clinic.org", "password": "wrong one here"}
    statuses = [browser.post("/sign-in", data=fields).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_a_token_is_worth_nothing_after_sign_out(planner: FlaskClient, app: Flask) -> None:
    token = _token(planner)
    assert send(planner, "/sign-out").status_code == 303
    assert planner.get_cookie("wfm") is None
    thief = app.test_client()
    thief.set_cookie("wfm", token or "")
    assert thief.get("/today").status_code == 303


def test_a_session_ends_when_nobody_clicks(planner: FlaskClient, clock: Clock) -> None:
    clock.forward(minutes=14)
    assert planner.get("/today").status_code == 200
    clock.forward(minutes=14)
    assert planner.get("/today").status_code == 200
    clock.forward(minutes=15, seconds=1)
    assert planner.get("/today").status_code == 303


def test_polling_does_not_keep_a_session_alive(planner: FlaskClient, clock: Clock) -> None:
    planner.get("/today")
    for _ in range(15):
        clock.forward(minutes=1)
        assert planner.get("/progress/session").status_code == 200
    clock.forward(seconds=1)
    assert planner.get("/progress/session").status_code == 401


def test_the_page_can_ask_how_long_it_has_and_stay(planner: FlaskClient, clock: Clock) -> None:
    planner.get("/today")
    clock.forward(minutes=14)
    assert planner.get("/progress/session").json == {"left_s": 60}
    assert planner.get("/stay").status_code == 204
    assert planner.get("/progress/session").json == {"left_s": 900}


def test_a_session_ends_after_twelve_hours_of_clicks(planner: FlaskClient, clock: Clock) -> None:
    for _ in range(12 * 6 - 1):
        clock.forward(minutes=10)
        assert planner.get("/stay").status_code == 204
    clock.forward(minutes=10)
    assert planner.get("/today").status_code == 303


def test_a_one_time_link_asks_first_and_works_once(browser: FlaskClient, app: Flask, service: Service, centre: Client) -> None:
    token = accounts.make_one_time_sign_in(service, None, centre.planner.user_id or 0)
    assert "Planner of Clinic" in browser.get(f"/once/{token}").text
    assert browser.get("/today").status_code == 303
    assert send(browser, f"/once/{token}", page=f"/once/{token}").headers["Location"] == "/today"
    second = app.test_client()
    answer = second.get(f"/once/{token}")
    assert answer.status_code == 401
    assert "not valid any more" in answer.text


def test_an_agent_starts_on_the_own_week(signed_in: Callable[[Role], FlaskClient]) -> None:
    assert signed_in(Role.AGENT).get("/").headers["Location"] == "/my-week"


@pytest.mark.usefixtures("with_password")
def test_a_changed_password_ends_the_other_sessions(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    for browser in (here, there):
        send(browser, "/sign-in", page="/sign-in", email="planner@clinic.org", password=PASSWORD)
    assert send(here, "/password", old=PASSWORD, new="nine harbours of violet").status_code == 303
    assert here.get("/today").status_code == 200
    assert there.get("/today").status_code == 303


def test_whoever_came_by_a_link_is_asked_for_a_password_and_needs_no_old_one(planner: FlaskClient) -> None:
    assert "choose one" in planner.get("/today").text
    assert 'name="old"' not in planner.get("/settings").text
    assert send(planner, "/password", new=PASSWORD).status_code == 303
    assert 'name="old"' in planner.get("/settings").text


def test_the_sign_in_leads_back_to_the_page_that_was_wanted(browser: FlaskClient) -> None:
    assert browser.get("/forecast?queue=visits").headers["Location"] == "/sign-in?next=/forecast?queue%3Dvisits"


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("/forecast?queue=visits", "/forecast?queue=visits"),
        ("https://evil.example/", "/today"),
        ("//evil.example/", "/today"),
        ("/\\evil.example", "/today"),
        ("/\t/evil.example", "/today"),
        ("javascript:alert(1)", "/today"),
        ("", "/today"),
    ],
)
def test_the_way_back_never_leaves_this_site(app: Flask, wanted: str, page: str) -> None:
    with app.test_request_context("/sign-in", query_string={"next": wanted}):
        assert wanted_page("/today") == page
