"""Who may open what: every route, every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.unit.web.conftest import send
from web import access
from wfm.service import policy
from wfm.service.context import Role

VALUES = {"number": 1, "user_id": 999, "token": "x", "name": "app.css", "key": "visits"}


def _addresses(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        address = adapter.build(rule.endpoint, {name: VALUES[name] for name in rule.arguments}, method=next(iter(rule.methods or ())))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, address


def test_every_route_declares_a_policy(app: Flask) -> None:
    silent = [rule.rule for rule in app.url_map.iter_rules() if access.policy_of(app.view_functions[rule.endpoint]) is None]
    assert silent == []


def test_a_route_without_a_policy_stops_the_start(app: Flask) -> None:
    app.view_functions["silent"] = lambda: "everything"
    app.url_map.add(Rule("/silent", endpoint="silent"))
    with pytest.raises(RuntimeError, match="/silent"):
        access.check_declared(app)


@pytest.mark.parametrize("role", [None, *Role])
def test_no_role_gets_a_page_that_is_not_open_to_it(app: Flask, signed_in: Callable[[Role], FlaskClient], role: Role | None) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    unexpected = []
    for rule, method, address in _addresses(app):
        wanted = access.policy_of(app.view_functions[rule.endpoint])
        if wanted == access.PUBLIC or (role and role in policy.ALLOWED[wanted or ""]):
            continue
        browser = signed_in(role) if role else app.test_client()
        answer = browser.open(address, method=method)
        if answer.status_code != (403 if role else 401) and not _leads_to_sign_in(answer.headers.get("Location"), role):
            unexpected.append((method, address, answer.status_code))
    assert unexpected == []


def _leads_to_sign_in(location: str | None, role: Role | None) -> bool:
    return role is None and (location or "").startswith("/sign-in")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_open_its_pages(app: Flask, signed_in: Callable[[Role], FlaskClient], role: Role) -> None:
    browser = signed_in(role)
    broken = []
    for rule, method, address in _addresses(app):
        wanted = access.policy_of(app.view_functions[rule.endpoint])
        open_to_all = wanted == access.PUBLIC or role in policy.ALLOWED[wanted or ""]
        if method == "GET" and open_to_all and browser.get(address).status_code >= 500:
            broken.append(address)
    assert broken == []


def test_a_refusal_is_written_to_the_audit_trail(signed_in: Callable[[Role], FlaskClient]) -> None:
    assert signed_in(Role.PLANNER).get("/accounts").status_code == 403
    assert "admin.accounts_page" in signed_in(Role.AUDITOR).get("/audit").text


def test_the_rail_shows_only_what_is_open(signed_in: Callable[[Role], FlaskClient]) -> None:
    assert 'href="/accounts"' not in signed_in(Role.PLANNER).get("/today").text
    assert 'href="/accounts"' in signed_in(Role.ADMINISTRATOR).get("/today").text


def test_the_role_counts_as_it_is_now(signed_in: Callable[[Role], FlaskClient], centre: object) -> None:
    administrator, planner = signed_in(Role.ADMINISTRATOR), signed_in(Role.PLANNER)
    assert planner.get("/data").status_code == 200
    user_id = centre.planner.user_id  # type: ignore[attr-defined]
    assert send(administrator, f"/accounts/{user_id}/role", role="auditor").status_code == 303
    assert planner.post("/data/upload").status_code in (400, 403)
    assert planner.get("/audit").status_code == 200
