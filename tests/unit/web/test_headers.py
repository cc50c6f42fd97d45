"""Headers and cookies, on pages and on errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.service import Client
from tests.unit.web.conftest import send
from web import create_app
from web.security import HEADERS
from wfm.service.context import Role, Service


@pytest.mark.parametrize(
    "address", ["/sign-in", "/", "/today", "/nowhere", "/health", "/static/app.css", "/static/nowhere.css", "/api/nowhere"]
)
def test_every_response_carries_the_strict_headers(browser: FlaskClient, address: str) -> None:
    response = browser.get(address)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_the_content_policy_allows_nothing_inline(browser: FlaskClient) -> None:
    policy = browser.get("/sign-in").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_no_page_holds_inline_style_or_script(signed_in: Callable[[Role], FlaskClient]) -> None:
    page = signed_in(Role.ADMINISTRATOR).get("/accounts").text
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick" not in page
    assert "<script>" not in page


def test_personal_pages_are_never_stored_and_static_files_for_long(planner: FlaskClient) -> None:
    assert planner.get("/today").headers["Cache-Control"] == "no-store"
    stylesheet = planner.get("/today").text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in planner.get(stylesheet).headers["Cache-Control"]


def test_a_static_file_that_changed_has_another_address(browser: FlaskClient) -> None:
    assert "/static/app.css?v=" in browser.get("/sign-in").text


def test_static_text_is_packed_for_browsers_that_can_unpack(browser: FlaskClient) -> None:
    plain = browser.get("/static/app.css")
    packed = browser.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2


@pytest.mark.parametrize("address", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"])
def test_static_files_come_from_their_folder_only(browser: FlaskClient, address: str) -> None:
    assert browser.get(address, headers={"Accept-Encoding": "gzip"}).status_code in (308, 404)


def test_the_plain_cookie_is_hidden_from_scripts_and_stays_on_this_site(browser: FlaskClient) -> None:
    cookie = browser.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("wfm=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.fixture
def https(service: Service, centre: Client) -> Flask:
    secure = replace(service.settings, https=True)
    return create_app(secure, replace(service, settings=secure))


def test_behind_https_the_cookie_is_bound_to_host_and_transport(https: Flask) -> None:
    response = https.test_client().get("/sign-in", base_url="https://wfm.example.org")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-wfm=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]


def test_plain_http_is_refused_except_on_the_own_machine(https: Flask) -> None:
    assert https.test_client().get("/sign-in", base_url="http://wfm.example.org").status_code == 403
    assert https.test_client().get("/health", base_url="http://localhost:8000").status_code == 200


def test_an_upload_beyond_the_limit_is_refused_in_words(planner: FlaskClient) -> None:
    response = send(planner, "/settings", locale="x" * 2_000_000)
    assert response.status_code == 413
    assert "1 MB" in response.text
