"""Requests that another site could make a browser send."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.unit.web.conftest import csrf, send
from tests.unit.web.test_access import _addresses
from wfm.service.context import Role


def test_no_unsafe_route_works_without_a_token(app: Flask, planner: FlaskClient) -> None:
    answers = {
        (method, address): planner.open(address, method=method).status_code for _, method, address in _addresses(app) if method != "GET"
    }
    assert answers
    assert set(answers.values()) <= {400, 403}


def test_no_unsafe_route_works_with_the_token_of_another_session(app: Flask, planner: FlaskClient) -> None:
    foreign = csrf(app.test_client(), "/sign-in")
    for _, method, address in _addresses(app):
        if method != "GET":
            answer = planner.open(address, method=method, data={"csrf_token": foreign})
            assert answer.status_code in (400, 403), address


def test_no_unsafe_route_works_from_another_origin(app: Flask, planner: FlaskClient) -> None:
    token = csrf(planner)
    for _, method, address in _addresses(app):
        for origin in ("https://evil.example", "null", "http://localhost:81"):
            if method != "GET":
                answer = planner.open(address, method=method, data={"csrf_token": token}, headers={"Origin": origin})
                assert answer.status_code == 403, address


def test_the_own_origin_may_send_and_the_header_counts_as_token(planner: FlaskClient) -> None:
    token = csrf(planner)
    headers = {"Origin": "http://localhost", "X-CSRFToken": token, "HX-Request": "true"}
    answer = planner.post("/settings", data={"theme": "dark"}, headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/settings")
    assert 'data-theme="dark"' in planner.get("/today").text


def test_no_get_request_leaves_a_change_in_the_audit_trail(app: Flask, signed_in: Callable[[Role], FlaskClient]) -> None:
    administrator = signed_in(Role.ADMINISTRATOR)
    before = administrator.get("/api/audit").get_json()["rows"]
    for _, method, address in _addresses(app):
        if method == "GET" and "my-week" not in address:  # refused to an administrator, and refusals are written down
            administrator.get(address)
    assert administrator.get("/api/audit").get_json()["rows"] == before


def test_a_stale_form_says_what_to_do(planner: FlaskClient) -> None:
    answer = planner.post("/settings", data={"csrf_token": "stale"})
    assert answer.status_code == 400
    assert "Load the page again" in answer.text
    assert send(planner, "/settings", theme="light").status_code == 303
