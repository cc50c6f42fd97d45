"""Fixtures for every test: a PostgreSQL of their own, the browser, the compiled translations."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import machine
from tests.support.translations import compile_translations

# The same examples in every run, and no limit on one example: a busy machine must not turn a good build red.
hypothesis.settings.register_profile("wfm", deadline=None, derandomize=True)
hypothesis.settings.load_profile("wfm")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[machine.PostgresServer]:
    """One server for the session; a test that kills it starts it again."""
    if machine.find_postgres() is None:
        pytest.skip("no PostgreSQL here; python3 run.py setup brings one")
    with machine.running_postgres("fsync=off") as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: machine.PostgresServer) -> Iterator[str]:
    """Address of an empty database, dropped after the test."""
    psycopg = pytest.importorskip("psycopg")
    name = f"wfm_{uuid.uuid4().hex}"
    with psycopg.connect(host=str(postgres_server.folder), user="wfm", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres_server.url(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program, for Playwright's `executable_path`."""
    found = machine.find_chromium()
    if found is None:
        pytest.skip("no Chromium here; apt-get install -y chromium, or name one in CHROMIUM")
    return found


@pytest.fixture(scope="session")
def translations() -> None:
    """Catalogues that the pages can read."""
    compile_translations()
