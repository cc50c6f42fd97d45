"""The application over a fresh database, and browsers that are signed in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.service import CHEAP, Client, Clock, client
from web import create_app
from wfm.service import accounts
from wfm.service.context import Role, Service
from wfm.service.opening import open_service
from wfm.settings import Settings

Browser = FlaskClient
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def clock() -> Clock:
    """The clock that the application reads."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation in a folder of its own."""
    return Settings(database_url=f"sqlite:///{tmp_path / 'wfm.db'}", folder=str(tmp_path), upload_mb=1, log_level="CRITICAL")


@pytest.fixture
def service(settings: Settings, clock: Clock) -> Service:
    """A service with cheap passwords and a clock that tests move."""
    return replace(open_service(settings), now=clock, password_cost=CHEAP)


@pytest.fixture
def centre(service: Service) -> Client:
    """A small organisation with one account per role."""
    return client(service)


@pytest.fixture
def app(service: Service, centre: Client) -> Flask:
    """The application."""
    return create_app(service.settings, service)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser that is not signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, service: Service, centre: Client) -> Callable[[Role], Browser]:
    """A browser that is signed in with a role."""

    def made(role: Role) -> Browser:
        user_id = centre.actors[role].user_id
        assert user_id is not None
        browser = app.test_client()
        token = accounts.make_one_time_sign_in(service, None, user_id)
        assert send(browser, f"/once/{token}", page=f"/once/{token}").status_code == 303
        return browser

    return made


@pytest.fixture
def planner(signed_in: Callable[[Role], Browser]) -> Browser:
    """A planner's browser."""
    return signed_in(Role.PLANNER)


def csrf(browser: Browser, page: str = "/settings") -> str:
    """The token that a page puts into its forms."""
    found = TOKEN.search(browser.get(page).text)
    assert found, f"{page} has no form"
    return found.group(1)


def send(browser: Browser, address: str, page: str = "/settings", headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    """Send a form as `page` would."""
    return browser.post(address, data={"csrf_token": csrf(browser, page), **fields}, headers=headers)


@pytest.fixture
def run_python() -> Callable[[str], str]:
    """Run a line of Python in a process of its own; its output."""

    def run(line: str) -> str:
        root = Path(__file__).resolve().parents[3]
        environment = os.environ | {"PYTHONPATH": str(root)}
        return subprocess.run([sys.executable, "-c", line], env=environment, check=True, capture_output=True, text=True, timeout=60).stdout

    return run
